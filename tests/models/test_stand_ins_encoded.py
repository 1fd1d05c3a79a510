"""Stand-ins come out as they came in, whatever stands around them."""

from datetime import UTC, datetime

from frontdesk.codec.decoding import decode, encode
from frontdesk.models import CustomEvent, DeletedEvent, Event, UnknownEvent

NOW = datetime(2026, 3, 2, tzinfo=UTC)


def custom(content):
    return CustomEvent(id="1", created_at=NOW, author_id="a", visibility="all", content=content)


def test_between_others():
    unknown = {"type": "new", "text": 'é "quoted" {', "deep": [{"type": "x", "n": 1.5}]}
    deleted = DeletedEvent(original_type="message", id="2", created_at=NOW, deleted=True)
    events = [custom({"a": 1}), UnknownEvent(raw=unknown), deleted, custom({"b": "ü"})]
    plain = decode(encode(events), list)
    assert plain[1] == unknown
    assert plain[2] == {
        "type": "message",
        "id": "2",
        "created_at": "2026-03-02T00:00:00Z",
        "deleted": True,
    }
    assert decode(encode(events), list[Event]) == events


def test_content_that_only_looks_like_one():
    event = custom({"type": "frontdesk.deleted", "text": '{"type":"frontdesk.unknown","raw":{}}'})
    assert decode(encode([event, UnknownEvent(raw={"type": "new"})]), list[Event])[0] == event
