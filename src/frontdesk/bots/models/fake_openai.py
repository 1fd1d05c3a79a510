"""A fake model in the form of OpenAI's Chat Completions interface.

Source: https://platform.openai.com/docs/api-reference/chat
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import msgspec

from frontdesk.bots.models.scripts import FakeReply, FakeRequest, text_of
from frontdesk.codec.plain import is_array, is_object
from frontdesk.errors import InvalidArgument

__all__ = ["KEY_HEADER", "error", "events", "read_request", "response"]

KEY_HEADER: Final = b"authorization"
ROLES: Final = ("system", "developer", "user", "assistant", "tool")
TOLD: Final = ("system", "developer")


def read_request(body: Mapping[str, Any]) -> FakeRequest:
    """Check a request as the provider does.

    Raises:
        InvalidArgument: The provider refuses it.
    """
    if not isinstance(body.get("model"), str):
        raise InvalidArgument("model", "is required")
    messages = body.get("messages")
    if not is_array(messages) or not messages:
        raise InvalidArgument("messages", "must hold at least 1 message")
    asked: set[str] = set()
    for position, message in enumerate(messages):
        _check(f"messages[{position}]", message, asked)
    if asked:
        raise InvalidArgument("messages", f"lack results of tools: {', '.join(sorted(asked))}")
    tools: list[Any] = body.get("tools") or []
    return FakeRequest(
        messages=tuple(messages),
        system="\n".join(text_of(each.get("content")) for each in messages if each["role"] in TOLD),
        tools=tuple(tool["function"]["name"] for tool in tools),
        is_stream=bool(body.get("stream")),
        body=body,
    )


def _check(place: str, message: Any, asked: set[str]) -> None:
    """Check a message; ``asked`` are the tool calls without a result so far."""
    if not is_object(message) or message.get("role") not in ROLES:
        raise InvalidArgument(f"{place}.role", f"must be one of {', '.join(ROLES)}")
    calls: list[Any] = message.get("tool_calls") or []
    if message["role"] == "tool":
        call_id = message.get("tool_call_id")
        if call_id not in asked:
            raise InvalidArgument(f"{place}.tool_call_id", f"belongs to no tool call: {call_id!r}")
        asked.discard(str(call_id))
    elif asked:
        raise InvalidArgument(place, f"must be results of tools: {', '.join(sorted(asked))}")
    if not isinstance(message.get("content"), (str, list)) and not calls:
        raise InvalidArgument(f"{place}.content", "must be a text or a list of parts")
    asked.update(call["id"] for call in calls)


def response(request: FakeRequest, reply: FakeReply) -> dict[str, Any]:
    """Return the whole response."""
    message: dict[str, Any] = {"role": "assistant", "content": reply.text or None}
    if reply.tool_calls:
        message["tool_calls"] = _calls(reply)
    choice = {"index": 0, "message": message, "finish_reason": _finish(reply), "logprobs": None}
    return {
        **_head(request, "chat.completion"),
        "choices": [choice],
        "usage": _usage(request, reply),
    }


def events(request: FakeRequest, reply: FakeReply) -> Iterator[bytes]:
    """Yield the response as a stream of events."""
    head = _head(request, "chat.completion.chunk")

    def chunk(delta: dict[str, Any], finish: str | None = None) -> bytes:
        choice = {"index": 0, "delta": delta, "finish_reason": finish, "logprobs": None}
        return _event({**head, "choices": [choice]})

    yield chunk({"role": "assistant", "content": ""})
    for text in reply.chunks:
        yield chunk({"content": text})
    for index, call in enumerate(_calls(reply)):
        whole = call["function"]["arguments"]
        start = {**call, "index": index, "function": {**call["function"], "arguments": ""}}
        yield chunk({"tool_calls": [start]})
        # In two pieces, as providers send them.
        for part in (whole[: len(whole) // 2], whole[len(whole) // 2 :]):
            yield chunk({"tool_calls": [{"index": index, "function": {"arguments": part}}]})
    if reply.error is not None:
        yield _event(error("api_error", str(reply.error) or type(reply.error).__name__))
        return
    yield chunk({}, _finish(reply))
    options: dict[str, Any] = request.body.get("stream_options") or {}
    if options.get("include_usage"):
        yield _event({**head, "choices": [], "usage": _usage(request, reply)})
    yield b"data: [DONE]\n\n"


def error(type: str, message: str) -> dict[str, Any]:
    """Return the body of an error."""
    return {"error": {"type": type, "message": message, "param": None, "code": None}}


def _event(data: dict[str, Any]) -> bytes:
    return b"data: " + msgspec.json.encode(data) + b"\n\n"


def _head(request: FakeRequest, kind: str) -> dict[str, Any]:
    return {"id": "chatcmpl-fake", "object": kind, "created": 0, "model": request.body["model"]}


def _calls(reply: FakeReply) -> list[dict[str, Any]]:
    return [
        {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.json}}
        for call in reply.tool_calls
    ]


def _finish(reply: FakeReply) -> str:
    return "tool_calls" if reply.tool_calls else "stop"


def _usage(request: FakeRequest, reply: FakeReply) -> dict[str, int]:
    return {
        "prompt_tokens": request.tokens,
        "completion_tokens": reply.tokens,
        "total_tokens": request.tokens + reply.tokens,
    }
