"""Requests that an ending connection does not take any more."""

import json

from frontdesk.actions import SendEvent
from frontdesk.core.retry import Retry
from frontdesk.errors import ConnectionClosed
from frontdesk.models import Message

from ._play import LOGIN, Play

SAY = SendEvent(chat_id="PJ0MRSHTDG", event=Message(text="hi"))


def frame_of(request: dict[str, object]) -> bytes:
    return json.dumps(request, separators=(",", ":")).encode()


def test_unsent_request_is_not_counted_and_goes_over_the_next_connection():
    play = Play(retry=Retry(attempts=1)).ready()
    before = play.meter.requests
    call = play.call(SAY)
    play.session.unsent(frame_of(play.step()))
    assert play.meter.requests == before
    play.session.closed()
    play.steps()
    play.wait(2)
    play.session.opened()
    play.response(play.step(), LOGIN)
    again = play.step()
    assert again["action"] == "send_event"
    play.response(again, {"event_id": "1"})
    assert call.error is None
    assert call.attempts == 1
    assert play.meter.reading().by_action["send_event"] == 1


def test_unsent_request_certainly_was_not_done_when_the_session_ends():
    play = Play(reconnect=False).ready()
    call = play.call(SAY)
    play.session.unsent(frame_of(play.step()))
    play.session.closed()
    assert isinstance(call.error, ConnectionClosed)
    assert not call.error.maybe_sent


def test_sent_request_may_have_been_done_when_the_session_ends():
    play = Play(reconnect=False).ready()
    call = play.call(SAY)
    play.step()
    play.session.closed()
    assert isinstance(call.error, ConnectionClosed)
    assert call.error.maybe_sent
