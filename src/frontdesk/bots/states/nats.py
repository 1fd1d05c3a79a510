"""States of chats in key-value buckets of NATS, for processes on many machines."""

import base64
import logging
import re
from collections.abc import Iterable, Mapping
from typing import Any, Final
from zlib import crc32

import msgspec
from msgspec import Struct

from frontdesk.bots.states.base import StoredState
from frontdesk.bots.states.checks import KEPT, check_keep_for, check_size
from frontdesk.errors import InvalidArgument, StateConflict, StateStoreError
from frontdesk.spec.arguments import check_count
from frontdesk.transport.nats import NatsConnection, NatsFailure, NatsRefusal, nats_settings

__all__ = ["NatsStateStore"]

NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
UNFIT: Final = re.compile(r"[^A-Za-z0-9_/-]")
LONGEST_KEY: Final = 1024
FORMAT: Final = "1"
KEY_FORMAT: Final = "frontdesk-states"
KEY_BUCKETS: Final = "frontdesk-buckets"
MOST_BUCKETS: Final = 64
SECOND: Final = 1_000_000_000
"""In the unit of NATS, nanoseconds."""

logger: Final = logging.getLogger("frontdesk.bots")

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
    """Keeps states in NATS's key-value store, for any number of processes and machines.

    Needs the extra ``frontdesk[nats]`` and a NATS server with JetStream. What is saved survives the
    end of the server; whether it survives a crash of its machine is the server's setting
    (``sync_interval: always``, or several replicas).

    Args:
        servers: One address or several of a cluster, such as ``nats://user:password@host:4222``.
        name: What the names of the buckets begin with; they are made if they are missing.
        buckets: Over how many buckets the chats are spread, which no one can change later. Each
            waits for the disk by itself: with ``sync_interval: always``, 8 buckets stored five
            times as many states a second as one.
        replicas: On how many servers of a cluster each state is stored.
        keep_for: Seconds for which a chat's state is kept after it was saved last; defaults to 90
            days. ``None`` keeps it for ever. It is a setting of the buckets (``max_age``): those
            that were made without a limit stay as they are, with a line in the log that says how
            to set one.
        connection: More arguments of ``nats.connect``, such as ``tls`` and ``user_credentials``.

    Raises:
        MissingDependency: The library ``nats-py`` is not installed.
        InvalidArgument: An argument makes no sense.
    """

    def __init__(
        self,
        servers: str | Iterable[str] = "nats://127.0.0.1:4222",
        *,
        name: str = "frontdesk-states",
        buckets: int = 8,
        replicas: int = 1,
        keep_for: float | None = KEPT,
        connection: Mapping[str, Any] | None = None,
    ) -> None:
        self._settings = nats_settings(servers, connection, "NatsStateStore")
        if not isinstance(name, str) or not NAME.fullmatch(name):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise InvalidArgument("name", "must be 1 to 64 letters, digits, `-` and `_`")
        check_count("replicas", replicas)
        check_count("buckets", buckets)
        if buckets > MOST_BUCKETS:
            raise InvalidArgument("buckets", f"must be {MOST_BUCKETS} or fewer")
        self._name = name
        self._buckets = [f"{name}-{number}" for number in range(buckets)]
        self._replicas = replicas
        keep_for = check_keep_for(keep_for)
        self._max_age = 0 if keep_for is None else round(keep_for) * SECOND
        self._connection: NatsConnection | None = None

    def __repr__(self) -> str:
        return f"<NatsStateStore {self._name!r}>"

    async def start(self) -> None:
        """Connect, make the buckets that are missing, and check that they keep what they are given.

        Raises:
            StateStoreError: No server responds, or a bucket is something else.
        """
        if self._connection is not None:
            return
        connection = NatsConnection(self._settings, f"frontdesk {self._name}")
        try:
            await connection.connect()
            # One after another, so that of several processes each sees what the first has made.
            for bucket in self._buckets:
                self._check(bucket, await self._ensure(connection, bucket))
        except NatsFailure as failure:
            await connection.close()
            raise _unusable(failure) from None
        except BaseException:
            await connection.close()
            raise
        self._connection = connection

    async def load(self, key: str) -> StoredState | None:
        """Return what is stored under a key; ``None`` if nothing is."""
        bucket, subject = self._place(key)
        stored = await self._last(bucket, subject)
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
        bucket, subject = self._place(key)
        new = await self._put(subject, data, revision)
        if new is None and not revision:
            # Somebody may have deleted the key with the tools of NATS, which leave a mark there.
            stored = await self._last(bucket, subject)
            if stored is not None and _is_deleted(stored):
                new = await self._put(subject, data, stored.seq)
        if new is None:
            raise StateConflict(f"the state of {key} was changed meanwhile")
        return new

    async def delete(self, key: str) -> None:
        """Forget what a key has."""
        bucket, subject = self._place(key)
        try:
            await self._there().call(f"STREAM.PURGE.KV_{bucket}", {"filter": subject})
        except NatsFailure as failure:
            raise _unusable(failure) from None

    async def close(self) -> None:
        """Disconnect."""
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()

    def _place(self, key: str) -> tuple[str, str]:
        """Return the bucket of a key, and what it is stored under there.

        NATS takes a few characters only in keys.
        """
        encoded = UNFIT.sub(_escaped, key) or "="
        if len(encoded) > LONGEST_KEY:
            raise InvalidArgument("key", f"must have {LONGEST_KEY} characters or fewer")
        bucket = self._buckets[crc32(encoded.encode()) % len(self._buckets)]
        return bucket, f"$KV.{bucket}.{encoded}"

    async def _last(self, bucket: str, subject: str) -> _Stored | None:
        # From the leader: a copy that is behind would have the handler work on an old state.
        try:
            data = await self._there().call(
                f"STREAM.MSG.GET.KV_{bucket}", {"last_by_subj": subject}
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

    async def _ensure(self, connection: NatsConnection, bucket: str) -> _Config:
        info = f"STREAM.INFO.KV_{bucket}"
        try:
            return _info(await connection.call(info)).config
        except NatsRefusal as refusal:
            if refusal.code != NO_STREAM:
                raise
        settings = {
            "name": f"KV_{bucket}",
            "subjects": [f"$KV.{bucket}.>"],
            "retention": "limits",
            "storage": "file",
            "discard": "new",
            "max_msgs_per_subject": 1,
            "max_age": self._max_age,
            "num_replicas": self._replicas,
            "allow_rollup_hdrs": True,
            "deny_delete": True,
            "allow_direct": False,
            "metadata": {KEY_FORMAT: FORMAT, KEY_BUCKETS: str(len(self._buckets))},
        }
        try:
            await connection.call(f"STREAM.CREATE.KV_{bucket}", settings)
        except NatsRefusal as refusal:
            # Another process may have made it meanwhile.
            if refusal.code != NAME_IN_USE:
                raise
        return _info(await connection.call(info)).config

    def _check(self, bucket: str, config: _Config) -> None:
        version = config.metadata.get(KEY_FORMAT)
        if version is None:
            raise StateStoreError(
                f"the bucket {bucket} on NATS is not one of a bot's states; give the store "
                "another name"
            )
        if version != FORMAT:
            raise StateStoreError(
                f"the bucket {bucket} on NATS was made by another version of frontdesk (its "
                f"format is {version!r}, this version's is {FORMAT!r})"
            )
        buckets = config.metadata.get(KEY_BUCKETS, "")
        if buckets != str(len(self._buckets)):
            raise StateStoreError(
                f"the states of {self._name} on NATS are spread over {buckets or '…'} buckets, and "
                f"this store asks for {len(self._buckets)}; give it buckets={buckets or '…'}"
            )
        self._check_age(bucket, config.max_age)
        expected = {"retention": "limits", "discard": "new", "storage": "file", "max_msgs": -1,
                    "num_replicas": self._replicas}  # fmt: skip
        for setting, value in expected.items():
            actual = getattr(config, setting)
            if actual != value:
                raise StateStoreError(
                    f"the bucket {bucket} on NATS has {setting} {actual!r}, and states need "
                    f"{value!r}; set it back with `nats stream edit KV_{bucket}`, or give the "
                    "store another name"
                )

    def _check_age(self, bucket: str, max_age: int) -> None:
        if max_age == self._max_age:
            return
        edit = f"`nats stream edit KV_{bucket} --max-age={self._max_age // SECOND}s`"
        if not max_age:
            logger.warning(
                "the bucket %s on NATS keeps states for ever; %s bounds it, or give the store "
                "keep_for=None",
                bucket,
                edit,
            )
            return
        raise StateStoreError(
            f"the bucket {bucket} on NATS has max_age {max_age / SECOND:g} seconds, and the store "
            f"is to keep states for {self._max_age // SECOND or 'ever'}; give it "
            f"keep_for={max_age / SECOND:g}, or change the bucket: {edit}"
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
