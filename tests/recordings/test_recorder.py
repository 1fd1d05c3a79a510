"""Recording with transports and with the proxy, and reading it again."""

import asyncio
import logging
import os

import pytest
import urllib3

from frontdesk import AgentClient, AgentRTM, AsyncAgentClient, errors
from frontdesk.models import Message
from frontdesk.recordings import (
    AsyncRecordingTransport,
    IncompleteRecording,
    Recorder,
    RecordingError,
    RecordingTransport,
    read_corpus,
    recording_proxy,
)
from frontdesk.recordings.entries import (
    CloseEntry,
    OpenEntry,
    PushEntry,
    RequestEntry,
    ResponseEntry,
    WebhookEntry,
)
from frontdesk.sandbox.serve.embedded import AsyncDirectTransport, DirectTransport

from ..canary import TOKEN
from ..webhooks._target import Target


@pytest.fixture
def path(tmp_path):
    return tmp_path / "recording.jsonl"


@pytest.fixture
def recorded(path, sandbox):
    """A recording of three calls."""
    with Recorder(path, base_url=sandbox.url) as recorder:
        client = sandbox.client(
            transport=RecordingTransport(DirectTransport(sandbox.backend, sandbox.url), recorder)
        )
        chat = client.start_chat(continuous=True)
        client.send_event(chat_id=chat.chat_id, event=Message(text="a secret of Ann"))
        with pytest.raises(errors.NotFound):
            client.get_chat(chat_id="NONE")
    return path


def kinds(entries):
    return [type(entry) for entry in entries]


def test_a_client_is_recorded_call_by_call(recorded, sandbox):
    corpus = read_corpus(recorded)
    assert corpus.complete
    assert corpus.header.service == "sandbox"
    assert kinds(corpus.entries) == [RequestEntry, ResponseEntry] * 3
    requests, responses = corpus.entries[::2], corpus.entries[1::2]
    assert [request.method for request in requests] == ["start_chat", "send_event", "get_chat"]
    assert [response.to for response in responses] == [request.number for request in requests]
    assert [response.status for response in responses] == [200, 200, 404]
    assert requests[1].body["chat_id"] == responses[0].body["chat_id"]
    assert responses[2].body["error"]["type"] == "not_found"
    assert len({request.caller for request in requests}) == 1
    text = recorded.read_text()
    for token in sandbox.tokens.values():
        assert token.rpartition(" ")[2] not in text
    assert "Ann" not in text


def test_an_async_client_is_recorded_too(path, sandbox):
    async def call(recorder):
        transport = AsyncDirectTransport(sandbox.backend, sandbox.url)
        recording = AsyncRecordingTransport(transport, recorder)
        async with sandbox.async_client(transport=recording) as client:
            await client.list_chats(limit=1)

    with Recorder(path) as recorder:
        asyncio.run(call(recorder))
    assert kinds(read_corpus(path).entries) == [RequestEntry, ResponseEntry]


def test_a_transport_of_its_own_goes_to_the_base_url(path, served):
    token = served.tokens["owner"]

    async def call(recorder):
        transport = AsyncRecordingTransport(served.url, recorder)
        async with AsyncAgentClient(token, base_url=served.url, transport=transport) as client:
            await client.list_chats(limit=1)

    with Recorder(path) as recorder:
        transport = RecordingTransport(served.url, recorder)
        with AgentClient(token, base_url=served.url, transport=transport) as client:
            client.list_chats(limit=1)
        asyncio.run(call(recorder))
    assert kinds(read_corpus(path).entries) == [RequestEntry, ResponseEntry] * 2


def test_what_gets_no_response_is_recorded_by_its_error(path, sandbox):
    sandbox.fault("reset_before", "get_chat")
    with Recorder(path) as recorder:
        transport = RecordingTransport(DirectTransport(sandbox.backend, sandbox.url), recorder)
        with pytest.raises(errors.ConnectionClosed):
            sandbox.client(transport=transport, retry=None).get_chat(chat_id="X")
    assert read_corpus(path).entries[1].failure == "ConnectionClosed"


def test_an_upload_is_recorded_by_its_size_alone(path, sandbox, tmp_path):
    file = tmp_path / "Ann's passport.txt"
    file.write_bytes(b"a secret" * 100)
    with Recorder(path) as recorder:
        transport = RecordingTransport(DirectTransport(sandbox.backend, sandbox.url), recorder)
        sandbox.client(transport=transport).upload_file(file)
    (request, response) = read_corpus(path).entries
    assert list(request.body) == ["file_bytes"]
    assert request.body["file_bytes"] > 800
    assert "passport" not in path.read_text()
    assert response.status == 200


def test_each_entry_is_on_the_disk_before_the_call_returns(path, sandbox, monkeypatch):
    synced = []
    monkeypatch.setattr(os, "fsync", lambda handle: synced.append(os.fstat(handle).st_size))
    recorder = Recorder(path)
    number = recorder.request("POST", "https://x/v3.6/agent/action/get_chat", {}, b"{}")
    assert synced[-1] == path.stat().st_size
    recorder.response(number, 200, {}, b"{}")
    assert synced[-1] == path.stat().st_size
    assert len(path.read_text().splitlines()) == 3
    recorder.close()


def test_an_application_goes_on_when_the_disk_is_full(path, sandbox, monkeypatch, caplog):
    recorder = Recorder(path)
    transport = RecordingTransport(DirectTransport(sandbox.backend, sandbox.url), recorder)
    client = sandbox.client(transport=transport)
    client.list_chats()

    def full(handle):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with caplog.at_level(logging.ERROR):
        assert client.list_chats()
        assert client.list_chats()
    recorder.close()
    assert recorder.failure == "No space left on device"
    assert len(caplog.records) == 1


def test_a_file_that_exists_is_never_written_over(path):
    path.write_text("mine")
    with pytest.raises(errors.InvalidArgument, match="must be a new file"):
        Recorder(path)
    assert path.read_text() == "mine"


def test_what_is_no_json_of_the_api_leaves_its_size(path):
    with Recorder(path) as recorder:
        headers = {"Authorization": f"Bearer {TOKEN}", "X-Mine": "Ann"}
        number = recorder.request("DELETE", "https://x/of/ann?name=Ann&token=t", headers, b"Ann!")
        recorder.response(
            number, 502, {"Server": "Ann", "Content-Type": "text/html"}, b"<b>Ann</b>"
        )
        recorder.frame(
            recorder.connected("wss://x/ann?organization_id=abc"), b"Ann", is_client=True
        )
        recorder.webhook(b"Ann", 200)
    text = path.read_text()
    assert "Ann" not in text
    assert "/of/ann" not in text
    request, response = read_corpus(path).entries[:2]
    assert (request.method[:5], request.body) == ("text-", {"body_bytes": 4})
    assert (response.headers, response.body) == ({"content-type": "text/html"}, {"body_bytes": 10})


# Through the proxy


def test_programs_of_any_language_are_recorded_through_the_proxy(path, served):
    with (
        Recorder(path) as recorder,
        recording_proxy(recorder, served.url) as proxy,
        AgentClient(served.tokens["owner"], base_url=proxy.url, proxy="") as client,
    ):
        chat = client.start_chat(continuous=True)
        assert client.get_chat(chat_id=chat.chat_id).id == chat.chat_id
    entries = read_corpus(path).entries
    assert [entry.method for entry in entries[::2]] == ["start_chat", "get_chat"]
    assert entries[2].body["chat_id"] == entries[1].body["chat_id"] == entries[3].body["id"]


def test_rtm_is_recorded_with_its_pushes(path, served):
    with (
        Recorder(path) as recorder,
        recording_proxy(recorder, served.url) as proxy,
        AgentRTM(
            served.tokens["owner"],
            base_url=proxy.url,
            organization_id=served.organization_id,
            proxy="",
        ) as rtm,
    ):
        chat = rtm.start_chat(continuous=True)
        sent = rtm.send_event(chat_id=chat.chat_id, event=Message(text="hello Ann"))
        assert sent
    entries = read_corpus(path).entries
    assert isinstance(entries[0], OpenEntry)
    assert isinstance(entries[-1], CloseEntry)
    methods = [entry.method for entry in entries if isinstance(entry, RequestEntry)]
    assert methods[:3] == ["login", "start_chat", "send_event"]
    pushes = [entry.action for entry in entries if isinstance(entry, PushEntry)]
    assert {"incoming_chat", "incoming_event"} <= set(pushes)
    login = next(entry for entry in entries if isinstance(entry, RequestEntry))
    assert login.body["token"] == "…"
    text = path.read_text()
    assert "Ann" not in text
    assert served.tokens["owner"].rpartition(" ")[2] not in text


def test_webhooks_pass_the_proxy_to_the_application(path, served):
    target = Target()
    content = {"action": "incoming_event", "secret_key": "s3cret", "payload": {"chat_id": "ABC"}}
    try:
        with (
            Recorder(path) as recorder,
            recording_proxy(recorder, served.url, webhooks=target.url) as proxy,
        ):
            url = f"{proxy.url}/__record__/webhooks"
            assert urllib3.request("POST", url, json=content).status == 200
    finally:
        target.close()
    assert target.got == [content]
    (entry,) = read_corpus(path).entries
    assert isinstance(entry, WebhookEntry)
    assert (entry.action, entry.status, entry.body["secret_key"]) == ("incoming_event", 200, "…")


def test_a_service_that_is_away_is_said_in_the_envelope_of_the_api(path):
    with (
        Recorder(path) as recorder,
        recording_proxy(recorder, "http://127.0.0.1:9") as proxy,
        AgentClient(TOKEN, base_url=proxy.url, proxy="", retry=None) as client,
        pytest.raises(errors.APIError, match=r"no response of 127\.0\.0\.1:9"),
    ):
        client.list_chats()
    assert read_corpus(path).entries[1].failure


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "example.com"])
def test_the_proxy_listens_on_this_machine_only(path, host):
    with Recorder(path) as recorder, pytest.raises(errors.InvalidArgument, match="this machine"):
        recording_proxy(recorder, host=host)


# Reading


def test_a_recording_cut_anywhere_is_read_up_to_the_cut(recorded):
    data = recorded.read_bytes()
    header = data.index(b"\n") + 1
    whole = len(read_corpus(recorded).entries)
    for cut in range(header, len(data), 37):
        recorded.write_bytes(data[:cut])
        with pytest.warns(IncompleteRecording, match="has no end"):
            corpus = read_corpus(recorded)
        # A line that lacks its line break alone is whole.
        assert len(corpus.entries) in (data[:cut].count(b"\n") - 1, data[:cut].count(b"\n"))
        assert len(corpus.entries) <= whole
        assert not corpus.complete


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"", "is no recording"),
        (b'{"a', "is no recording"),
        (b"[]", "is no recording"),
        (b'{"kind":"request"}', "is no recording"),
        (b'{"frontdesk_recording":2,"made_with":"9.0"}', r"has the format 2, .*\(9\.0\)"),
        (b'{"frontdesk_recording":1}', "has a header that is damaged"),
        (b"\xff\xfe", "is no recording"),
    ],
)
def test_other_files_and_versions_are_refused(path, line, reason):
    path.write_bytes(line + b"\n{}\n")
    with pytest.raises(RecordingError, match=reason):
        read_corpus(path)


def test_damage_in_the_middle_is_no_cut(recorded):
    lines = recorded.read_bytes().splitlines(keepends=True)
    lines[3] = lines[3][:20] + b"\n"
    recorded.write_bytes(b"".join(lines))
    with pytest.raises(RecordingError, match="line 4"):
        read_corpus(recorded)


def test_a_file_that_is_not_there(path):
    with pytest.raises(RecordingError, match="cannot be read"):
        read_corpus(path)
