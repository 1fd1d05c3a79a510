"""What the sync and the async RTM client share: their arguments and options."""

import logging
import os
import ssl
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import NoneType
from typing import Any, ClassVar, Final, Generic, Literal, Self, TypeVar, cast
from urllib.parse import quote

from msgspec import UNSET, UnsetType
from msgspec.structs import replace

from frontdesk.actions import Action
from frontdesk.clients.names import SuggestsNames, check_version
from frontdesk.clients.options import (
    DEFAULT_BASE_URL,
    TokenSource,
    changed,
    make_settings,
    paced,
    region_listener,
    seconds,
    token_source,
)
from frontdesk.clients.rtm.carrier import Carrier
from frontdesk.clients.rtm.connection import Keeper, Line
from frontdesk.codec.damage import Damage, OnDamage
from frontdesk.concurrency.ordered_executor import as_exception, is_interrupt
from frontdesk.core.call_cycle import Call, ClientSettings, Sleep, wait_for_turn
from frontdesk.core.limiter import Limiter
from frontdesk.core.observation import Observer
from frontdesk.core.retry import Meter, Retry
from frontdesk.core.rtm.filters import Ids, make_filter
from frontdesk.core.rtm.notices import Notice
from frontdesk.core.rtm.rtm_call import RTMCall
from frontdesk.core.rtm.session import State
from frontdesk.core.rtm.settings import Backoff, Level, LoginOptions, SessionSettings, Side
from frontdesk.core.rtm.sides import AGENT
from frontdesk.core.rtm.stats import SessionStats
from frontdesk.core.rtm.subscriptions import QUEUE, check_kinds
from frontdesk.errors import ClientClosed, InvalidArgument
from frontdesk.models import Application, LoginResponse
from frontdesk.pushes import Push, UnknownPush
from frontdesk.spec.actions import dotted
from frontdesk.spec.arguments import check_count, check_flag
from frontdesk.transport.address import ServerAddress
from frontdesk.transport.tls import proxy_for

__all__ = ["RTMDriver", "Wanted", "observe_session", "report", "turns"]

MAX_FRAME: Final = 64 * 2**20

Wanted = Sequence[type[Push] | str] | Mapping[str, Sequence[type[Push] | str]]
"""Which pushes the server is to send: classes or names, or these by version; ``all`` is a name."""

L = TypeVar("L", bound=Line[Any, Any])
Handler = TypeVar("Handler", bound=Callable[[Any], Any])
Hook = TypeVar("Hook", bound=Callable[[Exception, Any], Any])


class RTMDriver(SuggestsNames, Generic[L]):
    """An RTM client without its methods; ``L`` is the kind of its line."""

    _is_of_customers: ClassVar[bool] = False
    """Whether it speaks the Customer Chat API."""
    _side: Side = AGENT
    """Whose sessions they are."""

    def __init__(
        self,
        token: TokenSource | None = None,
        *,
        organization_id: str | None = None,
        base_url: str | None = None,
        version: str = "3.6",
        region: str | None = None,
        pushes: Wanted | None = None,
        customer_monitoring_level: Level | None = None,
        away: bool | None = None,
        timezone: str | None = None,
        application: Application | None = None,
        recover: bool = True,
        reconnect: bool = True,
        backoff: Backoff = Backoff(),  # noqa: B008 - immutable
        timeout: float = 20.0,
        open_timeout: float = 10.0,
        close_timeout: float = 5.0,
        ping: Literal["message", "frame"] = "message",
        ping_interval: float = 15.0,
        ping_timeout: float = 10.0,
        logout: bool = True,
        max_frame: int = MAX_FRAME,
        concurrency: int = 32,
        retry: Retry | int | None = Retry(),  # noqa: B008 - immutable
        budget: int | Meter | None = None,
        headers: Mapping[str, str] | None = None,
        client_id: str | None = None,
        proxy: str | None = None,
        ssl_context: ssl.SSLContext | None = None,
        limiter: Limiter | bool | None = None,
        on_call: Callable[[Call], object] | None = None,
        strict: bool = False,
        on_damage: OnDamage | None = None,
        logger: logging.Logger | None = None,
    ) -> None:
        """Make a client; it connects in its ``with`` block, or with ``connect``.

        Arguments (times in seconds):

        - ``token``: as for the Web clients. A function is called again when the server does not
          accept the token any more, and before ``expires_at`` of the token it returned: a minute
          before, or after four fifths of its life if it lives less than five minutes. One that is
          not async runs in a thread of its own, so that it may block.
        - ``organization_id``: defaults to ``FRONTDESK_ORGANIZATION_ID``. LiveChat requires it; a
          sandbox, or whatever else ``base_url`` names, may take it from the token.
        - ``base_url``, ``version``, ``region``: as for the Web clients (``https://…``).
        - ``pushes``: which pushes the server is to send; defaults to all of the version.
        - ``customer_monitoring_level``, ``away``, ``timezone``, ``application``: see ``login``.
        - ``recover``: read back the events that were missed while the connection was down. It
          costs at least two requests each time.
        - ``reconnect``, ``backoff``: whether to connect again, and after which pauses.
        - ``timeout``: for one call, waiting for its turn or for a connection included.
        - ``open_timeout``: for opening a connection, and for the token function.
        - ``close_timeout``: for all that ``close`` does: waiting for the responses still due and
          for handlers at work, log-out, closing handshake.
        - ``ping``, ``ping_interval``, ``ping_timeout``: ``message`` is the API's own ping,
          ``frame`` a WebSocket one; silence for ``ping_timeout`` after a ping is a lost connection.
        - ``logout``: log the agent out when the session is closed.
        - ``max_frame``: size of the largest frame to accept, in bytes.
        - ``concurrency``: how many handlers (see ``on``) run at once.
        - ``limiter``: as for the Web clients: the iterators wait for it, such as
          ``iter_archives``, and other calls only if it is given. The session's own requests do not.
        - ``retry``, ``budget``, ``headers``, ``client_id``, ``proxy``, ``ssl_context``,
          ``on_call``, ``strict``, ``on_damage``, ``logger``: as for the Web clients, for pushes as
          well (a strict client ignores a damaged push, with a line in the log). ``on_damage`` is
          called where messages are read: it must be quick, and not use the client. The budget
          counts log-ins and what ``recover`` costs, but no pings.

        Raises:
            MissingToken: There is no token.
            InvalidArgument: An argument does not fit.
        """
        self._settings = make_settings(
            base_url=base_url,
            version=version,
            region=region,
            timeout=timeout,
            retry=retry,
            budget=budget,
            headers=headers,
            client_id=client_id,
            author_id=None,
            limiter=limiter,
            on_call=on_call,
            strict=strict,
            on_damage=_contained(on_damage),
            logger=logger,
        )
        check_flag("recover", recover)
        check_count("max_frame", max_frame)
        if proxy is not None:
            proxy_for(self._settings.base_url, proxy)
        if not isinstance(ssl_context, (ssl.SSLContext, NoneType)):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise InvalidArgument("ssl_context", f"must be an SSLContext, not {ssl_context!r}")
        organization_id = organization_id or os.environ.get("FRONTDESK_ORGANIZATION_ID")
        if not isinstance(organization_id, (str, NoneType)):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise InvalidArgument("organization_id", f"must be a text, not {organization_id!r}")
        if not organization_id and self._settings.base_url == DEFAULT_BASE_URL:
            raise InvalidArgument(
                "organization_id", "is required; give it, or set FRONTDESK_ORGANIZATION_ID"
            )
        session = SessionSettings(
            timeout=self._settings.timeout,
            token_timeout=min(self._settings.timeout, seconds("open_timeout", open_timeout)),
            ping=ping,
            ping_interval=ping_interval,
            ping_timeout=ping_timeout,
            close_timeout=close_timeout,
            reconnect=reconnect,
            backoff=backoff,
            logout=logout,
            login=LoginOptions(
                timezone=_given(timezone),
                application=_given(application),
                away=_given(away),
                customer_monitoring_level=_given(customer_monitoring_level),
                pushes=UNSET if pushes is None else _names(pushes, self._settings.version),
            ),
        )
        major, minor = self._settings.version
        api = "customer" if self._is_of_customers else "agent"
        query = f"?organization_id={quote(organization_id, safe='')}" if organization_id else ""
        address = ServerAddress(
            base_url=self._settings.base_url,
            path=f"/v{major}.{minor}/{api}/rtm/ws{query}",
            headers=self._settings.headers,
            proxy=proxy,
            ssl_context=ssl_context,
            open_timeout=open_timeout,
            close_timeout=close_timeout,
            max_frame=max_frame,
        )
        carrier = Carrier(
            source=self._source_of(token),
            settings=self._settings,
            session=session,
            address=address,
            recover=recover,
            concurrency=concurrency,
            side=self._side,
        )
        self._settings.shared.on_region = region_listener(carrier.source)
        self._line: L = self._new_line(carrier)
        self._keeper = Keeper(self._line)
        self._callable: set[type[Action[Any]]] = set()
        """The actions that the session has, as far as they were asked for."""
        self._lane: object = None

    def with_options(
        self,
        *,
        timeout: float | UnsetType = UNSET,
        retry: Retry | int | UnsetType | None = UNSET,
        budget: int | UnsetType | None = UNSET,
        limiter: Limiter | bool | UnsetType | None = UNSET,
        on_call: Callable[[Call], object] | UnsetType | None = UNSET,
        strict: bool | UnsetType = UNSET,
        on_damage: OnDamage | UnsetType | None = UNSET,
        logger: logging.Logger | UnsetType | None = UNSET,
    ) -> Self:
        """Return a cheap copy with other options, on the same session.

        The calls of the copy wait in a lane of their own: when there are more than ten at a time,
        the copies take turns. ``budget`` starts a meter of its own; ``strict`` and ``on_damage``
        are for the copy's calls, not for pushes. ``limiter=None`` lets calls leave without waiting
        for it again.
        """
        copy = object.__new__(type(self))
        copy.__dict__.update(self.__dict__)
        copy._lane = object()
        copy._settings = changed(
            self._settings,
            timeout=timeout,
            retry=retry,
            budget=budget,
            limiter=limiter,
            on_call=on_call,
            strict=strict,
            on_damage=_contained(on_damage),
            logger=logger,
        )
        return copy

    def _paced(self) -> Self:
        """Return a copy for an iterator, whose calls wait for the limiter."""
        copy = object.__new__(type(self))
        copy.__dict__.update(self.__dict__)
        copy._settings = paced(self._settings)
        return copy

    def _check_callable(self, action: Action[Any]) -> None:
        """Refuse an action that RTM does not have, or not at this version."""
        spec, version = action.spec, self._settings.version
        if (spec.api == "customer") != self._is_of_customers:
            client = "AgentRTM" if self._is_of_customers else "CustomerRTM"
            raise InvalidArgument("action", f"`{spec.name}` is for the other side; call {client}")
        if "rtm" not in spec.transports:
            raise InvalidArgument("action", f"`{spec.name}` exists over Web only; use AgentClient")
        check_version(spec, version)
        if spec.until is not None and version > spec.until:
            raise InvalidArgument(
                "action", f"`{spec.name}` ended with version {dotted(spec.until)}"
            )
        self._callable.add(type(action))

    @property
    def meter(self) -> Meter:
        """What has been sent so far, the session's own requests included."""
        return self._settings.meter

    @property
    def state(self) -> State:
        """Where the session stands."""
        session = self._line.session
        return State.IDLE if session is None else session.state

    @property
    def login_response(self) -> LoginResponse:
        """The server's response to the last log-in: license, own profile, chats.

        Raises:
            ClientClosed: There has been none yet.
        """
        if self._line.login is None:
            raise ClientClosed("the session has not logged in yet")
        return self._line.login

    @property
    def stats(self) -> SessionStats:
        """What has happened so far: log-ins, drops, reconnects, pushes, errors of handlers."""
        return self._line.counters.snapshot()

    def on(
        self,
        *kinds: type[Push | Notice],
        chat_id: Ids = None,
        author_id: Ids = None,
        queue: int = QUEUE,
    ) -> Callable[[Handler], Handler]:
        """Call the decorated function for each push of these kinds, in this and later sessions.

        Handlers run concurrently, up to ``concurrency`` at once, but those for one chat run one
        by one and in the order of the pushes, all handlers of a push in the order of their
        registration. Pushes that are not about a chat keep the order per agent, customer, bot or
        group. With ``AsyncAgentRTM`` a function may be async, and one that is not runs in the
        event loop; with ``AgentRTM`` they run in threads. Errors are logged, or given to the
        hooks of ``on_error``.

        Args:
            kinds: Classes of pushes, or of notices (``ConnectionLost``, ``Reconnected``,
                ``PushesLost``). Defaults to all pushes. ``on(PushesLost)`` alone learns of the
                losses of all subscribers.
            chat_id: Only pushes about this chat, or about one of these. Notices come always.
            author_id: Only pushes that this user wrote, typed or clicked, or one of these.
            queue: How many pushes may wait for the function. When there are more, the oldest are
                dropped and logged, or reported as ``PushesLost`` if it is among the kinds.

        Raises:
            InvalidArgument: An argument is of no use, such as a function in the place of a kind
                (``@rtm.on`` without parentheses), or the function is a generator.
        """
        where = make_filter(chat_id, author_id)
        check_kinds(kinds)
        check_count("queue", queue)

        def register(handler: Handler) -> Handler:
            self._line.handle(handler, kinds, queue, where)
            return handler

        return register

    def off(self, handler: Callable[[Any], Any], *kinds: type[Push | Notice]) -> bool:
        """Call a function no more that was registered with ``on``, not even for what waits.

        Args:
            handler: The function.
            kinds: Only its registration for exactly these kinds. Defaults to all of them.

        Returns:
            Whether it was registered.
        """
        return self._line.unhandle(handler, kinds)

    def on_error(self, hook: Hook) -> Hook:
        """Call the decorated function with each error of a handler, and the push it failed on.

        Errors of handlers are not logged then. With ``AsyncAgentRTM`` it may be async.

        Raises:
            InvalidArgument: It is no function.
        """
        self._line.handlers.add_hook(hook)
        return hook

    def _source_of(self, token: TokenSource | None) -> TokenSource:
        return token_source(token)

    @staticmethod
    def _new_line(carrier: Carrier) -> L:
        raise NotImplementedError

    def __repr__(self) -> str:
        # A traceback may show a client that could not be made.
        if "_line" not in self.__dict__:
            return f"<{type(self).__name__} without settings>"
        return f"<{type(self).__name__} {self._settings.base_url} {self.state.value}>"


def observe_session(client: RTMDriver[Any], observer: Observer | None) -> None:
    """Have an observer hear of each call of a client, and of its session, or nobody.

    A session that runs already goes on to be watched as it was; its calls are watched anew.
    """
    own: dict[str, Any] = client.__dict__
    own["_settings"] = settings = replace(own["_settings"], observer=observer)
    line: Line[Any, Any] = own["_line"]
    line.carrier = replace(line.carrier, settings=settings)


def turns(settings: ClientSettings, clock: Callable[[], float]) -> Iterable[Sleep]:
    """Return the pauses to make before a call may leave: none, unless it waits for the limiter."""
    limiter = settings.limiter
    if limiter is None or not settings.paced or settings.meter.spent:
        return ()
    return wait_for_turn(limiter, settings.meter, clock)


def report(call: RTMCall, settings: ClientSettings, now: float) -> None:
    """Call the user's functions with a call that is over."""
    record = Call(
        call.spec.name,
        now - call.started,
        0,
        call.attempts,
        call.size,
        call.error,
    )
    if settings.logger:
        settings.logger.debug(
            "%s: %d bytes, %d attempts, %.3f s",
            record.action,
            record.bytes,
            record.attempts,
            record.seconds,
        )
    if settings.on_call:
        settings.on_call(record)


def _contained(on_damage: Any) -> Any:
    """Keep whatever the function raises from ending the loop or the thread that reads messages."""
    if not callable(on_damage):
        return on_damage

    def call(damage: Damage) -> None:
        try:
            on_damage(damage)
        except BaseException as error:
            if is_interrupt(error):
                raise
            raise as_exception(error, "`on_damage`")  # noqa: B904 - it has its cause already

    return call


def _given(value: Any) -> Any:
    return UNSET if value is None else value


def _names(pushes: Wanted, version: tuple[int, int]) -> dict[str, list[str]]:
    by_version: dict[str, object] = {}
    if isinstance(pushes, Mapping):
        by_version = {str(key).lstrip("v"): kinds for key, kinds in pushes.items()}
    else:
        by_version = {dotted(version): pushes}
    return {key: [_name(kind) for kind in _several(kinds)] for key, kinds in by_version.items()}


def _several(kinds: object) -> Iterable[object]:
    if isinstance(kinds, Iterable) and not isinstance(kinds, (str, bytes)):
        return cast("Iterable[object]", kinds)
    raise InvalidArgument("pushes", f"must be a list of names or classes, not {kinds!r}")


def _name(kind: object) -> str:
    if isinstance(kind, str) and kind:
        return kind
    if isinstance(kind, type) and issubclass(kind, Push) and kind not in (Push, UnknownPush):
        return kind.spec.name
    raise InvalidArgument("pushes", f"must be names or classes of pushes, not {kind!r}")
