"""What tests of an integration use: the pytest plugin and the network guard."""
