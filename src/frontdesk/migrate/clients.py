"""Conversion of the making of clients and tokens, and of opening and closing RTM connections."""

import builtins
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

import libcst as cst

from frontdesk.migrate.calls import Calls, named_arguments
from frontdesk.migrate.expressions import Converted
from frontdesk.migrate.kinds import FOREIGN, TOKEN, Client, Reference
from frontdesk.migrate.official_methods import CONSTRUCTORS, FACTORIES, METHODS
from frontdesk.migrate.references import OURS, client_class
from frontdesk.migrate.syntax import (
    arguments,
    assignments,
    attribute,
    attributes_in,
    bare,
    code,
    dotted_name,
    expression,
    keyword,
    names_around,
    names_in,
    parenthesised,
    text_of,
    value_of,
)
from frontdesk.migrate.work import Env, Work

__all__ = ["Clients", "Session"]

ACCESS_TOKEN: Final = ("token", "scheme")
LOCAL: Final = re.compile(r"(localhost|127\.|\[::1\])")
SSL_MADE: Final = ("ssl.create_default_context", "ssl.SSLContext")
AT_LOGIN: Final = {
    "push_notifications": "pushes",
    "timezone": "timezone",
    "away": "away",
    "customer_monitoring_level": "customer_monitoring_level",
    "application": "application",
}
"""Arguments of ``login`` there -> of ``AgentRTM``."""
AT_OPENING: Final = {
    "ping_timeout": "ping_timeout",
    "ping_interval": "ping_interval",
    "ws_conn_timeout": "open_timeout",
    "response_timeout": "timeout",
}
"""Arguments of ``open_connection`` there -> of ``AgentRTM``."""
LOGS_IN_ITSELF: Final = (
    "AgentRTM takes the token when it is made, and logs in when it connects: "
    "`rtm = AgentRTM(token, organization_id=…)`, then `rtm.connect()`"
)
NEEDS_ORGANIZATION: Final = (
    "LiveChat's RTM API wants to know the organization: set FRONTDESK_ORGANIZATION_ID, or give "
    "`organization_id=`"
)


class Session:
    """The calls on one RTM client in a scope: of its log-in, opening and log-out."""

    def __init__(self, tree: cst.CSTNode, target: str) -> None:
        self.calls: dict[str, list[cst.Call]] = {}
        tree.visit(_Finder(target, self.calls))

    def only(self, method: str) -> cst.Call | None:
        """Return the one call of a method; ``None`` if there is none, or several."""
        calls = self.calls.get(method, [])
        return calls[0] if len(calls) == 1 else None


class _Finder(cst.CSTVisitor):
    def __init__(self, target: str, calls: dict[str, list[cst.Call]]) -> None:
        self._target = target
        self._calls = calls

    def visit_Call(self, node: cst.Call) -> None:
        func = node.func
        if isinstance(func, cst.Attribute) and dotted_name(func.value) == self._target:
            self._calls.setdefault(func.attr.value, []).append(node)


class Clients(Calls):
    """Converts clients and tokens."""

    def __init__(self, work: Work, trees: Mapping[str, cst.CSTNode]) -> None:
        super().__init__(work)
        self.trees = trees
        """The node of each scope."""
        self.target: str = ""
        """The source of what the present statement assigns to."""

    def constructed(
        self, node: cst.Call, callee: cst.BaseExpression, kind: Reference, env: Env
    ) -> Converted:
        """Convert a call of a class of lc-sdk-python."""
        if kind.path.endswith(".AccessToken"):
            return self._access_token(node, env)
        is_factory = kind.name == "get_client"
        found = client_class(kind.path.removesuffix(".get_client"))
        if found is None or found[0] not in OURS:
            return self._with_arguments(node, self.escaped(callee, kind), env), FOREIGN
        key, version = found
        if is_factory is (version is not None):
            self.work.mark(f"`{kind.name}` is called in a way that has to be converted by hand")
            return self._with_arguments(node, callee, env), None
        named = named_arguments(node.args, (FACTORIES if is_factory else CONSTRUCTORS)[key])
        if named is None:
            self.work.mark("give the arguments of the client by their names")
            return self._with_arguments(node, cst.Name(self._ours(key)), env), Client(key)
        self.work.use()
        if key == "agent_rtm":
            args = self._rtm_arguments(named, version, env)
        else:
            args = self._web_arguments(named, version, env)
        new = cst.Call(cst.Name(self._ours(key)), arguments(args), lpar=node.lpar, rpar=node.rpar)
        return new, Client(key)

    def _ours(self, key: str) -> str:
        self.work.learned.referenced.add(OURS[key])
        return self.work.need(OURS[key])

    def _access_token(self, node: cst.Call, env: Env) -> Converted:
        named = named_arguments(node.args, ACCESS_TOKEN) or {}
        scheme = dotted_name(named["scheme"].value) if "scheme" in named else ""
        roots = {name.partition(".")[0] for name in (dotted_name(node.func), scheme) if name}
        if scheme:
            _, scheme_kind = self.typed(named["scheme"].value, env)
            scheme = scheme_kind.path if isinstance(scheme_kind, Reference) else scheme
        if self.work.known.kept_tokens or "token" not in named or "scheme" not in named:
            return self._kept_token(node, roots, env)
        token = self.plain(named["token"].value, env)
        if scheme.endswith("TokenType.BEARER") or value_of(named["scheme"].value) == "Bearer":
            self.work.use()
            bearer = cst.Name(self.work.need("BearerToken"))
            new: cst.BaseExpression = cst.Call(bearer, [cst.Arg(token)])
            return new, TOKEN
        if scheme.endswith("TokenType.BASIC"):
            self.work.use()
            text = text_of(named["token"].value)
            if text is not None:
                return cst.SimpleString(repr(f"Basic {text}").replace("'", '"')), None
            return parenthesised(
                cst.BinaryOperation(cst.SimpleString('"Basic "'), cst.Add(), _operand(token))
            ), None
        self.work.mark(
            "say which token it is: `BearerToken(token)`, or the text `Basic …` for a personal "
            "access token"
        )
        return self._kept_token(node, roots, env)

    def _kept_token(self, node: cst.Call, roots: set[str], env: Env) -> Converted:
        self.work.learned.kept |= roots
        args = [
            arg if dotted_name(arg.value).partition(".")[0] in roots else self._child(arg, env)
            for arg in node.args
        ]
        return node.with_changes(args=args), TOKEN

    def _web_arguments(
        self, named: Mapping[str, cst.Arg], version: str | None, env: Env
    ) -> list[cst.Arg]:
        args: list[cst.Arg] = []
        token = named.get("access_token") or named.get("token")
        if token is not None:
            args.append(self._token(token.value, env))
        args += self._version_argument(named, version, env)
        makers: dict[str, Callable[[cst.BaseExpression, Env], cst.Arg | None]] = {
            "base_url": self._base_url,
            "http2": self._http2,
            "proxies": self._proxies,
            "verify": self._verify,
            "timeout": self._timeout,
        }
        for name, make in makers.items():
            if name in named:
                arg = make(named[name].value, env)
                args += [] if arg is None else [arg]
        return args

    def _token(self, node: cst.BaseExpression, env: Env) -> cst.Arg:
        new, kind = self.typed(node, env)
        if kind is TOKEN and self.work.known.kept_tokens:
            return cst.Arg(cst.Call(cst.Name("str"), [cst.Arg(new)]))
        return cst.Arg(bare(new if kind is TOKEN else self.escaped(new, kind)))

    def _version_argument(
        self, named: Mapping[str, cst.Arg], version: str | None, env: Env
    ) -> list[cst.Arg]:
        if version is not None:
            return [keyword("version", cst.SimpleString(f'"{version}"'))]
        if "version" not in named:
            return []
        return [keyword("version", self.plain(named["version"].value, env))]

    def _base_url(self, node: cst.BaseExpression, env: Env) -> cst.Arg | None:
        host = self.constant(node, env)
        if isinstance(node, cst.SimpleString) and isinstance(host, str):
            quote = node.value[-1]
            return keyword("base_url", cst.SimpleString(f"{quote}https://{host}{quote}"))
        new = self.plain(node, env)
        text = code(new)
        if isinstance(new, cst.FormattedString) and new.start.lower() in ('f"', "f'"):
            first = cst.FormattedStringText("https://")
            return keyword("base_url", new.with_changes(parts=[first, *new.parts]))
        if isinstance(new, (cst.Name, cst.Attribute)) and '"' not in text:
            return keyword("base_url", expression(f'f"https://{{{text}}}"'))
        scheme = cst.SimpleString('"https://"')
        return keyword("base_url", cst.BinaryOperation(scheme, cst.Add(), _operand(new)))

    def _http2(self, node: cst.BaseExpression, env: Env) -> cst.Arg | None:
        if value_of(node) is not False:
            self.work.mark("frontdesk speaks HTTP/1.1 over connections that it keeps; no `http2`")
        return None

    def _proxies(self, node: cst.BaseExpression, env: Env) -> cst.Arg | None:
        value = self.constant(node, env)
        if value is None:
            return None
        if isinstance(node, cst.Dict) and len(node.elements) == 1:
            return keyword("proxy", self.plain(node.elements[0].value, env))
        if not isinstance(value, str):
            self.work.mark("`proxy` is the address of one proxy, as a text")
        return keyword("proxy", self.plain(node, env))

    def _verify(self, node: cst.BaseExpression, env: Env) -> cst.Arg | None:
        value = self.constant(node, env)
        if value is True:
            return None
        if value is False:
            self.work.mark(
                "certificates are verified; for a server with one of its own give "
                "`ssl_context=ssl.create_default_context(cafile=…)`"
            )
            return None
        new = self.plain(node, env)
        if isinstance(value, str):
            self.work.need("ssl")
            made = cst.Call(expression("ssl.create_default_context"), [keyword("cafile", new)])
            return keyword("ssl_context", made)
        if not (isinstance(new, cst.Call) and dotted_name(new.func) in SSL_MADE):
            self.work.mark("`ssl_context` has to be an `ssl.SSLContext`, no path and no flag")
        return keyword("ssl_context", new)

    def _timeout(self, node: cst.BaseExpression, env: Env) -> cst.Arg | None:
        value = self.constant(node, env)
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return keyword("timeout", self.plain(node, env))
        if isinstance(node, cst.Call) and dotted_name(node.func).endswith("Timeout") and node.args:
            first = node.args[0]
            if isinstance(value_of(first.value), (int, float)) and not first.keyword:
                if len(node.args) > 1:
                    self.work.mark("`timeout` is one number of seconds for the whole request")
                return keyword("timeout", first.value)
        self.work.mark("`timeout` is a number of seconds above 0; there is none without a limit")
        return None if value is None else keyword("timeout", self.plain(node, env))

    def constant(self, node: cst.BaseExpression, env: Env) -> Any:
        """Return the value of a literal, or of a name that stands for one all the time."""
        if isinstance(node, cst.Name):
            owner = env.scope.owner(node.value)
            tree = self.trees.get(owner.id) if owner is not None else None
            values = _values_of(tree, node.value) if tree is not None else []
            return value_of(values[0]) if len(values) == 1 else value_of(node)
        return value_of(node)

    def _rtm_arguments(
        self, named: Mapping[str, cst.Arg], version: str | None, env: Env
    ) -> list[cst.Arg]:
        args = self._version_argument(named, version, env)
        local = False
        if "base_url" in named or "url" in named:
            url = (named.get("base_url") or named["url"]).value
            base_url = self._base_url(url, env)
            args += [] if base_url is None else [base_url]
            local = LOCAL.match(str(self.constant(url, env))) is not None
        if not local:
            self.work.mark(NEEDS_ORGANIZATION)
        header = named.get("header")
        if header is not None and value_of(header.value) is not None:
            if not isinstance(header.value, cst.Dict):
                self.work.mark("`headers` is a dict here")
            args.append(keyword("headers", self.plain(header.value, env)))
        return self._with_log_in(args, env)

    def _with_log_in(self, args: list[cst.Arg], env: Env) -> list[cst.Arg]:
        """Add what the log-in and the opening say, as far as it is known where a client is made."""
        key, tree = self._session_of(self.target, env)
        session = Session(tree, self.target) if tree is not None else None
        login = session.only("login") if session else None
        opening = session.only("open_connection") if session else None
        of_login = named_arguments(login.args, METHODS["agent_rtm"]["login"]) if login else None
        of_opening = (
            named_arguments(opening.args, METHODS["agent_rtm"]["open_connection"])
            if opening
            else {}
        )
        moved = [*(of_login or {}).values(), *(of_opening or {}).values()]
        several = session is not None and len(session.calls.get("open_connection", [])) > 1
        if (
            session is None
            or of_login is None
            or of_opening is None
            or several
            or "token" not in of_login
            or not self._are_known(login, moved, env)
        ):
            self.work.mark(LOGS_IN_ITSELF)
            return args
        self.work.learned.sessions[key] = True
        result = [self._token(of_login["token"].value, env), *args]
        result += self._renamed(of_login, AT_LOGIN, {"token"}, "login", env)
        result += self._renamed(of_opening, AT_OPENING, set(), "open_connection", env)
        if "logout" not in session.calls:
            # lc-sdk-python leaves the agent logged in when it closes the connection.
            result.append(keyword("logout", cst.Name("False")))
        return result

    def _renamed(
        self,
        named: Mapping[str, cst.Arg],
        names: Mapping[str, str],
        taken: set[str],
        method: str,
        env: Env,
    ) -> Iterable[cst.Arg]:
        for name, arg in named.items():
            if name in taken or value_of(arg.value) is None:
                continue
            if name == "keep_alive" and value_of(arg.value) is True:
                continue
            if name in names:
                yield keyword(names[name], self.plain(arg.value, env))
            else:
                self.work.mark(f"`{name}` of `{method}` has no counterpart here")

    def _are_known(
        self,
        login: cst.Call | None,
        moved: list[cst.Arg],
        env: Env,
    ) -> bool:
        """Whether arguments of the log-in can be given where the client is made."""
        here = self.trees[env.scope.id]
        inner = None if login is None else names_around(here, login)
        same_place = inner == set()
        elsewhere = set[str]() if login is None else names_around(self.trees[""], login) or set()
        module = self.trees[""]
        for arg in moved:
            for name in names_in(arg.value):
                if name == "self":
                    if not self._are_settled(arg.value, env):
                        return False
                    continue
                owner = env.scope.owner(name)
                if owner is None:
                    if not hasattr(builtins, name) or name in elsewhere:
                        return False
                    continue
                if owner.id == "":
                    known = len(_values_of(module, name)) <= 1
                    known = known and (same_place or name not in elsewhere)
                    known = known and (env.scope.id != "" or name in env.values)
                else:
                    local = self.trees.get(owner.id)
                    assigned = [] if local is None else _values_of(local, name)
                    known = same_place and len(assigned) <= 1 and name in env.values
                if not known:
                    return False
        return login is not None

    def _are_settled(self, node: cst.CSTNode, env: Env) -> bool:
        """Whether the attributes of ``self`` in an expression have got their only value already."""
        around = env.scope.around
        tree = self.trees.get(around.id) if around is not None else None
        attributes = attributes_in(node, "self")
        return (
            tree is not None
            and bool(attributes)
            and all(name in env.values and assignments(tree, name) == 1 for name in attributes)
        )

    def _session_of(self, target: str, env: Env) -> tuple[tuple[str, str], cst.CSTNode | None]:
        """Return the scope in which a variable or attribute is one and the same thing."""
        root, _, rest = target.partition(".")
        scope = env.scope.around if root == "self" and rest else env.scope.owner(root)
        if scope is None or not target:
            return ("", target), None
        return (scope.id, target), self.trees.get(scope.id)

    def opened(self, node: cst.Call, value: cst.BaseExpression, method: str, env: Env) -> Converted:
        """Convert a call that opens or closes an RTM connection."""
        self.work.use()
        if method == "close_connection":
            return node.with_changes(func=attribute(value, "close"), args=[]), None
        key, _ = self._session_of(dotted_name(value), env)
        if key not in self.work.known.sessions:
            self.work.mark(LOGS_IN_ITSELF)
            return self._with_arguments(node, node.func, env), FOREIGN
        if method == "login":
            self.work.mark("`connect` logs in; its response is `rtm.login_response` afterwards")
        return node, FOREIGN

    def is_session(self, node: cst.Call, method: str, env: Env) -> cst.BaseExpression | None:
        """Return the client if a call is one of a method of a converted RTM session."""
        func = node.func
        if not isinstance(func, cst.Attribute) or func.attr.value != method:
            return None
        with self.work.rehearsal():
            value, kind = self.typed(func.value, env)
        key, _ = self._session_of(dotted_name(func.value), env)
        is_client = isinstance(kind, Client) and kind.is_rtm
        return value if is_client and key in self.work.known.sessions else None


def _operand(node: cst.BaseExpression) -> cst.BaseExpression:
    """Return an expression that may stand beside an operator."""
    simple = (cst.Name, cst.Attribute, cst.Call, cst.Subscript, cst.SimpleString)
    return node if isinstance(node, simple) or node.lpar else parenthesised(node)


class _Values(cst.CSTVisitor):
    def __init__(self, name: str) -> None:
        self.name = name
        self.values: list[cst.BaseExpression | None] = []

    def visit_Assign(self, node: cst.Assign) -> None:
        for target in node.targets:
            if isinstance(target.target, cst.Name):
                if target.target.value == self.name:
                    self.values.append(node.value)
            elif self.name in names_in(target.target) and not isinstance(
                target.target, (cst.Attribute, cst.Subscript)
            ):
                self.values.append(None)

    def visit_AnnAssign(self, node: cst.AnnAssign) -> None:
        if isinstance(node.target, cst.Name) and node.target.value == self.name:
            self.values.append(node.value)

    def visit_AugAssign(self, node: cst.AugAssign) -> None:
        if isinstance(node.target, cst.Name) and node.target.value == self.name:
            self.values += [None, None]

    def visit_For(self, node: cst.For) -> None:
        if self.name in names_in(node.target):
            self.values += [None, None]

    def visit_NamedExpr(self, node: cst.NamedExpr) -> None:
        if isinstance(node.target, cst.Name) and node.target.value == self.name:
            self.values.append(None)

    def visit_Global(self, node: cst.Global) -> None:
        if any(item.name.value == self.name for item in node.names):
            self.values += [None, None]


def _values_of(tree: cst.CSTNode, name: str) -> list[cst.BaseExpression | None]:
    """Return what is assigned to a name anywhere in a scope; two or more if it changes."""
    values = _Values(name)
    tree.visit(values)
    return values.values
