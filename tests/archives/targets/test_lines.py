import gzip
import json
import os
import sys
from datetime import timedelta

import msgspec
import pytest

from frontdesk.archives import TABLES, export, make_job, open_target, read_archives
from frontdesk.archives.targets.lines import LinesTarget
from frontdesk.errors import ExportError, ForeignTarget, TargetInUse
from frontdesk.sandbox import Sandbox

from ... import forked
from ..rows import AGENT, ANNA, job, page, position, thread

NAMES = ["chats.jsonl", "chats.jsonl.gz"]


def text_of(path):
    data = path.read_bytes()
    return (gzip.decompress(data) if path.suffix == ".gz" else data).decode()


def lines(path):
    return [json.loads(line) for line in text_of(path).splitlines()]


def write(path, *pages, **options):
    target = LinesTarget(path)
    state = target.open()
    try:
        if state is None:
            target.begin(job(**options), position())
        for each in pages:
            target.write(each)
        if pages:
            target.finish(msgspec.structs.replace(pages[-1].position, done=True))
    finally:
        target.close()


@pytest.fixture(params=NAMES)
def path(request, tmp_path):
    return tmp_path / request.param


def test_a_line_is_a_thread_with_all_that_belongs_to_it(path):
    write(path, page(thread(1), thread(2, "other", day=2)))
    first, second = lines(path)
    assert (first["thread_id"], first["date"], first["group_ids"]) == ("T1", "2026-03-01", [0, 1])
    assert first["created_at"] == "2026-03-01T09:01:00Z"
    assert [event["text"] for event in first["events"]] == ["Hello 1", 'Hi!\r\n"there"']
    assert [(user["user_id"], user["name"]) for user in first["users"]] == [
        (ANNA, "Anna Nowak"),
        (AGENT, "Ada"),
    ]
    assert first["tags"] == ["sales", "vip"]
    assert [row["value"] for row in first["properties"]] == ["1"]
    assert (first["visit"]["country"], first["visit"]["latitude"]) == ("Poland", -3.5)
    assert first["files"] == []
    assert second["users"][0]["email"] == "othe@example.org"


def test_keys_come_in_the_same_order_in_every_line(path):
    bare = thread(2, events=[], thread_users=[], tags=[], properties=[], visits=[])
    write(path, page(thread(1), bare))
    first, second = lines(path)
    assert list(first) == list(second)
    assert list(first)[:3] == ["date", "thread_id", "chat_id"]
    assert list(first)[-7:] == [
        "raw", "events", "users", "tags", "properties", "visit", "files"
    ]  # fmt: skip
    assert (second["events"], second["visit"]) == ([], None)


def test_nested_rows_go_without_what_the_line_says(path):
    write(path, page(thread(1)))
    (line,) = lines(path)
    nested = [*line["events"], *line["users"], *line["properties"], line["visit"]]
    assert not any({"date", "thread_id", "chat_id"} & set(row) for row in nested)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"id": "C1", "n": 1.10}', {"id": "C1", "n": 1.1}),
        ('{\n  "id": "C1"\r\n}', {"id": "C1"}),
        ("[]", []),
        ("not JSON", "not JSON"),
        ("", ""),
    ],
)
def test_columns_of_json_are_json_on_the_same_line(path, text, value):
    write(path, page(thread(1, raw=text)))
    (line,) = lines(path)
    assert line["raw"] == value


def test_a_user_of_whom_nothing_is_known_has_all_columns(path):
    rows = thread(1)
    rows["users"] = []
    write(path, page(rows, thread(2, day=2)))
    first, second = lines(path)
    assert first["users"][0]["name"] is None
    assert list(first["users"][0]) == list(second["users"][0])


@pytest.mark.parametrize("tables", [("threads", "tags"), ("events",), ("tags", "visits")])
def test_tables_that_are_not_exported_have_no_key(path, tables):
    write(path, page(thread(1), thread(2), tables=tables), tables=tables)
    keys = {"visits": "visit"}
    for line in lines(path):
        nested = {"events", "users", "tags", "properties", "visit", "files"} & set(line)
        assert nested == {keys.get(name, name) for name in tables if name != "threads"}
    assert [line["thread_id"] for line in lines(path)] == ["T1", "T2"]


def test_users_need_the_users_of_threads(path):
    with pytest.raises(ExportError, match="`tables` must have `thread_users`"):
        write(path, tables=("threads", "users"))
    assert not path.exists()


def test_the_same_rows_make_the_same_bytes(tmp_path):
    first, second = tmp_path / "first.jsonl.gz", tmp_path / "second.jsonl.gz"
    for path in (first, second):
        write(path, page(thread(1)), page(thread(2)))
    assert first.read_bytes() == second.read_bytes()


def test_each_page_is_a_gzip_member(tmp_path):
    path = tmp_path / "chats.jsonl.gz"
    write(path, page(thread(1)))
    length = path.stat().st_size
    path.unlink()
    (tmp_path / "chats.jsonl.gz.frontdesk.json").unlink()
    write(path, page(thread(1)), page(thread(2)))
    assert len(gzip.decompress(path.read_bytes()[:length]).splitlines()) == 1
    assert len(lines(path)) == 2


@pytest.mark.parametrize("torn", [b"", b"{", b'{"thread_id": "T9"}\n', b"\x1f\x8b\x08"])
def test_what_was_written_halfway_is_cut_off(path, torn):
    target = LinesTarget(path)
    target.open()
    target.begin(job(), position())
    target.write(page(thread(1), threads=1))
    target.close()
    with path.open("ab") as file:
        file.write(torn)
    target = LinesTarget(path)
    state = target.open()
    assert state is not None
    assert state.position.threads == 1
    target.write(page(thread(2), threads=2))
    target.finish(position(threads=2, done=True))
    target.close()
    assert [line["thread_id"] for line in lines(path)] == ["T1", "T2"]


KILLED = """
import os, signal, sys
from pathlib import Path
from frontdesk.archives.targets.lines import LinesTarget
from tests.archives.rows import job, page, position, thread

path = Path(sys.argv[1])
sidecar = path.with_name(f"{path.name}.frontdesk.json")
pages = [page(thread(number), threads=number) for number in (1, 2, 3)]
steps = 10**6

def counted(function):
    def call(*arguments, **options):
        global steps
        steps -= 1
        if steps < 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return function(*arguments, **options)
    return call

Path.replace = counted(Path.replace)
os.fsync = counted(os.fsync)
Path.open = counted(Path.open)

def export():
    target = LinesTarget(path)
    state = target.open()
    if state is None:
        target.begin(job(), position())
    for each in pages[0 if state is None else state.position.threads:]:
        target.write(each)
    target.finish(position(threads=3, done=True))
    target.close()

export()
control = path.read_bytes()
kills = 0
for first in range(0, 40, 4):
    path.unlink()
    sidecar.unlink()
    steps = first
    while True:
        child = os.fork()
        if not child:
            export()
            os._exit(0)
        status = os.waitpid(child, 0)[1]
        if not status:
            break
        assert os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL, status
        kills += 1
        steps += 1  # so that it comes to an end
    assert path.read_bytes() == control, first
print(kills)
"""


def test_a_killed_export_goes_on_with_no_thread_doubled_or_lost(path):
    """Killed before each step that touches the disk, often twice: the same bytes as undisturbed."""
    ended = forked.run(
        [sys.executable, "-c", KILLED, path], capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stderr
    assert int(ended.stdout) > 5


def test_two_runs_are_kept_off_one_file(path):
    target = LinesTarget(path)
    target.open()
    try:
        with pytest.raises(TargetInUse, match="is writing to"):
            LinesTarget(path).open()
    finally:
        target.close()
    again = LinesTarget(path)
    assert again.open() is None
    again.close()


def test_an_update_is_refused_with_those_that_can(path):
    target = LinesTarget(path)
    assert (target.can_resume, target.can_update) == (True, False)
    target.open()
    with pytest.raises(ExportError, match=r"cannot be updated.*Parquet, a Delta table or a \.duck"):
        target.begin(job(), position(is_update=True))
    target.close()


def test_a_second_run_is_refused(path):
    write(path, page(thread(1)))
    before = path.read_bytes()
    target = LinesTarget(path)
    target.open()
    with pytest.raises(ForeignTarget, match="holds an export already"):
        target.begin(job(), position())
    target.close()
    assert path.read_bytes() == before


def test_a_file_of_something_else_is_left_alone(path):
    path.write_bytes(b"mine")
    with pytest.raises(ForeignTarget, match="is no export"):
        LinesTarget(path).open()
    assert path.read_bytes() == b"mine"


def test_a_folder_of_that_name_is_refused(path):
    path.mkdir()
    with pytest.raises(ForeignTarget, match="is a folder"):
        LinesTarget(path).open()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"format": 99}, "newer version"),
        ({"schema": 99}, "newer version"),
        ({"schema": 0}, "older"),
    ],
)
def test_exports_of_other_versions_are_refused(path, change, message):
    write(path, page(thread(1)))
    sidecar = path.with_name(f"{path.name}.frontdesk.json")
    sidecar.write_text(json.dumps(json.loads(sidecar.read_text()) | change))
    with pytest.raises(ForeignTarget, match=message):
        LinesTarget(path).open()


@pytest.mark.parametrize("content", [b"", b"{}", b"[1]", b"\xff\xfe", b"nothing"])
def test_a_damaged_state_is_named(path, content):
    write(path, page(thread(1)))
    path.with_name(f"{path.name}.frontdesk.json").write_bytes(content)
    with pytest.raises(ForeignTarget, match="is no state of an export, or damaged"):
        LinesTarget(path).open()


def test_a_file_that_lost_rows_is_refused(path):
    write(path, page(thread(1)))
    os.truncate(path, 5)
    with pytest.raises(ForeignTarget, match="is shorter than what was exported to it"):
        LinesTarget(path).open()


def test_a_full_disk_is_one_line_and_the_export_can_go_on(path, monkeypatch):
    target = LinesTarget(path)
    target.open()
    target.begin(job(), position())
    target.write(page(thread(1), threads=1))
    full = OSError(28, "No space left on device")

    def refuse(self, page, job):
        with path.open("ab") as file:
            file.write(b'{"thread')
        raise full

    with monkeypatch.context() as patch:
        patch.setattr(LinesTarget, "_append", refuse)
        with pytest.raises(
            ExportError, match=r"no space left on device\); run the same command again"
        ):
            target.write(page(thread(2), threads=2))
    with pytest.raises(ExportError, match="open it again"):
        target.write(page(thread(2), threads=2))
    target.close()
    target.open()
    target.write(page(thread(2), threads=2))
    target.close()
    assert [line["thread_id"] for line in lines(path)] == ["T1", "T2"]


def test_an_empty_period_leaves_an_empty_file(path):
    write(path, page())
    assert text_of(path) == ""


def test_lines_hold_all_rows_of_an_export(tmp_path):
    with Sandbox("demo") as sandbox, sandbox.client() as client:
        sandbox.advance(1)
        what = make_job(since=sandbox.now - timedelta(days=90))
        path = tmp_path / "chats.jsonl.gz"
        export(client, open_target(path), what, clock=lambda: sandbox.now)
        tables = dict.fromkeys(TABLES, 0)
        users = set()
        for each in read_archives(client, since=what.since, until=sandbox.now):
            for name, batch in each.tables.items():
                tables[name] += batch.num_rows
            members = {
                (row["date"], row["user_id"]) for row in each.tables["thread_users"].to_pylist()
            }
            users |= {
                (row["date"].isoformat(), row["user_id"], row["name"], row["email"])
                for row in each.tables["users"].to_pylist()
                if (row["date"], row["user_id"]) in members
            }
    found = lines(path)
    assert len(found) == tables["threads"] > 5
    assert sum(len(line["events"]) for line in found) == tables["events"]
    assert sum(len(line["users"]) for line in found) == tables["thread_users"]
    assert sum(len(line["tags"]) for line in found) == tables["tags"]
    assert sum(len(line["properties"]) for line in found) == tables["properties"]
    assert sum(line["visit"] is not None for line in found) == tables["visits"]
    assert sum(len(line["files"]) for line in found) == tables["files"]
    assert {
        (line["date"], user["user_id"], user["name"], user["email"])
        for line in found
        for user in line["users"]
    } == users
