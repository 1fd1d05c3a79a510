"""Customers: who they are, where they are, what they do."""
