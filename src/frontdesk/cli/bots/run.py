"""``frontdesk bot run``: run a bot, in a sandbox or on the real service."""

import asyncio
import os
import secrets
import tempfile
from collections.abc import Awaitable, Callable, Coroutine
from pathlib import Path
from typing import Annotated, Any, Final
from urllib.parse import urlsplit

import typer
from msgspec import Struct

from frontdesk.auth import FileTokenStore, MemoryTokenStore
from frontdesk.auth.stores.base import RecordStore
from frontdesk.bots import Bot, Engine, LocalEngine
from frontdesk.bots.registrations import (
    BotRegistrar,
    BotRegistration,
    BotRegistrations,
    InstalledBots,
)
from frontdesk.cli.arguments.command_calls import call_of
from frontdesk.cli.arguments.options import BaseUrl, Host, Port, Token
from frontdesk.cli.bots.credentials import ClientId, OrganizationId, StorePath, app_of, store_at
from frontdesk.cli.bots.loading import BotPlace, LoadedBot, load_bot, split_place
from frontdesk.cli.bots.reloading import Reloader, end_with_reloader
from frontdesk.cli.bots.serving import free_port, logged_to_terminal, serve_rtm, serve_webhooks
from frontdesk.cli.output.services import is_local, service
from frontdesk.cli.output.terminal import print_line, printable, say
from frontdesk.clients.options import DEFAULT_BASE_URL
from frontdesk.errors import FrontdeskError, InvalidArgument, MissingToken
from frontdesk.grammar import counted
from frontdesk.rendered.configuration import ConfigurationClient
from frontdesk.webhooks import Receiver
from frontdesk.well_known import CLIENT_ID, OWNER_TOKEN

__all__ = ["run"]

SEED: Final = "quiet"
PATH_BYTES: Final = 12
ANYWHERE: Final = frozenset({"0.0.0.0", "::"})  # noqa: S104 - what the user may listen at
RUN_STORE: Final = "FRONTDESK_BOT_RUN_STORE"
"""Set for the processes of ``--reload``: where the bot of the sandbox is kept between them."""


def run(
    context: typer.Context,
    place: BotPlace = "bot.py",
    sandbox: Annotated[
        bool,
        typer.Option(
            "--sandbox", help="In a sandbox of its own: the default, unless --base-url says where."
        ),
    ] = False,
    live: Annotated[
        bool,
        typer.Option(
            "--live",
            help="With what `bot register` has stored: on the real service, or at --base-url.",
        ),
    ] = False,
    rtm: Annotated[
        bool,
        typer.Option(
            "--rtm", help="On RTM instead of webhooks: an agent's token listens for the bot."
        ),
    ] = False,
    reload: Annotated[
        bool, typer.Option("--reload", help="Start it anew whenever a file beside it is saved.")
    ] = False,
    host: Host = "127.0.0.1",
    port: Port = 0,
    path: Annotated[
        str,
        typer.Option(
            metavar="PATH",
            help="Path of the webhooks; defaults to that of the registered URL, and to a random "
            "one in a sandbox.",
        ),
    ] = "",
    journal: Annotated[
        Path | None,
        typer.Option(metavar="DIRECTORY", help="Keeps accepted webhooks until they are handled."),
    ] = None,
    dead_letters: Annotated[
        Path | None,
        typer.Option(
            metavar="DIRECTORY", help="Keeps what was given up, for `frontdesk bot queue`."
        ),
    ] = None,
    name: Annotated[
        str,
        typer.Option(
            metavar="NAME", help="Which bot of the store; defaults to that of `Bot(name=…)`."
        ),
    ] = "",
    owner_client_id: ClientId = None,
    organization_id: OrganizationId = None,
    store: StorePath = None,
    base_url: BaseUrl = None,
    token: Token = None,
) -> None:
    """Run a bot, in a sandbox or for real.

    Ctrl-C ends it, after what was accepted is handled.

    Says which service it talks to. Errors of handlers are shown with the lines of your file. In a
    sandbox the bot and its webhooks are registered at the start and removed at the end; on the
    real service it uses what `frontdesk bot register` has stored.
    """
    if live and sandbox:
        raise InvalidArgument("--live", "cannot be given with `--sandbox`")
    if path and not path.startswith("/"):
        raise InvalidArgument("--path", "must begin with /")
    if not host:
        raise InvalidArgument("--host", "must be an address or a name of this machine")
    file, _ = split_place(place)
    is_own = sandbox or (base_url is None and not live)
    is_registered = not is_own and (live or not is_local(base_url))
    if not is_registered and not path:
        path = f"/webhooks/{secrets.token_urlsafe(PATH_BYTES)}"
    if reload:
        port = port or free_port(host)
    options = RunOptions(place, name, host, port, path, rtm, journal, dead_letters)
    if is_own:
        _run_in_own_sandbox(options, file, reload=reload)
        return
    base_url = base_url or DEFAULT_BASE_URL
    if reload:
        _reload(options, file, _environment(context, base_url, token, store), live=is_registered)
    elif is_registered:
        _run(
            options,
            base_url,
            lambda loaded: _run_registered(options, loaded, base_url, token, store_at(store)),
        )
    else:
        client_id, organization = app_of(context, owner_client_id, organization_id, base_url)
        app = _App(base_url, token or f"Bearer {OWNER_TOKEN}", client_id, organization)
        _run(options, base_url, lambda loaded: _run_in_sandbox(options, loaded, app))


class RunOptions(Struct, frozen=True):
    """What the user gave, for this process or for those of ``--reload``."""

    place: str
    name: str
    host: str
    port: int
    path: str
    rtm: bool
    journal: Path | None
    dead_letters: Path | None

    def engine(self) -> Engine | None:
        """Return what moves the bot's work, if not the default."""
        if self.journal is None and self.dead_letters is None:
            return None
        return LocalEngine(journal=self.journal, dead_letters=self.dead_letters)

    def command(self) -> list[str]:
        """Return the words of the command that runs the bot once."""
        words = ["-m", "frontdesk", "bot", "run", self.place]
        for option, value in (
            ("--host", self.host),
            ("--port", self.port),
            ("--path", self.path),
            ("--name", self.name),
            ("--journal", self.journal),
            ("--dead-letters", self.dead_letters),
        ):
            words += [f"{option}={value}"] if value else []
        return [*words, "--rtm"] if self.rtm else words


class _App(Struct, frozen=True):
    """Where a bot registers itself, and for which app."""

    base_url: str
    token: Any
    client_id: str
    organization_id: str


def _run_in_own_sandbox(options: RunOptions, file: Path, *, reload: bool) -> None:
    """Serve a sandbox, and run the bot in it, here or in a process after each save."""
    from frontdesk.sandbox import Sandbox

    with (
        Sandbox.serve(SEED) as sandbox,
        tempfile.TemporaryDirectory(prefix="frontdesk-bot-") as folder,
    ):
        app = _App(sandbox.url, sandbox.tokens["owner"], CLIENT_ID, sandbox.organization_id)
        if not reload:
            _run(options, app.base_url, lambda loaded: _run_in_sandbox(options, loaded, app))
            return
        environment = {
            "FRONTDESK_BASE_URL": app.base_url,
            "FRONTDESK_TOKEN": app.token,
            "FRONTDESK_CLIENT_ID": app.client_id,
            "FRONTDESK_ORGANIZATION_ID": app.organization_id,
            RUN_STORE: str(Path(folder) / "bots.json"),
        }
        _reload(options, file, environment, live=False)


def _environment(
    context: typer.Context, base_url: str, token: Any, store: Path | None
) -> dict[str, str]:
    """Return the variables that the processes of ``--reload`` need besides those there are."""
    environment = {"FRONTDESK_BASE_URL": base_url}
    profile = call_of(context).profile
    if isinstance(token, str):
        environment["FRONTDESK_TOKEN"] = token
    elif profile is not None:
        environment["FRONTDESK_PROFILE"] = profile
    if store is not None:
        environment["FRONTDESK_BOT_STORE"] = str(store)
    return environment


def _reload(options: RunOptions, file: Path, environment: dict[str, str], *, live: bool) -> None:
    command = options.command() + (["--live"] if live else [])
    Reloader(command, file.resolve().parent, environment).run()


def _run(
    options: RunOptions, base_url: str, serve: Callable[[LoadedBot], Coroutine[Any, Any, None]]
) -> None:
    end_with_reloader()
    loaded = load_bot(options.place)
    if options.name:
        loaded.bot.name = options.name
    with logged_to_terminal():
        say(f"frontdesk: {printable(loaded.title)} talks to {service(base_url)}")
        asyncio.run(serve(loaded))


async def _run_in_sandbox(options: RunOptions, loaded: LoadedBot, app: _App) -> None:
    """Register the bot, run it, and unregister it."""
    kept = os.environ.get(RUN_STORE)
    store: RecordStore = FileTokenStore(kept) if kept else MemoryTokenStore()
    bot, name = loaded.bot, loaded.title
    secret = BotRegistrations(store, name).new_secret()
    bot.acts_as(lambda: InstalledBots(store, name))

    def register(url: str) -> None:
        with ConfigurationClient(app.token, base_url=app.base_url) as client:
            _registrar(client, url).register()

    def unregister() -> None:
        try:
            with ConfigurationClient(app.token, base_url=app.base_url) as client:
                _registrar(client, "").unregister()
        except FrontdeskError as error:
            say(f"frontdesk: {printable(name)} is still registered: {error}")

    def _registrar(client: ConfigurationClient, url: str) -> BotRegistrar:
        return BotRegistrar(
            bot,
            client,
            store,
            organization_id=app.organization_id,
            client_id=app.client_id,
            url=url,
            name=name,
            base_url=app.base_url,
            webhook_secret=secret,
            accepts_chats=bool(url) or options.rtm,
        )

    async def on_ready(port: int) -> None:
        url = _url(options, port)
        await asyncio.to_thread(register, url)
        print_line(f"ready {url}")

    try:
        if options.rtm:
            await asyncio.to_thread(register, "")
            await _serve_rtm(options, bot, app.token, app.base_url, app.organization_id)
        else:
            receiver = bot.receiver(secret, engine=options.engine())
            await _serve_webhooks(options, receiver, options.path, on_ready)
    finally:
        if not kept and BotRegistrations(store, name).organization_ids():
            await asyncio.to_thread(unregister)


async def _run_registered(
    options: RunOptions, loaded: LoadedBot, base_url: str, token: Any, store: RecordStore
) -> None:
    """Run the bot with what was registered, or with what its file and the environment say."""
    bot, path, organization_id = loaded.bot, options.path, ""
    if not bot.knows_itself:
        registrations = list(BotRegistrations(store, loaded.title))
        _check(registrations, loaded, base_url, store)
        say(f"frontdesk: {counted(len(registrations), 'organization')} in {store.place()}")
        bot.acts_as(InstalledBots(store, loaded.title))
        path = path or urlsplit(registrations[0].url).path
        if len(registrations) == 1:
            organization_id = registrations[0].organization_id
    if options.rtm:
        if token is None:
            raise MissingToken(
                "`--rtm` needs the token of an agent, who listens for the bot: `frontdesk login`, "
                "FRONTDESK_TOKEN or --token"
            )
        await _serve_rtm(options, bot, token, base_url, organization_id)
        return

    async def on_ready(port: int) -> None:
        print_line(f"ready {_url(options, port, path)}")

    await _serve_webhooks(options, bot.receiver(engine=options.engine()), path, on_ready)


def _check(
    registrations: list[BotRegistration], loaded: LoadedBot, base_url: str, store: RecordStore
) -> None:
    name = loaded.title
    command = f"frontdesk bot register {loaded.path} --url https://…"
    if not registrations:
        raise InvalidArgument(
            "--live",
            f"needs a registered bot, and {store.place()} has none called {name!r}; run "
            f"`{command}` first, or set FRONTDESK_BOT_TOKEN, FRONTDESK_BOT_ID and "
            "FRONTDESK_WEBHOOK_SECRET",
        )
    for registration in registrations:
        if registration.base_url != base_url.rstrip("/"):
            raise InvalidArgument(
                "--base-url", f"must be {registration.base_url}, where {name!r} is registered"
            )
        if not registration.bot_secret:
            raise InvalidArgument(
                "--live",
                f"needs a registration that is whole, and that of {name!r} in the organization "
                f"{registration.organization_id} stopped half-way; run `{command}` again",
            )


async def _serve_webhooks(
    options: RunOptions,
    receiver: Receiver,
    path: str,
    on_ready: Callable[[int], Awaitable[object]],
) -> None:
    await serve_webhooks(
        receiver, host=options.host, port=options.port, path=path, on_ready=on_ready
    )


async def _serve_rtm(
    options: RunOptions, bot: Bot, token: Any, base_url: str, organization_id: str
) -> None:
    settings: dict[str, Any] = {"base_url": base_url, "engine": options.engine()}
    if organization_id:
        settings["organization_id"] = organization_id
    await serve_rtm(bot, token, settings, lambda: print_line("ready on RTM"))


def _url(options: RunOptions, port: int, path: str | None = None) -> str:
    host = "127.0.0.1" if options.host in ANYWHERE else options.host
    host = f"[{host}]" if ":" in host else host
    return f"http://{host}:{port}{options.path if path is None else path}"
