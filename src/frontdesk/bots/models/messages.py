"""What language models are given of a chat: messages with a role, in a neutral form."""

from collections.abc import Iterable
from typing import Any, Final, Literal

from msgspec import Struct

from frontdesk.grammar import counted

__all__ = [
    "BETWEEN",
    "ModelAttachment",
    "ModelMessage",
    "Role",
    "Transcript",
    "left_out_message",
    "merged",
]

Role = Literal["system", "user", "assistant"]

BETWEEN: Final = "\n\n"
"""What stands between messages that were joined."""
IMAGES: Final = frozenset({"image/gif", "image/jpeg", "image/png", "image/webp"})
"""The images that the models of both interfaces look at."""


class ModelAttachment(Struct, frozen=True, kw_only=True):
    """A file of a chat."""

    url: str
    """Where it is: ``http`` or ``https``. LiveChat's file URLs need no token."""
    content_type: str
    """Such as ``image/png``, in small letters; whoever sent the file said so."""
    name: str
    """The name of the file."""


class ModelMessage(Struct, frozen=True, kw_only=True):
    """A message for a language model."""

    role: Role
    """``user`` for what a customer wrote, ``assistant`` for the bot and for people of the company,
    ``system`` for the rest."""
    content: str
    """The text."""
    name: str | None = None
    """Who wrote it, if that is somebody else than the bot and their name is in the chat."""
    attachments: tuple[ModelAttachment, ...] = ()
    """Files that came with it."""

    def for_openai(self, *, images: bool = False) -> dict[str, Any]:
        """Return it as the Chat Completions interface takes it; see ``Transcript.for_openai``."""
        pictures = self._pictures() if images else []
        if not pictures:
            return {"role": self.role, "content": self.content}
        parts: list[dict[str, Any]] = [{"type": "text", "text": self.content}]
        parts += [{"type": "image_url", "image_url": {"url": each.url}} for each in pictures]
        return {"role": self.role, "content": parts}

    def for_anthropic(self, *, images: bool = False) -> dict[str, Any]:
        """Return it as the Messages interface takes it; see ``Transcript.for_anthropic``.

        That interface has no messages of the role ``system``: such a one becomes one of ``user``.
        """
        role = "assistant" if self.role == "assistant" else "user"
        pictures = self._pictures() if images else []
        if not pictures:
            return {"role": role, "content": self.content}
        parts: list[dict[str, Any]] = [
            {"type": "image", "source": {"type": "url", "url": each.url}} for each in pictures
        ]
        parts.append({"type": "text", "text": self.content})
        return {"role": role, "content": parts}

    def _pictures(self) -> list[ModelAttachment]:
        # Neither interface takes images in what a model is said to have written.
        if self.role != "user":
            return []
        return [each for each in self.attachments if each.content_type in IMAGES]


class Transcript(list[ModelMessage]):
    """The messages of a chat, oldest first.

    A plain list otherwise. ``left_out`` is how many older messages did not fit the limits; if there
    are any, the first message says so, with the role ``system``.
    """

    def __init__(self, messages: Iterable[ModelMessage] = (), *, left_out: int = 0) -> None:
        super().__init__(messages)
        self.left_out = left_out

    def for_openai(self, *, images: bool = False) -> list[dict[str, Any]]:
        """Return the ``messages`` of ``client.chat.completions.create``.

        Args:
            images: Show images of customers to the model, by their URLs. What they show is in no
                limit of the transcript, and may be billed as many tokens.
        """
        return [message.for_openai(images=images) for message in self]

    def for_anthropic(self, *, images: bool = False) -> list[dict[str, Any]]:
        """Return the ``messages`` of ``client.messages.create``.

        Begins and ends with a message of the role ``user``, as that interface asks: before the
        bot's greeting there is a line that says so, and one after what the bot wrote last, which
        the model would otherwise go on with.

        Args:
            images: As for ``for_openai``.
        """
        messages = [message.for_anthropic(images=images) for message in self]
        if messages and messages[0]["role"] != "user":
            messages.insert(0, {"role": "user", "content": "[The chat begins.]"})
        if messages and messages[-1]["role"] != "user":
            messages.append({"role": "user", "content": "[Nothing was written since.]"})
        return messages

    def as_text(self) -> str:
        """Return it as lines for people, such as ``Ann (customer): hello``."""
        return "\n".join(map(_for_people, self))


def left_out_message(count: int) -> ModelMessage:
    """Return the message that says how many older ones are not there."""
    text = f"[{counted(count, 'earlier message')} of this chat {'is' if count == 1 else 'are'} cut]"
    return ModelMessage(role="system", content=text)


def merged(messages: Iterable[ModelMessage]) -> list[ModelMessage]:
    """Join consecutive messages of the same role, with an empty line between them."""
    joined: list[ModelMessage] = []
    for message in messages:
        if joined and joined[-1].role == message.role:
            last = joined[-1]
            joined[-1] = ModelMessage(
                role=last.role,
                content=f"{last.content}{BETWEEN}{message.content}",
                name=last.name if last.name == message.name else None,
                attachments=(*last.attachments, *message.attachments),
            )
        else:
            joined.append(message)
    return joined


def _for_people(message: ModelMessage) -> str:
    if message.role == "user":
        who = f"{message.name} (customer)" if message.name else "Customer"
    elif message.role == "assistant":
        # The name of a person is in the text.
        who = "" if message.name else "Bot"
    else:
        who = "System"
    return f"{who}: {message.content}" if who else message.content
