"""What the commands of ``frontdesk bot`` do."""
