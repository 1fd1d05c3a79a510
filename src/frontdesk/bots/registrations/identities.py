"""Whom a bot acts as in each organization that it is registered in."""

import asyncio
import time
from functools import partial
from typing import Any, Final

from msgspec import Struct

from frontdesk.auth.bot_tokens import BotToken
from frontdesk.auth.stores.base import RecordStore
from frontdesk.bots.identity import Identity
from frontdesk.bots.registrations.store import BotRegistration, BotRegistrations, names_in
from frontdesk.errors import FrontdeskError, InvalidArgument, NotInstalled
from frontdesk.grammar import listed
from frontdesk.rendered.agent import AgentClient
from frontdesk.rendered.async_agent import AsyncAgentClient
from frontdesk.spec.addresses import seconds

__all__ = ["InstalledBots"]

MAX_AGE: Final = 60.0


class _Known(Struct, frozen=True):
    """What was read of an organization, and when."""

    registration: BotRegistration | None
    identity: Identity | None
    token: BotToken | None
    read_at: float


class InstalledBots:
    """The bot of each organization that it is registered in: ``Bot(identities=InstalledBots(…))``.

    Reads the store that ``frontdesk bot register`` or a ``BotRegistrar`` writes. Each organization
    has a token and clients of its own, which go to where the bot was registered. A registration
    that is added, changed or removed is noticed within ``max_age`` seconds, without a restart.
    A ``Receiver`` takes it as ``organizations``: webhooks of strangers are refused then.

    Args:
        store: A store for tokens, such as a ``FileTokenStore``.
        name: The name of the bot. Defaults to the only one in the store.
        max_age: Seconds after which a registration is read again.
        options: Further options of the clients, such as ``timeout``.

    Raises:
        InvalidArgument: An argument does not fit.
    """

    def __init__(
        self,
        store: RecordStore,
        name: str | None = None,
        *,
        max_age: float = MAX_AGE,
        **options: Any,
    ) -> None:
        if "base_url" in options:
            raise InvalidArgument("base_url", "is that which the bot was registered at")
        self._max_age = seconds("max_age", max_age)
        self._options = options
        self._store = store
        self._name = name
        if name is not None:
            BotRegistrations(store, name)
        self._known: dict[str, _Known] = {}
        self._reading: dict[str, asyncio.Task[_Known]] = {}
        self._retired: list[_Known] = []

    def __repr__(self) -> str:
        return f"<InstalledBots {self._name or 'without a name'}>"

    @property
    def registrations(self) -> BotRegistrations:
        """The registrations; reads the store if no name was given.

        Raises:
            InvalidArgument: No name was given, and the store has several bots or none.
        """
        if self._name is None:
            names = names_in(self._store)
            if len(names) != 1:
                there = f"it has {listed(names)}" if names else "it has none yet"
                raise InvalidArgument("name", f"must say which bot of the store: {there}")
            self._name = names[0]
        return BotRegistrations(self._store, self._name)

    async def of(self, organization_id: str) -> Identity:
        """Return the bot of an organization; an empty id stands for the only organization.

        Raises:
            NotInstalled: The bot is not registered there.
            TokenStoreError: The store cannot be used.
        """
        if not organization_id:
            ids = await asyncio.to_thread(self._organization_ids)
            if len(ids) != 1:
                raise InvalidArgument(
                    "organization_id", f"must be given: the bot is registered in {len(ids)}"
                )
            organization_id = ids[0]
        identity = (await self._read(organization_id)).identity
        if identity is None:
            error = NotInstalled(
                f"the bot is not registered in the organization {organization_id}", status=0
            )
            error.organization_id = organization_id
            raise error
        return identity

    def webhook_secrets(self) -> tuple[str, ...]:
        """Return the secrets that webhooks of the registrations come with.

        Raises:
            TokenStoreError: The store cannot be used.
            InvalidArgument: It is not clear which bot of the store is meant.
        """
        return self.registrations.webhook_secrets()

    async def serves(self, organization_id: str) -> bool:
        """Tell whether the bot is registered in an organization, as ``Receiver`` asks."""
        try:
            return (await self._read(organization_id)).identity is not None
        except InvalidArgument:
            return False

    async def close(self) -> None:
        """Close all connections."""
        known = [*self._known.values(), *self._retired]
        self._known, self._retired = {}, []
        for each in known:
            if each.identity is not None and each.token is not None:
                each.identity.sync_client.close()
                await each.identity.client.close()
                each.token.close()

    async def _read(self, organization_id: str) -> _Known:
        known = self._known.get(organization_id)
        if known is not None and time.monotonic() - known.read_at < self._max_age:
            return known
        reading = self._reading.get(organization_id)
        if reading is None:
            # Once for all who wait; one of them that is cancelled stops it for nobody.
            reading = asyncio.create_task(self._read_anew(organization_id, known))
            self._reading[organization_id] = reading
            reading.add_done_callback(lambda _: self._reading.pop(organization_id, None))
        try:
            return await asyncio.shield(reading)
        except FrontdeskError:
            if known is not None:
                # A store that is away must not stop a bot that knows who it is.
                return known
            raise

    async def _read_anew(self, organization_id: str, known: _Known | None) -> _Known:
        load = partial(self._load, organization_id)
        registration = await asyncio.to_thread(load)
        now = time.monotonic()
        if known is not None and known.registration == registration:
            fresh = _Known(registration, known.identity, known.token, now)
        else:
            if known is not None:
                # Handlers may still use its clients.
                self._retired.append(known)
            fresh = self._connected(registration, now)
        if registration is None:
            # Ids come from requests: strangers must not fill the memory.
            self._known.pop(organization_id, None)
        else:
            self._known[organization_id] = fresh
        return fresh

    def _organization_ids(self) -> list[str]:
        return self.registrations.organization_ids()

    def _load(self, organization_id: str) -> BotRegistration | None:
        return self.registrations.load(organization_id)

    def _connected(self, registration: BotRegistration | None, now: float) -> _Known:
        if registration is None or not registration.bot_secret:
            return _Known(registration, None, None, now)
        token = BotToken(
            bot_id=registration.bot_id,
            client_id=registration.client_id,
            bot_secret=registration.bot_secret,
            organization_id=registration.organization_id,
            base_url=registration.base_url,
        )
        options: dict[str, Any] = {**self._options, "base_url": registration.base_url}
        identity = Identity(
            registration.bot_id,
            AsyncAgentClient(token, **options),
            AgentClient(token, **options),
        )
        return _Known(registration, identity, token, now)
