"""A served sandbox whose disk takes nothing for a while: calls over HTTP and over RTM."""

import http.client
import json
import resource
import signal
import subprocess
import sys
from urllib.parse import urlsplit

import pytest

from frontdesk.errors import InternalError, StoreError
from frontdesk.sandbox import Sandbox

from ... import forked
from .._rtm_line import JONES, SMITH, Refused

NOWAK = "nowak@example.com"
TEXT = "x" * 15_000
ROOM = 2 * 2**20
"""Bytes that a file may have while there is no room."""


@pytest.fixture
def desk(tmp_path):
    with Sandbox("demo", served=True, db=tmp_path / "desk.db") as desk:
        yield desk
        mend(desk)


def protect(desk):
    """Have the disk take nothing more, as one that is mounted again read-only."""
    with desk.backend.lock:
        desk.backend.world.store.db.row("PRAGMA query_only = 1")


def mend(desk):
    with desk.backend.lock:
        desk.backend.world.store.db.row("PRAGMA query_only = 0")


def test_a_call_fails_alone_and_the_next_works(desk):
    client = desk.client(retry=None)
    kept = client.start_chat(continuous=True).chat_id
    protect(desk)
    with pytest.raises(InternalError, match="cannot write its database"):
        client.start_chat(continuous=True)
    assert client.get_chat(chat_id=kept).id == kept
    first, refused = desk.calls("start_chat")
    assert (first.status, refused.status, refused.error) == (200, 500, "internal")
    mend(desk)
    client.send_event(chat_id=kept, event={"type": "message", "text": "again"})
    events = client.get_chat(chat_id=kept).thread.events
    assert [event.text for event in events if event.type == "message"] == ["again"]


def test_the_archives_are_searched_unless_there_is_something_new_in_them(desk):
    """The first search after a chat has ended writes of it; what it cannot write, it says."""
    client = desk.client(retry=None)
    before = client.list_archives().found_chats
    protect(desk)
    assert client.list_archives().found_chats == before
    mend(desk)
    chat_id = client.start_chat(continuous=True).chat_id
    client.deactivate_chat(id=chat_id)
    protect(desk)
    with pytest.raises(InternalError, match=r"cannot write its database \(.+calls work again"):
        client.list_archives()
    assert client.get_chat(chat_id=chat_id).thread.active is False
    mend(desk)
    assert client.list_archives().found_chats == before + 1
    protect(desk)
    assert client.list_archives().found_chats == before + 1
    mend(desk)


@pytest.mark.parametrize("served", [True, False])
def test_what_python_does_raises_the_same_error(tmp_path, served):
    with Sandbox("demo", served=served, db=tmp_path / "other.db") as desk:
        ann = desk.customer("Ann")
        protect(desk)
        with pytest.raises(StoreError, match="nothing of this call was kept"):
            ann.say("lost")
        with pytest.raises(InternalError, match="cannot write its database"):
            desk.client(retry=None).start_chat()
        mend(desk)
        ann.say("kept")
        assert [event.text for event in ann.transcript() if event.type == "message"] == ["kept"]


def test_a_commit_that_somebody_else_fails_fails_the_calls_that_wait_for_it(desk):
    """Their work is undone with it, so their commit must not seem to have worked."""
    app, world = desk.rtm._endpoint._next_commit.__self__, desk.backend.world
    outcomes = []

    def work():
        with desk.backend.lock:
            waiting = app.next_commit()
            waiting.add_done_callback(lambda done: outcomes.append(done.exception()))
            world._rolled_back()

    desk.rtm._endpoint.on_loop(work)
    desk.rtm._endpoint.on_loop(lambda: None)
    desk.client().list_chats()
    assert [type(outcome) for outcome in outcomes] == [StoreError]


def test_a_log_in_that_is_not_kept_can_be_repeated(desk, dial_to):
    """The agent is offline, so that the log-in changes something."""
    token = desk.issue_token(NOWAK)
    line = dial_to(desk, None)
    protect(desk)
    with pytest.raises(Refused) as refused:
        line.call("login", token=token)
    assert refused.value.type == "internal"
    with pytest.raises(Refused) as refused:
        line.call("list_chats")
    assert refused.value.type == "authentication"
    assert not desk.backend.world.sessions
    mend(desk)
    assert line.call("login", token=token)["my_profile"]["id"] == NOWAK


def test_a_log_out_that_is_not_kept_has_not_happened(desk, dial_to):
    line = dial_to(desk, "owner")
    protect(desk)
    with pytest.raises(Refused):
        line.call("logout")
    mend(desk)
    assert "chats_summary" in line.call("list_chats")
    assert [one.requester.id for one in desk.backend.world.sessions.values()] == [SMITH]


def test_a_connection_that_ends_meanwhile_is_noted_later(desk, dial_to):
    line = dial_to(desk, "agent")
    watch = dial_to(desk, "owner")
    protect(desk)
    line.close()
    while len(desk.rtm.connections()) > 1:
        watch.call("list_chats")
    mend(desk)
    while len(desk.backend.world.sessions) > 1:
        watch.call("list_chats")
    desk.advance(31)
    status = watch.call("list_routing_statuses", filters={"group_ids": [0]})
    assert {"agent_id": JONES, "status": "offline"} in status


@pytest.fixture
def dial_to():
    from .._rtm_line import Line

    lines = []

    def dial(*args, **options):
        lines.append(Line(*args, **options))
        return lines[-1]

    yield dial
    for line in lines:
        line.close()


class Served:
    """``frontdesk sandbox`` on a file, whose size is limited and set free while it runs."""

    def __init__(self, path):
        self.process = forked.Popen(
            [
                *(sys.executable, "-m", "frontdesk", "sandbox"),
                *("--port", "0", "--seed", "empty", "--db", str(path)),
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for line in self.process.stdout:
            if line.startswith("ready "):
                self.netloc = urlsplit(line.removeprefix("ready ").strip()).netloc
                return
        raise AssertionError(self.process.communicate()[1])

    def limit(self, size):
        resource.prlimit(self.process.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))

    def post(self, path, **body):
        return self.post_bytes(path, json.dumps(body).encode())

    def post_bytes(self, path, body, *, verb="POST"):
        connection = http.client.HTTPConnection(self.netloc, timeout=30)
        headers = {"Authorization": "Bearer dal:sandbox-owner", "Content-Type": "application/json"}
        connection.request(verb, path, body, headers)
        response = connection.getresponse()
        content = json.loads(response.read())
        connection.close()
        return response.status, content

    def call(self, name, **body):
        return self.post(f"/v3.6/agent/action/{name}", **body)

    def say(self, chat_id, text):
        event = {"type": "message", "text": text}
        return self.call("send_event", chat_id=chat_id, event=event)

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        _, errors = self.process.communicate(timeout=30)
        return self.process.returncode, errors


def texts(path, chat_id):
    with Sandbox(db=path) as desk:
        return [
            event.text
            for thread in desk.client().iter_threads(chat_id=chat_id)
            for event in thread.events or []
            if event.type == "message"
        ]


def fill_and_free(path, rounds, *, stop_full):
    """Fill the disk and free it again; what was acknowledged is there, and nothing else."""
    served = Served(path)
    try:
        _, chat = served.call("start_chat", continuous=True)
        acknowledged = []
        for round_ in range(rounds):
            served.limit(ROOM)
            for number in range(400):
                text = f"{round_}-{number}-{TEXT}"
                status, content = served.say(chat["chat_id"], text)
                if status != 200:
                    break
                acknowledged.append(text)
            assert (status, content["error"]["type"]) == (500, "internal")
            assert served.call("list_chats")[0] == 200
            if stop_full and round_ == rounds - 1:
                break
            served.limit(resource.RLIM_INFINITY)
            # From here on the log of the database is longer than the room of the next round.
            for number in range(2):
                text = f"{round_}-free-{number}"
                assert served.say(chat["chat_id"], text)[0] == 200
                acknowledged.append(text)
        status, errors = served.stop()
    finally:
        served.process.kill()
        served.process.communicate()
    assert status == 0, errors
    assert "Traceback" not in errors
    assert texts(path, chat["chat_id"]) == acknowledged


@pytest.mark.parametrize("stop_full", [False, True])
def test_a_full_disk_loses_nothing_and_keeps_nothing_refused(tmp_path, stop_full):
    fill_and_free(tmp_path / "desk.db", 1, stop_full=stop_full)


@pytest.mark.soak
@pytest.mark.parametrize("round_", range(10))
def test_a_full_disk_again_and_again(tmp_path, round_):
    fill_and_free(tmp_path / "desk.db", 1 + round_ % 4, stop_full=bool(round_ % 2))
