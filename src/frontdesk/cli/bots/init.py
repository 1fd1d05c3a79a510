"""``frontdesk bot init``: write the project of a bot."""

from importlib.resources import files
from pathlib import Path
from shlex import quote
from string import Template
from typing import Annotated, Final

import typer

from frontdesk.cli.output.terminal import print_line, printable, say, why_not
from frontdesk.errors import FrontdeskError, InvalidArgument
from frontdesk.grammar import counted

__all__ = ["init", "project_files"]

FILES: Final = {
    "bot.py": "bot.py.txt",
    "test_bot.py": "test_bot.py.txt",
    "requirements.txt": "requirements.txt.txt",
    "requirements-dev.txt": "requirements-dev.txt.txt",
    "pytest.ini": "pytest.ini.txt",
    "Dockerfile": "Dockerfile.txt",
    ".github/workflows/test.yml": "test.yml.txt",
    ".gitignore": "gitignore.txt",
    "README.md": "README.md.txt",
}
"""Each file of a project, and its template."""
LONGEST_NAME: Final = 60


def init(
    directory: Annotated[
        Path, typer.Argument(metavar="DIR", help="Where to; made if it is missing.")
    ] = Path(),
    name: Annotated[
        str,
        typer.Option(
            metavar="NAME", help="What customers read; defaults to the name of the folder."
        ),
    ] = "",
) -> None:
    """Write the project of a bot.

    That is the bot, its test, a Dockerfile and a workflow that runs the test.

    Files that exist stay as they are, and are named.
    """
    if directory.exists() and not directory.is_dir():
        raise InvalidArgument("DIR", f"must be a folder, and {directory} is a file")
    name = name or _name_of(directory)
    if not name.isprintable() or any(char in name for char in '"\\$') or len(name) > LONGEST_NAME:
        raise InvalidArgument(
            "--name", f'must be one line of up to {LONGEST_NAME} characters, without ", \\ and $'
        )
    written, kept = write_project(directory, name)
    for path in written:
        print_line(str(path))
    if kept:
        shown = ", ".join(str(path) for path in kept)
        say(f"frontdesk: {counted(len(kept), 'file')} stayed as before: {printable(shown)}")
    if directory / "bot.py" in written:
        say(f"frontdesk: next, `frontdesk bot chat {quote(str(directory / 'bot.py'))}` talks to it")


def project_files(name: str) -> dict[str, str]:
    """Return the files of a project, by their paths in it."""
    folder = files("frontdesk.cli.bots") / "templates"
    return {
        path: Template((folder / template).read_text(encoding="utf-8")).safe_substitute(name=name)
        for path, template in FILES.items()
    }


def write_project(directory: Path, name: str) -> tuple[list[Path], list[Path]]:
    """Write the files of a project; returns those that were written, and those that existed."""
    written: list[Path] = []
    kept: list[Path] = []
    for relative, text in project_files(name).items():
        path = directory / relative
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            # Fails where there is one, even if somebody makes it at this moment.
            with path.open("x", encoding="utf-8", newline="\n") as file:
                file.write(text)
        except FileExistsError:
            kept.append(path)
        except OSError as error:
            raise FrontdeskError(f"cannot write {path}: {why_not(error)}") from None
        else:
            written.append(path)
    return written, kept


def _name_of(directory: Path) -> str:
    stem = directory.resolve().name.replace("-", " ").replace("_", " ").strip()
    return stem.title()[:LONGEST_NAME] or "Bot"
