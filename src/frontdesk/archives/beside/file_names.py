"""Names for downloaded files that every file system takes, and that lead nowhere else."""

import re
import unicodedata
from hashlib import sha256
from typing import Final

__all__ = ["safe_file_name"]

LONGEST: Final = 128
"""Bytes of a name; encrypted home folders take 143, and a temporary name has a few more."""
LONGEST_ID: Final = 48
LONGEST_SUFFIX: Final = 16
DIGITS: Final = 8
PLAIN_ID: Final = re.compile(r"[A-Z0-9]+(_[0-9]+)?")
"""Ids as the API makes them: no two of these are the same to a file system that ignores case."""
NOT_IN_IDS: Final = re.compile(r"[^A-Za-z0-9_-]")
NOT_IN_NAMES: Final = re.compile(r'[<>:"/\\|?*]')
UNPRINTABLE: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Categories of characters that steer terminals, turn the direction of a text, or are none."""


def safe_file_name(event_id: str, name: str | None, url: str = "") -> str:
    """Return the name of the file of an event: ``<event id>-<name>``.

    Characters that any file system refuses, or that mean something in paths and terminals, become
    ``_``; long names lose their middle, and keep their suffix. Names that Windows reserves, such as
    ``CON``, are never those of a file here, since the id comes first.

    Args:
        event_id: the event; one that is not as the API makes them gets a few digits of its
            checksum, so that two of them never become the same.
        name: what the sender called the file.
        url: told apart by it, too, if it is given.
    """
    prefix = NOT_IN_IDS.sub("_", event_id)[:LONGEST_ID]
    mark = event_id + url
    if url or not PLAIN_ID.fullmatch(event_id) or prefix != event_id:
        digest = sha256(mark.encode("utf-8", "surrogatepass")).hexdigest()
        prefix = f"{prefix}_{digest[:DIGITS]}"
    plain = _plain(name or "")
    return f"{prefix}-{_shortened(plain, LONGEST - len(prefix) - 1)}"


def _plain(name: str) -> str:
    text = unicodedata.normalize("NFC", name)
    text = "".join("_" if unicodedata.category(char) in UNPRINTABLE else char for char in text)
    text = NOT_IN_NAMES.sub("_", text)
    # Windows drops spaces and dots at the end, so that another name would be meant.
    return " ".join(text.split()).strip(". ") or "file"


def _shortened(name: str, length: int) -> str:
    if len(name.encode()) <= length:
        return name
    stem, dot, suffix = name.rpartition(".")
    if not dot or not stem or len(suffix.encode()) > LONGEST_SUFFIX:
        stem, ending = name, ""
    else:
        ending = f".{suffix}"
    room = length - len(ending.encode())
    short = stem.encode()[:room].decode(errors="ignore").rstrip(". ")
    return f"{short or 'file'}{ending}"
