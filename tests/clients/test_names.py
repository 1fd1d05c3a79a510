"""A method that a client, or its version of the API, does not have: the error says what to use."""

import asyncio
import inspect
import traceback
from typing import Any

import pytest

from frontdesk import (
    AgentClient,
    AgentRTM,
    AsyncAgentClient,
    AsyncAgentRTM,
    AsyncConfigurationClient,
    ConfigurationClient,
    InvalidArgument,
    UnexpectedArgument,
)
from frontdesk.actions import ACTIONS, CONFIGURATION_ACTIONS
from frontdesk.clients.names import ARGUMENTS, GONE, OTHER_NAMES

CLIENTS = {
    cls.__name__: cls
    for cls in (
        AgentClient, AsyncAgentClient, AgentRTM, AsyncAgentRTM, ConfigurationClient,
        AsyncConfigurationClient,
    )
}  # fmt: skip


def made(name: str, **options: Any) -> Any:
    extra: dict[str, Any] = {"organization_id": "O"} if "RTM" in name else {}
    return CLIENTS[name]("dal:x", **extra, **options)


@pytest.mark.parametrize(
    ("client", "name", "message"),
    [
        ("AgentClient", "send_evnt", "AgentClient has no `send_evnt`; did you mean `send_event`?"),
        ("AsyncAgentRTM", "send_evnt", "did you mean `send_event`?"),
        ("ConfigurationClient", "list_webhook", "did you mean `list_webhooks`?"),
        # the spelling of other languages
        ("AgentClient", "sendEvent", "did you mean `send_event`?"),
        ("AgentRTM", "SetRoutingStatus", "did you mean `set_routing_status`?"),
        # names of older versions and of the official SDKs
        ("AgentClient", "get_archives", "use `list_archives`"),
        ("AgentClient", "ActivateChat", "did you mean `resume_chat`?"),
        ("AgentRTM", "open_connection", "use `connect`"),
        ("AgentClient", "modify_header", "the argument `headers`"),
        ("AgentClient", "SetRetryStrategy", "use the argument `retry`"),
        # methods that another client has
        ("AgentClient", "login", "it is a method of RTM; use AgentRTM"),
        ("AsyncAgentClient", "subscribe_customers", "use AsyncAgentRTM"),
        ("AgentClient", "pushes", "use AgentRTM"),
        ("AgentClient", "change_push_notifications", "it is a method of RTM; use AgentRTM"),
        ("AgentRTM", "get_license_info", "it is a method of the Web API; use AgentClient"),
        ("AgentRTM", "upload_file", "it is a method of the Web API; use AgentClient"),
        ("AsyncAgentClient", "register_webhook", "use AsyncConfigurationClient"),
        ("ConfigurationClient", "send_event", "use AgentClient"),
        ("AgentClient", "register_webhook", "such as `client.configuration()`"),
        ("ConfigurationClient", "send_event", "such as `AgentClient.from_client(configuration)`"),
    ],
)
def test_a_missing_method_names_what_to_use(client: str, name: str, message: str) -> None:
    with pytest.raises(AttributeError) as caught:
        getattr(made(client), name)
    assert message in str(caught.value)
    assert str(caught.value).startswith(f"{client} has no `{name}`")


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("name", ["xyzzy", "_settngs", "__len__"])
def test_what_is_like_nothing_suggests_nothing(client: str, name: str) -> None:
    with pytest.raises(AttributeError) as caught:
        getattr(made(client), name)
    assert str(caught.value) == f"{client} has no `{name}`"
    assert not hasattr(made(client), name)


def test_python_adds_no_suggestion_of_its_own() -> None:
    with pytest.raises(AttributeError) as caught:
        made("AgentClient").send_evnt  # noqa: B018 - it raises
    assert caught.value.name == "send_evnt"
    assert caught.value.obj is None


def test_every_name_that_is_suggested_exists() -> None:
    names = {name for cls in CLIENTS.values() for name in dir(cls)}
    assert set(OTHER_NAMES.values()) <= names
    known = {**ACTIONS, **CONFIGURATION_ACTIONS}
    assert not names & (set(OTHER_NAMES) | set(ARGUMENTS) | set(GONE))
    assert not set(known) & (set(OTHER_NAMES) | set(ARGUMENTS) | set(GONE))


def call_of(client: str, method: str, *values: Any, **named: Any) -> Any:
    """Call a method of a client, sync or async, and wait for the error."""

    async def call() -> None:
        result = getattr(made(client), method)(*values, **named)
        if hasattr(result, "__await__"):
            await result

    with pytest.raises(UnexpectedArgument) as caught:
        asyncio.run(call())
    assert isinstance(caught.value, TypeError)
    assert caught.value.__cause__ is None
    return caught.value


AGENTS = ["AgentClient", "AsyncAgentClient", "AgentRTM", "AsyncAgentRTM"]


@pytest.mark.parametrize("client", AGENTS)
@pytest.mark.parametrize(
    ("method", "named", "message"),
    [
        ("send_event", {"chat": "C", "event": {}}, "; did you mean `chat_id`?"),
        ("list_archives", {"filter": {}}, "; did you mean `filters`?"),
        ("iter_archives", {"filter": {}}, "; did you mean `filters`?"),
        ("with_options", {"timeuot": 1}, "; did you mean `timeout`?"),
        ("get_chat", {"xyzzy": 1}, "; it takes `chat_id`, `thread_id`"),
    ],
)
def test_an_argument_that_a_method_lacks(
    client: str, method: str, named: dict[str, Any], message: str
) -> None:
    error = call_of(client, method, **named)
    name = next(iter(named))
    assert str(error) == f"`{name}` is not an argument of `{client}.{method}`{message}"
    assert error.field == name


@pytest.mark.parametrize("client", AGENTS)
def test_a_required_argument_and_one_without_its_name(client: str) -> None:
    assert str(call_of(client, "get_chat")) == f"`chat_id` is required by `{client}.get_chat`"
    assert str(call_of(client, "get_chat", "C", "T")) == (
        f"`{client}.get_chat` takes no value without its name; it has `chat_id`, `thread_id`"
    )


@pytest.mark.parametrize("client", CLIENTS)
def test_an_argument_that_a_client_lacks_shows_no_token(client: str) -> None:
    with pytest.raises(UnexpectedArgument) as caught:
        made(client, bas_url="https://x")
    assert str(caught.value) == (
        f"`bas_url` is not an argument of `{client}`; did you mean `base_url`?"
    )
    with pytest.raises(UnexpectedArgument, match=f"`{client}` takes only `token` without a name"):
        CLIENTS[client]("dal:x", "3.6")
    with pytest.raises(UnexpectedArgument, match="`token` is given twice"):
        CLIENTS[client]("dal:x", token="dal:x")
    for frame, _ in traceback.walk_tb(caught.value.__traceback__):
        if frame.f_code.co_filename != __file__:
            assert "dal:x" not in repr(frame.f_locals)


def test_a_type_error_of_the_method_itself_stays_as_it_is() -> None:
    def on_call(call: object, more: object) -> None:
        """Takes more than it is given."""

    class Odd:
        def send(self, request: object) -> None:
            raise TypeError("of the transport")

        def close(self) -> None: ...

    client = made("AgentClient", transport=Odd(), on_call=on_call)
    with pytest.raises(TypeError, match="of the transport") as caught:
        client.get_chat(chat_id="C")
    assert not isinstance(caught.value, InvalidArgument)


@pytest.mark.parametrize("client", CLIENTS)
def test_methods_still_look_like_themselves(client: str) -> None:
    for name in ("get_chat", "list_webhooks"):
        method = getattr(CLIENTS[client], name, None)
        if method is not None:
            assert inspect.iscoroutinefunction(method) == client.startswith("Async")
            assert method.__name__ == name
            assert "values" not in inspect.signature(method).parameters


@pytest.mark.parametrize("client", AGENTS)
@pytest.mark.parametrize("version", ["3.6", "3.7"])
def test_a_method_that_ended_names_its_replacement(client: str, version: str) -> None:
    async def call() -> None:
        result = made(client, version=version).list_customers()
        if client.startswith("Async"):
            await result

    with pytest.raises(InvalidArgument) as caught:
        asyncio.run(call())
    assert caught.value.field == "version"
    assert f"3.5 or earlier for `list_customers`; on {version} use" in caught.value.rule
    assert "`subscribe_customers`" in caught.value.rule


def test_a_method_that_is_newer_than_the_version() -> None:
    with pytest.raises(InvalidArgument, match=r"3\.6 or later for `send_event_preview`"):
        made("AgentClient", version="3.5").send_event_preview(chat_id="C", event={"text": "hi"})
