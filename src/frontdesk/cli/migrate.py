"""``frontdesk migrate``: convert programs from lc-sdk-python."""

from pathlib import Path
from typing import Annotated

import typer

from frontdesk.cli.arguments.help import PlainCommand
from frontdesk.cli.output.terminal import print_text, say
from frontdesk.grammar import counted

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("migrate", cls=PlainCommand)(migrate)


def migrate(
    paths: Annotated[
        list[Path],
        typer.Argument(
            metavar="PATH",
            help="Files to convert, and folders whose Python files to convert.",
        ),
    ],
    write: Annotated[
        bool, typer.Option("--write", help="Change the files instead of printing the changes.")
    ] = False,
) -> None:
    """Convert programs that use lc-sdk-python to frontdesk.

    Prints what would change as a unified diff, and a summary on the standard error. What has to be
    done by hand gets a comment that says so: `# frontdesk migrate: …`. Nothing is run or imported,
    and files that do not import `livechat` stay as they are.
    """
    from frontdesk.extras import importing_extra

    with importing_extra("migrate", "frontdesk migrate"):
        from frontdesk.migrate import files

    converted = marked = changed = refused = 0
    for path in files.python_files(paths):
        try:
            conversion = files.convert_file(path)
            if conversion.changed and write:
                files.write(conversion)
        except files.Refusal as refusal:
            refused += 1
            say(f"{path}: {refusal}")
            continue
        migration = conversion.migration
        lines = [mark.line for mark in migration.marks]
        if write and len(files.marked_lines(conversion)) == len(lines):
            lines = files.marked_lines(conversion)
        for line, mark in zip(lines, migration.marks, strict=True):
            say(f"{path}:{line}: {mark.reason}")
        if not write:
            print_text(files.diff(conversion))
        converted += migration.converted if conversion.changed else 0
        marked += len(migration.marks)
        changed += conversion.changed
    verb = "changed" if write else "to change"
    say(
        f"{counted(changed, 'file')} {verb}: {counted(converted, 'use')} converted, "
        f"{marked} marked" + (f"; {counted(refused, 'file')} not converted" if refused else "")
    )
    if refused:
        raise typer.Exit(1)
