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

from frontdesk import errors
from frontdesk.auth import BearerToken, Token
from frontdesk.core.call_cycle import (
    Call,
    ClientSettings,
    DeprecatedVersionWarning,
    FirstTry,
    NeedToken,
    Outcome,
    Outgoing,
    Shared,
    Sleep,
    exchange,
    first_try,
    is_plain,
)
from frontdesk.core.limiter import Limiter
from frontdesk.core.retry import Meter, MeterReading, Retry
from frontdesk.transport import Reply, Request
from frontdesk.transport.base import not_sent

FIRST = BearerToken("dal:first")
SECOND = BearerToken("dal:second")
OK = Reply(200, {}, b'{"event_id":"E1"}')


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def settings(**changes: Any) -> ClientSettings:
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
    return ClientSettings(**(given | changes))


def outgoing(*, repeatable: bool = False, name: str = "send_event") -> Outgoing:
    return Outgoing(name, f"/v3.6/agent/action/{name}", b"{}", repeatable=repeatable)


def failed(type: str, *, data: Any = None, headers: dict[str, str] | None = None) -> Reply:
    body = {"error": {"type": type, "message": "so", "data": data}}
    return Reply(400, headers or {}, msgspec.json.encode(body))


def play(
    reactions: Iterable[Any],
    *,
    settings: ClientSettings,
    outgoing: Outgoing | None = None,
    result: Callable[[Outcome], Any] = lambda response: response,
    tokens: Iterable[Token] = (FIRST, SECOND),
    first: FirstTry | None = None,
) -> tuple[list[Any], Any]:
    """Play the driver: return the steps taken and what came out, an error being one too."""
    steps = exchange(outgoing or globals()["outgoing"](), settings, result, first)
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


def test_a_token_is_asked_for_and_one_request_is_sent() -> None:
    taken, response = play([OK], settings=settings())
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
    assert response == Outcome(OK, None)


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
    assert len(own.cached_headers) <= 8


def test_a_configured_region_wins_over_that_of_the_token() -> None:
    taken, _ = play([OK], settings=settings(shared=Shared("fra")))
    assert regions_sent(taken) == ["fra"]


def test_a_token_without_a_prefix_sends_no_region() -> None:
    taken, _ = play([OK], settings=settings(), tokens=[BearerToken("plain")])
    assert regions_sent(taken) == [None]


def test_the_author_is_sent_when_there_is_one() -> None:
    taken, _ = play([OK], settings=settings(author_id="bot"))
    assert taken[1].headers["X-Author-Id"] == "bot"


def test_a_misdirected_request_goes_once_to_the_region_named() -> None:
    own = settings()
    taken, response = play(
        [failed("misdirected_request", data={"region": "fra"}), OK], settings=own
    )
    assert kinds(taken) == "NeedToken Request Request"
    assert regions_sent(taken) == ["dal", "fra"]
    assert response.error is None
    assert regions_sent(play([OK], settings=own)[0]) == ["fra"], "the next call starts there"


def test_a_second_misdirection_ends_the_call() -> None:
    there = failed("misdirected_request", data={"region": "fra"})
    back = failed("misdirected_request", data={"region": "dal"})
    taken, response = play([there, back], settings=settings(), outgoing=outgoing(repeatable=True))
    assert regions_sent(taken) == ["dal", "fra"]
    assert isinstance(response.error, errors.MisdirectedRequest)
    assert response.error.region == "dal"


@pytest.mark.parametrize(
    "data",
    [None, {}, {"region": None}, {"region": 7}, {"region": "fra\r\nX: y"}, {"region": "dal"}, [1]],
)
def test_without_a_new_region_there_is_no_second_request(data: Any) -> None:
    taken, response = play([failed("misdirected_request", data=data)], settings=settings())
    assert kinds(taken) == "NeedToken Request"
    assert isinstance(response.error, errors.MisdirectedRequest)


def test_the_hop_is_made_without_any_retries_too() -> None:
    own = settings(retry=Retry(attempts=1))
    reactions = [failed("misdirected_request", data={"region": "fra"}), OK]
    assert play(reactions, settings=own)[1].error is None


def test_a_refused_token_is_asked_for_again_once() -> None:
    own = settings()
    taken, response = play([failed("authentication"), OK], settings=own)
    assert [type(step) for step in taken] == [NeedToken, Request, NeedToken, Request]
    assert taken[2] == NeedToken(FIRST)
    assert tokens_sent(taken) == ["Bearer dal:first", "Bearer dal:second"]
    assert response.error is None


def test_the_same_token_again_is_not_sent_again() -> None:
    taken, response = play([failed("authentication")], settings=settings(), tokens=[FIRST, FIRST])
    assert kinds(taken) == "NeedToken Request NeedToken"
    assert isinstance(response.error, errors.AuthenticationError)


def test_a_second_refusal_ends_the_call() -> None:
    taken, response = play([failed("authentication")] * 2, settings=settings())
    assert tokens_sent(taken) == ["Bearer dal:first", "Bearer dal:second"]
    assert isinstance(response.error, errors.AuthenticationError)
    assert response.error.attempts == 2


def test_neither_the_hop_nor_the_new_token_costs_an_attempt() -> None:
    reactions = [
        failed("misdirected_request", data={"region": "fra"}),
        failed("authentication"),
        failed("service_unavailable"),
        failed("service_unavailable"),
    ]
    taken, response = play(reactions, settings=settings(retry=Retry(attempts=2, first_pause=8)))
    assert kinds(taken) == "NeedToken Request Request NeedToken Request Sleep Request"
    assert 4 <= taken[-2].seconds <= 8, "the first pause is the shortest one"
    assert response.error.attempts == 4, "requests that were sent"


def test_hop_new_token_and_repeats_work_in_one_call() -> None:
    reactions = [
        failed("misdirected_request", data={"region": "fra"}),
        failed("authentication"),
        failed("too_many_requests"),
        OK,
    ]
    taken, response = play(reactions, settings=settings(retry=Retry(attempts=4)))
    assert kinds(taken) == "NeedToken Request Request NeedToken Request Sleep Request"
    assert response.error is None


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
    _, response = play(reactions, settings=own)
    assert response.error is None
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
        steps = exchange(outgoing(), own, lambda response: response)
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
    _, response = play([failed("not_found")], settings=settings(on_call=calls.append))
    assert calls[0].error is response.error
    _, lost = play([errors.RequestTimeout("slow")], settings=settings(on_call=calls.append))
    assert calls[1].error is lost
    assert (calls[1].status, calls[1].bytes, calls[1].attempts) == (0, 0, 1)
    assert lost.action == "send_event"


def test_on_call_hears_what_making_the_result_failed_with() -> None:
    calls: list[Call] = []

    def refuse(response: Outcome) -> Any:
        raise errors.DecodeError("not what was promised")

    _, error = play([OK], settings=settings(on_call=calls.append), result=refuse)
    assert calls[0].error is error


def test_on_call_hears_of_an_abandoned_call() -> None:
    calls: list[Call] = []
    steps = exchange(outgoing(), settings(on_call=calls.append), lambda response: response)
    next(steps)
    with pytest.raises(KeyboardInterrupt):
        steps.throw(KeyboardInterrupt())
    assert isinstance(calls[0].error, KeyboardInterrupt)


def test_an_on_call_that_fails_costs_nothing_but_a_log_line(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def broken(call: Call) -> None:
        raise RuntimeError("bookkeeping is down")

    _, response = play([OK], settings=settings(on_call=broken))
    assert response.reply is OK
    assert "on_call failed after send_event" in caplog.text
    assert "bookkeeping is down" in caplog.text


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
        _, response = play([old], settings=settings(logger=logger))
    assert response.reply is old
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
        _, response = play([failed("service_unavailable"), OK], settings=own)
    finally:
        logger.removeHandler(handler)
    assert response.reply is OK
    assert len(calls) == 1


def test_the_user_is_warned_in_code_without_a_module() -> None:
    own = settings(version=(3, 5))
    own.shared.token = FIRST
    old = Outgoing("send_event", "/v3.5/agent/action/send_event", b"{}")
    steps = exchange(old, own, lambda response: response)
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


def test_the_time_of_day_is_that_of_utc() -> None:
    [now_of] = [
        field.default for field in msgspec.structs.fields(ClientSettings) if field.name == "now"
    ]
    now = now_of()
    assert now.utcoffset() == timedelta(0)
    assert abs(datetime.now(UTC) - now) < timedelta(minutes=1)


@pytest.mark.parametrize(
    "changes",
    [{"on_call": print}, {"logger": logging.getLogger("desk")}, {"paced": True}, {}],
    ids=["on_call", "logger", "paced", "no token"],
)
def test_a_call_that_needs_more_than_its_request_begins_with_the_cycle(changes: Any) -> None:
    own = settings(**changes)
    own.shared.token = FIRST if changes else None
    assert first_try(outgoing(), own) is None
    assert own.meter.requests == 0


def tried(own: ClientSettings, outcome: Reply | BaseException) -> FirstTry:
    own.shared.token = FIRST
    first = first_try(outgoing(), own)
    assert first is not None
    assert first.request.headers["Authorization"] == "Bearer dal:first"
    assert own.meter.requests == 1
    if isinstance(outcome, Reply):
        first.reply = outcome
    else:
        first.error = outcome
    return first


@pytest.mark.parametrize(
    ("outcome", "then", "requests"),
    [
        (failed("too_many_requests"), "Sleep Request", 2),
        (failed("authentication"), "NeedToken Request", 2),
        (failed("misdirected_request", data={"region": "fra"}), "Request", 2),
        (errors.ConnectError("refused", maybe_sent=False), "Sleep Request", 1),
        (failed("chat_inactive"), "", 1),
        (errors.RequestTimeout("slow"), "", 1),
        (Reply(200, {"deprecation": "2027-03-01"}, b"{}"), "", 1),
    ],
)
@pytest.mark.filterwarnings("ignore::frontdesk.DeprecatedVersionWarning")
def test_the_cycle_goes_on_from_a_first_try(outcome: Any, then: str, requests: int) -> None:
    own = settings()
    first = tried(own, outcome)
    taken, response = play([OK], settings=own, tokens=[SECOND], first=first)
    assert kinds(taken) == then
    assert own.meter.requests == requests
    error = response if isinstance(response, BaseException) else response.error
    assert (error is None) == (bool(then) or (isinstance(outcome, Reply) and outcome.status == 200))
    if isinstance(outcome, errors.TransportError):
        assert (outcome.action, outcome.attempts) == ("send_event", 1)


def test_attempts_are_counted_from_the_first_try_on() -> None:
    own = settings(retry=Retry(attempts=2))
    refused = failed("service_unavailable")
    taken, response = play([refused], settings=own, first=tried(own, refused))
    assert kinds(taken) == "Sleep Request"
    assert response.error.attempts == 2


@pytest.mark.parametrize("error", [KeyboardInterrupt(), asyncio.CancelledError(), OSError("disk")])
def test_an_error_of_the_callers_own_ends_a_first_try(error: BaseException) -> None:
    own = settings()
    with pytest.raises(type(error)):
        play([], settings=own, first=tried(own, error))
    assert own.meter.requests == 1


def test_the_budget_holds_for_a_first_try() -> None:
    own = settings(meter=Meter(0))
    own.shared.token = FIRST
    with pytest.raises(errors.BudgetExceeded):
        first_try(outgoing(), own)


@pytest.mark.parametrize(
    ("reply", "plain"),
    [
        (OK, True),
        (Reply(400, {}, OK.body), False),
        (Reply(204, {}, b""), False),
        (Reply(200, {}, b'{"error":{"type":"internal"}}'), False),
        (Reply(200, {"legacy": "2027-03-01"}, b"{}"), False),
        (Reply(200, {"deprecation": "2027-03-01"}, b"{}"), False),
    ],
)
def test_a_plain_response_is_one_that_nobody_takes_note_of(reply: Reply, plain: bool) -> None:
    assert is_plain(reply, settings()) is plain
    slowed = Limiter(max_rate=10)
    assert not is_plain(reply, settings(limiter=slowed)), "the limiter counts it"
