"""``frontdesk demo``: a story with a customer, on one screen."""

import asyncio
import inspect
from collections import Counter
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from shutil import rmtree
from typing import TYPE_CHECKING, Any, Final, ParamSpec, TypeVar

import typer

from frontdesk.cli.output.prices import PRICE
from frontdesk.cli.output.terminal import TextPrinter
from frontdesk.errors import FrontdeskError, InvalidArgument, MissingDependency
from frontdesk.grammar import counted, listed

if TYPE_CHECKING:
    from rich.text import Text

    from frontdesk import AsyncAgentClient, Call
    from frontdesk.models import Event
    from frontdesk.sandbox import Sandbox
    from frontdesk.webhooks import AnyWebhook

__all__ = ["WIDTH", "play", "register"]

WIDTH: Final = 80
LABEL: Final = 8
MANY_CHATS: Final = 10_000
OPENING: Final = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
"""When the story begins, so that it is the same each time."""
MONTH: Final = datetime(2026, 2, 1, tzinfo=UTC)
MONTH_END: Final = datetime(2026, 3, 1, tzinfo=UTC)
FOLDER: Final = Path("frontdesk-demo")
"""Where the export and the report go to, in the current folder."""
SECRET: Final = "a-secret-of-the-demo"  # noqa: S105 - it opens nothing
PATH: Final = "/webhooks"
PARCEL: Final = "4711"
QUESTION: Final = f"Hi! Where is parcel {PARCEL}?"
RESPONSE: Final = "It arrives today."
LONGEST_WAIT: Final = 30.0
"""Seconds to wait for a webhook, which takes milliseconds."""

P = ParamSpec("P")
R = TypeVar("R")


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("demo")(demo)


def demo() -> None:
    """Play a story with a customer, on one screen.

    A customer asks, an agent responds, a call fails and is retried, time passes, and there is a
    bill. Real clients call a sandbox that is served on this machine: no account is needed, and
    nothing goes out to the network.
    """
    play(TextPrinter(WIDTH))


def play(show: "Callable[[Text], object]") -> None:
    """Play the story against a sandbox of its own, and show each line as it happens."""
    from frontdesk.sandbox import Sandbox

    with Sandbox.serve("quiet", start=OPENING) as sandbox:
        asyncio.run(_Story(show, sandbox).play())


class _Story:
    """Shows what is called, what comes back, and what the customer sees."""

    def __init__(self, show: "Callable[[Text], object]", sandbox: "Sandbox") -> None:
        self._show = show
        self._sandbox = sandbox
        self._webhooks: asyncio.Queue[str] = asyncio.Queue()
        self._calls: list[Call] = []

    async def play(self) -> None:
        """Play all of it."""
        sandbox = self._sandbox
        self._line(("A company's LiveChat on this machine, for your code to talk to", "bold"))
        async with (
            sandbox.async_client(on_call=self._calls.append) as client,
            self._receiving_webhooks(),
        ):
            ann = sandbox.customer("Ann")
            self._chapter("A customer asks, and a webhook arrives")
            self._event("Ann", _text(ann.say(QUESTION)))
            await self._webhook("incoming_chat")

            self._chapter("An agent responds, and LiveChat fails for a moment")
            await self._respond(client, ann.chat_id or "")
            texts = [_text(event) for event in ann.transcript()]
            count = texts.count(RESPONSE)
            often = "once" if count == 1 else counted(count, "time")
            self._event("Ann", f"sees it {often}: {texts[-1]}")

            self._chapter("A mistake is found before it is sent and billed")
            await self._mistake(client)

            self._chapter("Half an hour passes in no time")
            self._call("sandbox.advance", sandbox.advance)(timedelta(minutes=30))
            self._event("LiveChat", _text(ann.transcript()[-1]))
            await self._webhook("chat_deactivated")
            await self._look_up(client)
        self._bill()
        self._export()
        self._next_steps()

    @asynccontextmanager
    async def _receiving_webhooks(self) -> AsyncGenerator[None, None]:
        """Serve a receiver, as an application does, and register it."""
        from aiohttp import web

        from frontdesk.sandbox.seeds.company import CLIENT_ID
        from frontdesk.webhooks import Receiver
        from frontdesk.webhooks.adapters.aiohttp import add_webhooks

        receiver = Receiver(SECRET)

        @receiver.on()
        async def take(webhook: "AnyWebhook") -> None:
            self._webhooks.put_nowait(webhook.action)

        app = web.Application()
        add_webhooks(app, PATH, receiver)
        # Where the story breaks off, nobody waits for the webhook that is on its way.
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            url = f"http://127.0.0.1:{runner.addresses[0][1]}{PATH}"
            registration: dict[str, Any] = {
                "url": url,
                "secret_key": SECRET,
                "owner_client_id": CLIENT_ID,
                "type": "license",
            }
            async with self._sandbox.async_configuration_client(
                on_call=self._calls.append
            ) as client:
                await client.register_webhook(action="incoming_chat", **registration)
                await client.register_webhook(action="chat_deactivated", **registration)
            yield
        finally:
            await runner.cleanup()

    async def _respond(self, client: "AsyncAgentClient", chat_id: str) -> None:
        from frontdesk.models import Message

        self._call("sandbox.fault", self._sandbox.fault)(
            "service_unavailable", "send_event", times=1
        )
        await self._call("client.send_event", client.send_event)(
            chat_id=chat_id, event=Message(text=RESPONSE)
        )
        failed, retry = self._sandbox.calls("send_event")
        self._event(f"HTTP {failed.status}", f"{failed.error}: not done, so safe to retry")
        self._event(f"HTTP {retry.status}", "the retry, which the client made by itself")

    async def _mistake(self, client: "AsyncAgentClient") -> None:
        try:
            await self._call("client.list_chats", client.list_chats)(limit=500)
        except InvalidArgument as error:
            self._event("error", f"InvalidArgument: {error}")

    async def _look_up(self, client: "AsyncAgentClient") -> None:
        from frontdesk.models import ArchivesFilters

        page = await self._call("client.list_archives", client.list_archives)(
            filters=ArchivesFilters(query=PARCEL)
        )
        self._event("archive", f"{counted(page.found_chats, 'chat')} found")

    def _bill(self) -> None:
        requests: Counter[str] = Counter()
        for call in self._calls:
            requests[call.action] += call.attempts
        total = requests.total()
        self._chapter("What it would have cost")
        self._event("requests", f"{total}: {listed([f'{n} {a}' for a, n in requests.items()])}")
        many = MANY_CHATS * (total - requests["register_webhook"])
        self._event(
            "LiveChat",
            f"{MANY_CHATS:,} such chats: {counted(many, 'request')}, "
            f"${many / 1000 * PRICE:.2f} at ${PRICE} for 1,000",
        )
        self._event("here", "nothing, however often your tests run")

    def _export(self) -> None:
        """Export a month of a company's archives, and report on it."""
        self._chapter("A month of archives, as tables and a report")
        try:
            from frontdesk.archives import export, make_job, open_target
        except MissingDependency as error:
            self._event("export", f"needs more: pip install '{error.install}'")
            return
        from frontdesk.sandbox import Sandbox

        chats = FOLDER / "chats"
        _remove_earlier(chats)
        job = make_job(since=MONTH, until=MONTH_END)
        with Sandbox("demo", start=OPENING) as sandbox, sandbox.client() as client:
            self._line(
                ("  >>> ", "green"), f'export(client, open_target("{chats.as_posix()}"), job)'
            )
            summary = export(client, open_target(chats), job)
        threads, events = counted(summary.threads, "thread"), counted(summary.events, "event")
        self._event("export", f"{threads}, {events}, {counted(summary.requests, 'request')}")
        self._event("report", _reported(chats))

    def _next_steps(self) -> None:
        self._chapter("Next")
        for command, purpose in (
            ("frontdesk sandbox", "serve a sandbox, for programs in any language"),
            ("frontdesk --help", "see the other commands"),
            ("pytest", "write a test with the fixture frontdesk_sandbox"),
        ):
            self._line(f"  {command:<20}", (purpose, "dim"))

    def _chapter(self, title: str) -> None:
        self._line()
        self._line((title, "bold cyan"))

    def _event(self, label: str, text: str) -> None:
        self._line(("  " + label.ljust(LABEL + 1), "magenta"), text)

    async def _webhook(self, action: str) -> None:
        """Wait until a webhook has been handled, and show it."""
        try:
            handled = await asyncio.wait_for(self._webhooks.get(), LONGEST_WAIT)
        except TimeoutError:
            raise FrontdeskError(f"the webhook {action} did not arrive") from None
        if handled != action:
            raise FrontdeskError(f"the webhook {handled} arrived instead of {action}")
        self._event("webhook", f"{action}: secret checked, 200 returned, then handled")

    def _call(self, name: str, method: Callable[P, R]) -> Callable[P, R]:
        """Show a call as it is made."""

        def call(*args: P.args, **kwargs: P.kwargs) -> R:
            given = [_shown(value) for value in args]
            given += [f"{argument}={_shown(value)}" for argument, value in kwargs.items()]
            head, tail = f"{_await(method)}{name}(", f"{', '.join(given)})"
            if len(head + tail) > WIDTH - 6:
                self._line(("  >>> ", "green"), head)
                head, tail = "", f"    {tail}"
            self._line(("  >>> " if head else "  ... ", "green"), head, tail)
            return method(*args, **kwargs)

        return call

    def _line(self, *parts: "str | tuple[str, str]") -> None:
        from rich.text import Text

        self._show(Text.assemble(*parts))


def _remove_earlier(chats: Path) -> None:
    """Remove the export of an earlier demo, and nothing else."""
    from frontdesk.archives.targets.states import STATE_NAME

    if (chats / STATE_NAME).is_file():
        rmtree(chats)


def _reported(chats: Path) -> str:
    """Write a report on an export, and tell where it is, or what is missing."""
    try:
        from frontdesk.archives.report import html_page, report_on
    except MissingDependency as error:
        return f"needs more: pip install '{error.install}'"
    page = FOLDER / "report.html"
    page.write_text(html_page(report_on(chats, timezone="UTC")), encoding="utf-8")
    return page.as_posix()


def _await(method: object) -> str:
    return "await " if inspect.iscoroutinefunction(method) else ""


def _shown(value: object) -> str:
    if isinstance(value, timedelta):
        return f"timedelta(minutes={value // timedelta(minutes=1)})"
    return repr(value).replace("'", '"')


def _text(event: "Event") -> str:
    return str(getattr(event, "text", ""))
