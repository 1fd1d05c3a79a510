"""Many subscribers on one stream: who gets what, and what a slow one is told."""

import json
import logging
from typing import Any

import pytest
from msgspec import Raw

from frontdesk.actions import SubscribeCustomers
from frontdesk.codec.damage import DamageReports
from frontdesk.core.rtm.customers import CustomerSubscriptions
from frontdesk.core.rtm.filters import make_filter
from frontdesk.core.rtm.frames import Frame, decode_frame
from frontdesk.core.rtm.notices import ConnectionLost, PushesLost, Reconnected, Recovered
from frontdesk.core.rtm.recovery.recovery import Recovery
from frontdesk.core.rtm.stats import Counters, SessionStats
from frontdesk.core.rtm.subscriptions import QUEUE, Hub, Mailbox
from frontdesk.errors import ConnectionClosed, InvalidArgument
from frontdesk.models import CustomersSubscription
from frontdesk.pushes import (
    ChatDeleted,
    IncomingEvent,
    IncomingTypingIndicator,
    Push,
    SubscribedCustomersTotalsUpdated,
    ThreadDeleted,
    UnknownPush,
)

LOG = logging.getLogger("frontdesk.rtm")


class Scene:
    def __init__(self) -> None:
        self.hub = Hub(LOG)
        self.wakes = 0

    def box(self, *kinds: type[Any], queue: int = 100) -> Mailbox:
        return self.hub.subscribe(kinds, queue, self._wake)

    def _wake(self) -> None:
        self.wakes += 1

    def push(self, action: str, payload: Any = None, **frame: Any) -> None:
        if payload is None:
            payload = {"chat_id": "C", "thread_id": "T"}
        data = {"type": "push", "version": "3.6", "action": action, "payload": payload, **frame}
        self.hub.publish(decode_frame(json.dumps(data)))


def taken(box: Mailbox) -> list[Any]:
    items = []
    while (item := box.take()) is not None:
        items.append(item)
    return items


@pytest.fixture
def scene() -> Scene:
    return Scene()


def test_subscriber_gets_the_kinds_it_asked_for_in_order(scene: Scene):
    box = scene.box(ChatDeleted, ThreadDeleted)
    for name in ("chat_deleted", "thread_deleted", "chat_deactivated", "chat_deleted"):
        scene.push(name)
    assert [type(push) for push in taken(box)] == [ChatDeleted, ThreadDeleted, ChatDeleted]
    assert scene.wakes == 3


def test_subscriber_without_kinds_gets_everything(scene: Scene):
    box = scene.box()
    scene.push("chat_deleted")
    scene.push("brand_new", [1])
    assert [type(push) for push in taken(box)] == [ChatDeleted, UnknownPush]


def test_subscribers_are_independent(scene: Scene):
    first, second = scene.box(ChatDeleted), scene.box(ChatDeleted)
    scene.push("chat_deleted")
    assert taken(first)
    scene.push("chat_deleted")
    assert len(taken(first)) == 1
    assert len(taken(second)) == 2


def test_late_subscriber_gets_what_comes_from_then_on(scene: Scene):
    scene.push("chat_deleted", {"chat_id": "early"})
    box = scene.box(ChatDeleted)
    scene.push("chat_deleted", {"chat_id": "late"})
    assert [push.chat_id for push in taken(box)] == ["late"]


def test_version_and_request_id_of_the_frame_are_told(scene: Scene):
    box = scene.box()
    scene.push("chat_deleted", request_id="17")
    [push] = taken(box)
    assert (push.version, push.request_id, push.recovered) == ("3.6", "17", False)


def test_unsubscribed_gets_nothing_more(scene: Scene):
    box = scene.box()
    scene.push("chat_deleted")
    scene.hub.unsubscribe(box)
    scene.push("chat_deleted")
    assert len(taken(box)) == 1


def test_slow_subscriber_loses_the_oldest_and_is_told_how_many_in_their_place(scene: Scene):
    box = scene.box(ChatDeleted, PushesLost, queue=3)
    for number in range(10):
        scene.push("chat_deleted", {"chat_id": str(number)})
    lost, *rest = taken(box)
    assert lost == PushesLost(overflow=7)
    assert [push.chat_id for push in rest] == ["7", "8", "9"]
    scene.push("chat_deleted", {"chat_id": "10"})
    assert [push.chat_id for push in taken(box)] == ["10"]


def test_slow_subscriber_costs_the_others_nothing(scene: Scene):
    scene.box(ChatDeleted, queue=1)
    quick = scene.box(ChatDeleted)
    for _ in range(50):
        scene.push("chat_deleted")
    assert len(taken(quick)) == 50


def test_losses_add_up_whatever_their_cause(scene: Scene):
    box = scene.box(ChatDeleted, PushesLost, queue=2)
    scene.push("chat_deleted")
    scene.hub.interruption(recovered=True)
    for _ in range(5):
        scene.push("chat_deleted")
    assert taken(box)[0] == PushesLost(overflow=4, interruption=True)


def test_every_push_is_taken_or_counted(scene: Scene):
    box = scene.box(ChatDeleted, PushesLost, queue=7)
    got = lost = 0
    for number in range(1, 1000):
        scene.push("chat_deleted")
        if number % 13 == 0:
            for item in taken(box):
                if isinstance(item, PushesLost):
                    lost += item.overflow
                else:
                    got += 1
    rest = taken(box)
    got += sum(isinstance(item, ChatDeleted) for item in rest)
    lost += sum(item.overflow for item in rest if isinstance(item, PushesLost))
    assert got + lost == 999
    assert lost


def test_interruption_is_reported_to_those_who_asked_and_may_have_missed_something(scene: Scene):
    events, others, both, everything, losses, notices, unasked = (
        scene.box(IncomingEvent, PushesLost),
        scene.box(IncomingTypingIndicator, PushesLost),
        scene.box(IncomingEvent, IncomingTypingIndicator, PushesLost),
        scene.box(Push, PushesLost),
        scene.box(PushesLost),
        scene.box(Reconnected),
        scene.box(IncomingTypingIndicator),
    )
    scene.hub.interruption(recovered=True)
    boxes = (events, others, both, everything, losses, notices, unasked)
    assert [taken(box) == [PushesLost(interruption=True)] for box in boxes] == [
        False, True, True, True, True, False, False,
    ]  # fmt: skip


def test_chats_that_were_not_read_back_whole_are_named(scene: Scene):
    events, notices = scene.box(IncomingEvent, PushesLost), scene.box(Reconnected)
    scene.hub.incomplete(("A", "B"))
    assert taken(events) == [PushesLost(interruption=True, chats=("A", "B"))]
    assert taken(notices) == []


def test_interruption_that_is_not_made_up_for_is_reported_to_all_who_asked(scene: Scene):
    box, notices = scene.box(IncomingEvent, PushesLost), scene.box(Reconnected)
    unasked = scene.box(IncomingEvent)
    scene.hub.interruption(recovered=False)
    assert taken(box) == [PushesLost(interruption=True)]
    assert taken(notices) == taken(unasked) == []


def test_losses_of_a_subscriber_that_did_not_ask_are_counted_and_logged_once(scene: Scene, caplog):
    box = scene.box(ChatDeleted, queue=3)
    for number in range(10):
        scene.push("chat_deleted", {"chat_id": str(number)})
    assert [push.chat_id for push in taken(box)] == ["7", "8", "9"]
    assert scene.hub.counters.dropped == 7
    assert len(caplog.records) == 1
    assert "ChatDeleted" in caplog.text
    for _ in range(4):
        scene.push("chat_deleted")
    assert len(caplog.records) == 2


def test_subscriber_of_losses_alone_learns_of_those_of_all_others(scene: Scene):
    losses = scene.box(PushesLost)
    scene.box(ChatDeleted, queue=1)
    scene.box(ChatDeleted, PushesLost, queue=2)
    scene.box(ThreadDeleted, queue=1)
    for _ in range(5):
        scene.push("chat_deleted")
    assert taken(losses) == [PushesLost(overflow=4 + 3)]


def test_losses_that_nobody_takes_up_do_not_pile_up(scene: Scene):
    losses = scene.box(PushesLost, queue=1)
    scene.box(ChatDeleted, queue=1)
    for _ in range(500):
        scene.push("chat_deleted")
        scene.hub.interruption(recovered=True)
    assert taken(losses) == [PushesLost(overflow=499, interruption=True)]


@pytest.mark.parametrize(
    ("where", "chats"),
    [
        ({"chat_id": "A"}, ["A"]),
        ({"chat_id": ["A", "C"]}, ["A", "C"]),
        ({"chat_id": {"X"}}, []),
        ({"author_id": "ann"}, ["A", "B"]),
        ({"author_id": ("ann", "bob")}, ["A", "B", "C"]),
        ({"chat_id": ["B", "C"], "author_id": "ann"}, ["B"]),
        ({}, ["A", "B", "C", "D"]),
    ],
)
def test_filter_by_chat_and_author(scene: Scene, where: dict[str, Any], chats: list[str]):
    options = {"chat_id": None, "author_id": None, **where}
    box = scene.hub.subscribe((IncomingEvent,), 100, lambda: None, make_filter(**options))
    for chat_id, author in (("A", "ann"), ("B", "ann"), ("C", "bob"), ("D", None)):
        event = {
            "id": "E", "type": "message", "text": "hi", "visibility": "all", "author_id": author,
            "created_at": "2026-03-01T09:00:00Z",
        }  # fmt: skip
        if author is None:
            event |= {"type": "system_message", "system_message_type": "x"}
            del event["author_id"]
        scene.push("incoming_event", {"chat_id": chat_id, "thread_id": "T", "event": event})
    assert [push.chat_id for push in taken(box)] == chats


def test_filter_lets_notices_pass(scene: Scene):
    box = scene.hub.subscribe((ChatDeleted, Reconnected), 100, lambda: None, make_filter("A", None))
    scene.push("chat_deleted", {"chat_id": "B"})
    scene.hub.deliver(Reconnected(seconds=1.0))
    assert taken(box) == [Reconnected(seconds=1.0)]


@pytest.mark.parametrize("ids", [17, "", ["A", 17], [""], b"A"])
def test_filter_takes_ids(ids: Any):
    with pytest.raises(InvalidArgument, match="chat_id"):
        make_filter(ids, None)


def test_notices_come_on_demand(scene: Scene):
    wanted, unwanted = scene.box(ConnectionLost, Reconnected), scene.box()
    lost = ConnectionLost(error=ConnectionClosed("gone"), retry_in=1.0)
    scene.hub.deliver(lost)
    assert taken(wanted) == [lost]
    assert taken(unwanted) == []


def test_end_lets_take_what_is_left(scene: Scene):
    box = scene.box()
    scene.push("chat_deleted")
    error = ConnectionClosed("gone")
    scene.hub.close(error)
    scene.push("chat_deleted")
    assert box.closed
    assert box.error is error
    assert len(taken(box)) == 1
    assert scene.wakes == 2


def test_malformed_push_goes_to_those_who_take_unknown_ones_and_is_logged(scene: Scene, caplog):
    typed, unknown, everything = scene.box(ChatDeleted), scene.box(UnknownPush), scene.box(Push)
    scene.push("chat_deleted", {"chat_id": 17})
    assert taken(typed) == []
    assert [push.payload for push in taken(unknown)] == [{"chat_id": 17}]
    assert len(taken(everything)) == 1
    assert "chat_deleted" in caplog.text


def test_push_that_is_no_json_is_ignored_with_one_log_line(scene: Scene, caplog):
    box = scene.box()
    scene.hub.publish(Frame(type="push", action="brand_new", payload=Raw(b"[" * 5000)))
    assert taken(box) == []
    assert len(caplog.records) == 1


def test_events_are_remembered_though_nobody_listens(scene: Scene):
    scene.hub.recovery = recovery = Recovery()
    payload = {"chat_id": "C", "thread_id": "T", "event": {
        "id": "T_1", "type": "message", "text": "hi", "author_id": "c", "visibility": "all",
        "created_at": "2026-03-01T09:00:00Z"}}  # fmt: skip
    scene.push("incoming_event", payload)
    known_chat = recovery.known_chats.get("C")
    assert known_chat is not None
    assert (known_chat.thread_id, known_chat.last_id) == ("T", "T_1")


@pytest.mark.parametrize("kind", ["incoming_event", 17, dict, None])
def test_kinds_are_classes_of_pushes(scene: Scene, kind: Any):
    with pytest.raises(InvalidArgument, match="classes of pushes"):
        scene.box(kind)


def test_ten_thousand_pushes_may_wait_by_default():
    assert QUEUE == 10_000


def test_queue_holds_at_least_one(scene: Scene):
    with pytest.raises(InvalidArgument, match="queue"):
        scene.box(ChatDeleted, queue=0)


# Details


@pytest.mark.parametrize("kind", ["incoming_event", dict])
def test_what_is_no_class_of_pushes_is_named(scene: Scene, kind: Any):
    with pytest.raises(InvalidArgument) as caught:
        scene.box(kind)
    assert str(caught.value) == f"`kinds` must be classes of pushes, not {kind!r}"


@pytest.mark.parametrize(
    ("queue", "rule"),
    [
        (0, "must be 1 or more"),
        (-1, "must be 1 or more"),
        (1.5, "must be a whole number, not 1.5"),
        ("2", "must be a whole number, not '2'"),
        (None, "must be a whole number, not None"),
        (True, "must be a whole number, not True"),
    ],
)
def test_least_queue_is_said(scene: Scene, queue: Any, rule: str):
    scene.box(ChatDeleted, queue=1)
    with pytest.raises(InvalidArgument) as caught:
        scene.box(ChatDeleted, queue=queue)
    assert str(caught.value) == f"`queue` {rule}"


@pytest.mark.parametrize("name", ["chat_id", "author_id"])
def test_ids_that_are_none_are_named(name: str):
    with pytest.raises(InvalidArgument) as caught:
        make_filter(**{"chat_id": None, "author_id": None, name: [""]})
    assert str(caught.value) == f"`{name}` must be an id, or a collection of ids"


@pytest.mark.parametrize("name", ["chat_id", "author_id"])
def test_no_id_at_all_is_refused(name: str):
    with pytest.raises(InvalidArgument) as caught:
        make_filter(**{"chat_id": None, "author_id": None, name: ()})
    assert str(caught.value) == f"`{name}` must not be empty; give None, or nothing, for all"


def test_no_filter_for_no_ids():
    assert make_filter(None, None) is None


def test_loss_is_logged_with_the_kinds_and_the_size_of_the_queue(scene: Scene, caplog):
    scene.box(ThreadDeleted, ChatDeleted, queue=2)
    for _ in range(4):
        scene.push("chat_deleted")
    [record] = caplog.records
    assert record.levelname == "WARNING"
    assert record.getMessage() == (
        "a subscriber of ChatDeleted, ThreadDeleted is too slow: of more than 2 pushes that "
        "wait, the oldest are dropped; subscribe to PushesLost to learn how many"
    )


def test_loss_of_a_subscriber_that_asked_is_not_logged(scene: Scene, caplog):
    scene.box(ChatDeleted, PushesLost, queue=2)
    for _ in range(4):
        scene.push("chat_deleted")
    assert caplog.records == []
    assert scene.hub.counters.dropped == 2


def test_push_that_cannot_be_read_is_logged_with_the_reason(scene: Scene, caplog):
    scene.box()
    scene.hub.publish(Frame(type="push", action="brand_new", payload=Raw(b"[" * 100_000)))
    [record] = caplog.records
    assert (record.name, record.levelname) == ("frontdesk.rtm", "WARNING")
    assert record.getMessage().startswith("ignored a push: not valid JSON: nested too deeply")


def test_push_after_one_that_cannot_be_read_is_delivered(scene: Scene):
    box = scene.box()
    scene.hub.publish(Frame(type="push", action="brand_new", payload=Raw(b"[" * 100_000)))
    scene.push("chat_deleted")
    assert [type(push) for push in taken(box)] == [ChatDeleted]


def test_subscriber_is_woken_for_each_item_that_it_takes(scene: Scene):
    box = scene.hub.subscribe((ChatDeleted,), 1, scene._wake, make_filter("A", None))
    scene.push("chat_deleted", {"chat_id": "B"})
    scene.push("thread_deleted")
    assert scene.wakes == 0
    scene.push("chat_deleted", {"chat_id": "A"})
    scene.push("chat_deleted", {"chat_id": "A"})
    assert scene.wakes == 2
    box.close(None)
    box.close(ConnectionClosed("late"))
    assert scene.wakes == 3
    assert box.error is None


def test_closed_mailbox_takes_nothing_more(scene: Scene):
    box = scene.box(ChatDeleted, PushesLost)
    scene.push("chat_deleted")
    box.close(None)
    scene.push("chat_deleted")
    box.put_loss(PushesLost(overflow=1))
    assert len(taken(box)) == 1


def test_abandoned_mailbox_is_empty_and_wakes_nobody(scene: Scene):
    box = scene.box(ChatDeleted)
    scene.push("chat_deleted")
    box.abandon()
    scene.push("chat_deleted")
    assert taken(box) == []
    assert scene.wakes == 1
    assert scene.hub.counters.dropped == 0


def test_abandoned_subscribers_are_gone_with_the_next_one(scene: Scene):
    box = scene.box(ChatDeleted)
    box.abandon()
    other = scene.box(ChatDeleted)
    assert scene.hub._subscribers == [other]
    assert not scene.hub.takes((ThreadDeleted,))
    assert scene.hub.takes((ThreadDeleted, ChatDeleted))


def test_which_subscribers_take_a_kind_is_worked_out_once(scene: Scene):
    asked: list[type[Any]] = []

    class Curious(Mailbox):
        __slots__ = ()

        def takes(self, kind: type[Any]) -> bool:
            asked.append(kind)
            return super().takes(kind)

    box = Curious((ChatDeleted,), 100, lambda: None)
    scene.hub.add(box)
    for _ in range(5):
        scene.push("chat_deleted")
        scene.push("thread_deleted")
    assert asked == [ChatDeleted, ThreadDeleted]
    assert len(taken(box)) == 5
    scene.box(ThreadDeleted)
    scene.push("chat_deleted")
    assert asked == [ChatDeleted, ThreadDeleted, ChatDeleted]


def test_losses_in_a_row_become_one_and_keep_their_place(scene: Scene):
    box = scene.box(ChatDeleted, PushesLost)
    scene.push("chat_deleted")
    box.put_loss(PushesLost(overflow=1, chats=("A",)))
    box.put_loss(PushesLost(overflow=2, interruption=True, chats=("B", "A")))
    scene.push("chat_deleted")
    box.put_loss(PushesLost(overflow=4))
    assert [item for item in taken(box) if isinstance(item, PushesLost)] == [
        PushesLost(overflow=3, interruption=True, chats=("A", "B")),
        PushesLost(overflow=4),
    ]


def test_loss_that_does_not_fit_is_not_counted_twice(scene: Scene):
    box = scene.box(ChatDeleted, PushesLost, queue=1)
    box.put_loss(PushesLost(overflow=5))
    scene.push("chat_deleted")
    assert taken(box)[0] == PushesLost(overflow=5)
    assert scene.hub.counters.dropped == 0


def test_losses_name_at_most_a_thousand_chats(scene: Scene):
    box = scene.box(PushesLost)
    many = tuple(f"C{number}" for number in range(1500))
    scene.hub.incomplete(many)
    assert taken(box) == [PushesLost(interruption=True, chats=many[:1000])]
    scene.hub.incomplete(many[:700])
    scene.hub.incomplete(many[600:])
    [loss] = taken(box)
    assert loss.chats == many[:1000]


def test_totals_of_customers_have_the_ids_that_subscribers_know(scene: Scene):
    box = scene.box(SubscribedCustomersTotalsUpdated)
    payload = {"totals": {"second": 3, "other": 1}}
    scene.push("subscribed_customers_totals_updated", payload)
    customers = scene.hub.customers = CustomerSubscriptions()
    customers.done(
        SubscribeCustomers(), CustomersSubscription(subscription_id="first", customers=[])
    )
    customers.renewed("first", CustomersSubscription(subscription_id="second", customers=[]))
    scene.push("subscribed_customers_totals_updated", payload)
    assert [push.totals for push in taken(box)] == [
        {"second": 3, "other": 1},
        {"first": 3, "other": 1},
    ]


def test_counters_begin_at_nothing_and_are_copied(scene: Scene):
    before = scene.hub.counters.snapshot()
    assert {getattr(before, name) for name in SessionStats.__struct_fields__} == {0}
    scene.push("chat_deleted")
    assert (before.pushes, scene.hub.counters.snapshot().pushes) == (0, 1)


def test_counters_and_reports_of_the_client_are_used(caplog):
    counters, reports = Counters(), DamageReports(strict=True)
    hub = Hub(LOG, counters, reports)
    hub.subscribe((ChatDeleted,), 10, lambda: None)
    hub.publish(decode_frame(b'{"type":"push","action":"chat_deleted","payload":{"chat_id":7}}'))
    assert counters.pushes == 1
    assert "ignored a push" in caplog.text


def test_subscriber_to_notices_alone_takes_no_pushes():
    for kinds, takes in (((Reconnected,), False), ((Reconnected, ChatDeleted), True), ((), True)):
        assert Mailbox(kinds, 1, lambda: None).takes_pushes is takes


def test_mailbox_without_a_hub_drops_in_silence():
    box = Mailbox((ChatDeleted,), 1, lambda: None)
    for chat_id in "AB":
        box.put(ChatDeleted(chat_id=chat_id))
    assert [push.chat_id for push in taken(box)] == ["B"]


def test_defaults_of_what_is_told_after_an_interruption():
    assert Recovered() == Recovered(recovered=0, requests=0, complete=True, chats=())
    again = Reconnected(seconds=1.0)
    assert (again.recovered, again.requests, again.complete, again.chats) == (0, 0, True, ())


def test_subscriptions_end_with_the_session(scene: Scene):
    scene.box(ChatDeleted)
    scene.push("chat_deleted")
    scene.hub.close(None)
    assert scene.hub._subscribers == []
    assert not scene.hub.takes((ChatDeleted,))
