"""Loading a bot from a file: ``FILE`` or ``FILE:NAME``."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Annotated, Any, Final

import typer
from msgspec import Struct

from frontdesk.bots import Bot, Engine, Router
from frontdesk.cli.bots.failures import place_of, summary
from frontdesk.cli.output.terminal import printable
from frontdesk.errors import FrontdeskError, InvalidArgument
from frontdesk.grammar import listed
from frontdesk.suggestions import did_you_mean

__all__ = ["BotFileFailed", "BotPlace", "LoadedBot", "load_bot", "load_engine", "split_place"]

ARGUMENT: Final = "FILE"
DEFAULT_NAME: Final = "bot"
DEFAULT_ENGINE: Final = "engine"
ENGINE_METHODS: Final = ("status", "dead_letters", "replay", "publish")

BotPlace = Annotated[
    str,
    typer.Argument(
        metavar="FILE[:NAME]",
        help="The file of the bot, and the name of the `Bot` in it, if that is not `bot`.",
    ),
]


class BotFileFailed(FrontdeskError):
    """The file of a bot cannot be loaded; ``__cause__`` is what it raised."""


class LoadedBot(Struct, frozen=True):
    """A bot, and where it comes from.

    Args:
        bot: The bot.
        path: Its file.
        name: Its name in the file.
        title: What customers read: the bot's own name, else the name of the file, or of its
            folder for a ``bot.py``.
    """

    bot: Bot
    path: Path
    name: str

    @property
    def title(self) -> str:
        """What customers read."""
        if self.bot.name:
            return self.bot.name
        stem = self.path.stem
        return self.path.resolve().parent.name or stem if stem == DEFAULT_NAME else stem


def load_bot(place: str) -> LoadedBot:
    """Load the bot of ``FILE`` or ``FILE:NAME``.

    Raises:
        InvalidArgument: There is no such file, or no such bot in it.
        BotFileFailed: The file raises an error, which the message names with its line.
    """
    path, name = split_place(place)
    module = _run(path)
    value = getattr(module, name, None)
    if isinstance(value, Bot):
        return LoadedBot(value, path, name)
    bots = [key for key, each in vars(module).items() if isinstance(each, Bot)]
    shown = f"{path}:{name}"
    if isinstance(value, Router):
        raise InvalidArgument(ARGUMENT, f"names {shown}, which is a Router: include it in a Bot")
    if value is not None:
        raise InvalidArgument(
            ARGUMENT, f"names {shown}, which is no Bot, but a {type(value).__name__}"
        )
    if not bots:
        raise InvalidArgument(ARGUMENT, f"has no Bot: {path} makes none, as in `bot = Bot()`")
    hint = did_you_mean(name, bots) or f"; it has {listed(bots)}"
    raise InvalidArgument(ARGUMENT, f"names {shown}, which there is not{hint}")


def load_engine(place: str) -> Engine:
    """Load the engine of ``FILE`` or ``FILE:NAME``; the name defaults to ``engine``.

    Raises:
        InvalidArgument: There is no such file, or no such engine in it.
        BotFileFailed: The file raises an error, which the message names with its line.
    """
    path, name = split_place(place, DEFAULT_ENGINE)
    value: Any = getattr(_run(path), name, None)
    if not all(callable(getattr(value, method, None)) for method in ENGINE_METHODS):
        raise InvalidArgument(
            ARGUMENT, f"names {path}:{name}, which is no engine, such as a NatsEngine"
        )
    engine: Engine = value
    return engine


def split_place(place: str, default: str = DEFAULT_NAME) -> tuple[Path, str]:
    """Return the file and the name of ``FILE:NAME``; a drive of Windows is no file.

    Raises:
        InvalidArgument: There is no such file, or the name is none.
    """
    file, separator, name = place.rpartition(":")
    if not separator or "\\" in name or "/" in name:
        file, name = place, default
    if not name.isidentifier():
        raise InvalidArgument(ARGUMENT, f"has no name after the colon: {printable(place)}")
    path = Path(file)
    try:
        is_folder, is_file = path.is_dir(), path.is_file()
    except (OSError, ValueError):  # such as a path that is too long, or has a NUL
        is_folder = is_file = False
    if is_folder:
        raise InvalidArgument(ARGUMENT, f"must be a file, and {path} is a folder")
    if not is_file:
        raise InvalidArgument(ARGUMENT, f"must be a file, and there is no {printable(file)[:60]}")
    if path.suffix != ".py":
        raise InvalidArgument(ARGUMENT, f"must be a Python file, and {path} does not end in .py")
    return path, name


def _run(path: Path) -> ModuleType:
    """Run a file as a module; what it imports beside it is found, as with ``python FILE``."""
    folder = str(path.resolve().parent)
    if folder not in sys.path:
        sys.path.insert(0, folder)
    name = path.stem
    if name in sys.modules and getattr(sys.modules[name], "__file__", None) != str(path.resolve()):
        # Such as a bot in a `queue.py`: the library's own module stays what it is.
        name = f"frontdesk_bot_{name}"
    spec = importlib.util.spec_from_file_location(name, path.resolve())
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        sys.modules.pop(name, None)
        where = place_of(error) or str(path)
        raise BotFileFailed(f"{where}: {summary(error)}") from error
    return module
