"""What was accepted is handled, however the process ends in good order."""

import os
import sys
from pathlib import Path

import pytest

from frontdesk.webhooks import Journal

from .. import forked

PROGRAM = """
import os, sys, time
sys.path.insert(0, {folder!r})
from tests_bodies import message
from frontdesk.webhooks import IncomingEvent, Receiver

receiver = Receiver("open-sesame", threads=2, journal={journal!r})

@receiver.on(IncomingEvent)
def slow(webhook):
    time.sleep(0.05)
    os.write(1, webhook.payload.event.text.encode() + b"\\n")

{ending}
"""
ACCEPT = """
for n in range(6):
    assert receiver.handle_sync(message(n, chat=f"C{n}", text=str(n))).status == 200
"""
AFTER_A_FORK = """
assert receiver.handle_sync(message(0, text="parent")).status == 200
while not receiver.counts.handled:
    time.sleep(0.01)
if os.fork() == 0:
    assert receiver.handle_sync(message(1, text="child")).status == 200
    receiver.close_sync()
    os._exit(0)
os.wait()
"""


def output(tmp_path: Path, ending: str) -> list[str]:
    write_bodies(tmp_path)
    journal = str(tmp_path / "journal")
    program = PROGRAM.format(folder=str(tmp_path), journal=journal, ending=ending)
    done = forked.run(
        [sys.executable, "-W", "error", "-W", "ignore::DeprecationWarning", "-c", program],
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert list((tmp_path / "journal").iterdir()) == []
    return sorted(done.stdout.split())


def write_bodies(tmp_path: Path) -> None:
    """Put the bodies of the tests where a program finds them."""
    source = Path(__file__).with_name("_bodies.py").read_text(encoding="utf-8")
    tests = repr(str(Path(__file__).parents[1]))
    source = source.replace("Path(__file__).parents[1]", f"Path({tests})")
    (tmp_path / "tests_bodies.py").write_text(source, encoding="utf-8")


STUCK = """
import asyncio, os, sys, threading, time
sys.path.insert(0, {folder!r})
from tests_bodies import message
from frontdesk.webhooks import IncomingEvent, Receiver

receiver = Receiver("open-sesame", journal={journal!r}, stall_timeout=0.3, body_timeout=2)
begun = threading.Event()

@receiver.on(IncomingEvent)
{handler}

assert receiver.handle_sync(message(0, text="stuck")).status == 200
begun.wait()
assert receiver.handle_sync(message(1, chat="ANOTHER", text="quick")).status == {status}
"""
SLEEPER = """
    if webhook.payload.event.text == "stuck":
        begun.set()
        {stuck}
    os.write(1, webhook.payload.event.text.encode() + b"\\n")
"""
HANDLERS = {
    "a sync handler": ("def work(webhook):", "time.sleep(3600)", "not finished and wait", 200),
    "an async handler": (
        "async def work(webhook):",
        "await asyncio.sleep(3600)",
        "not finished",
        200,
    ),
    "an async handler that blocks": ("async def work(webhook):", "time.sleep(3600)", "blocks", 503),
}


@pytest.mark.parametrize("kind", HANDLERS)
def test_a_stuck_handler_does_not_keep_the_process_from_ending(kind: str, tmp_path: Path) -> None:
    head, stuck, logged, status = HANDLERS[kind]
    write_bodies(tmp_path)
    program = STUCK.format(
        folder=str(tmp_path),
        journal=str(tmp_path / "journal"),
        handler=head + SLEEPER.format(stuck=stuck),
        status=status,
    )
    done = forked.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    assert logged in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout.split() == ["quick"] * (status == 200)
    # What was accepted and not handled waits in the journal.
    (left,) = [entry.content for entry in Journal(tmp_path / "journal").open() if entry.ticket]
    assert b'"stuck"' in left


def test_the_interpreter_ends(tmp_path: Path) -> None:
    assert output(tmp_path, ACCEPT) == ["0", "1", "2", "3", "4", "5"]


def test_the_program_exits_in_the_middle(tmp_path: Path) -> None:
    assert output(tmp_path, ACCEPT + "sys.exit(0)") == ["0", "1", "2", "3", "4", "5"]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_a_child_after_a_fork_has_a_thread_of_its_own(tmp_path: Path) -> None:
    assert output(tmp_path, AFTER_A_FORK) == ["child", "parent"]
