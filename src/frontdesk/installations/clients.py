"""A client for each organization, all on the same connections."""

import asyncio
import ssl
import time
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping
from functools import partial
from logging import Logger, getLogger
from math import inf
from types import TracebackType
from typing import Any, Final, Generic, Self, TypedDict, TypeVar, Unpack

import msgspec

from frontdesk.auth.oauth import AsyncOAuth, OAuth
from frontdesk.auth.steps import to_its_end
from frontdesk.clients.options import base_url_of, make_settings, seconds
from frontdesk.codec.damage import OnDamage
from frontdesk.concurrency.forks import ForkSafeLock
from frontdesk.concurrency.threads import run_in_thread
from frontdesk.core.call_cycle import Call
from frontdesk.core.limiter import Limiter
from frontdesk.core.retry import Meter, Retry
from frontdesk.errors import (
    ClientClosed,
    InvalidArgument,
    LoginRequired,
    NotInstalled,
    TokenStoreError,
)
from frontdesk.installations.routing import AsyncRouting, Routing
from frontdesk.installations.store import Installation, InstallationStore, is_organization_id
from frontdesk.installations.tokens import (
    AsyncInstallationToken,
    InstallationToken,
    ended_error,
)
from frontdesk.redaction import log_failure
from frontdesk.rendered.agent import AgentClient
from frontdesk.rendered.async_agent import AsyncAgentClient
from frontdesk.spec.arguments import check_function, check_handler, is_async
from frontdesk.transport.base import AsyncTransport, Transport
from frontdesk.transport.shared import AsyncSharedTransport, SharedTransport

__all__ = ["AsyncClients", "ClientOptions", "Clients"]

C = TypeVar("C", AgentClient, AsyncAgentClient)
S = TypeVar("S", InstallationToken, AsyncInstallationToken)

RECHECK: Final = 60.0
RENEW_BEFORE: Final = 300.0
logger: Final = getLogger("frontdesk")


class ClientOptions(TypedDict, total=False):
    """Options of each organization's client; they mean what they mean to ``AgentClient``."""

    version: str
    timeout: float
    max_response_bytes: int | None
    retry: Retry | int | None
    headers: Mapping[str, str] | None
    limiter: bool | None
    strict: bool
    on_damage: OnDamage | None
    logger: Logger | None


class ClientEntry(Generic[C, S]):
    """The client of an organization, and what is known of its installation."""

    __slots__ = ("check_at", "client", "installation", "token")

    def __init__(self, client: C, token: S, installation: Installation, check_at: float) -> None:
        self.client: C = client
        self.token: S = token
        self.installation: Installation = installation
        self.check_at: float = check_at


class ClientsBase(Generic[C, S]):
    """What both kinds of ``Clients`` share; ``C`` is the client, ``S`` the source of its token."""

    def __init__(
        self,
        store: InstallationStore,
        *,
        base_url: str | None,
        budget: int | Callable[[Installation], int | Meter | None] | None,
        on_call: Callable[[str, Call], object] | None,
        recheck: float,
        options: ClientOptions,
    ) -> None:
        if not isinstance(store, InstallationStore):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise InvalidArgument("store", "must be an InstallationStore")
        if isinstance(options.get("limiter"), Limiter):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise InvalidArgument("limiter", "must be true or false: each organization has its own")
        if isinstance(budget, Meter):
            raise InvalidArgument("budget", "must be a number, or a function of an installation")
        if on_call is not None:
            check_function("on_call", on_call, instead=": nothing would await it")
        self.store: InstallationStore = store
        self._base_url: str = base_url_of(base_url)
        self._budget: Any = budget
        self._on_call = on_call
        self._recheck = seconds("recheck", recheck)
        self._options: Mapping[str, Any] = dict(options)
        self._clock: Callable[[], float] = time.monotonic
        self._lock = ForkSafeLock()
        self._entries: dict[str, ClientEntry[C, S]] = {}
        self._closed = False
        # Now, and not when the first organization is served.
        settings: dict[str, Any] = dict.fromkeys(
            ("retry", "headers", "client_id", "author_id", "on_call", "logger", "region")
        )
        settings |= {"version": "3.6", "timeout": 20.0, **options}
        settings |= {"base_url": self._base_url, "budget": None if callable(budget) else budget}
        make_settings(**settings)

    def meters(self) -> dict[str, Meter]:
        """Return what has been sent so far for each organization that this object has served."""
        with self._lock:
            return {key: entry.client.meter for key, entry in self._entries.items()}

    def refresh(self, organization_id: str) -> None:
        """Have the store asked again when the organization's client is needed next.

        What an ``Installer`` with these clients changes is known at once. Changes by others are
        noticed after ``recheck`` seconds, or at once after this.
        """
        with self._lock:
            if organization_id in self._entries:
                self._entries[organization_id].check_at = -inf

    def _fresh(self, organization_id: str) -> ClientEntry[C, S] | None:
        """Return what is known of an organization, unless the store has to be asked."""
        if self._closed:
            raise ClientClosed("these clients are closed; make new ones")
        if not is_organization_id(organization_id):
            raise not_installed(organization_id)
        entry = self._entries.get(organization_id)
        if entry is None or not entry.installation.is_active or self._clock() >= entry.check_at:
            return None
        return entry

    def _entered(
        self, organization_id: str, installation: Installation | None
    ) -> ClientEntry[C, S]:
        """Take note of what the store has of an organization."""
        check_at = self._clock() + self._recheck
        entry = self._entries.get(organization_id)
        if installation is None:
            with self._lock:
                self._entries.pop(organization_id, None)
            raise not_installed(organization_id)
        if entry is None or entry.installation.id != installation.id:
            # Installed anew: another token, perhaps with other scopes. What was sent counts on.
            # Not under the lock: `budget` is a function of the user's.
            meter = None if entry is None else entry.client.meter
            entry = ClientEntry(*self._made(installation, meter), installation, check_at)
        with self._lock:
            present = self._entries.get(organization_id)
            if present is not None and present.installation.id == installation.id:
                entry = present  # another thread was faster
            self._entries[organization_id] = entry
            entry.installation, entry.check_at = installation, check_at
            return entry

    def _made(self, installation: Installation, meter: Meter | None) -> tuple[C, S]:
        raise NotImplementedError

    def _arguments(self, installation: Installation, meter: Meter | None) -> dict[str, Any]:
        on_call = self._on_call
        budget = self._budget(installation) if callable(self._budget) else self._budget
        if meter is not None and not isinstance(budget, Meter):
            budget = meter
        return {
            **self._options,
            "base_url": self._base_url,
            "region": installation.region if installation.region in ("dal", "fra") else None,
            "budget": budget,
            "client_id": installation.client_id,
            "on_call": on_call and partial(on_call, installation.organization_id),
        }

    def _keep_region(self, organization_id: str, region: str) -> None:
        """Store the data centre that a server has named, so that later processes begin there."""
        entry = self._entries.get(organization_id)
        if entry is None:
            return

        def moved(present: Installation) -> Installation:
            return msgspec.structs.replace(present, region=region)

        try:
            changed = self.store.change(entry.installation, moved)
        except TokenStoreError as failure:
            logger.warning("the region of %s could not be stored: %s", organization_id, failure)
            return
        if changed is not None:
            entry.installation = changed

    def _mark(self, organization_id: str, error: LoginRequired) -> tuple[NotInstalled, Any]:
        """Take note that there is no token any more.

        Returns the error to raise, and the installation if this call has marked it.
        """
        reason = ": ".join(part for part in (error.error, error.description) if part)
        entry = self._entries.get(organization_id)
        marked: Installation | None = None
        try:
            present = self.store.load(organization_id)
            if entry is not None and present is not None and present.id == entry.installation.id:
                # Only the one that the token was of: it may have been installed anew meanwhile.
                marked = self.store.end(present, reason)
            if present is None:
                self.refresh(organization_id)
                return not_installed(organization_id), None
            if entry is not None:
                entry.installation = marked or present
                entry.check_at = self._clock() + self._recheck
        except TokenStoreError as failure:
            logger.warning("that %s has ended could not be stored: %s", organization_id, failure)
        return ended_error(organization_id, reason, error), marked

    def __repr__(self) -> str:
        entries = self.__dict__.get("_entries", {})
        return f"<{type(self).__name__} {len(entries)} organizations>"


class Clients(ClientsBase[AgentClient, InstallationToken], Routing):
    """A client for each organization that has installed an app.

    ::

        store = InstallationStore(FileTokenStore("…"))
        clients = Clients(store, oauth=OAuth("client id", "secret"))
        clients.of(organization_id).list_chats()

    All of them share the connections. Each has a meter, a budget, a limiter, a region and a token
    of its own, which renews itself and is kept in the store. Safe to share between threads.
    """

    def __init__(
        self,
        store: InstallationStore,
        *,
        oauth: OAuth,
        base_url: str | None = None,
        budget: int | Callable[[Installation], int | Meter | None] | None = None,
        on_call: Callable[[str, Call], object] | None = None,
        on_ended: Callable[[Installation], object] | None = None,
        recheck: float = RECHECK,
        renew_before: float = RENEW_BEFORE,
        proxy: str | None = None,
        ssl_context: ssl.SSLContext | None = None,
        transport: Transport | None = None,
        **options: Unpack[ClientOptions],
    ) -> None:
        """Say where the installations are; nothing is read or sent yet.

        Arguments:

        - ``store``: the installations.
        - ``oauth``: the app; it renews the tokens. Close it after this object.
        - ``base_url``: as for ``AgentClient``.
        - ``budget``: the most requests that each organization's client may send, or a function that
          returns it (or a ``Meter``) for an installation.
        - ``on_call``: called with the organization's id and a ``Call`` after each call.
        - ``on_ended``: called with an installation when its tokens turn out to be revoked, once in
          all processes that share the store; what it raises is logged.
        - ``recheck``: seconds after which the store is asked again whether an organization still
          has the app installed.
        - ``renew_before``: as for ``OAuth.token_source``.
        - ``proxy``, ``ssl_context``, ``transport``: of the connections that all clients share.
        - ``version``, ``timeout``, ``max_response_bytes``, ``retry``, ``headers``, ``limiter``,
          ``strict``, ``on_damage``, ``logger``: as for ``AgentClient``, for each of the clients.

        Raises:
            InvalidArgument: An argument does not fit.
        """
        super().__init__(
            store, base_url=base_url, budget=budget, on_call=on_call, recheck=recheck,
            options=options,
        )  # fmt: skip
        if not isinstance(oauth, OAuth):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise InvalidArgument("oauth", "must be an OAuth")
        if on_ended is not None:
            check_function("on_ended", on_ended, instead=": nothing would await it")
        if transport is None:
            from frontdesk.transport.urllib3 import Urllib3Transport

            transport = Urllib3Transport(self._base_url, proxy=proxy, ssl_context=ssl_context)
        elif not callable(getattr(transport, "send", None)):
            raise InvalidArgument("transport", "must have `send` and `close`, as Transport says")
        self.oauth: OAuth = oauth
        self._on_ended = on_ended
        self._renew_before = seconds("renew_before", renew_before)
        self._transport: Transport = transport

    def of(self, organization_id: str) -> AgentClient:
        """Return the client of an organization, the same one each time until it installs anew.

        ``configuration()`` makes a client of the Configuration API of it.

        Raises:
            NotInstalled: The organization has not installed the app, or has uninstalled it.
            InstallationEnded: Its tokens were revoked: the app has to be installed again.
            TokenStoreError: The store cannot be used.
        """
        return checked(self._entry(organization_id)).client

    def token_of(self, organization_id: str) -> InstallationToken:
        """Return what takes the place of the organization's token, for an ``AgentRTM``, say.

        Raises:
            NotInstalled: As ``of``.
        """
        return checked(self._entry(organization_id)).token

    def _entry(self, organization_id: str) -> ClientEntry[AgentClient, InstallationToken]:
        entry = self._fresh(organization_id)
        if entry is None:
            entry = self._entered(organization_id, self.store.load(organization_id))
        return entry

    def __getitem__(self, organization_id: str) -> AgentClient:
        """Return the client of an organization; as ``of``."""
        return self.of(organization_id)

    def items(self) -> Iterator[tuple[str, AgentClient]]:
        """Iterate over all organizations with an active installation, and their clients."""
        for installation in self.store:
            if installation.is_active:
                entry = self._entered(installation.organization_id, installation)
                yield installation.organization_id, entry.client

    async def serves(self, organization_id: str) -> bool:
        """Tell whether an organization has the app installed, for a webhook ``Receiver``."""
        try:
            if self._fresh(organization_id) is None:
                installation = await run_in_thread(
                    partial(self.store.load, organization_id), "frontdesk-tokens"
                )
                self._entered(organization_id, installation)
        except NotInstalled:
            return False
        return True

    def revoke(self, organization_id: str) -> bool:
        """Revoke the tokens of an organization; ``Installer.uninstall`` does more.

        Returns:
            Whether the server had them.

        Raises:
            OAuthError: The server refuses.
            TransportError: There is no response.
        """
        key = self.store.token_key(organization_id)
        return self.oauth.token_source(self.store.tokens, key=key).revoke()

    def close(self) -> None:
        """Close the connections; none of the clients can be used any more."""
        self._closed = True
        self._transport.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _made(
        self, installation: Installation, meter: Meter | None
    ) -> tuple[AgentClient, InstallationToken]:
        key = self.store.token_key(installation.organization_id)
        source = self.oauth.token_source(
            self.store.tokens, key=key, renew_before=self._renew_before
        )
        token = InstallationToken(
            installation.organization_id, source, self._ended, self._keep_region
        )
        arguments = self._arguments(installation, meter)
        return AgentClient(token, transport=SharedTransport(self._transport), **arguments), token

    def _ended(self, organization_id: str, error: LoginRequired) -> NotInstalled:
        failure, marked = self._mark(organization_id, error)
        if marked is not None and self._on_ended is not None:
            try:
                self._on_ended(marked)
            except Exception as raised:  # noqa: BLE001 - it is logged
                log_failure(logger, "`on_ended` failed for %s", organization_id, error=raised)
        return failure


class AsyncClients(ClientsBase[AsyncAgentClient, AsyncInstallationToken], AsyncRouting):
    """A client for each organization that has installed an app; as ``Clients``, for async programs.

    ::

        clients = AsyncClients(store, oauth=AsyncOAuth("client id", "secret"))
        client = await clients.of(organization_id)
    """

    def __init__(
        self,
        store: InstallationStore,
        *,
        oauth: AsyncOAuth,
        base_url: str | None = None,
        budget: int | Callable[[Installation], int | Meter | None] | None = None,
        on_call: Callable[[str, Call], object] | None = None,
        on_ended: Callable[[Installation], object] | None = None,
        recheck: float = RECHECK,
        renew_before: float = RENEW_BEFORE,
        proxy: str | None = None,
        ssl_context: ssl.SSLContext | None = None,
        transport: AsyncTransport | None = None,
        **options: Unpack[ClientOptions],
    ) -> None:
        """Say where the installations are; as ``Clients``. ``on_ended`` may be async.

        Raises:
            InvalidArgument: An argument does not fit.
        """
        super().__init__(
            store, base_url=base_url, budget=budget, on_call=on_call, recheck=recheck,
            options=options,
        )  # fmt: skip
        if not isinstance(oauth, AsyncOAuth):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise InvalidArgument("oauth", "must be an AsyncOAuth")
        if on_ended is not None:
            check_handler("on_ended", on_ended)
        if transport is None:
            from frontdesk.transport.aiohttp import AiohttpTransport

            transport = AiohttpTransport(self._base_url, proxy=proxy, ssl_context=ssl_context)
        elif not callable(getattr(transport, "send", None)):
            raise InvalidArgument("transport", "must have `send` and `close`, as Transport says")
        self.oauth: AsyncOAuth = oauth
        self._on_ended = on_ended
        self._renew_before = seconds("renew_before", renew_before)
        self._transport: AsyncTransport = transport
        self._ending: set[asyncio.Task[NotInstalled]] = set()
        self._keeping: set[asyncio.Task[None]] = set()

    async def of(self, organization_id: str) -> AsyncAgentClient:
        """Return the client of an organization; as ``Clients.of``."""
        return checked(await self._entry(organization_id)).client

    async def token_of(self, organization_id: str) -> AsyncInstallationToken:
        """Return what takes the place of the organization's token, for an ``AsyncAgentRTM``, say.

        Raises:
            NotInstalled: As ``of``.
        """
        return checked(await self._entry(organization_id)).token

    async def items(self) -> AsyncGenerator[tuple[str, AsyncAgentClient]]:
        """Iterate over all organizations with an active installation, and their clients."""
        for installation in await run_in_thread(lambda: list(self.store), "frontdesk-tokens"):
            if installation.is_active:
                entry = self._entered(installation.organization_id, installation)
                yield installation.organization_id, entry.client

    async def _entry(
        self, organization_id: str
    ) -> ClientEntry[AsyncAgentClient, AsyncInstallationToken]:
        entry = self._fresh(organization_id)
        if entry is None:
            loaded = await run_in_thread(
                partial(self.store.load, organization_id), "frontdesk-tokens"
            )
            entry = self._entered(organization_id, loaded)
        return entry

    async def serves(self, organization_id: str) -> bool:
        """Tell whether an organization has the app installed, for a webhook ``Receiver``."""
        try:
            await self._entry(organization_id)
        except NotInstalled:
            return False
        return True

    async def revoke(self, organization_id: str) -> bool:
        """Revoke the tokens of an organization; as ``Clients.revoke``."""
        key = self.store.token_key(organization_id)
        return await self.oauth.token_source(self.store.tokens, key=key).revoke()

    async def close(self) -> None:
        """Close the connections; none of the clients can be used any more."""
        self._closed = True
        if self._keeping:
            await asyncio.wait(self._keeping)
        await self._transport.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()

    def _made(
        self, installation: Installation, meter: Meter | None
    ) -> tuple[AsyncAgentClient, AsyncInstallationToken]:
        key = self.store.token_key(installation.organization_id)
        source = self.oauth.token_source(
            self.store.tokens, key=key, renew_before=self._renew_before
        )
        token = AsyncInstallationToken(
            installation.organization_id, source, self._ended, self._region_learned
        )
        transport = AsyncSharedTransport(self._transport)
        arguments = self._arguments(installation, meter)
        return AsyncAgentClient(token, transport=transport, **arguments), token

    def _region_learned(self, organization_id: str, region: str) -> None:
        # The call that learned it goes on meanwhile.
        keeping = asyncio.create_task(
            to_its_end(partial(self._keep_region, organization_id, region))
        )
        self._keeping.add(keeping)
        keeping.add_done_callback(self._keeping.discard)

    async def _ended(self, organization_id: str, error: LoginRequired) -> NotInstalled:
        # A task of its own: whoever called may be cancelled between the mark and the callback.
        ending = asyncio.create_task(self._end(organization_id, error))
        self._ending.add(ending)
        ending.add_done_callback(self._ending.discard)
        return await asyncio.shield(ending)

    async def _end(self, organization_id: str, error: LoginRequired) -> NotInstalled:
        failure, marked = await to_its_end(partial(self._mark, organization_id, error))
        if marked is not None and self._on_ended is not None:
            try:
                await called(self._on_ended, marked)
            except Exception as raised:  # noqa: BLE001 - it is logged
                log_failure(logger, "`on_ended` failed for %s", organization_id, error=raised)
        assert isinstance(failure, NotInstalled)
        return failure


def checked(entry: ClientEntry[C, S]) -> ClientEntry[C, S]:
    """Raise ``InstallationEnded`` for an installation that has ended."""
    installation = entry.installation
    if not installation.is_active:
        raise ended_error(installation.organization_id, installation.ended_because, None)
    return entry


async def called(function: Callable[..., Any], *arguments: object) -> Any:
    """Call a function of the user's: one that is not async in a thread."""
    if is_async(function):
        return await function(*arguments)
    return await run_in_thread(partial(function, *arguments), "frontdesk-installations")


def not_installed(organization_id: object) -> NotInstalled:
    """Make the error for an organization that has not installed the app."""
    shown = organization_id if is_organization_id(organization_id) else "that name"
    failure = NotInstalled(f"the organization {shown} has not installed the app")
    failure.organization_id = shown if isinstance(shown, str) else ""
    return failure
