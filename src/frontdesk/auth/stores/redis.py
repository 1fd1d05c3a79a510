"""Tokens in Redis, for processes on many machines."""

import re
from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, cast
from urllib.parse import unquote, urlsplit

from frontdesk.auth.stores.base import Record, RecordStore
from frontdesk.errors import FrontdeskError, InvalidArgument, TokenStoreUnavailable
from frontdesk.extras import importing_extra
from frontdesk.redaction import SHORTEST, likeness, register

if TYPE_CHECKING:
    from redis import Redis

__all__ = ["RedisTokenStore", "connected_redis", "explained_redis"]

TIMEOUT: Final = 5.0
"""Seconds that one command may take, and making a connection."""
PREFIX: Final = "frontdesk:token:"
LIBRARIES: Final = ("redis", "socket", "ssl")

WRITE: Final = """
local version = redis.call('HGET', KEYS[1], 'version')
if (version or '') ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'version', ARGV[2], 'text', ARGV[3])
return 1
"""
ACQUIRE: Final = """
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
"""
RELEASE: Final = """
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0
"""


class RedisTokenStore(RecordStore):
    """Keeps tokens in Redis, for any number of processes and machines.

    One process at a time renews a token: it takes a lease, which ends by itself if it is killed.
    Needs the extra ``frontdesk[redis]``. Redis has to keep what it confirms, or a restart loses
    tokens: switch on its append-only file, and no eviction.

    Args:
        redis: the address, such as ``rediss://:password@host:6379/0``, or a ``redis.Redis``.
        prefix: what the names of its keys begin with.

    Raises:
        MissingDependency: The library ``redis`` is not installed.
        InvalidArgument: The address is none.
    """

    def __init__(self, redis: "str | Redis", *, prefix: str = PREFIX) -> None:
        with importing_extra("redis", "RedisTokenStore"):
            from redis import Redis
        if isinstance(redis, str):
            redis = connected_redis(Redis, redis)
        if not isinstance(redis, Redis):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise InvalidArgument("redis", "must be an address, or a redis.Redis (no async one)")
        self._redis = cast("Any", redis)
        self._prefix = prefix

    def keys(self) -> list[str]:
        """Return the keys that have something, in order."""
        pattern = re.sub(r"([*?\[\]\\])", r"\\\1", self._prefix) + "{*}"
        with explained_redis(TokenStoreUnavailable):
            names = [_as_text(name) for name in self._redis.scan_iter(match=pattern, count=500)]
        return sorted(name[len(self._prefix) + 1 : -1] for name in names)

    def read(self, key: str) -> Record | None:
        """Return what a key has.

        Raises:
            TokenStoreUnavailable: Redis does not respond.
        """
        with explained_redis(TokenStoreUnavailable):
            version, text = self._redis.hmget(self._name(key), "version", "text")
        if version is None or text is None:
            return None
        return Record(_as_text(version), _as_text(text))

    def write(self, key: str, record: Record, expected: str | None) -> bool:
        """Store a record if the key has that version, or none; returns whether it did."""
        return self._run(WRITE, self._name(key), expected or "", record.version, record.text)

    def remove(self, key: str) -> None:
        """Forget what a key has."""
        with explained_redis(TokenStoreUnavailable):
            self._redis.delete(self._name(key))

    def acquire(self, key: str, owner: str, seconds: float) -> bool:
        """Take the lease of a key; returns whether nobody else has it."""
        return self._run(ACQUIRE, f"{self._name(key)}:lease", owner, int(seconds * 1000))

    def release(self, key: str, owner: str) -> None:
        """Give a lease back; that of another owner stays."""
        self._run(RELEASE, f"{self._name(key)}:lease", owner)

    def close(self) -> None:
        """Close the connections."""
        self._redis.close()

    def place(self) -> str:
        """Return what a message calls the store."""
        return "Redis"

    def _name(self, key: str) -> str:
        # Braces keep a key and its lease on one machine of a cluster.
        return f"{self._prefix}{{{key}}}"

    def _run(self, script: str, name: str, *arguments: str | int) -> bool:
        with explained_redis(TokenStoreUnavailable):
            return bool(self._redis.eval(script, 1, name, *arguments))


@contextmanager
def explained_redis(kind: type[FrontdeskError]) -> Generator[None]:
    """Raise an error of that kind, without secrets, where Redis fails."""
    from redis import RedisError

    try:
        yield
    except (RedisError, OSError) as error:
        failure = kind(
            f"Redis does not do what it was asked to ({type(error).__name__}: {error}); check "
            "its address, its account and its memory"
        )
        failure.__cause__ = likeness(error, *LIBRARIES)
    else:
        return
    # Outside of the clause, or the library's exception would be the context of ours.
    raise failure


def connected_redis(kind: Any, url: str) -> Any:
    """Make a client that connects with its first command, without a secret in any error.

    Args:
        kind: The class of the client: ``redis.Redis``, or ``redis.asyncio.Redis``.
        url: The address.

    Raises:
        InvalidArgument: It is none.
    """
    try:
        parts = urlsplit(url)
        for text in (parts.username, parts.password):
            if text:
                register(text, unquote(text), shortest=SHORTEST)
        return kind.from_url(url, socket_timeout=TIMEOUT, socket_connect_timeout=TIMEOUT)
    except ValueError:
        pass
    raise InvalidArgument("redis", "must be an address such as redis://host:6379/0")


def _as_text(value: str | bytes) -> str:
    return value.decode() if isinstance(value, bytes) else value
