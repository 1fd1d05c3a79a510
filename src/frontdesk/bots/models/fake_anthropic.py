"""A fake model in the form of Anthropic's Messages interface.

Source: https://docs.anthropic.com/en/api/messages
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import msgspec

from frontdesk.bots.models.scripts import FakeReply, FakeRequest, text_of
from frontdesk.codec.plain import is_array, is_object
from frontdesk.errors import InvalidArgument

__all__ = ["KEY_HEADER", "error", "events", "read_request", "response"]

KEY_HEADER: Final = b"x-api-key"
ROLES: Final = ("user", "assistant")


def read_request(body: Mapping[str, Any]) -> FakeRequest:
    """Check a request as the provider does.

    Raises:
        InvalidArgument: The provider refuses it.
    """
    if not isinstance(body.get("model"), str):
        raise InvalidArgument("model", "is required")
    most = body.get("max_tokens")
    if type(most) is not int or most < 1:
        raise InvalidArgument("max_tokens", "must be a whole number of at least 1")
    messages = body.get("messages")
    if not is_array(messages) or not messages:
        raise InvalidArgument("messages", "must hold at least 1 message")
    asked: set[str] = set()
    for position, message in enumerate(messages):
        asked = _check(f"messages[{position}]", message, asked)
    if messages[0]["role"] != "user":
        raise InvalidArgument("messages[0].role", "must be user")
    if asked:
        raise InvalidArgument("messages", f"lack results of tools: {', '.join(sorted(asked))}")
    tools: list[Any] = body.get("tools") or []
    return FakeRequest(
        messages=tuple(messages),
        system=text_of(body.get("system")),
        tools=tuple(tool["name"] for tool in tools),
        is_stream=bool(body.get("stream")),
        body=body,
    )


def _check(place: str, message: Any, asked: set[str]) -> set[str]:
    """Check a message after tool calls ``asked``; return its own ones."""
    if not is_object(message) or message.get("role") not in ROLES:
        raise InvalidArgument(f"{place}.role", f"must be one of {', '.join(ROLES)}")
    content = message.get("content")
    if not isinstance(content, (str, list)) or not content:
        raise InvalidArgument(f"{place}.content", "must not be empty")
    parts: list[Any] = content if is_array(content) else [{"type": "text", "text": content}]
    results: set[str] = set()
    calls: set[str] = set()
    for part in parts:
        if part.get("type") == "text" and not str(part.get("text", "")).strip():
            raise InvalidArgument(f"{place}.content", "must not have an empty text")
        if part.get("type") == "tool_result":
            results.add(part.get("tool_use_id"))
        if part.get("type") == "tool_use":
            calls.add(part["id"])
    if results != asked:
        odd = ", ".join(sorted(map(str, results ^ asked)))
        raise InvalidArgument(f"{place}.content", f"must have a result for each tool call: {odd}")
    return calls


def response(request: FakeRequest, reply: FakeReply) -> dict[str, Any]:
    """Return the whole response."""
    usage = {"input_tokens": request.tokens, "output_tokens": reply.tokens}
    return {
        **_head(request),
        "content": _blocks(reply),
        "stop_reason": _stop(reply),
        "usage": usage,
    }


def events(request: FakeRequest, reply: FakeReply) -> Iterator[bytes]:
    """Yield the response as a stream of events."""
    usage = {"input_tokens": request.tokens, "output_tokens": 1}
    start: dict[str, Any] = {**_head(request), "content": [], "stop_reason": None, "usage": usage}
    yield _event("message_start", message=start)
    for index, block in enumerate(_blocks(reply)):
        if block["type"] == "text":
            empty: dict[str, Any] = {**block, "text": ""}
            deltas = [{"type": "text_delta", "text": chunk} for chunk in reply.chunks]
        else:
            empty = {**block, "input": {}}
            call = next(each for each in reply.tool_calls if each.id == block["id"])
            half = len(call.json) // 2
            deltas = [
                {"type": "input_json_delta", "partial_json": part}
                for part in (call.json[:half], call.json[half:])
            ]
        yield _event("content_block_start", index=index, content_block=empty)
        for delta in deltas:
            yield _event("content_block_delta", index=index, delta=delta)
        yield _event("content_block_stop", index=index)
    if reply.error is not None:
        text = str(reply.error) or type(reply.error).__name__
        yield _event("error", error=error("api_error", text)["error"])
        return
    stop = {"stop_reason": _stop(reply), "stop_sequence": None}
    yield _event("message_delta", delta=stop, usage={"output_tokens": reply.tokens})
    yield _event("message_stop")


def error(type: str, message: str) -> dict[str, Any]:
    """Return the body of an error."""
    return {"type": "error", "error": {"type": type, "message": message}}


def _event(type: str, **data: Any) -> bytes:
    return f"event: {type}\ndata: ".encode() + msgspec.json.encode({"type": type, **data}) + b"\n\n"


def _head(request: FakeRequest) -> dict[str, Any]:
    return {
        "id": "msg_fake",
        "type": "message",
        "role": "assistant",
        "model": request.body["model"],
        "stop_sequence": None,
    }


def _blocks(reply: FakeReply) -> list[dict[str, Any]]:
    blocks: list[dict[str, Any]] = [{"type": "text", "text": reply.text}] if reply.text else []
    for call in reply.tool_calls:
        try:
            given = msgspec.json.decode(call.json)
        except msgspec.MsgspecError:
            given = {}
        blocks.append({"type": "tool_use", "id": call.id, "name": call.name, "input": given})
    return blocks


def _stop(reply: FakeReply) -> str:
    return "tool_use" if reply.tool_calls else "end_turn"
