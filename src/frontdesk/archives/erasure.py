"""Erase one customer from an export, and prove it.

What goes: all threads in which the customer took part, with their events, users, tags, properties,
visits and files, since their texts are about the customer; the rows of the customer in ``users``;
downloaded files of these threads; and what an interrupted run has spooled of them. Rows of agents
stay, as do threads of other customers.

It goes for good. Files of Parquet, JSON lines and CSV are rewritten. Delta tables are vacuumed
without a retention, and their log begins anew, so that older versions cannot be read any more. A
DuckDB database is copied into a new file, for a deleted row stays in the blocks of the old one.
Copies elsewhere (backups, snapshots, versions that an object store keeps) are out of reach, and so
are the blocks of a disk that a file was on.

Then it proves it: all rows and all bytes of the export are searched for the customer's id, and for
every name, e-mail address and phone number that the export knew of them. What is found is in the
texts of others, such as a namesake or a forwarded address: it is reported, and stays.

The export remembers who was erased, as keyed hashes (``frontdesk.archives.beside.tombstones`` has
the details), and later runs and updates drop these customers. The list lies in the folder
``_frontdesk``, or beside a file as ``NAME.frontdesk-erased.json``: keep it with the export.
LiveChat itself still has their chats: erase them there, too.
"""

import csv
import os
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import msgspec
import pyarrow as pa
from msgspec import Struct

from frontdesk.archives.beside.places import Beside, files_folder_of
from frontdesk.archives.beside.tombstones import Tombstones
from frontdesk.archives.erasing.stores import Store, found_in_bytes
from frontdesk.archives.erasing.terms import Finding, Known, Term, terms_of
from frontdesk.archives.targets.failures import unwritable, writing_to
from frontdesk.archives.targets.open import open_target
from frontdesk.errors import ExportError, ForeignTarget, FrontdeskError, InvalidArgument
from frontdesk.redaction import one_line

__all__ = ["Erasure", "Finding", "Term", "erase_customer"]

INTENT: Final = "erasing.json"
"""What is being erased; it is there until that is done."""
CHUNK: Final = 1024 * 1024
_HERE: Final = "frontdesk.archives.erasing"
STORES: Final = {
    "ParquetTarget": (f"{_HERE}.parquet", "ParquetStore"),
    "DeltaTarget": (f"{_HERE}.delta", "DeltaStore"),
    "DuckDBTarget": (f"{_HERE}.duckdb", "DuckDBStore"),
    "LinesTarget": (f"{_HERE}.lines", "LinesStore"),
    "CsvFile": (f"{_HERE}.lines", "CsvFileStore"),
    "CsvFolder": (f"{_HERE}.lines", "CsvFolderStore"),
}
"""The class that erases from a target, by the class of the target; imported when it is used."""


class Erasure(Struct, frozen=True, kw_only=True):
    """What was erased, and what the search afterwards found."""

    customer_id: str
    threads: int
    """Threads in which the customer took part."""
    rows: dict[str, int]
    """Rows that were removed by this call, by table."""
    files: int
    """Downloaded files that were deleted by this call."""
    terms: tuple[Term, ...]
    """What was searched for: the id, and the names, e-mail addresses and phone numbers."""
    rows_searched: int
    """Rows, or lines, that were searched."""
    files_searched: int
    """Files that were searched as they are."""
    bytes_searched: int
    """Bytes of these files."""
    is_repeated: bool
    """Whether the customer had been erased before."""
    findings: tuple[Finding, ...]
    """Where a text still occurs: in what others wrote, for all of the customer's own is gone."""

    @property
    def is_known(self) -> bool:
        """Whether the export had anything of the customer, now or before."""
        return self.is_repeated or bool(self.threads or any(self.rows.values()))

    @property
    def is_clean(self) -> bool:
        """Whether nothing was found."""
        return not self.findings


def erase_customer(
    target: str | os.PathLike[str],
    customer_id: str,
    *,
    format: str | None = None,
    on_step: Callable[[str], object] | None = None,
) -> Erasure:
    """Erase a customer from an export, and search what is left of them.

    Killed in between, the same call completes it; until then the export keeps a list of what is to
    go. A customer of whom the export has nothing is remembered all the same: later runs drop them.

    Args:
        target: The path or URL of the export, as ``open_target`` takes it.
        customer_id: The customer, as ``threads.customer_id`` has it.
        format: The format, as ``open_target`` takes it; defaults to what is there.
        on_step: Called with what is done next, in words: of a large export a step takes minutes.

    Returns:
        What was erased and searched.

    Raises:
        InvalidArgument: The id is empty, or that of an agent or bot.
        TargetInUse: A run is writing to the export.
        ForeignTarget: There is no export.
        ExportError: It cannot be rewritten; the same call goes on once it can.
    """
    if not isinstance(customer_id, str) or not customer_id.strip():  # pyright: ignore[reportUnnecessaryIsInstance]
        raise InvalidArgument("customer_id", "must be the id of a customer")
    customer_id = customer_id.strip()
    store = _store(target, format)
    address = _address(store)
    if store.open() is None:
        store.close()
        raise ForeignTarget(f"there is no export at {address}; check the path")
    try:
        with _failing(address):
            return _erased(store, address, customer_id, on_step or (lambda _: None))
    finally:
        store.close()


@contextmanager
def _failing(address: str) -> Generator[None]:
    """Turn what goes wrong with an export into ``ExportError``."""
    try:
        yield
    except OSError as error:
        raise unwritable(address, error) from error
    except (ValueError, LookupError, csv.Error, pa.ArrowException) as error:
        if isinstance(error, FrontdeskError):
            raise
        damage = one_line(str(error)) or type(error).__name__
    else:
        return
    raise ExportError(
        f"{address} has rows that cannot be read ({damage}), so nobody can be erased from it; "
        "export anew to another path, erase the customer there, and delete this one"
    )


def _erased(
    store: Store, address: str, customer_id: str, on_step: Callable[[str], object]
) -> Erasure:
    beside = Beside(address)
    on_step("looking for the customer's threads")
    known = _intended(beside)
    known.customers.add(customer_id)
    known.add(store.identify(known.customers))
    if known.staff:
        name = min(known.staff)
        raise InvalidArgument(
            "customer_id", f"must be a customer, and {name} is an agent or bot of this export"
        )
    # From here on a killed process leaves what the next one needs to complete it.
    tombstones = Tombstones.load(address)
    is_repeated = tombstones.is_erased(customer_id)
    tombstones.plus(known.customers, known.threads).store(address)
    beside.write(INTENT, msgspec.json.encode(known))
    on_step(f"removing {len(known.threads):,} threads")
    rows = store.remove_rows(known)
    files = _delete_files(address, known)
    store.purge()
    beside.remove(INTENT)
    terms = terms_of(known)
    on_step("searching the whole export for what is left of the customer")
    findings = sorted({*store.search(terms), *_found_in_files(store, address, terms)})
    return Erasure(
        customer_id=customer_id,
        threads=len(known.threads),
        rows=rows,
        files=files,
        terms=tuple(terms),
        rows_searched=store.rows_searched,
        files_searched=store.files_searched,
        bytes_searched=store.bytes_searched,
        is_repeated=is_repeated,
        findings=tuple(findings),
    )


def _store(target: str | os.PathLike[str], format: str | None) -> Store:
    opened: Any = open_target(target, format=format)
    place = STORES.get(type(opened).__name__)
    if place is None:
        raise InvalidArgument("target", "must be an export that is stored, not standard output")
    module, name = place
    store: Store = getattr(import_module(module), name)(opened.address)
    return store


def _address(store: Store) -> str:
    address: str = getattr(store, "address")  # noqa: B009 - a target has one
    return address


def _intended(beside: Beside) -> Known:
    """Return what an erasure was about that was killed."""
    data = beside.read(INTENT)
    if data is not None:
        with suppress(msgspec.MsgspecError, UnicodeDecodeError):
            return msgspec.json.decode(data, type=Known)
    return Known(set())


def _delete_files(address: str, known: Known) -> int:
    """Delete downloaded files, also those that are there in part."""
    if "://" in address:
        return 0
    folder = files_folder_of(address)
    if not folder.is_dir():
        return 0
    deleted = 0
    with writing_to(str(folder)):
        for path in sorted(folder.iterdir()):
            is_whole = not path.name.startswith(".")
            name = path.name if is_whole else path.name[1:].removesuffix(".json")
            name = name if is_whole else name.removesuffix(".part")
            # Ids of events begin with that of their thread.
            thread_id = name.partition("-")[0].rpartition("_")[0]
            if name in known.files or thread_id in known.threads:
                path.unlink()
                deleted += is_whole
    return deleted


def _found_in_files(store: Store, address: str, terms: list[Term]) -> Iterator[Finding]:
    """Search the names and bytes of the downloaded files that lie beside an export."""
    if "://" in address:
        return
    folder = files_folder_of(address)
    if not folder.is_dir():
        return
    for path in sorted(folder.iterdir()):
        place = f"{folder.name}/{path.name}"
        store.files_searched += 1

        def chunks(path: Path = path) -> Iterator[bytes]:
            yield path.name.encode() + b"\n"
            with path.open("rb") as file:
                while chunk := file.read(CHUNK):
                    store.bytes_searched += len(chunk)
                    yield chunk

        yield from found_in_bytes(place, chunks(), terms)
