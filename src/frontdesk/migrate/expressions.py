"""Conversion of expressions, by what they stand for."""

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any, Final, cast

import libcst as cst

from frontdesk.migrate.kinds import (
    CONFLICT,
    FOREIGN,
    NOTHING,
    TIMESTAMP,
    TOKEN,
    Class,
    Client,
    Instance,
    Items,
    Kind,
    ListOf,
    MapOf,
    Reference,
    Response,
    Structs,
    field_of,
    is_data,
    join,
    narrowed,
)
from frontdesk.migrate.references import OURS, client_class, is_module, replacement
from frontdesk.migrate.syntax import (
    attribute,
    bare,
    call,
    code,
    dotted_name,
    names_in,
    parameters_of,
    text_of,
    value_of,
)
from frontdesk.migrate.work import Env, Scope, Work

__all__ = ["Converted", "Expressions"]

Converted = tuple[cst.BaseExpression, Kind]
"""The new expression, and what it stands for."""

ADVICE: Final = {
    "status_code": "frontdesk raises APIError for every error, so there is no status of a success; "
    "catch APIError and read its `status`",
    "is_success": "frontdesk raises APIError for every error; use `except APIError` instead",
    "is_error": "frontdesk raises APIError for every error; use `except APIError` instead",
    "success": "frontdesk raises APIError for every error; use `except APIError` instead",
    "text": "a result is typed; for the response as it came, use `client.raw(action)`",
    "content": "a result is typed; for the response as it came, use `client.raw(action)`",
    "headers": "a result has no headers; use `client.raw(action)` or `on_call=`",
    "elapsed": "a result has no times; use `on_call=` of the client",
}
"""What to do instead of reading an attribute of a response."""
NO_RESPONSE: Final = "this is the typed result now, not a response"


class Expressions:
    """Converts expressions; ``Calls`` and ``Statements`` build on it."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self._handlers: dict[type[cst.CSTNode], Callable[[Any, Env], Converted]] = {
            cst.Name: self._name,
            cst.Attribute: self._attribute,
            cst.Subscript: self._subscript,
            cst.Call: self._call,
            cst.Comparison: self._comparison,
            cst.BooleanOperation: self._boolean,
            cst.UnaryOperation: self._unary,
            cst.IfExp: self._choice,
            cst.NamedExpr: self._walrus,
            cst.ListComp: self._list_of,
            cst.GeneratorExp: self._plain_comprehension,
            cst.SetComp: self._plain_comprehension,
            cst.DictComp: self._dict_of,
            cst.Lambda: self._function,
            cst.SimpleString: self._string,
        }

    def typed(self, node: cst.BaseExpression, env: Env) -> Converted:
        """Convert an expression, and say what it stands for."""
        handler = self._handlers.get(type(node))
        if handler is None:
            return self.children(node, env), None
        new, kind = handler(node, env)
        return new, kind

    def plain(self, node: cst.BaseExpression, env: Env) -> cst.BaseExpression:
        """Convert an expression that has to be what it was, since anything may be done with it."""
        new, kind = self.typed(node, env)
        return self.escaped(new, kind)

    def children(self, node: Any, env: Env) -> Any:
        """Convert what is inside a node."""
        changes: dict[str, Any] = {}
        for field in dataclasses.fields(node):
            old = getattr(node, field.name)
            new = self._child(old, env)
            if new is not old:
                changes[field.name] = new
        return node.with_changes(**changes) if changes else node

    def _child(self, value: Any, env: Env) -> Any:
        if isinstance(value, cst.Arg):
            new = bare(self.plain(value.value, env))
            return value if new is value.value else value.with_changes(value=new)
        if isinstance(value, cst.BaseExpression):
            return self.plain(value, env)
        if isinstance(value, cst.Annotation):
            return self.annotation(value, env)
        if isinstance(value, (cst.BaseParenthesizableWhitespace, cst.TrailingWhitespace)):
            return value
        if isinstance(value, cst.CSTNode):
            return self.children(value, env)
        if isinstance(value, (list, tuple)):
            items = cast("Sequence[Any]", value)
            children = [self._child(item, env) for item in items]
            same = all(new is old for new, old in zip(children, items, strict=True))
            return items if same else children
        return value

    def escaped(self, new: cst.BaseExpression, kind: Kind) -> cst.BaseExpression:
        """Return an expression as the value that it was, or say that it is none any more."""
        if is_data(kind):
            return call(self.work.need("to_dict"), new)
        match kind:
            case Items() if isinstance(new, cst.Call):
                return self._escaped_items(new)
            case Response():
                self.work.mark(NO_RESPONSE)
            case Client():
                self.work.mark(
                    f"this gets an {OURS[kind.table]}; what it does with it has to be converted too"
                )
            case Reference():
                self._escaped_reference(kind)
            case _ if kind is TOKEN and not self.work.known.kept_tokens:
                self.work.mark("this gets a BearerToken, which never shows its text")
            case _:
                """An ordinary value."""
        return new

    def _escaped_items(self, new: cst.Call) -> cst.BaseExpression:
        to_dict = self.work.need("to_dict")
        if isinstance(new.func, cst.Attribute):
            inner = call(to_dict, new.func.value)
            return new.with_changes(func=new.func.with_changes(value=inner))
        first = new.args[0].with_changes(value=call(to_dict, new.args[0].value))
        return new.with_changes(args=[first, *new.args[1:]])

    def _escaped_reference(self, kind: Reference) -> None:
        if replacement(kind.path) or client_class(kind.path):
            self.work.mark(f"`{kind.name}` is used in a way that has to be converted by hand")
        elif is_module(kind.path):
            self.work.mark("a module of lc-sdk-python is used here")
        else:
            self.work.mark(f"`{kind.path.removeprefix('livechat.')}` has no counterpart here")

    def _name(self, node: cst.Name, env: Env) -> Converted:
        if node.value == "None":
            return node, NOTHING
        owner = env.scope.owner(node.value)
        if owner is None:
            return node, None
        key = (owner.id, node.value)
        kind = self.held(node.value, env)
        if kind is CONFLICT:
            if key in self.work.known.plain:
                self.work.mark(
                    f"`{node.value}` is one of several things here, not all of which are converted"
                )
            self.work.learned.plain.add(key)
            return node, None
        if isinstance(kind, Reference):
            return self._referred(node, kind)
        return node, kind

    def held(self, name: str, env: Env) -> Kind:
        """Return what a variable holds here; of another scope's, what it ever holds."""
        owner = env.scope.owner(name)
        if owner is None:
            return None
        if owner.id == env.scope.id:
            return env.values.get(name)
        return self.work.known.bindings.get((owner.id, name))

    def _referred(self, node: cst.BaseExpression, kind: Reference) -> Converted:
        """Name a class of lc-sdk-python as its counterpart here is named."""
        name = replacement(kind.path)
        if name is None or name == "BearerToken":
            return node, kind
        self.work.learned.referenced.add(name)
        return cst.Name(self.work.need(name), lpar=node.lpar, rpar=node.rpar), kind

    def _attribute(self, node: cst.Attribute, env: Env) -> Converted:
        value, kind = self.typed(node.value, env)
        return self.attribute_of(node, value, kind, env)

    def attribute_of(
        self, node: cst.Attribute, value: cst.BaseExpression, kind: Kind, env: Env
    ) -> Converted:
        """Convert an attribute of a value that is converted already."""
        name = node.attr.value
        same = node if value is node.value else node.with_changes(value=value)
        match kind:
            case Reference():
                return self._of_reference(node, Reference(f"{kind.path}.{name}"))
            case Response(is_rtm=True) if name == "payload":
                self.work.use()
                return value.with_changes(lpar=node.lpar, rpar=node.rpar), kind.result
            case Response():
                self.work.mark(ADVICE.get(name, NO_RESPONSE))
                return same, None
            case Client():
                self._of_client(kind, name)
                return same, None
            case Instance() | Class():
                return same, self.work.known.attribute(kind.id, name)
            case _ if kind is FOREIGN:
                return same, FOREIGN
            case _:
                return node.with_changes(value=self.escaped(value, kind)), None

    def _of_reference(self, node: cst.Attribute, kind: Reference) -> Converted:
        found = client_class(kind.path)
        if found is not None and found[0] in OURS:
            return self._referred(node, kind)
        known = is_module(kind.path) or ".TokenType" in kind.path or ".AccessToken" in kind.path
        if kind.name == "get_client" and replacement(kind.path.removesuffix(".get_client")):
            new, _ = self._referred(node, Reference(kind.path.removesuffix(".get_client")))
            return new, kind
        if known:
            return node, kind
        # Something that stays with lc-sdk-python, and so does the import of its first name.
        self.work.learned.kept.add(dotted_name(node).partition(".")[0])
        return node, FOREIGN

    def _of_client(self, kind: Client, name: str) -> None:
        if name == "ws":
            self.work.mark(
                "frontdesk does not keep messages: subscribe before what causes them, "
                "`pushes = rtm.pushes(IncomingEvent)`, and read with `pushes.get(timeout=…)` or a "
                "`for` loop"
            )
        elif name == "session":
            self.work.mark("the connections of a client are its own; see its arguments")
        else:
            self.work.mark(f"`{name}` of the client is used without being called")

    def _subscript(self, node: cst.Subscript, env: Env) -> Converted:
        value, kind = self.typed(node.value, env)
        element = node.slice[0].slice if len(node.slice) == 1 else None
        index = element.value if isinstance(element, cst.Index) else None
        key = text_of(index)
        if isinstance(kind, Structs) and key is not None:
            return self.item_of(node, value, kind, key, env)
        slices = [self.children(part, env) for part in node.slice]
        inside: Kind = None
        if isinstance(kind, ListOf) and key is None:
            inside = kind if isinstance(element, cst.Slice) else kind.item
        elif isinstance(kind, MapOf):
            inside = kind.value
        elif isinstance(kind, Reference):
            return node.with_changes(value=value, slice=slices), kind
        else:
            value = self.escaped(value, kind)
        same = value is node.value and all(
            new is old for new, old in zip(slices, node.slice, strict=True)
        )
        return (node if same else node.with_changes(value=value, slice=slices)), inside

    def item_of(
        self, node: cst.Subscript, value: cst.BaseExpression, kind: Structs, key: str, env: Env
    ) -> Converted:
        """Convert ``value[key]`` of a structure."""
        field = field_of(kind, key)
        if field is None:
            self.unknown_key(kind, key)
        elif field.everywhere and not (field.optional and env.catches_key_errors):
            self.work.use()
            new = attribute(value, field.attribute)
            return new.with_changes(lpar=node.lpar, rpar=node.rpar), field.kind
        return node.with_changes(value=self.escaped(value, kind)), None

    def unknown_key(self, kind: Structs, key: str) -> None:
        """Say that no structure has a key."""
        if key == "error":
            self.work.mark("an error is raised as APIError; use `except APIError` instead")
            return
        names = sorted(type_.__name__ for type_ in kind.types)
        shown = " or ".join([f"`{name}`" for name in names][:3])
        self.work.mark(f"{shown} has no `{key}`; look it up in the reference of the models")

    def _call(self, node: cst.Call, env: Env) -> Converted:
        raise NotImplementedError

    def annotation(self, node: cst.Annotation, env: Env) -> cst.Annotation:
        """Convert an annotation."""
        new = self.annotated(node.annotation, env)[0]
        return node if new is node.annotation else node.with_changes(annotation=new)

    def annotated(self, node: cst.BaseExpression, env: Env) -> Converted:
        """Convert the expression of an annotation, and say what has such a type."""
        text = text_of(node)
        if text is not None:
            return self._quoted(node, text, env)
        with_kind: Kind = None
        if isinstance(node, (cst.Name, cst.Attribute)):
            if dotted_name(node) in ("httpx.Response", "RtmResponse"):
                self.work.mark("frontdesk returns typed results, no responses")
            new, kind = self.typed(node, env)
            if isinstance(kind, Reference):
                found = client_class(kind.path)
                if found is not None and found[0] in OURS:
                    return new, Client(found[0])
                if kind.path.endswith(".AccessToken"):
                    if self.work.known.kept_tokens:
                        self.work.learned.kept.add(dotted_name(node).partition(".")[0])
                        return node, TOKEN
                    return cst.Name(self.work.need("BearerToken")), TOKEN
                self.escaped(new, kind)
            return new, FOREIGN if kind is FOREIGN else None
        if isinstance(node, cst.Subscript):
            # Optional[AgentWeb], Union[…]: what is inside counts.
            elements: list[cst.SubscriptElement] = []
            for part in node.slice:
                new_part = part
                if isinstance(part.slice, cst.Index):
                    inner, kind = self.annotated(part.slice.value, env)
                    with_kind = with_kind or kind
                    if inner is not part.slice.value:
                        new_part = part.with_changes(slice=part.slice.with_changes(value=inner))
                elements.append(new_part)
            direct = dotted_name(node.value).rpartition(".")[2] in ("Optional", "Union")
            same = all(new is old for new, old in zip(elements, node.slice, strict=True))
            return (node if same else node.with_changes(slice=elements)), (
                with_kind if direct else None
            )
        if isinstance(node, cst.BinaryOperation):
            left, left_kind = self.annotated(node.left, env)
            right, right_kind = self.annotated(node.right, env)
            same = left is node.left and right is node.right
            kind = left_kind or right_kind
            return (node if same else node.with_changes(left=left, right=right)), kind
        return node, None

    def _quoted(self, node: cst.BaseExpression, text: str, env: Env) -> Converted:
        try:
            inner = cst.parse_expression(text)
        except cst.ParserSyntaxError:
            return node, None
        new, kind = self.annotated(inner, env)
        if new is inner:
            return node, kind
        return cst.SimpleString(f'"{code(new)}"'), kind

    def _comparison(self, node: cst.Comparison, env: Env) -> Converted:
        if len(node.comparisons) == 1:
            target = node.comparisons[0]
            operator, right = target.operator, target.comparator
            key = text_of(node.left)
            if isinstance(operator, (cst.In, cst.NotIn)) and key is not None:
                return self._has_key(node, key, env)
            left, kind = self.typed(node.left, env)
            equality = isinstance(operator, (cst.Is, cst.IsNot, cst.Equal, cst.NotEqual))
            if equality and value_of(right) is None and is_data(kind):
                return node.with_changes(left=left), None
            if kind is TIMESTAMP:
                other, other_kind = self.typed(right, env)
                if other_kind is TIMESTAMP:
                    changed = target.with_changes(comparator=other)
                    return node.with_changes(left=left, comparisons=[changed]), None
            left = self.escaped(left, kind)
            compared = self.plain(right, env)
            if left is node.left and compared is right:
                return node, None
            changed = target.with_changes(comparator=compared)
            return node.with_changes(left=left, comparisons=[changed]), None
        return self.children(node, env), None

    def _has_key(self, node: cst.Comparison, key: str, env: Env) -> Converted:
        target = node.comparisons[0]
        value, kind = self.typed(target.comparator, env)
        if not isinstance(kind, Structs):
            value = self.escaped(value, kind) if not isinstance(kind, MapOf) else value
            if value is target.comparator:
                return node, None
            return node.with_changes(comparisons=[target.with_changes(comparator=value)]), None
        field = field_of(kind, key)
        if field is None:
            self.unknown_key(kind, key)
        elif field.everywhere and field.optional:
            self.work.use()
            is_there = cst.IsNot() if isinstance(target.operator, cst.In) else cst.Is()
            return node.with_changes(
                left=attribute(value, field.attribute),
                comparisons=[cst.ComparisonTarget(is_there, cst.Name("None"))],
            ), None
        plain = target.with_changes(comparator=self.escaped(value, kind))
        return node.with_changes(comparisons=[plain]), None

    def _boolean(self, node: cst.BooleanOperation, env: Env) -> Converted:
        left, left_kind = self.typed(node.left, env)
        is_and = isinstance(node.operator, cst.And)
        right, right_kind = self.typed(node.right, self.assumed(node.left, env, true=is_and))
        kind = join(left_kind, right_kind)
        if kind is CONFLICT or not is_data(kind):
            left, right = self.escaped(left, left_kind), self.escaped(right, right_kind)
            kind = None
        same = left is node.left and right is node.right
        return (node if same else node.with_changes(left=left, right=right)), kind

    def test(self, node: cst.BaseExpression, env: Env) -> cst.BaseExpression:
        """Convert an expression of which only the truth counts."""
        if isinstance(node, cst.BooleanOperation):
            left = self.test(node.left, env)
            is_and = isinstance(node.operator, cst.And)
            right = self.test(node.right, self.assumed(node.left, env, true=is_and))
            same = left is node.left and right is node.right
            return node if same else node.with_changes(left=left, right=right)
        if isinstance(node, cst.UnaryOperation) and isinstance(node.operator, cst.Not):
            inner = self.test(node.expression, env)
            return node if inner is node.expression else node.with_changes(expression=inner)
        new, kind = self.typed(node, env)
        return new if is_data(kind) or isinstance(kind, Client) else self.escaped(new, kind)

    def assumed(self, node: cst.BaseExpression, env: Env, *, true: bool) -> Env:
        """Return what is known where a test has come out so."""
        if isinstance(node, cst.UnaryOperation) and isinstance(node.operator, cst.Not):
            return self.assumed(node.expression, env, true=not true)
        if isinstance(node, cst.BooleanOperation):
            if isinstance(node.operator, cst.And) is true:
                return self.assumed(node.right, self.assumed(node.left, env, true=true), true=true)
            return env
        if not isinstance(node, cst.Comparison) or len(node.comparisons) != 1:
            return env
        subject, target = _subject(node.left), node.comparisons[0]
        kind = env.values.get(subject) if subject else None
        value = value_of(target.comparator)
        tags: list[Any] = [value] if isinstance(value, str) else []
        if isinstance(value, (list, tuple, set)):
            tags = list(value)  # pyright: ignore[reportUnknownArgumentType]
        if not isinstance(kind, Structs) or not tags or not all(type(tag) is str for tag in tags):
            return env
        if isinstance(target.operator, (cst.Equal, cst.In)):
            return env.copy(**{subject: narrowed(kind, tags, equal=true)})
        if isinstance(target.operator, (cst.NotEqual, cst.NotIn)):
            return env.copy(**{subject: narrowed(kind, tags, equal=not true)})
        return env

    def _unary(self, node: cst.UnaryOperation, env: Env) -> Converted:
        if isinstance(node.operator, cst.Not):
            return self.test(node, env), None
        return self.children(node, env), None

    def _choice(self, node: cst.IfExp, env: Env) -> Converted:
        test = self.test(node.test, env)
        body, kind = self.typed(node.body, self.assumed(node.test, env, true=True))
        orelse, other = self.typed(node.orelse, self.assumed(node.test, env, true=False))
        joined = join(kind, other)
        if joined is CONFLICT:
            body, orelse, joined = self.escaped(body, kind), self.escaped(orelse, other), None
        same = test is node.test and body is node.body and orelse is node.orelse
        return (node if same else node.with_changes(test=test, body=body, orelse=orelse)), joined

    def _walrus(self, node: cst.NamedExpr, env: Env) -> Converted:
        value, kind = self.typed(node.value, env)
        self.shares(node.target, node.value, env)
        value, kind = self.bind(node.target, value, kind, env)
        return (node if value is node.value else node.with_changes(value=value)), kind

    def shares(self, target: cst.BaseExpression, original: cst.BaseExpression, env: Env) -> None:
        """Note that names of a target may hold a part of what an expression names."""
        sources = {
            (owner.id, name)
            for name in names_in(original)
            if is_data(env.values.get(name)) and (owner := env.scope.owner(name)) is not None
        }
        for name in _names(target):
            owner = env.scope.owner(name)
            if owner is not None and sources:
                known = self.work.learned.sources.setdefault((owner.id, name), set())
                known |= sources - {(owner.id, name)}

    def bind(
        self, target: cst.BaseExpression, value: cst.BaseExpression, kind: Kind, env: Env
    ) -> Converted:
        """Let a variable hold a value; as ordinary data, if it is used in ways of a dict."""
        name = target.value if isinstance(target, cst.Name) else ""
        owner = env.scope.owner(name) if name else None
        if owner is None:
            return self.escaped(value, kind), None
        key = (owner.id, name)
        if key in self.work.learned.plain and is_data(kind):
            value, kind = self.escaped(value, kind), None
        env.values[name] = kind
        self.work.learned.add(self.work.learned.bindings, key, kind)
        return value, kind

    def _comprehended(self, loop: cst.CompFor, env: Env) -> tuple[cst.CompFor, Env]:
        iterable, kind = self.typed(loop.iter, env)
        names = _names(loop.target)
        if not isinstance(kind, (ListOf, Items, MapOf)):
            iterable, kind = self.escaped(iterable, kind), None
        inner = Env(
            Scope(
                env.scope.id,
                env.scope.type,
                env.scope.names | names,
                env.scope.parent,
                env.scope.everywhere - names,
            ),
            {**env.values, **items_of(loop.target, kind)},
            env.catches_key_errors,
        )
        ifs: list[cst.CompIf] = []
        for condition in loop.ifs:
            test = self.test(condition.test, inner)
            inner = self.assumed(condition.test, inner, true=True)
            ifs.append(condition if test is condition.test else condition.with_changes(test=test))
        deeper = loop.inner_for_in
        if deeper is not None:
            deeper, inner = self._comprehended(deeper, inner)
        return loop.with_changes(iter=iterable, ifs=ifs, inner_for_in=deeper), inner

    def _list_of(self, node: cst.ListComp | cst.GeneratorExp, env: Env) -> Converted:
        loop, inner = self._comprehended(node.for_in, env)
        element, kind = self.typed(node.elt, inner)
        if not is_data(kind):
            element, kind = self.escaped(element, kind), None
        new = node.with_changes(elt=element, for_in=loop)
        return _same_or(node, new), ListOf(kind) if kind else None

    def items(self, node: cst.BaseExpression, env: Env) -> Converted:
        """Convert what is only iterated over, such as a generator expression."""
        if isinstance(node, cst.GeneratorExp):
            return self._list_of(node, env)
        return self.typed(node, env)

    def _plain_comprehension(self, node: cst.GeneratorExp | cst.SetComp, env: Env) -> Converted:
        loop, inner = self._comprehended(node.for_in, env)
        new = node.with_changes(elt=self.plain(node.elt, inner), for_in=loop)
        return _same_or(node, new), None

    def _dict_of(self, node: cst.DictComp, env: Env) -> Converted:
        loop, inner = self._comprehended(node.for_in, env)
        key = self.plain(node.key, inner)
        value, kind = self.typed(node.value, inner)
        if not is_data(kind):
            value, kind = self.escaped(value, kind), None
        new = node.with_changes(key=key, value=value, for_in=loop)
        return _same_or(node, new), MapOf(kind) if kind else None

    def _function(self, node: cst.Lambda, env: Env) -> Converted:
        names = frozenset(param.name.value for param in parameters_of(node))
        scope = Scope(env.scope.id, env.scope.type, env.scope.names | names, env.scope.parent)
        inner = Env(scope, {**env.values, **dict.fromkeys(names)})
        body = self.plain(node.body, inner)
        return (node if body is node.body else node.with_changes(body=body)), None

    def _string(self, node: cst.SimpleString, env: Env) -> Converted:
        text = text_of(node) or ""
        parts = text.split(".")
        if parts[0] == "livechat" and len(parts) > 1 and is_module(".".join(parts[:2])):
            self.work.mark(f"this text names a part of lc-sdk-python: {text}")
        return node, None


def _subject(node: cst.BaseExpression) -> str:
    """Return ``x`` for ``x["type"]`` and ``x.get("type")``, else an empty text."""
    if isinstance(node, cst.Subscript) and len(node.slice) == 1:
        index = node.slice[0].slice
        if isinstance(index, cst.Index) and text_of(index.value) == "type":
            return node.value.value if isinstance(node.value, cst.Name) else ""
    if not isinstance(node, cst.Call) or not isinstance(node.func, cst.Attribute) or not node.args:
        return ""
    named = node.func.attr.value == "get" and text_of(node.args[0].value) == "type"
    return node.func.value.value if named and isinstance(node.func.value, cst.Name) else ""


def _names(target: cst.BaseExpression) -> frozenset[str]:
    if isinstance(target, cst.Name):
        return frozenset([target.value])
    if isinstance(target, (cst.Tuple, cst.List)):
        return frozenset[str]().union(*(_names(element.value) for element in target.elements))
    return frozenset()


def items_of(target: cst.BaseExpression, kind: Kind) -> dict[str, Kind]:
    """Return what the names of a target hold when it takes an item of something."""
    kinds: dict[str, Kind] = dict.fromkeys(_names(target))
    if isinstance(target, cst.Name) and isinstance(kind, ListOf):
        kinds[target.value] = kind.item
    if isinstance(target, cst.Tuple) and isinstance(kind, Items) and len(target.elements) == 2:  # noqa: PLR2004 - key and value
        second = target.elements[1].value
        if isinstance(second, cst.Name):
            kinds[second.value] = kind.value
    return kinds


def _same_or(node: cst.BaseExpression, new: cst.BaseExpression) -> cst.BaseExpression:
    return node if code(node) == code(new) else new
