"""What shells offer when a user presses Tab; it works without loading a command."""
