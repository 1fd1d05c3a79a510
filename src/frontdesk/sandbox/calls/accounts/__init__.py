"""Calls of the accounts server: its paths, forms, page and errors."""
