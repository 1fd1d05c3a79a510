"""Calls over HTTP, from a socket or from this process."""
