"""Reading, comparing and writing the files to convert."""

import ast
import os
import shutil
import stat
import tempfile
import warnings
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from difflib import unified_diff
from pathlib import Path
from typing import Final

import libcst as cst

from frontdesk.migrate.program import Migration, migrate_source
from frontdesk.migrate.references import PACKAGE
from frontdesk.migrate.work import MARK

__all__ = ["Conversion", "Refusal", "convert_file", "diff", "marked_lines", "python_files", "write"]

SKIPPED: Final = frozenset({"__pycache__", "node_modules", "site-packages"})
"""Folders without code of one's own, besides hidden ones and virtual environments."""


class Refusal(Exception):
    """A file that cannot be read, parsed or written; its text says why."""


@dataclass(frozen=True)
class Conversion:
    """One file before and after."""

    path: Path
    before: bytes
    migration: Migration

    @property
    def changed(self) -> bool:
        """Whether anything is different."""
        return self.migration.source != self.before


def python_files(paths: Iterable[Path]) -> Iterator[Path]:
    """Return the files to look at, each once: those given, and the Python files of folders."""
    seen: set[Path] = set()
    for path in paths:
        for file in _walk(path) if path.is_dir() else [path]:
            real = file.resolve()
            if real not in seen:
                seen.add(real)
                yield file


def _walk(folder: Path) -> Iterator[Path]:
    for root, folders, names in os.walk(folder):
        here = Path(root)
        folders[:] = sorted(
            name
            for name in folders
            if not name.startswith(".")
            and name not in SKIPPED
            and not (here / name / "pyvenv.cfg").exists()
        )
        yield from (here / name for name in sorted(names) if name.endswith(".py"))


def convert_file(path: Path) -> Conversion:
    """Read a file and convert it.

    Raises ``Refusal`` if it cannot be read or parsed.
    """
    try:
        source = path.read_bytes()
    except OSError as error:
        raise Refusal(error.strerror or str(error)) from None
    _check(source)
    if PACKAGE.encode() not in source:
        return Conversion(path, source, Migration(source, "utf-8", 0, ()))
    try:
        return Conversion(path, source, migrate_source(source))
    except cst.ParserSyntaxError as error:
        raise Refusal(f"line {error.raw_line}: it cannot be parsed") from None
    except (SyntaxError, ValueError, LookupError) as error:
        raise Refusal(f"it cannot be parsed: {error}") from None
    except RecursionError:
        raise Refusal("it is nested too deeply") from None


def _check(source: bytes) -> None:
    """Refuse what is no Python.

    libcst's parser takes more time, and ends the process where the nesting is too deep for it.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(source)
    except SyntaxError as error:
        raise Refusal(f"line {error.lineno or 1}: it cannot be parsed: {error.msg}") from None
    except (ValueError, LookupError) as error:
        raise Refusal(f"it cannot be parsed: {error}") from None
    except (RecursionError, MemoryError):
        raise Refusal("it is nested too deeply") from None


def diff(conversion: Conversion) -> str:
    """Return the unified diff of a file; it is empty if nothing changes."""
    encoding = conversion.migration.encoding
    before = _lines(conversion.before.decode(encoding))
    after = _lines(conversion.migration.source.decode(encoding))
    name = conversion.path.as_posix()
    old, new = (name, name) if conversion.path.is_absolute() else (f"a/{name}", f"b/{name}")
    lines: list[str] = []
    for line in unified_diff(before, after, old, new):
        whole = line.endswith("\n")
        lines += [line] if whole else [f"{line}\n", "\\ No newline at end of file\n"]
    return "".join(lines)


def _lines(text: str) -> list[str]:
    """Split at line feeds only, as ``patch`` does."""
    lines = [f"{line}\n" for line in text.split("\n")]
    last = lines.pop()[:-1]
    return [*lines, last] if last else lines


def marked_lines(conversion: Conversion) -> list[int]:
    """Return the lines of the marks in the file as it is afterwards."""
    lines = conversion.migration.source.splitlines()
    mark = MARK.encode()
    return [number for number, line in enumerate(lines, 1) if line.lstrip().startswith(mark)]


def write(conversion: Conversion) -> None:
    """Put the converted file in the place of the old one, all at once.

    The file keeps its mode, and its owner where that is allowed; a link still leads to it.

    Raises ``Refusal`` if it cannot be written; the old file is untouched then.
    """
    path = conversion.path.resolve()
    try:
        before = path.stat()
        if not before.st_mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH):
            raise Refusal("it is read-only")
        descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(conversion.migration.source)
            shutil.copymode(path, name)
            with suppress(OSError, AttributeError):
                os.chown(name, before.st_uid, before.st_gid)
            Path(name).replace(path)
        except BaseException:
            with suppress(OSError):
                Path(name).unlink()
            raise
    except OSError as error:
        raise Refusal(error.strerror or str(error)) from None
