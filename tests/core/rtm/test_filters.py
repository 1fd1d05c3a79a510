"""Which pushes a subscriber takes."""

from typing import Any

import pytest

from frontdesk.core.rtm.filters import make_filter
from frontdesk.core.rtm.notices import Reconnected
from frontdesk.errors import InvalidArgument
from frontdesk.pushes import decode

EVENT = {
    "id": "T_1",
    "type": "message",
    "text": "hi",
    "created_at": "2026-01-01T00:00:00.000000Z",
    "author_id": "ann",
}


def message(chat_id: str = "C", author_id: str = "ann") -> Any:
    event = {**EVENT, "author_id": author_id}
    return decode("incoming_event", {"chat_id": chat_id, "thread_id": "T", "event": event})


def test_without_ids_everything_is_taken() -> None:
    assert make_filter(None, None) is None


@pytest.mark.parametrize("chat_id", ["C", ["C", "D"], ("C",), {"C"}])
def test_of_one_chat_or_of_several(chat_id: Any) -> None:
    takes = make_filter(chat_id, None)
    assert takes is not None
    assert takes(message())
    assert not takes(message("E"))


def test_both_conditions_must_hold() -> None:
    takes = make_filter("C", ["ann", "bob"])
    assert takes is not None
    assert takes(message(author_id="bob"))
    assert not takes(message(author_id="eve"))
    assert not takes(message("D"))
    other = decode("chat_unfollowed", {"chat_id": "C"})
    assert not takes(other)


def test_notices_always_pass() -> None:
    takes = make_filter("C", "ann")
    assert takes is not None
    assert takes(Reconnected(seconds=1.0))


@pytest.mark.parametrize(
    ("ids", "message"), [("", "an id"), ([], "empty"), ([1], "an id"), (5, "an id")]
)
@pytest.mark.parametrize("name", ["chat_id", "author_id"])
def test_odd_ids_are_refused_by_name(name: str, ids: Any, message: str) -> None:
    arguments = {"chat_id": None, "author_id": None, name: ids}
    with pytest.raises(InvalidArgument, match=f"`{name}`.*{message}"):
        make_filter(**arguments)
