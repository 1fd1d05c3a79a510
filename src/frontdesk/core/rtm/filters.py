"""Which pushes of their kinds subscribers take: those of some chats, or of some authors."""

from collections.abc import Callable, Collection
from typing import Any, TypeAlias, TypedDict

from frontdesk.core.rtm.notices import Notice
from frontdesk.errors import InvalidArgument
from frontdesk.pushes import Push
from frontdesk.pushes.subjects import author_id_of, chat_id_of

__all__ = ["Filter", "Ids", "Options", "Where", "make_filter"]

Ids: TypeAlias = str | Collection[str] | None
"""One id or several, but not an empty collection; None for all."""
Filter: TypeAlias = Callable[[Push | Notice], bool]


class Where(TypedDict, total=False):
    """Options of ``wait_for``: which pushes to take."""

    chat_id: Ids
    """Only pushes about this chat, or about one of these."""
    author_id: Ids
    """Only pushes that this user wrote, typed or clicked, or one of these."""


class Options(Where, total=False):
    """Options of subscriptions and handlers."""

    queue: int
    """How many pushes may wait; when there are more, the oldest are dropped."""


def make_filter(chat_id: Ids, author_id: Ids) -> Filter | None:
    """Return what tells whether to take a push; None for all. Notices always pass."""
    chats, authors = _ids("chat_id", chat_id), _ids("author_id", author_id)
    if chats is None and authors is None:
        return None

    def takes(item: Any) -> bool:
        if isinstance(item, Notice):
            return True
        return (chats is None or chat_id_of(item) in chats) and (
            authors is None or author_id_of(item) in authors
        )

    return takes


def _ids(name: str, ids: Any) -> frozenset[str] | None:
    if ids is None:
        return None
    several = (ids,) if isinstance(ids, str) else tuple(ids) if hasattr(ids, "__iter__") else ("",)
    if not all(isinstance(each, str) and each for each in several):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise InvalidArgument(name, "must be an id, or a collection of ids")
    if not several:
        # Nothing would ever come, and whoever waits for something would wait for ever.
        raise InvalidArgument(name, "must not be empty; give None, or nothing, for all")
    return frozenset(several)
