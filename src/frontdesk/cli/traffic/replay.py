"""``frontdesk sandbox --replay``: serve a recording."""

import os
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

from frontdesk.cli.output.terminal import print_line, say
from frontdesk.cli.traffic.signals import ended_by_signals
from frontdesk.errors import InvalidArgument
from frontdesk.grammar import counted
from frontdesk.spec.addresses import checked_address

if TYPE_CHECKING:
    from frontdesk.recordings import Corpus

__all__ = ["read_recording", "serve_recording"]


def serve_recording(file: Path, host: str, port: int, *, webhooks: str | None, again: bool) -> None:
    """Serve a recording until the user ends it, and say what nobody has called."""
    from frontdesk.recordings import ReplayServer

    if webhooks is not None:
        webhooks = checked_address("--replay-webhooks", webhooks)
    recording = read_recording(file, "--replay")
    secret = os.environ.get("FRONTDESK_WEBHOOK_SECRET", "")
    with (
        ended_by_signals() as ended,
        ReplayServer(
            recording, webhooks=webhooks, secret=secret, repeat=again, host=host, port=port
        ) as server,
    ):
        say(f"frontdesk: replaying {counted(len(server.left), 'call')} of {file}; Ctrl-C ends")
        print_line(f"ready {server.url}")
        ended.wait()
        left = [exchange.request.method for exchange in server.left]
    names = ", ".join(dict.fromkeys(left))
    say(f"frontdesk: {counted(len(left), 'call')} not replayed" + (f": {names}" if names else ""))


def read_recording(file: Path, option: str) -> "Corpus":
    """Read a recording; say on the standard error when it has no end.

    Raises:
        InvalidArgument: It is no recording of this version.
    """
    from frontdesk.recordings import RecordingError, read_corpus

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            corpus = read_corpus(file)
        except RecordingError as error:
            raise InvalidArgument("", f"{option}: {error}") from None
    for warning in caught:
        say(f"frontdesk: {warning.message}")
    return corpus
