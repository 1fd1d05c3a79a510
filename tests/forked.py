"""Programs that start at once: forks of an interpreter that has loaded frontdesk already.

To start Python and to load what a command needs takes longer than most commands do. ``Popen`` and
``run`` are used as those of ``subprocess`` for ``[sys.executable, "-m", …]``, with ``"-c"`` or with
the path of a script. The program is a process of its own, with its own environment, output, signals
and end; only its imports are done. What is about imports, or about options of the interpreter,
needs ``subprocess``.
"""

import array
import atexit
import inspect
import json
import os
import select
import socket
import struct
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

__all__ = ["Popen", "run"]

ROOT = Path(__file__).parent.parent
TOO_LATE = frozenset({"PYTHONDEVMODE", "PYTHONHASHSEED", "PYTHONOPTIMIZE", "PYTHONWARNINGS"})
"""What Python reads while it starts."""
STATUS = struct.Struct("i")


class _ForkServer:
    """The process that forks; it starts when the first program does."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None

    def fork(self, order: dict[str, Any], files: list[int]) -> int:
        """Start a program; returns the number of its process."""
        rights = (socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", files))
        with self._lock:
            if self._socket is None:
                self._socket = self._start()
            self._socket.sendmsg([json.dumps(order).encode()], [rights])
            pid = self._socket.recv(32)
        assert pid, "the fork server has ended"
        return int(pid)

    def _start(self) -> socket.socket:
        here, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        environment = {
            name: value for name, value in os.environ.items() if not name.startswith("FRONTDESK_")
        }
        with there:
            process = subprocess.Popen(
                [sys.executable, "-m", "tests._fork_server", str(there.fileno())],
                pass_fds=[there.fileno()],
                cwd=ROOT,
                env=environment,
                stdin=subprocess.DEVNULL,
                # A Ctrl-C is for who runs the tests, who then ends the programs.
                start_new_session=True,
            )

        def end() -> None:
            here.close()
            process.wait()

        atexit.register(end)
        return here


_server = _ForkServer()


class Popen(subprocess.Popen):  # type: ignore[type-arg]
    """``subprocess.Popen``, but for how the process starts and who waits for it.

    ``preexec_fn`` is not called: signals do by default what they do, as after ``signals.restore``.
    """

    # What differs has no public names.

    def _execute_child(self, *arguments: Any) -> None:
        names = list(inspect.signature(subprocess.Popen._execute_child).parameters)[1:]  # type: ignore[attr-defined]
        given = dict(zip(names, arguments, strict=True))
        assert not given["shell"]
        program, *words = map(os.fspath, given["args"])
        assert program == sys.executable
        environment = os.environ if given["env"] is None else given["env"]
        for name in TOO_LATE:
            assert environment.get(name) == os.environ.get(name), f"{name} would come too late"
        order = {
            "words": words,
            "folder": str(Path(given["cwd"] or ".").absolute()),
            "environment": dict(environment),
        }
        streams = [
            number if given[name] == -1 else given[name]
            for number, name in enumerate(("p2cread", "c2pwrite", "errwrite"))
        ]
        self._status, status = os.pipe()
        try:
            self.pid = _server.fork(order, [status, *streams])
            self._child_created = True
        finally:
            os.close(status)
            ends = ("p2cread", "p2cwrite", "c2pread", "c2pwrite", "errread", "errwrite")
            self._close_pipe_fds(*(given[name] for name in ends))  # type: ignore[attr-defined]

    def _try_wait(self, wait_flags: int) -> tuple[int, int]:
        """Do as ``os.waitpid`` does, which is for children."""
        if wait_flags & os.WNOHANG and not select.select([self._status], [], [], 0)[0]:
            return 0, 0
        data = os.read(self._status, STATUS.size)
        assert data, "the fork server has ended"
        os.close(self._status)
        return self.pid, STATUS.unpack(data)[0]

    def _internal_poll(self, _deadstate: Any = None) -> int | None:
        if self.returncode is None and self._waitpid_lock.acquire(False):  # type: ignore[attr-defined]
            try:
                if self.returncode is None:  # or another thread has waited
                    pid, status = self._try_wait(os.WNOHANG)
                    if pid:
                        self._handle_exitstatus(status)  # type: ignore[attr-defined]
            finally:
                self._waitpid_lock.release()  # type: ignore[attr-defined]
        return self.returncode


def run(
    command: list[Any],
    *,
    input: Any = None,
    capture_output: bool = False,
    timeout: float | None = None,
    check: bool = False,
    **options: Any,
) -> "subprocess.CompletedProcess[Any]":
    """Run a program to its end, as ``subprocess.run`` does."""
    if input is not None:
        options["stdin"] = subprocess.PIPE
    if capture_output:
        options["stdout"] = options["stderr"] = subprocess.PIPE
    with Popen(command, **options) as process:
        try:
            output, errors = process.communicate(input, timeout)
        except BaseException:
            process.kill()
            raise
    ended = subprocess.CompletedProcess(command, process.returncode, output, errors)
    if check:
        ended.check_returncode()
    return ended
