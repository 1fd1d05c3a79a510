"""A session that is cut again and again gets what one gets that is never cut.

Two sessions of one agent in one sandbox; see ``_control``. Where the API does not show what
happened, the chat has to be named, and nothing may come that did not come to the other session.
"""

import pytest

from ._control import ME, by_chat, compare, play


@pytest.mark.parametrize("seed", range(30))
def test_cut_session_gets_what_the_uncut_one_gets(seed: int):
    scene = play(seed)
    assert compare(scene) == []


def test_most_chats_are_read_back_exactly():
    """Chats that are named are the exception, even in an office where everything happens."""
    scenes = [play(seed) for seed in range(100, 105)]
    chats = sum(len(by_chat(scene.control.got, ME)) for scene in scenes)
    named = sum(len(scene.cut.uncertain) for scene in scenes)
    assert named < chats / 2


def test_requests_at_a_time_keep_to_the_window():
    assert max(play(seed).cut.peak for seed in range(50, 52)) <= 10
