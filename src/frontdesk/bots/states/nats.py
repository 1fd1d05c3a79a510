"""States of chats in a key-value bucket of NATS, for processes on many machines."""

import base64
import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

import msgspec
from msgspec import Struct

from frontdesk.bots.states.base import StoredState
from frontdesk.bots.states.checks import check_size
from frontdesk.errors import InvalidArgument, StateConflict, StateStoreError
from frontdesk.spec.arguments import check_count
from frontdesk.transport.nats import NatsConnection, NatsFailure, NatsRefusal, nats_settings

__all__ = ["NatsStateStore"]

BUCKET: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
UNFIT: Final = re.compile(r"[^A-Za-z0-9_/-]")
LONGEST_KEY: Final = 1024
FORMAT: Final = "1"
KEY_FORMAT: Final = "frontdesk-states"

NO_STREAM: Final = 10059
NAME_IN_USE: Final = 10058
NO_MESSAGE: Final = 10037
WRONG_REVISION: Final = frozenset({10071, 10164})


class _Config(Struct):
    retention: str = ""
    discard: str = ""
    storage: str = ""
    max_msgs_per_subject: int = 0
    max_age: int = 0
    max_msgs: int = -1
    num_replicas: int = 1
    metadata: dict[str, str] = {}


class _Info(Struct):
    config: _Config


class _Stored(Struct):
    seq: int
    data: str = ""
    hdrs: str = ""


class _Message(Struct):
    message: _Stored


class _Ack(Struct):
    seq: int


_info = msgspec.json.Decoder(_Info).decode
_message = msgspec.json.Decoder(_Message).decode
_ack = msgspec.json.Decoder(_Ack).decode


class NatsStateStore:
    """Keeps states in a bucket of NATS's key-value store, for any number of processes and machines.

    Needs the extra ``frontdesk[nats]`` and a NATS server with JetStream. What is saved survives the
    end of the server; whether it survives a crash of its machine is the server's setting
    (``sync_interval: always``, or several replicas).

    Args:
        servers: One address or several of a cluster, such as ``nats://user:password@host:4222``.
        bucket: The bucket; made if it is missing.
        replicas: On how many servers of a cluster each state is stored.
        connection: More arguments of ``nats.connect``, such as ``tls`` and ``user_credentials``.

    Raises:
        MissingDependency: The library ``nats-py`` is not installed.
        InvalidArgument: An argument makes no sense.
    """

    def __init__(
        self,
        servers: str | Iterable[str] = "nats://127.0.0.1:4222",
        *,
        bucket: str = "frontdesk-states",
        replicas: int = 1,
        connection: Mapping[str, Any] | None = None,
    ) -> None:
        self._settings = nats_settings(servers, connection, "NatsStateStore")
        if not isinstance(bucket, str) or not BUCKET.fullmatch(bucket):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise InvalidArgument("bucket", "must be 1 to 64 letters, digits, `-` and `_`")
        check_count("replicas", replicas)
        self._bucket = bucket
        self._stream = f"KV_{bucket}"
        self._replicas = replicas
        self._connection: NatsConnection | None = None

    def __repr__(self) -> str:
        return f"<NatsStateStore {self._bucket!r}>"

    async def start(self) -> None:
        """Connect, make the bucket if it is missing, and check that it keeps what it is given.

        Raises:
            StateStoreError: No server responds, or the bucket is something else.
        """
        if self._connection is not None:
            return
        connection = NatsConnection(self._settings, f"frontdesk {self._bucket}")
        try:
            await connection.connect()
            self._check(await self._ensure(connection))
        except NatsFailure as failure:
            await connection.close()
            raise _unusable(failure) from None
        except BaseException:
            await connection.close()
            raise
        self._connection = connection

    async def load(self, key: str) -> StoredState | None:
        """Return what is stored under a key; ``None`` if nothing is."""
        stored = await self._last(self._subject(key))
        if stored is None or _is_deleted(stored):
            return None
        return StoredState(base64.b64decode(stored.data), stored.seq)

    async def save(self, key: str, data: bytes, revision: int) -> int:
        """Store bytes if the key still has that revision; returns the new one.

        Raises:
            StateConflict: Something else was stored under the key meanwhile.
            InvalidArgument: More than 1 MB.
            StateStoreError: The server does not respond, or has no room.
        """
        check_size(data)
        subject = self._subject(key)
        new = await self._put(subject, data, revision)
        if new is None and not revision:
            # Somebody may have deleted the key with the tools of NATS, which leave a mark there.
            stored = await self._last(subject)
            if stored is not None and _is_deleted(stored):
                new = await self._put(subject, data, stored.seq)
        if new is None:
            raise StateConflict(f"the state of {key} was changed meanwhile")
        return new

    async def delete(self, key: str) -> None:
        """Forget what a key has."""
        try:
            await self._there().call(f"STREAM.PURGE.{self._stream}", {"filter": self._subject(key)})
        except NatsFailure as failure:
            raise _unusable(failure) from None

    async def close(self) -> None:
        """Disconnect."""
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()

    def _subject(self, key: str) -> str:
        """Return what a key is stored under; NATS takes a few characters only in keys."""
        encoded = UNFIT.sub(_escaped, key) or "="
        if len(encoded) > LONGEST_KEY:
            raise InvalidArgument("key", f"must have {LONGEST_KEY} characters or fewer")
        return f"$KV.{self._bucket}.{encoded}"

    async def _last(self, subject: str) -> _Stored | None:
        # From the leader: a copy that is behind would have the handler work on an old state.
        try:
            data = await self._there().call(
                f"STREAM.MSG.GET.{self._stream}", {"last_by_subj": subject}
            )
        except NatsRefusal as refusal:
            if refusal.code == NO_MESSAGE:
                return None
            raise _unusable(refusal) from None
        except NatsFailure as failure:
            raise _unusable(failure) from None
        return _message(data).message

    async def _put(self, subject: str, data: bytes, revision: int) -> int | None:
        headers = {"Nats-Expected-Last-Subject-Sequence": str(revision)}
        try:
            return _ack(await self._there().request(subject, data, headers)).seq
        except NatsRefusal as refusal:
            if refusal.code in WRONG_REVISION:
                return None
            raise _unusable(refusal) from None
        except NatsFailure as failure:
            raise _unusable(failure) from None

    async def _ensure(self, connection: NatsConnection) -> _Config:
        info = f"STREAM.INFO.{self._stream}"
        try:
            return _info(await connection.call(info)).config
        except NatsRefusal as refusal:
            if refusal.code != NO_STREAM:
                raise
        settings = {
            "name": self._stream,
            "subjects": [f"$KV.{self._bucket}.>"],
            "retention": "limits",
            "storage": "file",
            "discard": "new",
            "max_msgs_per_subject": 1,
            "num_replicas": self._replicas,
            "allow_rollup_hdrs": True,
            "deny_delete": True,
            "allow_direct": False,
            "metadata": {KEY_FORMAT: FORMAT},
        }
        try:
            await connection.call(f"STREAM.CREATE.{self._stream}", settings)
        except NatsRefusal as refusal:
            # Another process may have made it meanwhile.
            if refusal.code != NAME_IN_USE:
                raise
        return _info(await connection.call(info)).config

    def _check(self, config: _Config) -> None:
        version = config.metadata.get(KEY_FORMAT)
        if version is None:
            raise StateStoreError(
                f"the bucket {self._bucket} on NATS is not one of a bot's states; give the store "
                "another name"
            )
        if version != FORMAT:
            raise StateStoreError(
                f"the bucket {self._bucket} on NATS was made by another version of frontdesk (its "
                f"format is {version!r}, this version's is {FORMAT!r})"
            )
        expected = {"retention": "limits", "discard": "new", "storage": "file", "max_age": 0,
                    "max_msgs": -1, "num_replicas": self._replicas}  # fmt: skip
        for setting, value in expected.items():
            actual = getattr(config, setting)
            if actual != value:
                raise StateStoreError(
                    f"the bucket {self._bucket} on NATS has {setting} {actual!r}, and states need "
                    f"{value!r}; set it back with `nats stream edit {self._stream}`, or give the "
                    "store another name"
                )

    def _there(self) -> NatsConnection:
        if self._connection is None:
            raise StateStoreError("the state store is not started")
        return self._connection


def _escaped(match: re.Match[str]) -> str:
    return "".join(f"={byte:02X}" for byte in match[0].encode("utf-8", "surrogatepass"))


def _is_deleted(stored: _Stored) -> bool:
    return b"KV-Operation:" in base64.b64decode(stored.hdrs)


def _unusable(failure: NatsFailure) -> StateStoreError:
    return StateStoreError(f"the states on NATS cannot be used: {failure}")
