"""Files to upload: checked before they are sent, and streamed."""

import mimetypes
import os
import re
import secrets
import stat
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import BinaryIO, Final, TypeAlias, cast

from frontdesk.actions.agent.events import MAX_FILE_BYTES
from frontdesk.errors import InvalidArgument

__all__ = ["FileLike", "Multipart", "is_executable"]

CHUNK: Final = 64 * 1024
HEAD: Final = 8
NAMELESS: Final = "file"
QUOTED: Final = re.compile(r'["\x00-\x1f\x7f]')
"""What must not stand in a quoted name: a quote would end it, a line break the header."""

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

    The size is measured once: of a file that grows meanwhile, the bytes that it had are sent.
    ``on_progress`` is called with the bytes of the file sent so far and its size; what it raises
    ends the upload and comes out.
    Raises ``InvalidArgument`` for what the API would refuse, before anything is sent, and for a
    file that becomes shorter while it is sent.
    """

    def __init__(
        self,
        file: FileLike,
        *,
        name: str | None = None,
        content_type: str | None = None,
        on_progress: Callable[[int, int], object] | None = None,
    ) -> None:
        if on_progress is not None and not callable(on_progress):  # pyright: ignore[reportUnnecessaryComparison]
            raise InvalidArgument("on_progress", "must be a function of two numbers of bytes")
        for field, text in (("name", name), ("content_type", content_type)):
            if text is not None and not isinstance(text, str):  # pyright: ignore[reportUnnecessaryIsInstance]
                raise InvalidArgument(field, f"must be a text, not {type(text).__name__}")
        self._owned = isinstance(file, (str, os.PathLike))
        self._on_progress = on_progress
        self.size: int
        self._file, self._start, self.size, file_name = _opened(file)
        try:
            name = name or file_name
            self._check(name)
            boundary = secrets.token_hex(16)
            self._head = _part_head(boundary, name, content_type)
        except InvalidArgument:
            self.close()
            raise
        self._tail = f"\r\n--{boundary}--\r\n".encode("ascii")
        self.content_type: str = f"multipart/form-data; boundary={boundary}"
        self.length: int = len(self._head) + self.size + len(self._tail)

    def _check(self, name: str) -> None:
        if self.size > MAX_FILE_BYTES:
            raise InvalidArgument(
                "file", f"must have at most {MAX_FILE_BYTES} bytes (10 MB), not {self.size}"
            )
        with _reading():
            head = _binary(self._file.read(HEAD))
        if not head:
            raise InvalidArgument("file", "must hold at least one byte")
        if is_executable(name, head):
            raise InvalidArgument("file", f"must not be an executable, as {name!r} is")

    def chunks(self) -> Iterator[bytes]:
        """Yield the bytes of the body, from the beginning; raises what reading the file raises."""
        self._file.seek(self._start)
        yield self._head
        sent = 0
        while sent < self.size:
            # Some streams give more than they are asked for, and the length has been announced.
            chunk = _binary(self._file.read(min(CHUNK, self.size - sent)))[: self.size - sent]
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
    quoted = QUOTED.sub(lambda match: f"%{ord(match[0]):02X}", name)
    disposition = f'form-data; name="file"; filename="{quoted}"'
    return (
        f"--{boundary}\r\nContent-Disposition: {disposition}\r\nContent-Type: {kind}\r\n\r\n"
    ).encode("utf-8", "replace")


def _opened(file: FileLike) -> tuple[BinaryIO, int, int, str]:
    """Open a file: its stream, where it starts, its size and its name."""
    match file:
        case bytes() | bytearray() | memoryview():
            return _held(bytes(file), NAMELESS)
        case str() | os.PathLike():
            with _reading():
                stream = open(file, "rb")  # noqa: PTH123, SIM115 - closed by `close`
            name = os.path.basename(os.fsdecode(file))  # noqa: PTH119
            status = os.fstat(stream.fileno())
            if stat.S_ISREG(status.st_mode) and status.st_size:
                return stream, 0, status.st_size, name
            # A pipe, a device, or a file that the system writes while it is read, as in /proc.
            with stream, _reading():
                return _held(_drained(stream), name)
        case _ if callable(getattr(file, "read", None)):
            return _measured(file, _name_of(file))
        case _:
            raise InvalidArgument(
                "file", f"must be bytes, a path or a binary file, not {type(file).__name__}"
            )


def _measured(file: BinaryIO, name: str) -> tuple[BinaryIO, int, int, str]:
    with _reading():
        if hasattr(file, "seekable") and file.seekable():
            start = file.tell()
            size = file.seek(0, os.SEEK_END) - start
            file.seek(start)
            return file, start, max(0, size), name
        return _held(_drained(file), name)


def _held(content: bytes, name: str) -> tuple[BinaryIO, int, int, str]:
    return BytesIO(content), 0, len(content), name


def _name_of(file: object) -> str:
    """Return the name of a file object; some have a number, bytes, or a word in brackets."""
    name = getattr(file, "name", None)
    if not isinstance(name, str) or name.startswith("<"):
        return NAMELESS
    return os.path.basename(name) or NAMELESS  # noqa: PTH119


def _drained(file: BinaryIO) -> bytes:
    """Read a stream that cannot be read twice; it gives as much at a time as it likes."""
    content = bytearray()
    while len(content) <= MAX_FILE_BYTES and (chunk := _binary(file.read(CHUNK))):
        content += chunk
    return bytes(content)


def _binary(chunk: object) -> bytes:
    if isinstance(chunk, (bytearray, memoryview)):
        return bytes(cast("bytearray | memoryview[int]", chunk))
    if not isinstance(chunk, bytes):
        # What ``read`` of a non-blocking stream returns as long as it has no data.
        kind = "None; open it in blocking mode" if chunk is None else type(chunk).__name__
        raise InvalidArgument("file", f"must return bytes from `read`, not {kind}")
    return chunk


@contextmanager
def _reading() -> Generator[None]:
    """Turn what files raise into ``InvalidArgument``; a closed one raises a ``ValueError``."""
    try:
        yield
    except InvalidArgument:
        raise
    except (OSError, ValueError) as error:
        raise InvalidArgument("file", f"cannot be read: {error}") from None
