"""What is kept of what happens: all of it, in order, and within bounds."""

import json

import pytest

from frontdesk.errors import NotFound
from frontdesk.models import Message
from frontdesk.sandbox.control.console import feed as module
from frontdesk.sandbox.control.console.feed import Feed
from frontdesk.sandbox.seeds.company import CLIENT_ID

SECRET = "sesame-opens-it"


@pytest.fixture
def feed(sandbox):
    feed = Feed(sandbox.backend)
    feed.listen()
    yield feed
    feed.stop()


def read(feed, place=0, most=500):
    return [json.loads(each) for each in feed.after(place, most).happenings]


def named(feed, kind):
    return [each["action"] for each in read(feed) if each["kind"] == kind]


def register(sandbox, url):
    with sandbox.configuration_client() as client:
        client.register_webhook(
            action="incoming_event",
            url=url,
            secret_key=SECRET,
            type="license",
            owner_client_id=CLIENT_ID,
        )
        client.enable_license_webhooks(owner_client_id=CLIENT_ID)


def test_calls_and_pushes_come_in_order(feed, sandbox, agent_client):
    chat_id = agent_client.start_chat().chat_id
    agent_client.send_event(chat_id=chat_id, event=Message(text="hello"))
    happenings = read(feed)
    assert [each["n"] for each in happenings] == list(range(1, len(happenings) + 1))
    assert [each["action"] for each in happenings if each["kind"] == "call"] == [
        "start_chat",
        "send_event",
    ]
    (push,) = [each for each in happenings if each["action"] == "incoming_event"]
    assert push["chat_id"] == chat_id
    assert push["audience"] == "both"
    assert push["webhook"] == "incoming_event"
    assert push["author_type"] == "agent"
    assert json.loads(push["payload"])["event"]["text"] == "hello"
    (call,) = [each for each in happenings if each["action"] == "send_event"]
    assert call["api"] == "agent"
    assert json.loads(call["request"])["event"]["text"] == "hello"


def test_what_was_before_comes_first(sandbox, agent_client):
    agent_client.list_chats()
    with pytest.raises(NotFound):
        agent_client.get_chat(chat_id="nobody")
    feed = Feed(sandbox.backend)
    feed.listen()
    assert [(each["action"], each["error"]) for each in read(feed)] == [
        ("list_chats", None),
        ("get_chat", "not_found"),
    ]
    feed.stop()


def test_each_attempt_of_a_webhook_is_a_happening_without_its_secret(feed, sandbox, customer):
    # Nothing listens at the port that is for discarding.
    register(sandbox, "http://127.0.0.1:9/hook")
    customer.say("hi")
    customer.say("again")
    sandbox.webhooks.settle()
    first, *_, last = [each for each in read(feed) if each["kind"] == "webhook"]
    assert (first["state"], first["attempts"], first["next_attempt_at"]) == ("waiting", [], None)
    assert last["state"] == "waiting"
    assert len(last["attempts"]) == 1
    assert last["attempts"][0]["error"]
    assert last["next_attempt_at"] > last["attempts"][0]["at"]
    sandbox.advance(60)
    sandbox.webhooks.settle()
    dead = [each for each in read(feed) if each["kind"] == "webhook"][-1]
    assert (dead["state"], len(dead["attempts"]), dead["next_attempt_at"]) == ("dead", 4, None)
    assert json.loads(dead["body"])["payload"]["event"]["text"] == "again"
    assert SECRET not in json.dumps(read(feed))


def test_no_secret_of_a_call_is_kept(feed, sandbox):
    register(sandbox, "http://127.0.0.1:9/hook")
    bodies = json.dumps(read(feed))
    assert "register_webhook" in bodies
    assert SECRET not in bodies


def test_the_oldest_are_forgotten_and_counted(feed, agent_client, monkeypatch):
    monkeypatch.setattr(module, "KEPT", 10)
    for _ in range(25):
        agent_client.list_routing_statuses()
    page = feed.after(0)
    assert page.lost == 15
    assert page.last == 25
    assert [json.loads(each)["n"] for each in page.happenings] == list(range(16, 26))
    # Who has read further has lost less.
    assert feed.after(20).lost == 0
    assert len(feed.after(20).happenings) == 5
    assert feed.after(25).happenings == []
    assert feed.after(99).last == 25


def test_long_ones_are_forgotten_by_their_bytes(feed, customer, monkeypatch):
    monkeypatch.setattr(module, "KEPT_BYTES", 20_000)
    for _ in range(20):
        customer.say("x" * 8000)
    assert sum(len(each) for each in feed.after(0).happenings) <= 20_000
    assert feed.after(0).lost > 0


def test_a_page_has_no_more_than_is_asked_for(feed, agent_client):
    for _ in range(7):
        agent_client.list_routing_statuses()
    page = feed.after(0, 3)
    assert (len(page.happenings), page.last) == (3, 3)
    assert len(feed.after(page.last).happenings) == 4


def test_readers_are_woken_once_until_somebody_reads(feed, agent_client):
    woken = []
    stop = feed.wake(lambda: woken.append(1))
    agent_client.list_routing_statuses()
    agent_client.list_routing_statuses()
    assert woken == [1]
    feed.after(0)
    agent_client.list_routing_statuses()
    assert woken == [1, 1]
    feed.after(0)
    stop()
    agent_client.list_routing_statuses()
    assert woken == [1, 1]


def test_nothing_is_kept_while_nobody_listens(feed, sandbox, agent_client):
    epoch = feed.epoch
    feed.stop()
    agent_client.list_routing_statuses()
    assert feed.after(0).happenings == []
    # And the world does no work for it.
    assert not sandbox.backend.recorder._listeners._all
    feed.listen()
    assert feed.epoch != epoch
    assert named(feed, "call") == ["list_routing_statuses"]


def test_another_world_is_a_happening(feed, sandbox, customer):
    customer.say("hi")
    sandbox.reset()
    assert named(feed, "world") == ["replaced"]
    sandbox.customer("Ann").say("hi again")
    assert [each["action"] for each in read(feed)][-1] != "replaced"


def test_a_body_that_is_no_json_is_shown_as_it_is(feed, http):
    assert http("send_event", b'\xff{"a": ').status == 400
    (call,) = read(feed)
    assert call["error"] == "validation"
    assert call["request"].endswith('{"a": ')
