"""How records become blobs."""

from collections.abc import Callable
from typing import Any, Generic, TypeVar

import msgspec

__all__ = ["Codec"]

R = TypeVar("R")


class Codec(Generic[R]):
    """Packs records of one type with MessagePack."""

    def __init__(self, record: type[R]) -> None:
        self.encode: Any = msgspec.msgpack.Encoder().encode
        self._decoder = msgspec.msgpack.Decoder(record)
        self.decode: Callable[[bytes], R] = self._decoder.decode
