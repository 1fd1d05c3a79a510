"""Database files that are damaged, read-only or gone: what is said of them, and what goes on."""

import json
import os
import shutil
import sqlite3
from datetime import timedelta

import pytest

from frontdesk.errors import ForeignFile, InternalError, StoreError
from frontdesk.sandbox import Sandbox
from frontdesk.sandbox.store import SandboxStore, database

OWNER = {"authorization": "Bearer dal:sandbox-owner", "content-type": "application/json"}
DAMAGED = r"the database .*desk\.db is damaged \("


@pytest.fixture
def path(tmp_path):
    return tmp_path / "desk.db"


@pytest.fixture(scope="module")
def made_once(tmp_path_factory):
    path = tmp_path_factory.mktemp("made") / "desk.db"
    with Sandbox("quiet", db=path) as sandbox:
        sandbox.customer("Ann").say("hello")
    return path


@pytest.fixture
def made(made_once, path):
    """A file with a chat in it."""
    shutil.copy(made_once, path)
    return path


def change(path, sql, *values):
    connection = sqlite3.connect(path)
    with connection:
        connection.execute(sql, values)
    connection.close()


@pytest.mark.parametrize("share", [0.02, 0.3, 0.5, 0.99])
def test_a_file_that_is_cut_off_is_damaged(made, share):
    content = made.read_bytes()
    size = int(len(content) * share) // 4096 * 4096 + 100
    made.write_bytes(content[:size])
    with pytest.raises(StoreError, match=DAMAGED) as raised:
        Sandbox(db=made)
    assert not isinstance(raised.value, ForeignFile)
    assert made.read_bytes()[:100] == content[:100]


def test_a_file_whose_pages_are_lost_is_damaged(made):
    content = bytearray(made.read_bytes())
    for page in range(1, len(content) // 4096, 3):
        content[page * 4096 : page * 4096 + 2048] = bytes(2048)
    made.write_bytes(content)
    with pytest.raises(StoreError, match=DAMAGED):
        Sandbox(db=made)


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE agents SET data = ?",
        "UPDATE settings SET data = ? WHERE key = 'license'",
        "UPDATE settings SET data = ? WHERE key = 'starts'",
        "UPDATE settings SET data = ? WHERE key = 'clock last'",
        "UPDATE settings SET data = ? WHERE key = 'seed'",
        "INSERT INTO deliveries VALUES (1, ?)",
        "INSERT INTO groups VALUES (77, ?)",
    ],
)
@pytest.mark.parametrize("value", [b"\xff\xfe\xfd", b"\xc1", b"\x81\xa2id\xa1\xff"])
def test_a_file_with_a_broken_record_of_its_own_is_damaged(made, sql, value):
    change(made, sql, value)
    with pytest.raises(StoreError, match=DAMAGED):
        Sandbox(db=made)
    # Nobody holds it any more.
    with pytest.raises(StoreError, match=DAMAGED):
        Sandbox(db=made)


@pytest.mark.parametrize(
    "sql", ["DROP TABLE canned_responses", "ALTER TABLE chats DROP COLUMN listed_at"]
)
def test_a_file_with_other_tables_is_damaged(made, sql):
    change(made, "DROP INDEX chats_by_listing")
    change(made, sql)
    with pytest.raises(StoreError, match=DAMAGED):
        Sandbox(db=made)


def test_a_file_of_somebody_else_is_not_damaged_but_foreign(path):
    change(path, "CREATE TABLE precious (x)")
    content = path.read_bytes()
    path.write_bytes(content[:5000])
    with pytest.raises(ForeignFile):
        Sandbox(db=path)


def test_a_long_file_is_not_looked_through(made, monkeypatch):
    """The time would grow with it; what is broken shows when it is read."""
    monkeypatch.setattr(database, "MOST_CHECKED", 1000)
    content = bytearray(made.read_bytes())
    content[-4096:] = bytes(4096)
    made.write_bytes(content)
    Sandbox(db=made).close()


def respond(sandbox, method, **body):
    path = f"/v3.6/agent/action/{method}"
    response = sandbox.backend.respond("POST", path, OWNER, json.dumps(body).encode())
    return response.status, json.loads(response.body)


@pytest.mark.parametrize("value", [b"\xff\xfe\xfd", b"\x81\xa2id\xa1\xff"])
def test_a_call_that_meets_a_broken_record_says_so(made, value, caplog):
    change(made, "UPDATE chats SET data = ?", value)
    with Sandbox(db=made) as sandbox:
        for _ in range(2):
            status, content = respond(sandbox, "list_chats")
            assert (status, content["error"]["type"]) == (500, "internal")
            assert "is damaged (" in content["error"]["message"]
        assert respond(sandbox, "start_chat")[0] == 200
        with pytest.raises(InternalError, match="is damaged"):
            sandbox.client(retry=None).list_chats()
    (record,) = caplog.records
    assert "is damaged" in record.getMessage()
    assert not record.exc_info


BROKEN_EVENTS = {
    "no UTF-8": lambda data: data.replace(b"hello", b"h\xffllo"),
    "half a character": lambda data: data.replace(b"hello", b"hell\xc3"),
    "a control character": lambda data: data.replace(b"hello", b"he\x0alo"),
    "another control character": lambda data: data.replace(b"hello", b"he\x00lo"),
    "an escape that is none": lambda data: data.replace(b"hello", b"he\\zlo"),
    "a text that goes on": lambda data: data.replace(b'hello"', b"hello?"),
    "a text that ends early": lambda data: data.replace(b"hello", b'he"lo'),
    "no colon": lambda data: data.replace(b":", b"z", 1),
    "no end": lambda data: data[:-1],
    "no beginning": lambda data: data[1:],
    "two events": lambda data: data.replace(b",", b"},{", 1),
    "more behind it": lambda data: data + b"]",
    "nothing": lambda data: b"",
    "a number": lambda data: b"17",
    "a list": lambda data: b"[]",
    "a column of another kind": lambda data: data.decode(),
}


@pytest.mark.parametrize("damage", BROKEN_EVENTS.values(), ids=BROKEN_EVENTS)
def test_no_event_leaves_as_what_is_no_json(path, damage):
    """Its bytes go out as they are, so that whoever reads the whole response would fail."""
    with Sandbox("empty", db=path) as sandbox:
        other = respond(sandbox, "start_chat")[1]["chat_id"]
        event = {"type": "message", "text": "hello"}
        ann = respond(sandbox, "start_chat", chat={"thread": {"events": [event]}})[1]["chat_id"]
    connection = sqlite3.connect(path)
    ((data,),) = connection.execute("SELECT data FROM events WHERE instr(data, 'hello')").fetchall()
    connection.close()
    change(path, "UPDATE events SET data = ? WHERE data = ?", damage(data), data)
    with Sandbox(db=path) as sandbox:
        for method, body in {
            "get_chat": {"chat_id": ann},
            "list_threads": {"chat_id": ann},
            "list_chats": {},
        }.items():
            status, content = respond(sandbox, method, **body)
            assert (method, status) == (method, 500)
            assert "is damaged (" in content["error"]["message"]
        assert respond(sandbox, "get_chat", chat_id=other)[0] == 200


def test_whatever_a_text_holds_is_no_damage(path):
    texts = ['"', "\\", "\n\t\x00\x1f", "\x7f\u2028", "\U0001f600", "},{", "]", "ź" * 1000]
    with Sandbox("empty", db=path) as sandbox:
        client = sandbox.client()
        chat_id = client.start_chat(continuous=True).chat_id
        for text in texts:
            client.send_event(chat_id=chat_id, event={"type": "message", "text": text})
        events = client.get_chat(chat_id=chat_id).thread.events
        assert [event.text for event in events if event.type == "message"] == texts


def test_a_text_that_is_none_is_damage(made):
    store = SandboxStore(made)
    with pytest.raises(StoreError, match=DAMAGED):
        store.db.row("SELECT CAST(x'fffefd' AS TEXT)")
    store.close()


def test_a_schema_that_is_no_text_is_damage(made):
    """SQLite then names it in an error that cannot be read either."""
    content = made.read_bytes()
    place = content.index(b"INDEX canned_responses_by_group")
    made.write_bytes(content[:place] + b"IND\xd4\xff" + content[place + 5 :])
    with pytest.raises(StoreError, match=DAMAGED):
        Sandbox(db=made)


def test_what_is_due_in_a_broken_chat_holds_up_nothing_else(made):
    with Sandbox(db=made) as sandbox:
        first = respond(sandbox, "start_chat")[1]["chat_id"]
    change(made, "UPDATE chats SET data = x'ff' WHERE id <> ?", first)
    with Sandbox(db=made) as sandbox:
        sandbox.advance(timedelta(days=3))
        assert not sandbox.client().get_chat(chat_id=first).thread.active


def test_a_defect_in_memory_is_no_damage():
    with Sandbox("empty") as sandbox:
        respond(sandbox, "start_chat")
        sandbox.backend.world.store.db.write("UPDATE chats SET data = x'ff'")
        sandbox.backend.world.store.chats.tracked.distrust()
        status, content = respond(sandbox, "list_chats")
        assert (status, content["error"]["message"]) == (500, "Internal server error")


@pytest.mark.parametrize("new", [True, False])
def test_what_is_read_only_is_said_to_be(made, tmp_path, monkeypatch, new):
    """Whether the file system is, or only what may be written is nobody's."""
    path = tmp_path / "new.db" if new else made
    access, connect = os.access, sqlite3.connect

    def refuse(name, *args, **kwargs):
        """Open it as the system does: then nothing can be written."""
        if str(name) != str(path):
            return connect(name, *args, **kwargs)
        return connect(f"file:{name}?mode=ro", *args, uri=True, **kwargs)

    monkeypatch.setattr(sqlite3, "connect", refuse)
    monkeypatch.setattr(os, "access", lambda name, mode: mode != os.W_OK and access(name, mode))
    with pytest.raises(StoreError, match="read-only") as raised:
        SandboxStore(path)
    assert str(path) in str(raised.value)


@pytest.mark.parametrize("becomes", ["deleted", "moved", "another"])
def test_a_file_that_is_gone_is_not_written(made, monkeypatch, caplog, becomes):
    """What would be lost with the process is refused; a file that comes back is written again."""
    monkeypatch.setattr(database, "PRESENT_SECONDS", 0)
    elsewhere = made.with_name("elsewhere.db")
    with Sandbox(db=made) as sandbox:
        client = sandbox.client(retry=None)
        kept = client.start_chat(continuous=True).chat_id
        made.rename(elsewhere)
        if becomes == "another":
            made.write_bytes(b"")
        with pytest.raises(InternalError, match=r"cannot write its database \(the file was del"):
            client.start_chat(continuous=True)
        assert client.get_chat(chat_id=kept).id == kept
        assert client.list_chats().found_chats
        if becomes == "moved":
            elsewhere.rename(made)
            client.send_event(chat_id=kept, event={"type": "message", "text": "back"})
    first, *rest = [record.getMessage() for record in caplog.records]
    assert "cannot be written (the file was deleted" in first
    assert len(rest) == (becomes == "moved")
    if becomes == "moved":
        with Sandbox(db=made) as sandbox:
            assert sandbox.client().get_chat(chat_id=kept).thread.events[-1].text == "back"
