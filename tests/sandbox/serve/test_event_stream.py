"""The stream of what happens, as any program reads it."""

import http.client
import json
import threading
from itertools import count
from urllib.parse import urlsplit

import pytest

from frontdesk.errors import NotFound
from frontdesk.sandbox.serve import event_stream
from frontdesk.sandbox.serve.event_stream import Place
from frontdesk.sandbox.serve.options import ServerOptions
from frontdesk.sandbox.serve.server import Server

NUMBERS = count(1)


class Stream:
    """Reads events from a socket."""

    def __init__(self, url, query="", **headers):
        address = urlsplit(url)
        self._connection = http.client.HTTPConnection(address.hostname, address.port, timeout=20)
        self._connection.request("GET", f"/__sandbox__/events{query}", headers=headers)
        self.response = self._connection.getresponse()
        self.place = ""

    def event(self):
        """The next event: its name and what is in it."""
        fields = {}
        while True:
            line = self.response.readline().decode()
            if not line:
                raise EOFError
            if line == "\n":
                break
            name, _, value = line.rstrip("\n").partition(": ")
            fields[name] = value
        self.place = fields.get("id", self.place)
        return fields["event"], json.loads(fields["data"])

    def next(self, name):
        while True:
            kind, data = self.event()
            if kind == name:
                return data

    def catch_up(self, sandbox):
        """Read all that has happened so far: tests before this one have left happenings."""
        name = f"chat-{next(NUMBERS)}"
        with pytest.raises(NotFound):
            sandbox.client().get_chat(chat_id=name)
        while not any(name in each.get("request", "") for each in self.next("happenings")):
            pass

    def until(self, action):
        """The happenings up to the first of a name."""
        happenings = []
        while True:
            happenings += self.next("happenings")
            if any(each["action"] == action for each in happenings):
                return happenings

    def close(self):
        self.response.close()
        self._connection.close()


@pytest.fixture
def stream(served):
    streams = []

    def open_stream(query="", **headers):
        streams.append(Stream(served.url, query, **headers))
        return streams[-1]

    yield open_stream
    for each in streams:
        each.close()


def test_it_greets_shows_the_sandbox_and_tells_what_happens(served, stream):
    reader = stream()
    assert reader.response.status == 200
    assert reader.response.headers["Content-Type"].startswith("text/event-stream")
    hello = reader.next("hello")
    assert {*hello} == {"process", "epoch", "last", "lost", "calls", "now"}
    state = reader.next("state")
    assert {agent["id"] for agent in state["agents"]} >= {"smith@example.com", served.bot_id}
    assert [group["id"] for group in state["groups"]] == [0, 1, 2, 3]
    assert state["active_chats"] == len(state["chats"])
    reader.catch_up(served)
    served.customer("Ann").say("hi")
    happenings = reader.until("incoming_chat")
    assert happenings[-1]["n"] > 0
    # What has changed is shown again.
    assert reader.next("state")["active_chats"] == state["active_chats"] + 1


def test_who_comes_back_gets_what_was_missed(served, stream):
    reader = stream()
    reader.catch_up(served)
    place = reader.place
    reader.close()
    served.client().list_chats()
    for again in (stream(f"?after={place}"), stream(**{"Last-Event-ID": place})):
        hello = again.next("hello")
        assert hello["lost"] == 0
        assert hello["last"] == int(place.partition("-")[2]) + 1
        (missed,) = again.next("happenings")
        assert missed["action"] == "list_chats"


def test_a_place_of_another_time_counts_as_lost(stream):
    stream().next("hello")
    assert stream("?after=00000000-17").next("hello")["lost"] is None


def test_what_is_not_kept_any_more_is_counted(served, stream, monkeypatch):
    reader = stream()
    reader.catch_up(served)
    place = reader.place
    reader.close()
    monkeypatch.setattr("frontdesk.sandbox.control.console.feed.KEPT", 5)
    for _ in range(12):
        served.client().list_chats()
    again = stream(f"?after={place}")
    assert again.next("hello")["lost"] == 7
    # They are counted once.
    name, happenings = again.event()
    while name != "happenings":
        assert name in ("state", "clock")
        name, happenings = again.event()
    assert len(happenings) == 5


@pytest.mark.parametrize("text", ["", "x", "-1", "a-", "a-x", "a-²", f"a-{'9' * 40}", "a--1"])
def test_a_place_that_is_none_is_that_of_a_new_reader(text):
    assert Place.of(text) == Place()


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Host": "evil.example"},
    ],
)
def test_web_pages_of_others_get_nothing(stream, headers):
    for path in ("", "?after=a-1"):
        reader = stream(path, **headers)
        assert reader.response.status == 403
    assert b"hello" not in reader.response.read()


def test_it_ends_with_the_server(sandbox):
    server = Server(sandbox.backend, ServerOptions())
    server.start()
    reader = Stream(server.url)
    reader.next("state")
    ended = threading.Event()

    def read():
        try:
            while True:
                reader.event()
        except (EOFError, OSError, http.client.HTTPException):
            ended.set()

    thread = threading.Thread(target=read)
    thread.start()
    server.stop()
    assert ended.wait(20)
    thread.join()
    reader.close()


def test_nobody_listens_once_the_server_has_ended(sandbox):
    server = Server(sandbox.backend, ServerOptions())
    server.start()
    reader = Stream(server.url)
    reader.next("state")
    feed = server.app._events.feed
    assert feed.listening
    server.stop()
    assert not feed.listening
    reader.close()


def test_nobody_listens_long_after_the_last_reader_has_gone(sandbox, monkeypatch):
    monkeypatch.setattr(event_stream, "LINGER", 0)
    server = Server(sandbox.backend, ServerOptions())
    server.start()
    try:
        reader = Stream(server.url)
        reader.next("state")
        feed = server.app._events.feed
        stopped = threading.Event()
        stop = feed.stop

        def note():
            stop()
            stopped.set()

        feed.stop = note
        assert feed.listening
        reader.close()
        assert stopped.wait(20)
        assert not feed.listening
    finally:
        server.stop()
