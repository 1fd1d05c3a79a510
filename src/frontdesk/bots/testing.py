"""Testing a bot: a customer who talks to it in a sandbox, without a network.

::

    def test_echo() -> None:
        with BotChat(bot) as chat:
            chat.say("hello")
            assert chat.replies == ["Echo: hello"]
"""

import asyncio
import time
from types import TracebackType
from typing import Any, Final, Self

import msgspec

from frontdesk.bots.bot import Bot
from frontdesk.bots.engines.local import LocalEngine
from frontdesk.bots.identity import Identity
from frontdesk.bots.service import BotService
from frontdesk.bots.states.base import StateStore
from frontdesk.bots.states.memory import MemoryStateStore
from frontdesk.bots.states.record import read_record
from frontdesk.codec.decoding import encode
from frontdesk.concurrency.threads import BackgroundLoop
from frontdesk.errors import InvalidArgument
from frontdesk.models import NewEvent, RichMessageEvent, RichMessagePostback
from frontdesk.sandbox import Sandbox, SandboxCustomer
from frontdesk.sandbox.world.effects import Effect
from frontdesk.webhooks.parsing import parse
from frontdesk.webhooks.processing import HandlerRetry

__all__ = ["BotChat", "SandboxBot"]

PATIENCE: Final = 30.0
"""Seconds that handlers may take for one thing that a customer does."""


class SandboxBot:
    """The bot of a sandbox, as whom a bot acts in tests.

    Args:
        sandbox: A sandbox with a bot, such as the seeds ``demo`` and ``quiet`` have.
    """

    def __init__(self, sandbox: Sandbox) -> None:
        self._identity = Identity(
            sandbox.bot_id, sandbox.async_client("bot"), sandbox.client("bot")
        )

    async def of(self, organization_id: str) -> Identity:
        """Return the bot."""
        del organization_id
        return self._identity

    async def close(self) -> None:
        """Close its connections."""
        self._identity.sync_client.close()
        await self._identity.client.close()


class BotChat:
    """A customer who talks to a bot in a sandbox, for ``with`` blocks.

    What the customer does is handled when the method returns, with all that followed from it. An
    error of a handler is raised there.

    Args:
        bot: The bot. Its token is not needed.
        customer: The name of the customer.
        sandbox: The sandbox; defaults to a new one with the seed ``quiet``.
        store: Where the state of chats is kept; defaults to memory of its own, so that tests know
            nothing of each other.

    Raises:
        InvalidArgument: The bot has no handlers.
    """

    def __init__(
        self,
        bot: Bot,
        *,
        customer: str = "Ann",
        sandbox: Sandbox | None = None,
        store: StateStore | None = None,
    ) -> None:
        self.sandbox: Sandbox = Sandbox("quiet") if sandbox is None else sandbox
        """The sandbox, to look at, and to make agents come and go."""
        self.customer: SandboxCustomer = self.sandbox.customer(customer)
        """The customer; call ``settle`` after using it directly."""
        self._own_sandbox = sandbox is None
        self._bot = bot
        self.store: StateStore = MemoryStateStore() if store is None else store
        """Where the state of chats is kept."""
        self._engine = LocalEngine()
        self._service: BotService | None = None
        self._effects: list[Effect] = []
        self._errors: list[Exception] = []
        self._loop: BackgroundLoop | None = None
        self._unsubscribe: Any = None
        self._seen: set[str] = set()
        self._ahead = 0.0
        """Seconds that the time of the test is ahead."""

    def __enter__(self) -> Self:
        self._loop = BackgroundLoop("frontdesk-bot-chat")
        self._service = self._bot.service(
            self._engine,
            store=self.store,
            identities=lambda: SandboxBot(self.sandbox),
            retry=HandlerRetry(attempts=1),
            on_failure=self._errors.append,
            clock=self._now,
        )
        self._loop.run(self._service.start())
        self._unsubscribe = self.sandbox.backend.world.subscribe(self._effects.extend)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        loop, service = self._loop, self._service
        assert loop is not None
        assert service is not None
        self._unsubscribe()
        loop.run(service.close(PATIENCE))
        loop.stop()
        if self._own_sandbox:
            self.sandbox.close()

    def say(self, text: str) -> list[str]:
        """Write a message as the customer; returns what the bot replies."""
        self._look()
        self.customer.say(text)
        self.settle()
        return self.replies

    def send(self, event: NewEvent) -> list[str]:
        """Send an event as the customer, such as a file or a form; otherwise as ``say``."""
        self._look()
        self.customer.send(event)
        self.settle()
        return self.replies

    def press(self, button: str) -> list[str]:
        """Press the button with that ``postback_id``, in the latest rich message that has it.

        Raises:
            InvalidArgument: There is none.
        """
        events = self._transcript()
        self._look()
        for event in reversed(events):
            for element in getattr(event, "elements", None) or ():
                for candidate in element.buttons or ():
                    if candidate.postback_id == button:
                        self.customer.press(event.id, RichMessagePostback(id=button, toggled=True))
                        self.settle()
                        return self.replies
        raise InvalidArgument("button", f"no rich message in the chat has the button {button!r}")

    @property
    def replies(self) -> list[str]:
        """The texts that the bot wrote after the customer's last action; rich messages by title."""
        return [
            _text_of(event)
            for event in self._transcript()
            if event.id not in self._seen
            and getattr(event, "author_id", None) == self.sandbox.bot_id
        ]

    @property
    def state(self) -> Any:
        """The bot's state of the chat; the defaults if there is none."""
        state_type = self._bot.declared.state_type
        if state_type is None:
            raise InvalidArgument("state", "is not kept: declare it, as in Bot(state=MyState)")
        key = f"{self.sandbox.organization_id}/chat/{self.customer.chat_id}"
        stored = self._run(self.store.load(key))
        record = None if stored is None else read_record(stored.data, key)
        if record is None or not record.has_state:
            return state_type()
        return msgspec.json.decode(record.state, type=state_type)

    def advance(self, seconds: float) -> None:
        """Let time pass: in the sandbox, for questions with a ``timeout``, and for ``@bot.every``.

        A handler of ``@bot.every`` is called once if one of its times has passed.

        Args:
            seconds: How much, above 0.

        Raises:
            InvalidArgument: That is no time that can pass.
            Exception: What a handler has raised.
        """
        before = self._now()
        self.sandbox.advance(seconds)
        self._ahead += seconds
        self.settle()
        self._run(self._call_due(before, before + seconds))
        self.settle()

    async def _call_due(self, before: float, now: float) -> None:
        service = self._service
        assert service is not None
        await service.call_due(before, now)

    def _now(self) -> float:
        return time.time() + self._ahead

    def settle(self) -> None:
        """Have everything handled that happened in the sandbox.

        Raises:
            Exception: What a handler has raised.
        """
        self._run(self._settle())
        if self._errors:
            error = self._errors[0]
            self._errors.clear()
            raise error

    async def _settle(self) -> None:
        ends_at = time.monotonic() + PATIENCE
        service = self._service
        assert service is not None
        while self._effects or (await self._engine.status()).waiting:
            effects, self._effects[:] = self._effects[:], []
            for effect in effects:
                if effect.webhook is not None:
                    await service.publish(parse(self._body(effect)), "")
            await asyncio.sleep(0)
            if time.monotonic() > ends_at:
                raise InvalidArgument("", f"a handler takes longer than {PATIENCE:g} seconds")

    def _body(self, effect: Effect) -> bytes:
        return encode(
            {
                "webhook_id": "",
                "action": effect.webhook,
                "organization_id": self.sandbox.organization_id,
                "payload": msgspec.Raw(effect.json),
            }
        )

    def _look(self) -> None:
        """Take note of what is there before the customer does something."""
        self._seen = {event.id for event in self._transcript()}

    def _transcript(self) -> list[Any]:
        return self.customer.transcript() if self.customer.chat_id else []

    def _run(self, work: Any) -> Any:
        if self._loop is None:
            raise InvalidArgument("", "a BotChat is used in a `with` block")
        return self._loop.run(work)


def _text_of(event: Any) -> str:
    if isinstance(event, RichMessageEvent):
        return " ".join(element.title or "" for element in event.elements or ()).strip()
    return getattr(event, "text", None) or f"<{getattr(event, 'type', 'event')}>"
