"""Connections of customers: log-in, request ids, what ends them, and what they never get."""

import json
import threading

import pytest

from frontdesk.errors import CustomerBanned
from frontdesk.sandbox.world.accounts import customer_tokens, organizations

from ..._rtm_line import CustomerLine, Refused, customer_token, new_customer


def hello(line: CustomerLine, text: str = "Hello"):
    return line.call("start_chat", chat={"thread": {"events": [{"type": "message", "text": text}]}})


def test_a_customer_logs_in(dial_customer, served):
    line = dial_customer()
    assert line.login["customer"]["id"] == line.customer_id
    (connection,) = served.rtm.connections(customer_id=line.customer_id)
    assert (connection.customer_id, connection.agent_id) == (line.customer_id, None)


def test_a_ping_before_the_log_in_is_no_error(dial_customer):
    line = dial_customer(log_in=False)
    line.send("ping", request_id="early")
    assert line.call("login", token=f"Bearer {line.token}")


def test_whoever_does_not_log_in_is_sent_away(dial_customer, served):
    served.rtm.limit(login_seconds=0.05)
    line = dial_customer(log_in=False)
    line.send("ping")
    assert line.ended() == ("connection_timeout", 1000)


class Time:
    """The time of the connections, moved by hand; ``heard`` is set by a sign of life."""

    def __init__(self, endpoint, monkeypatch):
        self.now = 0.0
        self.heard = threading.Event()
        self._hear = endpoint.heard
        monkeypatch.setattr(endpoint, "_clock", lambda: self.now)
        monkeypatch.setattr(endpoint, "heard", self._note)

    def _note(self, connection):
        self._hear(connection)
        self.heard.set()

    def pass_to(self, now):
        self.heard.clear()
        self.now = now


def test_a_client_that_never_pings_stays(dial_customer, served, monkeypatch):
    """LiveChat's customer-sdk sends no pings, and neither can a page in a browser."""
    time = Time(served.rtm._endpoint, monkeypatch)
    line = dial_customer()
    for now in (16.0, 32.0, 48.0):
        time.pass_to(now)
        assert time.heard.wait(10), f"no response to a ping at {now}"
    assert line.call("list_chats")["total_chats"] == 0


def test_whoever_does_not_respond_to_a_ping_is_sent_away(dial_customer, served, monkeypatch):
    time = Time(served.rtm._endpoint, monkeypatch)
    line = dial_customer()
    pinged = threading.Event()
    monkeypatch.setattr(line.socket.protocol, "send_frame", lambda frame: pinged.set())
    time.pass_to(16.0)
    assert pinged.wait(10)
    time.pass_to(31.0)
    assert line.ended()[0] == "connection_timeout"


def test_calls_before_the_log_in(dial_customer):
    line = dial_customer(log_in=False)
    with pytest.raises(Refused, match="authentication"):
        line.call("list_chats")


def test_the_token_of_an_agent(dial_customer, served):
    line = dial_customer(log_in=False)
    with pytest.raises(Refused, match="authentication"):
        line.call("login", token=served.tokens["owner"])


def test_an_agent_cannot_log_in_with_the_token_of_a_customer(dial, dial_customer, served):
    token = customer_token(served, new_customer(served))
    line = dial(None)
    with pytest.raises(Refused, match="authentication"):
        line.call("login", token=f"Bearer {token}")


def test_an_organization_that_is_not_there(dial_customer):
    line = dial_customer(log_in=False, organization_id="00000000-0000-4000-8000-000000000000")
    assert line.ended() == ("license_not_found", 1000)


def test_an_organization_is_required(dial_customer):
    line = dial_customer(log_in=False, organization_id="")
    assert line.ended() == ("license_not_found", 1000)


def test_the_token_of_another_organization(dial_customer, served):
    other = served.backend.work(lambda world: organizations.add(world, "Other").id)
    line = dial_customer(log_in=False, organization_id=other)
    with pytest.raises(Refused, match="authorization"):
        line.call("login", token=f"Bearer {line.token}")


def test_an_old_version(dial_customer):
    line = dial_customer(log_in=False, version="2.0")
    assert line.ended() == ("unsupported_version", 1000)


def test_another_region(dial_customer):
    line = dial_customer(log_in=False, region="fra")
    push = json.loads(line.socket.recv(10))
    assert push["action"] == "customer_disconnected"
    assert push["payload"] == {"reason": "misdirected_connection", "data": {"region": "dal"}}


def test_a_token_that_ends_ends_the_connection(dial_customer, served):
    customer_id = new_customer(served)
    token = customer_token(served, customer_id, expires_in=60)
    line = dial_customer(customer_id, token=token)
    served.advance(61)
    assert line.ended() == ("access_token_expired", 1000)


def test_a_token_that_is_taken_back_ends_the_connection(dial_customer, served):
    line = dial_customer()
    served.backend.work(lambda world: customer_tokens.revoke(world, line.token))
    assert line.ended() == ("access_token_revoked", 1000)


def test_the_push_of_a_chat_that_is_started_carries_the_request_id(dial_customer):
    line = dial_customer()
    hello(line)
    pushes = line.settle()
    incoming = [push for push in pushes if push["action"] == "incoming_chat"]
    assert [push.get("request_id") for push in incoming] == ["start_chat-2"]


def test_other_pushes_carry_no_request_id(dial_customer):
    line = dial_customer()
    chat_id = hello(line)["chat_id"]
    line.call("send_event", chat_id=chat_id, event={"type": "message", "text": "More"})
    line.call("deactivate_chat", id=chat_id)
    pushes = line.settle()
    named = [(push["action"], push["request_id"]) for push in pushes if "request_id" in push]
    assert named == [("incoming_chat", "start_chat-2"), ("incoming_event", "send_event-3")]


def test_another_page_of_the_customer_gets_the_pushes_without_request_ids(dial_customer):
    line = dial_customer()
    other = dial_customer(line.customer_id)
    hello(line)
    pushes = other.settle()
    assert "incoming_chat" in [push["action"] for push in pushes]
    assert not [push for push in pushes if "request_id" in push]


def test_another_customer_gets_nothing_of_a_chat(dial_customer):
    line, other = dial_customer(), dial_customer()
    other.settle()
    chat_id = hello(line)["chat_id"]
    line.call("send_event", chat_id=chat_id, event={"type": "message", "text": "More"})
    line.call("send_sneak_peek", chat_id=chat_id, sneak_peek_text="And")
    line.call("deactivate_chat", id=chat_id)
    pushes = other.settle()
    assert not [push for push in pushes if chat_id in json.dumps(push)]


def test_what_an_agent_writes_reaches_the_customer_unless_it_is_for_agents(dial_customer, served):
    line = dial_customer()
    chat_id = hello(line)["chat_id"]
    line.settle()
    agent = served.client("owner")
    agent.send_event(chat_id=chat_id, event={"type": "message", "text": "for all"})
    agent.send_event(
        chat_id=chat_id, event={"type": "message", "text": "hidden", "visibility": "agents"}
    )
    pushes = line.settle()
    texts = [
        push["payload"]["event"].get("text")
        for push in pushes
        if push["action"] == "incoming_event"
    ]
    assert "for all" in texts
    assert "hidden" not in json.dumps(pushes)


@pytest.mark.parametrize("name", ["customer_page_updated", "chat_access_set", "of_tomorrow", ""])
def test_a_filter_may_name_pushes_that_are_not_there(dial_customer, name):
    line = dial_customer(pushes={"3.5": [name, "incoming_chat"]}, version="3.5")
    hello(line)
    # It comes after all that was pushed before it; a mark would not pass the filter.
    line.call("list_chats")
    assert [push["action"] for push in line.pushes] == ["incoming_chat"]


def test_too_many_connections_of_a_customer(dial_customer, served):
    served.rtm.limit(connections_per_customer=1)
    first = dial_customer()
    dial_customer(first.customer_id)
    assert first.ended() == ("connection_evicted", 1000)


def test_a_control_ends_the_connections_of_a_customer(dial_customer, served):
    line, other = dial_customer(), dial_customer()
    assert served.rtm.disconnect("inactivity_timeout", customer_id=line.customer_id) == 1
    assert line.ended() == ("inactivity_timeout", 1000)
    assert other.call("list_chats")


def test_a_push_by_hand(dial_customer, served):
    line, other = dial_customer(), dial_customer()
    content = {"unique_id": "Q1"}
    assert served.rtm.push("greeting_canceled", content, customer_ids=[line.customer_id]) == 1
    assert line.push("greeting_canceled")["payload"] == content
    assert "greeting_canceled" not in other.names()


def test_a_new_world_ends_all_connections(dial_customer, served):
    line = dial_customer()
    served.reset()
    assert line.ended()[0] == "internal_error"
    assert not served.backend.world.customer_sessions


def test_a_system_message_that_a_customer_sends_carries_the_request_id(dial_customer):
    line = dial_customer()
    started = hello(line)
    line.settle()
    event = {"type": "system_message", "system_message_type": "x", "text": "of mine"}
    line.call("send_event", chat_id=started["chat_id"], event=event)
    ids = {"chat_id": started["chat_id"], "thread_id": started["thread_id"]}
    line.call("update_thread_properties", **ids, properties={"rating": {"score": 1}})
    events = [frame for frame in line.settle() if frame["action"] == "incoming_event"]
    assert [frame["payload"]["event"]["system_message_type"] for frame in events] == [
        "x",
        "rating.chat_rated",
    ]
    assert [frame.get("request_id") for frame in events] == ["send_event-3", None]


def test_a_ban_of_an_address_counts_where_connections_come_from(dial_customer, served):
    # The visit is that of the first tab, which knows another address.
    customer = served.customer("Ann")
    customer.visit("https://shop.example/", ip="203.0.113.5")
    line = dial_customer(customer.id)
    configuration = served.configuration_client(version="3.7")
    configuration.ban_customer(ip="127.0.0.1", seconds=60)
    assert line.ended() == ("customer_banned", 1000)
    other = dial_customer(log_in=False)
    for token in (other.token, customer_token(served, customer.id)):
        with pytest.raises(Refused, match="customer_banned"):
            other.call("login", token=f"Bearer {token}")
    configuration.unban_customer(ip="127.0.0.1")
    assert other.call("login", token=f"Bearer {other.token}")


def test_a_ban_of_an_address_counts_where_calls_come_from(served):
    ann, bob = served.customer_client(), served.customer_client(served.customer("Bob").id)
    configuration = served.configuration_client(version="3.7")
    configuration.ban_customer(ip="127.0.0.1", seconds=60)
    for client in (ann, bob, served.customer_client()):
        for refused in (client.list_chats, client.start_chat, client.get_customer):
            with pytest.raises(CustomerBanned):
                refused()
        with pytest.raises(CustomerBanned):
            client.upload_file(b"a", name="a.txt")
        assert client.get_dynamic_configuration().organization_id == served.organization_id
    configuration.ban_customer(ip="203.0.113.5", seconds=60)
    configuration.unban_customer(ip="127.0.0.1")
    assert ann.start_chat().chat_id
