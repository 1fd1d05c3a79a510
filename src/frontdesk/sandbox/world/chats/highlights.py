"""What is searched by its words, and marking what was found."""

from collections.abc import Callable
from typing import Any

from frontdesk.models import (
    FileEvent,
    FilledFormEvent,
    MessageEvent,
    RichMessageEvent,
)
from frontdesk.models.form import Answer
from frontdesk.sandbox.world.properties.defaults import DEFAULTS
from frontdesk.sandbox.world.world import World

__all__ = ["is_tokenized", "mark"]


def is_tokenized(world: World, namespace: str, name: str) -> bool:
    """Whether the values of a property are searched by their words."""
    key = namespace, name
    found = DEFAULTS.get(key) or world.store.company.properties.get(key)
    return found is not None and found.type == "tokenized_string"


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
    for one in event.fields:
        if isinstance(one.answer, str):
            one.answer = marked(one.answer)
        for answer in (one.answer, *(one.answers or ())):
            if isinstance(answer, Answer):
                answer.label = marked(answer.label)
