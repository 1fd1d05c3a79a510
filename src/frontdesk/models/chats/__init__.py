"""Chats and threads."""
