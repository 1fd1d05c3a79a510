"""``frontdesk sandbox``: what it prints, how it ends, what it refuses."""

import json
import signal
import socket
import sqlite3
import ssl
import subprocess
import sys
import time
import urllib.request

import pytest

from frontdesk import AgentClient
from frontdesk.cli import main
from frontdesk.errors import NotFound, TooManyRequests
from frontdesk.models import Message
from frontdesk.sandbox import Sandbox

from .. import forked


class Running:
    """A sandbox of the command line."""

    def __init__(self, *options):
        self.process = forked.Popen(
            [sys.executable, "-m", "frontdesk", "sandbox", "--port", "0", *options],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.lines = []
        for line in self.process.stdout:
            self.lines.append(line.rstrip("\n"))
            if line.startswith("ready "):
                break
        else:
            raise AssertionError(self.process.communicate()[1])
        self.url = self.lines[-1].removeprefix("ready ")

    def line(self, start):
        (found,) = [line for line in self.lines if line.startswith(start)]
        return found.removeprefix(start).strip()

    def end(self, number=signal.SIGTERM):
        self.process.send_signal(number)
        _, errors = self.process.communicate(timeout=20)
        return self.process.returncode, errors


@pytest.fixture
def run():
    started = []

    def start(*options):
        started.append(Running(*options))
        return started[-1]

    yield start
    for one in started:
        one.process.kill()
        one.process.communicate()


@pytest.fixture
def refused(capsys):
    """Run a command that fails; its exit code and its one line."""

    def run_refused(*options):
        with pytest.raises(SystemExit) as ended:
            main(["sandbox", "--port", "0", *options])
        (line,) = capsys.readouterr().err.splitlines()
        return ended.value.code, line

    return run_refused


def test_it_prints_its_tokens_and_ready_once_it_accepts_calls(run):
    sandbox = run("--seed", "empty")
    assert sandbox.url.startswith("http://127.0.0.1:")
    token = sandbox.line("token owner")
    assert token == "Bearer dal:sandbox-owner"
    with AgentClient(token, base_url=sandbox.url, proxy="") as client:
        assert client.start_chat(continuous=True).chat_id
    with urllib.request.urlopen(sandbox.line("controls")) as response:
        assert json.loads(response.read())["seed"] == "empty"
    with urllib.request.urlopen(f"{sandbox.url}/openapi.json") as response:
        assert json.loads(response.read())["openapi"] == "3.1.0"


def test_it_prints_the_organization_that_rtm_needs(run):
    sandbox = run("--seed", "empty")
    with urllib.request.urlopen(sandbox.line("controls")) as response:
        assert sandbox.line("organization") == json.loads(response.read())["organization_id"]


def test_verbose_prints_a_line_for_each_call(run):
    sandbox = run("--seed", "empty", "--verbose")
    with AgentClient("dal:sandbox-owner", base_url=sandbox.url, proxy="") as client:
        chat_id = client.start_chat(continuous=True).chat_id
        client.send_event(chat_id=chat_id, event=Message(text="Hello"))
        with pytest.raises(NotFound):
            client.get_chat(chat_id="nobody")
    lines = [sandbox.process.stdout.readline().split()[1:] for _ in range(3)]
    assert lines == [
        ["start_chat", "ok", "web", "3.6", "200", "smith@example.com"],
        ["send_event", chat_id, "ok", "web", "3.6", "200", "smith@example.com"],
        ["get_chat", "nobody", "not_found", "web", "3.6", "404", "smith@example.com"],
    ]


def test_verbose_serves_on_when_nobody_reads(run):
    sandbox = run("--seed", "empty", "--verbose")
    sandbox.process.stdout.close()
    with AgentClient("dal:sandbox-owner", base_url=sandbox.url, proxy="") as client:
        for _ in range(3):
            assert client.start_chat(continuous=True).chat_id


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_in_good_order(run, number):
    assert run("--seed", "empty").end(number) == (0, "")


def test_it_finishes_the_calls_under_way(run):
    sandbox = run("--seed", "empty")
    fault = {"kind": "latency", "seconds": 1, "methods": ["start_chat"]}
    request = urllib.request.Request(
        f"{sandbox.url}/__sandbox__/faults", data=json.dumps(fault).encode()
    )
    urllib.request.urlopen(request).close()
    port = int(sandbox.url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(
            b"POST /v3.6/agent/action/start_chat HTTP/1.1\r\n"
            b"Host: localhost\r\nContent-Length: 19\r\n"
            b'Authorization: Bearer dal:sandbox-owner\r\n\r\n{"continuous":true}'
        )
        deadline = time.monotonic() + 10
        while _calls(sandbox) == 0 and time.monotonic() < deadline:
            pass
        sandbox.process.send_signal(signal.SIGTERM)
        response = b""
        while chunk := connection.recv(65536):
            response += chunk
    assert b"chat_id" in response
    assert sandbox.process.wait(timeout=20) == 0


def test_the_console_is_opened_in_a_browser(run, tmp_path, monkeypatch):
    opened = tmp_path / "opened"
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\necho "$1" > {opened}.part && mv {opened}.part {opened}\n')
    browser.chmod(0o755)
    monkeypatch.setenv("BROWSER", f"{browser} %s")
    sandbox = run("--seed", "empty", "--open")
    address = sandbox.line("console")
    assert address == f"{sandbox.url}/__sandbox__/console"
    deadline = time.monotonic() + 20
    while not opened.exists() and time.monotonic() < deadline:
        _calls(sandbox)
    assert opened.read_text().strip() == address
    with urllib.request.urlopen(address) as response:
        assert b"frontdesk" in response.read()


def test_a_recording_has_no_console(refused, tmp_path):
    code, line = refused("--open", "--replay", str(tmp_path / "recording.json"))
    assert code == 2
    assert "--open" in line


def test_without_a_browser_the_address_of_the_console_is_told(run, monkeypatch):
    monkeypatch.setenv("BROWSER", "/nonexistent/browser %s")
    monkeypatch.setenv("PATH", "")
    sandbox = run("--seed", "empty", "--open")
    line = sandbox.process.stderr.readline()
    assert line.strip().endswith(f"the console is at {sandbox.url}/__sandbox__/console")
    assert _calls(sandbox) == 0


def _calls(sandbox):
    with urllib.request.urlopen(f"{sandbox.url}/__sandbox__/") as response:
        return json.loads(response.read())["calls"]


def test_tls_prints_its_authority(run):
    sandbox = run("--seed", "empty", "--tls")
    assert sandbox.url.startswith("https://127.0.0.1:")
    context = ssl.create_default_context(cafile=sandbox.line("ca"))
    with AgentClient(
        "dal:sandbox-owner", base_url=sandbox.url, ssl_context=context, proxy=""
    ) as client:
        assert client.start_chat(continuous=True).chat_id
    assert sandbox.end() == (0, "")


def test_a_database_file_keeps_the_world(run, tmp_path):
    path = str(tmp_path / "desk.db")
    sandbox = run("--db", path, "--seed", "empty")
    with AgentClient("dal:sandbox-owner", base_url=sandbox.url, proxy="") as client:
        chat_id = client.start_chat(continuous=True).chat_id
        client.send_event(chat_id=chat_id, event=Message(text="kept"))
    sandbox.end()
    sandbox = run("--db", path)
    with AgentClient("dal:sandbox-owner", base_url=sandbox.url, proxy="") as client:
        assert client.get_chat(chat_id=chat_id).thread.events[-1].text == "kept"


def test_rate_limits(run):
    sandbox = run("--seed", "empty", "--rate-limit", "start_chat=1/h", "--rate-limit", "50/s")
    with AgentClient("dal:sandbox-owner", base_url=sandbox.url, proxy="", retry=None) as client:
        client.start_chat(continuous=True)
        with pytest.raises(TooManyRequests):
            client.start_chat(continuous=True)


def test_a_taken_port_is_told(served, refused):
    port = served.url.rpartition(":")[2]
    code, line = refused("--port", port)
    assert code == 1
    assert f"port {port} of 127.0.0.1 is taken" in line


def test_a_locked_database_is_told(refused, tmp_path):
    path = tmp_path / "desk.db"
    with Sandbox("empty", db=path):
        code, line = refused("--db", str(path))
    assert code == 1
    assert "is used by another" in line


def test_a_foreign_database_is_told(refused, tmp_path):
    path = tmp_path / "other.db"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE notes (text)")
    connection.commit()
    connection.close()
    code, line = refused("--db", str(path))
    assert code == 1
    assert "something else" in line


@pytest.mark.parametrize(
    ("options", "code", "part"),
    [
        (["--seed", "galaxy"], 2, "galaxy"),
        (["--rate-limit", "often"], 2, "180/min"),
        (["--rate-limit", f"{'9' * 5000}/s"], 2, "180/min"),
        (["--db", "/nonexistent/desk.db"], 1, "/nonexistent/desk.db"),
        (["--db", "/"], 2, "folder"),
        (["--host", ""], 1, "cannot listen at ''"),
        (["--host", "a..b"], 1, "not a host name"),
        (["--host", "x" * 300], 1, "not a host name"),
        (["--host", "http://127.0.0.1"], 1, "cannot listen at"),
        (["--host", "203.0.113.7"], 1, "cannot listen at 203.0.113.7"),
        (["--webhook-host", ""], 2, "`--webhook-host` must be host names"),
        (["--allow-host", ""], 2, "`--allow-host` must be host names"),
        (["--allow-origin", ""], 2, "`--allow-origin` must be origins"),
        (["--port", "70000"], 2, "--port"),
        (["--port", "x"], 2, "--port"),
        (["--nonsense"], 2, "--nonsense"),
    ],
)
def test_bad_options_are_told_in_one_line(refused, options, code, part):
    ended, line = refused(*options)
    assert ended == code
    assert part in line


def test_failures_show_no_traceback():
    ended = forked.run(
        [sys.executable, "-m", "frontdesk", "sandbox", "--seed", "galaxy"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 2
    assert ended.stderr.count("\n") == 1


def test_help_and_version(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["sandbox", "--help"])
    assert ended.value.code == 0
    shown = capsys.readouterr().out
    for option in ("--host", "--port", "--db", "--seed", "--tls", "--rate-limit", "--random-seed"):
        assert option in shown
    with pytest.raises(SystemExit):
        main(["--version"])
    assert capsys.readouterr().out.startswith("frontdesk ")
