"""One function per API method; importing this package fills ``HANDLERS``."""

from frontdesk.sandbox.apis import agent, configuration
from frontdesk.sandbox.world.registry import HANDLERS

__all__ = ["HANDLERS", "agent", "configuration"]
