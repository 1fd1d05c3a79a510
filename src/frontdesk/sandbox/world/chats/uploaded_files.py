"""Uploaded files.

A file has a URL under ``World.files_url``, expires 24 hours after the upload, and stays for good
once an event uses it.
"""

import mimetypes
import struct
from datetime import timedelta
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from msgspec import Struct

from frontdesk.actions.agent.events import MAX_FILE_BYTES
from frontdesk.errors import EntityTooLarge, ValidationError
from frontdesk.models import FileEvent
from frontdesk.sandbox.store import to_micros
from frontdesk.sandbox.store.records import FileRecord
from frontdesk.sandbox.world.world import World

__all__ = ["CDN", "FileWithContent", "SentFile", "file_event", "find", "upload"]

CDN = "https://cdn.livechat-files.com/"
LIFETIME = timedelta(hours=24)

FileWithContent = tuple[FileRecord, bytes]

_EXECUTABLE_NAMES = (
    ".apk", ".app", ".bat", ".cmd", ".com", ".cpl", ".dll", ".dmg", ".elf", ".exe", ".hta",
    ".jar", ".js", ".jse", ".lnk", ".msi", ".msp", ".pif", ".ps1", ".reg", ".run", ".scr", ".sh",
    ".vb", ".vbe", ".vbs", ".wsf", ".wsh",
)  # fmt: skip
_EXECUTABLE_STARTS = (
    b"MZ", b"\x7fELF", b"#!", b"\xfe\xed\xfa\xce", b"\xfe\xed\xfa\xcf", b"\xce\xfa\xed\xfe",
    b"\xcf\xfa\xed\xfe", b"\xca\xfe\xba\xbe", b"dex\n",
)  # fmt: skip


def upload(
    world: World, *, name: str, content: bytes, content_type: str = "", uploaded_by: str
) -> FileRecord:
    """Keep a file for 24 hours.

    Args:
        name: The file's name; only its last part counts.
        content: At most 10 MB (10 * 2**20 bytes); executables are refused.
        content_type: MIME type; guessed from the name when empty.
        uploaded_by: The agent, bot or customer.

    Raises:
        EntityTooLarge: The file has more than 10 MB.
        ValidationError: It is executable, or empty.

    Source: https://platform.text.com/docs/messaging/agent-chat-api#upload-file
    """
    if len(content) > MAX_FILE_BYTES:
        raise EntityTooLarge("Upload limit exceeded (10MB).")
    name = name.replace("\\", "/").rpartition("/")[2].strip().rstrip(". ") or "file"
    if name.lower().endswith(_EXECUTABLE_NAMES) or content.startswith(_EXECUTABLE_STARTS):
        raise ValidationError("`file` must not be executable")
    if not content:
        raise ValidationError("`file` must not be empty")
    guessed = mimetypes.guess_type(name)[0] or "application/octet-stream"
    # Whoever has the URL of a file reads it, without a token.
    file_id = world.ids.secret()
    now = world.clock.now()
    width, height = _pixels(content)
    file = FileRecord(
        id=file_id,
        name=name,
        content_type=guessed if content_type in ("", "application/octet-stream") else content_type,
        size=len(content),
        url=f"{world.files_url}{world.store.company.license.id}/{file_id}/{quote(name)}",
        uploaded_by=uploaded_by,
        expires_at=now + LIFETIME,
        width=width,
        height=height,
    )
    world.store.files.remove_expired(to_micros(now))
    world.store.files.insert(file, content)
    return file


def find(world: World, file_id: str) -> FileWithContent | None:
    """Return a file and its bytes, as long as it has not expired."""
    file = world.store.files.get(file_id)
    if file is None or (file.expires_at is not None and file.expires_at <= world.clock.now()):
        return None
    content = world.store.files.content(file_id)
    return None if content is None else (file, content)


class SentFile(Struct, frozen=True, kw_only=True):
    """A file that is sent; ``uploaded_by`` has to have uploaded it, unless it is ``None``."""

    url: str
    alternative_text: str | None = None
    uploaded_by: str | None = None


def file_event(world: World, sent: SentFile, common: dict[str, Any]) -> FileEvent:
    """Make the event of a file; the file stays for good from now on.

    Raises:
        ValidationError: The URL is neither an uploaded file nor on LiveChat's CDN, or somebody
            else has uploaded the file.
    """
    url = sent.url
    own = f"{world.files_url}{world.store.company.license.id}/"
    if url.startswith(own):
        return _uploaded_file_event(world, sent, url[len(own) :].partition("/")[0], common)
    # A sandbox may be reached at several addresses; a file has the one of its upload.
    *_, file_id, _ = ("", "", *url.split("/"))
    file = world.store.files.get(file_id)
    if file is not None and file.url == url:
        return _uploaded_file_event(world, sent, file_id, common)
    if not url.startswith(CDN):
        raise ValidationError(f"`event.url` must be a URL that `upload_file` gave, or one on {CDN}")
    name = unquote(urlsplit(url).path).rpartition("/")[2] or "file"
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return FileEvent(
        name=name,
        url=url,
        content_type=kind,
        alternative_text=sent.alternative_text if kind.startswith("image/") else None,
        **common,
    )


def _uploaded_file_event(
    world: World, sent: SentFile, file_id: str, common: dict[str, Any]
) -> FileEvent:
    url = sent.url
    file = world.store.files.get(file_id)
    if (
        file is None
        or (file.expires_at is not None and file.expires_at <= world.clock.now())
        or sent.uploaded_by not in (None, file.uploaded_by)
    ):
        raise ValidationError("`event.url` is not an uploaded file, or it has expired")
    if file.expires_at is not None:
        file.expires_at = None
        world.store.files.save(file)
    if not file.content_type.startswith("image/"):
        return FileEvent(name=file.name, url=url, content_type=file.content_type, **common)
    return FileEvent(
        name=file.name,
        url=url,
        content_type=file.content_type,
        thumbnail_url=f"{url}?thumbnail=1",
        thumbnail2x_url=f"{url}?thumbnail=2",
        size=file.size,
        width=file.width,
        height=file.height,
        alternative_text=sent.alternative_text,
        **common,
    )


def _pixels(content: bytes) -> tuple[int | None, int | None]:
    """Width and height of a PNG, GIF or JPEG."""
    try:
        if content.startswith(b"\x89PNG\r\n\x1a\n"):
            width, height = struct.unpack_from(">II", content, 16)
            return width, height
        if content.startswith(b"GIF8"):
            width, height = struct.unpack_from("<HH", content, 6)
            return width, height
        if content.startswith(b"\xff\xd8"):
            return _jpeg_pixels(content)
    except struct.error:
        pass
    return None, None


def _jpeg_pixels(content: bytes) -> tuple[int | None, int | None]:
    at = 2
    while at + 9 < len(content) and content[at] == 0xFF:  # noqa: PLR2004 - a JPEG marker
        marker = content[at + 1]
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):  # noqa: PLR2004
            height, width = struct.unpack_from(">HH", content, at + 5)
            return width, height
        at += 2 + struct.unpack_from(">H", content, at + 2)[0]
    return None, None
