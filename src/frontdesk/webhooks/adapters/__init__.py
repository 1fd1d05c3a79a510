"""One module per web framework, each connects a receiver to it."""
