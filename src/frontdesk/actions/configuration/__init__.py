"""The methods of the Configuration API."""
