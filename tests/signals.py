"""Signals as a program in the foreground has them.

A test run in the background (``nohup make test &``) ignores SIGINT and SIGHUP, and the programs
that it starts inherit that, so that a signal sent to them would do nothing.
"""

import signal
from collections.abc import Iterator
from contextlib import contextmanager

IGNORED_IN_THE_BACKGROUND = ("SIGINT", "SIGHUP")


def restore() -> None:
    """Let the signals do again what they do by default; for ``preexec_fn``."""
    for name in IGNORED_IN_THE_BACKGROUND:
        signal.signal(getattr(signal, name), signal.SIG_DFL)


@contextmanager
def ctrl_c() -> Iterator[None]:
    """Let SIGINT raise ``KeyboardInterrupt`` in this process."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
