"""``frontdesk tail``: follow the pushes of an organization as they come."""

import asyncio
import json
from collections.abc import Callable
from contextlib import suppress
from typing import Annotated, Any

import typer

from frontdesk.cli.arguments.help import PlainCommand
from frontdesk.cli.arguments.options import BaseUrl, Token
from frontdesk.cli.arguments.organizations import OrganizationId
from frontdesk.cli.output.describer import Describer
from frontdesk.cli.output.terminal import (
    OutputClosed,
    check_names,
    line_printer,
    on_end,
    print_json,
    say,
)
from frontdesk.codec.decoding import encode
from frontdesk.core.rtm.settings import Level
from frontdesk.grammar import counted
from frontdesk.pushes.subjects import chat_id_of
from frontdesk.redaction import redacted

__all__ = ["register"]

Show = Callable[[Any], None]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("tail", cls=PlainCommand)(tail)


def tail(
    kinds: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="PUSH", help="Names of pushes, such as incoming_event; defaults to all."
        ),
    ] = None,
    organization_id: OrganizationId = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object a line, for pipes.")
    ] = False,
    chat: Annotated[
        str | None, typer.Option(metavar="ID", help="Print only pushes about this chat.")
    ] = None,
    count: Annotated[
        int | None,
        typer.Option("--count", "-n", min=1, metavar="NUMBER", help="End after this many pushes."),
    ] = None,
    recover: Annotated[
        bool,
        typer.Option(
            help="After an interruption, read back the events that were missed (costs requests)."
        ),
    ] = True,
    monitor: Annotated[
        Level | None, typer.Option(help="Which customers on the website to report.")
    ] = None,
    version: Annotated[
        str,
        typer.Option("--api-version", metavar="VERSION", help="Version of the API, such as 3.7."),
    ] = "3.6",
    base_url: BaseUrl = None,
    token: Token = None,
) -> None:
    """Print the pushes of an organization as they come.

    Reconnects by itself; Ctrl-C ends. Logs in as away and leaves without logging out, so that the
    agent's other sessions stay as they are. What happens to the connection is reported on the
    standard error.
    """
    action_names = _known(kinds or [])
    describer = Describer()
    show = _print_json if as_json else _printer(describer)
    options = {
        "token": token,
        "organization_id": organization_id or None,
        "base_url": base_url,
        "version": version,
        "customer_monitoring_level": monitor,
        "recover": recover and (not action_names or "incoming_event" in action_names),
    }
    # Who reads the pipe may end before the pushes do, as `head` does.
    with suppress(OutputClosed):
        asyncio.run(_follow(action_names, chat, count, show, describer, options))


async def _follow(
    action_names: list[str],
    chat: str | None,
    count: int | None,
    show: Show,
    describer: Describer,
    options: dict[str, Any],
) -> None:
    from frontdesk import AsyncAgentRTM, ConnectionLost, PushesLost, Reconnected
    from frontdesk.core.rtm.recovery.views import WATCHED
    from frontdesk.pushes import PUSHES, Push

    if action_names:
        options["pushes"] = sorted({*action_names, *(WATCHED if options["recover"] else ())})
    kinds = [PUSHES[name] for name in action_names] or [Push]
    rtm = AsyncAgentRTM(**options, away=True, logout=False)
    subscription = rtm.pushes(*kinds, ConnectionLost, Reconnected, PushesLost, chat_id=chat)
    async with rtm:
        _end_on_signals(rtm)
        describer.learn(rtm.login_response)
        whose = options["organization_id"] or "the organization of the token"
        say(f"ready: following {whose}; Ctrl-C ends")
        left = count
        async for item in subscription:
            match item:
                case ConnectionLost():
                    why = redacted(str(item.error))
                    why = why.replace("`base_url`", "`--base-url`")
                    say(f"connection lost: {why}; next attempt in {item.retry_in:.1f} s")
                case Reconnected(complete=True):
                    say(
                        f"connected again after {item.seconds:.1f} s; "
                        f"{counted(item.recovered, 'event')} read back with "
                        f"{counted(item.requests, 'request')}"
                    )
                case Reconnected():
                    say(f"connected again after {item.seconds:.1f} s; nothing read back")
                case PushesLost():
                    say("some pushes were missed here")
                case _:
                    show(item)
                    left = None if left is None else left - 1
                    if left == 0:
                        return


def _end_on_signals(rtm: Any) -> None:
    loop = asyncio.get_running_loop()
    closing: list[asyncio.Task[None]] = []
    on_end(lambda: closing.append(loop.create_task(rtm.close())))


def _known(kinds: list[str]) -> list[str]:
    from frontdesk.pushes import PUSHES

    if "all" in kinds:
        return []
    check_names(kinds, PUSHES, "push", "PUSH")
    return list(dict.fromkeys(kinds))


def _print_json(push: Any) -> None:
    from frontdesk.pushes import UnknownPush, payload_of

    name = push.action if isinstance(push, UnknownPush) else push.spec.name
    line = b'{"action":%b,"version":%b,"recovered":%b,"payload":%b}' % (
        json.dumps(name).encode(),
        json.dumps(push.version).encode(),
        b"true" if push.recovered else b"false",
        encode(payload_of(push)),
    )
    print_json(line)


def _printer(describer: Describer) -> Show:
    from frontdesk.pushes import UnknownPush

    show_line = line_printer()

    def show(push: Any) -> None:
        name = push.action if isinstance(push, UnknownPush) else push.spec.name
        recovered = "recovered" if push.recovered else ""
        show_line(name, chat_id_of(push) or "", recovered, describer.describe(push))

    return show
