"""What the targets have in common that fill a folder with tables by day."""

from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

import msgspec

from frontdesk.archives.locks import TargetLock
from frontdesk.archives.targets.days import DayTarget
from frontdesk.archives.targets.failures import foreign, unwritable, writing_to
from frontdesk.archives.targets.files import Files, LocalFiles, RemoteFiles
from frontdesk.archives.targets.states import STATE_NAME, Stored, read_stored
from frontdesk.errors import FrontdeskError

__all__ = ["FolderTarget"]

_OURS: Final = "_frontdesk"
_LOCK: Final = f"{_OURS}/lock"
_SPOOL: Final = f"{_OURS}/spool"
_HARMLESS: Final = {"lost+found"}
"""What an empty disk holds."""


class FolderTarget(DayTarget):
    """A folder with a folder a table.

    What an export remembers lies in its folder ``_frontdesk``, which DuckDB, Spark, Dask, Polars
    and pyarrow ignore because of the first character.
    """

    def __init__(self, address: str) -> None:
        self._root = None if "://" in address else Path(address)
        files: Files = RemoteFiles(address) if self._root is None else LocalFiles(self._root)
        super().__init__(address, files, _SPOOL)
        self._target_lock: TargetLock | None = None
        self._made: list[Path] = []

    @contextmanager
    def _failing(self) -> Generator[None, None, None]:
        with writing_to(self.address):
            try:
                yield
            except (FrontdeskError, OSError):
                raise
            except Exception as error:
                if self._root is not None:
                    raise
                # The libraries of stores have errors of their own, such as one without credentials.
                raise unwritable(self.address, error) from error

    def _lock(self) -> None:
        if self._root is None:
            self._refuse_other_content()
            return
        if self._root.exists() and not self._root.is_dir():
            raise foreign(self.address, "is a file, not a folder")
        self._refuse_other_content()
        self._make(self._root / _OURS)
        lock = TargetLock(self._root / _LOCK, self.address)
        lock.acquire()
        self._target_lock = lock

    def _unlock(self) -> None:
        if self._target_lock is None:
            return
        if self._stored is None and self._made:
            # Nothing was begun: leave no empty folders behind.
            for name in (_LOCK, f"{_LOCK}.pid"):
                with suppress(OSError):
                    self._files.remove(name)
            for folder in reversed(self._made):
                with suppress(OSError):
                    folder.rmdir()
        self._target_lock.release()
        self._target_lock = None

    def _load(self) -> Stored | None:
        try:
            data = self._files.read(STATE_NAME)
        except FileNotFoundError:
            self._refuse_other_content()
            return None
        return read_stored(data, self.address, self.kind)

    def _save(self, stored: Stored) -> None:
        self._files.write(STATE_NAME, msgspec.json.encode(stored))

    def _refuse_other_content(self) -> None:
        if self._files.exists(STATE_NAME):
            return
        others = [
            name
            for name in self._files.names("")
            if name != _OURS and not name.startswith(".") and name not in _HARMLESS
        ]
        if others:
            raise foreign(
                self.address,
                f"holds something else than an export ({others[0]!r}"
                + (f" and {len(others) - 1} more)" if others[1:] else ")"),
                "give an empty folder, or a new one",
            )

    def _make(self, folder: Path) -> None:
        missing = [path for path in (folder, *folder.parents) if not path.exists()]
        folder.mkdir(parents=True, exist_ok=True)
        self._made = missing[::-1]
