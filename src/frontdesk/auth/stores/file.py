"""Tokens in a file that one user of the machine can read."""

import os
import stat
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from frontdesk.auth.stores.base import Record, RecordStore
from frontdesk.auth.stores.leases import FileLeases
from frontdesk.errors import TokenStoreDamaged, TokenStoreExposed, TokenStoreUnavailable

__all__ = ["FileTokenStore"]

FORMAT: Final = 1
MODE: Final = 0o600
OTHERS: Final = 0o077
"""The rights of the group and of everybody else."""
GROUP_WRITES: Final = 0o020
OTHERS_WRITE: Final = 0o002
NOFOLLOW: Final = getattr(os, "O_NOFOLLOW", 0)


class _Content(Struct, kw_only=True):
    frontdesk_tokens: int
    """The version of the format; its name tells the file from others."""
    records: dict[str, Record]


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(_Content).decode


class FileTokenStore(RecordStore):
    """Keeps tokens in a file with the rights 0600, for all processes of a user on this machine.

    The file is replaced in one step, so that a process that is killed leaves it whole. Whoever is
    killed while it renews a token holds up nobody. Locks lie beside the file while they are held;
    put it on a disk of this machine.

    Args:
        path: the file; it and its folder are made when the first token is stored. A folder that
            others may write to is refused: they could replace the file.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        # Where a link leads to, so that replacing the file does not replace the link.
        self._path = Path(path).expanduser().resolve()
        self._leases = FileLeases(self._path)

    def keys(self) -> list[str]:
        """Return the keys that have something, in order."""
        return sorted(self._content().records)

    def read(self, key: str) -> Record | None:
        """Return what a key has.

        Raises:
            TokenStoreExposed: Others may read the file, or replace it in its folder.
            TokenStoreDamaged: It is cut off, or something else.
            TokenStoreUnavailable: It cannot be read.
        """
        return self._content().records.get(key)

    def write(self, key: str, record: Record, expected: str | None) -> bool:
        """Store a record if the key has that version, or none; returns whether it did."""
        self._check_folder()
        with self._leases.writing():
            content = self._content()
            present = content.records.get(key)
            if (None if present is None else present.version) != expected:
                return False
            content.records[key] = record
            self._replace(_encode(content))
            return True

    def remove(self, key: str) -> None:
        """Forget what a key has."""
        self._check_folder()
        with self._leases.writing():
            content = self._content()
            if content.records.pop(key, None) is not None:
                self._replace(_encode(content))

    def acquire(self, key: str, owner: str, seconds: float) -> bool:
        """Take the lease of a key; returns whether nobody else has it.

        It ends with the process, before the ``seconds`` are over if that is killed.
        """
        return self._leases.acquire(key, owner, seconds)

    def release(self, key: str, owner: str) -> None:
        """Give a lease back; that of another owner stays."""
        self._leases.release(key, owner)

    def place(self) -> str:
        """Return what a message calls the store."""
        return str(self._path)

    def _content(self) -> _Content:
        self._check_folder()
        with self._explained("read"):
            try:
                handle = os.open(self._path, os.O_RDONLY | NOFOLLOW)
            except FileNotFoundError:
                return _Content(frontdesk_tokens=FORMAT, records={})
            try:
                self._check_rights(os.fstat(handle))
                # Not closed with the file: `fdopen` itself may fail.
                with os.fdopen(handle, "rb", closefd=False) as file:
                    data = file.read()
            finally:
                os.close(handle)
        try:
            content = _decode(data)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            content = None
        if content is None or content.frontdesk_tokens != FORMAT:
            raise TokenStoreDamaged(
                f"{self._path} is cut off, or no file with tokens of this version of frontdesk; "
                "restore it if you have a copy, else remove it and log in again"
            )
        return content

    def _check_folder(self) -> None:
        """Refuse a folder in which others could put a file of theirs in place of ours."""
        if not hasattr(os, "geteuid"):
            return  # as below
        folder = self._path.parent
        with self._explained("read"):
            try:
                status = folder.stat()
            except FileNotFoundError:
                return  # made with the right rights when something is stored
        if status.st_uid not in (os.geteuid(), 0):
            raise TokenStoreExposed(
                f"{folder} belongs to another user, who may replace the tokens in it; name a file "
                "in a folder of your own"
            )
        # In one with the sticky bit, such as /tmp, nobody replaces the files of others.
        if status.st_mode & stat.S_ISVTX or not _others_write(status):
            return
        raise TokenStoreExposed(
            f"{folder} has the rights {stat.S_IMODE(status.st_mode):04o}, so that other users of "
            f"this machine may replace the tokens in it; run: chmod go-w '{folder}' (and log in "
            "again if they may have done so)"
        )

    def _check_rights(self, status: os.stat_result) -> None:
        if not stat.S_ISREG(status.st_mode):
            raise TokenStoreExposed(f"{self._path} is no plain file; name another one")
        if not hasattr(os, "geteuid"):
            return  # Windows has no such rights; files in the user's profile are the user's
        if status.st_uid not in (os.geteuid(), 0):
            raise TokenStoreExposed(
                f"{self._path} belongs to another user, who may read and change the tokens in it; "
                "name another file"
            )
        if status.st_mode & OTHERS:
            raise TokenStoreExposed(
                f"{self._path} has the rights {stat.S_IMODE(status.st_mode):04o}, so that other "
                f"users of this machine may have read its tokens; run: chmod 600 '{self._path}' "
                "(and log in again if they should not have)"
            )

    def _replace(self, data: bytes) -> None:
        """Replace the file in one step; only one process at a time comes here."""
        new = self._path.with_name(f"{self._path.name}.new")
        with self._explained("written"):
            # What a killed process left is not to be trusted, not even for its rights.
            with suppress(FileNotFoundError):
                new.unlink()
            handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | NOFOLLOW, MODE)
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(data)
                    file.flush()
                    os.fsync(handle)
                new.replace(self._path)
            except BaseException:
                with suppress(OSError):
                    new.unlink()
                raise
            _sync_folder(self._path.parent)

    @contextmanager
    def _explained(self, verb: str) -> Generator[None]:
        try:
            yield
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise TokenStoreUnavailable(
                f"{self._path} cannot be {verb}: {reason}; check its rights, and that the disk is "
                "not full"
            ) from None


def _others_write(status: os.stat_result) -> bool:
    """Tell whether other users may write to a folder."""
    if status.st_mode & OTHERS_WRITE:
        return True
    return bool(status.st_mode & GROUP_WRITES) and not _is_own_group(status.st_gid)


def _is_own_group(group_id: int) -> bool:
    """Tell whether a group is that of this user alone, as many systems make one for each user."""
    import grp
    import pwd

    try:
        user = pwd.getpwuid(os.geteuid())
        group = grp.getgrgid(group_id)
    except KeyError:
        return False
    return group.gr_gid == user.pw_gid and set(group.gr_mem) <= {user.pw_name}


def _sync_folder(folder: Path) -> None:
    if not hasattr(os, "O_DIRECTORY"):  # Windows cannot open folders
        return
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
