import csv
import json

import msgspec
import pytest

from frontdesk.archives.tables import TABLES
from frontdesk.archives.targets.csv import COLUMNS, csv_target
from frontdesk.errors import ExportError, ForeignTarget

from ..rows import ANNA, job, page, position, thread

FORMULAS = ["=1+1", "+48 600", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1"]


def export(path, *pages, tables=tuple(TABLES), **options):
    target = csv_target(path, **options)
    assert target.open() is None
    target.begin(job(tables=tables), position())
    for each in pages:
        target.write(each)
    target.finish(position(done=True))
    target.close()


def rows(path, encoding="utf-8"):
    with path.open(encoding=encoding, newline="") as file:
        return list(csv.DictReader(file, strict=True))


def test_a_file_has_a_row_per_thread(tmp_path):
    path = tmp_path / "chats.csv"
    export(path, page(thread(1)), page(thread(2, "other", day=2, tags=[])))
    first, second = rows(path)
    assert list(first) == [column.name for column in COLUMNS]
    picked = {name: first[name] for name in first if first[name]}
    assert picked == {
        "date": "2026-03-01",
        "created_at": "2026-03-01T09:01:00.000000Z",
        "thread_id": "T1",
        "chat_id": "C1",
        "customer_id": ANNA,
        "customer_name": "Anna Nowak",
        "customer_email": "b7ef@example.org",
        "country": "Poland",
        "agents": "Ada",
        "group_ids": "[0,1]",
        "tags": "sales; vip",
        "first_message_at": "2026-03-01T09:01:00.000000Z",
        "first_agent_message_at": "2026-03-01T09:01:01.000000Z",
        "last_message_at": "2026-03-01T09:01:01.000000Z",
        "customer_messages": "1",
        "agent_messages": "1",
        "bot_messages": "0",
        "files": "0",
        "events_count": "2",
    }
    assert (second["thread_id"], second["tags"]) == ("T2", "")


def test_messages_that_only_agents_see_do_not_count(tmp_path):
    rows_of_thread = thread(1)
    rows_of_thread["events"][1]["visibility"] = "agents"
    export(tmp_path / "chats.csv", page(rows_of_thread))
    (row,) = rows(tmp_path / "chats.csv")
    assert (row["agent_messages"], row["first_agent_message_at"]) == ("0", "")
    assert row["last_message_at"] == row["first_message_at"]


def test_columns_of_tables_that_are_not_exported_are_empty(tmp_path):
    tables = ("threads", "tags")
    export(tmp_path / "chats.csv", page(thread(1), tables=tables), tables=tables)
    (row,) = rows(tmp_path / "chats.csv")
    assert row["tags"] == "sales; vip"
    assert {row[name] for name in ("customer_name", "country", "agents", "agent_messages")} == {""}
    assert row["files"] == ""


def test_a_file_needs_the_threads(tmp_path):
    target = csv_target(tmp_path / "chats.csv")
    target.open()
    with pytest.raises(ExportError, match="must have `threads`"):
        target.begin(job(tables=("events",)), position())
    target.close()
    assert not (tmp_path / "chats.csv").exists()


def test_a_folder_has_a_file_per_table(tmp_path):
    folder = tmp_path / "chats"
    export(folder, page(thread(1), thread(2)))
    assert sorted(file.name for file in folder.glob("*.csv")) == sorted(f"{t}.csv" for t in TABLES)
    for name, table in TABLES.items():
        with (folder / f"{name}.csv").open(newline="", encoding="utf-8") as file:
            assert next(csv.reader(file)) == table.schema.names
    assert [row["text"] for row in rows(folder / "events.csv")][:2] == ["Hello 1", 'Hi!\r\n"there"']
    assert [row["tag"] for row in rows(folder / "tags.csv")] == ["sales", "vip"] * 2
    assert rows(folder / "visits.csv")[0]["latitude"] == "-3.5"


def test_the_row_of_a_user_of_a_day_that_was_read_last_stays(tmp_path):
    folder = tmp_path / "chats"
    export(
        folder,
        page(thread(1, name="Anna")),
        page(thread(2, name="Anna Nowak"), thread(3, day=2, name="Anna")),
    )
    users = [(row["date"], row["name"]) for row in rows(folder / "users.csv")]
    assert sorted(users) == [
        ("2026-03-01", "Ada"),
        ("2026-03-01", "Anna Nowak"),
        ("2026-03-02", "Ada"),
        ("2026-03-02", "Anna"),
    ]


def test_lines_end_and_are_quoted_as_the_standard_has_it(tmp_path):
    path = tmp_path / "chats.csv"
    export(path, page(thread(1, rating_comment='a "b", c\nd')))
    data = path.read_bytes()
    assert data.endswith(b"\r\n")
    assert b'"a ""b"", c\nd"' in data
    assert rows(path)[0]["rating_comment"] == 'a "b", c\nd'


@pytest.mark.parametrize("text", FORMULAS)
@pytest.mark.parametrize("name", ["chats.csv", "chats"])
def test_no_text_of_a_customer_is_a_formula(tmp_path, name, text):
    path = tmp_path / name
    export(path, page(thread(1, rating_comment=text, name=text)))
    files = [path] if path.is_file() else [path / "threads.csv", path / "users.csv"]
    cells = [cell for file in files for row in rows(file) for cell in row.values()]
    assert f"'{text}" in cells
    assert text not in cells


@pytest.mark.parametrize("text", FORMULAS)
def test_texts_stay_as_they_are_on_request(tmp_path, text):
    path = tmp_path / "chats.csv"
    export(path, page(thread(1, rating_comment=text)), neutralize_formulas=False)
    assert rows(path)[0]["rating_comment"] == text


def test_a_byte_order_mark_comes_on_request(tmp_path):
    plain, marked = tmp_path / "plain.csv", tmp_path / "marked.csv"
    export(plain, page(thread(1)))
    export(marked, page(thread(1)), byte_order_mark=True)
    assert marked.read_bytes() == b"\xef\xbb\xbf" + plain.read_bytes()


@pytest.mark.parametrize("name", ["chats.csv", "chats"])
def test_what_was_written_halfway_is_cut_off(tmp_path, name):
    path, control = tmp_path / name, tmp_path / f"control-{name}"
    export(control, page(thread(1)), page(thread(2)))
    target = csv_target(path)
    target.open()
    target.begin(job(), position())
    target.write(page(thread(1), threads=1))
    target.close()
    for file in [path] if path.is_file() else path.glob("*.csv"):
        with file.open("ab") as torn:
            torn.write(b'2026-03-01,"T9')
    target = csv_target(path)
    state = target.open()
    assert state is not None
    assert state.position.threads == 1
    target.write(page(thread(2), threads=2))
    target.finish(position(done=True))
    target.close()
    names = [""] if path.is_file() else [f"{table}.csv" for table in TABLES]
    for file in names:
        assert (path / file).read_bytes() == (control / file).read_bytes()


@pytest.mark.parametrize("renamed", [False, True])
def test_an_export_killed_while_it_finished_is_whole_when_opened(tmp_path, renamed, monkeypatch):
    folder, control = tmp_path / "chats", tmp_path / "control"
    pages = [page(thread(1, name="A")), page(thread(2, name="B"))]
    export(control, *pages)
    target = csv_target(folder)
    target.open()
    target.begin(job(), position())
    for each in pages:
        target.write(each)

    class Killed(BaseException):
        pass

    def kill(sidecar, folder):
        if renamed:
            (folder / "users.csv.rewritten").replace(folder / "users.csv")
        raise Killed

    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr("frontdesk.archives.targets.csv.settle", kill)
        target.finish(position(done=True))
    target.close()
    again = csv_target(folder)
    state = again.open()
    again.close()
    assert state is not None
    assert state.position.done
    assert (folder / "users.csv").read_bytes() == (control / "users.csv").read_bytes()


@pytest.mark.parametrize("name", ["chats.csv", "chats"])
def test_what_was_begun_in_part_looks_like_no_export(tmp_path, name, monkeypatch):
    path = tmp_path / name
    target = csv_target(path)
    target.open()

    class Killed(BaseException):
        pass

    def kill(path, sidecar):
        raise Killed

    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr("frontdesk.archives.targets.appended.write_sidecar", kill)
        target.begin(job(), position())
    target.close()
    export(path, page(thread(1)))


def test_a_folder_of_something_else_is_left_alone(tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(ForeignTarget, match=r"not empty \(notes.txt\)"):
        csv_target(tmp_path).open()


@pytest.mark.parametrize("name", ["chats.csv", "chats"])
def test_an_update_is_refused(tmp_path, name):
    target = csv_target(tmp_path / name)
    assert (target.can_resume, target.can_update) == (True, False)
    target.open()
    with pytest.raises(ExportError, match="cannot be updated"):
        target.begin(job(), position(is_update=True))
    target.close()


def test_long_texts_are_rewritten_whole(tmp_path):
    folder = tmp_path / "chats"
    rows_of_thread = thread(1)
    rows_of_thread["users"][0]["session_fields"] = json.dumps(["x" * 200_000])
    export(folder, page(rows_of_thread))
    csv.field_size_limit(2**31 - 1)
    assert len(rows(folder / "users.csv")[0]["session_fields"]) > 200_000


def test_the_state_says_what_is_stored(tmp_path):
    export(tmp_path / "chats", page(thread(1)))
    state = msgspec.json.decode((tmp_path / "chats" / "_frontdesk" / "state.json").read_bytes())
    assert (state["target"], state["format"], state["schema"]) == ("csv", 1, 1)
    assert state["position"]["done"] is True
