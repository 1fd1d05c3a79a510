"""The commands, put together."""

import re
import sys
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from frontdesk.cli.arguments.command_calls import CommandCall
from frontdesk.cli.lazy import LazyGroup
from frontdesk.cli.output.terminal import (
    NOBODY_READS,
    flush_output,
    give_up_output,
    prepare_output,
    print_line,
    say,
    why_not,
)
from frontdesk.errors import ForeignTarget, FrontdeskError, InvalidArgument, MissingToken
from frontdesk.suggestions import did_you_mean
from frontdesk.version import __version__

if TYPE_CHECKING:
    from frontdesk.cli.advice import Advice

__all__ = ["app", "run"]

FAILED: Final = 1
WRONG_USE: Final = 2
INTERRUPTED: Final = 130
_OTHERS: Final = re.compile(r"(?<='), '[^?]*\?$")
"""What else may be meant by a name, after the most likely one."""
_POSSIBLE: Final = re.compile(r"(?<=No such option: )(\S+?)\.? \(Possible options?: ([^)]*)\)$")
"""An option that there is not, and those like it in the order of the alphabet."""
# Its base is public nowhere, and lives in different modules in different versions of typer.
_UsageProblem: Final[Any] = typer.BadParameter.__mro__[2]

app = typer.Typer(
    name="frontdesk",
    cls=LazyGroup,
    help="LiveChat's Agent Chat API in a terminal, and a sandbox that speaks it.",
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    # Boxes take a third of 80 columns, cut names off, and keep the line breaks of docstrings.
    rich_markup_mode=None,
)


def run(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code; whatever fails is one line on the standard error."""
    prepare_output()
    command = _command()
    words = sys.argv[1:] if arguments is None else list(arguments)
    call = CommandCall()
    try:
        result = command.main(words, prog_name="frontdesk", standalone_mode=False, obj=call)
        # Here a full disk is still a line and an exit code; at the interpreter's end it is neither.
        flush_output()
    except SystemExit:
        # click's own way out when a page of help goes to a pipe that nobody reads.
        return _fail(NOBODY_READS, FAILED)
    except (typer.Abort, KeyboardInterrupt):
        return INTERRUPTED
    except (InvalidArgument, MissingToken, ForeignTarget) as error:
        return _fail(_advice(command, words, call).text_of(error), WRONG_USE)
    except FrontdeskError as error:
        return _fail(_advice(command, words, call).text_of(error), FAILED)
    except OSError as error:
        give_up_output()
        return _fail(why_not(error), FAILED)
    except _UsageProblem as error:
        return _explain(error, command, words)
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] == "frontdesk":
            raise
        return _fail(f"{error.name} is not installed; run: pip install 'frontdesk[all]'", FAILED)
    return result if isinstance(result, int) else 0


@cache
def _command() -> Any:
    """Return the command with all its subcommands; to put it together takes a while."""
    return typer.main.get_command(app)


def _advice(command: Any, words: Sequence[str], call: CommandCall) -> "Advice":
    from frontdesk.cli.advice import Advice

    return Advice(_leaf(command, words), words, call)


def _leaf(command: Any, words: Sequence[str]) -> Any:
    """Return the command that was called, of the groups that it is in."""
    for word in words:
        command = getattr(command, "commands", {}).get(word, command)
    return getattr(command, "commands", {}).get(getattr(command, "default", ""), command)


def _path(command: Any, words: Sequence[str]) -> str:
    """Return the name of the command that was called, with those of its groups."""
    names = ["frontdesk"]
    for word in words:
        inner = getattr(command, "commands", {}).get(word)
        if inner is not None:
            command = inner
            names.append(word)
    return " ".join(names)


def _explain(error: Any, command: Any, words: Sequence[str]) -> int:
    """Show the help of a call without a command, or say what is wrong with another."""
    message: str = error.format_message()
    code: int = error.exit_code
    if error.ctx is not None and message == error.ctx.get_help():
        say(message)
        return code
    rule = _number_rule(error) if isinstance(error, typer.BadParameter) else ""
    if rule:
        message = message.replace(error.message, rule)
    message = _plain(message)
    if not message.endswith("?") and not rule:
        # Errors of the parser do not know their command.
        path = _path(command, words) if error.ctx is None else error.ctx.command_path
        message = f"{message.rstrip('.')}; see `{path} --help`"
    return _fail(message, code)


def _number_rule(error: Any) -> str:
    """Return what a number must be that typer does not take, in words of this project."""
    limits = error.param
    low, high = getattr(limits, "min", None), getattr(limits, "max", None)
    if not error.message.startswith("Input should") or limits is None:
        return ""
    kind = (
        "a number" if any(isinstance(limit, float) for limit in (low, high)) else "a whole number"
    )
    match low, high:
        case None, None:
            return f"must be {kind}"
        case _, None:
            return f"must be {kind}, at least {low}"
        case None, _:
            return f"must be {kind}, at most {high}"
        case _:
            return f"must be {kind} from {low} to {high}"


def _plain(message: str) -> str:
    """Return a message of typer without what says more about typer than about the mistake."""
    message = _POSSIBLE.sub(_likeliest, message)
    message = _OTHERS.sub("?", message.replace("Value error, ", ""))
    if "argument(s)" in message:
        extra = message.partition("(s) (")[2].split()
        message = message.replace("argument(s)", "argument" if len(extra) == 1 else "arguments")
    return message


def _likeliest(match: "re.Match[str]") -> str:
    """Return an option that there is not with the one that is most like it."""
    return match[1] + did_you_mean(match[1], match[2].split(", "))


def _fail(message: str, code: int) -> int:
    line = " ".join(message.split())
    if line:
        say(f"frontdesk: {line}")
    return code


@app.callback(invoke_without_command=True)
def _frontdesk(
    version: Annotated[bool, typer.Option("--version", help="Show the version and exit.")] = False,
) -> None:
    if version:
        print_line(f"frontdesk {__version__}")
        raise typer.Exit
