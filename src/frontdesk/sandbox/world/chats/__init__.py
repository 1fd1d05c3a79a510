"""Chats: how they start, what is in them, who is in them, how they end."""
