"""What an agent missed while his connection was down, read back from the API."""
