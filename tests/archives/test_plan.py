"""What an export will read and cost, before it does."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from frontdesk import BudgetExceeded
from frontdesk.archives import Plan, export, make_job, plan, plan_async
from frontdesk.archives.plan import windows
from frontdesk.sandbox import Sandbox

from .memory import MemoryTarget

JANUARY = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture(params=["sync", "async"])
def make_plan(request: pytest.FixtureRequest, sandbox: Sandbox) -> Callable[..., Plan]:
    def make(job: Any, *, offline: bool = False, budget: int | None = None) -> Plan:
        if request.param == "sync":
            client = None if offline else sandbox.client(budget=budget)
            return plan(client, job, clock=lambda: sandbox.now)
        async_client = None if offline else sandbox.async_client(budget=budget)
        return asyncio.run(plan_async(async_client, job, clock=lambda: sandbox.now))

    return make


def test_windows_end_with_the_months_of_utc() -> None:
    since, until = datetime(2025, 12, 15, 13, tzinfo=UTC), datetime(2026, 2, 1, 0, 0, 1, tzinfo=UTC)
    assert list(windows(since, until)) == [
        (since, JANUARY),
        (JANUARY, datetime(2026, 2, 1, tzinfo=UTC)),
        (datetime(2026, 2, 1, tzinfo=UTC), until),
    ]
    assert list(windows(since, since)) == []
    last = datetime(9999, 12, 31, tzinfo=UTC)
    assert list(windows(datetime(9999, 12, 1, tzinfo=UTC), last))[-1][1] == last


def test_plan_costs_a_request_a_window_and_says_what_the_export_will(
    make_plan: Callable[..., Plan], sandbox: Sandbox
) -> None:
    job = make_job(since=sandbox.now - timedelta(days=100), until=sandbox.now)
    made = make_plan(job)
    assert made.asked == len(made.windows) == len(sandbox.calls("list_archives"))
    client = sandbox.client()
    summary = export(client, MemoryTarget(), job, clock=lambda: sandbox.now)
    assert (made.threads, made.requests) == (summary.threads, summary.requests)
    assert client.meter.requests == summary.requests


def test_offline_asks_nothing_and_estimates_nothing(
    make_plan: Callable[..., Plan], sandbox: Sandbox
) -> None:
    made = make_plan(make_job(since=JANUARY, until=datetime(2026, 3, 2, tzinfo=UTC)), offline=True)
    assert [window.until.month for window in made.windows] == [2, 3, 3]
    assert (made.asked, made.threads, made.requests) == (0, None, None)
    assert not sandbox.calls()


def test_budget_counts(make_plan: Callable[..., Plan]) -> None:
    with pytest.raises(BudgetExceeded):
        make_plan(make_job(since=JANUARY), budget=2)
