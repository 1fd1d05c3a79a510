"""The commands, their options and the choices of these, as plain data that is rendered.

``commands.json`` is made of the commands by ``make render``: to read it takes a hundredth of the
time that the commands take to load.
"""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any, Final

__all__ = ["INDEX", "LONGEST", "commands_of", "index", "summary_of"]

INDEX: Final = Path(__file__).with_name("commands.json")
LONGEST: Final = 66
"""How long the summary of a command may be, to stand beside its name."""
CHOICES: Final = re.compile(r"[<\[{]([^\s<>\[\]{}|]+(?:\|[^\s<>\[\]{}|]+)+)[}>\]]")
PATHS: Final = frozenset({"FILE", "FOLDER", "PATH", "DIR", "DIRECTORY"})
"""What stands for the values of parameters that are paths."""


@cache
def index() -> dict[str, Any]:
    """Return the command ``frontdesk`` as plain data: its options, and its commands by name."""
    try:
        with INDEX.open(encoding="utf-8") as file:
            data: dict[str, Any] = json.load(file)
    except (OSError, ValueError):
        # Only while it is being made, or in an installation that is damaged.
        return {}
    return data


def summary_of(name: str) -> str:
    """Return what a command does, in one sentence; empty if it is not in the index."""
    commands: dict[str, Any] = index().get("commands", {})
    return str(commands.get(name, {}).get("help", ""))


def commands_of(command: Any) -> dict[str, Any]:
    """Return a command as plain data, with its options, arguments and commands."""
    context = command.context_class(command)
    data: dict[str, Any] = {}
    text = " ".join((command.help or "").partition("\n\n")[0].split())
    data["help"] = _first_sentence(text)
    options = [each for each in command.params if each.param_type_name == "option"]
    if options:
        data["options"] = [
            _option(option, _heading(option, context)) for option in options if not option.hidden
        ]
    arguments = [each for each in command.params if each.param_type_name == "argument"]
    if arguments:
        data["arguments"] = [_values(each, _heading(each, context)) for each in arguments]
    if default := getattr(command, "default", ""):
        data["default"] = default
    if hasattr(command, "commands"):
        data["commands"] = {
            name: commands_of(child)
            for name, child in command.commands.items()
            if not child.hidden or name == default
        }
    return data


def _option(option: Any, heading: str) -> dict[str, Any]:
    data: dict[str, Any] = {"names": [*option.opts, *option.secondary_opts]}
    data["help"] = _first_sentence(" ".join((getattr(option, "help", "") or "").split()))
    if option.is_flag or getattr(option, "count", False):
        data["flag"] = True
    else:
        data |= _values(option, heading)
    if option.multiple:
        data["multiple"] = True
    return data


def _heading(parameter: Any, context: Any) -> str:
    """Return what the help shows before the text of a parameter: its names, and its values."""
    record = parameter.get_help_record(context)
    return str(record[0]) if record else str(parameter.metavar or "")


def _values(parameter: Any, heading: str) -> dict[str, Any]:
    """Return what is known of the values of a parameter; its help shows choices as ``<a|b>``."""
    choices = CHOICES.search(heading)
    if choices:
        # ``bulk:N`` is a pattern.
        return {"choices": [each for each in choices[1].split("|") if not each.endswith(":N")]}
    metavar = str(parameter.metavar or "")
    return {"files": True} if PATHS.intersection(re.findall("[A-Z]+", metavar)) else {}


def _first_sentence(text: str) -> str:
    first, period, _ = text.partition(". ")
    return first + "." if period else text
