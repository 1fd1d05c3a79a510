"""What is done on both services: a few calls each, about what the story itself has made.

A story starts chats without customers, and makes groups, tags, properties, bots and webhooks that
nobody uses, under names that begin with ``frontdesk parity``. It touches nothing else: ``Desk``
refuses what is not its own. Whatever it makes is closed or taken away in the end.
"""

from typing import Final

from frontdesk.parity.stories.chats import CHAT_STORIES
from frontdesk.parity.stories.configuration import CONFIGURATION_STORIES
from frontdesk.parity.stories.desk import Caller, Desk, NotOwn, NotPossible
from frontdesk.parity.stories.story import Story, Via
from frontdesk.parity.stories.things import NO_HOST

__all__ = ["NO_HOST", "STORIES", "Caller", "Desk", "NotOwn", "NotPossible", "Story", "Via"]

STORIES: Final = (*CHAT_STORIES, *CONFIGURATION_STORIES)
"""All stories, in the order in which they are run."""
