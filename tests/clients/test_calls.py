"""What a call sends and what it returns, on both clients."""

from frontdesk.models import Message, SentEvent

from ..loopback import Loopback, reply
from ..web import TOKEN, Kit


def test_a_call_posts_its_fields_and_returns_the_typed_answer(kit: Kit, server: Loopback) -> None:
    server.answer(reply({"event_id": "E1"}))
    sent = kit.client(server).send_event(chat_id="C1", event=Message(text="hi"))
    assert sent == SentEvent(event_id="E1")
    assert server.last.method == "POST"
    assert server.last.target == "/v3.6/agent/action/send_event"
    assert server.last.json == {"chat_id": "C1", "event": {"type": "message", "text": "hi"}}
    assert server.last.headers["authorization"] == f"Bearer {TOKEN}"
    assert server.last.headers["content-type"] == "application/json"
    assert server.last.headers["content-length"] == str(len(server.last.body))
