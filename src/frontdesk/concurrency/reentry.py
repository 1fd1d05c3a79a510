"""Notices code of the user's that asks for the very thing that waits for it.

A function that runs while a lock is held, such as a token getter, would wait for ever if it asked
for the same lock again. The context tells: it follows calls, and tasks that the function starts. A
thread that the function starts and waits for has a context of its own, and is not noticed.
"""

from contextvars import ContextVar
from contextvars import Token as Mark
from types import TracebackType

__all__ = ["Inside", "is_inside"]


class Inside:
    """A ``with`` block in which the user's code runs on behalf of ``owner``."""

    __slots__ = ("_mark", "owner", "running")

    def __init__(self, owner: object) -> None:
        self.owner: object = owner
        self.running: bool = False

    def __enter__(self) -> None:
        self.running = True
        self._mark: Mark[tuple[Inside, ...]] = _inside.set((*_inside.get(), self))

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        # A task that was started in the block keeps its context, and may outlive the block.
        self.running = False
        _inside.reset(self._mark)


_inside: ContextVar[tuple[Inside, ...]] = ContextVar("frontdesk_inside", default=())


def is_inside(owner: object) -> bool:
    """Return whether this code runs in an ``Inside`` block of the owner."""
    return any(block.owner is owner and block.running for block in _inside.get())
