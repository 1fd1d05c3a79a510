"""One module per web framework, each connects an installer to it."""
