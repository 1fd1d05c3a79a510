"""The clients: thin drivers around the core, and the rendered methods."""
