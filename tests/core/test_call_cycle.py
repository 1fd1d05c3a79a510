"""One call as a conversation: what is asked for next, without any socket, clock or pause."""

import asyncio
import logging
import random
import warnings
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontdesk import errors
from frontdesk.auth import BearerToken, Token
from frontdesk.core.call_cycle import (
    Call,
    DeprecatedVersionWarning,
    NeedToken,
    Outcome,
    Outgoing,
    Settings,
    Shared,
    Sleep,
    error_of,
    exchange,
)
from frontdesk.core.retry import Meter, MeterReading, Retry
from frontdesk.redaction import excerpt
from frontdesk.transport import Reply, Request
from frontdesk.transport.base import not_sent

FIRST = BearerToken("dal:first")
SECOND = BearerToken("dal:second")
OK = Reply(200, {}, b'{"event_id":"E1"}')


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def settings(**changes: Any) -> Settings:
    given = {
        "base_url": "https://api.example",
        "version": (3, 6),
        "headers": {"User-Agent": "test"},
        "timeout": 20.0,
        "max_response_bytes": 1000,
        "retry": Retry(),
        "meter": Meter(),
        "on_call": None,
        "logger": None,
        "clock": Clock(),
        "now": lambda: datetime.fromtimestamp(1_800_000_000, UTC),
        "limiter": None,
        "rng": random.Random(7),
        "shared": Shared(None),
    }
    return Settings(**(given | changes))


def outgoing(*, repeatable: bool = False, name: str = "send_event") -> Outgoing:
    return Outgoing(name, f"/v3.6/agent/action/{name}", b"{}", repeatable=repeatable)


def failed(type: str, *, data: Any = None, headers: dict[str, str] | None = None) -> Reply:
    body = {"error": {"type": type, "message": "so", "data": data}}
    return Reply(400, headers or {}, msgspec.json.encode(body))


def play(
    reactions: Iterable[Any],
    *,
    settings: Settings,
    outgoing: Outgoing | None = None,
    result: Callable[[Outcome], Any] = lambda answer: answer,
    tokens: Iterable[Token] = (FIRST, SECOND),
) -> tuple[list[Any], Any]:
    """Play the driver: return the steps taken and what came out, an error being one too."""
    steps = exchange(outgoing or globals()["outgoing"](), settings, result)
    taken: list[Any] = []
    reaction, tokens = iter(reactions), iter(tokens)
    try:
        step = next(steps)
        while True:
            taken.append(step)
            if isinstance(step, Sleep):
                settings.clock.now += step.seconds  # type: ignore[attr-defined]
                step = steps.send(None)
            elif isinstance(step, NeedToken):
                settings.shared.token = next(tokens)
                step = steps.send(settings.shared.token)
            else:
                now = next(reaction)
                step = steps.throw(now) if isinstance(now, BaseException) else steps.send(now)
    except StopIteration as end:
        return taken, end.value
    except errors.FrontdeskError as error:
        return taken, error


def kinds(steps: list[Any]) -> str:
    return " ".join(type(step).__name__ for step in steps)


def tokens_sent(steps: list[Any]) -> list[str]:
    return [step.headers["Authorization"] for step in steps if isinstance(step, Request)]


def regions_sent(steps: list[Any]) -> list[str | None]:
    return [step.headers.get("X-Region") for step in steps if isinstance(step, Request)]


# ------------------------------------------------------------------ what is sent


def test_a_token_is_asked_for_and_one_request_is_sent() -> None:
    taken, answer = play([OK], settings=settings())
    assert kinds(taken) == "NeedToken Request"
    assert taken[1].url == "https://api.example/v3.6/agent/action/send_event"
    assert taken[1].body == b"{}"
    assert taken[1].timeout == 20.0
    assert dict(taken[1].headers) == {
        "User-Agent": "test",
        "Authorization": "Bearer dal:first",
        "Content-Type": "application/json",
        "X-Region": "dal",
    }
    assert answer == Outcome(OK, None)


def test_the_known_token_is_not_asked_for_again() -> None:
    own = settings()
    play([OK], settings=own)
    assert kinds(play([OK], settings=own)[0]) == "Request"


def test_the_same_headers_object_is_sent_until_something_changes() -> None:
    own = settings()
    first = play([OK], settings=own)[0][-1].headers
    second = play([OK], settings=own)[0][-1].headers
    own.shared.region = "fra"
    third = play([OK], settings=own)[0][-1].headers
    assert first is second
    assert third == {**first, "X-Region": "fra"}


def test_tokens_that_change_again_and_again_do_not_pile_up() -> None:
    own = settings()
    for number in range(100):
        own.shared.token = BearerToken(f"dal:{number}")
        taken, _ = play([OK], settings=own)
        assert tokens_sent(taken) == [f"Bearer dal:{number}"]
    assert len(own.made_headers) <= 8


def test_a_configured_region_wins_over_that_of_the_token() -> None:
    taken, _ = play([OK], settings=settings(shared=Shared("fra")))
    assert regions_sent(taken) == ["fra"]


def test_a_token_without_a_prefix_sends_no_region() -> None:
    taken, _ = play([OK], settings=settings(), tokens=[BearerToken("plain")])
    assert regions_sent(taken) == [None]


def test_the_author_is_sent_when_there_is_one() -> None:
    taken, _ = play([OK], settings=settings(author_id="bot"))
    assert taken[1].headers["X-Author-Id"] == "bot"


# ------------------------------------------------------------------ repeats


SAFE = ["service_unavailable", "too_many_requests"]
UNKNOWN = ["internal", "request_timeout"]


@pytest.mark.parametrize("repeatable", [False, True])
@pytest.mark.parametrize("type", SAFE)
def test_what_the_server_did_not_do_is_repeated(type: str, repeatable: bool) -> None:
    taken, answer = play(
        [failed(type), OK], settings=settings(), outgoing=outgoing(repeatable=repeatable)
    )
    assert kinds(taken) == "NeedToken Request Sleep Request"
    assert answer.error is None


@pytest.mark.parametrize("type", UNKNOWN)
def test_an_unknown_outcome_is_repeated_where_that_does_no_harm(type: str) -> None:
    taken, answer = play(
        [failed(type), OK], settings=settings(), outgoing=outgoing(repeatable=True)
    )
    assert kinds(taken) == "NeedToken Request Sleep Request"
    assert answer.error is None


@pytest.mark.parametrize("type", UNKNOWN)
def test_an_unknown_outcome_is_not_repeated_where_it_could_duplicate(type: str) -> None:
    taken, answer = play([failed(type)], settings=settings())
    assert kinds(taken) == "NeedToken Request"
    assert answer.error.type == type


@pytest.mark.parametrize("type", [*sorted(set(errors.API_ERRORS) - {*SAFE, *UNKNOWN}), "brand_new"])
def test_no_other_error_is_repeated(type: str) -> None:
    reactions = [failed(type), failed(type)]
    taken, answer = play(reactions, settings=settings(), outgoing=outgoing(repeatable=True))
    expected = "NeedToken Request NeedToken Request" if type == "authentication" else None
    assert kinds(taken) == (expected or "NeedToken Request")
    assert answer.error.type == type


@pytest.mark.parametrize("repeatable", [False, True])
def test_a_request_that_was_not_sent_is_repeated(repeatable: bool) -> None:
    taken, answer = play(
        [errors.ConnectError("refused"), OK],
        settings=settings(),
        outgoing=outgoing(repeatable=repeatable),
    )
    assert kinds(taken) == "NeedToken Request Sleep Request"
    assert answer.error is None


@pytest.mark.parametrize("lost", [errors.ConnectionClosed("gone"), errors.RequestTimeout("slow")])
def test_a_lost_answer_is_repeated_only_where_that_does_no_harm(
    lost: errors.TransportError,
) -> None:
    taken, answer = play([lost, OK], settings=settings(), outgoing=outgoing(repeatable=True))
    assert kinds(taken) == "NeedToken Request Sleep Request"
    assert answer.error is None
    taken, error = play([lost], settings=settings())
    assert kinds(taken) == "NeedToken Request"
    assert error is lost


@pytest.mark.parametrize("status", [502, 503, 504])
def test_a_page_of_a_gateway_is_an_unknown_outcome(status: int) -> None:
    gateway = Reply(status, {"content-type": "text/html"}, b"<html>Bad Gateway")
    taken, _ = play([gateway, OK], settings=settings(), outgoing=outgoing(repeatable=True))
    assert kinds(taken) == "NeedToken Request Sleep Request"
    taken, answer = play([gateway], settings=settings())
    assert kinds(taken) == "NeedToken Request"
    assert isinstance(answer.error, errors.NotTheAPI)
    assert answer.error.status == status


@pytest.mark.parametrize("status", [200, 301, 403, 404, 413, 500])
def test_other_foreign_pages_are_not_repeated(status: int) -> None:
    page = Reply(status, {"content-type": "text/html"}, b"<html>Log in to the Wi-Fi")
    taken, _ = play([page], settings=settings(), outgoing=outgoing(repeatable=True))
    assert kinds(taken) == "NeedToken Request"


@given(attempts=st.integers(1, 20))
def test_a_call_costs_at_most_its_attempts(attempts: int) -> None:
    own = settings(retry=Retry(attempts=attempts, first_pause=0.001))
    taken, answer = play([failed("too_many_requests")] * 30, settings=own)
    assert kinds(taken).split().count("Request") == attempts
    assert own.meter.requests == attempts
    assert answer.error.attempts == attempts


@given(
    first=st.floats(0, 10),
    longest=st.floats(0, 60),
    attempt=st.integers(1, 20),
    seed=st.integers(0, 2**32),
)
def test_pauses_double_at_random_within_bounds(
    first: float, longest: float, attempt: int, seed: int
) -> None:
    first, longest = min(first, longest), max(first, longest)
    retry = Retry(first_pause=first, longest_pause=longest)
    pause = retry.pause(attempt, random.Random(seed))
    ceiling = min(longest, first * 2 ** (attempt - 1))
    assert ceiling / 2 <= pause <= ceiling


def test_two_clients_do_not_pause_alike() -> None:
    pauses = {Retry().pause(3, random.Random(seed)) for seed in range(20)}
    assert len(pauses) == 20


def test_the_server_may_say_how_long_to_wait() -> None:
    taken, _ = play(
        [failed("too_many_requests", headers={"retry-after": "7"}), OK], settings=settings()
    )
    assert 7.0 <= taken[2].seconds <= 7.0 * 1.25


def waits(headers: dict[str, str], **changes: Any) -> float:
    """Seconds that a call waits after a refusal with these headers."""
    own = settings(retry=Retry(attempts=2, first_pause=0.001, longest_pause=10_000), **changes)
    taken, _ = play([failed("too_many_requests", headers=headers), OK], settings=own)
    return taken[2].seconds


@pytest.mark.parametrize("value", ["", "soon", "-1", "1e3", "²", "7s", "Wed, 99 Oct 2026", "1, 2"])
def test_a_retry_after_that_cannot_be_read_is_ignored(value: str) -> None:
    assert waits({"retry-after": value}) <= 0.001


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("0", 0),
        ("120", 120),
        ("1.5", 1.5),
        ("Fri, 15 Jan 2027 08:01:40 GMT", 100),
        ("Friday, 15-Jan-27 08:01:40 GMT", 100),
        ("Fri Jan 15 08:01:40 2027", 100),
        ("Fri, 15 Jan 2027 10:01:40 +0200", 100),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0),
    ],
)
def test_a_retry_after_is_a_number_of_seconds_or_a_date(value: str, seconds: float) -> None:
    pause = waits({"retry-after": value})
    assert seconds <= pause <= max(seconds * 1.25, 0.001)


@pytest.mark.parametrize("digits", [10, 12, 20, 400, 5000])
def test_a_retry_after_of_any_length_ends_the_call(digits: int) -> None:
    refusal = failed("too_many_requests", headers={"retry-after": "9" * digits})
    taken, answer = play([refusal, OK], settings=settings())
    assert isinstance(answer.error, errors.TooManyRequests)
    assert not any(isinstance(step, Sleep) for step in taken)


def test_a_date_is_compared_with_that_of_the_server() -> None:
    headers = {
        "retry-after": "Wed, 21 Oct 2015 07:29:00 GMT",
        "date": "Wed, 21 Oct 2015 07:28:00 GMT",
    }
    assert 60 <= waits(headers) <= 75


def test_clients_refused_together_do_not_come_back_together() -> None:
    pauses = {waits({"retry-after": "10"}, rng=random.Random(seed)) for seed in range(20)}
    assert len(pauses) == 20
    assert all(10 <= pause <= 12.5 for pause in pauses)
    assert max(pauses) > 11


def test_what_the_server_asks_for_never_shortens_the_own_pause() -> None:
    retry = Retry(first_pause=8)
    assert retry.pause(1, random.Random(1), 0.5) >= 4


def test_the_spread_stays_within_the_longest_pause() -> None:
    retry = Retry(first_pause=0, longest_pause=10)
    assert {retry.pause(1, random.Random(seed), 10.0) for seed in range(9)} == {10.0}


def test_a_longer_wait_than_allowed_ends_the_call_at_once() -> None:
    reactions = [failed("too_many_requests", headers={"retry-after": "31"}), OK]
    taken, answer = play(reactions, settings=settings(retry=Retry(longest_pause=30.0)))
    assert kinds(taken) == "NeedToken Request"
    assert isinstance(answer.error, errors.TooManyRequests)


def test_repeats_are_told_to_the_logger(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    play([failed("internal"), OK], settings=settings(logger=logging.getLogger("desk")),
         outgoing=outgoing(repeatable=True))  # fmt: skip
    assert "trying again in" in caplog.text


# ------------------------------------------------------------------ region


def test_a_misdirected_request_goes_once_to_the_region_named() -> None:
    own = settings()
    taken, answer = play([failed("misdirected_request", data={"region": "fra"}), OK], settings=own)
    assert kinds(taken) == "NeedToken Request Request"
    assert regions_sent(taken) == ["dal", "fra"]
    assert answer.error is None
    assert regions_sent(play([OK], settings=own)[0]) == ["fra"], "the next call starts there"


def test_a_second_misdirection_ends_the_call() -> None:
    there = failed("misdirected_request", data={"region": "fra"})
    back = failed("misdirected_request", data={"region": "dal"})
    taken, answer = play([there, back], settings=settings(), outgoing=outgoing(repeatable=True))
    assert regions_sent(taken) == ["dal", "fra"]
    assert isinstance(answer.error, errors.MisdirectedRequest)
    assert answer.error.region == "dal"


@pytest.mark.parametrize(
    "data",
    [None, {}, {"region": None}, {"region": 7}, {"region": "fra\r\nX: y"}, {"region": "dal"}, [1]],
)
def test_without_a_new_region_there_is_no_second_request(data: Any) -> None:
    taken, answer = play([failed("misdirected_request", data=data)], settings=settings())
    assert kinds(taken) == "NeedToken Request"
    assert isinstance(answer.error, errors.MisdirectedRequest)


def test_the_hop_is_made_without_any_retries_too() -> None:
    own = settings(retry=Retry(attempts=1))
    reactions = [failed("misdirected_request", data={"region": "fra"}), OK]
    assert play(reactions, settings=own)[1].error is None


# ------------------------------------------------------------------ token


def test_a_refused_token_is_asked_for_again_once() -> None:
    own = settings()
    taken, answer = play([failed("authentication"), OK], settings=own)
    assert [type(step) for step in taken] == [NeedToken, Request, NeedToken, Request]
    assert taken[2] == NeedToken(FIRST)
    assert tokens_sent(taken) == ["Bearer dal:first", "Bearer dal:second"]
    assert answer.error is None


def test_the_same_token_again_is_not_sent_again() -> None:
    taken, answer = play([failed("authentication")], settings=settings(), tokens=[FIRST, FIRST])
    assert kinds(taken) == "NeedToken Request NeedToken"
    assert isinstance(answer.error, errors.AuthenticationError)


def test_a_second_refusal_ends_the_call() -> None:
    taken, answer = play([failed("authentication")] * 2, settings=settings())
    assert tokens_sent(taken) == ["Bearer dal:first", "Bearer dal:second"]
    assert isinstance(answer.error, errors.AuthenticationError)
    assert answer.error.attempts == 2


def test_neither_the_hop_nor_the_new_token_costs_an_attempt() -> None:
    reactions = [
        failed("misdirected_request", data={"region": "fra"}),
        failed("authentication"),
        failed("service_unavailable"),
        failed("service_unavailable"),
    ]
    taken, answer = play(reactions, settings=settings(retry=Retry(attempts=2, first_pause=8)))
    assert kinds(taken) == "NeedToken Request Request NeedToken Request Sleep Request"
    assert 4 <= taken[-2].seconds <= 8, "the first pause is the shortest one"
    assert answer.error.attempts == 4, "requests that were sent"


def test_hop_new_token_and_repeats_work_in_one_call() -> None:
    reactions = [
        failed("misdirected_request", data={"region": "fra"}),
        failed("authentication"),
        failed("too_many_requests"),
        OK,
    ]
    taken, answer = play(reactions, settings=settings(retry=Retry(attempts=4)))
    assert kinds(taken) == "NeedToken Request Request NeedToken Request Sleep Request"
    assert answer.error is None


# ------------------------------------------------------------------ budget


def test_nothing_is_sent_beyond_the_budget() -> None:
    own = settings(meter=Meter(2))
    play([OK], settings=own)
    play([failed("not_found")], settings=own)
    taken, error = play([OK], settings=own)
    assert kinds(taken) == ""
    assert isinstance(error, errors.BudgetExceeded)
    assert error.limit == 2
    assert own.meter.requests == 2


def test_a_spent_budget_ends_repeats_without_a_pause_and_tells_the_cause() -> None:
    taken, error = play([failed("too_many_requests"), OK], settings=settings(meter=Meter(1)))
    assert kinds(taken) == "NeedToken Request"
    assert isinstance(error, errors.BudgetExceeded)
    assert isinstance(error.__cause__, errors.TooManyRequests)
    assert error.failure is error.__cause__
    assert "what failed was not tried again (send_event: too_many_requests" in str(error)


def test_a_spent_budget_names_no_failure_when_there_was_none() -> None:
    _, error = play([OK], settings=settings(meter=Meter(0)))
    assert error.failure is None
    assert str(error).startswith("the budget of 0 requests is spent; the request was not sent.")


def test_what_did_not_reach_the_server_is_not_counted() -> None:
    own = settings(meter=Meter(1))
    reactions = [errors.ConnectError("refused"), errors.ConnectError("refused"), OK]
    _, answer = play(reactions, settings=own)
    assert answer.error is None
    assert own.meter.reading().requests == 1
    assert own.meter.reading().by_action == {"send_event": 1}


def test_a_closed_client_counts_nothing() -> None:
    own = settings()
    _, error = play([not_sent(errors.ClientClosed("closed"))], settings=own)
    assert isinstance(error, errors.ClientClosed)
    assert own.meter.requests == 0


@pytest.mark.parametrize("error", [KeyboardInterrupt(), OSError("disk"), asyncio.CancelledError()])
def test_an_error_of_any_class_ends_a_request_that_counts_unless_it_is_marked(
    error: BaseException,
) -> None:
    own = settings()
    own.shared.token = FIRST

    def end(raised: BaseException) -> int:
        steps = exchange(outgoing(), own, lambda answer: answer)
        next(steps)
        with pytest.raises(type(error)):
            steps.throw(raised)
        return own.meter.requests

    assert end(error) == 1
    assert end(not_sent(error)) == 1


def test_a_failure_that_would_come_again_is_not_retried() -> None:
    hopeless = errors.ConnectError("the certificate has expired", retryable=False)
    taken, error = play([hopeless, OK], settings=settings(), outgoing=outgoing(repeatable=True))
    assert kinds(taken) == "NeedToken Request"
    assert error is hopeless


def test_the_request_says_how_large_the_response_may_be() -> None:
    taken, _ = play([OK], settings=settings(max_response_bytes=77))
    assert taken[1].max_response_bytes == 77


# ------------------------------------------------------------------ answers


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
    taken, answer = play([Reply(429, headers, body), OK], settings=settings())
    assert 5 <= taken[2].seconds <= 6.25
    assert answer.error is None


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
def test_a_good_answer_is_not_taken_for_an_error(body: bytes) -> None:
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
def test_no_answer_makes_it_crash(body: bytes, status: int) -> None:
    error = error_of(Reply(status, {}, body), "x")
    assert error is None or isinstance(error, errors.FrontdeskError)
    assert status in (200, 202, 204) or error is not None


# ------------------------------------------------------------------ hooks


def test_on_call_hears_of_each_call_once() -> None:
    calls: list[Call] = []
    own = settings(on_call=calls.append)
    play([failed("too_many_requests"), OK], settings=own)
    (call,) = calls
    assert (call.action, call.status, call.attempts, call.bytes) == ("send_event", 200, 2, 17)
    assert call.error is None
    assert 0.25 <= call.seconds <= 0.5


def test_on_call_hears_of_the_error() -> None:
    calls: list[Call] = []
    _, answer = play([failed("not_found")], settings=settings(on_call=calls.append))
    assert calls[0].error is answer.error
    _, lost = play([errors.RequestTimeout("slow")], settings=settings(on_call=calls.append))
    assert calls[1].error is lost
    assert (calls[1].status, calls[1].bytes, calls[1].attempts) == (0, 0, 1)
    assert lost.action == "send_event"


def test_on_call_hears_what_making_the_result_failed_with() -> None:
    calls: list[Call] = []

    def refuse(answer: Outcome) -> Any:
        raise errors.DecodeError("not what was promised")

    _, error = play([OK], settings=settings(on_call=calls.append), result=refuse)
    assert calls[0].error is error


def test_on_call_hears_of_an_abandoned_call() -> None:
    calls: list[Call] = []
    steps = exchange(outgoing(), settings(on_call=calls.append), lambda answer: answer)
    next(steps)
    with pytest.raises(KeyboardInterrupt):
        steps.throw(KeyboardInterrupt())
    assert isinstance(calls[0].error, KeyboardInterrupt)


def test_an_on_call_that_fails_costs_nothing_but_a_log_line(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def broken(call: Call) -> None:
        raise RuntimeError("bookkeeping is down")

    _, answer = play([OK], settings=settings(on_call=broken))
    assert answer.reply is OK
    assert "on_call failed after send_event" in caplog.text
    assert "bookkeeping is down" in caplog.text


# ------------------------------------------------------------------ versions


def test_an_old_version_is_warned_of_once() -> None:
    old = Reply(200, {"legacy": "2026-12-01"}, b"{}")
    own = settings(version=(3, 5))
    older = Outgoing("send_event", "/v3.5/agent/action/send_event", b"{}")
    with pytest.warns(DeprecatedVersionWarning, match=r"3\.5 is legacy.*ends on 2026-12-01"):
        play([old], settings=own, outgoing=older)
    with warnings.catch_warnings(record=True) as caught:
        play([old], settings=own, outgoing=older)
    assert not caught


def test_the_warning_is_one_line_whatever_the_header_holds() -> None:
    odd = Reply(200, {"legacy": "2026\x1b[31m\x0bCRITICAL" + "x" * 60_000}, b"{}")
    with pytest.warns(DeprecatedVersionWarning) as caught:
        play([odd], settings=settings())
    text = str(caught[0].message)
    assert text.isprintable()
    assert len(text) < 200


def test_the_warning_names_the_version_that_was_called() -> None:
    old = Reply(200, {"deprecation": "2026-12-01"}, b"{}")
    method = Outgoing("create_customer", "/v3.5/agent/action/create_customer", b"{}")
    with pytest.warns(DeprecatedVersionWarning, match=r"3\.5 is deprecated"):
        play([old], settings=settings(version=(3, 6)), outgoing=method)


def test_the_warning_points_at_the_users_line() -> None:
    old = Reply(200, {"legacy": "2026-12-01"}, b"{}")
    with pytest.warns(DeprecatedVersionWarning) as caught:
        play([old], settings=settings())
    assert caught[0].filename == __file__
    lines = {line for *_, line in play.__code__.co_lines() if line}
    assert caught[0].lineno in lines, "the line that called, not the one that called that"


class Broken(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        raise RuntimeError("the log is full")


@pytest.mark.parametrize("logger", [None, logging.getLogger("desk.broken")])
def test_a_warning_that_is_an_error_costs_no_result(
    logger: logging.Logger | None, caplog: pytest.LogCaptureFixture
) -> None:
    old = Reply(200, {"legacy": "2026-12-01", "deprecation": "2026-11-01"}, b"{}")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        _, answer = play([old], settings=settings(logger=logger))
    assert answer.reply is old
    assert "this stage ends on 2026-12-01" in caplog.text
    assert "this stage ends on 2026-11-01" in caplog.text


def test_a_hook_for_warnings_that_fails_costs_no_result(monkeypatch: pytest.MonkeyPatch) -> None:
    def show(*args: Any, **options: Any) -> None:
        raise OSError("no terminal")

    old = Reply(200, {"legacy": "2026-12-01"}, b"{}")
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        monkeypatch.setattr(warnings, "showwarning", show)
        assert play([old], settings=settings())[1].reply is old


def test_a_log_that_fails_costs_no_result() -> None:
    logger = logging.getLogger("desk.full")
    logger.setLevel(1)
    handler = Broken()
    logger.addHandler(handler)
    calls: list[Call] = []

    def on_call(call: Call) -> None:
        calls.append(call)
        raise ValueError("so is this")

    own = settings(logger=logger, on_call=on_call)
    try:
        _, answer = play([failed("service_unavailable"), OK], settings=own)
    finally:
        logger.removeHandler(handler)
    assert answer.reply is OK
    assert len(calls) == 1


def test_the_error_of_a_foreign_page_shows_how_it_begins() -> None:
    page = Reply(502, {"content-type": "text/html"}, b"<html>Bad Gateway" + b"." * 500)
    error = error_of(page, "get_chat")
    assert isinstance(error, errors.NotTheAPI)
    assert error.excerpt.startswith("<html>Bad Gateway....")
    assert len(error.excerpt) <= 121


def test_the_user_is_warned_in_code_without_a_module() -> None:
    own = settings(version=(3, 5))
    own.shared.token = FIRST
    old = Outgoing("send_event", "/v3.5/agent/action/send_event", b"{}")
    steps = exchange(old, own, lambda answer: answer)
    names = {"steps": steps, "reply": Reply(200, {"legacy": "2026-12-01"}, b"{}")}
    with pytest.warns(DeprecatedVersionWarning), pytest.raises(StopIteration):
        exec("next(steps); steps.send(reply)", names)


def test_what_describes_a_call_cannot_be_changed() -> None:
    call = Call("send_event", 0.1, 200, 1, 10, None)
    with pytest.raises(AttributeError):
        call.status = 500  # type: ignore[misc]
    with pytest.raises(AttributeError):
        outgoing().path = "/elsewhere"  # type: ignore[misc]


def test_a_reading_without_waits_has_none() -> None:
    reading = MeterReading(3, {"send_event": 3})
    assert (reading.throttled, reading.waited, reading.rate) == (0, 0.0, None)


def test_other_errors_are_never_retried() -> None:
    error = errors.DecodeError("not what the API promises")
    assert Retry().allows(error, attempt=1, repeatable=True) is False


def test_a_response_without_a_content_type_says_so() -> None:
    assert "HTTP 500 (no content type)" in str(error_of(Reply(500, {}, b"x"), "get_chat"))


def test_the_time_of_day_is_that_of_utc() -> None:
    [now_of] = [field.default for field in msgspec.structs.fields(Settings) if field.name == "now"]
    now = now_of()
    assert now.utcoffset() == timedelta(0)
    assert abs(datetime.now(UTC) - now) < timedelta(minutes=1)
