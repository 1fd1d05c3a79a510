"""``frontdesk sandbox``: serve a sandbox."""

import gc
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from frontdesk.cli.arguments.options import Host, Port
from frontdesk.cli.output.terminal import OutputFailed, line_printer, print_line, say
from frontdesk.cli.traffic.replay import serve_recording
from frontdesk.codec.plain import is_object
from frontdesk.errors import InvalidArgument

if TYPE_CHECKING:
    from frontdesk.sandbox.calls.recording import RecordedCall, Recorder

__all__ = ["register"]

PORT = 8080
CONSOLE = "/__sandbox__/console"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("sandbox")(serve)


def serve(
    context: typer.Context,
    host: Host = "127.0.0.1",
    port: Port = PORT,
    db: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Database file, which keeps the world; defaults to memory."
        ),
    ] = None,
    seed: Annotated[
        str,
        typer.Option(
            metavar="[demo|quiet|empty|bulk:N]",
            help="What a new world begins with: a small company with chats going on (demo) or "
            "without (quiet), its owner alone (empty), or N archived threads (bulk:N).",
        ),
    ] = "demo",
    random_seed: Annotated[
        int,
        typer.Option(
            metavar="NUMBER", help="The same number gives the same ids, history and faults."
        ),
    ] = 0,
    tls: Annotated[
        bool, typer.Option("--tls", help="Serve HTTPS with a certificate of its own.")
    ] = False,
    rate_limit: Annotated[
        list[str] | None,
        typer.Option(
            metavar="RATE",
            help="Calls that each token may make: 180/min or 5/10s of every method, send_event=3/s "
            "of one. Can be given several times.",
        ),
    ] = None,
    open_control: Annotated[
        bool,
        typer.Option("--open-control", help="Let other machines use /__sandbox__ too."),
    ] = False,
    allow_host: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help="A name that callers may reach the sandbox by, besides localhost and --host: in "
            "compose files the service's name. Can be given several times.",
        ),
    ] = None,
    allow_origin: Annotated[
        list[str] | None,
        typer.Option(
            metavar="ORIGIN",
            help="A web page that may call the API, such as http://localhost:3000. Can be given "
            "several times.",
        ),
    ] = None,
    fixed_tokens: Annotated[
        bool,
        typer.Option(
            "--fixed-tokens",
            help="Keep the well-known tokens with a --host that other machines can reach; "
            "they are random there otherwise.",
        ),
    ] = False,
    work_schedules: Annotated[
        bool,
        typer.Option(
            "--work-schedules", help="Working hours of agents and bots change their statuses."
        ),
    ] = False,
    verbose: Annotated[
        bool,
        typer.Option("--verbose", "-v", help="Print a line for each call, over HTTP and RTM."),
    ] = False,
    webhook_host: Annotated[
        list[str] | None,
        typer.Option(
            metavar="HOST",
            help="Where webhooks may go besides this machine: a host name, an address, a network, "
            "or * for everywhere. With a --host that other machines can reach, localhost needs it "
            "too. Can be given several times.",
        ),
    ] = None,
    open_console: Annotated[
        bool,
        typer.Option(
            "--open",
            help="Open the sandbox's console in a browser: be a customer, see everything that "
            "happens.",
        ),
    ] = False,
    replay: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Serve what `frontdesk record` recorded, in the place of a sandbox; "
            "with no options of a sandbox but --host and --port.",
        ),
    ] = None,
    replay_webhooks: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            help="With --replay: where on this machine recorded webhooks go, with "
            "FRONTDESK_WEBHOOK_SECRET as their secret.",
        ),
    ] = None,
    replay_again: Annotated[
        bool,
        typer.Option(
            "--replay-again",
            help="With --replay: give the last response again when all were given.",
        ),
    ] = False,
) -> None:
    """Serve a sandbox that speaks LiveChat's Agent Chat API.

    Prints `ready` and its address once it accepts calls; SIGTERM ends it in good order.
    """
    if replay is not None:
        _refuse_others(context)
        serve_recording(replay, host, port, webhooks=replay_webhooks, again=replay_again)
        return
    if replay_webhooks is not None or replay_again:
        name = "--replay-again" if replay_webhooks is None else "--replay-webhooks"
        raise InvalidArgument(name, "needs `--replay`")
    from frontdesk.sandbox.backend import Backend
    from frontdesk.sandbox.calls.rate_limits import parse_rate
    from frontdesk.sandbox.serve.options import ServerOptions
    from frontdesk.sandbox.serve.server import Server

    options = ServerOptions(
        host=host,
        port=port,
        tls=tls,
        open_control=open_control,
        allow_hosts=allow_host or (),
        allow_origins=allow_origin or (),
        fixed_tokens=fixed_tokens,
    )
    limits = [parse_rate(text) for text in rate_limit or ()]
    if db is not None and db.is_dir():
        raise InvalidArgument("--db", f"must be a file, and {db} is a folder")
    backend = Backend(
        seed=seed,
        random_seed=random_seed,
        path=db,
        webhook_hosts=webhook_host or (),
        work_schedules=work_schedules,
    )
    try:
        for limit in limits:
            backend.limits.set(limit)
        server = Server(backend, options)
        for name, token in backend.tokens().items():
            print_line(f"token {name:<11} {token}")
        print_line(f"organization {backend.world.store.company.license.organization_id}")
        print_line(f"accounts {server.url}/accounts")
        print_line(f"controls {server.url}/__sandbox__/")
        print_line(f"console {server.url}{CONSOLE}")
        if server.authority is not None:
            print_line(f"ca {server.authority}")
        if verbose:
            _print_calls(backend.recorder)
        # What is loaded stays: no call has to wait for a search for garbage in it.
        gc.freeze()

        def show_ready() -> None:
            print_line(f"ready {server.url}")
            if open_console:
                _open_browser(f"{server.url}{CONSOLE}")

        server.run(on_ready=show_ready)
    finally:
        backend.close()
        # The process ends: a last search for garbage would take longer than all the rest.
        gc.freeze()


REPLAYING: Final = frozenset({"host", "port", "replay", "replay_again", "replay_webhooks"})
"""The parameters that count with ``--replay``."""


def _refuse_others(context: typer.Context) -> None:
    """Refuse options that a recording has no use for: it would not do what they say."""
    for name in context.params.keys() - REPLAYING:
        source = context.get_parameter_source(name)
        if source is not None and source.name == "COMMANDLINE":
            raise InvalidArgument(name, "is for a sandbox, and `--replay` serves a recording")


def _open_browser(address: str) -> None:
    """Open a page on a thread of its own: some browsers take seconds, or end with the page."""
    import webbrowser

    def show() -> None:
        try:
            opened = webbrowser.open(address)
        except webbrowser.Error:
            opened = False
        if not opened:
            say(f"no browser could be opened; the console is at {address}")

    threading.Thread(target=show, name="frontdesk-console", daemon=True).start()


def _print_calls(recorder: "Recorder") -> None:
    """Print calls as they come, until nobody reads them any more."""
    show = line_printer()

    def show_call(call: "RecordedCall") -> None:
        request = call.request
        chat_id = ""
        if is_object(request):
            chat_id = str(request.get("chat_id") or request.get("id") or "")
        outcome = call.error or "ok"
        if call.fault is not None:
            outcome += f" (fault {call.fault})"
        where = f"{call.transport} {call.version} {call.status or ''}".rstrip()
        try:
            show(call.action, chat_id, outcome, f"{where} {call.requester_id or 'nobody'}")
        except OutputFailed:
            # The sandbox serves on: it is not there for its reader.
            unsubscribe()

    unsubscribe = recorder.subscribe(show_call)
