"""Targets that grow at their end: files whose length is remembered beside them.

The state lies in a sidecar, with the length that each file had when the state was right. It is
written after the rows, under a temporary name, and renamed: so it never speaks of rows that are not
there. What a killed run wrote beyond that length is cut off by the next one.
"""

import os
from contextlib import suppress
from pathlib import Path
from typing import Final, TypeVar

import msgspec
from msgspec import Struct

from frontdesk.archives.locks import TargetLock
from frontdesk.archives.pages import FORMAT, ArchivePage, Job, Position, State
from frontdesk.archives.tables import SCHEMA_VERSION
from frontdesk.archives.targets.failures import writing_to
from frontdesk.errors import ExportError, ForeignTarget

__all__ = [
    "REWRITTEN",
    "UPDATABLE",
    "AppendedTarget",
    "Sidecar",
    "flush_to_disk",
    "read_sidecar",
    "replace_file",
    "rewritten_of",
    "settle",
    "write_sidecar",
]

T = TypeVar("T")

UPDATABLE: Final = "a folder of Parquet, a Delta table or a .duckdb file"
"""The targets whose rows a later run replaces, as a message names them."""
TEMPORARY: Final = ".tmp"
REWRITTEN: Final = ".rewritten"


FORMATS: Final = frozenset({"csv", "jsonl"})
"""Formats of rows that are appended to files."""


class Sidecar(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What lies beside the files of an export."""

    target: str
    """The format of the rows: ``jsonl`` or ``csv``."""
    job: Job
    position: Position
    lengths: dict[str, int]
    """The length of each file in bytes, by its name, when the position was stored."""
    rewritten: dict[str, int] = {}
    """The lengths that files have once their rewritten form has taken their place."""
    format: int
    schema: int

    @classmethod
    def of(
        cls,
        target: str,
        state: State,
        lengths: dict[str, int],
        rewritten: dict[str, int] | None = None,
    ) -> "Sidecar":
        """Make one of the state of an export."""
        return cls(
            target=target,
            job=state.job,
            position=state.position,
            lengths=lengths,
            rewritten=rewritten or {},
            format=state.format,
            schema=state.schema,
        )

    @property
    def state(self) -> State:
        """What a run sees of it."""
        return State(job=self.job, position=self.position, format=self.format, schema=self.schema)


class AppendedTarget:
    """What the targets have in common that append rows to files.

    Args:
        place: the path that was given, which messages name.
        folder: where the files are.
        sidecar: where the state is kept.
    """

    can_resume: bool = True
    can_update: bool = False
    format: str
    """The name of what is written: ``jsonl`` or ``csv``."""
    kind: str
    """What it is, as a message names it."""

    def __init__(self, place: Path, folder: Path, sidecar: Path) -> None:
        self.address: str = str(place)
        self._place = place
        self._folder = folder
        self._sidecar = sidecar
        self._lock = TargetLock(lock_of(sidecar), str(place))
        self._state: State | None = None

    def open(self) -> State | None:
        """Lock the target, cut off what was written halfway, and return what it remembers."""
        with writing_to(str(self._sidecar)):
            self._sidecar.parent.mkdir(parents=True, exist_ok=True)
            self._lock.acquire()
        try:
            self._state = self._opened()
        except BaseException:
            self.close()
            raise
        return self._state

    def begin(self, job: Job, position: Position) -> None:
        """Start a run.

        Raises:
            ExportError: The run would replace rows, or rows of an earlier run are there.
        """
        if position.is_update:
            raise ExportError(
                f"{self.kind} cannot be updated: its rows are only ever added to. "
                f"Export to {UPDATABLE} instead, or to another path without `--update`"
            )
        if self._state is not None:
            raise ForeignTarget(
                f"{self._place} holds an export already, and {self.kind} cannot begin a new run; "
                "export to another path, or delete it"
            )
        self._check(job)
        # Whoever is killed before the sidecar is there leaves nothing that looks like an export.
        with writing_to(str(self._place)):
            lengths: dict[str, int] = {}
            for file in self._files(job):
                start = rewritten_of(file)
                start.write_bytes(self._start(file))
                flush_to_disk(start)
                lengths[file.name] = start.stat().st_size
            state = State(job=job, position=position)
            sidecar = Sidecar.of(self.format, state, {}, lengths)
            write_sidecar(self._sidecar, sidecar)
            settle(sidecar, self._folder)
        self._state = state

    def write(self, page: ArchivePage) -> None:
        """Store the rows of a page with its position, whole or not at all."""
        state = self._begun()
        # Unless all goes well: what was appended in part must be cut off before anything else is.
        self._state = None
        with writing_to(str(self._place)):
            self._append(page, state.job)
        self._store(State(job=state.job, position=page.position))

    def finish(self, position: Position) -> None:
        """Complete the run."""
        self._store(State(job=self._begun().job, position=position))

    def close(self) -> None:
        """Unlock the target; its state is that of the last page written."""
        self._lock.release()
        self._state = None

    def _begun(self) -> State:
        if self._state is None:
            raise ExportError(
                f"nothing can be written to {self._place}: it was not opened and begun, or a write "
                "failed; open it again, and go on where it was"
            )
        return self._state

    def _store(self, state: State) -> None:
        files = self._files(state.job)
        with writing_to(str(self._place)):
            for file in files:
                flush_to_disk(file)
            lengths = {file.name: file.stat().st_size for file in files}
            write_sidecar(self._sidecar, Sidecar.of(self.format, state, lengths))
        self._state = state

    def _opened(self) -> State | None:
        sidecar = read_sidecar(self._sidecar)
        if sidecar is None:
            self._check_unused()
            return None
        with writing_to(str(self._place)):
            for name, length in settle(sidecar, self._folder).items():
                _cut(self._folder / name, length)
        return sidecar.state

    def _check_unused(self) -> None:
        """Raise ``ForeignTarget`` if something is there that no export wrote."""
        raise NotImplementedError

    def _check(self, job: Job) -> None:
        """Raise ``ExportError`` for a job that cannot be stored here."""

    def _files(self, job: Job) -> list[Path]:
        """The files of the export."""
        raise NotImplementedError

    def _start(self, file: Path) -> bytes:
        """Return what stands in a file before all rows."""
        raise NotImplementedError

    def _append(self, page: ArchivePage, job: Job) -> None:
        """Add the rows of a page to the files."""
        raise NotImplementedError


def lock_of(sidecar: Path) -> Path:
    """Return the lock of the target that a sidecar belongs to."""
    return sidecar.with_name(f"{sidecar.name.removesuffix('.json')}.lock")


def read_sidecar(path: Path) -> Sidecar | None:
    """Return what lies beside the files of an export; ``None`` if nothing does.

    Raises:
        ForeignTarget: It cannot be read, or another version of frontdesk wrote it.
    """
    with writing_to(str(path)):
        if not path.exists():
            return None
        content = path.read_bytes()
    versions = _decoded(content, _Versions, path)
    if versions.format > FORMAT or versions.schema > SCHEMA_VERSION:
        raise ForeignTarget(
            f"{path} is of a newer version of frontdesk; export with that one, or to another path"
        )
    if versions.schema < SCHEMA_VERSION:
        raise ForeignTarget(
            f"{path} belongs to an export with older tables (schema {versions.schema}, now "
            f"{SCHEMA_VERSION}), and files of this kind cannot be migrated; export to another path"
        )
    if versions.target not in FORMATS:
        raise ForeignTarget(
            f"{path} belongs to an export in the format {versions.target}; give that format, or "
            "another path"
        )
    return _decoded(content, Sidecar, path)


class _Versions(Struct, frozen=True):
    target: str
    format: int
    schema: int


def _decoded(content: bytes, type: type[T], path: Path) -> T:
    try:
        return msgspec.json.decode(content, type=type)
    except (msgspec.DecodeError, UnicodeDecodeError):
        pass
    raise ForeignTarget(
        f"{path} is no state of an export, or damaged; export to another path, or delete it and "
        "the files beside it"
    )


def write_sidecar(path: Path, sidecar: Sidecar) -> None:
    """Replace a sidecar, whole or not at all."""
    replace_file(path, msgspec.json.encode(sidecar))


def replace_file(path: Path, content: bytes) -> None:
    """Write a file under a temporary name and rename it, so that it is never there in part."""
    temporary = path.with_name(f"{path.name}{TEMPORARY}")
    try:
        with temporary.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise


def flush_to_disk(path: Path) -> None:
    """Wait until the bytes of a file are on the disk."""
    with path.open("rb") as file:
        os.fsync(file.fileno())


def settle(sidecar: Sidecar, folder: Path) -> dict[str, int]:
    """Let rewritten files take their places, and return the lengths of all files.

    A sidecar names a rewritten file only once that is whole; whoever was killed before the file had
    taken its place is caught up with here.
    """
    for name in sidecar.rewritten:
        rewritten = rewritten_of(folder / name)
        if rewritten.exists():
            rewritten.replace(folder / name)
    return {**sidecar.lengths, **sidecar.rewritten}


def rewritten_of(path: Path) -> Path:
    """Return where the rewritten form of a file lies until it takes the file's place."""
    return path.with_name(f"{path.name}{REWRITTEN}")


def _cut(path: Path, length: int) -> None:
    """Cut off what was written after the state was stored."""
    present = path.stat().st_size if path.exists() else 0
    if present < length:
        raise ForeignTarget(
            f"{path} is shorter than what was exported to it ({present} of {length} bytes); "
            "delete it with what lies beside it, and export anew"
        )
    if present > length:
        with path.open("r+b") as file:
            file.truncate(length)
