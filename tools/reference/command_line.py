"""The page of the command line, out of the commands themselves."""

import inspect
from collections.abc import Iterator
from typing import Any

import typer
from tools.reference.fields import cell
from tools.reference.methods import anchor_of

from frontdesk.cli._app import app
from frontdesk.cli.call.group import CallGroup
from frontdesk.cli.call.methods import APIS, shown_name

__all__ = ["pages"]

_HEAD = """\
---
title: Command line
description: Every command of frontdesk, its arguments and options
---

# Command line

`pip install 'frontdesk[all]'` brings the command `frontdesk`. Data goes to the standard output, words go to the standard error. It exits with
0, with 1 when something failed, with 2 for wrong use, and with 130 after Ctrl-C.
"""


def pages() -> dict[str, str]:
    """Return the text of the page."""
    command: Any = typer.main.get_command(app)
    return {"command-line.md": "\n".join([_HEAD, *_sections(command, "frontdesk")])}


def _sections(command: Any, path: str) -> Iterator[str]:
    for name, child in getattr(command, "commands", {}).items():
        if child.hidden:
            continue
        if isinstance(child, CallGroup):
            yield _methods(child, f"{path} {name}")
        elif hasattr(child, "commands"):
            yield from _sections(child, f"{path} {name}")
        elif name == getattr(command, "default", None):
            yield _section(child, path)
        else:
            yield _section(child, f"{path} {name}")


def _methods(group: CallGroup, path: str) -> str:
    """Return the section of a command for each method: what all of them have, and their names."""
    list_chats = group.methods["list_chats"]
    delete_tag = group.methods["delete_tag"]
    own = {each.name: each for each in (*list_chats.params, *delete_tag.params)}
    rows = [
        _row(each)
        for name, each in own.items()
        if name.startswith("call_") or name in ("base_url", "token", "profile")
    ]
    help_text = inspect.cleandoc(group.help or "")
    usage = f"```console\n$ {path} METHOD [OPTIONS]\n```"
    table = ["| Option | Default | What it does |", "| -- | -- | -- |", *rows]
    methods = ["| Method | What it does |", "| -- | -- |"]
    for actions in APIS.values():
        for action in actions.values():
            name = shown_name(action)
            first = (action.__doc__ or "").partition("\n")[0]
            methods.append(f"| [`{name}`][{anchor_of(action)}] | {cell(first)} |")
    parts = [f"## {path}", help_text, usage, "\n".join(table), "\n".join(methods)]
    return "\n\n".join(parts) + "\n"


def _section(command: Any, path: str) -> str:
    parameters = [each for each in command.params if not getattr(each, "hidden", False)]
    arguments = [each for each in parameters if each.param_type_name == "argument"]
    usage = " ".join([path, *(_name(each) for each in arguments), "[OPTIONS]"])
    rows = [_row(each) for each in parameters if each.name != "help"]
    help_text = inspect.cleandoc(command.help or "").replace("\b", "").replace("\f", "")
    parts = [f"## {path}", help_text, f"```console\n$ {usage}\n```"]
    if rows:
        parts.append(
            "\n".join(
                ["| Argument or option | Default | What it does |", "| -- | -- | -- |", *rows]
            )
        )
    return "\n\n".join(parts) + "\n"


def _name(argument: Any) -> str:
    return str(argument.metavar or argument.name.upper())


def _row(parameter: Any) -> str:
    names = ", ".join(f"`{name}`" for name in (*parameter.opts, *parameter.secondary_opts))
    if parameter.param_type_name == "argument":
        names = f"`{_name(parameter)}`"
    default = parameter.default
    if callable(default) or default in (None, "", ()) or default == []:
        shown = "required" if parameter.required else ""
    else:
        shown = f"`{str(default).lower() if isinstance(default, bool) else default}`"
    return f"| {names} | {shown} | {cell(getattr(parameter, 'help', '') or '')} |"
