"""A connection to NATS: requests, messages, and JetStream's API as JSON."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast
from urllib.parse import unquote, urlsplit

import msgspec
from msgspec import Raw, Struct

from frontdesk.errors import InvalidArgument
from frontdesk.extras import importing_extra
from frontdesk.redaction import SHORTEST, likeness, one_line, redacted, register

if TYPE_CHECKING:
    from nats.aio.client import Client
    from nats.aio.msg import Msg
    from nats.aio.subscription import Subscription

__all__ = ["API", "NatsConnection", "NatsFailure", "NatsRefusal", "NatsSettings", "nats_settings"]

T = TypeVar("T")

API: Final = "$JS.API."
TIMEOUT: Final = 5.0
"""Seconds that a request may take, and making the first connection."""
RECONNECT: Final = 0.25
"""Seconds between two attempts to reach a server that went away."""
SECRETS: Final = ("password", "token", "nkeys_seed_str", "user_credentials")
OWN: Final = frozenset({
    "servers", "name", "error_cb", "disconnected_cb", "reconnected_cb", "closed_cb",
    "allow_reconnect", "max_reconnect_attempts", "pending_size",
})  # fmt: skip
"""Options of the library that are set here."""

logger: logging.Logger = logging.getLogger("frontdesk.bots")


class NatsFailure(Exception):
    """Nobody responds, or the connection is away; what was asked may have been done or not."""


class NatsRefusal(NatsFailure):
    """JetStream refuses; ``code`` is that of its list of errors."""

    def __init__(self, code: int, description: str) -> None:
        super().__init__(description)
        self.code = code


class NatsSettings(Struct, frozen=True):
    """Where servers are, and how to log in there. ``repr`` shows no secret."""

    servers: tuple[str, ...]
    options: Mapping[str, Any]
    """More arguments of ``nats.connect``."""

    def __repr__(self) -> str:
        return f"NatsSettings({redacted(', '.join(self.servers))})"


class _Error(Struct):
    code: int = 0
    err_code: int = 0
    description: str = ""


class _Response(Struct):
    error: _Error | None = None


_outcome = msgspec.json.Decoder(_Response).decode
_encode = msgspec.json.Encoder().encode


def nats_settings(
    servers: str | Iterable[str], options: Mapping[str, Any] | None, user: str
) -> NatsSettings:
    """Check addresses and options, and keep their secrets out of all texts.

    Args:
        servers: One address or several of a cluster, such as ``nats://user:password@host:4222``.
        options: More arguments of ``nats.connect``, such as ``tls`` and ``user_credentials``.
        user: What needs the connection, as a message names it.

    Raises:
        MissingDependency: The library ``nats-py`` is not installed.
        InvalidArgument: Something is no address, or no option.
    """
    with importing_extra("nats", user):
        import nats  # noqa: F401 # pyright: ignore[reportUnusedImport] - whether it is there
    addresses = (servers,) if isinstance(servers, str) else servers
    if not isinstance(addresses, Iterable) or not (addresses := tuple(addresses)):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise InvalidArgument("servers", "must be one address or several")
    for address in addresses:
        _check_address(address)
    options = dict(options or {})
    for name in OWN & options.keys():
        raise InvalidArgument(f"connection.{name}", "is set by frontdesk")
    for name in SECRETS:
        if isinstance(options.get(name), str):
            register(options[name], shortest=SHORTEST)
    return NatsSettings(addresses, options)


def _check_address(address: str) -> None:
    try:
        parts = urlsplit(address)
        # A name without a password is a token; one with a password may be any word.
        secret = parts.password or parts.username
        if secret:
            register(secret, unquote(secret), shortest=SHORTEST)
        fits = parts.scheme in ("nats", "tls", "ws", "wss") and bool(parts.hostname)
        _ = parts.port
    except (ValueError, AttributeError, TypeError):
        fits = False
    if not fits:
        raise InvalidArgument("servers", "must be addresses such as nats://host:4222")


class NatsConnection:
    """A connection that comes back by itself. Belongs to one event loop.

    Nothing is sent while it is away: what would be sent later may not be true any more.

    Args:
        settings: Where the servers are.
        name: What the server's monitoring calls the connection.
        on_reconnected: Called when a connection is there again.
        on_closed: Called when it will not come back, with the reason.
    """

    def __init__(
        self,
        settings: NatsSettings,
        name: str,
        *,
        on_reconnected: Callable[[], Awaitable[None]] | None = None,
        on_closed: Callable[[str], None] | None = None,
    ) -> None:
        self._settings = settings
        self._name = name
        self._on_reconnected = on_reconnected
        self._on_closed = on_closed
        self._client: Client | None = None
        self._problem = ""
        """Why the last attempt to connect failed."""
        self._refused: asyncio.Future[None] | None = None
        self._denials = 0
        """How often in a row the log-in was not accepted."""
        self._ending: asyncio.Future[None] | None = None
        self._closing = False
        self._inbox = ""
        self._responses: asyncio.Future[Subscription] | None = None
        """The subscription of the responses to requests."""
        self._requests = 0
        self._waiting: dict[str, asyncio.Future[bytes | NatsFailure]] = {}

    @property
    def is_connected(self) -> bool:
        """Whether the connection is there at present."""
        return self._client is not None and self._client.is_connected

    @property
    def server_id(self) -> str:
        """What tells one run of a server from every other; empty if that is not known."""
        info: dict[str, Any] = getattr(self._client, "_server_info", None) or {}
        return str(info.get("server_id", ""))

    @property
    def max_payload(self) -> int:
        """Bytes of a message with its headers that the server takes."""
        return 0 if self._client is None else self._client.max_payload

    async def connect(self) -> None:
        """Connect; raises ``NatsFailure`` if no server can be reached or accepts the log-in."""
        from nats.aio.client import Client

        self._closing = False
        self._denials = 0
        self._responses = None
        client = Client()
        self._refused = refused = asyncio.get_running_loop().create_future()
        options: dict[str, Any] = {
            "reconnect_time_wait": RECONNECT,
            "connect_timeout": 2,
            "ping_interval": 10,
            **self._settings.options,
        }
        connecting = asyncio.ensure_future(
            client.connect(
                list(self._settings.servers),
                name=self._name,
                error_cb=self._note,
                disconnected_cb=self._disconnected,
                reconnected_cb=self._reconnected,
                closed_cb=self._closed,
                max_reconnect_attempts=-1,
                # Below 1 nothing is kept for later while there is no connection.
                pending_size=0,
                **options,
            )
        )
        try:
            await asyncio.wait(
                (connecting, refused), timeout=TIMEOUT, return_when=asyncio.FIRST_COMPLETED
            )
        finally:
            self._refused = None
            refused.cancel()
            if not connecting.done() or connecting.exception() is not None:
                connecting.cancel()
                with suppress(BaseException):
                    await connecting
                self._closing = True
                with suppress(Exception):
                    await client.close()
        if not client.is_connected:
            raise NatsFailure(self._problem or "no server responds")
        self._client = client

    async def close(self) -> None:
        """Send what is to be sent, and disconnect."""
        self._closing = True
        client, self._client = self._client, None
        if self._ending is not None:
            await asyncio.wait([self._ending])
        if client is not None:
            with suppress(Exception):
                await client.close()

    def new_inbox(self) -> str:
        """Return a subject that nobody else has."""
        return self._there().new_inbox()

    async def subscribe(
        self, subject: str, callback: "Callable[[Msg], Awaitable[None]]"
    ) -> "Subscription":
        """Have a function called with each message, one after another."""
        # Its limits would drop messages; those that come here were asked for one by one.
        client: Any = self._there()  # its own types are not whole
        subscribing = client.subscribe(
            subject, cb=callback, pending_msgs_limit=0, pending_bytes_limit=0
        )
        return await self._explained(subscribing)

    async def unsubscribe(self, subscription: "Subscription") -> None:
        """Have no more messages of a subscription; those that are here already are dropped."""
        await self._explained(subscription.unsubscribe())

    async def send(self, subject: str, payload: bytes, reply: str = "") -> None:
        """Send a message if there is a connection; raises ``NatsFailure`` otherwise."""
        await self._explained(self._there().publish(subject, payload, reply))

    async def flush(self, timeout: float) -> None:  # noqa: ASYNC109 - the library's own
        """Wait until the server has read all that was sent."""
        await self._explained(self._there().flush(cast("int", timeout)))

    async def request(
        self,
        subject: str,
        payload: bytes = b"",
        headers: dict[str, str] | None = None,
        timeout: float = TIMEOUT,  # noqa: ASYNC109 - the library's own
    ) -> bytes:
        """Send a request and return the response.

        Raises:
            NatsRefusal: JetStream does not do it.
            NatsFailure: Nobody responds.
        """
        data = await self._respond(subject, payload, headers, timeout)
        try:
            error = _outcome(data).error
        except msgspec.DecodeError:
            raise NatsFailure("the response is not JetStream's") from None
        if error is not None:
            raise NatsRefusal(error.err_code or error.code, one_line(error.description))
        return data

    async def _respond(
        self,
        subject: str,
        payload: bytes,
        headers: dict[str, str] | None,
        timeout: float,  # noqa: ASYNC109
    ) -> bytes:
        """Send a request and return the response, as it is.

        The library's own way would wait its full time for a server that is gone already.
        """
        client = self._there()
        if self._responses is None:
            self._inbox = client.new_inbox()
            self._responses = asyncio.ensure_future(
                self.subscribe(f"{self._inbox}.*", self._receive)
            )
        if not self._responses.done():
            await asyncio.shield(self._responses)
        self._requests += 1
        reply = f"{self._inbox}.{self._requests}"
        loop = asyncio.get_running_loop()
        response: asyncio.Future[bytes | NatsFailure] = loop.create_future()
        self._waiting[reply] = response
        timer = loop.call_later(timeout, _settle, response, NatsFailure("no response in time"))
        try:
            await self._explained(client.publish(subject, payload, reply, headers))
            outcome = await response
        finally:
            timer.cancel()
            self._waiting.pop(reply, None)
        if isinstance(outcome, NatsFailure):
            raise outcome
        return outcome

    async def _receive(self, message: "Msg") -> None:
        response = self._waiting.get(message.subject)
        if response is not None:
            is_refused = message.headers is not None and message.headers.get("Status") == "503"
            refusal = NatsFailure("JetStream does not respond")
            _settle(response, refusal if is_refused else message.data)

    async def call(self, method: str, request: Mapping[str, Any] | None = None) -> Raw:
        """Call a method of JetStream's API, such as ``STREAM.INFO.orders``."""
        return Raw(await self.request(API + method, _encode(request) if request else b""))

    def _there(self) -> "Client":
        if self._client is None or not self._client.is_connected:
            raise NatsFailure(self._problem or "there is no connection")
        return self._client

    async def _explained(self, doing: Awaitable[T]) -> T:
        """Do what the library does, and turn its errors into ours."""
        import nats.errors

        try:
            return await doing
        except nats.errors.NoRespondersError:
            failure = NatsFailure("JetStream does not respond")
        except (nats.errors.TimeoutError, TimeoutError) as error:
            failure = NatsFailure("no response in time")
            failure.__cause__ = likeness(error, "nats")
        except nats.errors.MaxPayloadError:
            failure = NatsFailure("the message is larger than the server takes")
        except (nats.errors.Error, OSError) as error:
            failure = NatsFailure(_text_of(error))
            failure.__cause__ = likeness(error, "nats")
        raise failure

    async def _note(self, error: Exception) -> None:
        """Keep what went wrong in the background; the library goes on by itself."""
        text, before = _text_of(error), self._problem
        self._problem = text
        if text != before and not self._closing:
            logger.warning("the connection to NATS: %s", text)
        if "authorization" not in text.lower():
            return
        refused = self._refused
        if refused is not None and not refused.done():
            refused.set_result(None)
        self._denials += 1
        # A single one may come from a server that has not read its settings yet.
        if self._denials > 1 and self._client is not None and not self._closing:
            self._closing = True
            self._ending = asyncio.ensure_future(self._client.close())
            if self._on_closed is not None:
                self._on_closed(text)

    async def _disconnected(self) -> None:
        for response in self._waiting.values():
            _settle(response, NatsFailure("the connection was lost before the response"))
        if not self._closing:
            logger.warning("the connection to NATS is lost; it is made again")

    async def _reconnected(self) -> None:
        self._problem = ""
        self._denials = 0
        logger.info("the connection to NATS is there again")
        if self._on_reconnected is not None:
            await self._on_reconnected()

    async def _closed(self) -> None:
        if not self._closing and self._on_closed is not None:
            self._on_closed(self._problem or "the server ended the connection")


def _settle(response: "asyncio.Future[bytes | NatsFailure]", outcome: bytes | NatsFailure) -> None:
    # A failure is a result here: nobody may be left who would see an exception.
    if not response.done():
        response.set_result(outcome)


def _text_of(error: BaseException) -> str:
    text = one_line(redacted(str(error))).removeprefix("nats: ").strip("' ")
    return text or type(error).__name__
