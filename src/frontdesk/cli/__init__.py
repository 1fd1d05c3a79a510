"""The command ``frontdesk``; each module of this package is a group of its commands."""

import sys
from collections.abc import Sequence

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command and exit: 0 done, 1 failed, 2 called wrongly, 130 interrupted.

    Whatever fails is reported in one line.
    """
    try:
        from frontdesk.cli._app import run
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] == "frontdesk":
            raise
        sys.exit(f"frontdesk: {error.name} is missing; install frontdesk[cli]")
    sys.exit(run(arguments))
