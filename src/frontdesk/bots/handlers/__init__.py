"""Declaring handlers, and choosing one."""
