"""Recordings that are compared with the sandbox."""

import json

import pytest

from frontdesk import AgentRTM, errors
from frontdesk.models import Message
from frontdesk.parity import compare_corpus
from frontdesk.recordings import Recorder, RecordingTransport, read_corpus, recording_proxy
from frontdesk.sandbox.serve.embedded import DirectTransport


@pytest.fixture
def path(tmp_path):
    return tmp_path / "traffic.jsonl"


def record(path, sandbox, work):
    with Recorder(path, base_url="https://api.livechatinc.com") as recorder:
        transport = RecordingTransport(DirectTransport(sandbox.backend, sandbox.url), recorder)
        work(sandbox.client(transport=transport))


def work(client):
    chat = client.start_chat(continuous=True)
    client.send_event(chat_id=chat.chat_id, event=Message(text="hello"))
    client.get_chat(chat_id=chat.chat_id, thread_id=chat.thread_id)
    client.deactivate_chat(id=chat.chat_id)
    client.list_threads(chat_id=chat.chat_id)
    with pytest.raises(errors.ChatInactive):
        client.send_event(chat_id=chat.chat_id, event=Message(text="late"))
    with pytest.raises(errors.NotFound):
        client.get_chat(chat_id="PARITY0000")


def test_an_unchanged_sandbox_differs_in_nothing(path, sandbox):
    record(path, sandbox, work)
    report = compare_corpus(read_corpus(path))
    assert report.differences == report.skipped == []
    assert report.equal


@pytest.mark.parametrize(
    ("old", "new", "kind"),
    [
        ('"is_followed":false', '"is_followed":true', "value"),
        ('"is_followed":false', '"is_followed":false,"queue":{"position":1}', "missing field"),
        ('"active":true', '"active":"yes"', "type"),
        ('"status":404', '"status":403', "status"),
        ('"type":"not_found"', '"type":"missing_access"', "error type"),
        ('"type":"chat_inactive"', '"type":"validation"', "error type"),
        ('"found_threads":1', '"found":1', "extra field"),
        ('"visibility":"all"', '"visibility":"agents"', "value"),
    ],
)
def test_each_difference_is_found(path, sandbox, old, new, kind):
    record(path, sandbox, work)
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    assert kind in [one.kind for one in compare_corpus(read_corpus(path)).differences]


def test_what_was_there_before_is_stood_for_by_something_else(path, sandbox, customer):
    customer.say("hello")

    def work(client):
        chat = client.get_chat(chat_id=customer.chat_id)
        client.list_threads(chat_id=chat.id)
        client.get_customer(id=customer.id)
        client.list_agents_for_transfer(chat_id=chat.id)

    record(path, sandbox, work)
    report = compare_corpus(read_corpus(path))
    assert len(report.results) == 4
    assert {one.kind for one in report.differences} <= {"missing field", "extra field", "value"}


@pytest.fixture
def over_rtm(path, served):
    """A recording of an RTM session."""
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
        rtm.send_event(chat_id=chat.chat_id, event=Message(text="hello"))
        rtm.get_chat(chat_id=chat.chat_id)
    return path


def test_rtm_is_compared_as_far_as_web_has_it(over_rtm):
    report = compare_corpus(read_corpus(over_rtm))
    assert report.differences == []
    skipped = {one.story.split()[1] for one in report.skipped}
    # A client that ends does not wait for the response to its log-out.
    assert {"login"} <= skipped <= {"login", "logout"}


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ('"action":"incoming_event"', '"action":"incoming_chat"', ("extra push", "incoming_event")),
        ('"type":"push",', '"type":"push","x":1,', None),
        (
            '"payload":{"chat_id":',
            '"payload":{"queue":{"position":1},"chat_id":',
            ("missing field", "incoming_event"),
        ),
    ],
)
def test_pushes_are_compared(over_rtm, monkeypatch, old, new, found):
    monkeypatch.setattr("frontdesk.parity.corpus_run.PUSH_SECONDS", 0.2)
    lines = over_rtm.read_text().splitlines(keepends=True)
    changed = [
        line.replace(old, new) if line.startswith('{"kind":"push"') else line for line in lines
    ]
    assert changed != lines
    over_rtm.write_text("".join(changed))
    differences = compare_corpus(read_corpus(over_rtm)).differences
    assert (found in [(one.kind, one.method) for one in differences]) if found else not differences


def test_a_report_is_json(path, sandbox):
    record(path, sandbox, work)
    from datetime import date

    content = json.loads(compare_corpus(read_corpus(path)).as_json(date(2026, 11, 27)))
    assert content["equal"] is True
