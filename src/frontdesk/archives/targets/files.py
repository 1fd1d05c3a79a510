"""The files of a target, local or behind a URL: read, and written whole or not at all."""

import os
import re
from collections.abc import Generator, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager, suppress
from importlib import import_module
from io import BytesIO
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import IO, Any, Final, Protocol, cast

import pyarrow as pa

from frontdesk.archives.syncing import sync, sync_all
from frontdesk.errors import InvalidArgument, MissingDependency

__all__ = ["Changes", "Files", "LocalFiles", "RemoteFiles"]

_WORKERS: Final = 16
"""Threads that wait for the network."""
_IN_MEMORY: Final = 8 * 1024 * 1024
"""Bytes of a file for an object store that are kept in memory until it is sent."""


_PACKAGE: Final = re.compile(r"install ['\"`]?([\w-]+)", re.IGNORECASE)


class Changes(Protocol):
    """New files and removals that are prepared first, and then made visible one by one."""

    def writing(self, name: str) -> AbstractContextManager[IO[bytes]]:
        """Prepare a file; what is written is seen by nobody before ``apply``."""
        ...

    def put(self, name: str, data: pa.Buffer) -> None:
        """Prepare a small file; the data is not copied."""
        ...

    def remove(self, name: str) -> None:
        """Prepare the removal of a file; it need not exist."""
        ...

    def apply(self) -> None:
        """Make everything durable, then visible."""
        ...

    def discard(self) -> None:
        """Forget what is not applied."""
        ...


class Files(Protocol):
    """A folder of files, with names relative to it, divided by ``/``."""

    address: str
    """The folder, as messages name it."""

    def exists(self, name: str) -> bool:
        """Whether there is a file or folder of that name."""
        ...

    def names(self, folder: str) -> list[str]:
        """Return the names of files and folders in a folder, sorted; none if it does not exist."""
        ...

    def read(self, name: str) -> bytes:
        """Return a file; raises ``FileNotFoundError``."""
        ...

    def read_part(self, name: str, start: int, length: int) -> bytes:
        """Return a part of a file."""
        ...

    def open(self, name: str) -> IO[bytes]:
        """Open a file to be read at any place."""
        ...

    def write(self, name: str, data: bytes, *, durable: bool = True) -> None:
        """Write a file, or replace it, whole or not at all.

        Args:
            name: its name.
            data: what it is to hold.
            durable: whether it must survive a power cut.
        """
        ...

    def remove(self, name: str) -> None:
        """Remove a file; it need not exist."""
        ...

    def changes(self) -> Changes:
        """Begin to prepare several new files."""
        ...

    def sync(self, names: Iterable[str]) -> None:
        """Make files durable that were written without."""
        ...


class LocalFiles:
    """A local folder.

    A file is written to a hidden name beside its own and renamed. Renames are made durable by
    syncing the folders that they happened in.
    """

    def __init__(self, root: Path, address: str | None = None) -> None:
        self.root = root
        self.address: str = address or str(root)

    def exists(self, name: str) -> bool:
        """Whether there is a file or folder of that name."""
        return os.path.lexists(self.root / name)

    def names(self, folder: str) -> list[str]:
        """Return the names in a folder; none if it does not exist."""
        try:
            return sorted(os.listdir(self.root / folder))  # noqa: PTH208 - thousands of names
        except FileNotFoundError:
            return []

    def read(self, name: str) -> bytes:
        """Return a file."""
        return (self.root / name).read_bytes()

    def read_part(self, name: str, start: int, length: int) -> bytes:
        """Return a part of a file."""
        with self.open(name) as file:
            file.seek(start)
            return file.read(length)

    def open(self, name: str) -> IO[bytes]:
        """Open a file to be read."""
        return (self.root / name).open("rb")

    def write(self, name: str, data: bytes, *, durable: bool = True) -> None:
        """Write a hidden file, and rename it."""
        path = self.root / name
        temporary = _temporary(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with _created(temporary) as file:
                file.write(data)
                file.flush()
                if durable:
                    os.fsync(file.fileno())
            os.replace(temporary, path)  # noqa: PTH105
        except BaseException:
            with suppress(OSError):
                temporary.unlink()
            raise
        if durable:
            sync(str(path.parent))

    def remove(self, name: str) -> None:
        """Remove a file, if it exists."""
        (self.root / name).unlink(missing_ok=True)

    def changes(self) -> "LocalChanges":
        """Begin to prepare new files."""
        return LocalChanges(self.root)

    def sync(self, names: Iterable[str]) -> None:
        """Wait until the disk has the files and their folders."""
        paths = [f"{self.root}/{name}" for name in names]
        sync_all([*paths, *{path.rpartition("/")[0] for path in paths}])


class LocalChanges:
    """New files in a local folder. Paths are texts here: there are thousands of them."""

    def __init__(self, root: Path) -> None:
        self._root = str(root)
        self._new: dict[str, str] = {}
        """Hidden name -> name."""
        self._gone: list[str] = []
        self._folders: set[str] = set()

    @contextmanager
    def writing(self, name: str) -> Generator[IO[bytes], None, None]:
        """Prepare a file."""
        with _created(self._prepared(name)) as file:
            yield file

    def put(self, name: str, data: pa.Buffer) -> None:
        """Prepare a small file."""
        with _created(self._prepared(name), buffering=0) as file:
            rest = memoryview(data)
            while rest:
                rest = rest[file.write(rest) :]

    def remove(self, name: str) -> None:
        """Prepare the removal of a file."""
        self._gone.append(f"{self._root}/{name}")

    def apply(self) -> None:
        """Sync the files, rename them, and sync the folders."""
        sync_all(list(self._new))
        for temporary, path in self._new.items():
            os.replace(temporary, path)  # noqa: PTH105
        for path in self._gone:
            with suppress(FileNotFoundError):
                os.unlink(path)  # noqa: PTH108
            with suppress(OSError):  # something else is in it
                os.rmdir(path.rpartition("/")[0])  # noqa: PTH106
        folders = self._folders - {path.rpartition("/")[0] for path in self._gone}
        sync_all([*folders, *{folder.rpartition("/")[0] for folder in folders}])
        self._forget()

    def discard(self) -> None:
        """Remove what was prepared."""
        for temporary in self._new:
            with suppress(OSError):
                os.unlink(temporary)  # noqa: PTH108
        self._forget()

    def _prepared(self, name: str) -> str:
        """Return the hidden name of a file; its folder is there."""
        folder, _, base = name.rpartition("/")
        folder = f"{self._root}/{folder}"
        if folder not in self._folders:
            try:
                os.mkdir(folder)  # noqa: PTH102 - a fifth of the time that `makedirs` takes
            except OSError:
                os.makedirs(folder, exist_ok=True)  # noqa: PTH103
            self._folders.add(folder)
        temporary = f"{folder}/.{base}.tmp"
        self._new[temporary] = f"{folder}/{base}"
        return temporary

    def _forget(self) -> None:
        self._new.clear()
        self._gone.clear()
        self._folders.clear()


class RemoteFiles:
    """A folder behind a URL that fsspec knows, such as ``s3://bucket/chats``.

    A file is sent as one object, which object stores show whole or not at all. Durability is the
    store's own; a URL has no lock.
    """

    def __init__(self, url: str) -> None:
        self._system: Any
        self._system, self._root = _system_of(url)
        self.address: str = url

    def exists(self, name: str) -> bool:
        """Whether there is a file or folder of that name."""
        return bool(self._system.exists(self._path(name)))

    def names(self, folder: str) -> list[str]:
        """Return the names in a folder; none if it does not exist."""
        # A listing that was kept from before would hide what another process wrote.
        self._system.invalidate_cache()
        try:
            found = self._system.ls(self._path(folder), detail=False)
        except FileNotFoundError:
            return []
        names = {str(path).rstrip("/").rpartition("/")[2] for path in found}
        return sorted(name for name in names if name)

    def read(self, name: str) -> bytes:
        """Return a file."""
        return bytes(self._system.cat_file(self._path(name)))

    def read_part(self, name: str, start: int, length: int) -> bytes:
        """Return a part of a file."""
        return bytes(self._system.cat_file(self._path(name), start=start, end=start + length))

    def open(self, name: str) -> IO[bytes]:
        """Open a file to be read."""
        file: IO[bytes] = self._system.open(self._path(name), "rb")
        return file

    def write(self, name: str, data: bytes, *, durable: bool = True) -> None:
        """Send one object."""
        self._system.pipe_file(self._path(name), data)

    def remove(self, name: str) -> None:
        """Remove a file, if it exists."""
        with suppress(FileNotFoundError):
            self._system.rm_file(self._path(name))

    def changes(self) -> "RemoteChanges":
        """Begin to prepare new files."""
        return RemoteChanges(self)

    def sync(self, names: Iterable[str]) -> None:
        """Do nothing: the store keeps what it took."""

    def _path(self, name: str) -> str:
        return f"{self._root}/{name}" if name else self._root


class RemoteChanges:
    """New files in a folder behind a URL."""

    def __init__(self, files: RemoteFiles) -> None:
        self._files = files
        self._new: list[tuple[str, IO[bytes]]] = []
        self._gone: list[str] = []

    @contextmanager
    def writing(self, name: str) -> Generator[IO[bytes], None, None]:
        """Prepare a file."""
        file: IO[bytes] = SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115 - closed once it is sent
        self._new.append((name, file))
        yield file

    def put(self, name: str, data: pa.Buffer) -> None:
        """Prepare a small file."""
        self._new.append((name, BytesIO(memoryview(data))))

    def remove(self, name: str) -> None:
        """Prepare the removal of a file."""
        self._gone.append(name)

    def apply(self) -> None:
        """Send the files, several at a time."""
        with ThreadPoolExecutor(_WORKERS) as pool:
            for _ in pool.map(self._send, self._new):
                pass
            for _ in pool.map(self._files.remove, self._gone):
                pass
        self._new.clear()
        self._gone.clear()

    def discard(self) -> None:
        """Remove what was prepared."""
        for _, file in self._new:
            file.close()
        self._new.clear()
        self._gone.clear()

    def _send(self, entry: tuple[str, IO[bytes]]) -> None:
        name, file = entry
        with file:
            file.seek(0)
            self._files.write(name, file.read())


def _system_of(url: str) -> tuple[Any, str]:
    """Return the file system of a URL, and the path in it."""
    scheme = url.partition("://")[0]
    if scheme in ("http", "https"):
        raise InvalidArgument("target", "must be a store that can be written, not a web address")
    core: Any = import_module("fsspec.core")  # it has no types
    try:
        system, root = core.url_to_fs(url)
    except ImportError as error:
        # Its text is a sentence for people, and the one place that names the package.
        package = _PACKAGE.search(str(error))
        name = package[1] if package else scheme
        raise MissingDependency(f"a {scheme} URL", [name], name) from error
    except ValueError as error:
        raise InvalidArgument("target", f"is no URL that fsspec knows ({error})") from error
    return system, str(root).rstrip("/")


def _temporary(path: Path) -> Path:
    return path.with_name(f".{path.name}.tmp")


def _created(path: str | Path, buffering: int = -1) -> IO[bytes]:
    file: Any = open(path, "wb", buffering=buffering)  # noqa: PTH123, SIM115
    return cast("IO[bytes]", file)
