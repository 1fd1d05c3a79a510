"""The simulation notices faults: each of these, built into the code, breaks an invariant soon."""

from collections.abc import Callable
from itertools import count
from typing import Any

import pytest

from frontdesk.clients.rtm.recovery import Recovering, Waiter
from frontdesk.core.retry import Meter, Retry
from frontdesk.core.rtm.customers import CustomerSubscriptions
from frontdesk.core.rtm.notices import Recovered
from frontdesk.core.rtm.recovery.replay import Replay, Replayed
from frontdesk.core.rtm.subscriptions import Hub
from frontdesk.core.rtm.window import Window
from frontdesk.pushes import Push, UserAddedToChat, UserRemovedFromChat
from frontdesk.webhooks import Journal, Receiver
from frontdesk.webhooks.deduplication import Deduplicator

from .disk import _Open
from .run import simulate

WITHIN = 40
"""Seeds within which a fault has to show."""
Patch = Callable[[pytest.MonkeyPatch], None]
MUTANTS: dict[str, tuple[str, int, Patch]] = {}


def mutant(breaks: str, *, first: int) -> Callable[[Patch], Patch]:
    """Add a fault.

    Args:
        breaks: part of what the simulation has to report.
        first: a seed that shows the fault. It is played before the others, which takes a fifth of
            the time; where it does not show the fault any more, one of the others has to.
    """

    def add(patch: Patch) -> Patch:
        MUTANTS[patch.__name__] = breaks, first, patch
        return patch

    return add


@mutant("arrived, the meter says", first=2)
def a_request_is_not_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    count = Meter.count

    def forget(self: Meter, action: str) -> None:
        if action != "send_event":
            count(self, action)

    monkeypatch.setattr(Meter, "count", forget)


@mutant("was carried out 2 times", first=2)
def unsafe_calls_are_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    allows = Retry.allows

    def careless(self: Retry, error: Any, *, attempt: int, repeatable: bool, **more: Any) -> bool:
        return allows(self, error, attempt=attempt, repeatable=True, **more)

    monkeypatch.setattr(Retry, "allows", careless)


@mutant("stalled", first=0)
def calls_wait_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Window, "_expire", lambda self, now: None)


@mutant("missing without a PushesLost", first=13)
def losses_are_not_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Hub, "interruption", lambda self, *, recovered: None)


@mutant("foreign: ", first=3)
def what_others_wrote_among_themselves_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Replay, "_receives", property(lambda self: True))


@mutant("missing: ", first=8)
def the_first_push_that_was_missed_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    _change_what_is_replayed(monkeypatch, lambda pushes: pushes[1:])


@mutant("twice: ", first=8)
def a_push_is_read_back_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    _change_what_is_replayed(monkeypatch, lambda pushes: [*pushes, *pushes[-1:]])


@mutant("out of order: ", first=8)
def what_was_missed_comes_backwards(monkeypatch: pytest.MonkeyPatch) -> None:
    _change_what_is_replayed(monkeypatch, lambda pushes: pushes[::-1])


def _change_what_is_replayed(
    monkeypatch: pytest.MonkeyPatch, change: Callable[[list[Push]], list[Push]]
) -> None:
    run = Replay.run

    def changed(self: Replay) -> Replayed:
        replayed = run(self)
        replayed.pushes = change(replayed.pushes)
        return replayed

    monkeypatch.setattr(Replay, "run", changed)


@mutant("not told: ", first=9)
def who_lost_a_chat_is_not_told(monkeypatch: pytest.MonkeyPatch) -> None:
    _change_what_is_replayed(
        monkeypatch,
        lambda pushes: [push for push in pushes if not isinstance(push, UserRemovedFromChat)],
    )


@mutant("missing: user_added_to_chat", first=8)
def who_came_is_not_told(monkeypatch: pytest.MonkeyPatch) -> None:
    _change_what_is_replayed(
        monkeypatch,
        lambda pushes: [push for push in pushes if not isinstance(push, UserAddedToChat)],
    )


@mutant("missing: ", first=8)
def chats_are_not_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Hub, "incomplete", lambda self, chats: None)


@mutant("does not go on", first=1)
def subscriptions_end_with_their_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(CustomerSubscriptions, "to_renew", lambda self: [])


@mutant("were made, and", first=6)
def subscriptions_are_given_up_when_the_server_is_busy(monkeypatch: pytest.MonkeyPatch) -> None:
    subscribed = Recovering._subscribed

    def give_up(self: Recovering, call: Any) -> None:
        subscribed(self, call)
        if call.error is not None:
            self.customers.forget(call.subscription_id)

    monkeypatch.setattr(Recovering, "_subscribed", give_up)


@mutant("totals of", first=6)
def totals_come_under_ids_that_nobody_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(CustomerSubscriptions, "incoming", lambda self, push: push)


@mutant("did not end", first=0)
def reading_by_hand_without_a_connection_waits_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    start = Recovering.start

    def deaf(self: Recovering, waiter: Waiter) -> None:
        if not self._line.is_away:
            start(self, waiter)

    monkeypatch.setattr(Recovering, "start", deaf)


@mutant("missing: ", first=10)
def reading_by_hand_reads_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Recovering, "start", lambda self, waiter: waiter(Recovered(), None))


@mutant("webhook lost", first=20)
def files_that_cannot_be_opened_are_thrown_away(monkeypatch: pytest.MonkeyPatch) -> None:
    take_over = Journal._take_over

    def careless(self: Journal, name: str) -> list[Any]:
        entries = take_over(self, name)
        mount: Any = self._disk
        if mount.denials:
            mount.disk.files.pop(name, None)
        return entries

    monkeypatch.setattr(Journal, "_take_over", careless)


@mutant("webhook handled again", first=2)
def repeats_are_not_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Deduplicator, "is_repeat", lambda self, trace: False)


@mutant("webhook handled again", first=4)
def what_an_earlier_process_took_is_not_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    async def forget(self: Receiver, trace: object) -> bool:
        return True

    monkeypatch.setattr(Receiver, "_remember", forget)


@mutant("webhook lost", first=7)
def webhooks_are_acknowledged_before_they_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_Open, "append", lambda self, data: None)


@mutant("webhook lost", first=7)
def the_disk_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    async def at_once(self: Journal, ticket: object) -> None:
        """Do not wait."""

    monkeypatch.setattr(Journal, "synced", at_once)


@mutant("webhook out of order", first=2)
def webhooks_of_a_chat_overtake_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    numbers = count()
    monkeypatch.setattr("frontdesk.webhooks.processing.ordering_key", lambda webhook: next(numbers))


@pytest.mark.parametrize("name", MUTANTS)
def test_fault_is_noticed(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    breaks, first, patch = MUTANTS[name]
    patch(monkeypatch)
    seeds = (first, *(seed for seed in range(WITHIN) if seed != first))
    assert any(breaks in fault for seed in seeds for fault in simulate(seed).faults), (
        f"{name} was not noticed within {WITHIN} seeds"
    )
