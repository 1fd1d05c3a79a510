"""Structures of the Configuration API."""
