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
    ".apk .app .bat .cmd .com .cpl .dll .dmg .elf .exe .gadget .hta .jar .jse .lnk .msc .msi "  # noqa: SIM905 - a list of words
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
    suffix = os.path.splitext(name.lower().rstrip(". "))[1]  # noqa: PTH122 - a name, not a path
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
        self._on_progress = on_progress
        try:
            name = name or found_name
            self._check(name)
            boundary = secrets.token_hex(16)
            self._head = _part_head(boundary, name, content_type)
        except InvalidArgument:
            self.close()
            raise
        self._tail = f"\r\n--{boundary}--\r\n".encode("ascii")
        self.content_type = f"multipart/form-data; boundary={boundary}"
        self.length = len(self._head) + self.size + len(self._tail)

    def _check(self, name: str) -> None:
        if self.size > MAX_UPLOAD:
            raise InvalidArgument(
                "file", f"must have at most {MAX_UPLOAD} bytes (10 MB), not {self.size}"
            )
        head = _binary(self._file.read(HEAD))
        if not head:
            raise InvalidArgument("file", "must hold at least one byte")
        if is_executable(name, head):
            raise InvalidArgument("file", f"must not be an executable, as {name!r} is")

    def chunks(self) -> Iterator[bytes]:
        """Yield the bytes of the body, from the beginning."""
        self._file.seek(self._start)
        yield self._head
        sent = 0
        while sent < self.size:
            chunk = self._file.read(min(CHUNK, self.size - sent))
            if not chunk:
                raise InvalidArgument("file", f"has become shorter: {sent} of {self.size} bytes")
            yield chunk
            sent += len(chunk)
            if self._on_progress:
                self._on_progress(sent, self.size)
        yield self._tail

    def close(self) -> None:
        """Close the file if it was opened here."""
        if self._owned:
            self._file.close()


def _part_head(boundary: str, name: str, content_type: str | None) -> bytes:
    kind = content_type or mimetypes.guess_type(name)[0] or "application/octet-stream"
    if not (kind.isascii() and kind.isprintable()):
        raise InvalidArgument("content_type", "must be one line of printable ASCII")
    quoted = name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
    disposition = f'form-data; name="file"; filename="{quoted}"'
    return (
        f"--{boundary}\r\nContent-Disposition: {disposition}\r\nContent-Type: {kind}\r\n\r\n"
    ).encode("utf-8", "replace")


def _opened(file: FileLike) -> tuple[BinaryIO, int, int, str]:
    """Open a file: its stream, where it starts, its size and its name."""
    match file:
        case bytes() | bytearray() | memoryview():
            content = bytes(file)
            return BytesIO(content), 0, len(content), "file"
        case str() | os.PathLike():
            try:
                stream = open(file, "rb")  # noqa: PTH123, SIM115 - closed by `close`
            except (OSError, ValueError) as error:
                raise InvalidArgument("file", f"cannot be read: {error}") from None
            return stream, 0, os.fstat(stream.fileno()).st_size, os.path.basename(file)  # noqa: PTH119
        case _ if hasattr(file, "read"):
            name = os.path.basename(str(getattr(file, "name", "file")))  # noqa: PTH119
            if not (hasattr(file, "seekable") and file.seekable()):
                content = _drained(file)
                return BytesIO(content), 0, len(content), name
            start = file.tell()
            size = file.seek(0, os.SEEK_END) - start
            file.seek(start)
            return file, start, size, name
        case _:
            raise InvalidArgument(
                "file", f"must be bytes, a path or a binary file, not {type(file).__name__}"
            )


def _drained(file: BinaryIO) -> bytes:
    """Read a stream that cannot be read twice; it gives as much at a time as it likes."""
    content = bytearray()
    while len(content) <= MAX_UPLOAD and (chunk := _binary(file.read(CHUNK))):
        content += chunk
    return bytes(content)


def _binary(chunk: object) -> bytes:
    if not isinstance(chunk, bytes):
        raise InvalidArgument("file", f"must give bytes, not {type(chunk).__name__}")
    return chunk
