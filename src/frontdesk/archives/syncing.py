"""Waiting until the disk itself has files, so that they survive a power cut."""

import ctypes
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Final

__all__ = ["sync", "sync_all"]

_WORKERS: Final = 16
"""Threads that wait for the disk: 16 waits for ``fsync`` take hardly longer than one."""
_FEW: Final = 8
"""Up to how many files are synced by themselves; one ``syncfs`` costs less than more of them."""


def sync_all(paths: Sequence[str]) -> None:
    """Wait until the disk has files and folders.

    Many are synced with the whole file system that they lie in, where the system can do that: one
    ``fsync`` takes 0.1 ms of CPU, and an export of small days has thousands of files.
    """
    if len(paths) > _FEW:
        paths = _sync_file_systems(paths)
    if len(paths) == 1:
        sync(paths[0])
    elif paths:
        parts = [paths[start::_WORKERS] for start in range(min(_WORKERS, len(paths)))]
        with ThreadPoolExecutor(len(parts)) as pool:
            for _ in pool.map(_sync_each, parts):
                pass


def sync(path: str) -> None:
    """Wait until the disk has a file or folder."""
    is_folder = os.path.isdir(path)  # noqa: PTH112 - thousands of them
    if os.name == "nt" and is_folder:
        return  # Windows opens no folders
    descriptor = os.open(path, os.O_RDONLY if is_folder else os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _sync_each(paths: Sequence[str]) -> None:
    for path in paths:
        sync(path)


def _sync_file_systems(paths: Sequence[str]) -> Sequence[str]:
    """Sync the file systems of paths; returns those that remain to be synced."""
    syncfs = _syncfs()
    if syncfs is None:
        return paths
    devices = {os.stat(path).st_dev: path for path in paths}  # noqa: PTH116
    for path in devices.values():
        descriptor = os.open(path, os.O_RDONLY)
        try:
            # Some kernels and file systems of sandboxes do not have it.
            if syncfs(descriptor) != 0:
                return paths
        finally:
            os.close(descriptor)
    return ()


@cache
def _syncfs() -> Callable[[int], int] | None:
    """Return the function of the C library of Linux; Python has none."""
    try:
        function = ctypes.CDLL(None).syncfs
    except (AttributeError, OSError, TypeError):
        return None
    function.argtypes = [ctypes.c_int]
    function.restype = ctypes.c_int
    return function
