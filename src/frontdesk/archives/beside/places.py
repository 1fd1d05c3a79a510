"""What lies beside the rows of an export: where it is, for a folder and for a file."""

import os
from pathlib import Path
from typing import Final

from frontdesk.archives.targets.files import Files, LocalFiles, RemoteFiles

__all__ = ["FILES", "Beside", "files_folder_of", "is_file_target"]

FILES: Final = "_files"
"""The folder of downloaded files in a folder; engines pass over names that begin with `_`."""
OURS: Final = "_frontdesk"
SUFFIXES: Final = (".duckdb", ".jsonl", ".gz", ".csv")


def is_file_target(address: str) -> bool:
    """Whether an export to a path is a file: by what is there, else by its name."""
    path = Path(address)
    if path.is_dir() or "://" in address:
        return False
    return path.is_file() or path.suffix.lower() in SUFFIXES


def files_folder_of(address: str) -> Path:
    """Return the folder of the downloaded files of an export to a local path."""
    path = Path(address)
    return path.with_name(f"{path.name}.files") if is_file_target(address) else path / FILES


class Beside:
    """Small files that belong to an export: in its folder, or beside its file.

    Args:
        address: the export's path or URL.
    """

    def __init__(self, address: str | os.PathLike[str]) -> None:
        address = os.fspath(address)
        self._prefix = f"{OURS}/"
        self._files: Files
        if "://" in address:
            self._files = RemoteFiles(address)
        elif is_file_target(address):
            path = Path(address)
            self._files = LocalFiles(path.parent)
            self._prefix = f"{path.name}.frontdesk-"
        else:
            self._files = LocalFiles(Path(address))

    def read(self, name: str) -> bytes | None:
        """Return a file; ``None`` if there is none."""
        try:
            return self._files.read(f"{self._prefix}{name}")
        except (FileNotFoundError, NotADirectoryError):
            return None

    def write(self, name: str, data: bytes) -> None:
        """Write a file, whole or not at all."""
        self._files.write(f"{self._prefix}{name}", data)

    def remove(self, name: str) -> None:
        """Remove a file, if it is there."""
        self._files.remove(f"{self._prefix}{name}")
