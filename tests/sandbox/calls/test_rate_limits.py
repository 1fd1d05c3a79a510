"""Rate limits: off by default, settable, lifting by themselves."""

import pytest

from frontdesk.errors import InvalidArgument, TooManyRequests
from frontdesk.sandbox import RateLimit
from frontdesk.sandbox.calls.rate_limits import parse_rate

TYPING = {"is_typing": True}


def test_there_is_no_limit_by_default(http):
    chat = {"chat_id": http.ok("start_chat")["chat_id"], **TYPING}
    for _ in range(500):
        http.ok("send_typing_indicator", chat)


def test_a_limit_is_for_each_method_and_token(http):
    http.sandbox.limit(2, seconds=60)
    chats = [http.ok("start_chat")["chat_id"] for _ in range(2)]
    assert http.error("start_chat") == (429, "too_many_requests", "Too many requests")
    assert http.ok("start_chat", token="agent")
    assert http.ok("get_chat", {"chat_id": chats[0]})


def test_a_limit_lifts_by_itself(http):
    http.sandbox.limit(1, seconds=10)
    http.ok("start_chat")
    http.sandbox.advance(9)
    assert http.error("start_chat")[0] == 429
    http.sandbox.advance(2)
    assert http.ok("start_chat")


def test_a_refused_call_does_nothing_and_lengthens_nothing(http):
    http.sandbox.limit(1, seconds=10, method="start_chat")
    http.ok("start_chat")
    found = http.ok("list_chats")["found_chats"]
    for _ in range(5):
        http.error("start_chat")
    assert http.ok("list_chats")["found_chats"] == found
    http.sandbox.advance(11)
    http.ok("start_chat")


def test_a_method_may_have_a_limit_of_its_own(http):
    http.sandbox.limit(1, seconds=60)
    http.sandbox.limit(3, seconds=60, method="start_chat")
    for _ in range(3):
        http.ok("start_chat")
    assert http.error("start_chat")[0] == 429
    http.sandbox.clear_limits()
    assert http.ok("start_chat")


def test_clients_see_the_limit_as_an_error(sandbox):
    sandbox.limit(1, method="start_chat")
    client = sandbox.client(retry=None)
    client.start_chat()
    with pytest.raises(TooManyRequests):
        client.start_chat()


@pytest.mark.parametrize(
    ("text", "calls", "seconds", "method"),
    [
        ("180", 180, 60, None),
        ("180/min", 180, 60, None),
        ("5/s", 5, 1, None),
        ("5/10s", 5, 10, None),
        ("3/2h", 3, 7200, None),
        ("send_event=3/s", 3, 1, "send_event"),
    ],
)
def test_rates_are_read(text, calls, seconds, method):
    assert parse_rate(text) == RateLimit(calls=calls, seconds=seconds, method=method)


@pytest.mark.parametrize("text", ["", "many", "0/s", "5/0s", "5/eon", "send_evnt=5/s", "-1/s"])
def test_other_texts_are_no_rates(text):
    with pytest.raises(InvalidArgument) as caught:
        parse_rate(text)
    assert caught.value.field == "rate limit"
    assert repr(text) in caught.value.rule


@pytest.mark.parametrize("seconds", [1e308, 1e30, 367 * 86400.0, float("inf"), float("nan")])
def test_windows_that_never_end_are_refused(sandbox, seconds):
    with pytest.raises(InvalidArgument, match="seconds"):
        sandbox.limit(1, seconds)
    sandbox.limit(1, 366 * 86400)
    sandbox.client(retry=None).list_chats()
