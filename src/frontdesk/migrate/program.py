"""Conversion of a whole file: its imports, and as many passes as it takes to know its variables."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import libcst as cst
from libcst.metadata import CodeRange, MetadataWrapper, PositionProvider

from frontdesk.migrate.kinds import FOREIGN, Reference
from frontdesk.migrate.references import (
    OURS,
    PACKAGE,
    action_of,
    client_class,
    is_module,
    replacement,
)
from frontdesk.migrate.statements import Small, Statement, Statements
from frontdesk.migrate.syntax import (
    assigned_names,
    bound_anywhere,
    dotted_name,
    starred,
    used_names,
)
from frontdesk.migrate.work import Env, Facts, Mark, Scope, Work

__all__ = ["Migration", "migrate_source"]

MOST_PASSES: Final = 10
STAYS: Final = {
    "customer": "frontdesk has no client of the Customer Chat API; lc-sdk-python stays for it",
    "reports": "frontdesk has no client of the Reports API; lc-sdk-python stays for it",
    "webhooks": "`frontdesk.webhooks.parse(body)` takes the body of a request as it came, and its "
    "payload is typed (see the guide on webhooks); lc-sdk-python stays until then",
}
"""Part of lc-sdk-python -> why its import stays."""


@dataclass(frozen=True)
class Migration:
    """A file as it is after its conversion."""

    source: bytes
    encoding: str
    converted: int
    """How many uses of lc-sdk-python were converted."""
    marks: tuple[Mark, ...]
    """What is left to be done by hand."""


def migrate_source(source: bytes) -> Migration:
    """Convert a Python file from lc-sdk-python to frontdesk.

    The program is only read, never run. A file that does not import ``livechat`` stays as it is.

    Args:
        source: The file, in whatever encoding it names.

    Raises:
        libcst.ParserSyntaxError: It is no Python that can be parsed.
        UnicodeDecodeError: Its bytes are not in its encoding.
    """
    module = cst.parse_module(source)
    if not _imports_package(module):
        return Migration(source, module.encoding, 0, ())
    wrapper = MetadataWrapper(module, unsafe_skip_copy=True)
    positions = wrapper.resolve(PositionProvider)
    taken = bound_anywhere(module)
    facts = Facts()
    for _ in range(MOST_PASSES):
        program = Program(module, Work(facts, taken), lambda node: positions[node])
        program.convert()
        learned = program.work.learned
        learned.foreign |= _without_calls_here(learned)
        learned.spread()
        if learned == facts:
            if program.left <= facts.kept:
                break
            # Whatever is left of a name whose import goes would be an error when it is read.
            learned.kept |= program.left
        facts = learned
    program = Program(module, Work(facts, taken), lambda node: positions[node])
    new = program.convert()
    marks = tuple(dict.fromkeys(sorted(program.work.marks, key=lambda mark: mark.line)))
    return Migration(new.bytes, module.encoding, program.work.converted, marks)


def _imports_package(module: cst.Module) -> bool:
    return any(_is_import(node) for node in _nodes(module))


def _nodes(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    waiting = [node]
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, (cst.BaseExpression, cst.BaseParenthesizableWhitespace)):
            waiting += node.children


def _is_import(node: cst.CSTNode) -> bool:
    match node:
        case cst.ImportFrom(relative=()):
            return dotted_name(node.module).partition(".")[0] == PACKAGE
        case cst.Import():
            return any(dotted_name(alias.name).partition(".")[0] == PACKAGE for alias in node.names)
        case _:
            return False


def _without_calls_here(facts: Facts) -> set[str]:
    """Return the clients that would have nothing to do here."""
    called: dict[str, list[bool]] = {}
    for key, method in facts.methods:
        called.setdefault(key, []).append(action_of(key, method) is not None)
    return {key for key, known in called.items() if not any(known)}


class Program(Statements):
    """One pass over a file."""

    def __init__(
        self, module: cst.Module, work: Work, lines: Callable[[cst.CSTNode], CodeRange]
    ) -> None:
        super().__init__(work, {"": module}, lines)
        self._module = module
        self.header: Sequence[cst.EmptyLine] = module.header
        self.first: cst.CSTNode | None = module.body[0] if module.body else None
        self.left: set[str] = set()
        """Names of lc-sdk-python that are still used where their import has gone."""
        self._gone: set[str] = set()
        """Names whose import from lc-sdk-python goes."""
        imports = (line for line in module.body if _has_import(line))
        self.first_import: cst.CSTNode | None = next(imports, None)

    def convert(self) -> cst.Module:
        """Convert all of it."""
        scope = Scope("", "module", assigned_names(self._module))
        env = Env(scope)
        body = self.body(self._module.body, env)
        used = used_names(cst.Module(body=body))
        self.left = (self._gone & used) - set(self.work.needed.values())
        lines = list(self._imports())
        if self.first_import is None:
            _insert(body, _after_docstring(body), lines)
            return self._module.with_changes(body=body)
        position = next(
            index
            for index, line in enumerate(body)
            if isinstance(line, cst.SimpleStatementLine) and line.body == self.placeholder.body
        )
        leading = body.pop(position).leading_lines
        if lines:
            lines[0] = lines[0].with_changes(leading_lines=leading)
            body[position:position] = lines
        elif position < len(body):
            following = body[position]
            body[position] = following.with_changes(
                leading_lines=[*leading, *following.leading_lines]
            )
        return self._module.with_changes(body=body)

    def _imports(self) -> Iterator[cst.SimpleStatementLine]:
        needed = dict(self.work.needed)
        there = _imported_already(self._module)
        if needed.pop("ssl", None) and "ssl" not in there:
            yield _line("import ssl")
        names = [
            name if name == local else f"{name} as {local}"
            for name, local in sorted(needed.items())
            if local not in there
        ]
        if names:
            yield _line(f"from frontdesk import {', '.join(names)}")

    def imported(self, node: cst.Import, env: Env) -> Sequence[Small]:
        """Convert ``import livechat.agent``."""
        kept: list[cst.ImportAlias] = []
        for alias in node.names:
            path = dotted_name(alias.name)
            name = dotted_name(alias.asname.name) if alias.asname else path.partition(".")[0]
            if path.partition(".")[0] != PACKAGE:
                self.bind(cst.Name(name), node.names[0].name, None, env)
                kept.append(alias)
                continue
            self.bind(
                cst.Name(name),
                alias.name,
                Reference(path if alias.asname else PACKAGE),
                env,
            )
            if name in self.work.known.kept:
                self._left_of(path)
                kept.append(alias)
            else:
                self._gone.add(name)
                self.work.use()
        return _with_names(node, kept)

    def imported_from(self, node: cst.ImportFrom, env: Env) -> Sequence[Small]:
        """Convert ``from livechat.agent import AgentWeb``."""
        module = dotted_name(node.module)
        ours = not node.relative and module.partition(".")[0] == PACKAGE
        if isinstance(node.names, cst.ImportStar):
            if not ours:
                return [node]
            self._gone |= set(starred(module))
            for name in starred(module):
                self.bind(cst.Name(name), cst.Name(name), Reference(f"{module}.{name}"), env)
            if not starred(module):
                self._stays(module)
                return [node]
            self.work.use()
            return []
        kept: list[cst.ImportAlias] = []
        for alias in node.names:
            name = dotted_name(alias.name)
            local = dotted_name(alias.asname.name) if alias.asname else name
            if not ours:
                is_here = module.partition(".")[0] == "frontdesk" and not node.relative
                self.bind(cst.Name(local), cst.Name(local), FOREIGN if is_here else None, env)
                kept.append(alias)
            elif self._is_converted(f"{module}.{name}", local, env):
                self.work.use()
            else:
                kept.append(alias)
        return _with_names(node, kept)

    def _is_converted(self, path: str, local: str, env: Env) -> bool:
        """Take an imported name; return whether its import goes."""
        found = client_class(path)
        known = replacement(path) is not None or path.endswith(".TokenType") or is_module(path)
        if not known or (found is not None and found[0] in self.work.known.foreign):
            self.bind(cst.Name(local), cst.Name(local), FOREIGN, env)
            self._stays(path)
            return False
        self.bind(cst.Name(local), cst.Name(local), Reference(path), env)
        if local in self.work.known.kept:
            if not path.endswith((".AccessToken", ".TokenType")):
                self._left_of(local)
            return False
        self._gone.add(local)
        if found is not None and OURS[found[0]] not in self.work.known.referenced:
            name = self.work.need(OURS[found[0]])
            self.work.mark(
                f"`{local}` was imported and not used here; what imports it from this file gets "
                f"{name} instead"
            )
        return True

    def _left_of(self, name: str) -> None:
        self.work.mark(
            f"what is left of `{name}` below has to be converted by hand; its import stays until "
            "then"
        )

    def _stays(self, path: str) -> None:
        parts = path.split(".")
        reason = next((text for part, text in STAYS.items() if part in parts), None)
        if reason is STAYS["customer"] or reason is STAYS["reports"]:
            self.work.learned.kept_tokens = True
        found = client_class(path)
        if found is not None and found[0] in self.work.known.foreign:
            self.work.learned.kept_tokens = True
            reason = (
                f"{OURS[found[0]]} has none of the methods that are called here; lc-sdk-python "
                "stays for them"
            )
        self.work.mark(reason or f"`{path}` has no counterpart here")


def _has_import(statement: cst.CSTNode) -> bool:
    return isinstance(statement, cst.SimpleStatementLine) and any(map(_is_import, statement.body))


def _imported_already(module: cst.Module) -> set[str]:
    """Return what the file imports at its top, from frontdesk or ssl."""
    names: set[str] = set()
    for line in module.body:
        for node in line.body if isinstance(line, cst.SimpleStatementLine) else ():
            if isinstance(node, cst.Import):
                names |= {dotted_name(alias.name) for alias in node.names if not alias.asname}
            elif isinstance(node, cst.ImportFrom) and dotted_name(node.module) == "frontdesk":
                aliases = () if isinstance(node.names, cst.ImportStar) else node.names
                names |= {dotted_name(alias.name) for alias in aliases if not alias.asname}
    return names


def _after_docstring(body: Sequence[cst.CSTNode]) -> int:
    position = 0
    for statement in body:
        small = statement.body[0] if isinstance(statement, cst.SimpleStatementLine) else None
        docstring = isinstance(small, cst.Expr) and isinstance(
            small.value, (cst.SimpleString, cst.ConcatenatedString)
        )
        future = isinstance(small, cst.ImportFrom) and dotted_name(small.module) == "__future__"
        if not docstring and not future:
            break
        position += 1
    return position


def _insert(body: list[Statement], position: int, lines: list[cst.SimpleStatementLine]) -> None:
    """Put imports before the first statement."""
    if not lines:
        return
    following = body[position] if position < len(body) else None
    if following is not None and isinstance(following, cst.SimpleStatementLine):
        blank = [line for line in following.leading_lines if line.comment is None]
        lines[0] = lines[0].with_changes(leading_lines=blank)
        rest = [line for line in following.leading_lines if line.comment is not None]
        body[position] = following.with_changes(leading_lines=rest)
    body[position:position] = lines


def _line(source: str) -> cst.SimpleStatementLine:
    statement = cst.parse_statement(source)
    assert isinstance(statement, cst.SimpleStatementLine)
    return statement


def _with_names(
    node: cst.Import | cst.ImportFrom, names: Sequence[cst.ImportAlias]
) -> Sequence[Small]:
    """Return an import with fewer names; nothing without any."""
    assert not isinstance(node.names, cst.ImportStar)
    if len(names) == len(node.names):
        return [node]
    if not names:
        return []
    last = names[-1].with_changes(comma=cst.MaybeSentinel.DEFAULT)
    return [node.with_changes(names=[*names[:-1], last])]
