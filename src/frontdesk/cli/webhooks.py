"""``frontdesk webhooks``: see webhooks as they come, and send recorded ones again."""

import asyncio
import json
import secrets
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, Any, Final, Literal, cast
from urllib.parse import urlsplit, urlunsplit

import typer
from msgspec import UNSET

from frontdesk.actions.configuration.webhooks import check_url
from frontdesk.cli.arguments.help import PlainCommand
from frontdesk.cli.arguments.options import BaseUrl, Host, Port, Token
from frontdesk.cli.call.method_commands import add_commands
from frontdesk.cli.configuration import WEBHOOKS
from frontdesk.cli.output.describer import Describer
from frontdesk.cli.output.terminal import (
    OutputClosed,
    OutputFailed,
    check_names,
    line_printer,
    on_end,
    print_json,
    print_line,
    printable,
    say,
    why_not,
)
from frontdesk.codec.plain import is_array, is_object
from frontdesk.errors import (
    AuthenticationError,
    AuthorizationError,
    FrontdeskError,
    InvalidArgument,
    TransportError,
    ValidationError,
)
from frontdesk.grammar import counted, listed
from frontdesk.models import WEBHOOK_ADDITIONAL_DATA, WEBHOOK_FILTERS, WebhookAction
from frontdesk.pushes.subjects import chat_id_of

__all__ = ["register"]

USUAL: Final[tuple[WebhookAction, ...]] = ("incoming_chat", "incoming_event", "chat_deactivated")
WebhookType = Literal["license", "bot"]
Show = Callable[[bytes], None]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(
        help="Register webhooks, see them come, and send them again.",
        no_args_is_help=True,
    )
    group.command("listen", cls=PlainCommand)(listen)
    group.command("replay", cls=PlainCommand)(replay)
    add_commands(group, *WEBHOOKS)
    app.add_typer(group, name="webhooks")


def listen(
    actions: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="ACTION",
            help=f"Names of webhooks, or `all`; defaults to {listed(USUAL)}.",
        ),
    ] = None,
    owner_client_id: Annotated[
        str,
        typer.Option(
            metavar="ID",
            envvar="FRONTDESK_CLIENT_ID",
            help="Client id of the application that the webhooks are registered for; required.",
        ),
    ] = "",
    url: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            help="Where LiveChat reaches this machine, such as a tunnel's address; defaults to the "
            "address listened at, which is enough for a sandbox.",
        ),
    ] = None,
    host: Host = "127.0.0.1",
    port: Port = 0,
    kind: Annotated[
        WebhookType,
        typer.Option("--type", help="Whose webhooks: of the whole license, or of the bot."),
    ] = "license",
    additional_data: Annotated[
        bool,
        typer.Option("--additional-data", help="Ask for the chat's properties and its users too."),
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object a line, for pipes and `replay`.")
    ] = False,
    base_url: BaseUrl = None,
    token: Token = None,
) -> None:
    """Register webhooks, and print them as they come.

    Ctrl-C ends and unregisters them. Each webhook costs one request to register and one to
    unregister. The secret and the path are random, so nobody else can send any.
    """
    if not owner_client_id:
        raise InvalidArgument("--owner-client-id", "is required, here or as FRONTDESK_CLIENT_ID")
    if url is not None:
        check_url(url)
    if not host:
        raise InvalidArgument("--host", "must be an address or a name of this machine")
    listener = _Listener(
        actions=_known(actions or USUAL),
        owner_client_id=owner_client_id,
        kind=kind,
        additional_data=additional_data,
        show=_print_json if as_json else _print_line(),
    )
    asyncio.run(listener.run(host, port, url, base_url, token))


def replay(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE", help="What `listen --json` printed; `-` reads the standard input."
        ),
    ],
    url: Annotated[
        str, typer.Option(metavar="URL", help="Address of the application to send them to.")
    ],
    secret: Annotated[
        str | None,
        typer.Option(
            metavar="SECRET",
            envvar="FRONTDESK_WEBHOOK_SECRET",
            help="The secret_key to send with them; required for what `listen` recorded.",
        ),
    ] = None,
    timeout: Annotated[
        float,
        typer.Option(
            min=0.1, max=86_400, metavar="SECONDS", help="How long to wait for each response."
        ),
    ] = 10.0,
) -> None:
    """Send recorded webhooks to an application.

    They are sent one after another, and the responses are printed. Exits with 1 if any of the
    responses is not 200.
    """
    from frontdesk.transport import Request
    from frontdesk.transport.urllib3 import Urllib3Transport

    check_url(url)
    webhooks = list(_recorded(file))
    if not webhooks:
        raise InvalidArgument("FILE", "holds no webhooks; `listen --json` records them")
    if secret is None and not all("secret_key" in webhook for webhook in webhooks):
        raise InvalidArgument("--secret", "is required, since recorded webhooks have no secret_key")
    transport = Urllib3Transport(url, proxy="")
    failed = 0
    headers = {"Content-Type": "application/json"}
    for webhook in webhooks:
        if secret is not None:
            webhook["secret_key"] = secret
        body = json.dumps(webhook, separators=(",", ":")).encode()
        try:
            reply = transport.send(Request(url, headers, body, timeout))
        except FrontdeskError as error:
            outcome = str(error)
            failed += 1
        else:
            outcome = str(reply.status)
            failed += reply.status != 200  # noqa: PLR2004 - the one that counts as success
        print_line(f"{printable(str(webhook.get('action')))}: {outcome}")
    transport.close()
    print_line(f"accepted: {len(webhooks) - failed} of {counted(len(webhooks), 'webhook')}")
    if failed:
        raise typer.Exit(1)


class _Listener:
    """Takes the webhooks of ``listen``."""

    def __init__(
        self,
        *,
        actions: list[WebhookAction],
        owner_client_id: str,
        kind: str,
        additional_data: bool,
        show: Show,
    ) -> None:
        from frontdesk.webhooks import Receiver

        self._actions = actions
        self._owner = owner_client_id
        self._kind: Any = kind
        self._additional_data = additional_data
        self._show = show
        self._secret = secrets.token_urlsafe(24)
        self._path = f"/{secrets.token_urlsafe(16)}"
        self._receiver = Receiver(self._secret)
        self._end = asyncio.Event()
        self._failure: OutputFailed | None = None

    async def run(
        self, host: str, port: int, url: str | None, base_url: str | None, token: Token
    ) -> None:
        """Serve and be registered until the user or the system ends it."""
        from aiohttp import web

        from frontdesk import AsyncConfigurationClient

        on_end(self._end.set)
        if url is not None:
            self._path = urlsplit(url).path.rstrip("/") + self._path
        app = web.Application()
        app.router.add_post(self._path, self._receive)
        runner = web.AppRunner(app, access_log=None)
        async with AsyncConfigurationClient(token, base_url=base_url) as client:
            await runner.setup()
            try:
                site = web.TCPSite(runner, host, port)
                try:
                    await site.start()
                except OSError as error:
                    raise _cannot_listen(host, port, error.strerror or str(error)) from None
                except ValueError:
                    # A name that cannot be written in the form that name servers take.
                    raise _cannot_listen(host, port, "this is not a host name") from None
                where = url or f"http://{host}:{runner.addresses[0][1]}"
                await self._registered(client, self._public(where))
            finally:
                await runner.cleanup()

    def _public(self, where: str) -> str:
        """The address to register: that of the listener, with the random path."""
        parts = urlsplit(where)
        return urlunsplit((parts.scheme, parts.netloc, self._path, "", ""))

    async def _registered(self, client: Any, url: str) -> None:
        may_be_there = False
        try:
            for action in self._actions:
                if self._end.is_set():
                    return
                has_chat = self._additional_data and action != "agent_deleted"
                registering = client.register_webhook(
                    action=action,
                    url=url,
                    secret_key=self._secret,
                    owner_client_id=self._owner,
                    type=self._kind,
                    description="frontdesk webhooks listen",
                    additional_data=list(WEBHOOK_ADDITIONAL_DATA) if has_chat else UNSET,
                )
                try:
                    await registering
                except BaseException as error:
                    may_be_there = may_be_there or not _is_refusal(error)
                    raise
                may_be_there = True
            say(
                f"ready: {counted(len(self._actions), 'webhook')} registered for {url}; Ctrl-C ends"
            )
            await self._tell_state(client)
            await self._end.wait()
        finally:
            if may_be_there:
                await self._unregister(client, url)
        if self._failure is not None:
            raise self._failure

    async def _tell_state(self, client: Any) -> None:
        """Say that nothing will come, if webhooks of the license are switched off."""
        if self._kind != "license":
            return
        try:
            state = await client.get_license_webhooks_state(owner_client_id=self._owner)
        except FrontdeskError:
            return  # the token may not ask, and nothing depends on it
        if not state.license_webhooks_enabled:
            say(
                "frontdesk: webhooks of the license are switched off, so none will come; "
                "`frontdesk webhooks enable` switches them on"
            )

    async def _unregister(self, client: Any, url: str) -> None:
        """Unregister what has this address: even what was registered without a response."""
        try:
            listed = await client.list_webhooks(owner_client_id=self._owner)
        except FrontdeskError as error:
            say(f"nobody can tell whether webhooks are still registered for {url}: {error}")
            return
        ids = [webhook.id for webhook in listed if webhook.url == url]
        left = 0
        for webhook_id in ids:
            try:
                await client.unregister_webhook(id=webhook_id, owner_client_id=self._owner)
            except FrontdeskError as error:
                left += 1
                say(f"webhook {webhook_id} is still registered: {error}")
        say(f"unregistered {counted(len(ids) - left, 'webhook')}")

    async def _receive(self, request: Any) -> Any:
        from aiohttp import web

        body = await request.read()
        content_type = request.headers.get("Content-Type")
        response = await self._receiver.handle(body, content_type=content_type)
        if response.status == 200:  # noqa: PLR2004 - only what was accepted is shown
            try:
                self._show(body)
            except OutputFailed as error:
                self._failure = None if isinstance(error, OutputClosed) else error
                self._end.set()
        return web.Response(body=response.body, status=response.status, headers=response.headers)


def _is_refusal(error: BaseException) -> bool:
    """Tell whether a failed request has surely changed nothing."""
    if isinstance(error, TransportError):
        return not error.maybe_sent
    return isinstance(error, (AuthenticationError, AuthorizationError, ValidationError))


def _cannot_listen(host: str, port: int, why: str) -> FrontdeskError:
    return FrontdeskError(f"cannot listen at {host!r}, port {port}: {why}; see --host and --port")


def _known(actions: "list[str] | tuple[str, ...]") -> list[WebhookAction]:
    if "all" in actions:
        return list(WEBHOOK_FILTERS)
    check_names(actions, WEBHOOK_FILTERS, "webhook", "ACTION")
    return cast("list[WebhookAction]", list(dict.fromkeys(actions)))


def _print_json(body: bytes) -> None:
    webhook = json.loads(body)
    del webhook["secret_key"]
    # ASCII: a lone surrogate, which JSON can hold and UTF-8 cannot, stays as it came.
    print_json(json.dumps(webhook, separators=(",", ":")).encode())


def _print_line() -> Show:
    from frontdesk.webhooks import parse

    show_line = line_printer()
    describer = Describer()

    def show(body: bytes) -> None:
        webhook = parse(body)
        payload = webhook.payload
        show_line(webhook.action, chat_id_of(payload) or "", "", describer.describe(payload))

    return show


def _recorded(file: Path) -> Iterator[dict[str, Any]]:
    """Read webhooks: a JSON object a line, one object, a list, or what a sandbox lists."""
    try:
        data = _standard_input() if str(file) == "-" else file.read_bytes()
        text = data.decode("utf-8-sig")
    except UnicodeError:
        raise InvalidArgument("FILE", f"cannot be read: {file} is not UTF-8") from None
    except OSError as error:
        raise InvalidArgument("FILE", f"cannot be read: {why_not(error)}") from None
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        lines = enumerate(text.splitlines(), 1)
        content = [_line(number, line) for number, line in lines if line.strip()]
    yield from _webhooks_in(content)


def _standard_input() -> bytes:
    """Read the standard input as UTF-8, whatever the locale; empty if the caller closed it."""
    stream: Any = sys.stdin
    return b"" if stream is None else stream.buffer.read()


def _webhooks_in(content: Any) -> Iterator[dict[str, Any]]:
    if is_array(content):
        for item in content:
            yield from _webhooks_in(item)
    elif not is_object(content):
        raise InvalidArgument("FILE", "has something that is not a webhook")
    elif "deliveries" in content or "webhook" in content:
        yield from _webhooks_in(content.get("deliveries", content.get("webhook")))
    elif "action" in content and "payload" in content:
        yield content
    else:
        raise InvalidArgument("FILE", "has an object without `action` and `payload`")


def _line(number: int, line: str) -> Any:
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        raise InvalidArgument("FILE", f"line {number} is not JSON") from None
