"""``frontdesk mcp``: the methods as tools for applications with a language model."""

import asyncio
import logging
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from frontdesk.cli.arguments.help import PlainCommand
from frontdesk.cli.arguments.options import BaseUrl, Token
from frontdesk.cli.output.services import service
from frontdesk.cli.output.terminal import on_end, say
from frontdesk.errors import FrontdeskError
from frontdesk.grammar import counted

if TYPE_CHECKING:
    from frontdesk import AsyncAgentClient
    from frontdesk.mcp import ServerOptions

__all__ = ["register"]

BUDGET: Final = 1_000
MAX_BYTES: Final = 24_000
PAGE_LIMIT: Final = 20


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("mcp", cls=PlainCommand)(mcp)


def mcp(
    allow: Annotated[
        list[str] | None,
        typer.Option(
            metavar="METHODS",
            help="Methods that change something and are tools too, such as send_event,tag_thread; "
            "defaults to none.",
        ),
    ] = None,
    only: Annotated[
        list[str] | None,
        typer.Option(
            metavar="METHODS",
            help="The methods that read and are tools, such as list_chats,get_chat; defaults to "
            "all of them.",
        ),
    ] = None,
    budget: Annotated[
        int,
        typer.Option(
            min=0, metavar="NUMBER", help="The most requests to send; calls beyond are refused."
        ),
    ] = BUDGET,
    max_bytes: Annotated[
        int,
        typer.Option(
            min=1_000,
            max=10_000_000,
            metavar="BYTES",
            help="The largest result; longer ones are cut and say so.",
        ),
    ] = MAX_BYTES,
    page_limit: Annotated[
        int, typer.Option(min=1, max=100, metavar="NUMBER", help="Items of a page at most.")
    ] = PAGE_LIMIT,
    notes: Annotated[
        bool, typer.Option("--notes", help="Include what only agents see, such as notes.")
    ] = False,
    http: Annotated[
        int | None,
        typer.Option(
            "--http",
            min=0,
            max=65535,
            metavar="PORT",
            help="Serve over HTTP on this port of 127.0.0.1, 0 for a free one; defaults to the "
            "standard input and output.",
        ),
    ] = None,
    version: Annotated[
        str,
        typer.Option("--api-version", metavar="VERSION", help="Version of the API, such as 3.7."),
    ] = "3.6",
    base_url: BaseUrl = None,
    token: Token = None,
) -> None:
    """Serve methods as tools of a language model (MCP).

    An application with a language model starts this command and talks to it over its standard
    input and output. The model gets the methods that only read, and those of --allow. What it
    reads, customers' names and messages among it, goes to the model's provider.
    """
    from frontdesk import AsyncAgentClient
    from frontdesk.mcp import ServerOptions

    options = ServerOptions(
        allow=_names(allow),
        only=_names(only),
        max_bytes=max_bytes,
        page_limit=page_limit,
        notes=notes,
    )
    client = AsyncAgentClient(token, base_url=base_url, version=version, budget=budget)
    # The library logs what it receives, and a log without handlers goes to the standard error.
    logging.getLogger("mcp").addHandler(logging.NullHandler())
    asyncio.run(_serve(client, options, http, f"{service(base_url)}; {_costs(budget)}"))


async def _serve(
    client: "AsyncAgentClient", options: "ServerOptions", port: int | None, about: str
) -> None:
    from frontdesk.mcp import serve_http, serve_stdio
    from frontdesk.mcp.server import Toolbox, server_of

    async with client:
        toolbox = Toolbox(client, options)
        changing = ", ".join(toolbox.writing) or "none of which changes anything"
        if toolbox.writing:
            changing = f"of which these change something: {changing}"
        say(f"frontdesk: talking to {about}")
        say(f"frontdesk: {counted(len(toolbox.names), 'tool')}, {changing}")
        server = server_of(toolbox)
        if port is not None:
            try:
                await serve_http(
                    server, port, on_ready=lambda url: say(f"ready: {url}; Ctrl-C ends")
                )
            except OSError as error:
                raise FrontdeskError(
                    f"cannot serve on port {port}: {error.strerror}; `--http 0` takes a free one"
                ) from None
            return
        if sys.stdin is not None and sys.stdin.isatty():
            say("ready: waits for an application on the standard input; Ctrl-C ends")
        serving: asyncio.Future[Any] = asyncio.ensure_future(serve_stdio(server))
        on_end(serving.cancel)
        with suppress(asyncio.CancelledError):
            await serving


def _names(given: list[str] | None) -> tuple[str, ...]:
    """Return names that are given with commas, in several options, or both."""
    names = [name.strip() for each in given or () for name in each.split(",")]
    return tuple(dict.fromkeys(name for name in names if name))


def _costs(budget: int) -> str:
    return f"at most {counted(budget, 'request')}"
