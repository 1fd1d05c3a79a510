"""What every target that resumes and updates does: one suite over all of them."""

import json
from datetime import UTC, datetime
from functools import partial

import msgspec
import pytest

from frontdesk.archives.pages import Job
from frontdesk.archives.tables import TABLES, Column
from frontdesk.archives.targets import parquet
from frontdesk.errors import ForeignTarget, TargetInUse

from . import _pages
from ._pages import day_of, done, midnight, position, thread
from ._targets import sorted_rows

JOB = Job(since=_pages.JOB.since, tables=("threads", "users", "tags"))
"""With tables of each sort: one more costs each test time, and is like ``tags``."""
page = partial(_pages.page, tables=JOB.tables)
pages_of = partial(_pages.pages_of, tables=JOB.tables)
THREADS = [thread(number, 1 + number // 4) for number in range(22)]
PAGES = pages_of(THREADS, position())


@pytest.fixture(autouse=True)
def _exports_of_the_job(exports):
    exports.job = JOB


def rows_of_pages(pages):
    """The rows that a target must hold after some pages, without its code."""
    found = {}
    for name in TABLES:
        rows = [
            row for each in pages if name in each.tables for row in each.tables[name].to_pylist()
        ]
        if name == "users":
            rows = list({(row["date"], row["user_id"]): row for row in rows}.values())
        found[name] = sorted_rows(name, rows)
    return found


def summaries(rows):
    """The word of each thread, by its id."""
    threads = [json.loads(row) for row in rows["threads"]]
    return {row["thread_id"]: row["summary"] for row in threads}


def update_from(day):
    return position(since=midnight(day), is_update=True)


def test_a_new_target_remembers_nothing(exports):
    assert exports.state() is None


@pytest.mark.parametrize("job", [JOB, _pages.JOB], ids=["some", "all"])
def test_the_rows_of_a_run_are_those_of_its_pages(exports, job):
    pages = pages_of(THREADS, position(), tables=job.tables)
    exports.run(pages, job=job)
    assert exports.rows() == rows_of_pages(pages)


def test_a_finished_run_is_remembered_as_done(exports):
    exports.run(PAGES)
    state = exports.state()
    assert state.job == JOB
    assert state.position == done(PAGES[-1].position)


def test_a_run_without_threads_is_done_too(exports):
    exports.run([])
    assert exports.state().position.done
    assert exports.rows() == rows_of_pages([]) or not any(exports.rows().values())


@pytest.mark.parametrize("count", [0, 1, 5, len(PAGES)])
def test_what_was_written_before_the_process_ended_is_remembered(exports, count):
    exports.start(PAGES[:count]).close()
    state = exports.state()
    assert state.job == JOB
    assert state.position == (PAGES[count - 1].position if count else position())


@pytest.mark.parametrize("count", [0, 1, 5, len(PAGES)])
def test_a_resumed_run_ends_with_the_rows_of_one_that_was_not_interrupted(exports, count):
    exports.start(PAGES[:count]).close()
    exports.resume(PAGES[count:], PAGES[-1].position)
    assert exports.rows() == rows_of_pages(PAGES)


def test_a_run_may_be_interrupted_after_every_page(exports):
    exports.start([]).close()
    for number, each in enumerate(PAGES):
        target = exports.target()
        state = target.open()
        assert state.position == (PAGES[number - 1].position if number else position())
        target.write(each)
        target.close()
    exports.resume([], PAGES[-1].position)
    assert exports.rows() == rows_of_pages(PAGES)


def test_a_page_that_is_read_again_adds_nothing(exports):
    """As after a resume, when the server's page has shifted."""
    exports.start(PAGES[:2]).close()
    exports.resume([page(THREADS[3:6], PAGES[1].position), *PAGES[2:]], PAGES[-1].position)
    assert exports.rows() == rows_of_pages(PAGES)


def test_a_day_whose_rows_come_again_on_another_leaves_no_trace(exports):
    """A thread without a readable date may be read on another day the second time."""
    moved = THREADS[17]._replace(created_at=midnight(20))
    pages = pages_of([moved], position())
    again = page([moved._replace(created_at=midnight(21))], pages[0].position)
    exports.run([*pages, again])
    rows = exports.rows()
    assert [json.loads(row)["date"] for row in rows["threads"]] == ["2026-01-21"]
    assert {json.loads(row)["date"] for row in rows["tags"]} == {"2026-01-21"}


def test_an_update_replaces_the_days_from_its_start_on(exports, have_run):
    have_run(PAGES)
    newer = [
        thread(number, 1 + number // 4, word="newer", events=1, tags=("a", "b"))
        for number in range(8, 28)
    ]
    pages = pages_of(newer, update_from(3))
    exports.run(pages, start=update_from(3))
    assert exports.rows() == rows_of_pages([page(THREADS[:8], position()), *pages])


def test_an_update_removes_what_has_vanished(exports, have_run):
    """Threads, whole days in between and days at the end."""
    have_run(PAGES)
    kept = [each for each in THREADS[8:] if each.created_at.date() != day_of(4)][:-4]
    pages = pages_of(kept, update_from(3))
    exports.run(pages, start=update_from(3))
    assert exports.rows() == rows_of_pages([page(THREADS[:8], position()), *pages])


def test_an_update_without_threads_removes_every_row_from_its_start_on(exports, have_run):
    have_run(PAGES)
    exports.run([], start=update_from(3))
    assert exports.rows() == rows_of_pages([page(THREADS[:8], position())])


def test_rows_of_a_table_vanish_though_their_threads_stay(exports, have_run):
    have_run(PAGES)
    bare = [each._replace(tags=(), events=0, word="bare") for each in THREADS]
    pages = pages_of(bare, update_from(1))
    exports.run(pages, start=update_from(1))
    assert exports.rows() == rows_of_pages(pages)
    assert exports.rows()["tags"] == []


@pytest.mark.parametrize("count", [0, 1, 3, 5])
def test_an_interrupted_update_goes_on(exports, have_run, count):
    have_run(PAGES)
    newer = [each._replace(word="newer", events=3) for each in THREADS[8:]]
    pages = pages_of(newer, update_from(3))
    exports.start(pages[:count], start=update_from(3)).close()
    state = exports.state()
    assert state.position.is_update
    assert state.position == (pages[count - 1].position if count else update_from(3))
    exports.resume(pages[count:], pages[-1].position)
    assert exports.rows() == rows_of_pages([page(THREADS[:8], position()), *pages])


def test_an_update_may_begin_while_a_run_is_unfinished(exports):
    exports.start(PAGES[:6]).close()
    pages = pages_of([each._replace(word="newer") for each in THREADS], update_from(1))
    exports.run(pages, start=update_from(1))
    assert exports.rows() == rows_of_pages(pages)


def test_a_run_from_the_start_replaces_everything(exports, have_run):
    have_run(PAGES)
    pages = pages_of([each._replace(word="newer") for each in THREADS[9:20]], position())
    exports.run(pages)
    assert exports.rows() == rows_of_pages(pages)


def test_a_thread_that_comes_late_is_merged_into_its_day(exports):
    """Out of order, after later days are stored, as a page is when an order was broken."""
    late = [thread(100, 1, word="late", customer="bob"), thread(3, 1, word="newer", events=1)]
    pages = [*PAGES, page(late, PAGES[-1].position, newest=THREADS[-1].created_at)]
    exports.run(pages)
    rest = [each for each in THREADS if each.id != late[1].id]
    expected = rows_of_pages([page(rest, position()), page(late, position())])
    rows = exports.rows()
    assert rows | {"users": []} == expected | {"users": []}
    assert summaries(rows)["T00003"] == "newer"


def test_threads_without_an_id_are_kept_each(exports):
    """As damaged ones may be."""
    threads = [thread(number, 1 + number // 3)._replace(id=None) for number in range(9)]
    pages = pages_of(threads, position(), size=2)
    exports.run(pages)
    assert exports.rows() == rows_of_pages(pages)


@pytest.mark.parametrize("year", [1, 9999])
def test_damaged_dates_have_days_too(exports, year):
    odd = thread(1, 1)._replace(created_at=datetime(year, 12, 31, tzinfo=UTC))
    pages = [page([odd, *THREADS[5:8]], position(), newest=THREADS[7].created_at)]
    exports.run(pages)
    assert exports.rows() == rows_of_pages(pages)
    exports.run(pages_of(THREADS[:3], position()))
    assert exports.rows() == rows_of_pages(pages_of(THREADS[:3], position()))


def test_the_last_row_of_a_user_of_a_day_counts(exports):
    threads = [thread(number, 1, word=f"name {number}") for number in range(9)]
    threads.append(thread(10, 2, word="another day"))
    exports.run(pages_of(threads, position(), size=2))
    users = [json.loads(row) for row in exports.rows()["users"]]
    assert [(row["date"], row["name"]) for row in users] == [
        ("2026-01-01", "name 8"),
        ("2026-01-02", "another day"),
    ]


def test_a_job_may_leave_tables_out(exports):
    tables = ("events", "tags")
    job = Job(since=JOB.since, tables=tables)
    pages = pages_of(THREADS, position(), tables=tables)
    exports.run(pages, job=job)
    assert exports.rows() == rows_of_pages(pages)


def test_another_job_is_refused_and_leaves_the_rows(exports, have_run):
    have_run(PAGES)
    job = msgspec.structs.replace(JOB, filters={"tags": {"values": ["sales"]}}, raw=True)
    with pytest.raises(ForeignTarget, match=r"other options \(`filters`, `raw`\)"):
        exports.run([], job=job)
    assert exports.rows() == rows_of_pages(PAGES)
    assert exports.state().job == JOB


def test_a_later_version_may_have_more_columns(exports, have_run, monkeypatch):
    have_run(PAGES)
    table = TABLES["tags"]
    color = Column("color", table.columns[-1].type, "The color of the tag.")
    start = update_from(4)
    with monkeypatch.context() as context:
        context.delitem(vars(table), "schema", raising=False)
        context.setattr(table, "columns", (*table.columns, color))
        parquet._schema.cache_clear()
        late = page([thread(100, 1, word="late")], start, newest=midnight(7))
        exports.run([*pages_of(THREADS[12:], start), late], start=start)
        found = [json.loads(row) for row in exports.rows()["tags"]]
    vars(table).pop("schema", None)
    parquet._schema.cache_clear()
    assert len(found) == len(THREADS) + 1
    assert {row.get("color") for row in found} == {None}
    assert sum("color" in row for row in found) >= 11


def test_the_end_of_the_period_may_change(exports, have_run):
    have_run(PAGES)
    job = msgspec.structs.replace(JOB, until=datetime(2026, 3, 1, tzinfo=UTC))
    pages = pages_of(THREADS, update_from(1))
    exports.run(pages, job=job, start=update_from(1))
    assert exports.state().job == job


def test_two_runs_at_once_are_refused(exports):
    if not exports.kind.is_local:
        pytest.skip("a URL has no lock")
    target = exports.start(PAGES[:2])
    other = exports.target()
    with pytest.raises(TargetInUse, match="another export"):
        other.open()
    other.close()
    with pytest.raises(TargetInUse):
        exports.target().open()
    for each in PAGES[2:]:
        target.write(each)
    target.finish(done(PAGES[-1].position))
    target.close()
    assert exports.rows() == rows_of_pages(PAGES)


def test_closing_twice_does_no_harm(exports):
    target = exports.start(PAGES)
    target.close()
    target.close()
    assert exports.state().position == PAGES[-1].position


def test_positions_keep_every_field(exports):
    start = position(
        page_id="next",
        saved_at=datetime(2026, 1, 5, 1, 2, 3, 456789, tzinfo=UTC),
        last_thread_ids=("A", "B"),
        ordered=False,
        open_since=datetime(2025, 12, 5, tzinfo=UTC),
        requests=7,
    )
    exports.start([], start=start).close()
    assert exports.state().position == start
    assert msgspec.json.decode(msgspec.json.encode(start), type=type(start)) == start
