"""What the sync and the async driver share: arguments, options, the meter."""

import ssl
from collections.abc import Callable, Mapping
from logging import Logger
from typing import Any, ClassVar, Generic, Self, TypeVar

from msgspec import UNSET, UnsetType
from msgspec.structs import replace

from frontdesk.clients.names import SuggestsNames
from frontdesk.clients.options import (
    TokenSource,
    changed,
    make_settings,
    paced,
    region_listener,
    token_source,
)
from frontdesk.codec.damage import DamageReports, OnDamage
from frontdesk.core.call_cycle import Call, ClientSettings
from frontdesk.core.http_messages import MAX_RESPONSE_BYTES
from frontdesk.core.limiter import Limiter
from frontdesk.core.observation import Observer
from frontdesk.core.retry import Meter, Retry
from frontdesk.errors import FrontdeskError, InvalidArgument

__all__ = ["Driver", "observe_client", "paced_copy", "reports_of", "version_of"]

T = TypeVar("T")
L = TypeVar("L")
D = TypeVar("D", bound="Driver[Any, Any]")


class Driver(SuggestsNames, Generic[T, L]):
    """A client without its methods; ``T`` is its transport, ``L`` its lock."""

    _is_of_customers: ClassVar[bool] = False
    """Whether it speaks the Customer Chat API, for which agents' tokens are of no use."""

    def __init__(
        self,
        token: TokenSource | None = None,
        *,
        base_url: str | None = None,
        version: str = "3.6",
        region: str | None = None,
        timeout: float = 20.0,
        max_response_bytes: int | None = MAX_RESPONSE_BYTES,
        retry: Retry | int | None = Retry(),  # noqa: B008 - immutable
        budget: int | Meter | None = None,
        headers: Mapping[str, str] | None = None,
        client_id: str | None = None,
        author_id: str | None = None,
        proxy: str | None = None,
        ssl_context: ssl.SSLContext | None = None,
        limiter: Limiter | bool | None = None,
        on_call: Callable[[Call], object] | None = None,
        strict: bool = False,
        on_damage: OnDamage | None = None,
        logger: Logger | None = None,
        transport: T | None = None,
    ) -> None:
        """Make a client; it connects with the first call.

        Arguments:

        - ``token``: ``"Bearer dal:…"``, ``"Basic …"``, a bare access token, a ``BearerToken``, a
          ``PersonalAccessToken``, or a function that returns one of these (for the async client
          also an async one). The function is asked once, and again when the server does not accept
          the token any more. Defaults to the environment
          variable ``FRONTDESK_TOKEN``.
        - ``base_url``: where the API is. Defaults to ``FRONTDESK_BASE_URL``, else LiveChat's.
        - ``version``: version of the API. A method that ended earlier is called at its last one, or
          raises ``InvalidArgument`` with what took its place, such as ``list_customers``.
        - ``region``: ``dal`` or ``fra``. Defaults to that of the token's prefix.
        - ``timeout``: seconds for one request.
        - ``max_response_bytes``: bytes that a response may have, after decompression; a larger one
          raises ``ResponseTooLarge``. Defaults to 32 MiB; ``None`` is no limit.
        - ``retry``: a ``Retry``, a number of attempts, or ``None`` for a single one.
        - ``budget``: the most requests to send, retries and failed ones included; a ``Meter`` is
          shared with the other clients that have it.
        - ``headers``: further headers of every request.
        - ``client_id``: your application's id, sent in the User-Agent.
        - ``author_id``: the bot to act as; up to version 3.5.
        - ``proxy``: URL of a proxy, ``""`` for none. Defaults to ``HTTPS_PROXY`` and the like.
        - ``ssl_context``: for certificates of your own. Defaults to the system's, and those of
          ``SSL_CERT_FILE`` or ``REQUESTS_CA_BUNDLE``.
        - ``limiter``: slows requests down when the server refuses them for their rate, and speeds
          up again. By default the client and its copies have one that only the iterators wait for,
          such as ``iter_archives``. With ``True`` every call waits for it; a ``Limiter`` is shared
          with the other clients that have it, and every call waits; ``False`` is none.
        - ``on_call``: called with a ``Call`` after each call; what it raises is logged.
        - ``strict``: raise ``DecodeError`` for a response that is not what the API promises,
          instead of repairing it.
        - ``on_damage``: called with each ``Damage`` that was repaired in a response. What it raises
          is logged.
        - ``logger``: gets one debug line a call, never a token or a body, and a warning for each
          kind of damage (which goes to the logger ``frontdesk`` by default).
        - ``transport``: something else than HTTP over urllib3 (sync) or aiohttp (async).

        Raises:
            MissingToken: There is no token.
            InvalidArgument: An argument does not fit.
        """
        try:
            self._source = token_source(token)
        except FrontdeskError as error:
            raise error.with_traceback(None) from None
        finally:
            # Here and in the frames cut above, a traceback would show the token.
            del token
        self._settings = make_settings(
            base_url=base_url,
            version=version,
            region=region,
            timeout=timeout,
            max_response_bytes=max_response_bytes,
            retry=retry,
            budget=budget,
            headers=headers,
            client_id=client_id,
            author_id=author_id,
            limiter=limiter,
            on_call=on_call,
            strict=strict,
            on_damage=on_damage,
            logger=logger,
        )
        self._settings.shared.on_region = region_listener(self._source)
        if transport is None:
            transport = self._default_transport(self._settings.base_url, proxy, ssl_context)
        elif not callable(getattr(transport, "send", None)):
            raise InvalidArgument("transport", "must have `send` and `close`, as Transport says")
        self._transport: T = transport
        self._token_lock: L = self._new_lock()

    def with_options(
        self,
        *,
        timeout: float | UnsetType = UNSET,
        max_response_bytes: int | UnsetType | None = UNSET,
        retry: Retry | int | UnsetType | None = UNSET,
        budget: int | Meter | UnsetType | None = UNSET,
        headers: Mapping[str, str] | UnsetType = UNSET,
        author_id: str | UnsetType | None = UNSET,
        limiter: Limiter | bool | UnsetType | None = UNSET,
        on_call: Callable[[Call], object] | UnsetType | None = UNSET,
        strict: bool | UnsetType = UNSET,
        on_damage: OnDamage | UnsetType | None = UNSET,
        logger: Logger | UnsetType | None = UNSET,
    ) -> Self:
        """Return a cheap copy with other options: same connections, token, meter and limiter.

        A number for ``budget`` starts a meter of its own; ``headers`` come on top of the present
        ones. ``limiter=None`` lets single calls leave without waiting for it again.
        """
        copy = object.__new__(type(self))
        copy.__dict__.update(self.__dict__)
        copy._settings = changed(
            self._settings,
            timeout=timeout,
            max_response_bytes=max_response_bytes,
            retry=retry,
            budget=budget,
            headers=headers,
            author_id=author_id,
            limiter=limiter,
            on_call=on_call,
            strict=strict,
            on_damage=on_damage,
            logger=logger,
        )
        return copy

    def _shared_as(self, kind: type[D], transport: T) -> D:
        """Make a client of another class that has everything of this one but the transport."""
        if kind._is_of_customers != self._is_of_customers:  # noqa: SLF001 - it is of its own kind
            raise InvalidArgument(
                "client",
                "must be one of the same side: tokens of agents are of no use to customers, nor "
                "theirs to agents",
            )
        made = object.__new__(kind)
        made._source = self._source
        made._settings = self._settings
        made._token_lock = self._token_lock
        made._transport = transport
        return made

    @property
    def meter(self) -> Meter:
        """What has been sent so far."""
        return self._settings.meter

    @staticmethod
    def _default_transport(
        base_url: str, proxy: str | None, ssl_context: ssl.SSLContext | None
    ) -> T:
        raise NotImplementedError

    @staticmethod
    def _new_lock() -> L:
        raise NotImplementedError

    def __repr__(self) -> str:
        # A traceback may show a client that could not be made.
        settings: ClientSettings | None = self.__dict__.get("_settings")
        return f"<{type(self).__name__} {settings.base_url if settings else 'without settings'}>"


def paced_copy(client: D, on_call: Callable[[Call], object] | None = None) -> D:
    """Return a copy for many calls in a row: they wait for the limiter, and others do not.

    ``on_call`` hears of the calls of the copy before the function that the client has for it.
    """
    copy = object.__new__(type(client))
    copy.__dict__.update(client.__dict__)
    settings = paced(_settings_of(client))
    if on_call is not None:
        settings = changed(settings, on_call=_both(on_call, settings.on_call))
    copy.__dict__["_settings"] = settings
    return copy


def _both(
    first: Callable[[Call], object], second: Callable[[Call], object] | None
) -> Callable[[Call], object]:
    if second is None:
        return first

    def both(call: Call) -> None:
        first(call)
        second(call)

    return both


def observe_client(client: Driver[Any, Any], observer: Observer | None) -> None:
    """Have an observer hear of each call of a client from now on, or nobody."""
    client.__dict__["_settings"] = replace(_settings_of(client), observer=observer)


def reports_of(client: Driver[Any, Any]) -> DamageReports:
    """Return what a client reports damage with, for what is decoded later than its response."""
    return _settings_of(client).reports


def version_of(client: Driver[Any, Any]) -> tuple[int, int]:
    """Return the version of the API that a client calls."""
    return _settings_of(client).version


def _settings_of(client: Driver[Any, Any]) -> ClientSettings:
    return client._settings  # noqa: SLF001  # pyright: ignore[reportPrivateUsage] - of its own kind
