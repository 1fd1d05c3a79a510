"""A session that is cut again and again gets what one gets that is never cut.

Two sessions of one agent in one sandbox; see ``_control``. Where the API does not show what
happened, the chat has to be named, and nothing may come that did not come to the other session.
"""

import os
from functools import cache

import pytest

from frontdesk.models import Target

from ._content import by_chat
from ._control import ME, Scene, compare, play

SEEDS = 30
MANY = 2_000
MISSING = 120
NAMED = 103
"""Pushes that were not read back, and chats that were named, in all those scenes: at most. Fewer
are better, so lower them when reading back learns more."""
FIRST_OF_SOAK = 1_000


played = cache(play)


@pytest.mark.parametrize("seed", range(SEEDS))
def test_cut_session_gets_what_the_uncut_one_gets(seed: int):
    assert compare(played(seed)) == []


@pytest.mark.soak
@pytest.mark.timeout(12 * 3600)
def test_cut_session_gets_what_the_uncut_one_gets_over_many_seeds():
    """``FRONTDESK_SEEDS`` of them from ``FRONTDESK_FIRST_SEED`` on."""
    first = int(os.environ.get("FRONTDESK_FIRST_SEED", FIRST_OF_SOAK))
    count = int(os.environ.get("FRONTDESK_SEEDS", MANY))
    differences = {seed: compare(play(seed)) for seed in range(first, first + count)}
    assert {seed: each for seed, each in differences.items() if each} == {}


def test_no_more_is_missing_and_named_than_ever():
    """An office where everything happens; elsewhere much less is."""
    missing = named = 0
    for seed in range(SEEDS):
        scene = played(seed)
        control, cut = by_chat(scene.control.got), by_chat(scene.cut.got)
        missing += sum(len(right) - len(cut[chat_id]) for chat_id, right in control.items())
        named += len(scene.cut.named)
    assert missing <= MISSING
    assert named <= NAMED


def test_requests_at_a_time_keep_to_the_window():
    assert max(played(seed).cut.peak for seed in range(SEEDS)) <= 10


def test_chat_that_begins_again_before_it_is_listed_is_read_back():
    """The log-in shows active chats, the list those that are not, and it is in neither."""
    scene = Scene(1)
    try:
        scene.start(before=0)
        ann = scene.customers[0]
        ann.start_chat(scene.text(), continuous=True)
        scene.settle()
        ann.close_chat()
        scene.settle()
        scene.cut.cut()
        ann.start_chat(scene.text(), continuous=True)
        ann.close_chat()
        scene.cut.connect(meanwhile=lambda: ann.start_chat(scene.text(), continuous=True))
        scene.settle()
    finally:
        scene.close()
    assert compare(scene) == []
    [got] = by_chat(scene.cut.got).values()
    assert [push["kind"] for push in got].count("IncomingChat") == 3


@pytest.mark.parametrize("arrives", range(8))
def test_transfer_to_the_agent_is_whole_wherever_the_cut_falls(arrives: int):
    """Some of the pushes that belong together arrive before the cut, and some do not."""
    scene = Scene(1)
    try:
        scene.start(before=0)
        status = scene.web[ME].set_routing_status
        status(status="not_accepting_chats", agent_id=ME)
        ann = scene.customers[0]
        ann.start_chat(scene.text(), continuous=True)
        [chat_id] = scene.chat_ids()
        status(status="accepting_chats", agent_id=ME)
        scene.web[ME].follow_chat(id=chat_id)
        scene.settle()
        scene.web[ME].transfer_chat(
            id=chat_id, target=Target(type="agent", ids=[ME]), ignore_requester_presence=True
        )
        scene.cut.cut(keep=arrives)
        scene.cut.connect()
        scene.settle()
    finally:
        scene.close()
    assert compare(scene) == []
    right, got = by_chat(scene.control.got), by_chat(scene.cut.got)
    assert [push["kind"] for push in got[chat_id]] == [push["kind"] for push in right[chat_id]]


def test_chats_are_named_though_the_reading_is_interrupted():
    scene = Scene(1)
    try:
        scene.start(before=0)
        scene.web[ME].set_routing_status(status="not_accepting_chats", agent_id=ME)
        ann = scene.customers[0]
        ann.start_chat(scene.text(), continuous=True)
        scene.settle()
        scene.cut.cut()
        scene.web[ME].follow_chat(id=scene.chat_ids()[0])
        ann.send(scene.text())
        scene.cut.connect()
        assert scene.cut.reading is not None
        while not scene.cut.reading.uncertain:
            assert scene.cut.receive()
        scene.cut.cut()
        scene.cut.connect()
        scene.settle()
    finally:
        scene.close()
    assert compare(scene) == []
    assert len(scene.cut.named) == 1
