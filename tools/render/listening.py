"""``pushes`` and ``wait_for`` of both RTM clients: overloads that differ by one word or two."""

from pathlib import Path
from typing import Final

from tools.render.files import SRC, python_text

__all__ = ["files"]

_KINDS: Final = [["A"], ["A", "B"], ["A", "B", "C"], ["A", "B", "C", "D"]]


def files() -> dict[Path, str]:
    """Return the text of the classes beneath the RTM façades."""
    sync = python_text(
        "listening.py.j2",
        name="ListeningRTM",
        module="sync_rtm",
        driver="SyncRTMDriver",
        subscription="Subscription",
        first_match="first_match",
        result="%s",
        loop_words="for",
        wait_words="",
        is_async=False,
        kinds_of_pushes=_KINDS,
        kinds_waited_for=_KINDS[:3],
    )
    asynchronous = python_text(
        "listening.py.j2",
        name="AsyncListeningRTM",
        module="async_rtm",
        driver="AsyncRTMDriver",
        subscription="AsyncSubscription",
        first_match="first_match_async",
        result="Coroutine[Any, Any, %s]",
        loop_words="async for",
        wait_words="await ",
        is_async=True,
        kinds_of_pushes=_KINDS,
        kinds_waited_for=_KINDS[:3],
    )
    folder = SRC / "rendered"
    return {folder / "listening.py": sync, folder / "async_listening.py": asynchronous}
