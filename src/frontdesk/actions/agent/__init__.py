"""The methods of the Agent Chat API."""
