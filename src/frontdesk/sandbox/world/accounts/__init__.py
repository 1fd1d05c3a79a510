"""Logging in: clients, organizations, and the tokens that accounts give to clients."""
