"""Buttons that were pressed: one press may come as a push, as a message, or as both."""

import time
from typing import Literal

import msgspec

from frontdesk.bots.states.record import ChatRecord
from frontdesk.bots.work.happenings import Happening
from frontdesk.pushes import IncomingRichMessagePostback

__all__ = ["first_of_press"]

PAIR = 60.0
"""Seconds between the push and the message of one press, at most."""
MOST = 16
"""Presses of a chat that are remembered."""


def first_of_press(record: ChatRecord, happening: Happening) -> Happening | None:
    """Return what is left of a happening that may be the second half of a press.

    Returns:
        The happening itself if it is no press, or its first half; a message without its button, or
        ``None`` for a push, if the other half has been handled.
    """
    if not happening.pressed:
        return happening
    payload = happening.payload
    half: Literal["push", "message"] = "message"
    if isinstance(payload, IncomingRichMessagePostback):
        half, event_id = "push", payload.event_id
    else:
        event_id = happening.event.postback.event_id
    press = f"{event_id} {happening.pressed}"
    now = time.time()
    presses = dict(record.presses or {})
    before = presses.pop(press, None)
    if before is not None and before[0] != half and before[1] > now - PAIR:
        record.presses = presses
        return None if half == "push" else msgspec.structs.replace(happening, pressed="")
    presses[press] = (half, now)
    record.presses = dict(list(presses.items())[-MOST:])
    return happening
