"""Conversion of statements: what variables hold, along the ways that a program can take."""

from collections.abc import Callable, Sequence
from typing import Any, Final

import libcst as cst
from libcst.metadata import CodeRange

from frontdesk.actions import Login
from frontdesk.migrate.clients import Clients
from frontdesk.migrate.expressions import items_of
from frontdesk.migrate.kinds import (
    CONFLICT,
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
    is_data,
)
from frontdesk.migrate.references import client_class, response_of
from frontdesk.migrate.syntax import (
    assigned_names,
    attribute,
    bare,
    comments,
    declared_elsewhere,
    dotted_name,
    ends,
    parameters_of,
)
from frontdesk.migrate.work import MARK, Env, Scope, Work

__all__ = ["Statements"]

CATCHES_KEY_ERRORS: Final = {"", "KeyError", "LookupError", "Exception", "BaseException"}
NO_STATEMENT: Final = cst.SimpleStatementLine([cst.Pass()])
Small = cst.BaseSmallStatement
Statement = cst.SimpleStatementLine | cst.BaseCompoundStatement


class _Several(cst.SimpleStatementLine):
    """Statements that took the place of one, and get a line each."""


class Statements(Clients):
    """Converts statements; ``File`` adds the imports."""

    def __init__(
        self, work: Work, trees: dict[str, cst.CSTNode], lines: Callable[[cst.CSTNode], CodeRange]
    ) -> None:
        super().__init__(work, trees)
        self.target: str = ""
        """What the present statement assigns to."""
        self._trees = trees
        self._lines = lines
        self.first_import: cst.CSTNode | None = None
        self._orphans: list[cst.EmptyLine] = []
        """Marks whose statement is gone."""
        self._footer: list[cst.EmptyLine] = []
        """Comments that are left at the end of a block."""
        self.header: Sequence[cst.EmptyLine] = ()
        """What stands above the first statement of the file."""
        self.first: cst.CSTNode | None = None
        self.placeholder: cst.SimpleStatementLine = cst.SimpleStatementLine([cst.Pass()])
        """Stands where the imports from frontdesk come."""
        self._small: dict[type[Small], Callable[[Any, Env], Sequence[Small]]] = {
            cst.Expr: self._expr,
            cst.Assign: self._assign,
            cst.AnnAssign: self._ann_assign,
            cst.AugAssign: self._aug_assign,
            cst.Return: self._return,
            cst.Assert: self._assert,
            cst.Del: self._del,
            cst.Global: self._declared,
            cst.Nonlocal: self._declared,
            cst.Import: self.imported,
            cst.ImportFrom: self.imported_from,
        }
        self._compound: dict[type[cst.BaseCompoundStatement], Callable[[Any, Env], Any]] = {
            cst.If: self._if,
            cst.For: self._for,
            cst.While: self._while,
            cst.Try: self._try,
            cst.TryStar: self._try,
            cst.With: self._with,
            cst.FunctionDef: self._function_def,
            cst.ClassDef: self._class_def,
            cst.Match: self._match,
        }

    def imported(self, node: cst.Import, env: Env) -> Sequence[Small]:
        """Convert an import of modules."""
        raise NotImplementedError

    def imported_from(self, node: cst.ImportFrom, env: Env) -> Sequence[Small]:
        """Convert an import of names."""
        raise NotImplementedError

    def body(self, statements: Sequence[Statement], env: Env) -> list[Statement]:
        """Convert the statements of a block."""
        result: list[Statement] = []
        left: list[cst.EmptyLine] = []
        for statement in statements:
            new = self._statement(statement, env)
            if statement is self.first_import:
                result.append(self.placeholder.with_changes(leading_lines=statement.leading_lines))
                if new is not None:
                    new = new.with_changes(
                        leading_lines=new.leading_lines[len(statement.leading_lines) :]
                    )
            elif new is None:
                # Comments above what is gone belong to what follows.
                left += [line for line in statement.leading_lines if line.comment]
            left += self._orphans
            self._orphans = []
            if new is None:
                continue
            if left:
                new = new.with_changes(leading_lines=[*left, *new.leading_lines])
                left = []
            result += self._lines_of(new)
        self._footer = left
        return result

    @staticmethod
    def _lines_of(new: Statement) -> list[Statement]:
        """Return a statement that took the place of another one, on a line of its own."""
        if not isinstance(new, cst.SimpleStatementLine) or not isinstance(new, _Several):
            return [new]
        first, *rest = new.body
        return [
            cst.SimpleStatementLine([first], leading_lines=new.leading_lines),
            *(cst.SimpleStatementLine([one]) for one in rest[:-1]),
            cst.SimpleStatementLine([rest[-1]], trailing_whitespace=new.trailing_whitespace),
        ]

    def _statement(self, node: Statement, env: Env) -> Statement | None:
        line = self._lines(node).start.line
        new: Statement | None
        with self.work.statement(line) as reasons:
            if isinstance(node, cst.SimpleStatementLine):
                small = self._smalls(node.body, env)
                new = None
                if not small:
                    """It is gone."""
                elif all(one is other for one, other in zip(small, node.body, strict=False)) and (
                    len(small) == len(node.body)
                ):
                    new = node
                else:
                    new = self._line(node, small)
            else:
                handler = self._compound.get(type(node))
                new = handler(node, env) if handler else self.children(node, env)
        if node is self.first:
            there = {line.comment.value for line in self.header if line.comment}
            reasons = [reason for reason in reasons if MARK + reason not in there]
        if new is None:
            self._orphans = comments([MARK + reason for reason in reasons])
            return None
        marked: Statement = _marked(new, reasons)
        return marked

    def _line(self, node: cst.SimpleStatementLine, small: list[Small]) -> cst.SimpleStatementLine:
        if len(small) == len(node.body):
            return node.with_changes(body=small)
        clean = [one.with_changes(semicolon=cst.MaybeSentinel.DEFAULT) for one in small]
        if len(node.body) == 1:
            return _Several(
                clean,
                leading_lines=node.leading_lines,
                trailing_whitespace=node.trailing_whitespace,
            )
        return node.with_changes(body=clean)

    def _smalls(self, statements: Sequence[Small], env: Env) -> list[Small]:
        result: list[Small] = []
        for statement in statements:
            handler = self._small.get(type(statement))
            result += handler(statement, env) if handler else [self.children(statement, env)]
        return result

    def block(self, suite: cst.BaseSuite, env: Env) -> cst.BaseSuite:
        """Convert the body of a compound statement."""
        if isinstance(suite, cst.SimpleStatementSuite):
            small = self._smalls(suite.body, env)
            if all(one is other for one, other in zip(small, suite.body, strict=False)) and (
                len(small) == len(suite.body)
            ):
                return suite
            clean = [one.with_changes(semicolon=cst.MaybeSentinel.DEFAULT) for one in small]
            return suite.with_changes(body=clean or [cst.Pass()])
        assert isinstance(suite, cst.IndentedBlock)
        statements = self.body(suite.body, env)  # type: ignore[arg-type]
        footer = [*self._footer, *suite.footer]
        return suite.with_changes(body=statements or [NO_STATEMENT], footer=footer)

    def _expr(self, node: cst.Expr, env: Env) -> Sequence[Small]:
        value = node.value
        if isinstance(value, cst.Call):
            if self.is_session(value, "open_connection", env) is not None:
                self.work.use()
                return []
            rtm = self.is_session(value, "login", env)
            if rtm is not None:
                self.work.use()
                return [node.with_changes(value=cst.Call(attribute(rtm, "connect")))]
        new, kind = self.typed(value, env)
        if isinstance(value, cst.Call) and isinstance(kind, Response):
            func = value.func
            name = func.attr.value if isinstance(func, cst.Attribute) else ""
            if name == "raise_for_status" and not isinstance(new, cst.Call):
                return []
        elif not is_data(kind) and not isinstance(kind, (Client, Response)):
            new = self.escaped(new, kind)
        return [node if new is value else node.with_changes(value=new)]

    def _assign(self, node: cst.Assign, env: Env) -> Sequence[Small]:
        first = node.targets[0].target
        self.target = dotted_name(first) if len(node.targets) == 1 else ""
        if isinstance(node.value, cst.Call):
            rtm = self.is_session(node.value, "login", env)
            if rtm is not None:
                return self._assigned_login(node, node.value, rtm, env)
        if isinstance(first, cst.Tuple) and isinstance(node.value, cst.Tuple):
            return [self._assign_several(node, first, node.value, env)]
        value, kind = self.typed(node.value, env)
        self.target = ""
        if isinstance(kind, Reference) and not client_class(kind.path.removesuffix(".get_client")):
            self.work.learned.kept.add(dotted_name(node.value).partition(".")[0])
        for assigned in node.targets:
            self.shares(assigned.target, node.value, env)
        if len(node.targets) > 1 and is_data(kind):
            value, kind = self.escaped(value, kind), None
        targets: list[cst.AssignTarget] = []
        for target in node.targets:
            new, value, kind = self._bound(target.target, value, kind, env)
            targets.append(target if new is target.target else target.with_changes(target=new))
        value = bare(value)
        same = value is node.value and all(
            new is old for new, old in zip(targets, node.targets, strict=True)
        )
        return [node if same else node.with_changes(targets=targets, value=value)]

    def _assigned_login(
        self, node: cst.Assign, call: cst.Call, rtm: cst.BaseExpression, env: Env
    ) -> Sequence[Small]:
        kind = response_of(Login, "agent_rtm")
        self.work.use()
        value = attribute(rtm, "login_response")
        targets: list[cst.AssignTarget] = []
        for target in node.targets:
            new, _, _ = self._bound(target.target, value, kind, env)
            targets.append(target.with_changes(target=new))
        connect = cst.Expr(cst.Call(attribute(rtm, "connect")))
        return [connect, node.with_changes(targets=targets, value=value)]

    def _assign_several(
        self, node: cst.Assign, targets: cst.Tuple, values: cst.Tuple, env: Env
    ) -> Small:
        alike = len(targets.elements) == len(values.elements) and len(node.targets) == 1
        if not alike or any(
            isinstance(element, cst.StarredElement)
            for element in (*targets.elements, *values.elements)
        ):
            new_values: cst.BaseExpression = self.plain(values, env)
            self._bound(targets, new_values, None, env)
            return node if new_values is values else node.with_changes(value=new_values)
        converted = [self.typed(element.value, env) for element in values.elements]
        elements: list[Any] = []
        for target, element, (value, kind) in zip(
            targets.elements, values.elements, converted, strict=True
        ):
            self.shares(target.value, element.value, env)
            _, new, _ = self._bound(target.value, value, kind, env)
            elements.append(element if new is element.value else element.with_changes(value=new))
        if all(new is old for new, old in zip(elements, values.elements, strict=True)):
            return node
        return node.with_changes(value=values.with_changes(elements=elements))

    def _bound(
        self, target: cst.BaseExpression, value: cst.BaseExpression, kind: Kind, env: Env
    ) -> tuple[cst.BaseExpression, cst.BaseExpression, Kind]:
        """Let a target hold a value; return the new target and value."""
        if isinstance(target, cst.Name):
            value, kind = self.bind(target, value, kind, env)
            return target, value, kind
        if isinstance(target, (cst.Tuple, cst.List)):
            value = self.escaped(value, kind)
            for element in target.elements:
                inner = element.value
                self._bound(inner, value, None, env)
            return target, value, None
        if isinstance(target, cst.Attribute):
            base, base_kind = self.typed(target.value, env)
            if isinstance(base_kind, Instance):
                if is_data(kind):
                    value, kind = self.escaped(value, kind), None
                # Not the name of a variable: it says that the attribute has its value by now.
                env.values[dotted_name(target)] = None
                key = (base_kind.id, target.attr.value)
                self.work.learned.add(self.work.learned.attributes, key, kind)
                return target, value, kind
            base = self.escaped(base, base_kind)
            if not isinstance(kind, Client):
                value = self.escaped(value, kind)
            return (
                (target if base is target.value else target.with_changes(value=base)),
                value,
                None,
            )
        if isinstance(target, cst.Subscript):
            if self._is_typed(target.value, env) and not self.hold_plain(target.value, env):
                self.work.mark("this changes what is typed now")
            new = self.children(target, env)
            return new, self.escaped(value, kind), None
        return target, self.escaped(value, kind), None

    def _is_typed(self, node: cst.BaseExpression, env: Env) -> bool:
        with self.work.rehearsal():
            _, kind = self.typed(node, env)
        return is_data(kind)

    def _ann_assign(self, node: cst.AnnAssign, env: Env) -> Sequence[Small]:
        self.target = dotted_name(node.target)
        annotation = node.annotation
        declared: Kind = None
        if isinstance(node.value, cst.BaseExpression):
            value, kind = self.typed(node.value, env)
        else:
            value, kind = None, None
        self.target = ""
        if isinstance(kind, Response):
            # The annotation was that of a response of httpx.
            new_target, new, _ = self._bound(node.target, value or node.target, kind, env)
            assert isinstance(new_target, cst.BaseAssignTargetExpression)
            return [cst.Assign([cst.AssignTarget(new_target)], new)]
        new_annotation, declared = self.annotated(annotation.annotation, env)
        if new_annotation is not annotation.annotation:
            annotation = annotation.with_changes(annotation=new_annotation)
        if value is None:
            if isinstance(node.target, cst.Name) and declared is not None:
                self.bind(node.target, node.target, declared, env)
            return [
                node if annotation is node.annotation else node.with_changes(annotation=annotation)
            ]
        if is_data(kind):
            value, kind = self.escaped(value, kind), None
        _, value, _ = self._bound(node.target, value, declared if kind is None else kind, env)
        same = value is node.value and annotation is node.annotation
        return [node if same else node.with_changes(annotation=annotation, value=value)]

    def _aug_assign(self, node: cst.AugAssign, env: Env) -> Sequence[Small]:
        if self._is_typed(node.target, env):
            self.hold_plain(node.target, env)
        value = self.plain(node.value, env)
        return [node if value is node.value else node.with_changes(value=value)]

    def _return(self, node: cst.Return, env: Env) -> Sequence[Small]:
        if node.value is None:
            return [node]
        value, kind = self.typed(node.value, env)
        if isinstance(kind, Response) and not self._is_private(env.scope):
            self.work.mark(
                "this returns the typed result now, not a response: look at what calls it from "
                "other files"
            )
        elif not isinstance(kind, (Response, Client)) and kind is not TOKEN:
            value, kind = self.escaped(value, kind), None
        self.work.learned.add(self.work.learned.returns, (env.scope.id, ""), kind)
        value = bare(value)
        return [node if value is node.value else node.with_changes(value=value)]

    def _is_private(self, scope: Scope) -> bool:
        name = scope.id.rpartition(".")[2]
        return name.startswith("_") or (
            scope.parent is not None and scope.parent.type == "function"
        )

    def _assert(self, node: cst.Assert, env: Env) -> Sequence[Small]:
        test = self.test(node.test, env)
        env.values.update(self.assumed(node.test, env, true=True).values)
        msg = None if node.msg is None else self.plain(node.msg, env)
        same = test is node.test and msg is node.msg
        return [node if same else node.with_changes(test=test, msg=msg)]

    def _declared(self, node: cst.Global | cst.Nonlocal, env: Env) -> Sequence[Small]:
        return [node]

    def _del(self, node: cst.Del, env: Env) -> Sequence[Small]:
        target = node.target
        inside = target.value if isinstance(target, cst.Subscript) else None
        if inside is not None and self._is_typed(inside, env) and not self.hold_plain(inside, env):
            self.work.mark("this changes what is typed now")
        return [self.children(node, env)]

    def _if(self, node: cst.If, env: Env) -> cst.If:
        test = self.test(node.test, env)
        yes = self.assumed(node.test, env, true=True).copy()
        no = self.assumed(node.test, env, true=False).copy()
        body = self.block(node.body, yes)
        orelse: cst.If | cst.Else | None = node.orelse
        over = False
        if isinstance(orelse, cst.If):
            line = self._lines(orelse).start.line
            with self.work.statement(line) as reasons:
                new_if = self._if(orelse, no)
            orelse = _marked(new_if, reasons)
            over = ends([new_if])
        elif orelse is not None:
            orelse = orelse.with_changes(body=self.block(orelse.body, no))
            over = ends(orelse.body)
        self._after(env, [env_ for env_, end in ((yes, ends(node.body)), (no, over)) if not end])
        return node.with_changes(test=test, body=body, orelse=orelse)

    @staticmethod
    def _after(env: Env, ways: Sequence[Env]) -> None:
        """Go on with what the ways leave that lead on."""
        if ways:
            env.values = dict(ways[0].values)
            env.merge(*ways[1:])

    def _for(self, node: cst.For, env: Env) -> cst.For:
        iterable, kind = self.items(node.iter, env)
        names = items_of(node.target, kind)
        self.shares(node.target, node.iter, env)
        plain = any(
            owner is not None and (owner.id, name) in self.work.learned.plain and is_data(inner)
            for name, inner in names.items()
            for owner in [env.scope.owner(name)]
        )
        if plain or not isinstance(kind, (ListOf, Items, MapOf)):
            iterable, kind = self.escaped(iterable, kind), None
            names = dict.fromkeys(names)
        before = env.copy()

        def enter() -> Env:
            inside = env.copy()
            for name, inner in names.items():
                self.bind(cst.Name(name), cst.Name(name), inner, inside)
            if not names:
                self._bound(node.target, node.target, None, inside)
            return inside

        with self.work.rehearsal():
            inside = enter()
            self.block(node.body, inside)
        env.merge(inside)
        inside = enter()
        body = self.block(node.body, inside)
        env.values = dict(before.values)
        env.merge(inside)
        orelse = node.orelse
        if orelse is not None:
            orelse = orelse.with_changes(body=self.block(orelse.body, env))
        return node.with_changes(iter=iterable, body=body, orelse=orelse)

    def _while(self, node: cst.While, env: Env) -> cst.While:
        before = env.copy()
        with self.work.rehearsal():
            self.test(node.test, env)
            inside = self.assumed(node.test, env, true=True).copy()
            self.block(node.body, inside)
        env.merge(inside)
        test = self.test(node.test, env)
        inside = self.assumed(node.test, env, true=True).copy()
        body = self.block(node.body, inside)
        env.values = dict(before.values)
        env.merge(inside)
        orelse = node.orelse
        if orelse is not None:
            orelse = orelse.with_changes(body=self.block(orelse.body, env))
        return node.with_changes(test=test, body=body, orelse=orelse)

    def _try(self, node: cst.Try | cst.TryStar, env: Env) -> cst.Try | cst.TryStar:
        before = env.copy()
        caught = {name for handler in node.handlers for name in _caught(handler)}
        inside = env.copy()
        inside.catches_key_errors = env.catches_key_errors or bool(caught & CATCHES_KEY_ERRORS)
        converted = self.work.converted
        body = self.block(node.body, inside)
        used = self.work.converted > converted
        inside.catches_key_errors = env.catches_key_errors
        ways = [] if ends(node.body) else [inside]
        handlers: list[Any] = []
        for handler in node.handlers:
            line = self._lines(handler).start.line
            way = before.copy()
            way.merge(inside)
            with self.work.statement(line) as reasons:
                foreign = [name for name in _caught(handler) if name.startswith("httpx.")]
                if used and foreign:
                    self.work.mark(
                        f"frontdesk does not raise {foreign[0]}: APIError is what the API says, "
                        "TransportError what the network does"
                    )
                changed = handler.with_changes(body=self.block(handler.body, way))
            handlers.append(_marked(changed, reasons))
            if not ends(handler.body):
                ways.append(way)
        orelse, finalbody = node.orelse, node.finalbody
        if orelse is not None:
            orelse = orelse.with_changes(body=self.block(orelse.body, inside))
        self._after(env, ways)
        if finalbody is not None:
            last = before.copy()
            last.merge(inside, *ways)
            finalbody = finalbody.with_changes(body=self.block(finalbody.body, last))
            if not ways:
                env.values = dict(last.values)
        return node.with_changes(body=body, handlers=handlers, orelse=orelse, finalbody=finalbody)

    def _with(self, node: cst.With, env: Env) -> cst.With:
        items: list[cst.WithItem] = []
        for item in node.items:
            value = self.plain(item.item, env)
            if item.asname is not None:
                self._bound(item.asname.name, value, None, env)
            items.append(item if value is item.item else item.with_changes(item=value))
        return node.with_changes(items=items, body=self.block(node.body, env))

    def _match(self, node: cst.Match, env: Env) -> cst.Match:
        subject = self.plain(node.subject, env)
        ways = [env.copy()]
        cases: list[cst.MatchCase] = []
        for case in node.cases:
            way = env.copy(**dict.fromkeys(assigned_names(cst.Module([])), None))
            guard = None if case.guard is None else self.test(case.guard, way)
            cases.append(case.with_changes(guard=guard, body=self.block(case.body, way)))
            if not ends(case.body):
                ways.append(way)
        self._after(env, ways)
        return node.with_changes(subject=subject, cases=cases)

    def _function_def(self, node: cst.FunctionDef, env: Env) -> cst.FunctionDef:
        name = node.name.value
        id_ = f"{env.scope.id}.{name}" if env.scope.id else name
        decorators = [self._decorated(decorator, env) for decorator in node.decorators]
        names = {dotted_name(decorator.decorator) for decorator in node.decorators}
        method = env.scope.type == "class" and "staticmethod" not in names
        parameters = [param.name.value for param in parameters_of(node)]
        scope = Scope(
            id_,
            "function",
            assigned_names(node) | frozenset(parameters),
            env.scope,
            declared_elsewhere(node),
        )
        self._trees[id_] = node
        inner = Env(scope)
        params = self._parameters(node.params, inner, env, id_)
        first = parameters[0] if method and parameters else ""
        if first and "classmethod" not in names:
            inner.values[first] = Instance(env.scope.id)
        elif first:
            inner.values[first] = Class(env.scope.id)
        for bound, held in inner.values.items():
            self.work.learned.add(self.work.learned.bindings, (id_, bound), held)
        self.work.learned.signatures[id_] = tuple(parameters[1:] if first else parameters)
        bound_kind: Kind = Function(id_) if names <= {"staticmethod", "classmethod"} else None
        if names & {"property", "cached_property", "functools.cached_property"}:
            bound_kind = self.work.known.returns.get((id_, ""))
        if env.scope.type == "class":
            self.work.learned.add(self.work.learned.attributes, (env.scope.id, name), bound_kind)
        self.bind(node.name, node.name, bound_kind, env)
        returns = None if node.returns is None else self.annotation(node.returns, env)
        body = self.block(node.body, inner)
        if not ends(node.body):
            table = self.work.learned.returns
            if (id_, "") in table and table[id_, ""] is not None:
                self.work.learned.add(table, (id_, ""), table[id_, ""])
        return node.with_changes(decorators=decorators, params=params, returns=returns, body=body)

    def _decorated(self, node: cst.Decorator, env: Env) -> cst.Decorator:
        new = self.plain(node.decorator, env)
        return node if new is node.decorator else node.with_changes(decorator=new)

    def _parameters(self, params: cst.Parameters, inner: Env, env: Env, id_: str) -> cst.Parameters:
        def converted(param: cst.Param) -> cst.Param:
            kind = self.work.known.parameters.get((id_, param.name.value))
            annotation, default = param.annotation, param.default
            if annotation is not None:
                new, declared = self.annotated(annotation.annotation, env)
                kind = kind if declared is None else declared
                if new is not annotation.annotation:
                    annotation = annotation.with_changes(annotation=new)
            if default is not None:
                default = self.plain(default, env)
            inner.values[param.name.value] = kind
            return param.with_changes(annotation=annotation, default=default)

        changes: dict[str, Any] = {
            name: [converted(param) for param in getattr(params, name)]
            for name in ("params", "posonly_params", "kwonly_params")
        }
        for name in ("star_arg", "star_kwarg"):
            param = getattr(params, name)
            if isinstance(param, cst.Param):
                changes[name] = converted(param)
        return params.with_changes(**changes)

    def _class_def(self, node: cst.ClassDef, env: Env) -> cst.ClassDef:
        name = node.name.value
        id_ = f"{env.scope.id}.{name}" if env.scope.id else name
        scope = Scope(id_, "class", assigned_names(node), env.scope)
        self._trees[id_] = node
        self.bind(node.name, node.name, Class(id_), env)
        inherited = [self.held(base, env) for arg in node.bases if (base := dotted_name(arg.value))]
        self.work.learned.bases[id_] = tuple(
            kind.id for kind in inherited if isinstance(kind, Class)
        )
        bases = [self._child(arg, env) for arg in node.bases]
        keywords = [self._child(arg, env) for arg in node.keywords]
        decorators = [self._decorated(decorator, env) for decorator in node.decorators]
        inner = Env(scope)
        body = self.block(node.body, inner)
        for bound, kind in inner.values.items():
            if kind is not CONFLICT:
                self.work.learned.add(self.work.learned.attributes, (id_, bound), kind)
        return node.with_changes(bases=bases, keywords=keywords, decorators=decorators, body=body)


def _caught(handler: cst.ExceptHandler | cst.ExceptStarHandler) -> list[str]:
    """Return the dotted names of what a handler catches; an empty one for everything."""
    if handler.type is None:
        return [""]
    if isinstance(handler.type, cst.Tuple):
        return [dotted_name(element.value) for element in handler.type.elements]
    return [dotted_name(handler.type)]


def _marked(node: Any, reasons: Sequence[str]) -> Any:
    """Put what is to be done by hand above a statement, unless it is there already."""
    there = {line.comment.value for line in node.leading_lines if line.comment}
    texts = [text for reason in reasons if (text := MARK + reason) not in there]
    if not texts:
        return node
    return node.with_changes(leading_lines=[*node.leading_lines, *comments(texts)])
