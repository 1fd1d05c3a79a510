"""``Bot``: handlers, and the ways to run them."""

import os
import time
from collections.abc import Callable
from inspect import signature
from typing import Any, Final, Literal

from frontdesk.actions import RegisterProperty
from frontdesk.bots.engines.base import Engine
from frontdesk.bots.engines.local import LocalEngine
from frontdesk.bots.handlers.router import Router
from frontdesk.bots.identity import TOKEN_VARIABLE, Identities, OneBot, RegisteredIdentities
from frontdesk.bots.rtm import ListeningIdentities, listen
from frontdesk.bots.service import BotService
from frontdesk.bots.states.base import StateStore
from frontdesk.bots.states.memory import MemoryStateStore
from frontdesk.bots.work.worker import WorkerSettings
from frontdesk.clients.options import TokenSource
from frontdesk.core.observation import Observer, default_observer
from frontdesk.errors import InvalidArgument, UnexpectedArgument
from frontdesk.rendered.async_agent import AsyncAgentClient
from frontdesk.spec.addresses import seconds
from frontdesk.spec.arguments import check_count, check_flag
from frontdesk.spec.fields import Dict
from frontdesk.suggestions import did_you_mean
from frontdesk.webhooks.adapters.asgi import App, asgi_app
from frontdesk.webhooks.adapters.wsgi import wsgi_app
from frontdesk.webhooks.processing import HandlerRetry
from frontdesk.webhooks.receiver import Receiver

__all__ = ["Bot"]

CLIENT_OPTIONS: Final = signature(AsyncAgentClient.__init__).parameters.keys() - {"self", "token"}
"""What the clients of a bot take."""
OWN_OPTIONS: Final = frozenset({"joins", "patience", "retry", "state", "store", "threads", "token"})
SECRET_VARIABLE: Final = "FRONTDESK_WEBHOOK_SECRET"  # noqa: S105 - a name


class Bot(Router):
    """A bot: its handlers, and what runs them on webhooks, RTM or a queue.

    ::

        bot = Bot()

        @bot.message
        async def echo(ctx: Context) -> None:
            await ctx.reply(f"Echo: {ctx.text}")

        app = bot.asgi_app()

    A chat's happenings are handled one after another, many chats at a time. What a handler changes
    in the chat's state is saved before the message counts as handled, so that it changes once; a
    reply is sent at least once. Nothing is asked of the API before it runs.

    Args:
        state: The class of the state kept for each chat: a ``msgspec.Struct`` with defaults.
        name: What customers read beside its messages, which ``frontdesk bot register`` makes it
            with.
        token: The token of the bot: a ``BotToken``, or whatever a client takes. Defaults to the
            environment variable ``FRONTDESK_BOT_TOKEN``.
        bot_id: The id of the bot. Defaults to that of a ``BotToken``, else to ``FRONTDESK_BOT_ID``.
        store: Where the state of chats is kept; defaults to this process's memory, which is
            forgotten when it ends.
        joins: Whether the bot joins a chat to reply in it. If not, it handles customers' messages
            only where it is in the chat already, because the chat was assigned to it.
        retry: How often a handler that fails is called again for the same message, while the later
            ones of its chat wait.
        patience: Seconds for which a message waits while LiveChat does not respond, or has had too
            many requests.
        threads: How many handlers run at once that are not async.
        identities: Whom the bot acts as in each of many organizations, in place of ``token``; or a
            function that makes it for each start.
        options: Further options of the clients, such as ``base_url`` and ``region``.

    Raises:
        InvalidArgument: An argument does not fit.
    """

    def __init__(
        self,
        *,
        state: type[Any] | None = None,
        name: str | None = None,
        token: TokenSource | None = None,
        bot_id: str | None = None,
        store: StateStore | None = None,
        joins: bool = True,
        retry: HandlerRetry | None = None,
        patience: float = 300.0,
        threads: int = 32,
        identities: Identities | Callable[[], Identities] | None = None,
        **options: Any,
    ) -> None:
        super().__init__(state=state)
        check_flag("joins", joins)
        check_count("threads", threads)
        if retry is not None and not isinstance(retry, HandlerRetry):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise InvalidArgument("retry", f"must be a HandlerRetry, not {retry!r}")
        if store is not None and not callable(getattr(store, "save", None)):
            raise InvalidArgument("store", f"must be a StateStore, not {type(store).__name__}")
        if name is not None and not (isinstance(name, str) and name.strip()):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise InvalidArgument("name", "must be a text that is not empty")
        self.name: str | None = name
        """What customers read beside its messages."""
        self.properties: list[RegisterProperty] = []
        """The properties that it needs, without their owner."""
        for option in options.keys() - CLIENT_OPTIONS:
            meant = did_you_mean(option, CLIENT_OPTIONS | OWN_OPTIONS)
            raise UnexpectedArgument(option, f"is no option of a bot or of its clients{meant}")
        self._token = token
        self._bot_id = bot_id
        self._options = options
        self._identities = identities
        self._joins = joins
        self._retry = HandlerRetry() if retry is None else retry
        self._patience = seconds("patience", patience)
        self._threads = threads
        self.observer: Observer | None = default_observer()
        """Who hears of the work on each message."""
        self.store: StateStore = MemoryStateStore() if store is None else store
        """Where the state of chats is kept."""

    def __repr__(self) -> str:
        return f"<Bot {sum(1 for _ in self.declared.routes())} handlers>"

    @property
    def knows_itself(self) -> bool:
        """Whether it was told whom to act as, here or by the environment."""
        return bool(self._identities or self._token or os.environ.get(TOKEN_VARIABLE))

    def declare_property(
        self,
        name: str,
        *,
        type: Literal["int", "string", "bool", "tokenized_string"],
        access: Dict,
        **options: Any,
    ) -> None:
        """Declare a property that the bot needs, which ``frontdesk bot register`` registers.

        Args:
            name: The name, without the namespace, which is the client id.
            type: The type of its values.
            access: Where it can be set, and who may do what there, such as
                ``{"chat": {"agent": ["read", "write"]}}``.
            options: Further fields of ``register_property``, such as ``description``.

        Raises:
            InvalidArgument: Something does not fit, or there is one of that name already.
        """
        if any(declared.name == name for declared in self.properties):
            raise InvalidArgument(
                "name", f"is that of a property which is declared already: {name}"
            )
        self.properties.append(
            RegisterProperty(name=name, owner_client_id="-", type=type, access=access, **options)
        )

    def acts_as(self, identities: Callable[[], Identities] | Identities) -> None:
        """Set whom the bot acts as; tests and ``frontdesk bot run`` do.

        Args:
            identities: That, or a function that makes it for each start.
        """
        self._identities = identities

    def service(
        self,
        engine: Engine | None = None,
        *,
        works: bool = True,
        store: StateStore | None = None,
        identities: Callable[[], Identities] | None = None,
        retry: HandlerRetry | None = None,
        on_failure: Callable[[Exception], object] | None = None,
        clock: Callable[[], float] = time.time,
    ) -> BotService:
        """Return what runs the bot on an engine; for programs that feed it themselves.

        Args:
            engine: What moves the items; defaults to a ``LocalEngine``.
            works: Whether handlers run in this process.
            store: Where the state of chats is kept; defaults to that of the bot.
            identities: Makes what says whom the bot acts as; defaults to what the bot was made
                with.
            retry: How often a handler that fails is called again; defaults to that of the bot.
            on_failure: Called with the error when a message was given up.
            clock: Returns the time, in seconds since 1970, by which questions time out.
        """
        engine = LocalEngine() if engine is None else engine
        settings = WorkerSettings(
            state_type=self.declared.state_type,
            retry=self._retry if retry is None else retry,
            on_failure=on_failure,
            clock=clock,
            observer=self.observer,
            patience=self._patience,
            joins=self._joins,
            threads=self._threads,
            is_durable=engine.is_durable,
            is_shared=engine.is_shared,
        )
        self.declared.table()  # mistakes are told at once, and not at the start
        return BotService(
            self.declared.table,
            engine,
            self.store if store is None else store,
            identities or self._connect,
            settings,
            works=works,
        )

    def receiver(
        self,
        secret: str | None = None,
        *,
        engine: Engine | None = None,
        works: bool = True,
        **options: Any,
    ) -> Receiver:
        """Return a receiver of webhooks for the bot, for every adapter of ``frontdesk.webhooks``.

        Args:
            secret: The ``secret_key`` of the registrations. Defaults to the environment variable
                ``FRONTDESK_WEBHOOK_SECRET``, else to those that ``InstalledBots`` has stored.
            engine: What moves the webhooks; defaults to this process.
            works: Whether handlers run in this process. If not, it only stores webhooks in the
                engine, and ``worker`` handles them elsewhere.
            options: Further options of ``Receiver``.

        Raises:
            InvalidArgument: There is no secret, or something does not fit.
        """
        secrets: str | tuple[str, ...] = secret or os.environ.get(SECRET_VARIABLE) or ()
        identities: object = self._identities
        if isinstance(identities, RegisteredIdentities):
            # Strangers' webhooks stay out of the queue.
            options.setdefault("organizations", identities)
            secrets = secrets or identities.webhook_secrets()
        if not secrets:
            raise InvalidArgument(
                "secret",
                f"is needed to tell LiveChat's webhooks from others; or set {SECRET_VARIABLE}, or "
                "give the bot its `InstalledBots` (no function that makes it), which stores one",
            )
        return Receiver(secrets, queue=self.service(engine, works=works), **options)

    def asgi_app(
        self,
        path: str | None = None,
        *,
        secret: str | None = None,
        engine: Engine | None = None,
        works: bool = True,
        close_timeout: float | None = 10.0,
        **options: Any,
    ) -> App:
        """Return an ASGI application that receives the bot's webhooks, for uvicorn and others.

        Args:
            path: The only path to respond at; any path by default.
            secret: As for ``receiver``, like ``engine``, ``works`` and ``options``.
            engine: See ``secret``.
            works: See ``secret``.
            close_timeout: Seconds to finish accepted webhooks when the server stops.
            options: See ``secret``.
        """
        receiver = self.receiver(secret, engine=engine, works=works, **options)
        return asgi_app(receiver, path, close_timeout=close_timeout)

    def wsgi_app(
        self,
        path: str | None = None,
        *,
        secret: str | None = None,
        engine: Engine | None = None,
        works: bool = True,
        **options: Any,
    ) -> Any:
        """Return a WSGI application that receives the bot's webhooks; as ``asgi_app``."""
        return wsgi_app(self.receiver(secret, engine=engine, works=works, **options), path)

    async def run_rtm(
        self,
        listen_as: TokenSource,
        *,
        engine: Engine | None = None,
        close_timeout: float | None = 10.0,
        on_ready: Callable[[], object] | None = None,
        **options: Any,
    ) -> None:
        """Run on pushes instead of webhooks, until this is cancelled or the session ends.

        Bots cannot log in to RTM since 3.6: an agent's session hears for the bot what that agent
        hears, and the bot replies over Web, as ever. It hears neither itself nor that agent.

        Args:
            listen_as: The token of the agent.
            engine: What moves the pushes; defaults to this process.
            close_timeout: Seconds to finish what was heard, at the end.
            on_ready: Called when the session has begun.
            options: Those of ``AsyncAgentRTM``, such as ``base_url`` and ``organization_id``.

        Raises:
            FrontdeskError: The session or the bot cannot be started, or the session ended.
        """

        def make_service(own_ids: set[str]) -> BotService:
            return self.service(
                engine, identities=lambda: ListeningIdentities(self._connect(), own_ids)
            )

        await listen(make_service, listen_as, options, close_timeout, on_ready)

    async def worker(self, engine: Engine, *, close_timeout: float | None = 10.0) -> None:
        """Work on what an engine has until this is cancelled; then finish what is under way.

        Args:
            engine: Where receivers store webhooks, such as a ``NatsEngine``.
            close_timeout: Seconds to finish in.

        Raises:
            QueueError: The queue cannot be used.
            StateStoreError: The state store cannot be used.
        """
        service = self.service(engine)
        await service.start()
        try:
            await service.wait()
        finally:
            await service.close(close_timeout)

    def _connect(self) -> Identities:
        if self._identities is None:
            return OneBot(self._token, self._bot_id, self._options)
        return self._identities() if callable(self._identities) else self._identities
