"""A served sandbox that runs out of something for a while, and what is left to its clients."""

import contextlib
import resource
import socket
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from .test_disk import Served

FILES = 40
"""Files and sockets that the process may have open while it has too few."""


def crowd(stack, served, count):
    """Open connections that send nothing; as many as come about."""
    address = urlsplit(f"//{served.netloc}")
    for _ in range(count):
        with contextlib.suppress(OSError):
            raw = socket.create_connection((address.hostname, address.port), timeout=5)
            stack.enter_context(raw)


def said(served, chat_id, text):
    """Say something as soon as the server has noticed that the others are gone."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        with contextlib.suppress(ConnectionError):
            return served.say(chat_id, text)[0] == 200
    return False


def too_few_files(path, rounds):
    served = Served(path)
    try:
        _, chat = served.call("start_chat", continuous=True)
        for round_ in range(rounds):
            before = (FILES, resource.getrlimit(resource.RLIMIT_NOFILE)[1])
            resource.prlimit(served.process.pid, resource.RLIMIT_NOFILE, before)
            with contextlib.ExitStack() as stack:
                crowd(stack, served, 3 * FILES)
            assert said(served, chat["chat_id"], f"after {round_}")
        assert served.stop()[0] == 0
    finally:
        served.process.kill()
        served.process.communicate()


def test_too_few_files_pass(tmp_path):
    too_few_files(tmp_path / "desk.db", 1)


@pytest.mark.soak
def test_too_few_files_again_and_again(tmp_path):
    too_few_files(tmp_path / "desk.db", 10)


def slow_heads(path, count):
    """Clients that never finish their first line hold nobody up, and are gone after a while."""
    served = Served(path)
    address = urlsplit(f"//{served.netloc}")
    try:
        with contextlib.ExitStack() as stack:
            opened = []
            for _ in range(count):
                raw = socket.create_connection((address.hostname, address.port), timeout=60)
                opened.append(stack.enter_context(raw))
                raw.sendall(b"POST /v3.6/agent/action/list_chats HTTP/1.1\r\nHost: loc")
            assert served.call("list_chats")[0] == 200
            for raw in opened:
                with contextlib.suppress(ConnectionError):
                    assert raw.recv(100) == b""
        assert served.call("list_chats")[0] == 200
        assert served.stop()[0] == 0
    finally:
        served.process.kill()
        served.process.communicate()


@pytest.mark.soak
def test_nine_hundred_slow_heads(tmp_path):
    slow_heads(tmp_path / "desk.db", 900)


@pytest.mark.soak
def test_heads_without_end_take_no_memory(tmp_path):
    served = Served(tmp_path / "desk.db")
    address = urlsplit(f"//{served.netloc}")
    try:
        before = resident(served.process.pid)
        for _ in range(50):
            with (
                socket.create_connection((address.hostname, address.port), timeout=60) as raw,
                contextlib.suppress(ConnectionError),
            ):
                raw.sendall(b"GET / HTTP/1.1\r\nX: " + b"y" * 2**24)
        assert served.call("list_chats")[0] == 200
        assert resident(served.process.pid) - before < 64 * 2**20
        assert served.stop()[0] == 0
    finally:
        served.process.kill()
        served.process.communicate()


def resident(pid):
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) * 1024
