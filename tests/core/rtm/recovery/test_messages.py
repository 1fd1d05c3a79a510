"""What the messages and properties of a thread say of who served it."""

from typing import Any

import pytest

from frontdesk.core.rtm.recovery.messages import closing_of, was_unassigned

from .test_replay import said, system_message, thread

PINNED = {"properties": {"routing": {"pinned": True}}}
QUEUE = {"queue": {"position": 1, "wait_time": 1, "queued_at": "2026-03-01T09:00:00.000000Z"}}


@pytest.mark.parametrize(
    ("fields", "unassigned", "unassigned_though_a_message_tells_why"),
    [
        ({}, False, False),
        ({"properties": {"routing": {"idle": False}}}, False, False),
        (PINNED, True, False),
        (QUEUE, True, True),
        ({"queues_duration": 7}, True, True),
        ({**PINNED, "queues_duration": 0}, True, True),
    ],
)
def test_thread_that_waited_or_is_pinned_was_served_by_nobody(
    fields: dict[str, Any], unassigned: bool, unassigned_though_a_message_tells_why: bool
):
    served = thread("T1", -9, ["ann", "me"], [], **fields)
    assert was_unassigned(served) is unassigned
    assert was_unassigned(served, left=True) is unassigned_though_a_message_tells_why


@pytest.mark.parametrize(
    "kind",
    [
        "archived_customer_disconnected",
        "customer_banned",
        "manual_archived_agent",
        "manual_archived_customer",
        "system_archived",
        "routing.archived_inactive",
    ],
)
def test_message_about_the_end_is_known_by_its_kind(kind: str):
    last = thread("T1", 0, ["ann"], [said("ann", 1), system_message(kind, 2)])
    assert closing_of(list(last.events or ())) == (1, 2)
