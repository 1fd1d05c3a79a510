"""What may stand in the place of the word that a user is writing."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from frontdesk.cli.completion.index import index

__all__ = ["Candidate", "Candidates", "candidates"]

Node = dict[str, Any]


class Candidate(NamedTuple):
    """A word with what it does."""

    word: str
    help: str = ""


class Candidates(NamedTuple):
    """The words that may stand here.

    ``files``: a name of a file may, too. ``prefix`` is what of the word in front of them is
    written already: ``--type=`` for the choices of an option.
    """

    words: list[Candidate]
    files: bool = False
    prefix: str = ""


def candidates(words: Sequence[str], tree: Node | None = None) -> Candidates:
    """Return what may stand in the place of the last word, which may be empty.

    Args:
        words: all words after the name of the command, up to the one that is being written.
        tree: the commands as plain data; defaults to those of ``frontdesk``.
    """
    *before, word = words or [""]
    place = _Place(index() if tree is None else tree)
    for each in before:
        place.pass_word(each)
    return place.candidates(word)


class _Place:
    """Where in a command line the words so far lead."""

    def __init__(self, tree: Node) -> None:
        self._node = tree
        self._pending: Node | None = None
        """The option whose value comes next."""
        self._given: set[str] = set()
        self._arguments = 0
        self._only_arguments = False

    def pass_word(self, word: str) -> None:
        """Go on by a word that is written already."""
        if self._pending is not None:
            self._pending = None
        elif word == "--" and not self._only_arguments:
            self._only_arguments = True
        elif word.startswith("-") and word != "-" and not self._only_arguments:
            name, equals, _ = word.partition("=")
            option = self._option(name)
            if option is not None:
                self._given.update(option["names"])
                if not equals and not option.get("flag"):
                    self._pending = option
        elif word in self._commands():
            self._node = self._commands()[word]
            self._given, self._arguments = set(), 0
        else:
            self._enter_default()
            self._arguments += 1

    def candidates(self, word: str) -> Candidates:
        """Return what may stand in the place of a word that is being written."""
        if self._pending is not None:
            return _values(self._pending, word)
        if word.startswith("-") and not self._only_arguments:
            name, equals, value = word.partition("=")
            option = self._option(name) if equals else None
            if option is not None:
                return _values(option, value, f"{name}=")
            self._enter_default()
            return Candidates(_starting(word, self._options()))
        commands = self._commands()
        words = _starting(word, ((name, node.get("help", "")) for name, node in commands.items()))
        if commands and "default" not in self._node:
            return Candidates(words)
        self._enter_default()
        arguments: list[Node] = self._node.get("arguments", [])
        if not arguments:
            return Candidates(words)
        values = _values(arguments[min(self._arguments, len(arguments) - 1)], word)
        return Candidates([*words, *values.words], values.files)

    def _commands(self) -> dict[str, Node]:
        commands: dict[str, Node] = self._node.get("commands", {})
        default = self._node.get("default")
        return {name: node for name, node in commands.items() if name != default}

    def _enter_default(self) -> None:
        """Go into the command that a group calls where no other is named."""
        default = self._node.get("default")
        if default:
            self._node = self._node["commands"][default]

    def _option(self, name: str) -> Node | None:
        options: list[Node] = self._node.get("options", [])
        if "default" in self._node:
            options = [*options, *self._node["commands"][self._node["default"]].get("options", [])]
        return next((option for option in options if name in option["names"]), None)

    def _options(self) -> Iterable[tuple[str, str]]:
        for option in self._node.get("options", []):
            if option.get("multiple") or not self._given.intersection(option["names"]):
                for name in option["names"]:
                    if name.startswith("--"):
                        yield name, option.get("help", "")
        yield "--help", "Show this message and exit."


def _values(parameter: Node, value: str, prefix: str = "") -> Candidates:
    choices = ((choice, "") for choice in parameter.get("choices", ()))
    return Candidates(_starting(value, choices), bool(parameter.get("files")), prefix)


def _starting(word: str, all_words: Iterable[tuple[str, str]]) -> list[Candidate]:
    return [Candidate(name, text) for name, text in all_words if name.startswith(word)]
