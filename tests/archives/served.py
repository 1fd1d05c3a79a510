"""A client of a server that has these chats in its archives, whatever they are."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from frontdesk import AgentClient
from frontdesk.archives import ArchivePage, read_archives
from frontdesk.transport import Reply, Request

SINCE = datetime(2026, 3, 1, tzinfo=UTC)
NOW = datetime(2026, 3, 20, tzinfo=UTC)

Row = dict[str, Any]


class Archives:
    """A transport that responds with pages of JSON, one after the other."""

    def __init__(self, *pages: bytes) -> None:
        self.pages = pages
        self.requests: list[dict[str, Any]] = []

    def send(self, request: Request) -> Reply:
        body = request.body
        assert isinstance(body, bytes)
        self.requests.append(json.loads(body))
        page = self.pages[len(self.requests) - 1]
        return Reply(200, {"content-type": "application/json"}, page)

    def close(self) -> None: ...


def page_of(*chats: Any, next_page_id: str | None = None) -> bytes:
    """Return a page; bytes are the JSON of a chat as it is."""
    texts = [one if isinstance(one, bytes) else json.dumps(one).encode() for one in chats]
    end = b"" if next_page_id is None else b', "next_page_id": ' + json.dumps(next_page_id).encode()
    return b'{"chats": [%b], "found_chats": %d%b}' % (b", ".join(texts), len(chats), end)


def chat(number: int = 0, **thread: Any) -> dict[str, Any]:
    """Return a chat of one thread with a message."""
    at = SINCE + timedelta(hours=number)
    return {
        "id": f"CHAT{number}",
        "users": [
            {"id": "b7eff798", "type": "customer", "name": "Ann Moor"},
            {"id": "smith@example.com", "type": "agent", "name": "Agent Smith"},
        ],
        "thread": {
            "id": f"THREAD{number}",
            "active": False,
            "created_at": at.isoformat().replace("+00:00", ".000000Z"),
            "user_ids": ["b7eff798", "smith@example.com"],
            "events": [event(number)],
            "access": {"group_ids": [0]},
        }
        | thread,
        "properties": {},
        "access": {"group_ids": [0]},
        "is_followed": False,
    }


def event(number: int = 0, **fields: Any) -> dict[str, Any]:
    return {
        "id": f"THREAD{number}_1",
        "type": "message",
        "created_at": "2026-03-01T00:00:05.000001Z",
        "author_id": "b7eff798",
        "visibility": "all",
        "text": "hello",
    } | fields


def read(*pages: bytes, client: dict[str, Any] | None = None, **named: Any) -> list[ArchivePage]:
    """Read all pages of a server that responds with these."""
    archives = AgentClient("token", transport=Archives(*pages), **(client or {}))
    arguments: dict[str, Any] = {"since": SINCE, "clock": lambda: NOW} | named
    return list(read_archives(archives, **arguments))


def tables(pages: Sequence[ArchivePage]) -> dict[str, list[Row]]:
    made: dict[str, list[Row]] = {}
    for page in pages:
        for name, batch in page.tables.items():
            batch.validate(full=True)
            made.setdefault(name, []).extend(batch.to_pylist())
    return made


def rows(chats: Sequence[Any], **named: Any) -> dict[str, list[Row]]:
    """Return the rows of these chats, on one page."""
    return tables(read(page_of(*chats), **named))
