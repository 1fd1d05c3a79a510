"""A customer's session that is cut again and again leads where one leads that is never cut.

Two sessions of one customer in one sandbox; see ``_customer_control``.
"""

import os
from collections import Counter
from functools import cache

import pytest

from frontdesk.pushes import EventDeleted, Push
from frontdesk.pushes.customer_chat import CustomerDetailsUpdated

from ._customer_control import REGAINED, compare, play

SEEDS = 24
MANY = 2_000
FIRST_OF_SOAK = 1_000
NAMED = 0.4
"""Of the interruptions in which something happened, those after which the chat was named: at most,
in an office where agents come and go all the time."""

played = cache(play)


@pytest.mark.parametrize("seed", range(SEEDS))
def test_cut_session_leads_where_the_uncut_one_leads(seed: int) -> None:
    assert compare(played(seed)) == []


@pytest.mark.soak
@pytest.mark.timeout(12 * 3600)
def test_cut_session_leads_where_the_uncut_one_leads_over_many_seeds() -> None:
    """``FRONTDESK_SEEDS`` of them from ``FRONTDESK_FIRST_SEED`` on."""
    first = int(os.environ.get("FRONTDESK_FIRST_SEED", FIRST_OF_SOAK))
    count = int(os.environ.get("FRONTDESK_SEEDS", MANY))
    faults = {seed: compare(play(seed)) for seed in range(first, first + count)}
    assert {seed: each for seed, each in faults.items() if each} == {}


def test_all_kinds_are_read_back() -> None:
    """The scenes are about something: each kind is missed, and comes back, in one of them."""
    kinds = Counter(
        type(push) for seed in range(SEEDS) for push in played(seed).cut.got if push.recovered
    )
    assert {kind for kind in (*REGAINED, CustomerDetailsUpdated) if not kinds[kind]} == set()


def test_what_is_told_again_is_never_more_than_was_told() -> None:
    """Of what happened in between the last is told: never more often than it happened."""
    for seed in range(SEEDS):
        scene = played(seed)
        for kind in (EventDeleted, CustomerDetailsUpdated):
            assert _count(scene.cut.got, kind) <= _count(scene.control.got, kind)


def _count(pushes: list[Push], kind: type[Push]) -> int:
    return sum(isinstance(push, kind) for push in pushes)


def test_chats_are_seldom_named() -> None:
    scenes = [played(seed) for seed in range(SEEDS)]
    named = sum(scene.namings for scene in scenes)
    assert named <= NAMED * sum(scene.gaps for scene in scenes)
