"""The simulation of a bot notices faults: each of these breaks an invariant soon."""

from collections.abc import Callable

import pytest

from frontdesk.bots.engines.base import Claim
from frontdesk.bots.engines.kept_items import KeptItem, KeptItems
from frontdesk.bots.engines.local import LocalClaim, LocalEngine
from frontdesk.bots.items import QueueItem
from frontdesk.bots.states.record import ChatRecord
from frontdesk.bots.work.run import Run
from frontdesk.bots.work.worker import Worker
from frontdesk.webhooks import Journal

from .run import simulate

SEEDS = range(30)
"""Those within which a fault has to show."""
Patch = Callable[[pytest.MonkeyPatch], None]
MUTANTS: dict[str, tuple[str, int, Patch]] = {}


def mutant(breaks: str, *, first: int = 0) -> Callable[[Patch], Patch]:
    """Add a fault.

    Args:
        breaks: part of what the simulation has to report.
        first: a seed that shows the fault, and is played before the others; where it does not show
            the fault any more, one of the others has to.
    """

    def add(patch: Patch) -> Patch:
        MUTANTS[patch.__name__] = breaks, first, patch
        return patch

    return add


@mutant("lost: ")
def messages_are_acknowledged_before_their_state_is_saved(monkeypatch: pytest.MonkeyPatch) -> None:
    run = Worker._run

    async def hasty(
        self: Worker, claim: Claim, loaded: object, record: ChatRecord, *, is_again: bool
    ) -> bool:
        if isinstance(claim, LocalClaim) and claim.kept is not None:
            claim._engine.forget(claim.kept)
        return await run(self, claim, loaded, record, is_again=is_again)  # type: ignore[arg-type]

    monkeypatch.setattr(Worker, "_run", hasty)


@mutant("state changed twice: ", first=2)
def what_was_handled_is_not_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ChatRecord, "has_handled", lambda self, claim: False)


@mutant("replied twice: ")
def earlier_replies_are_not_looked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    async def never(self: Run, chat_id: str, thread_id: str, custom_id: str) -> None:
        return None

    monkeypatch.setattr(Run, "_sent_before", never)


@mutant("lost: ", first=10)
def the_disk_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    async def at_once(self: Journal, ticket: object) -> None:
        """Do not wait."""

    monkeypatch.setattr(Journal, "synced", at_once)


@mutant("given up twice: ", first=3)
def dead_letters_of_a_killed_process_are_worked_on_again(monkeypatch: pytest.MonkeyPatch) -> None:
    async def careless(self: LocalEngine, journal: KeptItems) -> list[KeptItem]:
        return journal.open()

    monkeypatch.setattr(LocalEngine, "_unsettled_of", careless)


@mutant("lost: ")
def messages_that_are_given_up_leave_no_dead_letter(monkeypatch: pytest.MonkeyPatch) -> None:
    async def drop(self: LocalEngine, claim: LocalClaim, reason: str) -> None:
        claim.pause = None
        if claim.kept is not None:
            self.forget(claim.kept)

    monkeypatch.setattr(LocalEngine, "give_up", drop)


@mutant("out of order: ")
def messages_of_a_chat_overtake_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    def submit(self: LocalEngine, claim: LocalClaim) -> None:
        if self._work is None or self._taking_back:
            self._waiting.append(claim)
        else:
            self._executor.submit(claim.item.id, claim)

    monkeypatch.setattr(LocalEngine, "_submit", submit)


@mutant("added: ", first=3)
def messages_are_worked_on_before_they_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    publish = LocalEngine.publish

    async def eager(self: LocalEngine, item: QueueItem) -> None:
        if self._accepts:
            self._submit(self._claim(item, None))
        await publish(self, item)

    monkeypatch.setattr(LocalEngine, "publish", eager)


@pytest.mark.parametrize("name", MUTANTS)
def test_fault_is_noticed(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    breaks, first, patch = MUTANTS[name]
    patch(monkeypatch)
    seeds = (first, *(seed for seed in SEEDS if seed != first))
    assert any(breaks in fault for seed in seeds for fault in simulate(seed).faults), (
        f"{name} was not noticed within {len(SEEDS)} seeds"
    )
