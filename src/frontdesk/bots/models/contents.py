"""What events say, as text: files, forms, rich messages and pressed buttons too."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from msgspec import Struct

from frontdesk.bots.models.messages import ModelAttachment
from frontdesk.codec.plain import is_object
from frontdesk.models import (
    Answer,
    FileEvent,
    FilledFormEvent,
    FilledFormField,
    FormEvent,
    MessageEvent,
    Postback,
    RichMessageElement,
    RichMessageEvent,
)
from frontdesk.models.events.event import UnknownEvent
from frontdesk.readable import clean_text, single_line

__all__ = ["MessageParts", "parts_of"]


class MessageParts(Struct, frozen=True):
    """What an event says, and the files in it."""

    text: str
    attachments: tuple[ModelAttachment, ...] = ()


def parts_of(event: Any, *, describe_files: bool) -> MessageParts | None:
    """Return what an event says; ``None`` for one that says nothing to people."""
    match event:
        case MessageEvent():
            return MessageParts(clean_text(event.text) + _pressed(event.postback))
        case FileEvent():
            return _file(event) if describe_files else None
        case FilledFormEvent():
            lines = [line for field in event.fields if (line := _filled(field))]
            return MessageParts("\n".join(lines))
        case FormEvent():
            labels = [single_line(field.label) for field in event.fields]
            return MessageParts(f"[form: {'; '.join(filter(None, labels))}]")
        case RichMessageEvent():
            return _rich_message(event.elements or (), describe_files=describe_files)
        case UnknownEvent():
            return _damaged_message(event)
        case _:
            return None


def _pressed(postback: Postback | None) -> str:
    return f" [pressed the button {single_line(postback.id)}]" if postback is not None else ""


def _file(event: FileEvent) -> MessageParts:
    name, content_type = single_line(event.name), single_line(event.content_type).lower()
    about = [content_type] if content_type else []
    if event.size is not None:
        about.append(f"{event.size:,} bytes")
    details = f" ({', '.join(about)})" if about else ""
    text = f"[file: {name}{details}]"
    if event.alternative_text:
        text += f" {single_line(event.alternative_text)}"
    return MessageParts(text, _attachment(event.url, content_type, name))


def _attachment(url: str, content_type: str, name: str) -> tuple[ModelAttachment, ...]:
    """Return a file, unless its URL is none that a model's provider should be sent to."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ()
    if parts.scheme not in ("http", "https") or not parts.hostname or clean_text(url) != url:
        return ()
    return (ModelAttachment(url=url, content_type=content_type, name=name),)


def _filled(field: FilledFormField) -> str:
    """Return ``question: response``; empty for a question that was skipped."""
    given = [field.answer, *(field.answers or ())]
    texts = [
        single_line(each.label) if isinstance(each, Answer) else clean_text(each).strip()
        for each in given
        if each is not None
    ]
    texts = [text for text in texts if text] or [clean_text(field.value or "").strip()]
    response = ", ".join(filter(None, texts))
    label = single_line(field.label).rstrip(":").rstrip()
    return f"{label}: {response}" if response else ""


def _rich_message(elements: Iterable[RichMessageElement], *, describe_files: bool) -> MessageParts:
    lines: list[str] = []
    attachments: tuple[ModelAttachment, ...] = ()
    for element in elements:
        lines += [clean_text(text).strip() for text in (element.title, element.subtitle) if text]
        product = element.ecommerce
        if product is not None and product.label:
            lines.append(single_line(product.label))
        image = element.image
        if image is not None and describe_files:
            name = single_line(image.alternative_text or image.name or "image")
            lines.append(f"[image: {name}]")
            attachments += _attachment(
                image.url, single_line(image.content_type or "").lower(), name
            )
        buttons = [single_line(button.text) for button in element.buttons or ()]
        if any(buttons):
            lines.append(f"[buttons: {' | '.join(filter(None, buttons))}]")
    return MessageParts("\n".join(filter(None, lines)), attachments)


def _damaged_message(event: UnknownEvent) -> MessageParts | None:
    """Read a message of which something else is damaged; a new type may be meant for nobody."""
    raw = event.raw
    if event.original_type != "message" or not is_object(raw) or not event.author_id:
        return None
    text = raw.get("text")
    return MessageParts(clean_text(text)) if isinstance(text, str) else None
