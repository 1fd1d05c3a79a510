"""The comparison notices faults: each of these, built into the sandbox, shows soon."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from msgspec.structs import replace

from frontdesk.sandbox.serve.rtm.customer_delivery import CustomerDelivery
from frontdesk.sandbox.serve.rtm.push_delivery import PushDelivery
from frontdesk.sandbox.world import Effect
from frontdesk.sandbox.world.chats import customer_views

from .run import simulate

WITHIN = 12
"""Seeds within which a fault has to show."""
Patch = Callable[[pytest.MonkeyPatch], None]
MUTANTS: dict[str, tuple[str, Patch]] = {}


def mutant(breaks: str) -> Callable[[Patch], Patch]:
    """Add a fault; ``breaks`` is part of what the run has to report."""

    def add(patch: Patch) -> Patch:
        MUTANTS[patch.__name__] = breaks, patch
        return patch

    return add


def _pushes(
    monkeypatch: pytest.MonkeyPatch,
    kind: type[Any],
    change: Callable[[int, Effect, list[Any]], list[Any]],
) -> None:
    """Change which frames a push becomes; the function gets the number of the push."""
    frames, numbers = kind.frames, iter(range(10**9))

    def changed(self: Any, effect: Effect) -> Iterator[Any]:
        given = list(frames(self, effect))
        return iter(change(next(numbers), effect, given) if given else given)

    monkeypatch.setattr(kind, "frames", changed)


@mutant("for agents alone` came")
def what_agents_say_among_themselves_is_pushed(monkeypatch: pytest.MonkeyPatch) -> None:
    frames = CustomerDelivery.frames

    def careless(self: CustomerDelivery, effect: Effect) -> Iterator[Any]:
        shown = effect
        if effect.push == "incoming_event":
            event = replace(effect.payload.event, visibility="all")
            shown = replace(effect, to_customer=True, payload=replace(effect.payload, event=event))
        return frames(self, shown)

    monkeypatch.setattr(CustomerDelivery, "frames", careless)


@mutant("for agents alone` came")
def what_agents_say_among_themselves_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    show = customer_views.show_event

    def careless(viewer: Any, event: Any) -> Any:
        return show(viewer, replace(event, visibility="all"))

    monkeypatch.setattr(customer_views, "show_event", careless)


@mutant("read [")
def what_was_deleted_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    show, show_rows = customer_views.show_event, customer_views._show_rows

    def careless(viewer: Any, event: Any) -> Any:
        return show(viewer, replace(event, deleted=None))

    def careless_of_rows(viewer: Any, rows: Any) -> Any:
        return show_rows(viewer, [replace(row, deleted=False) for row in rows])

    monkeypatch.setattr(customer_views, "show_event", careless)
    monkeypatch.setattr(customer_views, "_show_rows", careless_of_rows)


@mutant("` came in")
def what_customers_may_not_read_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        customer_views.CustomerViewer, "readable", lambda self, values, location: values
    )


@mutant("` came in")
def addresses_of_agents_are_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(customer_views, "shown_id", lambda world, user_id: user_id)


@mutant("` came in")
def everybody_gets_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(CustomerDelivery, "_customers_of", lambda self, effect: None)


@mutant("read [")
def a_push_to_a_customer_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    def lose(number: int, effect: Effect, given: list[Any]) -> list[Any]:
        return [] if effect.push == "incoming_event" and number % 7 == 6 else given

    _pushes(monkeypatch, CustomerDelivery, lose)


@mutant("owner, ")
def a_push_to_an_agent_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    def lose(number: int, effect: Effect, given: list[Any]) -> list[Any]:
        return [] if effect.push == "thread_properties_updated" and number % 3 == 2 else given

    _pushes(monkeypatch, PushDelivery, lose)


@mutant("came twice")
def a_push_comes_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    def double(number: int, effect: Effect, given: list[Any]) -> list[Any]:
        return [*given, *given] if number % 9 == 8 else given

    _pushes(monkeypatch, CustomerDelivery, double)


@mutant("read [")
def two_pushes_change_places(monkeypatch: pytest.MonkeyPatch) -> None:
    late: list[Any] = []

    def swap(number: int, effect: Effect, given: list[Any]) -> list[Any]:
        if effect.push != "incoming_event":
            return given
        if not late and number % 3 == 0:
            late.extend(given)
            return []
        held, late[:] = list(late), []
        return [*given, *held]

    _pushes(monkeypatch, CustomerDelivery, swap)


@mutant("are there, and")
def who_is_hidden_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(customer_views.CustomerViewer, "hidden_ids", frozenset[str]())
    show_users = customer_views.show_users

    def careless(viewer: Any, *arguments: Any) -> Any:
        users = [replace(user, visibility="all") for user in viewer.chat.users]
        shown = customer_views.CustomerViewer(viewer.world, replace(viewer.chat, users=users))
        return show_users(shown, *arguments)

    monkeypatch.setattr(customer_views, "show_users", careless)


@pytest.mark.parametrize("name", MUTANTS)
def test_each_fault_shows_soon(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    breaks, patch = MUTANTS[name]
    reports: list[str] = []
    patch(monkeypatch)
    for seed in range(WITHIN):
        outcome = simulate(seed)
        reports += outcome.faults
        if any(breaks in fault for fault in outcome.faults):
            return
    raise AssertionError(f"nothing notices that {name}: {reports[:5]}")
