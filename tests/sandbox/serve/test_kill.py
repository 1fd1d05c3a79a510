"""``kill -9`` under load: what was acknowledged is there, once, and the database opens."""

import http.client
import json
import signal
import subprocess
import sys
import threading
import time
from urllib.parse import urlsplit

import pytest

from frontdesk.sandbox import Sandbox

from ... import forked

WRITERS = 4
TOKEN = "Bearer dal:sandbox-owner"


class Writer(threading.Thread):
    """Sends numbered events until the connection breaks."""

    def __init__(self, url, chat_id, name):
        super().__init__()
        self.chat_id = chat_id
        self.label = name
        self.connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=30)
        self.sent = 0
        self.acknowledged = []

    def run(self):
        try:
            while True:
                self.sent += 1
                text = f"{self.label}-{self.sent}"
                event = {"type": "message", "text": text}
                sent = call(self.connection, "send_event", chat_id=self.chat_id, event=event)
                self.acknowledged.append((sent["event_id"], text))
        except (OSError, http.client.HTTPException):
            self.connection.close()


def call(connection, name, **request):
    connection.request(
        "POST",
        f"/v3.6/agent/action/{name}",
        json.dumps(request),
        {"Authorization": TOKEN, "Content-Type": "application/json"},
    )
    response = connection.getresponse()
    content = json.loads(response.read())
    assert response.status == 200, content
    return content


def start(path):
    process = forked.Popen(
        [
            *(sys.executable, "-m", "frontdesk", "sandbox"),
            *("--port", "0", "--seed", "empty", "--db", str(path)),
        ],
        stdout=subprocess.PIPE,
        text=True,
    )
    for line in process.stdout:
        if line.startswith("ready "):
            return process, line.removeprefix("ready ").strip()
    raise AssertionError("the sandbox did not start")


def stored_texts(path, chat_id):
    with Sandbox(db=path) as sandbox:
        found = {}
        for thread in sandbox.client().iter_threads(chat_id=chat_id):
            for event in thread.events or []:
                if event.type == "message":
                    assert event.id not in found
                    found[event.id] = event.text
        return found


def kill_under_load(path, round_):
    """Kill a sandbox that is written to; the chat and what its writers were told."""
    process, url = start(path)
    try:
        connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=30)
        chat_id = call(connection, "start_chat", continuous=True)["chat_id"]
        connection.close()
        writers = [Writer(url, chat_id, f"{round_}{name}") for name in "abcdefgh"[:WRITERS]]
        for writer in writers:
            writer.start()
        deadline = time.monotonic() + 30
        while min(len(writer.acknowledged) for writer in writers) < 20 + 7 * round_:
            assert time.monotonic() < deadline
            writers[0].join(0.001)
    finally:
        process.send_signal(signal.SIGKILL)
        process.communicate()
    for writer in writers:
        writer.join()
    return chat_id, writers


def rounds(path, count):
    expected = {}
    for round_ in range(count):
        chat_id, writers = kill_under_load(path, round_)
        expected[chat_id] = writers
        for known_chat, known_writers in expected.items():
            found = stored_texts(path, known_chat)
            for writer in known_writers:
                acknowledged = dict(writer.acknowledged)
                assert acknowledged.items() <= found.items()
                mine = [text for text in found.values() if text.startswith(f"{writer.label}-")]
                assert len(set(mine)) == len(mine), "an event is there twice"
                assert len(mine) <= len(acknowledged) + 1


def test_what_was_acknowledged_survives(tmp_path):
    rounds(tmp_path / "desk.db", 2)


@pytest.mark.soak
def test_what_was_acknowledged_survives_twenty_times(tmp_path):
    rounds(tmp_path / "desk.db", 20)
