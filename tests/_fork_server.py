"""The process whose forks are the programs of ``forked``: it has loaded what they need.

Its argument is the number of a socket. Each message there is a program, with the files that are
its standard streams and one for the status with which it ends.
"""

import builtins
import contextlib
import gc
import json
import os
import runpy
import select
import signal
import socket
import struct
import sys
import threading
import types
import warnings
from pathlib import Path
from typing import Any, NoReturn

STATUS = struct.Struct("i")
LOADED = (
    "duckdb",
    "frontdesk.archives.report",
    "frontdesk.archives.targets.open",
    "frontdesk.auth",
    "frontdesk.bots.testing",
    "frontdesk.cli._app",
    "frontdesk.clients.rtm",
    "frontdesk.rendered",
    "frontdesk.sandbox.serve.server",
    "frontdesk.transport.aiohttp",
    "frontdesk.transport.urllib3",
    "frontdesk.transport.websocket",
    "pyarrow.parquet",
    "pytest",
)


def load() -> None:
    """Load what programs need, and make the worlds that they begin with."""
    from frontdesk.cli.lazy import COMMANDS

    commands = {f"frontdesk.cli.{place.partition(':')[0]}" for place in COMMANDS.values()}
    for name in (*LOADED, *sorted(commands)):
        __import__(name)
    from frontdesk.sandbox import Sandbox

    for seed in ("demo", "demo", "quiet", "empty"):  # the second time, its index is kept as well
        Sandbox(seed).close()


def serve(orders: socket.socket) -> tuple[dict[str, Any], list[int]]:
    """Fork for each order; returns it in the fork, and never otherwise."""
    statuses: dict[int, int] = {}
    awoken, wake = socket.socketpair()
    wake.setblocking(False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(wake.fileno())
    while True:
        ready = select.select([orders, awoken], [], [])[0]
        if awoken in ready:
            awoken.recv(4096)
            _reap(statuses)
        if orders in ready:
            data, files, _, _ = socket.recv_fds(orders, 1 << 20, 4)
            if not data:
                _end(statuses)
            assert threading.active_count() == 1
            with warnings.catch_warnings():
                # Python 3.12 warns of threads: those of Arrow, which makes new ones in a fork.
                warnings.simplefilter("ignore", DeprecationWarning)
                pid = os.fork()
            if not pid:
                signal.set_wakeup_fd(-1)
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                for each in (orders, awoken, wake):
                    each.close()
                for file in (*statuses.values(), files.pop(0)):
                    os.close(file)
                return json.loads(data), files
            statuses[pid], *streams = files
            for file in streams:
                os.close(file)
            orders.send(str(pid).encode())


def _reap(statuses: dict[int, int]) -> None:
    """Report the programs that have ended."""
    while statuses:
        pid, status = os.waitpid(-1, os.WNOHANG)
        if not pid:
            return
        file = statuses.pop(pid)
        with contextlib.suppress(BrokenPipeError):  # nobody waits for it
            os.write(file, STATUS.pack(status))
        os.close(file)


def _end(statuses: dict[int, int]) -> NoReturn:
    """The tests have ended: so do their programs."""
    for pid in statuses:
        os.kill(pid, signal.SIGKILL)
    os._exit(0)


def become(order: dict[str, Any], files: list[int]) -> None:
    """Take over a program's environment and standard streams."""
    for number, file in enumerate(files):
        os.dup2(file, number)
        os.close(file)
    # As Python sets them; whoever runs the tests in the background ignores the others.
    for number in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.chdir(order["folder"])
    os.environ.clear()
    os.environ.update(order["environment"])
    encoding, _, errors = os.environ.get("PYTHONIOENCODING", "").partition(":")
    encoding = encoding or "utf-8"
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        stream = open(  # noqa: SIM115 - for as long as the process lasts
            number,
            "r" if number == 0 else "w",
            buffering=1 if number == 2 or os.isatty(number) else -1,
            encoding=encoding,
            errors="backslashreplace" if number == 2 else errors or "strict",
            closefd=False,
        )
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)


def execute(words: list[str]) -> None:
    """Do as ``python`` does with these arguments."""
    while words[0] == "-W":
        action, _, category = words[1].partition("::")
        warnings.simplefilter(action, getattr(builtins, category or "Warning"))  # type: ignore[arg-type]
        del words[:2]
    kind = words[0]
    paths = filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))
    if kind == "-m":
        sys.argv = words[1:]
        sys.path[:1] = [str(Path.cwd()), *paths]
        runpy.run_module(words[1], run_name="__main__", alter_sys=True)
    elif kind == "-c":
        sys.argv = ["-c", *words[2:]]
        sys.path[:1] = ["", *paths]
        main = sys.modules["__main__"] = types.ModuleType("__main__")
        exec(compile(words[1], "<string>", "exec"), vars(main))
    else:
        assert not kind.startswith("-"), f"python {kind} needs a process of its own"
        sys.argv = words
        sys.path[:1] = [str(Path(kind).resolve().parent), *paths]
        runpy.run_path(kind, run_name="__main__")


if __name__ == "__main__":
    load()
    # Forks share what they do not write to, and the collector writes to what it looks at.
    gc.collect()
    gc.freeze()
    program, standard_streams = serve(socket.socket(fileno=int(sys.argv[1])))
    become(program, standard_streams)
    execute(program["words"])
