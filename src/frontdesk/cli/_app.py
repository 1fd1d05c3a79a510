"""The commands, put together."""

import sys
from collections.abc import Sequence
from typing import Annotated, Any, Final

import typer

from frontdesk._version import __version__
from frontdesk.cli import sandbox, tail, webhooks
from frontdesk.errors import FrontdeskError

__all__ = ["app", "run"]

INTERRUPTED: Final = 130
# Its base is public nowhere, and lives in different modules in different versions of typer.
_UsageProblem: Final[Any] = typer.BadParameter.__mro__[2]

app = typer.Typer(
    name="frontdesk",
    help="LiveChat's Agent Chat API in a terminal, and a sandbox that speaks it.",
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
sandbox.register(app)
tail.register(app)
webhooks.register(app)


def run(arguments: Sequence[str] | None = None) -> int:
    """Run a command; what it exits with."""
    command = typer.main.get_command(app)
    try:
        result = command.main(
            None if arguments is None else list(arguments),
            prog_name="frontdesk",
            standalone_mode=False,
        )
    except (typer.Abort, KeyboardInterrupt):
        return INTERRUPTED
    except FrontdeskError as error:
        return _fail(str(error), 1)
    except _UsageProblem as error:
        # The empty message belongs to a call without a command, which has shown the help.
        return _fail(error.format_message(), error.exit_code)
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] == "frontdesk":
            raise
        return _fail(f"{error.name} is missing; install frontdesk[all]", 1)
    return result if isinstance(result, int) else 0


def _fail(message: str, code: int) -> int:
    line = " ".join(message.split())
    if line:
        sys.stderr.write(f"frontdesk: {line}\n")
    return code


@app.callback(invoke_without_command=True)
def _frontdesk(
    version: Annotated[bool, typer.Option("--version", help="Show the version and exit.")] = False,
) -> None:
    if version:
        sys.stdout.write(f"frontdesk {__version__}\n")
        raise typer.Exit
