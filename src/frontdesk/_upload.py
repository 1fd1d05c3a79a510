"""Files to upload: checked before they are sent, and streamed."""

import mimetypes
import os
import secrets
from collections.abc import Callable, Iterator
from io import BytesIO
from typing import BinaryIO, Final, TypeAlias

from frontdesk.errors import InvalidArgument

__all__ = ["MAX_UPLOAD", "FileLike", "Multipart", "is_executable"]

MAX_UPLOAD: Final = 10 * 1024 * 1024
"""Bytes a file may have: the documented 10 MB, read as mebibytes."""

CHUNK: Final = 64 * 1024
HEAD: Final = 8

EXECUTABLE_SUFFIXES: Final = frozenset(
    ".apk .app .bat .bin .cmd .com .cpl .dll .dmg .elf .exe .gadget .hta .jar .jse .lnk .msc .msi "  # noqa: SIM905 - a list of words
    ".msp .pif .ps1 .reg .run .scr .sh .so .vb .vbe .vbs .wsf .wsh".split()
)
EXECUTABLE_HEADS: Final = (
    b"MZ",
    b"\x7fELF",
    b"#!",
    b"\xca\xfe\xba\xbe",
    b"\xcf\xfa\xed\xfe",
    b"\xce\xfa\xed\xfe",
    b"\xfe\xed\xfa\xce",
    b"\xfe\xed\xfa\xcf",
)

FileLike: TypeAlias = bytes | bytearray | memoryview | str | os.PathLike[str] | BinaryIO
"""What can be uploaded: the bytes, a path, or a binary file that is open for reading."""


def is_executable(name: str, head: bytes) -> bool:
    """Tell an executable, which the API refuses, by its name or its first bytes."""
    suffix = os.path.splitext(name.lower())[1]  # noqa: PTH122 - a name, not a path
    return suffix in EXECUTABLE_SUFFIXES or head.startswith(EXECUTABLE_HEADS)


class Multipart:
    """A ``multipart/form-data`` body with the one part ``file``.

    ``on_progress`` is called with the bytes of the file sent so far and its size.
    Raises ``InvalidArgument`` for what the API would refuse, before anything is sent.
    """

    def __init__(
        self,
        file: FileLike,
        *,
        name: str | None = None,
        content_type: str | None = None,
        on_progress: Callable[[int, int], object] | None = None,
    ) -> None:
        self._file, self._start, self.size, found_name = _opened(file)
        self._owned = isinstance(file, (str, os.PathLike))
        name = name or found_name
        if self.size > MAX_UPLOAD:
            raise InvalidArgument(
                "file", f"must have at most {MAX_UPLOAD} bytes (10 MB), not {self.size}"
            )
        head = self._file.read(HEAD)
        if self.size == 0 or not isinstance(head, bytes):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise InvalidArgument("file", "must hold at least one byte and be open as binary")
        if is_executable(name, head):
            raise InvalidArgument("file", f"must not be an executable, as {name!r} is")
        kind = content_type or mimetypes.guess_type(name)[0] or "application/octet-stream"
        if "\r" in kind or "\n" in kind:
            raise InvalidArgument("content_type", "must be one line")
        boundary = secrets.token_hex(16)
        quoted = name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
        self._head = (
            f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{quoted}"\r\n'
            f"Content-Type: {kind}\r\n\r\n"
        ).encode()
        self._tail = f"\r\n--{boundary}--\r\n".encode("ascii")
        self._on_progress = on_progress
        self.content_type = f"multipart/form-data; boundary={boundary}"
        self.length = len(self._head) + self.size + len(self._tail)

    def chunks(self) -> Iterator[bytes]:
        """Yield the bytes of the body, from the beginning."""
        self._file.seek(self._start)
        yield self._head
        sent = 0
        while sent < self.size and (chunk := self._file.read(min(CHUNK, self.size - sent))):
            yield chunk
            sent += len(chunk)
            if self._on_progress:
                self._on_progress(sent, self.size)
        yield self._tail

    def close(self) -> None:
        """Close the file if it was opened here."""
        if self._owned:
            self._file.close()


def _opened(file: FileLike) -> tuple[BinaryIO, int, int, str]:
    """Open a file: its stream, where it starts, its size and its name."""
    match file:
        case bytes() | bytearray() | memoryview():
            return BytesIO(file), 0, len(file), "file"
        case str() | os.PathLike():
            try:
                stream = open(file, "rb")  # noqa: PTH123, SIM115 - closed by `close`
            except OSError as error:
                raise InvalidArgument("file", f"cannot be read: {error}") from None
            return stream, 0, os.fstat(stream.fileno()).st_size, os.path.basename(file)  # noqa: PTH119
        case _ if hasattr(file, "read"):
            name = os.path.basename(str(getattr(file, "name", "file")))  # noqa: PTH119
            if not (hasattr(file, "seekable") and file.seekable()):
                content = file.read(MAX_UPLOAD + 1)
                return BytesIO(content), 0, len(content), name
            start = file.tell()
            size = file.seek(0, os.SEEK_END) - start
            file.seek(start)
            return file, start, size, name
        case _:
            raise InvalidArgument(
                "file", f"must be bytes, a path or a binary file, not {type(file).__name__}"
            )
