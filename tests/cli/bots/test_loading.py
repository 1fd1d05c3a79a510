"""A bot of a file: what is wrong with it is said with file and line."""

import sys

import pytest

from frontdesk.cli.bots.loading import BotFileFailed, load_bot, load_engine
from frontdesk.errors import InvalidArgument

from .._running import Run, refused
from ._files import ECHO, write


@pytest.fixture(autouse=True)
def modules(monkeypatch, tmp_path):
    """Forget what a test has loaded."""
    monkeypatch.setattr(sys, "path", sys.path.copy())
    before = set(sys.modules)
    yield
    for name in set(sys.modules) - before:
        if str(tmp_path) in str(getattr(sys.modules[name], "__file__", None)):
            del sys.modules[name]


def test_a_bot_is_loaded_by_its_name(tmp_path):
    loaded = load_bot(write(tmp_path))
    assert (loaded.name, loaded.title) == ("bot", "Echo")
    other = write(
        tmp_path, ECHO.replace("bot", "shop").replace("frontdesk.shops", "frontdesk.bots")
    )
    assert load_bot(f"{other}:shop").bot.name == "Echo"


@pytest.mark.parametrize(("file", "title"), [("orders.py", "orders"), ("bot.py", "The Folder")])
def test_a_bot_without_a_name_is_called_like_its_file_or_folder(tmp_path, file, title):
    folder = tmp_path / "The Folder"
    folder.mkdir()
    assert load_bot(write(folder, ECHO.replace('name="Echo"', ""), file)).title == title


def test_what_lies_beside_the_file_can_be_imported(tmp_path):
    write(tmp_path, "GREETING = 'hello'\n", "texts_of_mine.py")
    load_bot(write(tmp_path, f"from texts_of_mine import GREETING\n{ECHO}"))


def test_a_file_named_like_a_module_of_python_replaces_nothing(tmp_path):
    import queue

    load_bot(write(tmp_path, name="queue.py"))
    assert sys.modules["queue"] is queue


def test_classes_of_the_file_know_their_module(tmp_path):
    """As dataclasses and `pickle` need it."""
    text = "import dataclasses\n\n@dataclasses.dataclass\nclass Order:\n    size: 'int' = 0\n"
    load_bot(write(tmp_path, text + ECHO))


@pytest.mark.parametrize(
    ("place", "rule"),
    [
        ("none.py", "there is no"),
        ("none.py:bot", "there is no"),
        (".", "is a folder"),
        ("bot.py:", "no name after the colon"),
        ("bot.py:two words", "no name after the colon"),
        ("bot.py:bott", "did you mean `bot`"),
        ("bot.py:something", "it has bot"),
        ("bot.py:echo", "is no Bot, but a function"),
        ("bot.py:router", "is a Router: include it in a Bot"),
        ("notes.txt", "does not end in .py"),
        ("no_bot.py", "makes none"),
        ("a" * 5000, "must be a file"),
        ("\0.py", "must be a file"),
    ],
)
def test_what_is_no_bot(tmp_path, monkeypatch, place, rule):
    monkeypatch.chdir(tmp_path)
    write(tmp_path, f"{ECHO}\nfrom frontdesk.bots import Router\nrouter = Router()\n")
    write(tmp_path, "hello", "notes.txt")
    write(tmp_path, "number = 1", "no_bot.py")
    with pytest.raises(InvalidArgument) as raised:
        load_bot(place)
    assert rule in str(raised.value)


MISTAKES = {
    "syntax": ("x = (\n", 1, "SyntaxError: '(' was never closed"),
    "name": ("import os\nprint(undefined)\n", 2, "NameError: name 'undefined' is not defined"),
    "import": ("import no_such_module\n", 1, "ModuleNotFoundError: No module named"),
    "exit": ("raise SystemExit(3)\n", 1, "SystemExit: 3"),
    "annotation": (
        "from frontdesk.bots import *\nbot = Bot()\n\n@bot.message\nasync def echo(ctx: int): ...",
        4,
        "InvalidArgument: `echo` cannot get `ctx: int`",
    ),
    "unreachable": (
        f"{ECHO}\n@bot.message(contains='x')\nasync def late(ctx: Context) -> None:\n    pass\n",
        15,
        "InvalidArgument: `late` can never be called: `echo`",
    ),
}


@pytest.mark.parametrize(("text", "line", "message"), MISTAKES.values(), ids=MISTAKES)
def test_errors_of_the_file_are_said_with_its_line(
    tmp_path, monkeypatch, run: Run, text, line, message
):
    monkeypatch.chdir(tmp_path)
    write(tmp_path, text)
    for command in (["chat"], ["register", "--url", "https://bot.example.com/"], ["run"]):
        said = refused(run("bot", *command, "bot.py"), 1)
        assert said.startswith(f"bot.py, line {line}: {message}")
        assert "Traceback" not in said


def test_an_error_below_another_file_names_that_file(tmp_path):
    write(tmp_path, "def broken():\n    raise ValueError('no')\n", "below_mine.py")
    with pytest.raises(BotFileFailed, match=r"below_mine\.py, line 2: ValueError: no"):
        load_bot(write(tmp_path, "import below_mine\n\nbelow_mine.broken()\n"))


def test_an_engine_is_loaded_by_its_name(tmp_path):
    place = write(
        tmp_path, "from frontdesk.bots import LocalEngine\nengine = LocalEngine()\n", "queues.py"
    )
    assert load_engine(place).is_shared is False
    with pytest.raises(InvalidArgument, match="is no engine"):
        load_engine(f"{place}:LocalEngine2")
