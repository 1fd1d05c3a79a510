"""The command ``frontdesk``; each module of this package is a group of its commands."""

import os
import sys
from collections.abc import Sequence
from typing import Final

__all__ = ["main"]

EXTRA_OF: Final = {
    "demo": "sandbox",
    "sandbox": "sandbox",
    "parity": "sandbox",
    "mcp": "mcp",
    "migrate": "migrate",
    "report": "report",
}
"""Commands that need another extra than ``cli``, one which contains it."""
_INTERRUPTED: Final = 130
_COMPLETES: Final = "_FRONTDESK_COMPLETE"
"""Set by a shell that asks for what may come next; ``frontdesk completion`` makes it do so."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command and exit: 0 done, 1 failed, 2 called wrongly, 130 interrupted.

    Whatever fails is reported in one line.
    """
    words = sys.argv[1:] if arguments is None else arguments
    try:
        shell = os.environ.get(_COMPLETES)
        code = _run(words) if shell is None else _complete(shell, words)
    except KeyboardInterrupt:
        # Loading the libraries takes long enough for a Ctrl-C in the middle of it.
        code = _INTERRUPTED
    sys.exit(code)


def _complete(shell: str, words: Sequence[str]) -> int:
    from frontdesk.cli.completion.shells import lines_for

    try:
        sys.stdout.writelines(f"{line}\n" for line in lines_for(shell, words))
        sys.stdout.flush()
    except (OSError, UnicodeError):
        return 1
    return 0


def _run(words: Sequence[str]) -> int:
    from frontdesk.errors import MissingDependency
    from frontdesk.extras import importing_extra

    command = next((word for word in words if not word.startswith("-")), "")
    install = EXTRA_OF.get(command, "cli")
    user = f"the command `frontdesk {command}`" if command else "the command line"
    try:
        with importing_extra("cli", user, install=install):
            from frontdesk.cli._app import run
    except MissingDependency as error:
        also = " (or 'frontdesk[sandbox]', with the sandbox)" if install == "cli" else ""
        print(f"frontdesk: {error}{also}", file=sys.stderr)  # noqa: T201 - nothing else is loaded
        return 1
    return run(words)
