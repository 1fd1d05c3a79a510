"""Erasing from files that are read line by line, or row by row: JSON lines and CSV."""

import gzip
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import IO, Any, Final

from frontdesk.archives.erasing.spooled import columns_of, known_tables
from frontdesk.archives.erasing.stores import FILE, USER, Store, TableStore, names_of_file
from frontdesk.archives.erasing.terms import Finding, Known, Term
from frontdesk.archives.targets.appended import (
    AppendedTarget,
    Sidecar,
    flush_to_disk,
    read_sidecar,
    rewritten_of,
    settle,
    write_sidecar,
)
from frontdesk.archives.targets.csv import CsvFile, CsvFolder, csv_reader, csv_row
from frontdesk.archives.targets.failures import writing_to
from frontdesk.archives.targets.lines import COMPRESSED, LEVEL, LinesTarget

__all__ = ["CsvFileStore", "CsvFolderStore", "LinesStore"]

PORTION: Final = 100
"""Lines that become one member of gzip, as many as a page has."""


class AppendedStore(AppendedTarget, Store):
    """What files have in common that grow at their end: they are rewritten, and renamed."""

    def remove_rows(self, known: Known) -> dict[str, int]:
        """Rewrite the files that have rows of the threads or customers."""
        removed: dict[str, int] = {}
        with writing_to(str(self._place)):
            lengths: dict[str, int] = {}
            for file in self._files(self._begun().job):
                rewritten = rewritten_of(file)
                count = self.rewrite(file, rewritten, known)
                if not count:
                    rewritten.unlink()
                    continue
                flush_to_disk(rewritten)
                lengths[file.name] = rewritten.stat().st_size
                removed[self.table_of(file)] = count
            if lengths:
                self._replace(lengths)
        return removed

    def _replace(self, lengths: dict[str, int]) -> None:
        """Let all rewritten files take their places; a killed process leaves that to the next."""
        before = read_sidecar(self._sidecar)
        assert before is not None
        sidecar = Sidecar.of(self.format, before.state, before.lengths, lengths)
        write_sidecar(self._sidecar, sidecar)
        self._state = before.state
        settled = settle(sidecar, self._folder)
        write_sidecar(self._sidecar, Sidecar.of(self.format, before.state, settled))

    def rewrite(self, file: Path, rewritten: Path, known: Known) -> int:
        """Write a file without the rows; returns how many these were."""
        raise NotImplementedError

    def table_of(self, file: Path) -> str:
        """What the rows of a file are."""
        return "threads"

    def purge(self) -> None:
        """Remove what was written halfway."""
        for file in self._files(self._begun().job):
            with suppress(FileNotFoundError):
                rewritten_of(file).unlink()

    def search(self, terms: Sequence[Term]) -> Iterator[Finding]:
        """Search all files as text."""
        files = [file for file in self._files(self._begun().job) if file.exists()]
        for file in [*files, self._sidecar]:
            self.count(files=1, size=file.stat().st_size)
            with opened(file) as lines:
                yield from self._found(file.name, lines, terms)

    def _found(self, place: str, lines: Iterable[str], terms: Sequence[Term]) -> Iterator[Finding]:
        patterns = [(term, term.pattern) for term in terms]
        counts: dict[Term, int] = {}
        for line in lines:
            self.count(rows=1)
            for term, pattern in patterns:
                if pattern.search(line):
                    counts[term] = counts.get(term, 0) + 1
        for term, count in counts.items():
            yield Finding(term, place, count)


class LinesStore(AppendedStore, LinesTarget):
    """A file of JSON lines."""

    def identify(self, customers: set[str]) -> Known:
        """Find what is known of customers, and the threads in which they took part."""
        known = Known(customers)
        with writing_to(str(self._place)), opened(self._path) as lines:
            for line in lines:
                thread: dict[str, Any] = json.loads(line)
                users = [user for user in _of(thread, "users") if user["user_id"] in customers]
                for user in users:
                    known.add_user(*_values(user, USER))
                if _is_of(thread, customers) and thread["thread_id"]:
                    known.threads.add(thread["thread_id"])
                    for file in _of(thread, "files"):
                        row = {**file, "thread_id": thread["thread_id"]}
                        known.files.update(names_of_file(*_values(row, FILE)))
        return known

    def rewrite(self, file: Path, rewritten: Path, known: Known) -> int:
        """Write the lines of all other threads."""
        removed = 0

        def kept(lines: Iterable[str]) -> Iterator[str]:
            nonlocal removed
            for line in lines:
                thread: dict[str, Any] = json.loads(line)
                if thread["thread_id"] in known.threads or _is_of(thread, known.customers):
                    removed += 1
                else:
                    yield line

        with opened(file) as lines, rewritten.open("wb") as target:
            rest = kept(lines)
            while portion := "".join(islice(rest, PORTION)).encode():
                compressed = file.suffix.lower() == COMPRESSED
                target.write(gzip.compress(portion, LEVEL, mtime=0) if compressed else portion)
        return removed


class CsvFileStore(AppendedStore, CsvFile):
    """A CSV file with a row per thread. It names the customer of a thread, and no one else."""

    def identify(self, customers: set[str]) -> Known:
        """Find the threads of customers."""
        known = Known(customers)
        with writing_to(str(self._place)):
            for row in _dicts(self._path):
                if row["customer_id"] in customers:
                    known.threads.update({row["thread_id"]} - {""})
                    name, email = map(_plain, (row["customer_name"], row["customer_email"]))
                    known.add_user("customer", row["customer_id"], name, email, None)
        return known

    def rewrite(self, file: Path, rewritten: Path, known: Known) -> int:
        """Write the rows of all other threads."""
        columns = {"thread_id": known.threads, "customer_id": known.customers}
        return _rewritten(file, rewritten, columns)


class CsvFolderStore(AppendedStore, CsvFolder, TableStore):
    """A folder of CSV, one file a table."""

    def tables(self) -> list[str]:
        """The tables that are there."""
        return known_tables(file.stem for file in self._path.glob("*.csv"))

    def identify(self, customers: set[str]) -> Known:
        """Find what is known of customers, and the threads in which they took part."""
        with writing_to(str(self._place)):
            return TableStore.identify(self, customers)

    def scan(self, table: str, columns: Sequence[str]) -> Iterator[Sequence[tuple[Any, ...]]]:
        """Yield the rows of some columns."""
        rows = _dicts(self._path / f"{table}.csv")
        while portion := list(islice(rows, PORTION)):
            yield [tuple(_plain(row[column]) for column in columns) for row in portion]

    def rewrite(self, file: Path, rewritten: Path, known: Known) -> int:
        """Write the rows of all other threads and users."""
        columns = {
            column: known.threads if column == "thread_id" else known.customers
            for column in columns_of(file.stem)
        }
        return _rewritten(file, rewritten, columns)

    def table_of(self, file: Path) -> str:
        """The table of a file."""
        return file.stem


def opened(path: Path) -> IO[str]:
    """Open a file of text, compressed or not; line ends stay as they are."""
    if path.suffix.lower() == COMPRESSED:
        compressed: Any = gzip.open(path, "rb")  # noqa: SIM115 - closed by what wraps it
        return io.TextIOWrapper(compressed, encoding="utf-8", newline="\n")
    return path.open(encoding="utf-8", newline="\n")


def _of(thread: dict[str, Any], name: str) -> list[dict[str, Any]]:
    return thread.get(name) or []


def _values(row: dict[str, Any], columns: Iterable[str]) -> list[Any]:
    return [row.get(column) for column in columns]


def _is_of(thread: dict[str, Any], customers: set[str]) -> bool:
    """Whether one of the customers took part in a thread."""
    visit: dict[str, Any] = thread.get("visit") or {}
    ids: list[Any] = [thread.get("customer_id"), visit.get("customer_id")]
    ids += [user.get("user_id") for user in _of(thread, "users")]
    ids += [event.get("author_id") for event in _of(thread, "events")]
    return not customers.isdisjoint(ids)


def _dicts(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = csv_reader(file)
        names = next(rows)
        for row in rows:
            yield dict(zip(names, row, strict=True))


def _plain(cell: str) -> str:
    """Return a text without the mark that keeps spreadsheets from running it."""
    return cell[1:] if cell[:1] == "'" and cell[1:2] in ("=", "+", "-", "@") else cell


def _rewritten(file: Path, rewritten: Path, columns: dict[str, set[str]]) -> int:
    removed = 0
    with (
        file.open(encoding="utf-8", newline="") as source,
        rewritten.open("w", encoding="utf-8", newline="") as target,
    ):
        rows = csv_reader(source)
        names = next(rows)
        target.write(csv_row(names))
        plain = [name.lstrip("\ufeff") for name in names]
        places = {plain.index(column): values for column, values in columns.items()}
        for row in rows:
            if any(row[place] in values for place, values in places.items()):
                removed += 1
            else:
                target.write(csv_row(row))
    return removed
