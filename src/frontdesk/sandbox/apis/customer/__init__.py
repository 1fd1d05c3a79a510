"""The handlers of the Customer Chat API, a module per subject.

Each gets the ``CustomerActor`` who calls. ``HANDLERS`` names each of them: a new method goes there
too.
"""

from typing import Final

from frontdesk.sandbox.apis.customer import session
from frontdesk.sandbox.apis.handler import MethodHandler

__all__ = ["HANDLERS"]

HANDLERS: Final[tuple[MethodHandler, ...]] = (session.login,)
