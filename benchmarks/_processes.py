"""The processes that benchmarks measure against: servers, and the delay of a network."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

DELAYS = (0, 20, 50, 100)
"""Milliseconds that a network adds to a round trip."""


@contextmanager
def process(module: str, *arguments: str) -> Iterator[list[str]]:
    """Run a module of this package; yields the words of the first line that it prints."""
    command = [sys.executable, "-m", f"benchmarks.{module}", *arguments]
    running = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert running.stdout is not None
    try:
        yield running.stdout.readline().split()
    finally:
        running.terminate()
        running.communicate()


@contextmanager
def fixed_server(*, tls: bool = False) -> Iterator[tuple[int, str]]:
    """Run the fixed server; yields its port and, with ``tls``, the file of its authority."""
    with process("_server", *(["tls"] if tls else [])) as (port, *authority):
        yield int(port), "".join(authority)


@contextmanager
def rtm_server() -> Iterator[int]:
    """Run the fixed RTM server; yields its port."""
    with process("_rtm_server") as (port,):
        yield int(port)


@contextmanager
def network(port: int, milliseconds: int) -> Iterator[int]:
    """Add so much to each round trip to a port of this machine; yields the port to use instead."""
    if not milliseconds:
        yield port
        return
    with process("_delay", str(port), str(milliseconds)) as (delayed,):
        yield int(delayed)


@contextmanager
def sandbox() -> Iterator[tuple[int, int]]:
    """Run a sandbox; yields its port and its process id."""
    command = [sys.executable, "-m", "frontdesk", "sandbox", "--port", "0", "--seed", "empty"]
    running = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert running.stdout is not None
        ready = next(line for line in running.stdout if line.startswith("ready "))
        yield int(ready.rpartition(":")[2]), running.pid
    finally:
        running.send_signal(signal.SIGTERM)
        running.communicate()
