"""Which events an interruption has cost; the server's chats are a small model, no socket."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest

from frontdesk.codec.decoding import convert
from frontdesk.core.rtm.recovery.reading import MOST_THREADS, Read, ReadingBack
from frontdesk.core.rtm.recovery.recovery import Recovery
from frontdesk.errors import MissingAccess, NotFound
from frontdesk.models import LoginResponse
from frontdesk.pushes import ChatDeactivated, IncomingChat, IncomingEvent, Push, decode

from ....clients.rtm._server import ME, Chats, Refuse
from .._play import LOGIN


class Story:
    """What the server has, what arrived live, and what was delivered."""

    def __init__(self, **limits: Any) -> None:
        self.chats = Chats()
        self.recovery = Recovery(**limits)
        self.delivered: list[Push] = []
        self.asked: list[Any] = []
        self.said: list[str] = []
        self.uncertain: list[str] = []
        self.reading: ReadingBack | None = None
        self.key_changes = True

    def login(self) -> LoginResponse:
        active = [c for c, threads in self.chats.threads.items() if threads[-1]["active"]]
        summaries = [self.chats.summary(chat_id) for chat_id in active[-100:]]
        return convert({**LOGIN, "chats_summary": summaries}, LoginResponse)

    def log_in(self) -> None:
        self.recovery.logged_in(self.login(), self.chats.now.replace(microsecond=0))

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

    def response(self, action: Any) -> Any:
        self.asked.append(action)
        payload = msgspec.json.decode(msgspec.json.encode(action))
        return convert(getattr(self.chats, action.spec.name)(payload), action.spec.returns)

    def back(self) -> ReadingBack:
        """Log in again, and begin to read."""
        server_time = self.chats.now.replace(microsecond=0)
        self.delivered += self.recovery.back(
            self.login(), server_time, key_changes=self.key_changes
        )
        self.reading = ReadingBack(self.recovery, key_changes=self.key_changes)
        self.delivered += self.reading.ready()
        return self.reading

    def recover(self, *, until: int | None = None, meanwhile: Any = None) -> None:
        """Read back; ``until`` stops after that many requests, as a new interruption does."""
        reading = self.back()
        waiting: list[Read] = []
        responded = 0
        while not reading.done:
            waiting += reading.take()
            if responded == until:
                return
            if meanwhile is not None:
                meanwhile(responded + 1)
            self.reply(reading, waiting.pop(0))
            responded += 1
        self.uncertain += reading.uncertain
        self.delivered += self.recovery.let_go()

    def reply(self, reading: ReadingBack, read: Read) -> None:
        kinds = {"not_found": NotFound, "missing_access": MissingAccess}
        try:
            response = self.response(read.action)
        except Refuse as refusal:
            if not reading.refused(read, kinds[refusal.error["type"]]()):
                raise
        else:
            reading.responded(read, response)
        self.delivered += reading.ready()

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


def test_nothing_missed_costs_one_request_and_delivers_nothing(story: Story):
    story.say("A", "1")
    story.chats.now += timedelta(minutes=5)
    story.say("A", "2")
    story.chats.now += timedelta(minutes=5)
    story.interrupt()
    story.recover()
    assert story.texts == ["1", "2"]
    assert len(story.asked) == 1


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
    assert [a.spec.name for a in story.asked] == ["get_chat"] * 2 + ["list_chats"]


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
    story.log_in()
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
    assert len(story.asked) == 1


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
    asked = [a.chat_id for a in story.asked if a.spec.name == "get_chat"]
    assert asked.count("A") == 1
    story.interrupt()
    story.recover()
    assert sum(a.spec.name == "get_chat" for a in story.asked) == len(asked)


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
    assert story.texts == ["1", "missed", "in the new thread"]
    assert [type(push).__name__ for push in story.delivered] == [
        "IncomingEvent", "IncomingEvent", "ChatDeactivated", "IncomingChat", "IncomingEvent",
    ]  # fmt: skip


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

    get_chat = story.chats.get_chat

    def refuse(payload: dict[str, Any]) -> Any:
        if payload["chat_id"] == "GONE":
            raise Refuse(refusal)
        return get_chat(payload)

    story.chats.get_chat = refuse
    story.recover()
    assert "3" in story.texts
    assert story.uncertain == ["GONE"]


def test_chat_that_had_ended_and_was_taken_away_meanwhile_is_named(story: Story):
    """It may have begun again before that, and nothing shows it any more."""
    story.say("A", "1")
    story.chats.close("A")
    story.live("chat_deactivated", {"chat_id": "A", "thread_id": "AT1", "user_id": ME})
    story.chats.open("B")
    story.chats.close("B")
    story.interrupt()
    del story.chats.threads["A"]
    story.recover()
    assert [a.chat_id for a in story.asked if a.spec.name == "get_chat"][-1] == "A"
    assert "A" in story.uncertain
    asked = len(story.asked)
    story.interrupt()
    story.recover()
    assert len(story.asked) == asked + 1, "it is looked for once"


def test_ended_chats_that_are_older_than_the_page_are_not_looked_for(story: Story):
    story.say("A", "1")
    story.chats.close("A")
    story.live("chat_deactivated", {"chat_id": "A", "thread_id": "AT1", "user_id": ME})
    for number in range(150):
        story.chats.now += timedelta(seconds=10)
        story.chats.open(f"C{number}")
        story.chats.close(f"C{number}")
        chat = story.chats.get_chat({"chat_id": f"C{number}"})
        story.live("incoming_chat", {"chat": chat})
    story.interrupt()
    story.recover()
    assert [action.spec.name for action in story.asked] == ["list_chats"]
    assert story.uncertain == []


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


def test_requests_go_ten_at_a_time(story: Story):
    for number in range(30):
        story.chats.open(f"C{number}")
    story.log_in()
    story.say("A", "1")
    story.interrupt()
    for number in range(30):
        story.say(f"C{number}", f"missed {number}", heard=False)
    reading = story.back()
    reads = reading.take()
    assert len(reads) == 10
    assert reading.take() == []
    story.reply(reading, reads.pop())
    assert len(reading.take()) == 1


def test_request_that_failed_is_made_again_and_nothing_else(story: Story):
    story.chats.open("B")
    story.log_in()
    story.say("A", "1")
    story.interrupt()
    story.say("A", "2", heard=False)
    story.say("B", "3", heard=False)
    reading = story.back()
    reads = reading.take()
    failed = next(read for read in reads if read.gap is not None and read.gap.chat_id == "A")
    for read in reads:
        if read is failed:
            reading.failed(read)
        else:
            story.reply(reading, read)
    assert story.texts == ["1", "3"]
    assert reading.take() == [failed]
    story.reply(reading, failed)
    assert reading.done
    assert story.texts == ["1", "3", "2"]


def test_pushes_of_other_chats_are_not_held_back(story: Story):
    story.chats.open("B")
    story.log_in()
    story.say("A", "1")
    story.interrupt()
    story.say("A", "2", heard=False)
    story.back()
    story.say("B", "live")
    assert story.texts == ["1", "live"]


def test_holding_back_is_bounded_and_nothing_is_lost_beyond():
    story = Story(hold=20)
    story.chats.open("A")
    story.log_in()
    story.say("A", "1")
    story.interrupt()
    story.say("A", "missed", heard=False)
    reading = story.back()
    reads = reading.take()
    for number in range(50):
        story.say("A", f"live {number}")
    assert len(story.texts) == 51
    for read in reads:
        story.reply(reading, read)
    assert sorted(story.texts) == sorted(story.said)
    assert story.recovered == ["missed"]
    assert reading.uncertain == ["A"], "it came too late, and that is told"


def test_pushes_before_the_response_to_the_login_wait_for_it(story: Story):
    story.say("A", "1")
    story.interrupt()
    story.say("A", "2", heard=False)
    story.say("A", "early")
    assert story.texts == ["1"]
    story.recover()
    assert story.texts == ["1", "2", "early"]


def test_session_that_ends_for_good_gives_what_it_holds(story: Story):
    story.say("A", "1")
    story.interrupt()
    story.say("A", "missed", heard=False)
    story.back()
    story.say("A", "held")
    story.delivered += story.recovery.ended(for_good=True)
    assert story.texts == ["1", "held"]


def test_session_that_goes_on_finds_what_it_held_again(story: Story):
    story.say("A", "1")
    story.interrupt()
    story.say("A", "missed", heard=False)
    story.back()
    story.say("A", "held")
    assert story.recovery.ended(for_good=False) == []
    story.recover()
    assert story.texts == ["1", "missed", "held"]


def test_memory_does_not_grow_with_the_chats():
    story = Story(memory=50)
    for number in range(1000):
        name = f"C{number}"
        story.chats.open(name)
        payload = {"chat": story.chats.get_chat({"chat_id": name})}
        story.live("incoming_chat", payload)
        story.say(name, "hello")
        story.chats.close(name)
        thread_id = story.chats.threads[name][-1]["id"]
        story.live("chat_deactivated", {"chat_id": name, "thread_id": thread_id})
    assert len(story.recovery.known_chats) <= 100


def test_event_without_an_id_or_a_date_does_no_harm(story: Story):
    story.live("incoming_event", {"chat_id": "A", "thread_id": "AT1", "event": {"type": "new"}})
    story.say("A", "1")
    story.interrupt()
    story.say("A", "2", heard=False)
    story.recover()
    assert story.recovered == ["2"]


def test_chat_with_too_many_threads_is_named_and_read_no_further(story: Story):
    story.say("A", "1")
    story.interrupt()
    for _ in range(2 * MOST_THREADS):
        story.chats.now += timedelta(seconds=10)
        story.chats.close("A")
        story.chats.open("A")
    story.recover()
    assert story.uncertain == ["A"]
    pages = [action for action in story.asked if action.spec.name == "list_threads"]
    assert len(pages) == MOST_THREADS / 20
    story.say("A", "live")
    assert story.texts == ["1", "live"]


def test_chats_being_read_are_bounded():
    story = Story(memory=20)
    story.log_in()
    story.interrupt()
    for number in range(50):
        story.chats.now += timedelta(seconds=10)
        story.chats.open(f"C{number}")
        story.chats.close(f"C{number}")
    reading = story.back()
    while not reading.done:
        for read in reading.take():
            story.reply(reading, read)
            assert len(story.recovery.gaps) <= 20
    named = set(reading.uncertain)
    came = {push.chat.id for push in story.delivered if isinstance(push, IncomingChat)}
    assert len(came) == 20
    assert named | came == {f"C{number}" for number in range(50)}


@pytest.mark.parametrize("belongs", [True, False])
def test_end_of_a_colleagues_chat_comes_if_the_agent_belongs_to_its_group(
    story: Story, belongs: bool
):
    story.chats.open("B", member=False)
    story.chats.threads["B"][-1]["access"] = {"group_ids": [5]}
    story.live("incoming_chat", {"chat": story.chats.get_chat({"chat_id": "B"})})
    statuses = [{"agent_id": ME if belongs else "jones@example.com", "status": "offline"}]
    story.chats.list_routing_statuses = lambda payload: statuses
    story.interrupt()
    story.chats.close("B")
    story.recover()
    assert [a.spec.name for a in story.asked].count("list_routing_statuses") == 1
    ends = [push for push in story.delivered if isinstance(push, ChatDeactivated)]
    assert len(ends) == belongs
    assert story.uncertain == []


def test_chat_that_the_agent_was_in_counts_though_nobody_wants_chats_of_others(story: Story):
    """He came and left meanwhile: the users of the thread tell of it, those of the chat do not."""
    story.key_changes = False
    story.interrupt()
    story.chats.open("B", member=False)
    story.chats.threads["B"][-1]["user_ids"] = ["jones@example.com", ME]
    story.chats.close("B")
    story.recover()
    assert "B" in {getattr(action, "chat_id", None) for action in story.asked}
