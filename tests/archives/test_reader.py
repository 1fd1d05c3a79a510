"""Reading archives page by page: each thread once, whatever happens meanwhile."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from frontdesk import BudgetExceeded, InvalidArgument
from frontdesk.archives import TABLES, ArchivePage, Position, read_archives, read_archives_async
from frontdesk.sandbox import Sandbox

SINCE = datetime(2020, 1, 1, tzinfo=UTC)
Read = Callable[..., list[ArchivePage]]


@pytest.fixture(params=["sync", "async"])
def read(request: pytest.FixtureRequest, sandbox: Sandbox) -> Read:
    """Read all pages with a client of either kind."""

    def read(
        *, budget: int | None = None, into: list[ArchivePage] | None = None, **named: Any
    ) -> Any:
        pages = [] if into is None else into
        arguments = {
            "since": sandbox.now - timedelta(days=90),
            "clock": lambda: sandbox.now,
        } | named
        if request.param == "sync":
            pages.extend(read_archives(sandbox.client(budget=budget), **arguments))
            return pages

        async def collect() -> None:
            client = sandbox.async_client(budget=budget)
            async for page in read_archives_async(client, **arguments):
                pages.append(page)

        asyncio.run(collect())
        return pages

    return read


def rows(pages: list[ArchivePage], table: str) -> list[dict[str, Any]]:
    return [row for page in pages for row in page.tables[table].to_pylist()]


def ids(pages: list[ArchivePage]) -> list[str]:
    return [row["thread_id"] for row in rows(pages, "threads")]


def test_each_closed_thread_comes_once_and_oldest_first(read: Read, sandbox: Sandbox) -> None:
    since = sandbox.now - timedelta(days=90)
    declared = list(sandbox.client().iter_archives(filters={"from": since}, sort_order="asc"))
    pages = read()
    assert ids(pages) == [chat.thread.id for chat in declared]
    assert len(set(ids(pages))) > 50


def test_pages_have_every_table_with_its_schema(read: Read) -> None:
    for page in read():
        assert {name: batch.schema for name, batch in page.tables.items()} == {
            name: table.schema for name, table in TABLES.items()
        }
        for batch in page.tables.values():
            batch.validate(full=True)


def test_windows_are_the_months_and_cost_a_request_each(read: Read, sandbox: Sandbox) -> None:
    pages = read(since=datetime(2026, 8, 15, tzinfo=UTC), until=datetime(2026, 9, 3, tzinfo=UTC))
    calls = sandbox.calls("list_archives")
    assert len(pages) == len(calls) == pages[-1].position.requests
    assert [call.request["filters"] for call in calls if "filters" in call.request] == [
        {"from": "2026-08-15T00:00:00Z", "to": "2026-08-31T23:59:59.999999Z"},
        {"from": "2026-09-01T00:00:00Z", "to": "2026-09-02T23:59:59.999999Z"},
    ]


def test_budget_ends_it_and_the_position_goes_on(read: Read) -> None:
    whole = read()
    pages: list[ArchivePage] = []
    with pytest.raises(BudgetExceeded):
        read(budget=2, into=pages)
    assert len(pages) == 2
    read(position=pages[-1].position, into=pages)
    assert ids(pages) == ids(whole)
    assert pages[-1].position.requests == whole[-1].position.requests


@pytest.mark.parametrize(
    ("named", "message"),
    [
        ({"since": datetime(2026, 1, 1)}, "`since` must have a time zone"),
        ({"until": datetime(2026, 1, 1)}, "`until` must have a time zone"),
        ({"since": "2026-01-01"}, "`since` must be a datetime"),
        ({"until": SINCE}, "`until` must not be before `since`"),
        ({"since": datetime(2999, 1, 1, tzinfo=UTC)}, "`since` must not be in the future"),
        ({"filters": {"from": SINCE}}, r"`filters\.from` cannot be given; use `since`"),
        ({"filters": {"to": SINCE}}, r"`filters\.to` cannot be given; use `until`"),
        ({"filters": {"thread_ids": ["A"]}}, r"`filters\.thread_ids` cannot be given"),
        ({"filters": {"tag": 1}}, "did you mean"),
        ({"filters": 5}, "`filters` must be ArchivesFilters or a dict"),
        ({"tables": ["thread"]}, "did you mean"),
        ({"tables": []}, "`tables` must name at least one"),
    ],
)
def test_what_does_not_fit_is_refused_before_anything_is_sent(
    read: Read, sandbox: Sandbox, named: dict[str, Any], message: str
) -> None:
    with pytest.raises(InvalidArgument, match=message):
        read(**named)
    assert not sandbox.calls("list_archives")


def test_empty_period_has_no_pages(read: Read) -> None:
    assert read(since=SINCE, until=SINCE) == []


def test_period_without_threads_has_empty_tables(read: Read) -> None:
    (page,) = read(since=SINCE, until=SINCE + timedelta(days=3))
    assert {batch.num_rows for batch in page.tables.values()} == {0}
    assert page.position.window == page.position.until


def test_end_in_the_future_is_now(read: Read, sandbox: Sandbox) -> None:
    now = sandbox.now
    pages = read(since=now - timedelta(days=1), until=now + timedelta(days=400))
    assert now <= pages[-1].position.until <= sandbox.now


def test_position_survives_json(read: Read) -> None:
    import msgspec

    for page in read():
        stored = msgspec.json.encode(page.position)
        assert msgspec.json.decode(stored, type=Position) == page.position
