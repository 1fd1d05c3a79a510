"""Reading and building pieces of syntax trees."""

import ast
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

import libcst as cst

__all__ = [
    "arguments",
    "assigned_names",
    "assignments",
    "attribute",
    "attributes_in",
    "bare",
    "bound_anywhere",
    "call",
    "code",
    "comments",
    "declared_elsewhere",
    "dotted_name",
    "ends",
    "expression",
    "keyword",
    "names_around",
    "names_in",
    "parameters_of",
    "parenthesised",
    "starred",
    "text_of",
    "used_names",
    "value_of",
]

_EMPTY: Final = cst.Module(body=())
_ADDED: Final = cst.LeftParen()
NO_SPACE: Final = cst.AssignEqual(
    whitespace_before=cst.SimpleWhitespace(""), whitespace_after=cst.SimpleWhitespace("")
)


STARRED: Final[dict[str, tuple[str, ...]]] = {
    "livechat.agent": ("AgentRTM", "AgentWeb"),
    "livechat.configuration": ("ConfigurationApi",),
    "livechat.utils.structures": ("AccessToken", "TokenType"),
}


def code(node: cst.CSTNode) -> str:
    """Return the source of a node."""
    return _EMPTY.code_for_node(node)


def expression(source: str) -> cst.BaseExpression:
    """Build an expression."""
    return cst.parse_expression(source)


def call(function: str, *values: cst.BaseExpression) -> cst.Call:
    """Build a call of a function by its name."""
    return cst.Call(cst.Name(function), [cst.Arg(value) for value in values])


def attribute(value: cst.BaseExpression, name: str) -> cst.Attribute:
    """Build an attribute of a value."""
    return cst.Attribute(value, cst.Name(name))


def keyword(name: str, value: cst.BaseExpression) -> cst.Arg:
    """Build an argument with its name."""
    return cst.Arg(bare(value), keyword=cst.Name(name), equal=NO_SPACE)


def arguments(args: Iterable[cst.Arg]) -> list[cst.Arg]:
    """Return arguments whose last comma is there only if it ends a line."""
    result = list(args)
    for position, arg in enumerate(result):
        comma = arg.comma
        if position < len(result) - 1 or not isinstance(comma, cst.Comma):
            continue
        after = comma.whitespace_after
        if isinstance(after, cst.SimpleWhitespace):
            result[position] = arg.with_changes(comma=cst.MaybeSentinel.DEFAULT)
    return result


def parenthesised(value: cst.BaseExpression) -> cst.BaseExpression:
    """Put parentheses around an expression, which ``bare`` takes away where they are not needed."""
    wrapped: cst.BaseExpression = value.with_changes(
        lpar=[_ADDED, *value.lpar], rpar=[*value.rpar, cst.RightParen()]
    )
    return wrapped


def bare(value: cst.BaseExpression) -> cst.BaseExpression:
    """Return an expression without parentheses that were put around it."""
    if not value.lpar or value.lpar[0] is not _ADDED:
        return value
    inner: cst.BaseExpression = value.with_changes(lpar=value.lpar[1:], rpar=value.rpar[:-1])
    return inner


def text_of(node: cst.CSTNode | None) -> str | None:
    """Return the text that a literal stands for; ``None`` for anything else."""
    value = value_of(node)
    return value if isinstance(value, str) else None


def value_of(node: cst.CSTNode | None) -> Any:
    """Return the value of a literal; ``...`` for what is none."""
    if not isinstance(node, cst.BaseExpression):
        return ...
    try:
        return ast.literal_eval(code(node).strip())
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return ...


def dotted_name(node: cst.CSTNode | None) -> str:
    """Return ``a.b.c`` for names with dots, else an empty text."""
    if isinstance(node, cst.Name):
        return node.value
    if isinstance(node, cst.Attribute):
        before = dotted_name(node.value)
        return f"{before}.{node.attr.value}" if before else ""
    return ""


def comments(indented: Sequence[str]) -> list[cst.EmptyLine]:
    """Build lines of comments."""
    return [cst.EmptyLine(comment=cst.Comment(text)) for text in indented]


def ends(body: cst.BaseSuite | Sequence[cst.CSTNode]) -> bool:
    """Whether a block never goes on to what follows it."""
    statements = body.body if isinstance(body, cst.BaseSuite) else body
    for statement in statements:
        last: cst.CSTNode | None = statement
        if isinstance(statement, cst.SimpleStatementLine):
            last = statement.body[-1] if statement.body else None
        if isinstance(last, (cst.Return, cst.Raise, cst.Continue, cst.Break)):
            return True
        if isinstance(last, cst.If) and _both_end(last):
            return True
    return False


def _both_end(node: cst.If) -> bool:
    orelse = node.orelse
    if isinstance(orelse, cst.If):
        return ends(node.body) and ends([orelse])
    return orelse is not None and ends(node.body) and ends(orelse.body)


class _Names(cst.CSTVisitor):
    """Collects what a scope binds, without the scopes inside it."""

    def __init__(self, *, imports: bool = True) -> None:
        self.names: set[str] = set()
        self.elsewhere: set[str] = set()
        self._imports = imports

    def _target(self, node: cst.CSTNode) -> None:
        if isinstance(node, cst.Name):
            self.names.add(node.value)
        elif isinstance(node, (cst.Tuple, cst.List)):
            for element in node.elements:
                self._target(element.value)
        elif isinstance(node, cst.StarredElement):
            self._target(node.value)

    def visit_AssignTarget(self, node: cst.AssignTarget) -> None:
        self._target(node.target)

    def visit_AnnAssign(self, node: cst.AnnAssign) -> None:
        self._target(node.target)

    def visit_AugAssign(self, node: cst.AugAssign) -> None:
        self._target(node.target)

    def visit_NamedExpr(self, node: cst.NamedExpr) -> None:
        self._target(node.target)

    def visit_For(self, node: cst.For) -> None:
        self._target(node.target)

    def visit_AsName(self, node: cst.AsName) -> None:
        self._target(node.name)

    def visit_MatchAs(self, node: cst.MatchAs) -> None:
        if node.name is not None:
            self.names.add(node.name.value)

    def visit_MatchStar(self, node: cst.MatchStar) -> None:
        if node.name is not None:
            self.names.add(node.name.value)

    def visit_ImportAlias(self, node: cst.ImportAlias) -> None:
        if node.asname is None:
            self.names.add(dotted_name(node.name).partition(".")[0])

    def visit_ImportFrom(self, node: cst.ImportFrom) -> bool:
        of_either = dotted_name(node.module).partition(".")[0] in ("livechat", "frontdesk")
        if of_either and not self._imports:
            return False
        if isinstance(node.names, cst.ImportStar):
            self.names |= set(starred(dotted_name(node.module)))
        return True

    def visit_Global(self, node: cst.Global) -> None:
        self.elsewhere |= {item.name.value for item in node.names}

    def visit_Nonlocal(self, node: cst.Nonlocal) -> None:
        self.elsewhere |= {item.name.value for item in node.names}

    def visit_FunctionDef(self, node: cst.FunctionDef) -> bool:
        self.names.add(node.name.value)
        return False

    def visit_ClassDef(self, node: cst.ClassDef) -> bool:
        self.names.add(node.name.value)
        return False

    def visit_Lambda(self, node: cst.Lambda) -> bool:
        return False

    def visit_CompFor(self, node: cst.CompFor) -> bool:
        return False


def starred(module: str) -> tuple[str, ...]:
    """Return what a star imports from a package of lc-sdk-python."""
    return STARRED.get(module, ())


def _scanned(node: cst.CSTNode) -> _Names:
    names = _Names()
    body = node.body if isinstance(node, (cst.FunctionDef, cst.ClassDef)) else node
    body.visit(names)
    return names


def assigned_names(node: cst.Module | cst.FunctionDef | cst.ClassDef) -> frozenset[str]:
    """Return the names that a module, class or function binds in its body."""
    return frozenset(_scanned(node).names)


def declared_elsewhere(node: cst.Module | cst.FunctionDef | cst.ClassDef) -> frozenset[str]:
    """Return what a scope declares as ``global`` or ``nonlocal``."""
    return frozenset(_scanned(node).elsewhere)


def names_in(node: cst.CSTNode) -> set[str]:
    """Return the variables that an expression names."""
    if isinstance(node, cst.Name):
        return {node.value}
    if isinstance(node, cst.Attribute):
        return names_in(node.value)
    if isinstance(node, cst.Arg):
        return names_in(node.value)
    return set[str]().union(*(names_in(child) for child in node.children))


class _Bound(cst.CSTVisitor):
    """Collects every name that is bound anywhere, but not by imports of either library."""

    def __init__(self) -> None:
        self.names: set[str] = set()

    def visit_Module(self, node: cst.Module) -> None:
        self._add(node)

    def visit_ClassDef(self, node: cst.ClassDef) -> None:
        self._add(node)

    def visit_FunctionDef(self, node: cst.FunctionDef) -> None:
        self._add(node)

    def visit_Param(self, node: cst.Param) -> None:
        self.names.add(node.name.value)

    def visit_CompFor(self, node: cst.CompFor) -> None:
        self.names |= {name.value for name in _names_of(node.target)}

    def _add(self, node: cst.Module | cst.FunctionDef | cst.ClassDef) -> None:
        names = _Names(imports=False)
        body = node if isinstance(node, cst.Module) else node.body
        body.visit(names)
        self.names |= names.names


def used_names(node: cst.CSTNode) -> set[str]:
    """Return the variables that a piece of a program names anywhere."""
    used = _Used()
    node.visit(used)
    return used.names


def names_around(tree: cst.CSTNode, node: cst.CSTNode) -> set[str] | None:
    """Return what the functions inside a tree bind that a node is in; ``None`` if it is elsewhere.

    It is empty for a node that is in none of them.
    """
    if tree is node:
        return set()
    for child in tree.children:
        names = names_around(child, node)
        if names is None:
            continue
        if isinstance(child, cst.FunctionDef):
            parameters = {param.name.value for param in parameters_of(child)}
            return names | parameters | assigned_names(child) | {""}
        if isinstance(child, cst.Lambda):
            return names | {param.name.value for param in parameters_of(child)} | {""}
        return names
    return None


def attributes_in(node: cst.CSTNode, root: str) -> set[str]:
    """Return ``self.a`` and the like, as far as an expression names them."""
    if isinstance(node, cst.Attribute):
        first, _, rest = dotted_name(node).partition(".")
        if first == root:
            return {f"{root}.{rest.partition('.')[0]}"}
    return set[str]().union(*(attributes_in(child, root) for child in node.children))


def assignments(tree: cst.CSTNode, target: str) -> int:
    """Return how often something with dots is assigned to."""
    counter = _Assignments(target)
    tree.visit(counter)
    return counter.count


class _Assignments(cst.CSTVisitor):
    def __init__(self, target: str) -> None:
        self._target = target
        self.count = 0

    def visit_AssignTarget(self, node: cst.AssignTarget) -> None:
        targets: list[cst.BaseExpression] = [node.target]
        if isinstance(node.target, (cst.Tuple, cst.List)):
            targets = [element.value for element in node.target.elements]
        self.count += sum(dotted_name(target) == self._target for target in targets)

    def visit_AnnAssign(self, node: cst.AnnAssign) -> None:
        self.count += node.value is not None and dotted_name(node.target) == self._target

    def visit_AugAssign(self, node: cst.AugAssign) -> None:
        self.count += dotted_name(node.target) == self._target


class _Used(cst.CSTVisitor):
    def __init__(self) -> None:
        self.names: set[str] = set()

    def visit_Name(self, node: cst.Name) -> None:
        self.names.add(node.value)

    def visit_Attribute(self, node: cst.Attribute) -> bool:
        node.value.visit(self)
        return False

    def visit_Arg(self, node: cst.Arg) -> bool:
        node.value.visit(self)
        return False

    def visit_Import(self, node: cst.Import) -> bool:
        return False

    def visit_ImportFrom(self, node: cst.ImportFrom) -> bool:
        return False


def _names_of(target: cst.CSTNode) -> Iterator[cst.Name]:
    if isinstance(target, cst.Name):
        yield target
    elif isinstance(target, (cst.Tuple, cst.List)):
        for element in target.elements:
            yield from _names_of(element.value)


def bound_anywhere(module: cst.Module) -> frozenset[str]:
    """Return every name that a file binds to something of its own."""
    bound = _Bound()
    module.visit(bound)
    return frozenset(bound.names)


def parameters_of(function: cst.FunctionDef | cst.Lambda) -> Iterator[cst.Param]:
    """Return all parameters of a function."""
    params = function.params
    yield from (*params.posonly_params, *params.params, *params.kwonly_params)
    for star in (params.star_arg, params.star_kwarg):
        if isinstance(star, cst.Param):
            yield star
