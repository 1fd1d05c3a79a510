"""``frontdesk chats``, ``archives``, ``customers`` and ``chat``: read chats, and talk in them."""
