"""Servers for this machine alone."""
