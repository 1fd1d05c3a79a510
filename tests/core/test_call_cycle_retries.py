"""What a call does again, and after which pauses."""

import logging
import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontdesk import errors
from frontdesk.core.call_cycle import (
    Sleep,
)
from frontdesk.core.retry import Retry
from frontdesk.transport import Reply

from .test_call_cycle import OK, failed, kinds, outgoing, play, settings

SAFE = ["service_unavailable", "too_many_requests"]
UNKNOWN = ["internal", "request_timeout"]


@pytest.mark.parametrize("repeatable", [False, True])
@pytest.mark.parametrize("type", SAFE)
def test_what_the_server_did_not_do_is_repeated(type: str, repeatable: bool) -> None:
    taken, response = play(
        [failed(type), OK], settings=settings(), outgoing=outgoing(repeatable=repeatable)
    )
    assert kinds(taken) == "NeedToken Request Sleep Request"
    assert response.error is None


@pytest.mark.parametrize("type", UNKNOWN)
def test_an_unknown_outcome_is_repeated_where_that_does_no_harm(type: str) -> None:
    taken, response = play(
        [failed(type), OK], settings=settings(), outgoing=outgoing(repeatable=True)
    )
    assert kinds(taken) == "NeedToken Request Sleep Request"
    assert response.error is None


@pytest.mark.parametrize("type", UNKNOWN)
def test_an_unknown_outcome_is_not_repeated_where_it_could_duplicate(type: str) -> None:
    taken, response = play([failed(type)], settings=settings())
    assert kinds(taken) == "NeedToken Request"
    assert response.error.type == type


@pytest.mark.parametrize("type", [*sorted(set(errors.API_ERRORS) - {*SAFE, *UNKNOWN}), "brand_new"])
def test_no_other_error_is_repeated(type: str) -> None:
    reactions = [failed(type), failed(type)]
    taken, response = play(reactions, settings=settings(), outgoing=outgoing(repeatable=True))
    expected = "NeedToken Request NeedToken Request" if type == "authentication" else None
    assert kinds(taken) == (expected or "NeedToken Request")
    assert response.error.type == type


@pytest.mark.parametrize("repeatable", [False, True])
def test_a_request_that_was_not_sent_is_repeated(repeatable: bool) -> None:
    taken, response = play(
        [errors.ConnectError("refused"), OK],
        settings=settings(),
        outgoing=outgoing(repeatable=repeatable),
    )
    assert kinds(taken) == "NeedToken Request Sleep Request"
    assert response.error is None


@pytest.mark.parametrize("lost", [errors.ConnectionClosed("gone"), errors.RequestTimeout("slow")])
def test_a_lost_response_is_repeated_only_where_that_does_no_harm(
    lost: errors.TransportError,
) -> None:
    taken, response = play([lost, OK], settings=settings(), outgoing=outgoing(repeatable=True))
    assert kinds(taken) == "NeedToken Request Sleep Request"
    assert response.error is None
    taken, error = play([lost], settings=settings())
    assert kinds(taken) == "NeedToken Request"
    assert error is lost


@pytest.mark.parametrize("status", [502, 503, 504])
def test_a_page_of_a_gateway_is_an_unknown_outcome(status: int) -> None:
    gateway = Reply(status, {"content-type": "text/html"}, b"<html>Bad Gateway")
    taken, _ = play([gateway, OK], settings=settings(), outgoing=outgoing(repeatable=True))
    assert kinds(taken) == "NeedToken Request Sleep Request"
    taken, response = play([gateway], settings=settings())
    assert kinds(taken) == "NeedToken Request"
    assert isinstance(response.error, errors.NotTheAPI)
    assert response.error.status == status


@pytest.mark.parametrize("status", [200, 301, 403, 404, 413, 500])
def test_other_foreign_pages_are_not_repeated(status: int) -> None:
    page = Reply(status, {"content-type": "text/html"}, b"<html>Log in to the Wi-Fi")
    taken, _ = play([page], settings=settings(), outgoing=outgoing(repeatable=True))
    assert kinds(taken) == "NeedToken Request"


@given(attempts=st.integers(1, 20))
def test_a_call_costs_at_most_its_attempts(attempts: int) -> None:
    own = settings(retry=Retry(attempts=attempts, first_pause=0.001))
    taken, response = play([failed("too_many_requests")] * 30, settings=own)
    assert kinds(taken).split().count("Request") == attempts
    assert own.meter.requests == attempts
    assert response.error.attempts == attempts


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
    taken, response = play([refusal, OK], settings=settings())
    assert isinstance(response.error, errors.TooManyRequests)
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
    taken, response = play(reactions, settings=settings(retry=Retry(longest_pause=30.0)))
    assert kinds(taken) == "NeedToken Request"
    assert isinstance(response.error, errors.TooManyRequests)


def test_repeats_are_told_to_the_logger(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    play([failed("internal"), OK], settings=settings(logger=logging.getLogger("desk")),
         outgoing=outgoing(repeatable=True))  # fmt: skip
    assert "trying again in" in caplog.text


def test_other_errors_are_never_retried() -> None:
    error = errors.DecodeError("not what the API promises")
    assert Retry().allows(error, attempt=1, repeatable=True) is False
