"""What keeps tokens, and what every backend of it does in the same way."""

from collections.abc import Iterable
from typing import Final, Protocol, runtime_checkable

import msgspec
from msgspec import Struct

from frontdesk.auth.grants import TokenGrant
from frontdesk.errors import InvalidArgument, TokenStoreDamaged

__all__ = ["Record", "RecordStore", "TokenStore", "checked_key", "put_grant"]

LONGEST_KEY: Final = 512
_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(TokenGrant).decode


@runtime_checkable
class TokenStore(Protocol):
    """Keeps a grant under each key, for this process or for many.

    Every method may be called from any thread, and may take its time. It raises ``TokenStoreError``
    when the store cannot be used.
    """

    def load(self, key: str) -> TokenGrant | None:
        """Return the grant of a key; ``None`` if it has none."""
        ...

    def replace(self, key: str, grant: TokenGrant, expected: TokenGrant | None) -> bool:
        """Store a grant if the key still has the one that is expected, in one step.

        Args:
            key: what the grant is stored under.
            grant: the new one; its ``generation`` is above that of the one it replaces.
            expected: the one to replace; ``None`` if the key is to have none.

        Returns:
            Whether it was stored, so that it survives this process.
        """
        ...

    def delete(self, key: str) -> None:
        """Forget the grant of a key; one that is not there does no harm."""
        ...

    def acquire(self, key: str, owner: str, seconds: float) -> bool:
        """Take the lease of a key, which lets one owner at a time renew its token.

        Args:
            key: what the grant is stored under.
            owner: who takes it: a text that nobody else has.
            seconds: after how long it ends by itself, where nothing notices that its owner was
                killed.

        Returns:
            Whether nobody else has it.
        """
        ...

    def release(self, key: str, owner: str) -> None:
        """Give a lease back; that of another owner stays."""
        ...


class Record(Struct, frozen=True):
    """A text in a store, and what tells it from the one before it."""

    version: str
    text: str

    def __repr__(self) -> str:
        return f"Record({self.version!r})"


class RecordStore:
    """A ``TokenStore`` on top of a place that keeps texts; backends fill in the rest."""

    def load(self, key: str) -> TokenGrant | None:
        """Return the grant of a key; ``None`` if it has none."""
        record = self.read(checked_key(key))
        if record is None:
            return None
        try:
            return _decode(record.text)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            pass
        raise TokenStoreDamaged(
            f"what {self.place()} has under {key!r} is no grant of this version of frontdesk; "
            "delete it, and log in again"
        )

    def replace(self, key: str, grant: TokenGrant, expected: TokenGrant | None) -> bool:
        """Store a grant if the key still has the one that is expected, in one step."""
        if expected is not None and grant.generation <= expected.generation:
            raise InvalidArgument("grant", "must be of a later generation than the one it replaces")
        record = Record(version_of(grant), _encode(grant).decode())
        return self.write(
            checked_key(key), record, None if expected is None else version_of(expected)
        )

    def delete(self, key: str) -> None:
        """Forget the grant of a key; one that is not there does no harm."""
        self.remove(checked_key(key))

    def keys(self) -> Iterable[str]:
        """Return the keys that have something, in order."""
        raise NotImplementedError

    def read(self, key: str) -> Record | None:
        """Return what a key has."""
        raise NotImplementedError

    def write(self, key: str, record: Record, expected: str | None) -> bool:
        """Store a record if the key has that version, or none; returns whether it did."""
        raise NotImplementedError

    def remove(self, key: str) -> None:
        """Forget what a key has."""
        raise NotImplementedError

    def acquire(self, key: str, owner: str, seconds: float) -> bool:
        """Take the lease of a key; returns whether nobody else has it."""
        raise NotImplementedError

    def release(self, key: str, owner: str) -> None:
        """Give a lease back; that of another owner stays."""
        raise NotImplementedError

    def place(self) -> str:
        """Return what a message calls the store."""
        return "the store"


def put_grant(store: TokenStore, key: str, grant: TokenGrant) -> TokenGrant:
    """Store the grant of a log-in, which is newer than whatever is there; return it."""
    while True:
        present = store.load(key)
        generation = 1 if present is None else present.generation + 1
        grant = msgspec.structs.replace(grant, generation=generation)
        if store.replace(key, grant, present):
            return grant


def version_of(grant: TokenGrant) -> str:
    """Return what tells a grant from all others that its key ever had."""
    return f"{grant.generation}-{grant.id}"


def checked_key(key: object) -> str:
    """Refuse what is no key: any line of text."""
    if not isinstance(key, str) or not 0 < len(key) <= LONGEST_KEY or not key.isprintable():
        raise InvalidArgument("key", f"must be one line of text, {LONGEST_KEY} characters at most")
    return key
