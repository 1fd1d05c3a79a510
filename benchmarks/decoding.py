"""Decoding an archives page and reading it, beside bare decoders that do the same, in one run.

Every contender reads the text and the date of each event, since a decoder that leaves work to the
reader would look quicker than it is.
"""

import gc
import json
import logging
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import httpx
import msgspec

from benchmarks._measure import Work, ratios, side_by_side
from frontdesk import decode
from frontdesk.models import ArchivesPage

CHATS, EVENTS = 100, 20
STAMP = "2020-05-28T11:45:{:02d}.{:06d}Z"
UNKNOWN = {
    "id": "E_1",
    "type": "hologram",
    "created_at": STAMP.format(1, 1),
    "visibility": "all",
    "depth": 3,
}


def archives_page(chat: int | None = None, **changes: Any) -> bytes:
    """A page of 100 chats of 20 events, about 900 KB; one event of a chat may be changed."""
    page = {"chats": [_chat(n) for n in range(CHATS)], "found_chats": 4200, "next_page_id": "MTc="}
    if chat is not None:
        page["chats"][chat]["thread"]["events"][3].update(changes)
    return json.dumps(page).encode()


def _with(value: bytes, field: str = "text") -> bytes:
    """The page with any bytes as a value of one event."""
    return archives_page(50, **{field: "@"}).replace(b'"@"', value)


def _chat(number: int) -> dict:
    customer = f"b7eff798-f8df-4364-8059-{number:012d}"
    return {
        "id": f"PJ0MRS{number:04d}",
        "users": [
            {
                "id": customer,
                "type": "customer",
                "name": f"Customer {number}",
                "email": f"customer.{number}@example.com",
                "created_at": STAMP.format(1, number),
                "present": False,
                "session_fields": [{"plan": "team"}],
                "statistics": {"chats_count": 3, "threads_count": 9, "visits_count": 5},
            },
            {
                "id": "smith@example.com",
                "type": "agent",
                "name": "Agent Smith",
                "email": "smith@example.com",
                "present": True,
                "avatar": "https://cdn.livechat-files.com/api/file/avatar.png",
                "visibility": "all",
            },
        ],
        "thread": {
            "id": f"K600PK{number:04d}",
            "active": False,
            "user_ids": [customer, "smith@example.com"],
            "events": [_event(number, n, customer) for n in range(EVENTS)],
            "properties": {"routing": {"continuous": False, "start_url": "https://example.com/"}},
            "access": {"group_ids": [0]},
            "tags": ["support"],
            "created_at": STAMP.format(0, number),
            "previous_thread_id": "K600PKZOM8",
        },
        "properties": {"source": {"client_id": "0805e283233042b37f460ed8fbf22160"}},
        "access": {"group_ids": [0]},
        "is_followed": False,
    }


def _event(chat: int, number: int, customer: str) -> dict:
    return {
        "id": f"K600PK{chat:04d}_{number}",
        "custom_id": f"31-0C-1C-07-DB-{number:02d}",
        "created_at": STAMP.format(number, chat),
        "visibility": "all",
        "type": "message",
        "properties": {"translation": {"source_lang_code": "en", "target_lang_code": "pl"}},
        "text": "Thank you for waiting. I have looked into your order, and the parcel left our "
        f"warehouse this morning; it arrives on day {number}.",
        "author_id": customer if number % 2 else "smith@example.com",
    }


def read(page: ArchivesPage) -> tuple[int, datetime]:
    """Read the text and the date of each event."""
    size, newest = 0, datetime.min.replace(tzinfo=UTC)
    for chat in page.chats:
        for event in chat.thread.events:
            newest = max(newest, event.created_at)
            if event.type == "message":
                size += len(event.text)
    return size, newest


def read_dicts(page: Any) -> tuple[int, datetime]:
    """Do the same with dicts."""
    size, newest = 0, datetime.min.replace(tzinfo=UTC)
    for chat in page["chats"]:
        for event in chat["thread"]["events"]:
            newest = max(newest, datetime.fromisoformat(event["created_at"]))
            if event["type"] == "message":
                size += len(event["text"])
    return size, newest


def _repeat(decode_once: Callable[[], Any]) -> Work:
    def work(count: int) -> None:
        for _ in range(count):
            decode_once()

    return work


def run(pages: int = 5) -> str:
    body = archives_page()
    bare = msgspec.json.Decoder(ArchivesPage).decode

    def bare_without_gc() -> Any:
        gc.disable()
        try:
            page = bare(body)
        finally:
            gc.enable()
        return read(page)

    beside = side_by_side(
        {
            "frontdesk": _repeat(lambda: read(decode(body, ArchivesPage))),
            "bare msgspec, the same structures": _repeat(lambda: read(bare(body))),
            "… garbage collector paused, too": _repeat(bare_without_gc),
            "json.loads to dicts": _repeat(lambda: read_dicts(json.loads(body))),
            "lc-sdk-python": _repeat(lambda: read_dicts(httpx.Response(200, content=body).json())),
            "bare msgspec to dicts": _repeat(lambda: read_dicts(msgspec.json.decode(body))),
        },
        pages,
    )
    title = f"Decoding and reading an archives page ({CHATS} chats x {EVENTS} events)"
    targets = {
        "… garbage collector paused, too": "at most 1.05x",
        "json.loads to dicts": "at most 0.56x",
    }
    sound = ratios(title, beside, targets, unit="CPU a page")
    odd = {
        "one unknown event": archives_page(50, **UNKNOWN),
        "one malformed event": archives_page(50, text=None),
        "… in the last chat": archives_page(CHATS - 1, text=None),
        "one lone surrogate": _with(rb'"\ud83d"'),
        "one raw tab in a text": _with(b'"a\tb"'),
        "one NaN": _with(b"NaN"),
        "one NaN in a new field": _with(b"NaN", "depth"),
        "one number out of range": _with(b"1e999"),
        "one value nested 5,000 deep": _with(b"[" * 5000 + b"]" * 5000),
        "a count that is a text": body.replace(b'"found_chats": 4200', b'"found_chats": "4200"'),
        "an Infinity at its end": body[:-1] + b', "new": Infinity}',
    }
    tables = [sound]
    # A client logs each kind of damage once, not for every page.
    logging.getLogger("frontdesk").setLevel(logging.ERROR)
    for name, data in odd.items():
        damaged = side_by_side(
            {
                name: _repeat(lambda data=data: read(decode(data, ArchivesPage))),
                "a sound page": _repeat(lambda: read(decode(body, ArchivesPage))),
            },
            pages,
        )
        targets = {"a sound page": "at most 2x"}
        tables.append(ratios(f"A page with {name}", damaged, targets, unit="CPU a page"))
    return "\n".join(tables)


if __name__ == "__main__":
    print(run())
