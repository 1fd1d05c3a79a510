"""Arguments of RTM clients, subscriptions and handlers: what makes no sense names itself."""

import asyncio
import logging
import math
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from frontdesk import AgentRTM, AsyncAgentRTM
from frontdesk.errors import InvalidArgument
from frontdesk.pushes import ChatDeleted, IncomingEvent, UnknownPush

from ._clients import Kit, until
from ._server import FakeRTM

WHO = {"token": "dal:x", "organization_id": "o"}
LIST = "must be a list of names or classes, not "


@pytest.mark.parametrize("client", [AgentRTM, AsyncAgentRTM])
@pytest.mark.parametrize(
    ("options", "field", "rule"),
    [
        ({"organization_id": None}, "organization_id", "is required"),
        ({"organization_id": ""}, "organization_id", "is required"),
        ({"organization_id": 5}, "organization_id", "must be a text, not 5"),
        ({"timeout": 0}, "timeout", "must be above 0"),
        ({"open_timeout": 0}, "open_timeout", "must be above 0"),
        ({"open_timeout": "5"}, "open_timeout", "must be a number of seconds, not '5'"),
        ({"open_timeout": math.nan}, "open_timeout", "must be above 0"),
        ({"close_timeout": "5"}, "close_timeout", "must be a number, not a text"),
        ({"ping": "shout"}, "ping", "must be one of `message`, `frame`"),
        ({"ping_interval": 0}, "ping_interval", "must be above 0"),
        ({"customer_monitoring_level": "everything"}, "customer_monitoring_level", "must be one"),
        ({"pushes": "incoming_event"}, "pushes", f"{LIST}'incoming_event'"),
        ({"pushes": b"incoming_event"}, "pushes", f"{LIST}b'incoming_event'"),
        ({"pushes": 5}, "pushes", f"{LIST}5"),
        ({"pushes": {"3.6": "incoming_event"}}, "pushes", f"{LIST}'incoming_event'"),
        ({"pushes": {"3.6": None}}, "pushes", f"{LIST}None"),
        ({"pushes": [int]}, "pushes", "must be names or classes of pushes, not <class 'int'>"),
        ({"pushes": [UnknownPush]}, "pushes", "must be names or classes of pushes"),
        ({"base_url": "ftp://x"}, "base_url", "must look like"),
        ({"region": "mars"}, "region", "must be `dal` or `fra`"),
        ({"version": "latest"}, "version", "must look like"),
        ({"recover": "no"}, "recover", "must be true or false, not 'no'"),
        ({"max_frame": 0}, "max_frame", "must be 1 or more"),
        ({"max_frame": "1 MB"}, "max_frame", "must be a whole number, not '1 MB'"),
        ({"concurrency": True}, "concurrency", "must be a whole number, not True"),
        ({"concurrency": 0}, "concurrency", "must be 1 or more"),
        ({"proxy": 5}, "proxy", "must be a text, not int"),
        ({"proxy": "ftp://x"}, "proxy", "must be an HTTP proxy"),
        ({"ssl_context": 5}, "ssl_context", "must be an SSLContext, not 5"),
    ],
)
def test_bad_option_names_itself(
    client: Any, options: dict[str, Any], field: str, rule: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.delenv("FRONTDESK_ORGANIZATION_ID", raising=False)
    with pytest.raises(InvalidArgument) as caught:
        client(**{**WHO, **options})
    assert caught.value.field == field
    assert caught.value.rule.startswith(rule)


@pytest.mark.parametrize("wrong", [[], (), set(), {}])
@pytest.mark.parametrize("name", ["chat_id", "author_id"])
@pytest.mark.parametrize("way", ["pushes", "wait_for", "on"])
def test_nothing_comes_for_no_chat_at_all(kit: Kit, way: str, name: str, wrong: Any):
    rtm = kit.client()
    with pytest.raises(InvalidArgument, match=rf"^`{name}` must not be empty; give None"):
        getattr(rtm, way)(IncomingEvent, **{name: wrong})


@pytest.mark.parametrize("wrong", [5, b"chat", ["chat", ""], [5], ""])
@pytest.mark.parametrize("way", ["pushes", "wait_for", "on"])
def test_ids_are_texts(kit: Kit, way: str, wrong: Any):
    rtm = kit.client()
    with pytest.raises(InvalidArgument, match=r"^`chat_id` must be an id, or a collection of ids$"):
        getattr(rtm, way)(IncomingEvent, chat_id=wrong)


@pytest.mark.parametrize("way", ["pushes", "on"])
@pytest.mark.parametrize(
    ("queue", "rule"), [(0, "must be 1 or more"), (True, "must be a whole"), ("9", "must be a w")]
)
def test_queues_have_room_for_something(kit: Kit, way: str, queue: Any, rule: str):
    rtm = kit.client()
    with pytest.raises(InvalidArgument, match=rf"^`queue` {rule}"):
        getattr(rtm, way)(IncomingEvent, queue=queue)


@pytest.mark.parametrize("way", ["pushes", "wait_for", "on"])
@pytest.mark.parametrize("kind", [print, int, "incoming_event", IncomingEvent.spec])
def test_kinds_are_classes_of_pushes(kit: Kit, way: str, kind: Any):
    """Also ``@rtm.on`` without parentheses, whose function would never be called."""
    rtm = kit.client()
    with pytest.raises(InvalidArgument, match=r"^`kinds` must be classes of pushes, not "):
        getattr(rtm, way)(kind)


@pytest.mark.parametrize("seconds", ["5", True, math.nan, [5]])
def test_times_to_wait_are_numbers(server: FakeRTM, kit: Kit, seconds: Any):
    with kit.connected() as rtm:
        pushes = rtm.pushes(ChatDeleted)
        waits = [
            lambda: pushes.get(seconds),
            lambda: rtm.wait_for(ChatDeleted, timeout=seconds),
        ]
        if kit.loop is None:
            waits += [lambda: rtm.wait_closed(seconds), lambda: rtm.recover(seconds)]
        for wait in waits:
            with pytest.raises(
                InvalidArgument, match=r"^`timeout` must be a number of seconds or "
            ):
                wait()


@pytest.mark.parametrize("seconds", [0, -1, -math.inf])
def test_what_is_there_already_needs_no_time(server: FakeRTM, kit: Kit, seconds: float):
    with kit.connected() as rtm:
        pushes = rtm.pushes(ChatDeleted)
        with pytest.raises(TimeoutError):
            pushes.get(seconds)
        first = rtm.pushes(ChatDeleted)
        server.push("chat_deleted", {"chat_id": "A"})
        first.get()
        if kit.loop is None:
            assert pushes.get(seconds).chat_id == "A"
            with pytest.raises(TimeoutError):
                rtm.wait_closed(seconds)


def test_infinite_times_are_no_limit(server: FakeRTM, kit: Kit):
    with kit.connected() as rtm:
        pushes = rtm.pushes(ChatDeleted)
        server.push("chat_deleted", {"chat_id": "A"})
        assert pushes.get(math.inf).chat_id == "A"
        if kit.loop is None:
            assert rtm.recover(math.inf).recovered == 0
    if kit.loop is None:
        rtm.wait_closed(math.inf)


def test_checks_are_functions_whose_result_counts(kit: Kit):
    async def late(push: ChatDeleted) -> bool:
        return False

    def lazily(push: ChatDeleted) -> Iterator[bool]:
        yield False

    rtm = kit.client()
    for check, rule in (
        (5, "must be a function, not 5"),
        (late, "must not be an async function: what it returns would count as true"),
        (lazily, "must not be a generator"),
    ):
        with pytest.raises(InvalidArgument, match=rf"^`check` {rule}"):
            rtm.wait_for(ChatDeleted, check=check)


def test_handlers_and_hooks_are_functions(kit: Kit):
    async def lazily(push: ChatDeleted) -> AsyncIterator[None]:
        yield

    def also_lazily(push: ChatDeleted) -> Iterator[None]:
        yield

    rtm = kit.client()
    for wrong, rule in (
        (5, "must be a function, not 5"),
        (lazily, "must not be a generator: nothing would run its body"),
        (also_lazily, "must not be a generator: nothing would run its body"),
    ):
        with pytest.raises(InvalidArgument, match=rf"^`handler` {rule}$"):
            rtm.on(ChatDeleted)(wrong)
        with pytest.raises(InvalidArgument, match=rf"^`hook` {rule}$"):
            rtm.on_error(wrong)
    assert rtm.off(5) is False


def test_sync_client_takes_no_async_functions():
    async def late(*_: object) -> None: ...

    class Late:
        async def __call__(self, *_: object) -> None: ...

    rtm = AgentRTM(**WHO)
    rule = "must not be an async function here; use AsyncAgentRTM"
    for function in (late, Late()):
        with pytest.raises(InvalidArgument, match=rf"^`handler` {rule}$"):
            rtm.on(ChatDeleted)(function)
        with pytest.raises(InvalidArgument, match=rf"^`hook` {rule}$"):
            rtm.on_error(function)


def test_sync_handler_that_returns_something_to_await_has_failed(
    server: FakeRTM, caplog: pytest.LogCaptureFixture
):
    """A lambda does not show that it calls an async function."""
    begun: list[str] = []

    async def late(name: str) -> None:
        begun.append(name)

    failures: list[Exception] = []
    with AgentRTM("dal:x", organization_id="o", base_url=server.url) as rtm:
        rtm.on(ChatDeleted)(lambda push: late("handler"))
        rtm.on_error(lambda error, push: failures.append(error))
        rtm.on_error(lambda error, push: late("hook"))
        server.push("chat_deleted", {"chat_id": "A"})
        until(lambda: "the error hook failed" in caplog.text)
    assert begun == []
    assert [str(error) for error in failures] == [
        "`handler` must not be an async function here; use AsyncAgentRTM"
    ]
    assert "`hook` must not be an async function here; use AsyncAgentRTM" in caplog.text
    assert [record.levelno for record in caplog.records] == [logging.ERROR]


def test_async_wait_checks_its_arguments_before_it_is_awaited():
    async def main() -> None:
        rtm = AsyncAgentRTM(**WHO)
        with pytest.raises(InvalidArgument, match="timeout"):
            rtm.wait_for(ChatDeleted, timeout="5")  # type: ignore[call-overload]

    asyncio.run(main())
