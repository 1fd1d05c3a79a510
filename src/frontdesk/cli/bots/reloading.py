"""Running a command anew whenever files change."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import FrameType
from typing import Final

from frontdesk.cli.output.terminal import say

__all__ = ["Reloader", "end_with_reloader", "snapshot"]

RELOADER: Final = "FRONTDESK_BOT_RELOADER"
"""Set for the processes of a reloader: the number of its process."""
INTERVAL: Final = 0.3
"""Seconds between two looks at the files: what a person does not notice after a save."""
CLOSE_TIMEOUT: Final = 15.0
SKIPPED: Final = frozenset({"__pycache__", "node_modules", "site-packages", "venv"})
MOST: Final = 2000
"""How many files are looked at: a bot in a home folder must not keep the disk busy."""

Snapshot = Mapping[str, tuple[int, int]]


def snapshot(folder: Path) -> Snapshot:
    """Return time and size of each Python file in a folder and below it.

    Looking at the files of a project takes a millisecond, so that no library that watches them is
    needed.
    """
    seen: dict[str, tuple[int, int]] = {}
    for path in _python_files(folder):
        try:
            status = path.stat()
        except OSError:
            continue  # it was deleted meanwhile
        seen[str(path)] = (status.st_mtime_ns, status.st_size)
        if len(seen) == MOST:
            break
    return seen


def _python_files(folder: Path) -> Iterator[Path]:
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(
            name for name in folders if name not in SKIPPED and not name.startswith(".")
        )
        for name in sorted(names):
            if name.endswith(".py"):
                yield Path(parent, name)


class Reloader:
    """Runs a command, and runs it anew after each save, until the user ends it.

    A command that ends by itself, such as for a mistake in the user's file, is run again after the
    next save.

    Args:
        command: The words of the command, without the interpreter.
        folder: Where the files are.
        environment: Variables for it, beside those that there are.
        sleep: Waits that many seconds.
    """

    def __init__(
        self,
        command: Sequence[str],
        folder: Path,
        environment: Mapping[str, str],
        *,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        self._command = [sys.executable, *command]
        self._folder = folder
        self._environment = {**os.environ, **environment, RELOADER: str(os.getpid())}
        self._sleep = sleep
        self._is_ended = False

    def run(self) -> None:
        """Run the command until the user or the system ends this one."""
        previous = {
            number: signal.signal(number, self._end)
            for number in (signal.SIGINT, signal.SIGTERM)
            if signal.getsignal(number) is not signal.SIG_IGN
        }
        try:
            while not self._is_ended:
                self._run_once()
        finally:
            for number, handler in previous.items():
                signal.signal(number, handler)

    def _run_once(self) -> None:
        """Run the command until a file changes, or the user ends it."""
        seen = snapshot(self._folder)
        process = subprocess.Popen(  # noqa: S603 - this very program
            self._command, env=self._environment, stdin=subprocess.DEVNULL
        )
        try:
            told = False
            while not self._is_ended:
                self._sleep(INTERVAL)
                changed = _changes(seen, snapshot(self._folder))
                if changed:
                    say(f"frontdesk: {changed[0]} has changed; starting anew")
                    break
                if process.poll() is not None and not told:
                    told = True
                    say("frontdesk: waiting for the next save; Ctrl-C ends")
        finally:
            _stop(process)

    def _end(self, number: int, frame: FrameType | None) -> None:
        del number, frame
        self._is_ended = True


def end_with_reloader() -> None:
    """Have this process end when the reloader that started it is killed, if one did.

    The command would serve on unseen otherwise, and keep its port from the next start.
    """
    reloader = os.getppid()
    if os.environ.get(RELOADER) != str(reloader):
        return

    def watch() -> None:
        while os.getppid() == reloader:
            time.sleep(INTERVAL)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, name="frontdesk-reloader", daemon=True).start()


def _changes(before: Snapshot, after: Snapshot) -> list[str]:
    names = before.keys() | after.keys()
    return sorted(Path(name).name for name in names if before.get(name) != after.get(name))


def _stop(process: "subprocess.Popen[bytes]") -> None:
    """End a process in good order, and by force if it does not end."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(CLOSE_TIMEOUT)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
