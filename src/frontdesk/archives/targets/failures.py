"""What goes wrong with a target, as one clear line."""

import errno
from collections.abc import Generator
from contextlib import contextmanager
from typing import Final

import pyarrow as pa

from frontdesk.errors import ExportError, ForeignTarget

__all__ = ["foreign", "unwritable", "writing_to"]

_FULL: Final = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_FORBIDDEN: Final = {
    errno.EACCES,
    errno.EPERM,
    errno.EROFS,
    errno.ENOTDIR,
    errno.EISDIR,
    errno.ENAMETOOLONG,
    errno.ELOOP,
}


@contextmanager
def writing_to(target: str) -> Generator[None, None, None]:
    """Turn errors of the system and of Arrow into ``ExportError``, whose message names the target.

    Those of Arrow are about files that it cannot read.
    """
    try:
        yield
    except (OSError, pa.ArrowException) as error:
        raise unwritable(target, error) from error


def unwritable(target: str, error: Exception) -> ExportError:
    """Return the error for a target that cannot be read or written."""
    number = error.errno if isinstance(error, OSError) else None
    reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
    # Libraries add their own traceback below.
    reason = reason.strip().partition("\n")[0].rstrip(".") or type(error).__name__
    if number in _FULL or "no space left" in reason.lower():
        way_out = "run the same command again once there is room; it goes on where it was"
    elif number in _FORBIDDEN:
        way_out = "give a path that can be written"
    else:
        way_out = "run the same command again once that is mended; it goes on where it was"
    return ExportError(f"cannot write to {target} ({_decapitalised(reason)}); {way_out}")


def foreign(target: str, reason: str, way_out: str = "give another path") -> ForeignTarget:
    """Return the error for a target that holds something else."""
    return ForeignTarget(f"{target} {reason}; {way_out}")


def _decapitalised(text: str) -> str:
    # "No space left" begins a line elsewhere, and "IO Error" stays as it is.
    return text[0].lower() + text[1:] if text[1:2].islower() else text
