"""What a target keeps beside its rows: written, read, and checked."""

import secrets
from datetime import date
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from frontdesk.archives.pages import FORMAT, Job, Position
from frontdesk.archives.tables import SCHEMA_VERSION
from frontdesk.archives.targets.failures import foreign

__all__ = [
    "STATE_NAME",
    "Commit",
    "Stored",
    "check_job",
    "check_versions",
    "kind_of",
    "new_id",
    "read_stored",
]

STATE_NAME: Final = "_frontdesk/state.json"
"""Where a folder keeps it."""


class Commit(Struct, frozen=True, kw_only=True):
    """Days that are being replaced."""

    number: int
    """Counts the commits of an export; a number is never used for other rows."""
    frontier: date
    """The first day that stays as it is."""
    page: int
    """The last page whose rows are in it."""


class Stored(Struct, frozen=True, kw_only=True):
    """The state of an export with whole days, and how far its rows are stored."""

    target: str
    """The format of the rows, such as ``parquet``."""
    job: Job
    position: Position
    """The position as of the last commit; that of a later page lies with the page."""
    export: str
    """Tells this export from others."""
    run: str
    """Tells this run from earlier ones, whose pages may be left over."""
    frontier: date
    """Days before it hold the rows of this run, those from it on the rows of earlier runs."""
    replaces: bool
    """Whether there may be rows of earlier runs."""
    number: int = 0
    """Commits made so far."""
    page: int = 0
    """The last page whose rows before the frontier are stored."""
    first: int = 1
    """The first page that has rows from the frontier on."""
    tables_with_rows: tuple[str, ...] = ()
    """The tables that rows were written to: one of them that is gone later was removed."""
    pending: Commit | None = None
    """A commit that was begun, and has to be completed before anything else."""
    format: int = FORMAT
    schema: int = SCHEMA_VERSION


class _Versions(Struct):
    format: int
    schema: int
    target: str = ""


def new_id() -> str:
    """Return an id for an export or a run."""
    return secrets.token_hex(8)


def kind_of(path: Path) -> str | None:
    """Return the format that a state file names; ``None`` if there is no such file."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=_Versions).target
    except (OSError, msgspec.MsgspecError):
        return None


def read_stored(data: bytes, target: str, kind: str) -> Stored:
    """Decode a state that was stored as JSON.

    Args:
        data: the JSON.
        target: the target, as messages name it.
        kind: the format that it must be of.

    Raises:
        ForeignTarget: It is of another format or schema, or no state at all.
    """
    try:
        versions = msgspec.json.decode(data, type=_Versions)
        check_versions(versions.format, versions.schema, target)
        if versions.target != kind:
            raise foreign(
                target,
                f"holds an export in the format {versions.target}, not {kind}",
                "give that format, or another path",
            )
        return msgspec.json.decode(data, type=Stored)
    except msgspec.MsgspecError as error:
        raise foreign(
            target,
            f"holds an export whose state cannot be read ({str(error).rstrip('.')})",
            "export to another path",
        ) from error


def check_versions(format: int, schema: int, target: str) -> None:
    """Refuse an export of another format or schema.

    Both are at their first version; what an older one needs to be read has its place here.

    Raises:
        ForeignTarget: It is newer, or older than what can be read.
    """
    if format > FORMAT or schema > SCHEMA_VERSION:
        raise foreign(
            target,
            f"was written by a newer version of frontdesk (format {format}, schema {schema}; "
            f"this version knows {FORMAT} and {SCHEMA_VERSION})",
            "update frontdesk, or export to another path",
        )
    if format < FORMAT or schema < SCHEMA_VERSION:
        raise foreign(
            target,
            f"was written by an older version of frontdesk (format {format}, schema {schema}; "
            f"this version writes {FORMAT} and {SCHEMA_VERSION})",
            "export once more, to another path",
        )


def check_job(stored: Job, job: Job, target: str) -> None:
    """Refuse to mix the rows of two jobs; the end of the period may differ.

    Raises:
        ForeignTarget: The target holds an export of another job; the message names what differs.
    """
    differences = [
        name
        for name in Job.__struct_fields__
        if name != "until" and getattr(stored, name) != getattr(job, name)
    ]
    if differences:
        names = ", ".join(f"`{name}`" for name in differences)
        raise foreign(
            target,
            f"holds an export with other options ({names})",
            "give the same options, or another path",
        )
