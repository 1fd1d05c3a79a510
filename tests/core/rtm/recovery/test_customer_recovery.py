"""What a customer is told again after a cut, and that nothing else is."""

import copy
from datetime import timedelta
from typing import Any

import pytest

from frontdesk.core.rtm.notices import Notice, PushesLost, Reconnected, Recovered
from frontdesk.core.rtm.recovery.customer_recovery import MOST_DETAILED
from frontdesk.core.rtm.recovery.details import MOST_EVENTS
from frontdesk.pushes import (
    ChatDeactivated,
    ChatPropertiesDeleted,
    ChatPropertiesUpdated,
    EventDeleted,
    EventPropertiesDeleted,
    EventPropertiesUpdated,
    EventsMarkedAsSeen,
    EventUpdated,
    IncomingChat,
    IncomingEvent,
    IncomingRichMessagePostback,
    Push,
    ThreadPropertiesDeleted,
    ThreadPropertiesUpdated,
    UserAddedToChat,
    UserRemovedFromChat,
)
from frontdesk.pushes.customer_chat import (
    CustomerDetailsUpdated,
    GreetingAccepted,
    GreetingCanceled,
    IncomingGreeting,
    QueuePositionUpdated,
)

from ....clients.rtm._server import Refuse, silent, stamp
from ._customer_line import AGENT, CUSTOMER, PlayedCustomer, chat_payload, in_chat

JONES = {"id": "jones@example.com", "type": "agent", "name": "Jones", "present": True}


def back(rtm: PlayedCustomer) -> list[Push]:
    """Let the client connect again; return the pushes that came by it."""
    rtm.line.wait(5.0)
    assert rtm.got(Reconnected), "the session is back"
    pushes = [item for item in rtm.taken if not isinstance(item, Notice)]
    assert all(push.recovered for push in pushes)
    return pushes


def named(rtm: PlayedCustomer) -> set[str]:
    return {chat_id for loss in rtm.got(PushesLost) for chat_id in loss.chats}


def newest(rtm: PlayedCustomer, chat_id: str = "A") -> dict[str, Any]:
    thread: dict[str, Any] = rtm.line.chats.threads[chat_id][-1]
    return thread


def test_nothing_is_told_when_nothing_happened() -> None:
    rtm = in_chat()
    rtm.line.cut()
    assert back(rtm) == []
    assert rtm.got(Reconnected) == [Reconnected(seconds=1.0, requests=2)]
    assert sorted(rtm.methods) == ["get_chat", "list_chats"]


def test_a_customer_without_chats_pays_for_one_request() -> None:
    rtm = PlayedCustomer().start()
    rtm.line.cut()
    assert back(rtm) == []
    assert rtm.methods == ["list_chats"]


def test_messages_come_in_order_and_once() -> None:
    rtm = in_chat()
    rtm.line.cut()
    for text in ("one", "two", "three"):
        rtm.line.chats.say("A", text)
    assert [push.event.text for push in back(rtm)] == ["one", "two", "three"]
    rtm.line.cut()
    rtm.taken.clear()
    assert back(rtm) == []
    assert named(rtm) == set()


def test_pushes_wait_for_what_was_missed_before_them() -> None:
    rtm = in_chat()
    read = rtm.line.responses.pop("get_chat")
    rtm.line.responses["get_chat"] = silent
    rtm.line.cut()
    rtm.line.chats.say("A", "missed")
    rtm.line.wait(2.0)
    rtm.line.push("incoming_event", rtm.line.chats.say("A", "live"))
    assert rtm.texts == []
    rtm.line.responses["get_chat"] = read
    rtm.line.respond()
    assert rtm.texts == ["missed", "live"]
    assert [push.recovered for push in rtm.got(IncomingEvent)].count(False) <= 1


def test_a_new_thread_comes_whole_and_the_old_one_ends() -> None:
    rtm = in_chat()
    rtm.line.cut()
    rtm.line.chats.close("A")
    rtm.line.chats.open("A")
    rtm.line.chats.say("A", "again")
    pushes = back(rtm)
    assert [type(push) for push in pushes] == [ChatDeactivated, IncomingChat, IncomingEvent]
    assert pushes[1].chat.thread.id == "AT2"
    assert "list_threads" in rtm.methods


def test_a_chat_of_which_nothing_was_known_comes_whole() -> None:
    rtm = PlayedCustomer().start()
    rtm.line.chats.now += timedelta(minutes=1)
    rtm.line.cut()
    rtm.line.chats.open("B")
    rtm.line.chats.say("B", "hello")
    pushes = back(rtm)
    assert [type(push) for push in pushes] == [IncomingChat, IncomingEvent]


@pytest.mark.parametrize("heard", [False, True])
def test_what_is_older_than_the_log_in_is_not_told(heard: bool) -> None:
    rtm = PlayedCustomer()
    chats = rtm.line.chats
    chats.open("A")
    chats.say("A", "before the page was opened")
    chats.now += timedelta(seconds=30)
    rtm.start()
    chats.now += timedelta(seconds=30)
    if heard:
        rtm.line.push("incoming_event", chats.say("A", "heard"))
        rtm.taken.clear()
    rtm.line.cut()
    chats.say("A", "missed")
    assert [push.event.text for push in back(rtm)] == ["missed"]


def test_what_came_in_the_second_of_the_log_in_is_not_told_but_named() -> None:
    """The server's time is exact to a second: it may have been before the log-in."""
    rtm = PlayedCustomer()
    rtm.line.chats.open("A")
    rtm.line.chats.say("A", "just before")
    rtm.start()
    rtm.line.cut()
    assert back(rtm) == []
    assert named(rtm) == {"A"}


def test_first_push_tells_what_is_older_than_it() -> None:
    """Within the second of the log-in: what follows the first push was missed."""
    rtm = PlayedCustomer()
    rtm.line.chats.open("A")
    rtm.start()
    rtm.line.push("incoming_event", rtm.line.chats.say("A", "heard"))
    rtm.taken.clear()
    rtm.line.cut()
    rtm.line.chats.say("A", "missed")
    assert [push.event.text for push in back(rtm)] == ["missed"]


def test_an_agent_whom_no_message_names_comes_before_its_first_message() -> None:
    rtm = in_chat()
    rtm.line.cut()
    rtm.line.chats.say("A", "anybody?")
    rtm.line.chats.users["A"].append(JONES)
    rtm.line.chats.say("A", "I am")
    newest(rtm)["events"][-1]["author_id"] = JONES["id"]
    pushes = back(rtm)
    assert [type(push) for push in pushes] == [IncomingEvent, UserAddedToChat, IncomingEvent]
    assert pushes[1].user.id == JONES["id"]
    assert named(rtm) == {"A"}, "when it came, nothing tells"


def test_a_transfer_does_not_tell_who_came_into_an_empty_chat() -> None:
    """Whoever comes when nobody serves the customer comes without a message, perhaps before."""
    rtm = PlayedCustomer().start()
    rtm.line.chats.open("A", member=False)
    rtm.line.push("incoming_chat", copy.deepcopy(chat_payload(rtm.line, "A")))
    rtm.taken.clear()
    rtm.line.cut()
    event = rtm.line.chats.say("A", "Smith transferred the chat to Jones")["event"]
    del event["author_id"]
    event |= {"type": "system_message", "system_message_type": "chat_transferred",
              "text_vars": {"initiator": "Smith", "targets": "Jones"}}  # fmt: skip
    rtm.line.chats.users["A"].append(JONES)
    assert [type(push) for push in back(rtm)] == [IncomingEvent, UserAddedToChat]
    assert named(rtm) == {"A"}


def test_an_agent_who_is_gone_is_told_to_be() -> None:
    rtm = in_chat()
    rtm.line.cut()
    users = rtm.line.chats.users["A"]
    users[:] = [{**user, "present": user["id"] != AGENT} for user in users]
    [push] = back(rtm)
    assert isinstance(push, UserRemovedFromChat)
    assert push.user_id == AGENT


def test_properties_are_told_as_they_are_now() -> None:
    rtm = in_chat()
    chats, thread = rtm.line.chats, newest(rtm)
    chats.properties["A"] = {"shop": {"cart": 1, "note": "x"}}
    thread["properties"] = {"rating": {"score": 1}, "x": {"y": 1}}
    thread["events"][0]["properties"] = {"lc2": {"flag": True}}
    rtm.line.cut()
    first = back(rtm)
    assert [type(push) for push in first] == [
        EventPropertiesUpdated, ThreadPropertiesUpdated, ChatPropertiesUpdated,
    ]  # fmt: skip
    assert first[0].properties == {"lc2": {"flag": True}}
    assert first[1].properties == {"rating": {"score": 1}, "x": {"y": 1}}
    assert first[2].properties == {"shop": {"cart": 1, "note": "x"}}
    rtm.taken.clear()
    chats.properties["A"] = {"shop": {"cart": 2}}
    thread["properties"] = {"rating": {"score": 1}}
    thread["events"][0]["properties"] = {}
    rtm.line.cut()
    gone, *second = back(rtm)
    assert isinstance(gone, EventPropertiesDeleted)
    assert gone.properties == {"lc2": ["flag"]}
    assert [type(push) for push in second] == [
        ThreadPropertiesDeleted, ChatPropertiesUpdated, ChatPropertiesDeleted,
    ]  # fmt: skip
    assert second[0].properties == {"x": ["y"]}
    assert second[1].properties == {"shop": {"cart": 2}}
    assert second[2].properties == {"shop": ["note"]}


def test_properties_that_were_pushed_are_not_told_again() -> None:
    rtm = in_chat()
    thread = newest(rtm)
    rtm.line.push("thread_properties_updated", {
        "chat_id": "A", "thread_id": "AT1", "properties": {"rating": {"score": 1}},
    })  # fmt: skip
    thread["properties"] = {"rating": {"score": 1}}
    rtm.taken.clear()
    rtm.line.cut()
    assert back(rtm) == []


def test_a_property_that_is_pushed_meanwhile_comes_once() -> None:
    rtm = in_chat()
    read = rtm.line.responses["get_chat"]
    rtm.line.responses["get_chat"] = silent
    rtm.line.cut()
    newest(rtm)["properties"] = {"rating": {"score": 0, "comment": "meh"}}
    rtm.line.wait(2.0)
    rtm.line.push("thread_properties_updated", {
        "chat_id": "A", "thread_id": "AT1", "properties": {"rating": {"score": 0}},
    })  # fmt: skip
    rtm.line.responses["get_chat"] = read
    rtm.line.respond()
    first, second = rtm.got(ThreadPropertiesUpdated)
    assert (first.properties, first.recovered) == ({"rating": {"comment": "meh"}}, True)
    assert (second.properties, second.recovered) == ({"rating": {"score": 0}}, False)


def test_a_chat_that_is_rated_after_its_end_is_read() -> None:
    rtm = in_chat()
    rtm.line.push("chat_deactivated", {"chat_id": "A", "thread_id": "AT1"})
    rtm.line.chats.close("A")
    rtm.taken.clear()
    rtm.line.cut()
    newest(rtm)["properties"] = {"rating": {"score": 1}}
    [push] = back(rtm)
    assert isinstance(push, ThreadPropertiesUpdated)


def test_changes_of_a_thread_come_before_its_end() -> None:
    rtm = in_chat()
    rtm.line.cut()
    newest(rtm)["properties"] = {"rating": {"score": 1}}
    rtm.line.chats.close("A")
    rtm.line.chats.open("A")
    assert [type(push) for push in back(rtm)] == [
        ThreadPropertiesUpdated, ChatDeactivated, IncomingChat,
    ]  # fmt: skip


def test_seen_marks_are_told() -> None:
    rtm = in_chat()
    rtm.line.cut()
    seen = rtm.line.chats.now + timedelta(seconds=5)
    for user in rtm.line.chats.users["A"]:
        if user["id"] == AGENT:
            user["events_seen_up_to"] = stamp(seen)
    [push] = back(rtm)
    assert isinstance(push, EventsMarkedAsSeen)
    assert (push.user_id, push.seen_up_to) == (AGENT, seen)


def test_whoever_writes_has_seen_what_was_before() -> None:
    """No push tells it, so none is made up."""
    rtm = in_chat()
    rtm.line.cut()
    event = rtm.line.chats.say("A", "mine")["event"]
    rtm.line.chats.users["A"][0]["events_seen_up_to"] = event["created_at"]
    assert [type(push) for push in back(rtm)] == [IncomingEvent]


@pytest.mark.parametrize("position", [None, 3])
def test_the_place_in_the_queue_is_told(position: int | None) -> None:
    rtm = PlayedCustomer().start()
    rtm.line.chats.open("A")
    if position is not None:
        newest(rtm)["queue"] = {"position": position, "wait_time": 60,
                                "queued_at": stamp(rtm.line.chats.now)}  # fmt: skip
    rtm.line.push("incoming_chat", copy.deepcopy(chat_payload(rtm.line, "A")))
    rtm.taken.clear()
    rtm.line.cut()
    newest(rtm)["queue"] = {"position": 1, "wait_time": 20, "queued_at": stamp(rtm.line.chats.now)}
    [push] = back(rtm)
    assert isinstance(push, QueuePositionUpdated)
    assert (push.queue.position, push.queue.wait_time) == (1, 20)
    assert push.thread_id == "AT1"


def test_an_event_that_changed_is_told() -> None:
    rtm = in_chat()
    rtm.line.cut()
    newest(rtm)["events"][0]["text"] = "corrected"
    [push] = back(rtm)
    assert isinstance(push, EventUpdated)
    assert push.event.text == "corrected"


def test_an_event_that_is_gone_was_deleted() -> None:
    rtm = in_chat()
    event_id = newest(rtm)["events"][0]["id"]
    rtm.line.cut()
    rtm.line.chats.say("A", "another")
    del newest(rtm)["events"][0]
    pushes = back(rtm)
    [deleted] = [push for push in pushes if isinstance(push, EventDeleted)]
    assert deleted.event_id == event_id


def test_an_event_that_came_and_went_is_not_known_of() -> None:
    rtm = in_chat()
    rtm.line.cut()
    rtm.line.chats.say("A", "kept")
    rtm.line.chats.say("A", "deleted")
    del newest(rtm)["events"][-1]
    assert [push.event.text for push in back(rtm)] == ["kept"]


def test_buttons_that_were_pressed_are_told() -> None:
    rtm = in_chat()
    line, chats = rtm.line, rtm.line.chats
    pushed = chats.say("A", "")
    pushed["event"] |= {"type": "rich_message", "template_id": "cards", "elements": [
        {"buttons": [{"text": "Yes", "postback_id": "yes", "user_ids": []}]},
    ]}  # fmt: skip
    line.push("incoming_event", copy.deepcopy(pushed))
    rtm.taken.clear()
    [button] = pushed["event"]["elements"][0]["buttons"]
    for users, toggled in (([CUSTOMER], True), ([], False)):
        line.cut()
        button["user_ids"] = users
        [push] = back(rtm)
        assert isinstance(push, IncomingRichMessagePostback)
        assert (push.user_id, push.postback.id) == (CUSTOMER, "yes")
        assert push.postback.toggled is toggled
        rtm.taken.clear()


@pytest.mark.parametrize(
    ("pushes", "told"),
    [
        (["incoming_event"], [IncomingEvent]),
        ({"3.5": ["incoming_event"], "3.6": [ThreadPropertiesUpdated]},
         [IncomingEvent, ThreadPropertiesUpdated]),
        (["all"], [IncomingEvent, ThreadPropertiesUpdated]),
    ],
)  # fmt: skip
def test_what_the_log_in_does_not_ask_for_is_not_told(pushes: Any, told: list[type[Push]]) -> None:
    rtm = in_chat(pushes=pushes)
    rtm.line.cut()
    rtm.line.chats.say("A", "missed")
    newest(rtm)["properties"] = {"rating": {"score": 1}}
    assert [type(push) for push in back(rtm)] == told


# What the log-in tells.


def test_a_log_in_that_cannot_be_read_costs_nothing_else() -> None:
    rtm = PlayedCustomer()
    rtm.line.responses["login"] = lambda _: {"customer": {"type": "customer"}, "chats": []}
    rtm.line.chats.open("A")
    rtm.start()
    rtm.line.push("incoming_event", rtm.line.chats.say("A", "heard"))
    rtm.taken.clear()
    rtm.line.cut()
    rtm.line.chats.say("A", "missed")
    assert [push.event.text for push in back(rtm)] == ["missed"]


def test_data_of_the_customer_are_told_when_they_change() -> None:
    rtm = PlayedCustomer().start()
    rtm.line.cut()
    rtm.profile = {"name": "Anna", "email": "anna@example.com"}
    [push] = back(rtm)
    assert isinstance(push, CustomerDetailsUpdated)
    assert (push.id, push.name, push.email) == (CUSTOMER, "Anna", "anna@example.com")
    rtm.taken.clear()
    rtm.line.push("customer_updated", {"id": CUSTOMER, "type": "customer", "name": "Ann B."})
    rtm.profile["name"] = "Ann B."
    rtm.taken.clear()
    rtm.line.cut()
    assert back(rtm) == []


def greeting(number: int, **more: Any) -> dict[str, Any]:
    return {"id": 7, "unique_id": f"g{number}", **more, "event": {
        "id": f"e{number}", "type": "message", "text": "Hi", "author_id": AGENT,
        "created_at": "2026-03-01T09:00:00.000000Z"}, "agent": {"id": AGENT}}  # fmt: skip


def test_greetings_are_told_with_what_became_of_the_one_before() -> None:
    rtm = PlayedCustomer()
    rtm.greeting = greeting(1)
    rtm.start()
    rtm.line.cut()
    assert back(rtm) == [], "the first log-in has shown it"
    rtm.taken.clear()
    rtm.line.cut()
    rtm.greeting = greeting(2, accepted=True)
    pushes = back(rtm)
    assert [type(push) for push in pushes] == [
        GreetingCanceled, IncomingGreeting, GreetingAccepted,
    ]  # fmt: skip
    assert [push.unique_id for push in pushes if not isinstance(push, IncomingGreeting)] == [
        "g1", "g2",
    ]  # fmt: skip


def test_a_greeting_that_is_pushed_as_well_comes_once() -> None:
    rtm = PlayedCustomer().start()
    rtm.line.cut()
    rtm.greeting = greeting(1)
    [push] = back(rtm)
    assert isinstance(push, IncomingGreeting)
    rtm.line.push("incoming_greeting", greeting(1))
    assert len(rtm.got(IncomingGreeting)) == 1
    rtm.line.push("incoming_greeting", greeting(2))
    assert len(rtm.got(IncomingGreeting)) == 2


# Trouble, and limits.


def test_by_hand_everything_is_read_when_it_is_asked_for() -> None:
    rtm = in_chat(recover=False)
    rtm.line.cut()
    rtm.line.chats.say("A", "missed")
    rtm.profile["name"] = "Anna"
    newest(rtm)["properties"] = {"rating": {"score": 1}}
    rtm.line.wait(5.0)
    assert rtm.methods == []
    assert not rtm.got(Push)
    [(recovered, error)] = rtm.recover()
    assert error is None
    assert recovered == Recovered(recovered=3, requests=2)
    assert {type(push) for push in rtm.got(Push)} == {
        CustomerDetailsUpdated, IncomingEvent, ThreadPropertiesUpdated,
    }  # fmt: skip


def test_a_reading_that_fails_goes_on_later() -> None:
    rtm = in_chat()
    respond = rtm.line.responses["list_chats"]

    def refuse(_: Any) -> Any:
        raise Refuse("service_unavailable")

    rtm.line.responses["list_chats"] = refuse
    rtm.line.cut()
    rtm.line.chats.say("A", "missed")
    newest(rtm)["properties"] = {"rating": {"score": 1}}
    rtm.line.wait(1.0)
    [notice] = rtm.got(Reconnected)
    assert not notice.complete
    rtm.line.responses["list_chats"] = respond
    rtm.line.wait(60.0)
    assert rtm.texts == ["missed"]
    assert len(rtm.got(ThreadPropertiesUpdated)) == 1
    assert rtm.got(Recovered)[-1].complete


def test_a_cut_while_reading_loses_and_doubles_nothing() -> None:
    rtm = in_chat()
    read = rtm.line.responses["get_chat"]
    rtm.line.responses["get_chat"] = silent
    rtm.line.cut()
    rtm.line.chats.say("A", "one")
    rtm.line.wait(2.0)
    rtm.line.push("incoming_event", rtm.line.chats.say("A", "two"))
    newest(rtm)["properties"] = {"x": {"y": 1}}
    rtm.line.push("thread_properties_updated", {
        "chat_id": "A", "thread_id": "AT1", "properties": {"x": {"y": 1}},
    })  # fmt: skip
    rtm.line.cut()
    rtm.line.responses["get_chat"] = read
    rtm.line.wait(60.0)
    assert rtm.texts == ["one", "two"]
    assert len(rtm.got(ThreadPropertiesUpdated)) == 1


def test_a_chat_that_is_gone_is_named() -> None:
    rtm = in_chat()
    rtm.line.cut()
    del rtm.line.chats.threads["A"]
    assert back(rtm) == []
    assert named(rtm) == {"A"}


def test_chats_on_later_pages_are_read_too() -> None:
    rtm = PlayedCustomer().start()
    rtm.line.chats.now += timedelta(minutes=1)
    rtm.line.cut()
    for number in range(60):
        rtm.line.chats.open(f"C{number}")
    pushes = back(rtm)
    assert {push.chat.id for push in pushes} == {f"C{number}" for number in range(60)}
    assert rtm.methods.count("list_chats") == 3


def test_what_is_remembered_of_chats_is_bounded() -> None:
    rtm = PlayedCustomer().start()
    for number in range(MOST_DETAILED + 10):
        rtm.line.chats.open(f"C{number}")
        rtm.line.push("incoming_chat", chat_payload(rtm.line, f"C{number}"))
    for _ in range(MOST_EVENTS + 50):
        rtm.line.push("incoming_event", rtm.line.chats.say(f"C{number}", "x"))
    details = rtm.line.recovering.recovery.known_chats.details
    assert len(details) == MOST_DETAILED
    assert max(len(each.events) for each in details.values()) == MOST_EVENTS
    rtm.taken.clear()
    rtm.line.cut()
    assert back(rtm) == []
