"""Conversion of calls: of methods of clients, and of what reads their responses."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, cast

import libcst as cst
import msgspec

from frontdesk.actions import Action
from frontdesk.migrate.expressions import NO_RESPONSE, Converted, Expressions
from frontdesk.migrate.kinds import (
    FOREIGN,
    NOTHING,
    TIMESTAMP,
    TOKEN,
    Class,
    Client,
    Function,
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
    kind_of,
)
from frontdesk.migrate.official_methods import METHODS
from frontdesk.migrate.references import DISTINCT_METHODS, OURS, action_of, response_of
from frontdesk.migrate.syntax import (
    arguments,
    attribute,
    dotted_name,
    keyword,
    parenthesised,
    text_of,
    value_of,
)
from frontdesk.migrate.work import Env

__all__ = ["Calls", "named_arguments"]

IDENTIFIER: Final = re.compile(r"[A-Za-z_]\w*")
KEEPING: Final = frozenset({"list", "tuple", "reversed", "iter"})
"""Functions whose result has the items of what they are given."""
ONLY_READING: Final = frozenset(
    (  # noqa: SIM905 - read at a glance
        "print str repr format len bool sorted sum min max any all set dict list tuple frozenset "
        "zip map filter isinstance type id hash enumerate next iter reversed json.dumps json.dump "
        "pprint pprint.pprint pprint.pformat"
    ).split()
)
"""Functions that leave what they get as it is."""
COLLECTING: Final = frozenset(
    (  # noqa: SIM905 - as above
        "append add insert extend update put put_nowait appendleft format join write writerow "
        "writerows"
    ).split()
)
"""Methods that keep or write what they get."""
READING: Final = frozenset({"copy", "index", "count"})
"""Methods of lists that change nothing, and look at no item."""
DROPPED_FROM_CLIENTS: Final = frozenset({"modify_header", "remove_header", "get_headers"})
CONNECTION: Final = frozenset({"open_connection", "close_connection", "login"})


def named_arguments(
    args: Sequence[cst.Arg], parameters: Sequence[str]
) -> dict[str, cst.Arg] | None:
    """Return the arguments by the names of their parameters; ``None`` if only a run can tell."""
    named: dict[str, cst.Arg] = {}
    for position, arg in enumerate(args):
        if arg.star:
            return None
        if arg.keyword is not None:
            named[arg.keyword.value] = arg
        elif position < len(parameters):
            named[parameters[position]] = arg
        else:
            return None
    return named


class Calls(Expressions):
    """Converts calls."""

    def _call(self, node: cst.Call, env: Env) -> Converted:  # noqa: PLR0912 - a case for each kind
        func = node.func
        if isinstance(func, cst.Name) and env.scope.owner(func.value) is None:
            return self._builtin(node, func.value, env)
        if isinstance(func, cst.Attribute):
            value, kind = self.typed(func.value, env)
            match kind:
                case Client():
                    return self._of_client_called(node, func, value, kind, env)
                case Response():
                    return self._of_response(node, func, value, kind, env)
                case Structs() if func.attr.value == "get":
                    return self._get(node, func, value, kind, env)
                case MapOf():
                    return self._of_map(node, func, value, kind, env)
                case ListOf():
                    return self._of_list(node, func, value, kind, env)
                case None if func.attr.value in DISTINCT_METHODS and self.work.known.referenced:
                    self.work.mark(
                        f"if this is a client of lc-sdk-python, `{func.attr.value}` has to be "
                        "converted; say so with an annotation such as `client: AgentClient`"
                    )
                case _:
                    """What is called is looked at as a value."""
            callee, kind = self.attribute_of(func, value, kind, env)
        else:
            callee, kind = self.typed(func, env)
        match kind:
            case Reference():
                return self.constructed(node, callee, kind, env)
            case Function() | Class():
                return self._own(node, callee, kind, env)
            case _ if kind is FOREIGN:
                return self._with_arguments(node, callee, env), FOREIGN
            case _:
                return self._with_arguments(node, self.escaped(callee, kind), env), None

    def constructed(
        self, node: cst.Call, callee: cst.BaseExpression, kind: Reference, env: Env
    ) -> Converted:
        """Convert a call of something of lc-sdk-python itself."""
        raise NotImplementedError

    def opened(self, node: cst.Call, value: cst.BaseExpression, method: str, env: Env) -> Converted:
        """Convert a call that opens or closes an RTM connection."""
        raise NotImplementedError

    def _with_arguments(self, node: cst.Call, callee: cst.BaseExpression, env: Env) -> cst.Call:
        if not _only_reads(node.func):
            for arg in node.args:
                self._may_change(arg.value, env)
        args = [self._child(arg, env) for arg in node.args]
        same = callee is node.func and all(
            new is old for new, old in zip(args, node.args, strict=True)
        )
        return node if same else node.with_changes(func=callee, args=args)

    def _may_change(self, node: cst.BaseExpression, env: Env) -> None:
        """Let a variable that a function gets hold ordinary data, for it may be changed there."""
        root = node
        while isinstance(root, (cst.Subscript, cst.Attribute)):
            root = root.value
        if not isinstance(root, cst.Name):
            return
        with self.work.rehearsal():
            _, kind = self.typed(node, env)
        if isinstance(kind, (Structs, ListOf, MapOf)):
            self.hold_plain(node, env)

    def _builtin(self, node: cst.Call, name: str, env: Env) -> Converted:
        plain_arguments = not any(arg.star or arg.keyword for arg in node.args)
        if node.args and plain_arguments and name in {*KEEPING, "len", "enumerate", "next", "bool"}:
            first, kind = self.items(node.args[0].value, env)
            rest = [self._child(arg, env) for arg in node.args[1:]]
            result: Kind = None
            match kind:
                case ListOf():
                    result = _of_builtin(name, kind)
                    default = node.args[1].value if len(node.args) > 1 else None
                    if name == "next" and value_of(default) not in (None, ...):
                        result = None
                case Structs() if name == "bool":
                    """Only the truth counts."""
                case _:
                    first = self.escaped(first, kind)
            same = first is node.args[0].value and all(
                new is old for new, old in zip(rest, node.args[1:], strict=True)
            )
            args = [node.args[0].with_changes(value=first), *rest]
            return (node if same else node.with_changes(args=args)), result
        if name in ("str", "repr", "format") and node.args:
            _, kind = self.typed(node.args[0].value, env)
            if kind is TOKEN and not self.work.known.kept_tokens:
                self.work.mark("a BearerToken never shows its text; keep the text beside it")
                return node, None
        if name == "isinstance" and len(node.args) == 2:  # noqa: PLR2004
            value, kind = self.typed(node.args[0].value, env)
            other, class_kind = self.typed(node.args[1].value, env)
            if isinstance(class_kind, Reference) and (kind is None or isinstance(kind, Client)):
                args = [
                    node.args[0].with_changes(value=value),
                    node.args[1].with_changes(value=other),
                ]
                return node.with_changes(args=args), None
        return self._with_arguments(node, node.func, env), None

    def _own(
        self, node: cst.Call, callee: cst.BaseExpression, kind: Function | Class, env: Env
    ) -> Converted:
        """Convert a call of what the file defines, and learn what it gets."""
        function = kind.id if isinstance(kind, Function) else f"{kind.id}.__init__"
        parameters = self.work.known.signatures.get(function, ())
        named = named_arguments(node.args, parameters)
        args: list[cst.Arg] = []
        for position, arg in enumerate(node.args):
            value, value_kind = self.typed(arg.value, env)
            passed: Kind = value_kind
            self._may_change(arg.value, env)
            if not isinstance(value_kind, Client) and value_kind not in (TOKEN, NOTHING):
                value, passed = self.escaped(value, value_kind), None
            if named is None or function not in self.work.known.signatures:
                value = self.escaped(value, passed)
            else:
                name = arg.keyword.value if arg.keyword else parameters[position]
                self.work.learned.add(self.work.learned.parameters, (function, name), passed)
            args.append(arg if value is arg.value else arg.with_changes(value=value))
        same = callee is node.func and all(
            new is old for new, old in zip(args, node.args, strict=True)
        )
        new = node if same else node.with_changes(func=callee, args=args)
        if isinstance(kind, Class):
            return new, Instance(kind.id)
        return new, self.work.known.returns.get((function, ""))

    def _of_response(
        self,
        node: cst.Call,
        func: cst.Attribute,
        value: cst.BaseExpression,
        kind: Response,
        env: Env,
    ) -> Converted:
        name = func.attr.value
        if name == "json" and not kind.is_rtm and not node.args:
            self.work.use()
            return value.with_changes(lpar=node.lpar, rpar=node.rpar), kind.result
        if name == "raise_for_status" and not kind.is_rtm:
            self.work.use()
            return value, kind
        self.work.mark(NO_RESPONSE)
        return self._with_arguments(node, func.with_changes(value=value), env), None

    def _get(
        self,
        node: cst.Call,
        func: cst.Attribute,
        value: cst.BaseExpression,
        kind: Structs,
        env: Env,
    ) -> Converted:
        """Convert ``value.get(key, default)`` of a structure."""
        named = named_arguments(node.args, ("key", "default")) or {}
        key = text_of(named["key"].value) if "key" in named else None
        default = named.get("default")
        field = None
        if key is not None:
            field = field_of(kind, key)
            if field is None:
                self.unknown_key(kind, key)
        if field is not None and key is not None and field.everywhere:
            fallback = None if default is None else value_of(default.value)
            new: cst.BaseExpression = attribute(value, field.attribute)
            if fallback is None or not field.optional:
                self.work.use()
                return new.with_changes(lpar=node.lpar, rpar=node.rpar), field.kind
            if fallback in ([], "", 0, False) and not isinstance(field.kind, (Structs, MapOf)):
                self.work.use()
                other = default.value if default is not None else cst.Name("None")
                chosen = parenthesised(cst.BooleanOperation(new, cst.Or(), other))
                return chosen, field.kind if fallback == [] else None
        somewhere = field is not None and not field.everywhere and not is_data(field.kind)
        if somewhere and default is None:
            self.work.use()
            parts = [value, named["key"].value, cst.Name("None")]
            return cst.Call(cst.Name("getattr"), [cst.Arg(part) for part in parts]), None
        plain = func.with_changes(value=self.escaped(value, kind))
        return self._with_arguments(node, plain, env), None

    def _of_map(
        self, node: cst.Call, func: cst.Attribute, value: cst.BaseExpression, kind: MapOf, env: Env
    ) -> Converted:
        name = func.attr.value
        result: Kind = None
        if name == "items" and not node.args:
            result = Items(kind.value)
        elif name == "values" and not node.args:
            result = ListOf(kind.value)
        elif name == "get" and len(node.args) == 1:
            result = kind.value
        elif name != "keys":
            return self._changed(node, func, value, kind, env)
        return self._with_arguments(node, func.with_changes(value=value), env), result

    def _of_list(
        self, node: cst.Call, func: cst.Attribute, value: cst.BaseExpression, kind: ListOf, env: Env
    ) -> Converted:
        if func.attr.value not in READING or kind.item is TIMESTAMP:
            return self._changed(node, func, value, kind, env)
        result = kind if func.attr.value == "copy" else None
        return self._with_arguments(node, func.with_changes(value=value), env), result

    def _changed(
        self, node: cst.Call, func: cst.Attribute, value: cst.BaseExpression, kind: Kind, env: Env
    ) -> Converted:
        """Convert a call of a method that may change a list or a dict."""
        if not self.hold_plain(func.value, env):
            self.work.mark(f"`{func.attr.value}` may change what is typed now")
        new = func.with_changes(value=self.escaped(value, kind))
        return self._with_arguments(node, new, env), None

    def hold_plain(self, node: cst.BaseExpression, env: Env) -> bool:
        """Let the variable at the root of an expression hold ordinary data from now on."""
        while isinstance(node, (cst.Subscript, cst.Attribute)):
            node = node.value
        owner = env.scope.owner(node.value) if isinstance(node, cst.Name) else None
        if owner is None or not isinstance(node, cst.Name):
            return False
        if not is_data(self.held(node.value, env)):
            return False
        self.work.learned.changed.add((owner.id, node.value))
        return True

    def _of_client_called(
        self,
        node: cst.Call,
        func: cst.Attribute,
        value: cst.BaseExpression,
        kind: Client,
        env: Env,
    ) -> Converted:
        name = func.attr.value
        same = func if value is func.value else func.with_changes(value=value)
        if kind.is_rtm and name in CONNECTION:
            return self.opened(node, value, name, env)
        if name in DROPPED_FROM_CLIENTS:
            self.work.mark(
                "headers belong to a client: give `headers=` when it is made, or make a copy with "
                "`client.with_options(headers=…)`"
            )
            return self._with_arguments(node, same, env), None
        if name not in METHODS[kind.table]:
            self.work.mark(f"lc-sdk-python has no `{name}`")
            return self._with_arguments(node, same, env), None
        self.work.learned.methods.add((kind.table, name))
        action = action_of(kind.table, name)
        if action is None:
            self.work.mark(
                f"{OURS[kind.table]} has no `{name}`; keep lc-sdk-python for it, or send the "
                "request yourself"
            )
            return self._with_arguments(node, same, env), FOREIGN
        return self._api_call(node, func, value, kind, action, env)

    def _api_call(
        self,
        node: cst.Call,
        func: cst.Attribute,
        value: cst.BaseExpression,
        kind: Client,
        action: type[Action[Any]],
        env: Env,
    ) -> Converted:
        name = func.attr.value
        response = response_of(action, kind.table)
        self.work.use()
        unpacked = [arg for arg in node.args if arg.star]
        if any(arg.star == "*" for arg in unpacked):
            self.work.mark("frontdesk takes arguments by their names only, and these have none")
            return self._with_arguments(node, func.with_changes(value=value), env), response
        if unpacked:
            self.work.mark("`payload` and `headers` cannot be among these arguments any more")
        given = [arg for arg in node.args if not arg.star]
        named = named_arguments(given, METHODS[kind.table][name])
        if named is None:
            self.work.mark(f"`{name}` has not that many arguments")
            return self._with_arguments(node, func.with_changes(value=value), env), response
        receiver = value
        headers = named.pop("headers", None)
        if headers is not None and value_of(headers.value) is not None:
            receiver = self._with_headers(value, headers, env)
        if name == "upload_file":
            args = self._uploaded(named, env)
        else:
            args = self._arguments(named, action, env)
        args += [self._child(arg, env) for arg in unpacked]
        if args and node.args:
            # What ended the old arguments, such as the end of the line, ends the new ones.
            args[-1] = args[-1].with_changes(comma=node.args[-1].comma)
        new_func = func if receiver is func.value else func.with_changes(value=receiver)
        return node.with_changes(func=new_func, args=arguments(args)), response

    def _with_headers(
        self, value: cst.BaseExpression, headers: cst.Arg, env: Env
    ) -> cst.BaseExpression:
        new = self.plain(headers.value, env)
        literal = value_of(headers.value)
        given = cast("dict[object, object]", literal) if isinstance(literal, dict) else {}
        names = [str(name).lower() for name in given]
        for name in {"authorization", "x-region", "x-author-id"}.intersection(names):
            instead = {"authorization": "token", "x-region": "region"}.get(name, "author_id")
            self.work.mark(f"frontdesk sends `{name}` itself: use `{instead}=` instead")
        options = attribute(value, "with_options")
        return cst.Call(options, [keyword("headers", new)])

    def _arguments(
        self, named: Mapping[str, cst.Arg], action: type[Action[Any]], env: Env
    ) -> list[cst.Arg]:
        fields = {field.encode_name: field for field in msgspec.structs.fields(action)}
        payload = named.get("payload")
        if payload is not None and value_of(payload.value) is not None:
            return self._of_payload(payload, fields, action.spec.name, env)
        args: list[cst.Arg] = []
        for name, arg in named.items():
            if name == "payload":
                continue
            value = self._value(arg.value, fields.get(name), env)
            if name not in fields:
                self.work.mark(f"`{action.spec.name}` has no `{name}` here")
            if arg.keyword is None:
                args.append(keyword(name, value).with_changes(comma=arg.comma))
            else:
                args.append(arg if value is arg.value else arg.with_changes(value=value))
        return args

    def _value(
        self, node: cst.BaseExpression, field: msgspec.structs.FieldInfo | None, env: Env
    ) -> cst.BaseExpression:
        """Convert the value of an argument, also where types are checked more closely here."""
        new, kind = self.typed(node, env)
        expected = None if field is None else kind_of(field.type)
        if kind is TIMESTAMP and expected is TIMESTAMP:
            return new
        text = text_of(node)
        if field is not None and text is not None and text.isdecimal() and _takes_int(field.type):
            return cst.Integer(str(int(text)))
        return self.escaped(new, kind)

    def _of_payload(
        self,
        payload: cst.Arg,
        fields: Mapping[str, msgspec.structs.FieldInfo],
        method: str,
        env: Env,
    ) -> list[cst.Arg]:
        """Spread a payload, which takes the place of all other arguments."""
        literal = payload.value
        if isinstance(literal, cst.Dict):
            args: list[cst.Arg] = []
            for element in literal.elements:
                key = text_of(element.key) if isinstance(element, cst.DictElement) else None
                if key is None or not IDENTIFIER.fullmatch(key):
                    break
                if key not in fields:
                    self.work.mark(f"`{method}` has no `{key}` here")
                args.append(keyword(key, self._value(element.value, fields.get(key), env)))
            else:
                return args
        self.work.mark("the keys of this payload have to be arguments of the method")
        value = self.plain(literal, env)
        return [cst.Arg(value, star="**")]

    def _uploaded(self, named: Mapping[str, cst.Arg], env: Env) -> list[cst.Arg]:
        """Convert the file of ``upload_file``, which there is what httpx takes."""
        arg = named.get("file")
        file = arg.value if arg is not None else None
        if isinstance(file, cst.Dict) and len(file.elements) == 1:
            file = file.elements[0].value
        else:
            self.work.mark("give the file itself: its bytes, its path or the open file")
            return [] if file is None else [cst.Arg(self.plain(file, env))]
        if not isinstance(file, cst.Tuple):
            new = self.plain(file, env)
            if isinstance(file, cst.SimpleString | cst.FormattedString):
                self.work.mark("a text is a path here; give `text.encode()`")
            return [cst.Arg(new)]
        parts = [self.plain(element.value, env) for element in file.elements]
        if not 2 <= len(parts) <= 3:  # noqa: PLR2004 - as httpx has it: name, content, type
            self.work.mark("give the file itself: its bytes, its path or the open file")
        content = parts[1] if len(parts) > 1 else parts[0]
        args = [cst.Arg(content), keyword("name", parts[0])]
        return [*args, keyword("content_type", parts[2])] if len(parts) > 2 else args  # noqa: PLR2004


def _only_reads(function: cst.BaseExpression) -> bool:
    """Whether a function is known to leave what it gets as it is."""
    name = dotted_name(function)
    if name in ONLY_READING:
        return True
    root, _, last = name.rpartition(".")
    return last in COLLECTING or "log" in root.lower()


def _of_builtin(name: str, kind: ListOf) -> Kind:
    match name:
        case "next":
            return kind.item
        case "enumerate":
            return Items(kind.item)
        case "len" | "bool":
            return None
        case _:
            return kind


def _takes_int(type_: Any) -> bool:
    """Whether a field of this type holds whole numbers and no texts."""
    return "int" in str(type_) and "str" not in str(type_)
