"""Where the registrations of a bot are kept: its credentials in each organization."""

import secrets
from collections.abc import Callable, Iterator
from typing import Final

import msgspec
from msgspec import Struct

from frontdesk.auth.stores.base import Record, RecordStore, checked_key
from frontdesk.errors import InvalidArgument, TokenStoreDamaged
from frontdesk.installations.store import is_organization_id
from frontdesk.redaction import register
from frontdesk.spec.arguments import check_text

__all__ = ["BotRegistration", "BotRegistrations", "names_in"]

PREFIX: Final = "bot/"
LONGEST_NAME: Final = 256
SECRET_BYTES: Final = 24


class BotRegistration(Struct, frozen=True, kw_only=True):
    """A bot in an organization, as far as it is registered there; no ``repr`` shows its secrets."""

    name: str
    """The name of the bot."""
    organization_id: str
    """The organization."""
    client_id: str
    """The client id of the app that owns the bot and its webhooks."""
    base_url: str
    """Where the API is: the secrets go nowhere else."""
    webhook_secret: str
    """The ``secret_key`` of the webhooks."""
    bot_id: str = ""
    """The id of the bot; empty until it is made."""
    bot_secret: str = ""
    """What its tokens are issued with; empty until it is made."""
    is_own_bot: bool = False
    """Whether the bot was made by this registration, which then also deletes it."""
    url: str = ""
    """Where the webhooks are sent; empty if there are none."""
    webhooks: dict[str, str] = {}
    """The id of each registered webhook, by its action."""

    def __post_init__(self) -> None:
        register(self.webhook_secret)
        register(self.bot_secret)

    def __repr__(self) -> str:
        return f"BotRegistration({self.name!r}, {self.organization_id!r}, bot_id={self.bot_id!r})"


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(BotRegistration).decode


class BotRegistrations:
    """Keeps the registrations of one bot in a store for tokens, one for each organization.

    For one process or many, as that store is: ``FileTokenStore``, ``KeyringTokenStore``,
    ``MemoryTokenStore``, ``RedisTokenStore``, or a ``RecordStore`` of your own over your database.
    It may keep tokens and other bots too. Every method may be called from any thread, and may take
    its time.

    Args:
        store: Where they are kept.
        name: The name of the bot.

    Raises:
        InvalidArgument: It is no ``RecordStore``, or that is no name.
    """

    def __init__(self, store: RecordStore, name: str) -> None:
        self.store: RecordStore = checked_store(store)
        check_text("name", name)
        if not 0 < len(name) <= LONGEST_NAME or not name.isprintable():
            raise InvalidArgument(
                "name", f"must be one line of text, {LONGEST_NAME} characters at most"
            )
        self.name: str = name
        """The name of the bot."""

    def __repr__(self) -> str:
        return f"<BotRegistrations of {self.name!r} in {self.store.place()}>"

    def load(self, organization_id: str) -> BotRegistration | None:
        """Return the registration in an organization; ``None`` if there is none.

        Raises:
            TokenStoreError: The store cannot be used, or holds something else.
            InvalidArgument: That is no id of an organization.
        """
        record = self.store.read(self._key(organization_id))
        return None if record is None else self._decoded(organization_id, record)

    def change(
        self,
        organization_id: str,
        change: Callable[[BotRegistration | None], BotRegistration],
    ) -> BotRegistration:
        """Change the registration in an organization in one step, and return it.

        Args:
            organization_id: Which one.
            change: Takes what is stored, ``None`` if nothing is, and returns what is to be; called
                again if somebody else changed it meanwhile.

        Raises:
            TokenStoreError: The store cannot be used.
        """
        key = self._key(organization_id)
        while True:
            record = self.store.read(key)
            changed = change(None if record is None else self._decoded(organization_id, record))
            written = Record(secrets.token_hex(8), _encode(changed).decode())
            if self.store.write(key, written, None if record is None else record.version):
                return changed

    def remove(self, organization_id: str) -> None:
        """Forget the registration in an organization; nothing is unregistered by that."""
        self.store.delete(self._key(organization_id))

    def organization_ids(self) -> list[str]:
        """Return the ids of the organizations that the bot is registered in, in order."""
        return sorted(
            organization_id
            for organization_id, name in _entries(self.store)
            if name == self.name and is_organization_id(organization_id)
        )

    def __iter__(self) -> Iterator[BotRegistration]:
        """Iterate over the registrations, in the order of the organizations' ids."""
        for organization_id in self.organization_ids():
            registration = self.load(organization_id)
            if registration is not None:
                yield registration

    def webhook_secrets(self) -> tuple[str, ...]:
        """Return the secrets that webhooks of these registrations come with; usually one."""
        return tuple(dict.fromkeys(registration.webhook_secret for registration in self))

    def new_secret(self) -> str:
        """Return a secret for the webhooks of a new registration: that of the others, if any.

        One secret for all organizations, so that a running receiver knows it when another
        organization is added. Only LiveChat and the bot ever see it.
        """
        present = self.webhook_secrets()
        return present[0] if present else secrets.token_urlsafe(SECRET_BYTES)

    def _key(self, organization_id: str) -> str:
        if not is_organization_id(organization_id):
            raise InvalidArgument(
                "organization_id", "must be the id of an organization: letters, digits, `-`, `_`"
            )
        return checked_key(f"{PREFIX}{organization_id}/{self.name}")

    def _decoded(self, organization_id: str, record: Record) -> BotRegistration:
        try:
            return _decode(record.text)
        except (msgspec.MsgspecError, UnicodeError):
            pass
        raise TokenStoreDamaged(
            f"what {self.store.place()} has of the bot {self.name!r} in the organization "
            f"{organization_id} is no registration of this version of frontdesk; remove it, and "
            "register the bot again"
        )


def names_in(store: RecordStore) -> list[str]:
    """Return the names of the bots that a store has registrations of, in order."""
    return sorted({name for _, name in _entries(checked_store(store))})


def checked_store(store: object) -> RecordStore:
    """Refuse what keeps no records; raises ``InvalidArgument``."""
    if not isinstance(store, RecordStore):
        raise InvalidArgument(
            "store",
            "must be a RecordStore, such as a FileTokenStore, a MemoryTokenStore or a "
            "RedisTokenStore",
        )
    return store


def _entries(store: RecordStore) -> Iterator[tuple[str, str]]:
    for key in store.keys():  # noqa: SIM118 - no dict
        if key.startswith(PREFIX):
            organization_id, _, name = key.removeprefix(PREFIX).partition("/")
            yield organization_id, name
