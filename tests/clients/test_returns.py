"""A type of the caller's own in place of the declared one: what is decoded, repaired, refused."""

import asyncio
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from msgspec import Raw, Struct

from frontdesk import Damage, DecodeError, InvalidArgument, errors
from frontdesk.actions import Action, GetChat, ListArchives, SetRoutingStatus
from frontdesk.models import Chat
from frontdesk.models.base import Result
from frontdesk.sandbox import Sandbox

Call = Callable[..., Any]


class ThreadId(Struct):
    id: str


class OwnChat(Struct):
    id: str
    thread: ThreadId


class OwnPage(Struct):
    chats: list[OwnChat]
    found_chats: int


class Json(Result, kw_only=True):
    """A page whose chats are JSON still."""

    chats: list[Raw]
    found_chats: int = 0
    next_page_id: str | None = None


class Canned:
    """A transport that responds with the same body to each request, sync or async."""

    def __init__(self, body: bytes) -> None:
        self.body = body
        self.requests = 0

    def reply(self) -> Any:
        from frontdesk.transport import Reply

        self.requests += 1
        return Reply(200, {"content-type": "application/json"}, self.body)


class SyncCanned(Canned):
    def send(self, request: object) -> Any:
        return self.reply()

    def close(self) -> None: ...


class AsyncCanned(Canned):
    async def send(self, request: object) -> Any:
        return self.reply()

    async def close(self) -> None: ...


@pytest.fixture(params=["sync", "async"])
def made(request: pytest.FixtureRequest) -> Callable[..., tuple[Call, Canned]]:
    """Make a client of either kind on a canned response; its calls block."""
    from frontdesk import AgentClient, AsyncAgentClient

    def make(body: bytes, **options: Any) -> tuple[Call, Canned]:
        if request.param == "sync":
            canned = SyncCanned(body)
            return AgentClient("token", transport=canned, **options), canned
        asynchronous = AsyncCanned(body)
        client = AsyncAgentClient("token", transport=asynchronous, **options)

        def call(action: Action[Any], **named: Any) -> Any:
            return asyncio.run(client(action, **named))

        return call, asynchronous

    return make


@pytest.fixture(params=["sync", "async"])
def call(request: pytest.FixtureRequest, sandbox: Sandbox) -> Call:
    if request.param == "sync":
        return sandbox.client()
    client = sandbox.async_client()
    return lambda action, **named: asyncio.run(client(action, **named))


def test_own_structure_has_the_fields_that_it_names(call: Call) -> None:
    action = ListArchives(limit=5)
    page, declared = call(action, returns=OwnPage), call(action)
    assert isinstance(page, OwnPage)
    assert page.found_chats == declared.found_chats
    assert [chat.thread.id for chat in page.chats] == [chat.thread.id for chat in declared.chats]


def test_raw_is_the_json_of_each_chat(call: Call) -> None:
    action = ListArchives(limit=5)
    page, declared = call(action, returns=Json), call(action)
    assert [msgspec.json.decode(raw, type=Chat) for raw in page.chats] == declared.chats
    assert page.next_page_id


def test_none_is_the_declared_type(call: Call) -> None:
    action = ListArchives(limit=1)
    assert call(action, returns=None).chats == call(action).chats


def test_error_of_the_api_is_raised_as_ever(call: Call) -> None:
    with pytest.raises(errors.NotFound):
        call(GetChat(chat_id="nowhere"), returns=OwnChat)


def test_method_without_a_result_is_read_too(call: Call) -> None:
    assert call(SetRoutingStatus(status="not_accepting_chats"), returns=dict[str, Any]) == {}


@pytest.mark.parametrize(
    "returns", [{"a": 1}, "Json", 5, Canned, OwnChat | OwnPage, Callable[[], None]]
)
def test_type_that_nothing_is_decoded_into_is_refused_before_it_costs(
    made: Callable[..., tuple[Call, Canned]], returns: Any
) -> None:
    client, canned = made(b"{}")
    with pytest.raises(InvalidArgument, match="`returns` must be a type"):
        client(ListArchives(), returns=returns)
    assert canned.requests == 0


def test_response_that_does_not_fit_raises(made: Callable[..., tuple[Call, Canned]]) -> None:
    client, _ = made(b'{"chats": 5}')
    with pytest.raises(DecodeError, match="list_archives"):
        client(ListArchives(), returns=OwnPage)


SOUND = b'{"id": "A"}'
ODD = {
    "a number that JSON has not": (b'{"id": NaN}', b'{"id": null}'),
    "a lone surrogate": (b'{"id": "\\ud83d"}', b'{"id": "\\ufffd"}'),
    "a control character": (b'{"id": "a\tb"}', b'{"id": "a\\u0009b"}'),
    "invalid UTF-8": (b'{"id": "\xff"}', b'{"id": "\xff"}'),
    "no object": (b"null", b"null"),
    "nested deeply": (b"[" * 5000 + b"]" * 5000, None),
}


@pytest.mark.parametrize("name", ODD)
def test_one_odd_chat_costs_no_other(made: Callable[..., tuple[Call, Canned]], name: str) -> None:
    odd, repaired = ODD[name]
    client, _ = made(b'{"chats": [%b, %b, %b], "found_chats": 3}' % (SOUND, odd, SOUND))
    page = client(ListArchives(), returns=Json)
    first, middle, last = map(bytes, page.chats)
    assert first == last == SOUND
    assert repaired is None or middle == repaired
    assert page.found_chats == 3


def test_odd_field_of_an_own_page_takes_its_default_and_is_reported(
    made: Callable[..., tuple[Call, Canned]],
) -> None:
    reported: list[Damage] = []
    body = b'{"chats": [%b], "found_chats": "many", "next_page_id": "P2"}' % SOUND
    client, _ = made(body, on_damage=reported.append)
    page = client(ListArchives(), returns=Json)
    assert (bytes(page.chats[0]), page.found_chats, page.next_page_id) == (SOUND, 0, "P2")
    assert [damage.path for damage in page.damage] == ["$.found_chats"]
    assert [damage.source for damage in reported] == ["list_archives"]
