"""The end of commands that serve until the user ends them."""

import signal
import threading
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

__all__ = ["ended_by_signals"]


@contextmanager
def ended_by_signals() -> Generator[threading.Event]:
    """Set an event when the user, the system or a closed terminal ends the command."""
    ended = threading.Event()
    before: dict[int, Any] = {}

    def end(*_: object) -> None:
        ended.set()

    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        # What is ignored already, as under `nohup`, stays ignored.
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
            before[number] = signal.signal(number, end)
    try:
        yield ended
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
