"""``frontdesk tail`` as a user runs it: in a process of its own, against a small server."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from queue import Empty, Queue

import pytest
from rich.cells import cell_len

from frontdesk.cli._app import run
from frontdesk.sandbox import Sandbox

from .. import forked
from ..clients.rtm._server import FakeRTM, Refuse

COMMAND = [sys.executable, "-c", "import sys; from frontdesk.cli import main; main(sys.argv[1:])"]


def _environment(server: FakeRTM) -> dict[str, str]:
    return {
        "FRONTDESK_TOKEN": "dal:s3cr3t",
        "FRONTDESK_ORGANIZATION_ID": "org-1",
        "FRONTDESK_BASE_URL": server.url,
        "COLUMNS": "200",
    }


class Tail:
    """The running command; its lines can be waited for."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self._lines: dict[str, Queue[str]] = {"out": Queue(), "err": Queue()}
        self._readers = [
            threading.Thread(target=self._read, args=(stream, self._lines[name]), daemon=True)
            for name, stream in (("out", process.stdout), ("err", process.stderr))
            if stream is not None
        ]
        for reader in self._readers:
            reader.start()

    @staticmethod
    def _read(stream, lines: Queue[str]) -> None:
        with stream:
            for line in stream:
                lines.put(line.rstrip("\n"))

    def line(self) -> str:
        return self._lines["out"].get(timeout=20)

    def said(self, part: str) -> str:
        """Wait for a line on the standard error that holds the part."""
        while True:
            try:
                line = self._lines["err"].get(timeout=20)
            except Empty:
                pytest.fail(f"nothing said of {part!r}")
            if part in line:
                return line

    def end(self) -> int:
        """Wait for the end, and for what was said until then."""
        code = self.process.wait(20)
        for reader in self._readers:
            reader.join(20)
        return code

    @property
    def said_no_more(self) -> bool:
        return self._lines["err"].empty()

    @classmethod
    @contextmanager
    def run(
        cls,
        *arguments: str,
        stdout: int = subprocess.PIPE,
        encoding: str = "utf-8",
        **environment: str,
    ) -> Iterator["Tail"]:
        """Run it; JSON is UTF-8 whatever ``encoding`` the terminal has."""
        process = forked.Popen(
            [*COMMAND, "tail", *arguments],
            env={**os.environ, "PYTHONIOENCODING": encoding, **environment},
            stdout=stdout,
            stderr=subprocess.PIPE,
            encoding="utf-8" if "--json" in arguments else encoding,
        )
        command = cls(process)
        try:
            yield command
        finally:
            process.kill()
            command.end()


def tail(server: FakeRTM, *arguments: str, **options) -> AbstractContextManager[Tail]:
    """Run it against the server."""
    return Tail.run(*arguments, **{**_environment(server), **options})


def test_follows_pushes_over_an_interruption_and_ends_on_a_signal(server: FakeRTM):
    server.chats.open("A")
    with tail(server) as command:
        command.said("ready: following org-1")
        server.say("A", "hello there")
        line = command.line()
        assert "incoming_event" in line
        assert "customer-1: hello there" in line
        server.chats.say("A", "missed")
        server.reset_connections()
        command.said("connection lost")
        assert "recovered customer-1: missed" in command.line()
        assert "1 event read back with 2 requests" in command.said("connected again")
        server.push("chat_deleted", {"chat_id": "A"})
        assert "chat_deleted" in command.line()
        command.process.send_signal(signal.SIGTERM)
        assert command.end() == 0
    login = server.asked("login")[0]["payload"]
    assert login["away"] is True
    assert "pushes" not in login
    assert server.asked("logout") == []


def test_prints_json_for_pipes_and_ends_after_a_count(server: FakeRTM):
    with tail(server, "--json", "-n", "3") as command:
        command.said("ready")
        server.push("chat_deleted", {"chat_id": "Ä"}, request_id="17")
        server.push("brand_new", {"x": [1]})
        server.push("incoming_customer", {"id": "c", "type": "customer", "name": "Ann"})
        lines = [json.loads(command.line()) for _ in range(3)]
        assert command.end() == 0
    assert lines[0] == {
        "action": "chat_deleted",
        "version": "3.6",
        "recovered": False,
        "payload": {"chat_id": "Ä"},
    }
    assert lines[1]["action"] == "brand_new"
    assert lines[1]["payload"] == {"x": [1]}
    assert lines[2]["payload"] == {"id": "c", "type": "customer", "name": "Ann"}


def test_asks_the_server_for_the_wanted_pushes_alone(server: FakeRTM):
    with tail(server, "chat_deleted", "thread_tagged", "--monitor", "my") as command:
        command.said("ready")
        server.push("chat_deactivated", {"chat_id": "A", "thread_id": "T"})
        server.push("chat_deleted", {"chat_id": "A"})
        assert "chat_deleted" in command.line()
    login = server.asked("login")[0]["payload"]
    assert login["pushes"] == {"3.6": ["chat_deleted", "thread_tagged"]}
    assert login["customer_monitoring_level"] == "my"


def test_shows_one_chat_alone(server: FakeRTM):
    for name in "AB":
        server.chats.open(name)
    with tail(server, "--chat", "B", "-n", "2") as command:
        command.said("ready")
        server.say("A", "not this")
        server.push("incoming_chat", {"chat": server.chats.get_chat({"chat_id": "B"})})
        server.push("customer_left", {"id": "c", "left_at": "2026-03-01T09:00:00Z"})
        server.say("B", "but this")
        assert "incoming_chat" in command.line()
        assert "but this" in command.line()
        assert command.end() == 0


@pytest.mark.parametrize(
    ("encoding", "as_json"),
    [("utf-8", False), ("cp1252", False), ("ascii", False), ("ascii", True)],
)
def test_prints_characters_that_the_terminal_lacks(server: FakeRTM, encoding, as_json):
    text = "Łukasz 😀 \x1b[2J\u202e日本"
    server.chats.open("A")
    options = ["--json"] if as_json else []
    with tail(server, *options, "-n", "2", encoding=encoding) as command:
        command.said("ready")
        server.say("A", text)
        server.say("A", "after")
        lines = [command.line() for _ in range(2)]
        assert command.end() == 0
    if as_json:
        texts = [json.loads(line)["payload"]["event"]["text"] for line in lines]
        assert texts == [text, "after"]
    else:
        assert lines[0].isprintable()
        assert lines[0].rstrip().endswith("日本" if encoding == "utf-8" else "??")
        assert lines[1].endswith("after")


@pytest.mark.parametrize("columns", [60, 80, 120])
def test_shows_who_wrote_and_what_in_a_line_that_fits(server: FakeRTM, columns: int):
    server.chats.open("A")
    with tail(server, "-n", "2", COLUMNS=str(columns)) as command:
        command.said("ready")
        server.push("incoming_chat", {"chat": server.chats.get_chat({"chat_id": "A"})})
        server.say("A", "日本語 " * 100)
        command.line()
        line = command.line()
        assert command.end() == 0
    assert "customer-1: 日本語" in line
    assert line.endswith("…")
    assert columns - 2 < cell_len(line) <= columns


def test_a_full_disk_is_one_line(server: FakeRTM):
    with (
        Path("/dev/full").open("w") as full,
        tail(server, "--json", stdout=full.fileno()) as command,
    ):
        command.said("ready")
        server.push("chat_deleted", {"chat_id": "A"})
        assert command.end() == 1
        assert "cannot write to the standard output" in command.said("frontdesk:")
        assert command.said_no_more


def test_needs_no_organization_id_against_a_sandbox(served: Sandbox):
    environment = {
        "FRONTDESK_TOKEN": served.tokens["owner"],
        "FRONTDESK_BASE_URL": served.url,
        "FRONTDESK_ORGANIZATION_ID": "",
    }
    with Tail.run("-n", "1", "incoming_chat", **environment) as command:
        command.said("ready: following the organization of the token")
        served.customer("Ann").say("hello")
        assert "Ann" in command.line()
        assert command.end() == 0


def test_ends_quietly_when_the_reader_of_the_pipe_has_gone(server: FakeRTM):
    read_end, write_end = os.pipe()
    with tail(server, "--json", stdout=write_end) as command:
        os.close(write_end)
        command.said("ready")
        os.close(read_end)
        server.push("chat_deleted", {"chat_id": "A"})
        assert command.end() == 0
        assert command.said_no_more


@pytest.mark.parametrize(
    ("arguments", "environment", "code", "message"),
    [
        (["incoming_evnt"], {}, 2, "did you mean `incoming_event`"),
        (["--monitor", "all"], {}, 2, "highest_available"),
        ([], {"FRONTDESK_ORGANIZATION_ID": "", "FRONTDESK_BASE_URL": ""}, 2, "--organization-id"),
        ([], {"FRONTDESK_TOKEN": ""}, 2, "token"),
        (["--token", "dal:a b"], {}, 2, "token"),
        (["--api-version", "nine"], {}, 2, "version"),
        (["--base-url", "http://[::1"], {}, 2, "--base-url"),
        (["--base-url", "http://127.0.0.1:99999"], {}, 2, "--base-url"),
        (["--base-url", "http://a..b"], {}, 2, "--base-url"),
        (["--count", "many"], {}, 2, "--count"),
        (["--count", "0"], {}, 2, "--count"),
        ([], {"FRONTDESK_BASE_URL": "http://127.0.0.1:1"}, 1, "no connection to 127.0.0.1:1"),
    ],
)
def test_bad_call_is_told_in_one_line(
    server: FakeRTM, arguments, environment, code, message, monkeypatch, capsys
):
    assert _run(server, monkeypatch, *arguments, **environment) == code
    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith("frontdesk: ")
    assert message in line


def test_refused_login_is_told_in_one_line_without_the_token(server: FakeRTM, monkeypatch, capsys):
    def refuse(_):
        raise Refuse("authentication", "Invalid access token")

    server.responses["login"] = refuse
    assert _run(server, monkeypatch) == 1
    [line] = capsys.readouterr().err.splitlines()
    assert "Invalid access token" in line
    assert "s3cr3t" not in line


def _run(server: FakeRTM, monkeypatch: pytest.MonkeyPatch, *arguments: str, **environment: str):
    """Run the command in this process; it is expected to fail."""
    for name, value in {**_environment(server), **environment}.items():
        monkeypatch.setenv(name, value)
    return run(["tail", *arguments])


def test_server_that_ends_the_session_for_good_is_told(server: FakeRTM):
    with tail(server) as command:
        command.said("ready")
        server.push("agent_disconnected", {"reason": "access_token_revoked"})
        assert "agent_disconnected" in command.line()
        assert command.end() == 1
        assert "access_token_revoked" in command.said("frontdesk:")
