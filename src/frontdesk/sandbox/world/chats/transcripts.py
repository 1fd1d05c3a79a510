"""Transcripts: what was said in a thread, as plain text."""

from collections.abc import Iterator
from typing import Any

from frontdesk.models import (
    Answer,
    FileEvent,
    FilledFormEvent,
    MessageEvent,
    RichMessageEvent,
    SystemMessageEvent,
)
from frontdesk.sandbox.store.records import ThreadRecord
from frontdesk.sandbox.world.chats import events
from frontdesk.sandbox.world.people.names import name_of
from frontdesk.sandbox.world.world import World

__all__ = ["text"]


def text(world: World, thread: ThreadRecord) -> str:
    """Return what a customer saw of a thread, a line for each event that says something.

    A line is ``2026-03-02 09:00:01 Ann: hello``, in UTC; system messages have no name.
    """
    lines: list[str] = []
    for event in events.visible_to_customer(world, thread.num):
        said = " / ".join(part for part in _said(event) if part)
        if said:
            who = "" if event.author_id is None else f"{name_of(world, event.author_id)}: "
            lines.append(f"{event.created_at:%Y-%m-%d %H:%M:%S} {who}{said}")
    return "\n".join(lines)


def _said(event: Any) -> Iterator[str | None]:
    match event:
        case MessageEvent() | SystemMessageEvent():
            yield event.text
        case FileEvent():
            yield f"{event.name} ({event.url})"
        case RichMessageEvent():
            for element in event.elements or ():
                yield element.title
                yield element.subtitle
        case FilledFormEvent():
            for field in event.fields:
                answers = [field.answer, *(field.answers or ())]
                given = ", ".join(
                    answer.label if isinstance(answer, Answer) else answer
                    for answer in answers
                    if answer
                )
                yield f"{field.label} {given}" if given else None
        case _:
            return
