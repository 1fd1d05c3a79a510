"""What a fake model says, and what it was sent."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from msgspec import Struct

from frontdesk.codec.plain import is_array, is_object
from frontdesk.errors import FrontdeskError, InvalidArgument

__all__ = [
    "FakeReply",
    "FakeRequest",
    "FakeToolCall",
    "Script",
    "ScriptEnded",
    "Scripted",
    "as_reply",
    "text_of",
]

CHARACTERS_OF_A_TOKEN: Final = 4
WORDS: Final = re.compile(r"\S*\s*|\s+")


class ScriptEnded(FrontdeskError):
    """A fake model was called more often than its script has replies."""


class FakeToolCall(Struct, frozen=True):
    """A tool that a fake model wants to be called."""

    name: str
    """The name of the tool."""
    arguments: Mapping[str, Any] | str = {}
    """Its arguments; a text is sent as it is, for JSON that is damaged."""
    id: str = ""
    """What the result is to name; defaults to one that no other call has."""

    @property
    def json(self) -> str:
        """The arguments as JSON."""
        return self.arguments if isinstance(self.arguments, str) else json.dumps(self.arguments)


Scripted = str | FakeToolCall | Exception | Sequence[str | FakeToolCall | Exception]
"""What a script has for one call: a text, a tool call, an error, or several of them in turn: texts
are the chunks of a stream, and an error in the middle ends it."""


class FakeReply(Struct, frozen=True):
    """What a fake model says in one call."""

    chunks: tuple[str, ...] = ()
    """The text, in the pieces of a stream."""
    tool_calls: tuple[FakeToolCall, ...] = ()
    """The tools it wants to be called, after the text."""
    error: Exception | None = None
    """What goes wrong after all that; ``None`` if nothing does."""

    @property
    def text(self) -> str:
        """The whole text."""
        return "".join(self.chunks)

    @property
    def tokens(self) -> int:
        """How many tokens it counts as."""
        written = len(self.text) + sum(len(call.name + call.json) for call in self.tool_calls)
        return max(1, -(-written // CHARACTERS_OF_A_TOKEN))


class FakeRequest(Struct, frozen=True, kw_only=True):
    """What a fake model was sent in one call. The API key is not kept."""

    messages: tuple[Mapping[str, Any], ...]
    """The messages, as they came."""
    system: str = ""
    """Its instructions, which OpenAI's interface has in messages of that role."""
    tools: tuple[str, ...] = ()
    """The names of the tools it may use."""
    is_stream: bool = False
    """Whether it was asked for a stream."""
    body: Mapping[str, Any] = {}
    """All that was sent; empty for calls in the same process."""

    @property
    def text(self) -> str:
        """All texts of the messages and of the system, a line each."""
        parts = [self.system, *(text_of(message.get("content")) for message in self.messages)]
        return "\n".join(filter(None, parts))

    @property
    def tokens(self) -> int:
        """How many tokens it counts as."""
        return max(1, -(-len(self.text) // CHARACTERS_OF_A_TOKEN))


class Script:
    """The replies that are left, and the requests so far."""

    def __init__(self, replies: Iterable[Scripted]) -> None:
        self._replies = [as_reply(reply) for reply in replies]
        self._next = 0
        self.requests: list[FakeRequest] = []

    def next_reply(self, request: FakeRequest) -> FakeReply:
        """Record a request and return the reply to it.

        Raises:
            ScriptEnded: There is none left.
        """
        self.requests.append(request)
        if self._next == len(self._replies):
            noun = "reply" if self._next == 1 else "replies"
            raise ScriptEnded(
                f"the fake model has {self._next} {noun} and was called once more; "
                "script another one"
            )
        reply = self._replies[self._next]
        self._next += 1
        calls = tuple(
            FakeToolCall(call.name, call.arguments, call.id or f"call_{self._next}_{number}")
            for number, call in enumerate(reply.tool_calls, 1)
        )
        return FakeReply(reply.chunks, calls, reply.error)

    @property
    def left(self) -> int:
        """How many replies are left."""
        return len(self._replies) - self._next


def as_reply(scripted: Scripted) -> FakeReply:
    """Return what a script says as a reply; a single text becomes a chunk for each word.

    Raises:
        InvalidArgument: It is something else.
    """
    if isinstance(scripted, str):
        return FakeReply(tuple(filter(None, WORDS.findall(scripted))))
    several: Iterable[Any] = (
        [scripted] if isinstance(scripted, (FakeToolCall, Exception)) else scripted
    )
    chunks: list[str] = []
    calls: list[FakeToolCall] = []
    for part in several:
        if isinstance(part, Exception):
            return FakeReply(tuple(chunks), tuple(calls), part)
        if isinstance(part, FakeToolCall):
            calls.append(part)
        elif isinstance(part, str):
            chunks.append(part)
        else:
            kind = type(part).__name__
            raise InvalidArgument("replies", f"must be texts, tool calls or errors, not {kind}")
    return FakeReply(tuple(chunks), tuple(calls))


def text_of(content: Any) -> str:
    """Return the text of a message's content, which may be a list of parts."""
    if isinstance(content, str):
        return content
    parts = content if is_array(content) else []
    texts = [text_of(part.get("text") or part.get("content")) for part in parts if is_object(part)]
    return "\n".join(filter(None, texts))
