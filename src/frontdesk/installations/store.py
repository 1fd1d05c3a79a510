"""Who has installed an app: an installation for each organization, and where they are kept."""

import re
import secrets
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Final

import msgspec
from msgspec import Struct

from frontdesk.auth.grants import TokenGrant
from frontdesk.auth.stores.base import Record, RecordStore, checked_key, put_grant
from frontdesk.errors import InvalidArgument, TokenStoreDamaged

__all__ = ["Installation", "InstallationStore"]

ORGANIZATION_ID: Final = re.compile(r"[A-Za-z0-9._-]{1,128}")
PREFIX: Final = "organization:"
TOKEN: Final = ":token"  # noqa: S105 - the end of a key


class Installation(Struct, frozen=True, kw_only=True):
    """That an organization has installed the app; its tokens are kept beside it."""

    organization_id: str
    client_id: str | None = None
    """The app."""
    account_id: str | None = None
    """Who installed it: its tokens act for that account."""
    region: str | None = None
    """The data centre of the organization, ``dal`` or ``fra``, if its token tells."""
    scopes: tuple[str, ...] = ()
    """What the tokens may do."""
    webhook_ids: tuple[str, ...] = ()
    """The webhooks that were registered for it; uninstalling unregisters them."""
    installed_at: datetime
    ended_at: datetime | None = None
    """When its tokens were found to be revoked; ``None`` while they are good."""
    ended_because: str = ""
    """What the server said then."""
    id: str
    """Tells it from earlier installations of the organization."""

    @property
    def is_active(self) -> bool:
        """Whether its tokens are good, as far as it is known."""
        return self.ended_at is None


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Installation).decode


class InstallationStore:
    """Keeps the installations of an app, and their tokens, in a store for tokens.

    For one process or many, as that store is: ``FileTokenStore``, ``KeyringTokenStore``,
    ``MemoryTokenStore``, ``RedisTokenStore``, or a ``RecordStore`` of your own over your database.
    Every method may be called from any thread, and may take its time.

    Args:
        store: where tokens and installations are kept.
        prefix: what its keys begin with, where a store is used for something else, too.

    Raises:
        InvalidArgument: It is no ``RecordStore``.
    """

    def __init__(self, store: RecordStore, *, prefix: str = PREFIX) -> None:
        if not isinstance(store, RecordStore):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise InvalidArgument(
                "store",
                "must be a RecordStore, such as a FileTokenStore, a MemoryTokenStore or a "
                "RedisTokenStore",
            )
        self.tokens: RecordStore = store
        """The store below, with the tokens."""
        self._prefix = checked_key(prefix)

    def load(self, organization_id: str) -> Installation | None:
        """Return the installation of an organization; ``None`` if it has not installed the app.

        Raises:
            TokenStoreError: The store cannot be used, or holds something else.
            InvalidArgument: That is no id of an organization.
        """
        record = self.tokens.read(self._key(organization_id))
        return None if record is None else self._decoded(organization_id, record)

    def add(self, grant: TokenGrant, organization_id: str | None = None) -> Installation:
        """Store the tokens of a log-in as the installation of its organization.

        The token is stored first. An organization that has installed the app before gets a new
        installation, which still has the ids of the webhooks that were registered for it.

        Args:
            grant: what ``OAuth.exchange`` returned.
            organization_id: of which organization; defaults to that of the grant.

        Returns:
            The installation.

        Raises:
            TokenStoreError: The store cannot be used.
            InvalidArgument: Neither the grant nor you say which organization it is.
        """
        organization_id = organization_id or grant.organization_id
        if organization_id is None:
            raise InvalidArgument("organization_id", "must be given: the token does not tell it")
        key = self._key(organization_id)
        grant = put_grant(self.tokens, self.token_key(organization_id), grant)
        while True:
            record = self.tokens.read(key)
            previous = None if record is None else self._decoded(organization_id, record)
            installation = Installation(
                organization_id=organization_id,
                client_id=grant.client_id,
                account_id=grant.account_id,
                region=grant.region,
                scopes=grant.scopes,
                webhook_ids=() if previous is None else previous.webhook_ids,
                installed_at=datetime.now(UTC),
                id=secrets.token_hex(8),
            )
            if self._write(key, installation, record):
                return installation

    def change(
        self, installation: Installation, change: Callable[[Installation], Installation]
    ) -> Installation | None:
        """Change what is stored of an installation, unless another one has taken its place.

        Args:
            installation: which one.
            change: takes what is stored at present, and returns what is to be; it may be called
                several times, if others change it as well.

        Returns:
            What is stored then; ``None`` if the organization has uninstalled the app, or installed
            it anew.
        """
        key = self._key(installation.organization_id)
        while True:
            record = self.tokens.read(key)
            if record is None:
                return None
            present = self._decoded(installation.organization_id, record)
            if present.id != installation.id:
                return None
            changed = change(present)
            if changed == present or self._write(key, changed, record):
                return changed

    def end(self, installation: Installation, reason: str = "") -> Installation | None:
        """Mark an installation whose tokens are good no more.

        Returns:
            The installation if this call has marked it; ``None`` if it was marked already, or
            another one has taken its place.
        """
        ended_at = datetime.now(UTC)

        def ended(present: Installation) -> Installation:
            if present.ended_at is not None:
                return present
            return msgspec.structs.replace(present, ended_at=ended_at, ended_because=reason)

        marked = self.change(installation, ended)
        return marked if marked is not None and marked.ended_at == ended_at else None

    def remove(self, organization_id: str) -> None:
        """Forget an installation and its tokens; ``Installer.uninstall`` revokes them as well."""
        self.tokens.delete(self.token_key(organization_id))
        self.tokens.delete(self._key(organization_id))

    def organization_ids(self) -> list[str]:
        """Return the ids of the organizations that have installed the app, in order."""
        start = len(self._prefix)
        return sorted(
            key[start:]
            for key in self.tokens.keys()  # noqa: SIM118 - no dict
            if key.startswith(self._prefix) and ORGANIZATION_ID.fullmatch(key[start:])
        )

    def __iter__(self) -> Iterator[Installation]:
        """Iterate over the installations, in the order of the organizations' ids."""
        for organization_id in self.organization_ids():
            installation = self.load(organization_id)
            if installation is not None:
                yield installation

    def token_key(self, organization_id: str) -> str:
        """Return what the tokens of an organization are stored under."""
        return self._key(organization_id) + TOKEN

    def check(self) -> None:
        """Raise ``TokenStoreError`` if the store cannot be used."""
        self.tokens.read(f"{self._prefix}-")

    def _key(self, organization_id: str) -> str:
        if not is_organization_id(organization_id):
            raise InvalidArgument(
                "organization_id", "must be the id of an organization: letters, digits, `-`, `_`"
            )
        return self._prefix + organization_id

    def _decoded(self, organization_id: str, record: Record) -> Installation:
        try:
            return _decode(record.text)
        except (msgspec.MsgspecError, UnicodeError):
            pass
        raise TokenStoreDamaged(
            f"what {self.tokens.place()} has of the organization {organization_id} is no "
            "installation of this version of frontdesk; remove it, and have the app installed again"
        )

    def _write(self, key: str, installation: Installation, previous: Record | None) -> bool:
        record = Record(secrets.token_hex(8), _encode(installation).decode())
        return self.tokens.write(key, record, None if previous is None else previous.version)

    def __repr__(self) -> str:
        return f"<InstallationStore in {self.tokens.place()}>"


def is_organization_id(value: object) -> bool:
    """Tell whether a value can be the id of an organization."""
    return isinstance(value, str) and ORGANIZATION_ID.fullmatch(value) is not None
