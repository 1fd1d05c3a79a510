"""States of chats in Redis, for processes on many machines."""

from collections.abc import Awaitable
from typing import TYPE_CHECKING, Any, Final

from frontdesk.auth.stores.redis import connected_redis, explained_redis
from frontdesk.bots.states.base import StoredState
from frontdesk.bots.states.checks import KEPT, check_keep_for, check_size
from frontdesk.errors import InvalidArgument, StateConflict, StateStoreError
from frontdesk.extras import importing_extra

if TYPE_CHECKING:
    from redis.asyncio import Redis

__all__ = ["RedisStateStore"]

PREFIX: Final = "frontdesk:state:"

# The clock, not a count: a revision must not return after its key was deleted.
SAVE: Final = """
local revision = redis.call('HGET', KEYS[1], 'revision') or '0'
if revision ~= ARGV[1] then return '' end
local now = redis.call('TIME')
local new = math.max(tonumber(now[1]) * 1000000 + tonumber(now[2]), tonumber(revision) + 1)
new = string.format('%.0f', new)
redis.call('HSET', KEYS[1], 'revision', new, 'data', ARGV[2])
if ARGV[3] == '' then
    redis.call('PERSIST', KEYS[1])
else
    redis.call('PEXPIRE', KEYS[1], ARGV[3])
end
return new
"""


class RedisStateStore:
    """Keeps states in Redis, for any number of processes and machines.

    Needs the extra ``frontdesk[redis]``. Redis has to keep what it confirms, or a restart loses
    states: switch on its append-only file (``appendfsync always`` to survive a crash of the
    machine), and no eviction.

    Args:
        redis: The address, such as ``rediss://:password@host:6379/0``, or a
            ``redis.asyncio.Redis``.
        prefix: What the names of its keys begin with.
        keep_for: Seconds for which a chat's state is kept after it was saved last; defaults to 90
            days. ``None`` keeps it for ever.

    Raises:
        MissingDependency: The library ``redis`` is not installed.
        InvalidArgument: The address is none, or ``keep_for`` is less than an hour.
    """

    def __init__(
        self, redis: "str | Redis", *, prefix: str = PREFIX, keep_for: float | None = KEPT
    ) -> None:
        with importing_extra("redis", "RedisStateStore"):
            from redis.asyncio import Redis
        self._url = redis if isinstance(redis, str) else None
        if isinstance(redis, str):
            connected_redis(Redis, redis)  # refuses what is no address, and connects to nothing yet
        elif not isinstance(redis, Redis):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise InvalidArgument("redis", "must be an address, or a redis.asyncio.Redis")
        self._redis: Any = None if isinstance(redis, str) else redis
        self._prefix = prefix
        keep_for = check_keep_for(keep_for)
        self._expiry = "" if keep_for is None else str(round(keep_for * 1000))
        self._started = False

    def __repr__(self) -> str:
        return f"<RedisStateStore {self._prefix!r}>"

    async def start(self) -> None:
        """Connect.

        Raises:
            StateStoreError: Redis does not respond, or does not accept the password.
        """
        if self._started:
            return
        if self._redis is None:
            from redis.asyncio import Redis

            # Here, not before: its connections belong to the event loop.
            assert self._url is not None
            self._redis = connected_redis(Redis, self._url)
        try:
            await self._explained(self._redis.ping())
        except StateStoreError:
            await self.close()
            raise
        self._started = True

    async def load(self, key: str) -> StoredState | None:
        """Return what is stored under a key; ``None`` if nothing is."""
        name = self._name(key)
        fields = await self._explained(self._there().hmget(name, "revision", "data"))
        revision, data = fields
        if revision is None and data is None:
            return None
        if revision is None or data is None or not revision.isdigit():
            raise StateStoreError(f"what Redis has under {name!r} is no state of a chat")
        if isinstance(data, str):
            raise InvalidArgument("redis", "must not have `decode_responses`: states are bytes")
        return StoredState(data, int(revision))

    async def save(self, key: str, data: bytes, revision: int) -> int:
        """Store bytes if the key still has that revision; returns the new one.

        Raises:
            StateConflict: Something else was stored under the key meanwhile.
            InvalidArgument: More than 1 MB.
            StateStoreError: Redis does not respond, or has no room.
        """
        check_size(data)
        name = self._name(key)
        saving = self._there().eval(SAVE, 1, name, str(revision), data, self._expiry)
        new = await self._explained(saving)
        if not new:
            raise StateConflict(f"the state of {key} was changed meanwhile")
        return int(new)

    async def delete(self, key: str) -> None:
        """Forget what a key has."""
        await self._explained(self._there().delete(self._name(key)))

    async def close(self) -> None:
        """Disconnect."""
        self._started = False
        redis = self._redis
        if redis is not None:
            if self._url is not None:
                self._redis = None
            await redis.aclose()

    def _there(self) -> Any:
        if not self._started:
            raise StateStoreError("the state store is not started")
        return self._redis

    def _name(self, key: str) -> bytes:
        return (self._prefix + key).encode("utf-8", "surrogatepass")

    async def _explained(self, doing: Awaitable[Any]) -> Any:
        with explained_redis(StateStoreError):
            return await doing
