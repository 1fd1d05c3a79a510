"""Runs of an export: begun, killed, resumed, brought up to date, refused."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from frontdesk import BudgetExceeded, ExportError, ForeignTarget, InvalidArgument, errors
from frontdesk.archives import ArchivePage, Job, Progress, Summary, export, export_async, make_job
from frontdesk.sandbox import Sandbox

from .memory import Disk, Killed, MemoryTarget, lasting

Run = Callable[..., Summary]


@pytest.fixture(params=["sync", "async"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def job(sandbox: Sandbox) -> Job:
    return make_job(since=sandbox.now - timedelta(days=90))


@pytest.fixture
def run(kind: str, sandbox: Sandbox, job: Job) -> Run:
    """Export with a client of either kind."""

    def run(
        target: MemoryTarget,
        of: Job = job,
        budget: int | None = None,
        retry: int | None = 3,
        **named: Any,
    ) -> Summary:
        options: dict[str, Any] = {"budget": budget, "retry": retry}
        named = {"clock": lambda: sandbox.now} | named
        if kind == "sync":
            return export(sandbox.client(**options), target, of, **named)
        client = sandbox.async_client(**options)
        return asyncio.run(export_async(client, target, of, **named))

    return run


def test_run_stores_every_thread_and_says_so(run: Run, sandbox: Sandbox, job: Job) -> None:
    target = MemoryTarget()
    summary = run(target)
    chats = list(sandbox.client().iter_archives(filters={"from": job.since}))
    assert {row["thread_id"] for row in target.disk.rows["threads"]} == {
        chat.thread.id for chat in chats
    }
    assert (summary.outcome, summary.threads) == ("exported", len(chats))
    assert summary.events == sum(len(chat.thread.events) for chat in chats)
    assert target.calls[:2] == ["open", "begin"]
    assert target.calls[-2:] == ["finish", "close"]
    assert target.disk.state is not None
    assert target.disk.state.position.done


def test_second_run_has_nothing_to_do(run: Run, sandbox: Sandbox) -> None:
    target = MemoryTarget()
    run(target)
    before = len(sandbox.calls())
    summary = run(target)
    assert (summary.outcome, summary.requests) == ("unchanged", 0)
    assert len(sandbox.calls()) == before


def test_killed_run_goes_on_where_it_was(run: Run, sandbox: Sandbox) -> None:
    whole = MemoryTarget()
    undisturbed = run(whole)
    disk = Disk()
    before = len(sandbox.calls())
    for _ in range(3):
        with pytest.raises(Killed):
            run(MemoryTarget(disk, killed_at=1))
    summary = run(MemoryTarget(disk))
    assert summary.outcome == "resumed"
    assert disk.tables() == whole.disk.tables()
    # The page that was being stored is read again.
    assert len(sandbox.calls()) - before == undisturbed.requests + 3
    assert summary.requests == undisturbed.requests


def test_target_is_closed_whatever_happens(run: Run) -> None:
    target = MemoryTarget()
    with pytest.raises(BudgetExceeded):
        run(target, budget=2)
    assert target.calls[-1] == "close"
    summary = run(target)
    assert summary.outcome == "resumed"


def test_progress_grows_to_the_end(run: Run) -> None:
    seen: list[Progress] = []
    summary = run(MemoryTarget(), on_progress=seen.append)
    parts = [progress.part for progress in seen]
    assert parts == sorted(parts)
    assert parts[-1] == 1.0
    assert seen[-1].events == summary.events


def test_update_begins_with_the_day_of_the_oldest_open_thread(run: Run, sandbox: Sandbox) -> None:
    target = MemoryTarget()
    run(target)
    active = sandbox.client().list_chats(filters={"active": True}, limit=100)
    oldest = min(
        chat.last_thread_summary.created_at
        for chat in active.chats_summary
        if chat.last_thread_summary and chat.last_thread_summary.created_at
    )
    ended = sandbox.now
    ann = sandbox.customer("Ann")
    ann.say("hello")
    thread_id = ann.thread_id
    ann.close_chat()
    sandbox.advance(timedelta(hours=2))
    summary = run(target, update=True)
    assert summary.outcome == "updated"
    start = min(oldest, ended - timedelta(days=1))
    assert summary.since == start.replace(hour=0, minute=0, second=0, microsecond=0)
    control = MemoryTarget()
    run(control)
    assert lasting(target.disk.tables()) == lasting(control.disk.tables())
    assert thread_id in {row["thread_id"] for row in target.disk.rows["threads"]}


def test_update_sees_what_changed_in_a_thread_that_was_closed_the_day_before(
    run: Run, sandbox: Sandbox
) -> None:
    target = MemoryTarget()
    ann = sandbox.customer("Ann")
    ann.say("hello")
    ann.close_chat()
    for chat in sandbox.client().list_chats(filters={"active": True}, limit=100).chats_summary:
        sandbox.client().deactivate_chat(id=chat.id, ignore_requester_presence=True)
    # At the end of the run no thread is open, and it is the first hour of a day.
    midnight = sandbox.now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    sandbox.advance(midnight - sandbox.now + timedelta(minutes=30))
    run(target)
    tags = sandbox.configuration_client().list_tags()
    tag = next(tag.name for tag in tags if 0 in (tag.group_ids or ()))
    sandbox.client().tag_thread(chat_id=ann.chat_id, thread_id=ann.thread_id, tag=tag)
    sandbox.advance(timedelta(hours=2))
    run(target, update=True)
    assert (ann.thread_id, tag) in {
        (row["thread_id"], row["tag"]) for row in target.disk.rows["tags"]
    }


def test_update_reads_a_month_where_open_chats_are_not_to_be_seen(
    run: Run, sandbox: Sandbox
) -> None:
    target = MemoryTarget()
    sandbox.fault("internal", "list_chats")
    first = run(target, retry=None)
    sandbox.clear_faults()
    summary = run(target, update=True)
    expected = (first.until - timedelta(days=30)).date()
    assert summary.since.date() == expected


def test_update_of_an_empty_target_exports_all(run: Run) -> None:
    summary = run(MemoryTarget(), update=True)
    assert summary.outcome == "exported"


def test_interrupted_run_of_long_ago_is_finished_and_brought_up_to_date(
    run: Run, sandbox: Sandbox
) -> None:
    disk = Disk()
    with pytest.raises(Killed):
        run(MemoryTarget(disk, killed_at=1))
    sandbox.advance(timedelta(days=1))
    summary = run(MemoryTarget(disk), update=True)
    control = MemoryTarget()
    run(control)
    assert summary.outcome == "updated"
    assert lasting(disk.tables()) == lasting(control.disk.tables())


def test_target_that_cannot_be_updated_says_so(run: Run, sandbox: Sandbox) -> None:
    target = MemoryTarget()
    target.can_update = False
    run(target)
    assert not sandbox.calls("list_chats")
    with pytest.raises(ExportError, match="cannot be updated"):
        run(target, update=True)


@pytest.mark.parametrize("name", ["filters", "tables", "raw", "since"])
def test_other_job_is_refused_with_the_way_out(
    run: Run, sandbox: Sandbox, job: Job, name: str
) -> None:
    target = MemoryTarget()
    run(target)
    other: dict[str, Any] = {
        "since": job.since - timedelta(days=1) if name == "since" else job.since,
        "filters": {"query": "order"} if name == "filters" else None,
        "tables": ["tags"] if name == "tables" else None,
        "raw": name == "raw",
    }
    with pytest.raises(ForeignTarget, match=f"another `{name}`.*another path"):
        run(target, make_job(**other))
    assert target.calls[-1] == "close"


def test_later_end_is_an_update(run: Run, sandbox: Sandbox, job: Job) -> None:
    target = MemoryTarget()
    early = make_job(since=job.since, until=sandbox.now - timedelta(days=40))
    late = make_job(since=job.since, until=sandbox.now - timedelta(days=2))
    run(target, early)
    with pytest.raises(ForeignTarget, match=r"another `until`.*run it with `update`"):
        run(target, late)
    run(target, late, update=True)
    control = MemoryTarget()
    run(control, late)
    assert target.disk.tables() == control.disk.tables()


def test_server_error_leaves_a_run_that_goes_on(run: Run, sandbox: Sandbox) -> None:
    disk = Disk()
    sandbox.limit(2, method="list_archives")
    with pytest.raises(errors.TooManyRequests):
        run(MemoryTarget(disk), retry=None)
    sandbox.clear_limits()
    run(MemoryTarget(disk))
    control = MemoryTarget()
    run(control)
    assert disk.tables() == control.disk.tables()


def test_downloads_are_made_before_a_page_is_stored(
    kind: str, run: Run, job: Job, sandbox: Sandbox
) -> None:
    with_files = make_job(since=job.since, files=True)
    with pytest.raises(InvalidArgument, match="`downloads` is required"):
        run(MemoryTarget(), with_files)
    target = MemoryTarget()
    pages: list[ArchivePage] = []

    def download(page: ArchivePage) -> ArchivePage:
        pages.append(page)
        assert target.calls.count("write") == len(pages) - 1
        return page

    async def download_async(page: ArchivePage) -> ArchivePage:
        return download(page)

    run(target, with_files, downloads=download if kind == "sync" else download_async)
    assert len(pages) == target.calls.count("write") > 0


def test_client_of_the_other_kind_is_refused(sandbox: Sandbox, job: Job) -> None:
    with pytest.raises(InvalidArgument, match="use export_async"):
        export(sandbox.async_client(), MemoryTarget(), job)  # type: ignore[arg-type]
    with pytest.raises(InvalidArgument, match="use export for"):
        asyncio.run(export_async(sandbox.client(), MemoryTarget(), job))  # type: ignore[arg-type]


def test_cancelled_task_stores_whole_pages_and_closes(sandbox: Sandbox, job: Job) -> None:
    """Cancelled at its n-th turn of the loop, wherever that is."""
    control = MemoryTarget()
    export(sandbox.client(), control, job, clock=lambda: sandbox.now)

    async def cancelled(target: MemoryTarget, turns: int) -> None:
        client = sandbox.async_client()
        task = asyncio.create_task(export_async(client, target, job, clock=lambda: sandbox.now))
        for _ in range(turns):
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    for turns in range(12):
        disk = Disk()
        target = MemoryTarget(disk)
        asyncio.run(cancelled(target, turns))
        assert "open" not in target.calls or target.calls[-1] == "close"
        client = sandbox.async_client()
        asyncio.run(export_async(client, MemoryTarget(disk), job, clock=lambda: sandbox.now))
        assert disk.tables() == control.disk.tables()
