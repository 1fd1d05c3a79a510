"""Who gets a push: presence, groups, followers, visibility, scopes, the requester's own copy."""

from datetime import UTC, datetime

import pytest

from frontdesk.models import (
    Access,
    Address,
    Ban,
    InitialChat,
    Message,
    MulticastRecipients,
    MulticastRecipientsAgents,
    Target,
)
from frontdesk.pushes import PUSHES

from ..._rtm_line import BROWN, GARCIA, JONES, MUELLER, SMITH

AGENTS = {"smith": SMITH, "jones": JONES, "brown": BROWN, "garcia": GARCIA, "mueller": MUELLER}


@pytest.fixture
def desk(dial, served):
    """A connection of each of five agents; Smith's serves a chat of the group Support.

    Jones and Brown share the group, Brown follows the chat; García and Müller have nothing to do
    with it.
    """
    lines = {name: dial(served.issue_token(agent)) for name, agent in AGENTS.items()}
    chat = InitialChat(access=Access(group_ids=[1]))
    client = served.client()
    started = client.start_chat(chat=chat, continuous=True)
    lines["brown"].call("follow_chat", id=started.chat_id)
    for line in lines.values():
        line.settle()
    lines["chat"] = started.chat_id
    lines["thread"] = started.thread_id
    lines["client"] = client
    return lines


def got(desk, name):
    """The agents whose connections got the push."""
    return {agent for agent in AGENTS if name in desk[agent].names()}


def to_members(desk):
    """Calls of Smith, and the push that only those in the chat and followers get."""
    chat_id, thread_id, client = desk["chat"], desk["thread"], desk["client"]
    event_id = client.send_event(chat_id=chat_id, event=Message(text="first")).event_id
    for agent in AGENTS:
        desk[agent].settle()
    where = {"chat_id": chat_id, "thread_id": thread_id}
    values = {"test": {"string_property": "x"}}
    names = {"test": ["string_property"]}
    return {
        "incoming_event": lambda: client.send_event(chat_id=chat_id, event=Message(text="hi")),
        "incoming_typing_indicator": lambda: client.send_typing_indicator(
            chat_id=chat_id, is_typing=True
        ),
        "incoming_thinking_indicator": lambda: client.send_thinking_indicator(chat_id=chat_id),
        "events_marked_as_seen": lambda: client.mark_events_as_seen(
            chat_id=chat_id, seen_up_to=datetime.now(UTC)
        ),
        "chat_properties_updated": lambda: client.update_chat_properties(
            id=chat_id, properties=values
        ),
        "chat_properties_deleted": lambda: client.delete_chat_properties(
            id=chat_id, properties=names
        ),
        "thread_properties_updated": lambda: client.update_thread_properties(
            **where, properties=values
        ),
        "thread_properties_deleted": lambda: client.delete_thread_properties(
            **where, properties=names
        ),
        "event_properties_updated": lambda: client.update_event_properties(
            **where, event_id=event_id, properties=values
        ),
        "event_properties_deleted": lambda: client.delete_event_properties(
            **where, event_id=event_id, properties=names
        ),
        "thread_tagged": lambda: client.tag_thread(**where, tag="refund"),
        "thread_untagged": lambda: client.untag_thread(**where, tag="refund"),
        "user_added_to_chat": lambda: client.add_user_to_chat(
            chat_id=chat_id, user_id=JONES, user_type="agent", visibility="agents"
        ),
        "user_removed_from_chat": lambda: client.remove_user_from_chat(
            chat_id=chat_id, user_id=JONES, user_type="agent"
        ),
    }


def test_those_in_the_chat_and_followers_get_everything(desk):
    for name, cause in to_members(desk).items():
        cause()
        receivers = got(desk, name) - ({"jones"} if name.startswith("user_") else set())
        assert receivers == {"smith", "brown"}, name


def test_others_with_access_get_the_key_changes(desk):
    client, chat_id = desk["client"], desk["chat"]
    client.deactivate_chat(id=chat_id)
    assert got(desk, "chat_deactivated") == {"smith", "jones", "brown"}
    client.resume_chat(chat=InitialChat(id=chat_id, access=Access(group_ids=[1])), continuous=True)
    assert got(desk, "incoming_chat") == {"smith", "jones", "brown"}
    client.transfer_chat(
        id=chat_id, target=Target(type="agent", ids=[JONES]), ignore_agents_availability=True
    )
    assert got(desk, "chat_transferred") == {"smith", "jones", "brown"}
    client.transfer_chat(
        id=chat_id,
        target=Target(type="group", ids=[3]),
        ignore_agents_availability=True,
        ignore_requester_presence=True,
    )
    for agent in ("jones", "brown", "garcia", "mueller"):
        assert "chat_access_updated" in desk[agent].names(), agent


def test_following_ends_with_unfollow_and_with_reactivation(desk):
    client, chat_id, brown = desk["client"], desk["chat"], desk["brown"]
    client.send_event(chat_id=chat_id, event=Message(text="1"))
    assert "incoming_event" in brown.names()
    brown.call("unfollow_chat", id=chat_id)
    assert "chat_unfollowed" in brown.names()
    client.send_event(chat_id=chat_id, event=Message(text="2"))
    assert "incoming_event" not in brown.names()
    brown.call("follow_chat", id=chat_id)
    client.deactivate_chat(id=chat_id)
    client.resume_chat(chat=InitialChat(id=chat_id), continuous=True)
    brown.settle()
    client.send_event(chat_id=chat_id, event=Message(text="3"))
    assert "incoming_event" not in brown.names()


def test_an_agents_other_connections_learn_of_unfollowing(dial, desk, served):
    other = dial(served.issue_token(BROWN))
    desk["brown"].call("unfollow_chat", id=desk["chat"])
    assert other.push("chat_unfollowed")["payload"] == {"chat_id": desk["chat"]}
    assert got(desk, "chat_unfollowed") == {"brown"}


def test_events_for_agents_only_reach_agents(desk):
    client = desk["client"]
    client.send_event(chat_id=desk["chat"], event=Message(text="psst", visibility="agents"))
    pushed = desk["brown"].push("incoming_event")["payload"]["event"]
    assert (pushed["text"], pushed["visibility"]) == ("psst", "agents")


def test_customers_cause_pushes(desk, served):
    customer = served.customer("Ann")
    customer.start_chat(group_ids=(1,))
    assert {"smith", "jones", "brown"} <= got(desk, "incoming_chat")
    line = desk["smith"]
    line.settle()
    customer.type("I have a qu")
    assert line.push("incoming_sneak_peek")["payload"]["sneak_peek"]["text"] == "I have a qu"
    customer.say("I have a question")
    event = line.push("incoming_event")["payload"]["event"]
    assert (event["author_id"], event["text"]) == (customer.id, "I have a question")
    customer.see()
    assert line.push("events_marked_as_seen")["payload"]["user_id"] == customer.id
    customer.close_chat()
    assert line.push("chat_deactivated")["payload"]["user_id"] == customer.id


def test_the_requester_gets_the_request_id(dial, desk, served):
    other = dial(served.issue_token(SMITH))
    smith = desk["smith"]
    smith.send(
        "send_event",
        request_id="mine",
        chat_id=desk["chat"],
        event={"type": "message", "text": "hi"},
    )
    smith.response("mine")
    assert smith.push("incoming_event")["request_id"] == "mine"
    assert "request_id" not in other.push("incoming_event")
    assert "request_id" not in desk["brown"].push("incoming_event")


def test_web_calls_have_no_request_id(desk):
    desk["client"].send_event(chat_id=desk["chat"], event=Message(text="hi"))
    assert "request_id" not in desk["smith"].push("incoming_event")


def test_queue_positions(desk, served):
    for name in AGENTS:
        desk[name].call("set_routing_status", status="not_accepting_chats")
        desk[name].settle()
    served.customer("Ann").start_chat(group_ids=(1,), continuous=True)
    assert got(desk, "queue_positions_updated") == {"smith", "jones", "brown"}


# Statuses, multicast, summaries


def test_routing_statuses_reach_who_may_read_them(dial, desk, served):
    without = dial(served.issue_token(SMITH, scopes=["chats--all:rw", "agents-bot--all:ro"]))
    agents_only = dial(served.issue_token(SMITH, scopes=["agents--all:ro"]))
    bot = "5c9871d5372c824cbf22d860a707a578"
    desk["client"].set_routing_status(status="not_accepting_chats", agent_id=JONES)
    assert got(desk, "routing_status_set") == set(AGENTS)
    assert "routing_status_set" not in without.names()
    assert "routing_status_set" in agents_only.names()
    desk["client"].set_routing_status(status="accepting_chats", agent_id=bot)
    assert got(desk, "routing_status_set") == set(AGENTS)
    assert "routing_status_set" in without.names()
    assert "routing_status_set" not in agents_only.names()


def test_multicast_reaches_its_recipients(desk):
    client = desk["client"]
    for recipients, receivers in [
        (MulticastRecipientsAgents(ids=[JONES]), {"jones"}),
        (MulticastRecipientsAgents(groups=["3"]), {"garcia", "mueller"}),
        (MulticastRecipientsAgents(all=True), set(AGENTS)),
    ]:
        client.multicast(
            recipients=MulticastRecipients(agents=recipients), content={"n": 1}, type="test"
        )
        assert got(desk, "incoming_multicast") == receivers


def test_summaries_come_later(desk, served):
    client, chat_id = desk["client"], desk["chat"]
    client.send_event(chat_id=chat_id, event=Message(text="hello"))
    client.deactivate_chat(id=chat_id)
    client.request_thread_summary(chat_id=chat_id, thread_id=desk["thread"])
    for agent in AGENTS:
        desk[agent].settle()
    served.advance(10)
    assert got(desk, "thread_summary_set") == {"smith", "jones", "brown"}


def test_events_of_3_6_are_not_told_to_3_5(desk, dial, served):
    client, chat_id = desk["client"], desk["chat"]
    lines = [dial(served.issue_token(BROWN), version=version) for version in ("3.5", "3.6")]
    client.send_event(chat_id=chat_id, event=Message(text="hello"))
    client.request_thread_summary(chat_id=chat_id, thread_id=desk["thread"])
    served.advance(10)
    client.send_event(chat_id=chat_id, event=Message(text="and goodbye"))
    pushed_types = [
        [
            push["payload"]["event"]["type"]
            for push in line.settle()
            if push["action"] == "incoming_event"
        ]
        for line in lines
    ]
    assert pushed_types == [["message", "message"], ["message", "system", "message"]]


# Customers


def test_customer_pushes_follow_the_monitoring_level(dial, served):
    my = dial("owner", customer_monitoring_level="my")
    online = dial("agent", customer_monitoring_level="online")
    customer = served.customer("Ann")
    customer.visit("https://www.example.com/", "Home")
    names = online.names()
    assert "incoming_customer" in names
    assert "customer_statistics_updated" in names
    assert my.names() == ["incoming_customers"]
    customer.visit("https://www.example.com/prices", "Prices")
    page = online.push("customer_page_updated")["payload"]
    assert (page["customer_id"], page["title"]) == (customer.id, "Prices")
    client = served.client()
    client.update_customer(id=customer.id, name="Ann Example", address=Address(country="Poland"))
    assert online.push("customer_updated")["payload"]["name"] == "Ann Example"
    client.ban_customer(id=customer.id, ban=Ban(days=1))
    assert online.push("customer_banned")["payload"]["ban"] == {"days": 1}
    served.customer("Bob").visit("https://www.example.com/")
    served.customer("Bob").leave()
    assert online.push("customer_left")
    assert my.names() == []


@pytest.mark.parametrize("level", ["my", "chatting", "invited", "online"])
def test_a_ban_reaches_the_agent_whose_chat_it_closes(dial, served, level):
    customer = served.customer("Ann")
    chat = served.client().get_chat(chat_id=customer.start_chat())
    (serving,) = [user.id for user in chat.users if user.type == "agent"]
    line = dial(served.issue_token(serving), customer_monitoring_level=level)
    line.settle()
    served.client().ban_customer(id=customer.id, ban=Ban(days=2))
    names = line.names()
    assert {"customer_banned", "customer_left", "chat_deactivated"} <= set(names)
    assert names.index("customer_banned") < names.index("chat_deactivated")


def test_a_subscription_is_of_one_connection(dial, served):
    subscriber, other = dial("owner"), dial("owner")
    other.settle()
    response = subscriber.call("subscribe_customers", limit=1)
    subscriber.settle()
    for name in ("Ann", "Bob"):
        served.customer(name).visit("https://www.example.com/")
    assert "incoming_customer" in subscriber.names()
    assert "incoming_customer" not in other.names()
    served.advance(10)
    totals = subscriber.push("subscribed_customers_totals_updated")["payload"]
    assert totals[response["subscription_id"]] >= 2
    assert "subscribed_customers_totals_updated" not in other.names()
    subscriber.call("unsubscribe_customers", subscription_id=response["subscription_id"])
    subscriber.settle()
    served.advance(10)
    served.customer("Eve").visit("https://www.example.com/")
    assert subscriber.names() == []


# Pushes sent by hand

SCOPE = {
    "chats": "chats--access:ro",
    "customers": "customers:ro",
    "multicast": "multicast:ro",
    "agents": "agents--all:ro",
    "bots": "agents-bot--all:ro",
}


OF_3_6 = {name for name, push in PUSHES.items() if push.spec.since <= (3, 6)}


@pytest.mark.parametrize("name", sorted(OF_3_6 - {"agent_disconnected"}))
def test_each_push_can_be_sent_and_needs_the_scope_of_its_family(dial, served, name):
    family = PUSHES[name].spec.family
    others = [scope for key, scope in SCOPE.items() if key != family]
    without = dial(served.issue_token(SMITH, scopes=others))
    with_it = dial(served.issue_token(SMITH, scopes=[SCOPE.get(family, "chats--my:ro")]))
    payload = {"chat_id": "NONE", "id": "x", "name": "n"}
    for line in (without, with_it):
        line.settle()
    assert served.rtm.push(name, payload) == (1 if family in SCOPE else 2)
    assert with_it.push(name)["payload"] == payload
    assert (name in without.names()) is (family not in SCOPE)


def test_a_push_by_hand_goes_where_the_real_one_goes(desk, served):
    chat_id, thread_id = desk["chat"], desk["thread"]
    served.rtm.push("thread_tagged", {"chat_id": chat_id, "thread_id": thread_id, "tag": "x"})
    assert got(desk, "thread_tagged") == {"smith", "brown"}
    served.rtm.push("chat_deleted", {"chat_id": chat_id})
    assert got(desk, "chat_deleted") == {"smith", "jones", "brown"}
    served.rtm.push("thread_tagged", {"tag": "x"}, agent_ids=[GARCIA], group_ids=[3])
    assert got(desk, "thread_tagged") == {"garcia", "mueller"}
