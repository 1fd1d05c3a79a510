"""Which events an interruption has cost; the server's chats are a small model, no socket."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest

from frontdesk.core.rtm.recovery import Reading, Recovery
from frontdesk.decoding import convert
from frontdesk.errors import MissingAccess, NotFound, RequestTimeout
from frontdesk.models import LoginResponse
from frontdesk.pushes import IncomingEvent, Push, decode

from ._play import LOGIN
from ._server import START, Chats, Refuse


class Story:
    """What the server has, what arrived live, and what was delivered."""

    def __init__(self, **limits: Any) -> None:
        self.chats = Chats()
        self.limits = limits
        self.recovery = Recovery(**limits)
        self.delivered: list[Push] = []
        self.asked: list[Any] = []
        self.said: list[str] = []

    def log_in(self) -> None:
        login = {**LOGIN, "chats_summary": [self.chats.summary(c) for c in self.chats.threads]}
        self.recovery.logged_in(convert(login, LoginResponse), self.chats.now)

    def live(self, action: str, payload: Any) -> None:
        self.delivered += self.recovery.arrived(decode(action, payload))

    def say(self, chat_id: str, text: str, *, heard: bool = True) -> dict[str, Any]:
        """The customer says something; ``heard`` over the present connection or not."""
        payload = self.chats.say(chat_id, text)
        self.said.append(text)
        if heard:
            self.live("incoming_event", payload)
        return payload

    def interrupt(self) -> None:
        self.delivered += self.recovery.interrupted()

    def answer(self, action: Any) -> Any:
        self.asked.append(action)
        payload = msgspec.json.decode(msgspec.json.encode(action))
        return convert(getattr(self.chats, action.spec.name)(payload), action.spec.returns)

    def recover(self, *, until: int | None = None, meanwhile: Any = None) -> None:
        """Read back; ``until`` stops after that many requests, as a new interruption does."""
        reading = Reading(self.recovery, self.delivered.append)
        action = reading.begin()
        while action is not None:
            if reading.requests - 1 == until:
                return
            if meanwhile is not None:
                meanwhile(reading.requests)
            try:
                answer = self.answer(action)
            except Refuse as refusal:
                kinds = {"not_found": NotFound, "missing_access": MissingAccess}
                action = reading.refused(kinds[refusal.error["type"]]())
            else:
                action = reading.answered(answer)
        self.delivered += self.recovery.release()

    @property
    def texts(self) -> list[str]:
        return [push.event.text for push in self.delivered if isinstance(push, IncomingEvent)]

    @property
    def recovered(self) -> list[str]:
        return [
            push.event.text
            for push in self.delivered
            if isinstance(push, IncomingEvent) and push.recovered
        ]


@pytest.fixture
def story() -> Story:
    story = Story()
    story.chats.open("A")
    story.log_in()
    return story


def test_missed_events_come_once_in_order_and_marked(story: Story):
    story.say("A", "1")
    story.interrupt()
    for text in "234":
        story.say("A", text, heard=False)
    story.recover()
    story.say("A", "5")
    assert story.texts == ["1", "2", "3", "4", "5"]
    assert story.recovered == ["2", "3", "4"]
    assert {push.chat_id for push in story.delivered} == {"A"}
    assert {push.thread_id for push in story.delivered} == {"AT1"}


def test_nothing_missed_costs_two_requests_and_delivers_nothing(story: Story):
    story.say("A", "1")
    story.chats.now += timedelta(minutes=5)
    story.say("A", "2")
    story.chats.now += timedelta(minutes=5)
    story.interrupt()
    story.recover()
    assert story.texts == ["1", "2"]
    assert len(story.asked) == 2


def test_each_changed_chat_costs_one_request(story: Story):
    for name in "BCD":
        story.chats.open(name)
    story.log_in()
    story.chats.now += timedelta(minutes=5)
    for name in "ABCD":
        story.say(name, name)
    story.chats.now += timedelta(minutes=5)
    story.say("A", "last")
    story.interrupt()
    story.say("B", "missed", heard=False)
    story.say("D", "missed too", heard=False)
    story.recover()
    assert sorted(story.recovered) == ["missed", "missed too"]
    assert [a.spec.name for a in story.asked] == ["list_chats"] * 2 + ["get_chat"] * 2


def test_events_before_the_login_are_not_missed():
    story = Story()
    story.chats.open("A")
    for text in "123":
        story.say("A", text, heard=False)
    story.chats.now += timedelta(seconds=1)
    story.log_in()
    story.interrupt()
    story.say("A", "4", heard=False)
    story.recover()
    assert story.texts == ["4"]


def test_events_of_a_thread_that_began_and_ended_meanwhile_are_found(story: Story):
    story.say("A", "1")
    story.interrupt()
    story.say("A", "2", heard=False)
    story.chats.close("A")
    story.chats.open("A")
    story.say("A", "3", heard=False)
    story.chats.close("A")
    story.chats.open("A")
    story.say("A", "4", heard=False)
    story.recover()
    assert story.texts == ["1", "2", "3", "4"]


def test_events_of_a_long_thread_that_ended_meanwhile_are_found(story: Story):
    story.say("A", "1")
    story.chats.now += timedelta(days=1)
    story.chats.open("B")
    story.say("B", "2")
    story.interrupt()
    story.say("A", "3", heard=False)
    story.chats.close("A")
    story.recover()
    assert story.texts == ["1", "2", "3"]


def test_chat_that_was_started_and_ended_meanwhile_is_found(story: Story):
    story.say("A", "1")
    story.interrupt()
    story.chats.open("NEW")
    story.say("NEW", "2", heard=False)
    story.chats.close("NEW")
    story.recover()
    assert story.texts == ["1", "2"]


def test_chats_of_others_are_left_alone(story: Story):
    story.say("A", "1")
    story.interrupt()
    story.chats.open("OTHER", member=False)
    story.say("OTHER", "2", heard=False)
    story.recover()
    assert story.texts == ["1"]


def test_chat_that_is_followed_counts(story: Story):
    story.chats.open("OTHER", member=False)
    summary = story.chats.summary
    story.chats.summary = lambda chat_id: {**summary(chat_id), "is_followed": chat_id == "OTHER"}
    story.say("A", "1")
    story.interrupt()
    story.say("OTHER", "2", heard=False)
    story.recover()
    assert story.texts == ["1", "2"]


def test_more_chats_than_a_page_holds_are_all_read():
    story = Story()
    for number in range(250):
        story.chats.open(f"C{number}")
    story.log_in()
    story.say("C0", "first")
    story.interrupt()
    for number in range(250):
        story.say(f"C{number}", f"missed {number}", heard=False)
    story.recover()
    assert sorted(story.recovered) == sorted(f"missed {number}" for number in range(250))
    assert sum(a.spec.name == "list_chats" for a in story.asked) == 4


def test_old_inactive_chats_are_not_paged_through():
    story = Story()
    for number in range(500):
        story.chats.open(f"OLD{number}")
        story.chats.close(f"OLD{number}")
    story.chats.now += timedelta(hours=1)
    story.chats.open("A")
    story.log_in()
    story.chats.now += timedelta(hours=1)
    story.interrupt()
    story.recover()
    assert len(story.asked) == 2


def test_events_of_the_new_connection_do_not_overtake_missed_ones(story: Story):
    story.say("A", "1")
    story.interrupt()
    story.say("A", "2", heard=False)

    def meanwhile(request: int) -> None:
        story.say("A", f"live {request}")

    story.recover(meanwhile=meanwhile)
    assert story.texts == story.said
    assert story.recovered == ["2"]


def test_live_push_of_an_event_that_was_read_back_already_is_dropped(story: Story):
    story.say("A", "1")
    story.interrupt()
    late = story.say("A", "2", heard=False)
    story.recover()
    story.live("incoming_event", late)
    assert story.texts == ["1", "2"]


def test_event_that_was_seen_live_before_it_is_listed_hides_no_older_one(story: Story):
    """The last event of the chat is a live one of the new connection; an older one was missed."""
    story.say("A", "1")
    story.interrupt()
    story.say("A", "missed", heard=False)
    story.say("A", "live")
    story.recover()
    assert story.texts == ["1", "missed", "live"]


def test_interruption_while_reading_back_loses_and_doubles_nothing(story: Story):
    story.say("A", "1")
    story.interrupt()
    story.say("A", "2", heard=False)
    for stop in (0, 1, 2):
        story.recover(until=stop)
        story.say("A", f"held {stop}")
        story.interrupt()
        story.say("A", f"missed {stop}", heard=False)
    story.recover()
    assert story.texts == story.said


def test_chat_whose_end_was_missed_is_asked_for_once(story: Story):
    story.say("A", "1")
    for number in range(150):
        story.chats.open(f"DONE{number}")
        story.chats.close(f"DONE{number}")
    story.chats.now += timedelta(hours=1)
    story.chats.open("B")
    story.say("B", "2")
    story.interrupt()
    story.chats.close("A")
    story.recover()
    assert [a.chat_id for a in story.asked if a.spec.name == "get_chat"] == ["A"]
    story.interrupt()
    story.recover()
    assert sum(a.spec.name == "get_chat" for a in story.asked) == 1


def test_session_that_ends_while_reading_back_hides_no_older_event(story: Story):
    """What was held back is delivered at the end; the next session must look behind it."""
    story.say("A", "1")
    story.interrupt()
    story.say("A", "missed", heard=False)
    story.recover(until=1)
    story.say("A", "held")
    story.delivered += story.recovery.ended()
    assert story.texts == ["1", "held"]
    story.recover()
    assert sorted(story.texts) == sorted(story.said)


def test_new_thread_that_arrives_while_reading_back_hides_no_older_event(story: Story):
    story.say("A", "1")
    story.interrupt()
    story.say("A", "missed", heard=False)
    story.recover(until=0)
    story.chats.close("A")
    story.chats.now += timedelta(seconds=1)
    story.chats.open("A")
    story.chats.say("A", "in the new thread")
    story.live("incoming_chat", {"chat": story.chats.get_chat({"chat_id": "A"})})
    story.interrupt()
    story.recover()
    assert story.texts == ["1", "missed"]


def test_first_events_of_a_new_chat_count_as_delivered(story: Story):
    thread_id = story.chats.open("NEW")
    story.chats.say("NEW", "in the chat")
    story.live("incoming_chat", {"chat": story.chats.get_chat({"chat_id": "NEW"})})
    story.interrupt()
    story.say("NEW", "after", heard=False)
    story.recover()
    assert story.recovered == ["after"]
    assert thread_id == "NEWT1"


@pytest.mark.parametrize("refusal", ["not_found", "missing_access"])
def test_chat_that_was_taken_away_meanwhile_does_not_stop_the_rest(story: Story, refusal: str):
    story.chats.open("GONE")
    story.say("GONE", "1")
    story.chats.open("B")
    story.say("B", "2")
    story.interrupt()
    story.say("B", "3", heard=False)
    del story.chats.threads["GONE"]

    def refuse(payload: dict[str, Any]) -> Any:
        raise Refuse(refusal)

    story.chats.get_chat = refuse
    story.recover()
    assert "3" in story.texts


def test_what_is_found_is_delivered_before_anything_else_can_happen(story: Story):
    """If the connection is lost right after an answer, what it told is not lost with it."""
    story.say("A", "1")
    story.interrupt()
    story.say("A", "2", heard=False)
    reading = Reading(story.recovery, story.delivered.append)
    action = reading.begin()
    while reading.events == 0:
        assert action is not None
        action = reading.answered(story.answer(action))
    story.interrupt()
    story.recover()
    assert story.texts == ["1", "2"]


def test_failure_while_reading_back_gives_up_and_lets_go_what_is_held(story: Story):
    story.say("A", "1")
    story.interrupt()
    steps = story.recovery.steps()
    next(steps)
    story.say("A", "held")
    with pytest.raises(RequestTimeout):
        steps.throw(RequestTimeout("no answer"))
    story.delivered += story.recovery.release()
    story.say("A", "after")
    assert story.texts == ["1", "held", "after"]


def test_other_pushes_are_held_back_and_keep_their_place(story: Story):
    story.say("A", "1")
    story.interrupt()
    story.say("A", "2", heard=False)
    story.live("chat_deactivated", {"chat_id": "A", "thread_id": "AT1"})
    assert story.texts == ["1"]
    story.recover()
    assert [type(push).__name__ for push in story.delivered] == [
        "IncomingEvent", "IncomingEvent", "ChatDeactivated",
    ]  # fmt: skip


def test_holding_back_is_bounded_and_nothing_is_lost_beyond():
    story = Story(hold=20)
    story.chats.open("A")
    story.log_in()
    story.say("A", "1")
    story.interrupt()
    story.say("A", "missed", heard=False)
    for number in range(50):
        story.say("A", f"live {number}")
    story.recover()
    assert sorted(story.texts) == sorted(story.said)
    assert story.recovered == ["missed"]


def test_memory_does_not_grow_with_the_events():
    recovery = Recovery(memory=100)
    recovery.logged_in(convert(LOGIN, LoginResponse), START)
    chats = Chats()
    chats.open("A")
    for number in range(5000):
        list(recovery.arrived(decode("incoming_event", chats.say("A", str(number)))))
        chats.threads["A"][0]["events"].clear()
        chats.threads["A"][0]["id"] = f"T{number}"
        chats.threads[f"A{number}"] = chats.threads["A"]
        payload = {
            "chat_id": f"A{number}",
            "thread_id": "T",
            "event": chats.last["A"]["message"]["event"],
        }
        list(recovery.arrived(decode("incoming_event", payload)))
    sizes = [len(memory.items()) for memory in (recovery._seen, recovery._active)]
    assert max(sizes) <= 200


def test_forgotten_events_are_not_delivered_again():
    story = Story(memory=50)
    story.chats.open("A")
    story.log_in()
    for number in range(500):
        story.say("A", str(number))
    story.interrupt()
    story.say("A", "missed", heard=False)
    story.recover()
    assert story.recovered == ["missed"]


def test_events_that_arrive_out_of_order_are_not_lost(story: Story):
    """A push that is a little late when the connection breaks is read back."""
    story.chats.open("B")
    late = story.chats.say("B", "late")
    story.chats.now += timedelta(seconds=3)
    story.say("A", "younger")
    story.interrupt()
    story.recover()
    assert story.texts == ["younger", "late"]
    assert late["event"]["text"] == "late"


def test_event_without_an_id_or_a_date_does_no_harm(story: Story):
    story.live("incoming_event", {"chat_id": "A", "thread_id": "AT1", "event": {"type": "new"}})
    story.say("A", "1")
    story.interrupt()
    story.say("A", "2", heard=False)
    story.recover()
    assert story.recovered == ["2"]
