"""Archives as data frames: last month in one line."""

import sys
from datetime import UTC, datetime, timedelta
from typing import Any

import pandas as pd
import polars as pl
import pytest

from frontdesk import InvalidArgument, MissingDependency
from frontdesk.archives import TABLES, to_arrow, to_pandas, to_polars
from frontdesk.archives.frames import last_month
from frontdesk.sandbox import Sandbox


@pytest.fixture(scope="module")
def sandbox() -> Any:
    """One whose last month is complete, wherever the real one is."""
    with Sandbox(start=datetime(2026, 5, 28, 12, tzinfo=UTC)) as sandbox:
        yield sandbox


@pytest.mark.parametrize(
    ("now", "since"),
    [
        (datetime(2026, 1, 1, tzinfo=UTC), datetime(2025, 12, 1, tzinfo=UTC)),
        (datetime(2026, 3, 31, 23, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC)),
    ],
)
def test_last_month_is_a_calendar_month(now: datetime, since: datetime) -> None:
    start, end = last_month(now)
    assert start == since
    assert end == now.replace(day=1, hour=0)


def test_pandas_has_the_threads_of_last_month(sandbox: Sandbox) -> None:
    frame = to_pandas(sandbox.client(), clock=lambda: sandbox.now)
    filters = {"from": datetime(2026, 4, 1, tzinfo=UTC), "to": datetime(2026, 5, 1, tzinfo=UTC)}
    chats = list(sandbox.client().iter_archives(filters=filters, sort_order="asc"))
    assert len(chats) > 5
    assert list(frame["thread_id"]) == [chat.thread.id for chat in chats]
    assert list(frame["created_at"]) == [chat.thread.created_at for chat in chats]
    assert frame["rating_score"].dtype == pd.Int64Dtype()
    assert frame["continuous"].dtype == pd.BooleanDtype()
    assert {str(one.date()) for one in frame["date"]} == {
        str(chat.thread.created_at.date()) for chat in chats
    }


def test_polars_has_the_same(sandbox: Sandbox) -> None:
    frame = to_polars(sandbox.client(), table="events", clock=lambda: sandbox.now)
    beside = to_pandas(sandbox.client(), table="events", clock=lambda: sandbox.now)
    assert isinstance(frame, pl.DataFrame)
    assert frame["event_id"].to_list() == list(beside["event_id"])
    assert frame.columns == [column.name for column in TABLES["events"].columns]


@pytest.mark.parametrize("read", [to_pandas, to_polars, to_arrow])
def test_several_tables_come_by_their_names(sandbox: Sandbox, read: Any) -> None:
    frames = read(sandbox.client(), tables=["tags", "users"], clock=lambda: sandbox.now)
    assert list(frames) == ["tags", "users"]


def test_user_of_several_pages_has_one_row_a_day(sandbox: Sandbox) -> None:
    users = to_polars(
        sandbox.client(), table="users", since=sandbox.now - timedelta(days=200),
        clock=lambda: sandbox.now,
    )  # fmt: skip
    assert not users.select("date", "user_id").is_duplicated().any()


def test_what_does_not_fit_is_refused(sandbox: Sandbox) -> None:
    with pytest.raises(InvalidArgument, match="`since` is required with `until`"):
        to_pandas(sandbox.client(), until=sandbox.now)
    with pytest.raises(InvalidArgument, match="`client` must be a sync client"):
        to_pandas(sandbox.async_client())  # type: ignore[call-overload]
    with pytest.raises(InvalidArgument, match="did you mean"):
        to_polars(sandbox.client(), table="thread")


@pytest.mark.parametrize(("read", "package"), [(to_pandas, "pandas"), (to_polars, "polars")])
def test_missing_package_is_named_before_anything_is_sent(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, read: Any, package: str
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    before = len(sandbox.calls())
    with pytest.raises(MissingDependency, match=package):
        read(sandbox.client())
    assert len(sandbox.calls()) == before
