"""Users: agents and customers."""
