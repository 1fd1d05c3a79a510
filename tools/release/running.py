"""Programs that the checks start, with time limits and without this environment's variables."""

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

LIMIT: Final = 1200
"""Seconds that a program may take; installing everything over a slow line takes minutes."""
_OURS: Final = ("FRONTDESK_", "PYTHON", "VIRTUAL_ENV", "COV_")


class Failure(Exception):
    """A program failed; ``output`` is what it printed."""

    def __init__(self, reason: str, output: str = "") -> None:
        super().__init__(reason)
        self.output = output


def clean_environment(extra: Mapping[str, str] = {}) -> dict[str, str]:
    """Return the variables of this process, less those that change what Python or frontdesk do."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_OURS)}
    return {**kept, "NO_COLOR": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1", **extra}


def run(
    command: Sequence[str | Path],
    *,
    cwd: Path,
    code: int = 0,
    variables: Mapping[str, str] = {},
    umask: int = -1,
) -> str:
    """Run a program, and return what it printed.

    Raises:
        Failure: it could not be started, ended with another code, or took too long.
    """
    words = [str(word) for word in command]
    name = " ".join([Path(words[0]).name, *words[1:4]])
    try:
        ended = subprocess.run(
            words,
            cwd=cwd,
            env=clean_environment(variables),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=LIMIT,
            umask=umask,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise Failure(f"{name} took more than {LIMIT} seconds", str(error.output or "")) from None
    except OSError as error:
        raise Failure(f"{name} cannot be started: {error.strerror}") from None
    if ended.returncode != code:
        raise Failure(f"{name} ended with {ended.returncode}, not {code}", ended.stdout)
    return ended.stdout
