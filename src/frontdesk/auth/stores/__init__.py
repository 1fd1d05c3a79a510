"""Where tokens are kept: in memory, in a file, in the user's keyring, in Redis."""

from frontdesk.auth.stores.base import Record, RecordStore, TokenStore
from frontdesk.auth.stores.file import FileTokenStore
from frontdesk.auth.stores.keyring import KeyringTokenStore
from frontdesk.auth.stores.memory import MemoryTokenStore
from frontdesk.auth.stores.redis import RedisTokenStore

__all__ = [
    "FileTokenStore",
    "KeyringTokenStore",
    "MemoryTokenStore",
    "Record",
    "RecordStore",
    "RedisTokenStore",
    "TokenStore",
]
