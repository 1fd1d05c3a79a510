"""What an export reads, page by page, and where it is."""

from datetime import datetime
from typing import Any, Final

import pyarrow as pa
from msgspec import Struct

from frontdesk.archives.tables import SCHEMA_VERSION, TABLES

__all__ = ["ArchivePage", "Job", "Position", "State"]

FORMAT: Final = 1
"""Version of what is stored beside the rows of an export."""


class Job(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is exported. Two runs with the same job write the same rows."""

    since: datetime
    """Threads created at that time or later, in UTC."""
    until: datetime | None = None
    """Threads created before that time, in UTC; ``None``: until each run begins."""
    filters: dict[str, Any] = {}
    """The archive filters, as JSON has them; without ``from`` and ``to``."""
    tables: tuple[str, ...] = tuple(TABLES)
    raw: bool = False
    """Whether ``threads.raw`` holds every chat, or damaged ones alone."""
    files: bool = False
    """Whether attachments are downloaded."""
    pseudonyms: str | None = None
    """The fingerprint of the key that names are replaced with."""


class Position(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Where a run is: everything that is needed to go on in another process."""

    since: datetime
    """Where this run began: that of the job, or, for an update, later."""
    until: datetime
    """Where this run ends; fixed when it began."""
    window: datetime
    """The start of the window of time that is being read."""
    page_id: str | None = None
    """The page to be read next; ``None``: the first one of the window."""
    saved_at: datetime | None = None
    """When the page id came; page ids live for a month."""
    last_created_at: datetime | None = None
    """When the newest thread that was read in this window was created."""
    last_thread_ids: tuple[str, ...] = ()
    """The threads that were created then, and were read."""
    ordered: bool = True
    """Whether the threads of the window came in the order of their creation so far."""
    open_since: datetime | None = None
    """When the oldest thread was created that was open as this run began; ``None``: unknown."""
    is_update: bool = False
    """Whether this run replaces what an earlier one wrote."""
    threads: int = 0
    """Threads read so far in this run."""
    events: int = 0
    """Events stored so far in this run."""
    requests: int = 0
    """Requests made so far in this run."""
    done: bool = False
    """Whether the run has reached its end."""


class State(Struct, frozen=True, kw_only=True):
    """What a target remembers of an export beside its rows."""

    job: Job
    position: Position
    format: int = FORMAT
    schema: int = SCHEMA_VERSION


class ArchivePage(Struct, frozen=True, kw_only=True):
    """The rows of one page of the archives, and where to go on after it."""

    tables: dict[str, pa.RecordBatch]
    """The rows, a record batch per table; tables without rows have one too."""
    position: Position
    """Where to go on once these rows are stored."""
    found: int = 0
    """How many threads the window holds, as the API estimates it."""
    damaged: int = 0
    """How many chats of this page could not be read whole; their JSON is in ``threads.raw``."""
