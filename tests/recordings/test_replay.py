"""Recordings that are replayed as a server."""

import asyncio
import threading

import pytest
import urllib3

from frontdesk import AgentClient, AgentRTM, errors
from frontdesk.models import Message
from frontdesk.pushes import IncomingEvent
from frontdesk.recordings import (
    Corpus,
    Recorder,
    RecordingTransport,
    ReplayServer,
    read_corpus,
    recording_proxy,
)
from frontdesk.recordings.entries import (
    Header,
    OpenEntry,
    PushEntry,
    RequestEntry,
    ResponseEntry,
    WebhookEntry,
)
from frontdesk.recordings.replay import Replay, UnrecordedCall, shape_of
from frontdesk.sandbox.serve.embedded import DirectTransport

from ..webhooks._target import Target


def corpus(*entries):
    return Corpus(Header(frontdesk_recording=1, recorded_at="2026-11-27"), entries, True)


def call(number, method, body=None, response=None, **fields):
    """A request and its response."""
    return (
        RequestEntry(number=number, api="agent", method=method, version="3.6", body=body or {}),
        ResponseEntry(to=number, body=response or {}, **{"status": 200, **fields}),
    )


@pytest.fixture
def recorded(tmp_path, sandbox):
    path = tmp_path / "recording.jsonl"
    with Recorder(path) as recorder:
        transport = RecordingTransport(DirectTransport(sandbox.backend, sandbox.url), recorder)
        story(sandbox.client(transport=transport))
    return path


def story(client):
    """What an application does, with ids that it gets."""
    started = client.start_chat(continuous=True)
    client.send_event(chat_id=started.chat_id, event=Message(text="hello"))
    chat = client.get_chat(chat_id=started.chat_id)
    assert chat.id == started.chat_id
    assert chat.thread.id == started.thread_id
    assert len(chat.thread.events) == 1
    client.deactivate_chat(id=started.chat_id)
    with pytest.raises(errors.NotFound):
        client.get_chat(chat_id="NONE")
    return chat


def test_an_application_runs_against_its_recording(recorded):
    with ReplayServer(recorded) as server, server.client() as client:
        story(client)
        assert server.left == []


def test_an_async_application_does_too(recorded):
    async def call(server):
        async with server.async_client() as client:
            return await client.start_chat(continuous=True)

    with ReplayServer(recorded) as server:
        assert asyncio.run(call(server)).chat_id
        assert len(server.left) == 4


def test_what_is_not_recorded_is_an_error_that_lists_what_is(recorded):
    with ReplayServer(recorded) as server, server.client() as client:
        with pytest.raises(errors.APIError) as caught:
            client.list_archives()
        assert caught.value.type == "not_recorded"
        assert "`list_archives` is not recorded; recorded are `start_chat`" in str(caught.value)
        with pytest.raises(errors.APIError, match=r"not recorded with \{chat_id, thread_id\}, but"):
            client.get_chat(chat_id="A", thread_id="B")
        assert len(server.left) == 5


def test_calls_are_replayed_as_often_as_recorded_unless_they_repeat(recorded):
    with ReplayServer(recorded) as server, server.client() as client:
        first = client.start_chat(continuous=True)
        with pytest.raises(errors.APIError, match="is recorded 1 time, and was replayed as often"):
            client.start_chat(continuous=True)
    with ReplayServer(recorded, repeat=True) as server, server.client() as client:
        assert client.start_chat(continuous=True) == first
        assert client.start_chat(continuous=True) == first


@pytest.mark.parametrize("body", [b"5", b'"text"', b"null", b"Ann!", b'{"chat_id":'])
def test_a_body_without_fields_is_replayed_by_its_size(tmp_path, body):
    path = tmp_path / "recording.jsonl"
    with Recorder(path) as recorder:
        address = "https://x/v3.6/agent/action/get_chat"
        number = recorder.request("POST", address, {}, body)
        recorder.response(number, 400, {}, b'{"error": {"type": "validation"}}')
    with ReplayServer(path) as server:
        response = urllib3.request("POST", f"{server.url}/v3.6/agent/action/get_chat", body=body)
    assert (response.status, response.json()) == (400, {"error": {"type": "validation"}})


def test_of_equal_shapes_the_same_values_come_first_then_the_order():
    replay = Replay(
        corpus(
            *call(1, "get_chat", {"chat_id": "A"}, {"id": "A"}),
            *call(2, "get_chat", {"chat_id": "B"}, {"id": "B"}),
            *call(3, "get_chat", {"chat_id": "C"}, {"id": "C"}),
        )
    )
    numbers = [
        replay.exchange("get_chat", {"chat_id": id}).request.number for id in ("C", "X", "B")
    ]
    assert numbers == [3, 1, 2]
    with pytest.raises(UnrecordedCall):
        replay.exchange("get_chat", {"chat_id": "A"})


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ({"chat_id": "A"}, {"chat_id": "B"}, True),
        ({"chat_id": "A"}, {"chat_id": "A", "thread_id": "B"}, False),
        ({"chat_id": "A"}, {"chat_id": 1}, False),
        ({"event": {"type": "message"}}, {"event": {"type": "custom"}}, False),
        ({"properties": {"a": {"b": 1}}}, {"properties": {"x": {"y": "z"}}}, True),
        ({"filters": {"tags": {"values": ["a"]}}}, {"filters": {"tags": {"values": ["b"]}}}, True),
        ({"limit": 1}, {"limit": 100}, True),
        ({"continuous": True}, {"continuous": False}, False),
        ({"of": {"ann@example.org": 1}}, {"of": {"email-1@example.com": 1}}, True),
    ],
)
def test_the_shape_of_a_request(first, second, same):
    assert (shape_of(first) == shape_of(second)) is same


def test_errors_and_lost_connections_are_replayed():
    recording = corpus(
        *call(
            1,
            "get_chat",
            {"chat_id": "A"},
            {"error": {"type": "not_found", "message": "m"}},
            status=404,
        ),
        RequestEntry(number=2, api="agent", method="list_chats", version="3.6"),
        ResponseEntry(to=2, failure="ConnectionClosed"),
        RequestEntry(number=3, api="agent", method="list_archives", version="3.6"),
    )
    with ReplayServer(recording) as server, server.client(retry=None) as client:
        with pytest.raises(errors.NotFound):
            client.get_chat(chat_id="A")
        with pytest.raises(errors.TransportError):
            client.list_chats()
        # Its response was cut off.
        with pytest.raises(errors.APIError, match="not recorded"):
            client.list_archives()


def test_webhooks_come_at_their_place_with_the_secret_of_the_application():
    webhook = {"action": "incoming_event", "secret_key": "…", "payload": {"chat_id": "A"}}
    recording = corpus(
        *call(1, "start_chat"),
        WebhookEntry(action="incoming_event", body=webhook, status=200),
        *call(2, "list_chats"),
    )
    target, came = Target(), threading.Event()
    target.respond = lambda webhook: came.set() or 200
    try:
        with ReplayServer(recording, webhooks=target.url, secret="s3cret") as server:
            urllib3.request("POST", f"{server.url}/v3.6/agent/action/list_chats", json={})
            assert target.got == []
            urllib3.request("POST", f"{server.url}/v3.6/agent/action/start_chat", json={})
            assert came.wait(10)
    finally:
        target.close()
    assert target.got == [webhook | {"secret_key": "s3cret"}]


def test_rtm_is_replayed_with_its_pushes(tmp_path, served):
    path = tmp_path / "recording.jsonl"

    def application(rtm):
        with rtm:
            pushes = rtm.pushes(IncomingEvent)
            chat = rtm.start_chat(continuous=True)
            rtm.send_event(chat_id=chat.chat_id, event=Message(text="hello"))
            push = next(iter(pushes))
            assert push.chat_id == chat.chat_id
            return push.event

    options = {"organization_id": served.organization_id, "proxy": ""}
    with Recorder(path) as recorder, recording_proxy(recorder, served.url) as proxy:
        first = application(AgentRTM(served.tokens["owner"], base_url=proxy.url, **options))
    with ReplayServer(path) as server:
        second = application(server.rtm_client())
        assert first.created_at == second.created_at
        assert second.text.startswith("text-")


def test_pushes_wait_for_their_connection_and_unknown_calls_are_explained():
    push = {"action": "incoming_event", "type": "push", "payload": {"chat_id": "A"}}
    recording = corpus(
        *call(1, "start_chat"),
        OpenEntry(connection=1, api="agent", version="3.6"),
        RequestEntry(
            number=2,
            api="agent",
            method="login",
            version="3.6",
            via="rtm",
            connection=1,
            body={"token": "…"},
        ),
        PushEntry(connection=1, action="incoming_event", body=push),
        ResponseEntry(to=2, success=True, body={}),
    )
    replay = Replay(recording)
    login = replay.exchange("login", {"token": "dal:x"}, via="rtm", connection=1)
    assert [entry.body for entry in login.before] == [push]
    assert replay.connect("agent").opening.connection == 1
    with pytest.raises(UnrecordedCall, match="1 RTM connection of the API `agent` are recorded"):
        replay.connect("agent")


def test_a_recording_that_was_cut_is_replayed_up_to_the_cut(recorded):
    data = recorded.read_bytes()
    recorded.write_bytes(data[: len(data) // 2])
    with pytest.warns(UserWarning, match="has no end"):
        left = read_corpus(recorded)
    with ReplayServer(left) as server, server.client() as client:
        assert client.start_chat(continuous=True).chat_id


def test_a_client_of_ones_own(recorded):
    with (
        ReplayServer(recorded) as server,
        AgentClient("Bearer dal:any", base_url=server.url, proxy="") as client,
    ):
        assert client.start_chat(continuous=True)
