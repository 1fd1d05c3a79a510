"""One function per API method; importing this package fills ``HANDLERS``."""

from frontdesk.sandbox.handlers import chats, events
from frontdesk.sandbox.world.handling import HANDLERS

__all__ = ["HANDLERS", "chats", "events"]
