"""What is known of a file while it is converted, and what is to be said about it."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

from frontdesk.migrate.kinds import NOTHING, Kind, join

__all__ = ["MARK", "Env", "Facts", "Mark", "Scope", "Work"]

MARK: Final = "# frontdesk migrate: "
"""What a comment begins with that says what is to be done by hand."""


@dataclass(frozen=True)
class Mark:
    """A use that has to be converted by hand."""

    line: int
    """The line of its statement in the file as it was."""
    reason: str


@dataclass
class Facts:
    """What passes over a file have learned, by scope and name."""

    bindings: dict[tuple[str, str], Kind] = field(default_factory=dict[tuple[str, str], Kind])
    """The kinds of variables, whatever the order of the statements."""
    attributes: dict[tuple[str, str], Kind] = field(default_factory=dict[tuple[str, str], Kind])
    """The kinds of what objects of the program's own classes hold."""
    bases: dict[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    """The classes of the file that a class inherits from."""
    parameters: dict[tuple[str, str], Kind] = field(default_factory=dict[tuple[str, str], Kind])
    returns: dict[tuple[str, str], Kind] = field(default_factory=dict[tuple[str, str], Kind])
    sources: dict[tuple[str, str], set[tuple[str, str]]] = field(
        default_factory=dict[tuple[str, str], set[tuple[str, str]]]
    )
    """The variables that the value of a variable may be a part of."""
    changed: set[tuple[str, str]] = field(default_factory=set[tuple[str, str]])
    """Variables whose content is changed, or may be."""
    plain: set[tuple[str, str]] = field(default_factory=set[tuple[str, str]])
    """Variables that have to hold ordinary data, since they are used in ways of a dict."""
    kept: set[str] = field(default_factory=set[str])
    """Names whose import from lc-sdk-python stays."""
    referenced: set[str] = field(default_factory=set[str])
    """The classes of clients that are named."""
    foreign: set[str] = field(default_factory=set[str])
    """Keys of clients that stay with lc-sdk-python, since none of their calls exists here."""
    kept_tokens: bool = False
    """Tokens are made for clients that stay with lc-sdk-python, too."""
    methods: set[tuple[str, str]] = field(default_factory=set[tuple[str, str]])
    """Methods that are called: the client's key, and the method."""
    signatures: dict[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    """The parameters of the file's own functions, without ``self``."""
    sessions: dict[tuple[str, str], bool] = field(default_factory=dict[tuple[str, str], bool])
    """The RTM clients that are made with the arguments of their log-in, by scope and source."""

    def add(self, table: dict[tuple[str, str], Kind], key: tuple[str, str], kind: Kind) -> None:
        """Take one more kind for a name."""
        table[key] = join(table[key], kind) if key in table else kind

    def attribute(self, id_: str, name: str) -> Kind:
        """Return what the objects of a class hold, if need be as its bases say."""
        if (id_, name) in self.attributes:
            return self.attributes[id_, name]
        inherited = (self.attribute(base, name) for base in self.bases.get(id_, ()) if base != id_)
        return next((kind for kind in inherited if kind is not None), None)

    def spread(self) -> None:
        """Let what shares its content with something that is changed be ordinary data, too."""
        waiting = list(self.changed)
        while waiting:
            key = waiting.pop()
            self.plain.add(key)
            waiting += self.sources.get(key, set()) - self.plain


@dataclass(frozen=True)
class Scope:
    """A module, class or function of the file."""

    id: str
    type: str
    """``module``, ``class`` or ``function``."""
    names: frozenset[str]
    """What is bound in it."""
    parent: "Scope | None" = None
    everywhere: frozenset[str] = frozenset()
    """What it declares as ``global`` or ``nonlocal``."""

    def owner(self, name: str) -> "Scope | None":
        """Return the scope that a name belongs to, seen from here."""
        if name in self.names and name not in self.everywhere:
            return self
        scope = self.parent
        while scope is not None and (scope.type == "class" or name not in scope.names):
            scope = scope.parent
        return scope

    @property
    def around(self) -> "Scope | None":
        """The innermost class around."""
        scope: Scope | None = self
        while scope is not None and scope.type != "class":
            scope = scope.parent
        return scope


@dataclass
class Env:
    """What the variables of a scope hold at one place of it."""

    scope: Scope
    values: dict[str, Kind] = field(default_factory=dict[str, Kind])
    catches_key_errors: bool = False
    """An error of a missing key would be caught here."""

    def copy(self, **values: Kind) -> "Env":
        """Return another one for a branch."""
        return Env(self.scope, {**self.values, **values}, self.catches_key_errors)

    def merge(self, *others: "Env") -> None:
        """Take what each of the branches leaves."""
        for other in others:
            for name, kind in other.values.items():
                self.values[name] = join(self.values.get(name, NOTHING), kind)


class Work:
    """What one pass over a file does besides converting."""

    def __init__(self, facts: Facts, taken: frozenset[str] = frozenset()) -> None:
        self.known = facts
        """What earlier passes learned."""
        self.learned: Facts = Facts(
            plain=set(facts.plain),
            kept=set(facts.kept),
            foreign=set(facts.foreign),
            kept_tokens=facts.kept_tokens,
        )
        self._taken = taken
        self.marks: list[Mark] = []
        self.converted: int = 0
        self.needed: dict[str, str] = {}
        """What to import from frontdesk, and under which name; ``ssl`` is the module."""
        self.line: int = 0
        """The line of the statement that is converted."""
        self._reasons: list[str] = []

    def mark(self, reason: str) -> None:
        """Say what is to be done by hand about the present statement."""
        if reason not in self._reasons:
            self._reasons.append(reason)

    def use(self) -> None:
        """Count a use that is converted."""
        self.converted += 1

    def need(self, name: str) -> str:
        """Import a name from frontdesk; return what it is called in the file."""
        joint = "_" if name.islower() else ""
        local = f"{'frontdesk' if joint else 'Frontdesk'}{joint}{name}"
        self.needed[name] = local if name in self._taken else name
        return self.needed[name]

    @contextmanager
    def statement(self, line: int) -> Generator[list[str]]:
        """Collect what is said about one statement, or about the head of one."""
        outer = self.line, self._reasons
        reasons: list[str] = []
        self.line, self._reasons = line, reasons
        try:
            yield reasons
        finally:
            self.marks += [Mark(line, reason) for reason in reasons]
            self.line, self._reasons = outer

    @contextmanager
    def rehearsal(self) -> Generator[None]:
        """Convert something only for what is learned of it."""
        before = len(self.marks), self.converted, self._reasons
        self._reasons = []
        try:
            yield
        finally:
            marks, self.converted, self._reasons = before
            del self.marks[marks:]
