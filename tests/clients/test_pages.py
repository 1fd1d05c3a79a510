"""The iterators of the clients, over a real connection."""

from typing import Any

import pytest

from frontdesk import InvalidArgument, errors
from frontdesk.models import ArchivesFilters, Chat, ChatsFilters, ChatSummary, Thread

from ..loopback import Loopback, error, page
from ..web import Kit

THREAD = {"id": "T1", "active": False, "user_ids": [], "created_at": "2026-01-01T10:00:00.000000Z"}


def chat(number: int) -> dict[str, Any]:
    return {"id": f"C{number}", "users": [], "thread": THREAD}


def archives(start: int, count: int, following: str | None = None) -> Any:
    return page("chats", "found_chats", [chat(n) for n in range(start, start + count)], following)


def bodies(server: Loopback) -> list[Any]:
    return [got.json for got in server.requests]


def test_archives_are_walked_to_the_end(kit: Kit, server: Loopback) -> None:
    server.respond(archives(0, 2, "P1"), archives(2, 2, "P2"), archives(4, 1))
    pages = kit.client(server).iter_archives(filters=ArchivesFilters(query="refund"))
    found = kit.all(pages)
    assert [item.id for item in found] == ["C0", "C1", "C2", "C3", "C4"]
    assert all(isinstance(item, Chat) for item in found)
    assert bodies(server) == [
        {"filters": {"query": "refund"}, "limit": 100},
        {"page_id": "P1"},
        {"page_id": "P2"},
    ]
    assert pages.found == 1000


def test_chats_and_threads_are_walked_alike(kit: Kit, server: Loopback) -> None:
    client = kit.client(server)
    summary = {"id": "C1", "users": []}
    server.respond(page("chats_summary", "found_chats", [summary], "P"),
                  page("chats_summary", "found_chats", [summary]))  # fmt: skip
    chats = kit.all(client.iter_chats(filters=ChatsFilters(active=True), sort_order="asc"))
    server.respond(page("threads", "found_threads", [THREAD], "Q"),
                  page("threads", "found_threads", [THREAD]))  # fmt: skip
    threads = kit.all(client.iter_threads(chat_id="C1", limit=7))
    assert [type(item) for item in chats + threads] == [ChatSummary] * 2 + [Thread] * 2
    assert bodies(server) == [
        {"filters": {"active": True}, "sort_order": "asc", "limit": 100},
        {"page_id": "P"},
        {"chat_id": "C1", "limit": 7},
        {"chat_id": "C1", "page_id": "Q"},
    ]


def test_thread_ids_go_without_a_limit(kit: Kit, server: Loopback) -> None:
    server.respond(archives(0, 1))
    filters = ArchivesFilters(thread_ids=["T1"])
    assert len(kit.all(kit.client(server).iter_archives(filters=filters))) == 1
    assert bodies(server) == [{"filters": {"thread_ids": ["T1"]}}]


def test_a_page_id_starts_in_the_middle(kit: Kit, server: Loopback) -> None:
    server.respond(archives(0, 1))
    kit.all(kit.client(server).iter_archives(page_id="P7"))
    assert bodies(server) == [{"page_id": "P7"}]


def test_a_page_id_goes_with_nothing_else(kit: Kit, server: Loopback) -> None:
    client = kit.client(server)
    for other in ({"filters": ArchivesFilters(query="a")}, {"limit": 5}, {"sort_order": "asc"}):
        with pytest.raises(InvalidArgument, match="cannot be sent together with `page_id`"):
            client.iter_archives(page_id="P", **other)
    assert server.opened == 0


def test_nothing_is_sent_before_the_first_step(kit: Kit, server: Loopback) -> None:
    kit.client(server).iter_archives()
    assert server.opened == 0


def test_an_error_loses_and_doubles_nothing(kit: Kit, server: Loopback) -> None:
    server.respond(archives(0, 2, "P1"), error("authorization"), archives(2, 1))
    pages = kit.client(server, retry=None).iter_archives()
    taken = [kit.next(pages).id, kit.next(pages).id]
    with pytest.raises(errors.AuthorizationError):
        kit.next(pages)
    taken += [item.id for item in kit.all(pages)]
    assert taken == ["C0", "C1", "C2"]
    assert bodies(server) == [{"limit": 100}, {"page_id": "P1"}, {"page_id": "P1"}]


def test_a_page_is_repeated_after_an_unknown_outcome(kit: Kit, server: Loopback) -> None:
    server.respond(error("internal"), archives(0, 1))
    assert len(kit.all(kit.client(server).iter_archives())) == 1


def test_a_spent_budget_stops_a_walk_that_a_larger_one_continues(
    kit: Kit, server: Loopback
) -> None:
    server.respond(archives(0, 1, "P1"), archives(1, 1))
    client = kit.client(server, budget=1)
    pages = client.iter_archives()
    assert kit.next(pages).id == "C0"
    with pytest.raises(errors.BudgetExceeded):
        kit.next(pages)
    client.meter.limit = 2
    assert [item.id for item in kit.all(pages)] == ["C1"]


def test_the_page_to_begin_with_is_shown(kit: Kit, server: Loopback) -> None:
    client = kit.client(server)
    assert client.iter_archives(page_id="P7").page_id == "P7"
    assert client.iter_archives().page_id is None
