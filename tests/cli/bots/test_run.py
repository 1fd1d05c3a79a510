"""`frontdesk bot run`: in a sandbox, with a registration, on RTM, and anew after each save."""

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from frontdesk.sandbox import Sandbox, SandboxCustomer
from frontdesk.sandbox.seeds.company import CLIENT_ID

from ... import forked
from .._running import Run, ok, refused
from ._files import ECHO, write

LONGEST = 60.0


class Program:
    """A running command; its lines, both outputs in one."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.process = process
        self.lines: list[str] = []
        self._come = threading.Condition()
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            with self._come:
                self.lines.append(line.rstrip("\n"))
                self._come.notify_all()
        with self._come:
            self.lines.append("<end>")
            self._come.notify_all()

    def line(self, begins: str, after: int = 0) -> str:
        """Wait for a line that begins like that."""

        def there() -> list[str]:
            return [line for line in self.lines[after:] if line.startswith(begins)]

        with self._come:
            assert self._come.wait_for(lambda: there() or "<end>" in self.lines[after:], LONGEST), (
                self.lines
            )
            assert there(), self.lines
            return there()[0]

    def end(self, number: int = signal.SIGINT) -> int:
        self.process.send_signal(number)
        code = self.process.wait(LONGEST)
        self._reader.join()
        return code


@pytest.fixture
def start(tmp_path, served: Sandbox, settings: Path):
    @contextmanager
    def start(*options: str, own: bool = False) -> Iterator[Program]:
        environment = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("FRONTDESK_", "COV_"))
        }
        environment["XDG_CONFIG_HOME"] = str(settings)
        if not own:
            environment |= {
                "FRONTDESK_BASE_URL": served.url,
                "FRONTDESK_TOKEN": served.tokens["owner"],
                "FRONTDESK_CLIENT_ID": CLIENT_ID,
                "FRONTDESK_ORGANIZATION_ID": served.organization_id,
            }
        with forked.Popen(
            [sys.executable, "-m", "frontdesk", "bot", "run", *options],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=environment,
            cwd=tmp_path,
            text=True,
        ) as process:
            program = Program(process)
            try:
                yield program
            finally:
                process.kill()

    return start


def replies(customer: SandboxCustomer, count: int) -> list[str]:
    """What the bot said, once it has said that much."""
    pause = threading.Event()
    texts: list[str] = []
    for _ in range(int(LONGEST / 0.02)):
        texts = [
            event.text
            for event in customer.transcript()
            if event.type == "message" and event.text.startswith(("Echo: ", "Anew: "))
        ]
        if len(texts) >= count:
            return texts
        pause.wait(0.02)
    raise AssertionError(f"the bot said only {texts}")


def registered(served: Sandbox) -> tuple[list[Any], list[str]]:
    client = served.configuration_client()
    hooks = client.list_webhooks(owner_client_id=CLIENT_ID)
    return hooks, [bot.name for bot in client.list_bots()]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_in_a_sandbox_it_registers_itself_and_leaves_nothing(
    start, tmp_path, served: Sandbox, number
):
    write(tmp_path)
    before = registered(served)
    with start("bot.py") as program:
        program.line("ready http://127.0.0.1:")
        program.line(f"frontdesk: Echo talks to the sandbox at {served.url}")
        ann = served.customer("Ann")
        ann.say("hello")
        ann.say("again")
        assert replies(ann, 2) == ["Echo: hello", "Echo: again"]
        assert program.end(number) == 0
    assert registered(served) == before


def test_errors_of_handlers_are_shown_with_the_lines_of_the_file(start, tmp_path, served):
    write(tmp_path)
    with start("bot.py") as program:
        program.line("ready ")
        served.customer("Ann").say("please fail")
        program.line('  bot.py, line 8, in fail: raise KeyError("no such order")')
        program.line("  KeyError: 'no such order'")
        assert not any("Traceback" in line for line in program.lines)
        assert program.end() == 0


def test_a_sandbox_of_its_own(start, tmp_path):
    write(tmp_path)
    with start("bot.py:bot", own=True) as program:
        program.line("frontdesk: Echo talks to the sandbox at http://127.0.0.1:")
        program.line("ready http://127.0.0.1:")
        assert program.end() == 0


def test_on_rtm(start, tmp_path, served: Sandbox):
    write(tmp_path)
    before = registered(served)
    with start("bot.py", "--rtm") as program:
        program.line("ready on RTM")
        ann = served.customer("Ann")
        ann.say("hello")
        assert replies(ann, 1) == ["Echo: hello"]
        assert program.end() == 0
    assert registered(served) == before


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def test_with_what_was_registered(start, tmp_path, served: Sandbox, run: Run):
    place = write(tmp_path)
    port = free_port()
    ok(run("bot", "register", place, "--url", f"http://127.0.0.1:{port}/hooks/x"))
    with start("bot.py", "--live", "--port", str(port)) as program:
        program.line(f"ready http://127.0.0.1:{port}/hooks/x")
        program.line("frontdesk: 1 organization in ")
        ann = served.customer("Ann")
        ann.say("hello")
        assert replies(ann, 1) == ["Echo: hello"]
        assert program.end() == 0
    assert len(registered(served)[0]) == 6


def saved(change: Callable[[], object], program: Program) -> int:
    """Save a file; returns after which line what follows from it is written."""
    after = len(program.lines)
    change()
    return after


def test_each_save_starts_it_anew(start, tmp_path, served: Sandbox):
    write(tmp_path)
    with start("bot.py", "--reload") as program:
        program.line("ready ")
        ann = served.customer("Ann")
        ann.say("one")
        assert replies(ann, 1) == ["Echo: one"]
        after = saved(lambda: write(tmp_path, "x = (\n"), program)
        program.line("frontdesk: bot.py, line 1: SyntaxError", after)
        program.line("frontdesk: waiting for the next save", after)
        after = saved(lambda: write(tmp_path, ECHO.replace("Echo: {", "Anew: {")), program)
        program.line("frontdesk: bot.py has changed", after)
        program.line("ready ", after)
        ann.say("two")
        assert "Anew: two" in replies(ann, 2)
        assert program.end() == 0
    assert registered(served)[0] == []


def test_nothing_goes_on_when_it_is_killed(start, tmp_path, served: Sandbox):
    write(tmp_path)
    with start("bot.py", "--reload") as program:
        program.line("ready ")
        program.process.kill()
        # Whoever still ran would hold the output open.
        program.line("<end>")
    assert registered(served)[0] == []


def test_a_port_in_use(run: Run, tmp_path, served: Sandbox):
    place = write(tmp_path)
    before = registered(served)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        said = refused(run("bot", "run", place, "--port", port), 1)
    assert f"port {port}" in said
    assert "--port" in said
    assert registered(served) == before


def test_a_bot_that_is_not_registered(run: Run, tmp_path):
    said = refused(run("bot", "run", write(tmp_path), "--live"))
    assert "has none called 'Echo'" in said
    assert "frontdesk bot register" in said


def test_a_registration_that_stopped_halfway(run: Run, tmp_path, served: Sandbox):
    place = write(tmp_path)
    served.fault("internal", "create_bot", times=1)
    assert run("bot", "register", place, "--url", "http://127.0.0.1:9/")[0] == 1
    said = refused(run("bot", "run", place, "--live"))
    assert "stopped half-way" in said
    assert f"frontdesk bot register {place}" in said


def test_what_was_registered_elsewhere(run: Run, tmp_path, served: Sandbox, monkeypatch):
    place = write(tmp_path)
    ok(run("bot", "register", place, "--url", "http://127.0.0.1:9/"))
    monkeypatch.setenv("FRONTDESK_BASE_URL", "http://127.0.0.1:9")
    assert f"must be {served.url}" in refused(run("bot", "run", place, "--live"))


@pytest.mark.parametrize(
    ("options", "rule"),
    [
        (("--live", "--sandbox"), "cannot be given with `--sandbox`"),
        (("--path", "hooks"), "must begin with /"),
        (("--host", ""), "--host"),
        (("--port", "99999"), "--port"),
    ],
)
def test_wrong_use(run: Run, tmp_path, options, rule):
    assert rule in refused(run("bot", "run", write(tmp_path), *options))


def test_the_log_is_as_it_was_when_the_command_has_ended() -> None:
    import logging

    from frontdesk.cli.bots.serving import logged_to_terminal

    logger = logging.getLogger("frontdesk")
    before = (logger.level, list(logger.handlers))
    with logged_to_terminal():
        assert logger.level == logging.WARNING
    assert (logger.level, logger.handlers) == before
