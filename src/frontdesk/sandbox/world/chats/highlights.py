"""Marking what a search has found in events."""

from collections.abc import Callable
from typing import Any

from frontdesk.models import (
    FileEvent,
    FilledFormEvent,
    MessageEvent,
    RichMessageEvent,
)
from frontdesk.models.events.form import Answer

__all__ = ["mark"]


def mark(event: Any, marked: Callable[[str], str]) -> None:
    """Replace each searched text of an event by its marked form; deleted events stay."""
    if event.deleted:
        return
    match event:
        case MessageEvent():
            event.text = marked(event.text)
        case FileEvent():
            event.name = marked(event.name)
        case RichMessageEvent():
            for element in event.elements or ():
                element.title = element.title and marked(element.title)
                element.subtitle = element.subtitle and marked(element.subtitle)
        case FilledFormEvent():
            _mark_answers(event, marked)
        case _:
            pass


def _mark_answers(event: FilledFormEvent, marked: Callable[[str], str]) -> None:
    for field in event.fields:
        if isinstance(field.answer, str):
            field.answer = marked(field.answer)
        for answer in (field.answer, *(field.answers or ())):
            if isinstance(answer, Answer):
                answer.label = marked(answer.label)
