"""Behaviour of the sandbox: what happens when somebody calls, speaks, or time passes.

No HTTP and no SQL in here. ``world.World`` explains how it works.
"""

from frontdesk.sandbox.world.actor import Requester
from frontdesk.sandbox.world.clock import Clock
from frontdesk.sandbox.world.effects import Effect
from frontdesk.sandbox.world.identity import Identities
from frontdesk.sandbox.world.login_sessions import LoginSession
from frontdesk.sandbox.world.recipients import Recipients
from frontdesk.sandbox.world.world import World

__all__ = [
    "Clock",
    "Effect",
    "Identities",
    "LoginSession",
    "Recipients",
    "Requester",
    "World",
]
