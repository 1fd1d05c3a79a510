"""Reads recordings."""

import os
import warnings
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from frontdesk.errors import FrontdeskError
from frontdesk.recordings.entries import FORMAT, EndEntry, Entry, Header

__all__ = ["Corpus", "IncompleteRecording", "RecordingError", "read_corpus"]

_header: Final = msgspec.json.Decoder(dict[str, object])
_entry: Final = msgspec.json.Decoder(Entry)


class RecordingError(FrontdeskError):
    """A file is no recording of this version, or is damaged in the middle."""


class IncompleteRecording(UserWarning):
    """A recording has no end: it is cut, or its recorder was killed."""


class Corpus(Struct, frozen=True):
    """A recording that was read."""

    header: Header
    """Its first line, which says what the recording is."""
    entries: tuple[Entry, ...]
    """What was recorded, in the order of the lines."""
    complete: bool
    """Whether its last line is there."""


def read_corpus(path: str | os.PathLike[str]) -> Corpus:
    """Read a recording. One that is cut is read up to the cut, with an ``IncompleteRecording``.

    Raises:
        RecordingError: It cannot be read, is no recording, is of another version, or has a damaged
            line before its last one.
    """
    path = Path(path)
    try:
        data = path.read_bytes()
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise RecordingError(f"{path} cannot be read: {reason}") from None
    first, *lines = data.split(b"\n")
    header = _read_header(path, first)
    entries: list[Entry] = []
    for number, line in enumerate(lines, 2):
        if not line.strip():
            continue
        try:
            entries.append(_entry.decode(line))
        except (msgspec.DecodeError, UnicodeError) as error:
            # What follows the last line break was being written when the recording was cut.
            if number == len(lines) + 1:
                break
            raise RecordingError(f"{path} is damaged in line {number}: {error}") from None
    complete = bool(entries) and isinstance(entries[-1], EndEntry)
    if complete:
        entries.pop()
    else:
        # Its position is that of whoever asked for the file.
        warnings.warn(
            f"{path} has no end: it is cut, or its recorder was killed; "
            f"{len(entries)} entries are read",
            IncompleteRecording,
            stacklevel=2,
        )
    return Corpus(header, tuple(entries), complete)


def _read_header(path: Path, line: bytes) -> Header:
    try:
        content = _header.decode(line)
    except (msgspec.DecodeError, UnicodeError):
        content = {}
    version = content.get("frontdesk_recording")
    if not isinstance(version, int):
        raise RecordingError(f"{path} is no recording of frontdesk: its first line is no header")
    if version != FORMAT:
        raise RecordingError(
            f"{path} has the format {version}, and this version of frontdesk reads {FORMAT}; "
            "record it anew, or install the version that made it"
            + (f" ({content['made_with']})" if content.get("made_with") else "")
        )
    try:
        return msgspec.convert(content, Header)
    except msgspec.ValidationError as error:
        raise RecordingError(f"{path} has a header that is damaged: {error}") from None
