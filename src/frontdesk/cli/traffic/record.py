"""``frontdesk record``: record what an application and the service say to each other."""

from pathlib import Path
from typing import Annotated

import typer

from frontdesk.cli.arguments.help import PlainCommand
from frontdesk.cli.arguments.options import BaseUrl, Port
from frontdesk.cli.output.services import service
from frontdesk.cli.output.terminal import print_line, say
from frontdesk.cli.traffic.signals import ended_by_signals
from frontdesk.clients.options import base_url_of
from frontdesk.errors import FrontdeskError
from frontdesk.grammar import counted
from frontdesk.spec.addresses import checked_address

__all__ = ["register_commands"]

PORT = 8090


def register_commands(app: typer.Typer) -> None:
    """Add the command."""
    app.command("record", cls=PlainCommand)(record)


def record(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The recording, a new file.")],
    port: Port = PORT,
    host: Annotated[
        str, typer.Option(metavar="ADDRESS", help="Address to listen at, one of this machine.")
    ] = "127.0.0.1",
    webhooks: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            help="Where your application takes webhooks: those that come to "
            "/__record__/webhooks of the proxy are recorded and go there.",
        ),
    ] = None,
    base_url: BaseUrl = None,
) -> None:
    """Record the traffic of an application, safe to share.

    A proxy on this machine that forwards to the service: give your application its address as the
    base URL, over HTTP or RTM, in any language. Each call, push and webhook is a line of JSON in
    FILE as soon as it passes. Tokens are removed, and names, e-mail addresses, texts and everything
    else that is not known to be safe get pseudonyms. Ctrl-C ends it; `frontdesk sandbox --replay
    FILE` plays it back.
    """
    from frontdesk.recordings import Recorder, recording_proxy

    target = base_url_of(base_url)
    if webhooks is not None:
        webhooks = checked_address("--webhooks", webhooks)
    with (
        ended_by_signals() as ended,
        Recorder(file, base_url=target) as recorder,
        recording_proxy(recorder, target, webhooks=webhooks, host=host, port=port) as proxy,
    ):
        say(f"frontdesk: recording what passes to {service(target)} into {file}; Ctrl-C ends")
        print_line(f"ready {proxy.url}")
        ended.wait()
    if recorder.failure is not None:
        raise FrontdeskError(
            f"the recording stopped before its end: {recorder.failure}; what passed until then is "
            f"in {file}"
        )
    say(f"frontdesk: {counted(recorder.entries, 'line')} in {file}")
