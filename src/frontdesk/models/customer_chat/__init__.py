"""What only the Customer Chat API has; chats, events and users are those of the agents' side."""
