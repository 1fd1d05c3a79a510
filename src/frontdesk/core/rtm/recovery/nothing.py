"""What stands for recovery in a session in which nothing is read back."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from frontdesk.core.rtm.recovery.recovery import Recovery
from frontdesk.pushes import Push

__all__ = ["NothingReadBack"]


class NothingReadBack(Recovery):
    """Follows no chats and holds back no pushes."""

    def logged_in(self, login: Any, server_time: datetime) -> None:
        """Take note of nothing."""

    def arrived(self, push: Push) -> Iterable[Push]:
        """Return the push as it came."""
        return (push,)

    def back(
        self, login: Any, server_time: datetime, *, key_changes: bool, hold: bool = True
    ) -> list[Push]:
        """Return nothing, for nothing was held back."""
        return []

    def interrupted(self) -> list[Push]:
        """Return nothing, for nothing was held back."""
        return []
