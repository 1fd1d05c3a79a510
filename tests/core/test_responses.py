"""What a response says: which error it is, or none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontdesk import errors
from frontdesk.core.responses import error_of
from frontdesk.redaction import excerpt
from frontdesk.transport import Reply

from .test_call_cycle import OK, play, settings


@pytest.mark.parametrize("status", [200, 400, 418, 500])
def test_the_type_tells_the_error_whatever_the_status(status: int) -> None:
    body = b'{"error":{"type":"chat_inactive","message":"Chat is inactive"}}'
    error = error_of(Reply(status, {"x-debug-id": "D7"}, body), "send_event", 2)
    assert isinstance(error, errors.ChatInactive)
    assert (error.type, error.message, error.data) == ("chat_inactive", "Chat is inactive", None)
    assert (error.status, error.action, error.request_id, error.attempts) == (
        status, "send_event", "D7", 2,
    )  # fmt: skip


def test_an_error_is_seen_behind_other_fields_and_blanks() -> None:
    body = b'{\n        "request_id": "4e2f",\n        "error": {"type": "internal"}}'
    assert isinstance(error_of(Reply(200, {}, body), "x"), errors.InternalError)


@pytest.mark.parametrize(
    ("message", "text"),
    [
        (b"null", ""),
        (b"7", "7"),
        (b'["a",null]', '["a",null]'),
        (b'{"en":"x"}', '{"en":"x"}'),
        (b"true", "true"),
        (b'"half \\ud83d a pair"', "half \ufffd a pair"),
        (b'"\xff"', "\ufffd"),
    ],
)
def test_the_type_is_not_lost_to_an_odd_message(message: bytes, text: str) -> None:
    body = b'{"error":{"type":"chat_inactive","message":' + message + b"}}"
    for content in (body, b"\xef\xbb\xbf" + body):
        error = error_of(Reply(422, {}, content), "send_event")
        assert isinstance(error, errors.ChatInactive)
        assert error.message == text


def test_the_type_is_not_lost_to_odd_data() -> None:
    body = b'{"error":{"type":"chat_inactive","message":"m","data":{"n":NaN,"i":' + b"9" * 5000
    error = error_of(
        Reply(422, {}, body + b',"big":-1e999,"small":-12,"part":0.5}}}'), "send_event"
    )
    assert isinstance(error, errors.ChatInactive)
    assert error.data == {"n": None, "i": None, "big": None, "small": -12, "part": 0.5}


@pytest.mark.parametrize(
    "body",
    [
        b"", b"<html>Too many", b"{", b'{"message":"slow down"}', b'{"error":"x"}',
        b'{"error":{"type":null}}', b"[" * 100_000,
    ],
)  # fmt: skip
def test_a_429_without_an_error_of_the_api_is_a_rate_limit(body: bytes) -> None:
    headers = {"retry-after": "5", "content-type": "text/html", "x-debug-id": "D1"}
    error = error_of(Reply(429, headers, body), "send_event", 2)
    assert isinstance(error, errors.TooManyRequests)
    assert (error.type, error.status, error.request_id, error.attempts) == (
        "too_many_requests", 429, "D1", 2,
    )  # fmt: skip
    assert "send_event" in str(error)
    assert "(text/html)" in str(error)
    taken, response = play([Reply(429, headers, body), OK], settings=settings())
    assert 5 <= taken[2].seconds <= 6.25
    assert response.error is None


@pytest.mark.parametrize(
    "body",
    [
        b'{"event_id":"\\"error\\""}',
        b'{"error":null,"chats":[]}',
        b'{"error":"none"}',
        b"{}",
        b"[]",
    ],
)
def test_a_good_response_is_not_taken_for_an_error(body: bytes) -> None:
    assert error_of(Reply(200, {}, body), "x") is None


@pytest.mark.parametrize("status", [202, 204])
def test_a_response_without_a_result_may_say_no_more(status: int) -> None:
    assert error_of(Reply(status, {}, b""), "tag_thread") is None
    as_json = {"content-type": "application/json"}
    assert error_of(Reply(status, as_json, b"{}"), "tag_thread") is None
    page = Reply(status, {"content-type": "text/html"}, b"<html>")
    assert isinstance(error_of(page, "tag_thread"), errors.NotTheAPI)
    refused = Reply(status, as_json, b'{"error":{"type":"not_found","message":"x"}}')
    assert isinstance(error_of(refused, "tag_thread"), errors.NotFound)


@pytest.mark.parametrize("status", [201, 301, 302, 400, 404, 500])
@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"{", b'{"message":"no route"}', b'{"error":"x"}']
)
def test_anything_else_is_not_the_api(status: int, body: bytes) -> None:
    error = error_of(Reply(status, {"content-type": "text/html"}, body), "get_chat")
    assert isinstance(error, errors.NotTheAPI)
    assert error.status == status
    assert f"HTTP {status} (text/html)" in str(error)
    assert "check `base_url` and the proxy" in str(error)


def test_an_excerpt_is_short_and_repeats_no_token() -> None:
    page = (
        b"<pre>Authorization: Bearer dal:secret\nAuthorization: basic c2VjcmV0</pre>" + b"x" * 999
    )
    text = excerpt(page, 120)
    assert "secret" not in text
    assert "c2VjcmV0" not in text
    assert len(text) <= 121


@given(st.binary(max_size=300), st.integers(100, 599))
def test_no_response_makes_it_crash(body: bytes, status: int) -> None:
    error = error_of(Reply(status, {}, body), "x")
    assert error is None or isinstance(error, errors.FrontdeskError)
    assert status in (200, 202, 204) or error is not None


def test_the_error_of_a_foreign_page_shows_how_it_begins() -> None:
    page = Reply(502, {"content-type": "text/html"}, b"<html>Bad Gateway" + b"." * 500)
    error = error_of(page, "get_chat")
    assert isinstance(error, errors.NotTheAPI)
    assert error.excerpt.startswith("<html>Bad Gateway....")
    assert len(error.excerpt) <= 121


def test_a_response_without_a_content_type_says_so() -> None:
    assert "HTTP 500 (no content type)" in str(error_of(Reply(500, {}, b"x"), "get_chat"))
