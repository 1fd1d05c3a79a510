"""Tokens in the keyring of the user: Keychain, Credential Manager, Secret Service, KWallet."""

import os
from collections.abc import Generator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, Protocol, cast

import msgspec

from frontdesk.auth.stores.base import Record, RecordStore
from frontdesk.auth.stores.leases import FileLeases
from frontdesk.errors import TokenStoreDamaged, TokenStoreUnavailable
from frontdesk.extras import importing_extra
from frontdesk.redaction import likeness

__all__ = ["KeyringTokenStore"]

INDEX: Final = "keys of frontdesk"
"""The name under which the keys are listed, for a keyring lists nothing by itself."""
_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Record).decode
_decode_keys = msgspec.json.Decoder(list[str]).decode


class Backend(Protocol):
    """What is used of a backend of the library ``keyring``."""

    def get_password(self, service: str, username: str) -> str | None:
        """Return what is stored."""
        ...

    def set_password(self, service: str, username: str, password: str) -> None:
        """Store."""
        ...

    def delete_password(self, service: str, username: str) -> None:
        """Forget."""
        ...


class KeyringTokenStore(RecordStore):
    """Keeps tokens in the keyring of the user, encrypted as the system does it.

    Needs the extra ``frontdesk[keyring]``.

    Args:
        service: what the keyring lists the tokens under.
        backend: a backend of the library ``keyring``; defaults to the one it chooses.
        lock_folder: where the locks lie that keep processes apart, on a disk of this machine.
            Defaults to ``frontdesk`` in the user's folder for caches.

    Raises:
        MissingDependency: The library is not installed.
        TokenStoreUnavailable: The system has no keyring.
    """

    def __init__(
        self,
        service: str = "frontdesk",
        *,
        backend: Any = None,
        lock_folder: str | os.PathLike[str] | None = None,
    ) -> None:
        with importing_extra("keyring", "KeyringTokenStore"):
            import keyring
        self._service = service
        self._keyring = cast("Backend", keyring.get_keyring() if backend is None else backend)
        if getattr(self._keyring, "priority", 1) <= 0:
            raise TokenStoreUnavailable(
                "this system has no keyring that frontdesk could use; start one (Secret Service, "
                "KWallet), or use FileTokenStore"
            )
        folder = _caches() if lock_folder is None else Path(lock_folder)
        self._leases = FileLeases(folder / f"keyring-{sha256(service.encode()).hexdigest()[:16]}")

    def keys(self) -> list[str]:
        """Return the keys that have something, in order."""
        with self._explained():
            text = self._keyring.get_password(self._service, INDEX)
        try:
            return sorted(_decode_keys(text)) if text else []
        except msgspec.MsgspecError:
            return []

    def read(self, key: str) -> Record | None:
        """Return what a key has.

        Raises:
            TokenStoreUnavailable: The keyring is locked, or does not respond.
            TokenStoreDamaged: The keyring has something else under the key.
        """
        with self._explained():
            text = self._keyring.get_password(self._service, key)
        if text is None:
            return None
        try:
            return _decode(text)
        except msgspec.MsgspecError:
            pass
        raise TokenStoreDamaged(
            f"what the keyring has under {self._service!r} and {key!r} is none of frontdesk's; "
            "delete it there, and log in again"
        )

    def write(self, key: str, record: Record, expected: str | None) -> bool:
        """Store a record if the key has that version, or none; returns whether it did."""
        with self._leases.writing():
            present = self.read(key)
            if (None if present is None else present.version) != expected:
                return False
            with self._explained():
                self._keyring.set_password(self._service, key, _encode(record).decode())
            if present is None:
                self._list({*self.keys(), key})
            return True

    def remove(self, key: str) -> None:
        """Forget what a key has."""
        with self._leases.writing():
            with self._explained():
                if self._keyring.get_password(self._service, key) is not None:
                    self._keyring.delete_password(self._service, key)
            self._list(set(self.keys()) - {key})

    def acquire(self, key: str, owner: str, seconds: float) -> bool:
        """Take the lease of a key; returns whether nobody else has it."""
        return self._leases.acquire(key, owner, seconds)

    def release(self, key: str, owner: str) -> None:
        """Give a lease back; that of another owner stays."""
        self._leases.release(key, owner)

    def place(self) -> str:
        """Return what a message calls the store."""
        return "the keyring"

    def _list(self, keys: set[str]) -> None:
        with self._explained():
            self._keyring.set_password(self._service, INDEX, _encode(sorted(keys)).decode())

    @contextmanager
    def _explained(self) -> Generator[None]:
        try:
            yield
        except Exception as error:  # noqa: BLE001 - backends raise what their system does
            failure = TokenStoreUnavailable(
                f"the keyring does not respond ({type(error).__name__}); unlock it and try again, "
                "or use FileTokenStore"
            )
            failure.__cause__ = likeness(error, "keyring", "secretstorage", "jeepney")
        else:
            return
        # Outside of the clause, or the library's exception would be the context of ours.
        raise failure


def _caches() -> Path:
    """Return where the user's programs keep what they can make anew."""
    folder = os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA")
    return (Path(folder) if folder else Path.home() / ".cache") / "frontdesk"
