"""The methods of a client as tools: described, checked, called, and their results bounded."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, Generic, Self, TypeVar, overload

import msgspec

from frontdesk.actions import ACTIONS, CONFIGURATION_ACTIONS, Action
from frontdesk.clients.async_web import AsyncDriver
from frontdesk.clients.base import version_of
from frontdesk.clients.names import check_version
from frontdesk.clients.sync_web import SyncDriver
from frontdesk.clients.tool_results import bounded, for_customers
from frontdesk.codec.decoding import to_dict
from frontdesk.codec.plain import is_object
from frontdesk.errors import (
    APIError,
    AuthenticationError,
    DecodeError,
    FrontdeskError,
    InvalidArgument,
    TransportError,
)
from frontdesk.redaction import redacted_data
from frontdesk.rendered.async_configuration import AsyncConfigurationClient
from frontdesk.rendered.configuration import ConfigurationClient
from frontdesk.spec.arguments import check_count, check_flag
from frontdesk.spec.tools import (
    ToolDescription,
    chat_field,
    describe,
    is_tool,
    reaches_chats,
    tool_action,
)
from frontdesk.suggestions import did_you_mean

__all__ = ["AsyncTools", "ToolResult", "Tools", "tools"]

D = TypeVar("D", AsyncDriver, SyncDriver)

MAX_RESULT: Final = 16_000
LEAST_RESULT: Final = 500
MAX_ARGUMENTS: Final = 256 * 1024
"""Characters of the arguments of one call; the largest event has a quarter of that."""
NO_RESPONSE: Final = "there was no response that can be read; the call may have been carried out"
NOT_SENT: Final = "the API cannot be reached at present; nothing was done"
METHOD: Final = "method"


class ToolResult(str):
    """The result of a call as JSON text; ``is_error`` tells whether it says what went wrong."""

    __slots__ = ("is_cut", "is_error")
    is_error: bool
    is_cut: bool
    """Whether something of the result is missing, since it was too long."""

    def __new__(cls, text: str, *, is_error: bool = False, is_cut: bool = False) -> Self:
        """Make a result of its JSON."""
        result = super().__new__(cls, text)
        result.is_error, result.is_cut = is_error, is_cut
        return result

    def __getnewargs_ex__(self) -> tuple[tuple[str], dict[str, bool]]:
        return (str(self),), {"is_error": self.is_error, "is_cut": self.is_cut}


class _Tools(Generic[D]):
    """What tools on a sync and on an async client share."""

    def __init__(
        self,
        methods: Iterable[str | type[Action[Any]]],
        client: D,
        fixed: Mapping[str, Any],
        *,
        max_result: int,
        notes: bool,
        measure: Callable[[str], int] = len,
    ) -> None:
        check_count("max_result", max_result)
        if max_result < LEAST_RESULT:
            raise InvalidArgument("max_result", f"must be at least {LEAST_RESULT}")
        check_flag("notes", notes)
        self._client: D = client
        self._max_result = max_result
        self._notes = notes
        self._measure = measure
        version = version_of(client)
        if client._is_of_customers:  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
            raise InvalidArgument("client", "must be one of agents; customers have no tools")
        of_configuration = isinstance(client, (AsyncConfigurationClient, ConfigurationClient))
        declarations = CONFIGURATION_ACTIONS if of_configuration else ACTIONS
        actions = [_action(method, declarations) for method in methods]
        for action in actions:
            check_version(action.spec, version)
        if not actions:
            actions = [
                action for action in declarations.values() if _is_default(action, version, fixed)
            ]
        self._actions = {action.spec.name: action for action in actions}
        self._fixed = {action.spec.name: _fixed_of(action, fixed) for action in actions}
        _check_fixed(self._actions, fixed)
        self.descriptions: tuple[ToolDescription, ...] = tuple(
            describe(action, version, self._fixed[name]) for name, action in self._actions.items()
        )
        """What a model gets to know of each tool, in a neutral form."""

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {', '.join(self._actions)}>"

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the tools."""
        return tuple(self._actions)

    @property
    def actions(self) -> Mapping[str, type[Action[Any]]]:
        """The declarations of the tools, by their names."""
        return self._actions

    def for_openai(self) -> list[dict[str, Any]]:
        """Return the ``tools`` of ``client.chat.completions.create``."""
        return [description.for_openai() for description in self.descriptions]

    def for_anthropic(self) -> list[dict[str, Any]]:
        """Return the ``tools`` of ``client.messages.create``."""
        return [description.for_anthropic() for description in self.descriptions]

    def _action(self, name: object, arguments: object) -> Action[Any]:
        """Check a call; raises ``InvalidArgument`` for whatever a model may do wrong."""
        action = self._actions.get(name) if isinstance(name, str) else None
        if action is None:
            hint = did_you_mean(str(name), self._actions)
            raise InvalidArgument("name", f"must be one of {', '.join(self._actions)}{hint}")
        given = _arguments(arguments)
        try:
            return tool_action(action, given, self._fixed[action.spec.name])
        except RecursionError:
            raise InvalidArgument("arguments", "are nested too deeply") from None

    def _result(self, result: object) -> ToolResult:
        data = redacted_data({"done": True} if result is None else to_dict(result))
        if not self._notes:
            data = for_customers(data)
        return self._bounded(data)

    def _error(self, error: FrontdeskError) -> ToolResult:
        """Say what went wrong to a model; what no call can get around is raised."""
        if isinstance(error, InvalidArgument):
            about = {"type": "invalid_argument", "field": error.field, "message": str(error)}
        elif isinstance(error, APIError) and not isinstance(error, AuthenticationError):
            about = {"type": error.type, "message": str(error)}
        elif isinstance(error, (DecodeError, TransportError)):
            was_sent = not isinstance(error, TransportError) or error.maybe_sent
            about = {"type": "no_response", "message": NO_RESPONSE if was_sent else NOT_SENT}
        else:
            raise error
        return self._bounded({"error": about}, is_error=True)

    def _bounded(self, data: Any, *, is_error: bool = False) -> ToolResult:
        text, is_cut = bounded(data, self._max_result, self._measure)
        return ToolResult(text, is_error=is_error, is_cut=is_cut)


class AsyncTools(_Tools[AsyncDriver]):
    """Tools of a language model that call the methods of an async client; see ``tools``."""

    async def call(
        self, name: str, arguments: Mapping[str, Any] | str | bytes | None = None
    ) -> ToolResult:
        """Call a tool as a model has asked for it.

        Args:
            name: The name of the tool.
            arguments: Its arguments: a dict, or JSON of one, as the providers' clients give them.

        Returns:
            The result as JSON of bounded size. Where the model's arguments do not fit, or the API
            refuses the call, it is ``{"error": {"type": …, "message": …}}``, with the ``field`` of
            an ``invalid_argument``, and ``is_error`` is true: give it to the model like any result.

        Raises:
            AuthenticationError: The token is not accepted (any more).
            BudgetExceeded: The client's budget of requests is spent.
            ClientClosed: The client was closed.
        """
        try:
            return self._result(await self._client(self._action(name, arguments)))
        except FrontdeskError as error:
            return self._error(error)


class Tools(_Tools[SyncDriver]):
    """Tools of a language model that call the methods of a sync client; see ``tools``."""

    def call(
        self, name: str, arguments: Mapping[str, Any] | str | bytes | None = None
    ) -> ToolResult:
        """Call a tool as a model has asked for it; as ``AsyncTools.call``, but blocks."""
        try:
            return self._result(self._client(self._action(name, arguments)))
        except FrontdeskError as error:
            return self._error(error)


@overload
def tools(
    *methods: str | type[Action[Any]],
    client: AsyncDriver,
    fixed: Mapping[str, Any] | None = None,
    max_result: int = MAX_RESULT,
    notes: bool = False,
) -> AsyncTools: ...
@overload
def tools(
    *methods: str | type[Action[Any]],
    client: SyncDriver,
    fixed: Mapping[str, Any] | None = None,
    max_result: int = MAX_RESULT,
    notes: bool = False,
) -> Tools: ...
def tools(
    *methods: str | type[Action[Any]],
    client: Any,
    fixed: Mapping[str, Any] | None = None,
    max_result: int = MAX_RESULT,
    notes: bool = False,
) -> AsyncTools | Tools:
    """Make tools of a language model out of the methods of a client.

    A model can be talked into anything by whoever writes to it. So it gets no more than it needs:
    methods that read by default, those that write only where they are named, and with ``fixed`` one
    chat and no other.

    Args:
        methods: Names such as ``get_chat``, or declarations such as ``actions.GetChat``. Defaults
            to all that only read; with a fixed chat, to those that read that chat, or nothing of
            chats and customers.
        client: A client for the Agent Chat API or the Configuration API, sync or async.
        fixed: Arguments that the model neither sees nor chooses, such as
            ``{"chat_id": ctx.chat_id}``. They hold for each method that has them; ``chat_id`` also
            for those that call it ``id``, such as ``transfer_chat``. ``get_customer.id`` is for one
            method alone. With ``chat_id``, a method that reads or changes chats or customers, and
            has no fixed argument, is refused.
        max_result: Characters of a result, at least 500. In a longer one, long texts and lists are
            cut and say so; it stays JSON.
        notes: Whether results have what only agents see: notes, and agents who watch a chat. Not
            for models that write to customers.

    Returns:
        ``AsyncTools`` or ``Tools``, which ``call`` them.

    Raises:
        InvalidArgument: There is no such method, or it cannot be a tool; a fixed argument belongs
            to no method; with a fixed chat, a method could reach others.
    """
    if isinstance(client, AsyncDriver):
        return AsyncTools(methods, client, fixed or {}, max_result=max_result, notes=notes)
    if isinstance(client, SyncDriver):
        return Tools(methods, client, fixed or {}, max_result=max_result, notes=notes)
    rule = "must be a client of the Web API, such as an AsyncAgentClient, not "
    raise InvalidArgument("client", rule + type(client).__name__)


def _action(
    method: str | type[Action[Any]], declarations: Mapping[str, type[Action[Any]]]
) -> type[Action[Any]]:
    name = method if isinstance(method, str) else getattr(getattr(method, "spec", None), "name", "")
    action = declarations.get(name)
    if action is None or (not isinstance(method, str) and action is not method):
        hint = did_you_mean(name, declarations) if isinstance(method, str) else ""
        raise InvalidArgument(METHOD, f"must be one of the client's API, not {name!r}{hint}")
    if not is_tool(action):
        raise InvalidArgument(METHOD, f"cannot be `{name}`: a model cannot give its arguments")
    return action


def _is_default(
    action: type[Action[Any]], version: tuple[int, int], fixed: Mapping[str, Any]
) -> bool:
    spec = action.spec
    if not (spec.reads and spec.documented and is_tool(action)):
        return False
    if version < spec.since or (spec.until is not None and version > spec.until):
        return False
    return not _escapes(action, fixed)


def _fixed_of(action: type[Action[Any]], fixed: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fixed arguments of a method, by its own names."""
    fields = {field.encode_name for field in msgspec.structs.fields(action)}
    chat = chat_field(action)
    own: dict[str, Any] = {}
    for name, value in fixed.items():
        method, _, field = name.rpartition(".")
        if method and method != action.spec.name:
            continue
        field = chat if field == "chat_id" and chat is not None else field
        if field in fields:
            own[field] = value
    return own


def _escapes(action: type[Action[Any]], fixed: Mapping[str, Any]) -> bool:
    """Tell whether a method could reach other chats than the fixed one."""
    return "chat_id" in fixed and reaches_chats(action) and not _fixed_of(action, fixed)


def _check_fixed(actions: Mapping[str, type[Action[Any]]], fixed: Mapping[str, Any]) -> None:
    for name, action in actions.items():
        if _escapes(action, fixed):
            raise InvalidArgument(
                METHOD,
                f"cannot be `{name}` with a fixed chat, since it can reach others; leave it out, or"
                " fix an argument of it, such as `get_customer.id`",
            )
    for name, value in fixed.items():
        if not any(_fixed_of(action, {name: value}) for action in actions.values()):
            raise InvalidArgument(f"fixed.{name}", "is an argument of none of the methods")
        if value is None or value == "":
            raise InvalidArgument(f"fixed.{name}", "must have a value")


def _arguments(given: object) -> Mapping[str, Any]:
    """Return the arguments of a call, which may have come as JSON."""
    if given is None or given == "":
        return {}
    if isinstance(given, (str, bytes)):
        if len(given) > MAX_ARGUMENTS:
            raise InvalidArgument("arguments", f"must have at most {MAX_ARGUMENTS} characters")
        try:
            given = msgspec.json.decode(given)
        except (msgspec.MsgspecError, UnicodeError) as error:
            raise InvalidArgument("arguments", f"must be JSON: {error}") from None
        except RecursionError:
            raise InvalidArgument("arguments", "are nested too deeply") from None
    if not is_object(given):
        raise InvalidArgument("arguments", "must be an object, by the names of the arguments")
    return given
