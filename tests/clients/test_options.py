"""What the arguments of a client do, and which are refused."""

import logging
import ssl
import warnings
from typing import Any

import pytest

from frontdesk import (
    AgentClient,
    Call,
    DeprecatedVersionWarning,
    InvalidArgument,
    Limiter,
    Meter,
    Retry,
    __version__,
    errors,
)
from frontdesk.actions import GetChat, Login, SendEvent
from frontdesk.clients.options import DEFAULT_BASE_URL
from frontdesk.models import Message
from frontdesk.transport import Reply, Request

from ..loopback import Loopback, error, reply
from ..web import TOKEN, Kit

EVENT = {"event_id": "E"}


def send(client: Any) -> Any:
    return client.send_event(chat_id="C1", event=Message(text="hi"))


# headers


def test_the_user_agent_names_us_and_the_application(kit: Kit, server: Loopback) -> None:
    server.default = reply(EVENT)
    send(kit.client(server))
    assert server.last.headers["user-agent"] == f"frontdesk/{__version__}"
    send(kit.client(server, client_id="0805e283233042b37f460ed8fbf22160"))
    assert server.last.headers["user-agent"] == (
        f"frontdesk/{__version__} Application 0805e283233042b37f460ed8fbf22160"
    )


def test_headers_of_the_users_own_are_sent(kit: Kit, server: Loopback) -> None:
    server.default = reply(EVENT)
    client = kit.client(server, headers={"X-Team": "billing", "user-agent": "mine/1"})
    send(client)
    assert server.last.headers["x-team"] == "billing"
    assert server.last.headers["user-agent"] == "mine/1"
    send(client.with_options(headers={"x-team": "sales", "X-Trace": "7"}))
    assert server.last.headers["x-team"] == "sales"
    assert server.last.headers["x-trace"] == "7"
    send(client)
    assert server.last.headers["x-team"] == "billing"
    assert "x-trace" not in server.last.headers


def test_a_header_replaces_its_name_in_another_case(kit: Kit) -> None:
    client = kit.client(headers={"X-Team": "a", "USER-AGENT": "b"})
    copy = client.with_options(headers={"x-team": "c"})
    sent = dict((copy.client if kit.is_async else copy)._settings.headers)
    assert sent == {"Accept-Encoding": "gzip", "USER-AGENT": "b", "x-team": "c"}


@pytest.mark.parametrize(
    ("headers", "message"),
    [
        ({"Authorization": "Bearer x"}, "must not hold Authorization; use `token`"),
        ({"x-region": "fra"}, "must not hold x-region; use `region`"),
        ({"X-Author-Id": "bot"}, "must not hold X-Author-Id; use `author_id`"),
        ({"Content-Type": "text/plain"}, "must not hold Content-Type"),
        ({"content-length": "7"}, "must not hold content-length"),
        ({"X-A\r\nX-B": "c"}, "must have names of letters and dashes"),
        ({"X A": "c"}, "must have names of letters and dashes"),
        ({"": "c"}, "must have names of letters and dashes"),
        ({7: "c"}, "must have names of letters and dashes, not 7"),
        ({"X-A": "b\r\nX-C: d"}, "`headers.X-A` must be one line of printable ASCII"),
        ({"X-A": "zażółć"}, "`headers.X-A` must be one line of printable ASCII"),
        ({"X-A": ""}, "`headers.X-A` must not be empty"),
        ({"X-A": 7}, "`headers.X-A` must be a text, not int"),
    ],
)
def test_headers_that_cannot_be_sent_are_refused(kit: Kit, headers: Any, message: str) -> None:
    with pytest.raises(InvalidArgument) as caught:
        kit.client(headers=headers)
    assert message in str(caught.value)
    with pytest.raises(InvalidArgument):
        kit.client().with_options(headers=headers)


# refused arguments


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"base_url": ""}, "`base_url` must look like https://host"),
        ({"base_url": "api.livechatinc.com"}, "`base_url` must look like https://host"),
        ({"base_url": "localhost:8000"}, "`base_url` must look like https://host"),
        ({"base_url": "ftp://host"}, "`base_url` must look like https://host"),
        ({"base_url": "https://"}, "`base_url` must look like https://host"),
        ({"base_url": "https://host:99999"}, "`base_url` must be an address"),
        ({"base_url": "https://host:port"}, "`base_url` must be an address"),
        ({"base_url": f"https://{'a' * 64}.example"}, "`base_url` must look like"),
        ({"base_url": "https://a..b"}, "`base_url` must look like"),
        (
            {"base_url": "https://api.livechatinc.com/v3.6"},
            'which frontdesk adds itself: use base_url="https://api.livechatinc.com" and version',
        ),
        ({"base_url": "https://host/v3.5/"}, 'use base_url="https://host" and version="3.5"'),
        (
            {"base_url": "https://host:8080/prefix/V3.10/agent/action/send_event"},
            'use base_url="https://host:8080/prefix" and version="3.10"',
        ),
        ({"base_url": "https://host/v3.6/agent"}, 'use base_url="https://host" and version="3.6"'),
        (
            {"base_url": "https://host/v3.x/configuration/action"},
            'itself: use base_url="https://host"',
        ),
        ({"base_url": "https://host/agent/action"}, 'itself: use base_url="https://host"'),
        ({"base_url": "https://host/v3/agent/rtm/ws"}, 'itself: use base_url="https://host"'),
        ({"base_url": "https://hóst"}, "`base_url` must look like"),
        ({"base_url": "https://ann:pw@host"}, "must not hold an account"),
        ({"base_url": "https://host?a=b"}, "must not hold an account, a query or a fragment"),
        ({"base_url": 7}, "`base_url` must be a text, not int"),
        ({"version": "x"}, '`version` must look like "3.6"'),
        ({"version": 3.6}, '`version` must look like "3.6", not 3.6'),
        ({"version": ""}, '`version` must look like "3.6"'),
        ({"region": "eu"}, "`region` must be `dal` or `fra`"),
        ({"timeout": 0}, "`timeout` must be above 0"),
        ({"timeout": -1}, "`timeout` must be above 0"),
        ({"timeout": float("nan")}, "`timeout` must be above 0"),
        ({"timeout": float("inf")}, "`timeout` must be above 0 and at most 86400 seconds"),
        ({"timeout": "20"}, "`timeout` must be a number of seconds, not '20'"),
        ({"timeout": True}, "`timeout` must be a number of seconds"),
        ({"retry": 0}, "`attempts` must be at least 1"),
        ({"retry": "often"}, "`retry` must be a Retry, a number of attempts, or False"),
        ({"budget": -1}, "`budget` must be a number of requests, 0 or more"),
        ({"budget": 1.5}, "`budget` must be a number of requests"),
        ({"budget": "10"}, "`budget` must be a number of requests"),
        ({"client_id": "a\nb"}, "`client_id` must be one line of printable ASCII"),
        ({"client_id": ""}, "`client_id` must not be empty"),
        ({"client_id": 7}, "`client_id` must be a text, not int"),
        ({"author_id": "bot"}, "`author_id` exists up to version 3.5; from 3.6 on a bot acts with"),
        ({"author_id": "a\nb", "version": "3.5"}, "`author_id` must be one line"),
        ({"on_call": 7}, "`on_call` must be a function"),
        ({"logger": "desk"}, "`logger` must be a logging.Logger, not str"),
        ({"transport": "httpx"}, "`transport` must have `send` and `close`"),
    ],
)
def test_a_wrong_argument_is_refused_when_the_client_is_made(
    kit: Kit, options: Any, message: str
) -> None:
    with pytest.raises(InvalidArgument) as caught:
        kit.client(**options)
    assert message in str(caught.value)
    assert "pw" not in str(caught.value)


@pytest.mark.parametrize(
    "options", [{"timeout": 0}, {"retry": 0}, {"budget": -1}, {"author_id": "b"}, {"on_call": 7},
                {"logger": 7}],
)  # fmt: skip
def test_a_wrong_option_is_refused_too(kit: Kit, options: Any) -> None:
    with pytest.raises(InvalidArgument):
        kit.client().with_options(**options)


@pytest.mark.parametrize("action", [SendEvent, "send_event", None, {"chat_id": "C1"}])
def test_what_is_no_action_is_refused(kit: Kit, action: Any) -> None:
    with pytest.raises(InvalidArgument, match="`action` must be an action such as SendEvent"):
        kit.client()(action)


def test_a_method_of_rtm_is_not_called_over_web(kit: Kit) -> None:
    with pytest.raises(InvalidArgument, match="`login` exists over RTM only; use AgentRTM"):
        kit.client()(Login(token="Bearer dal:x"))


# addresses, versions


def test_the_address_of_livechat_is_the_default() -> None:
    assert DEFAULT_BASE_URL == "https://api.livechatinc.com"
    assert repr(AgentClient(TOKEN)) == "<AgentClient https://api.livechatinc.com>"


@pytest.mark.parametrize("ending", ["", "/", "//", " "])
def test_slashes_and_blanks_at_the_end_do_no_harm(kit: Kit, server: Loopback, ending: str) -> None:
    server.default = reply(EVENT)
    send(kit.client(base_url=server.url + ending))
    assert server.last.target == "/v3.6/agent/action/send_event"


def test_an_address_may_have_a_path(kit: Kit, server: Loopback) -> None:
    server.default = reply(EVENT)
    send(kit.client(base_url=server.url + "/gateway/chat/"))
    assert server.last.target == "/gateway/chat/v3.6/agent/action/send_event"


@pytest.mark.parametrize("version", ["3.5", "v3.5", "3.7"])
def test_a_version_is_part_of_the_path(kit: Kit, server: Loopback, version: str) -> None:
    server.default = reply(EVENT)
    send(kit.client(server, version=version))
    assert server.last.target == f"/v{version.lstrip('v')}/agent/action/send_event"


def test_a_method_that_ended_is_called_at_its_last_version(kit: Kit, server: Loopback) -> None:
    server.default = reply({"customer_id": "I"})
    kit.client(server, version="3.6").create_customer(name="Ann")
    kit.client(server, version="3.4").create_customer(name="Ann")
    assert [got.target for got in server.requests] == [
        "/v3.5/agent/action/create_customer",
        "/v3.4/agent/action/create_customer",
    ]


def test_a_method_of_a_later_version_is_refused_before_it_is_sent(
    kit: Kit, server: Loopback
) -> None:
    client = kit.client(server, version="3.5")
    with pytest.raises(
        InvalidArgument, match=r"`version` must be 3\.6 or later for `send_thinking_indicator`"
    ):
        client.send_thinking_indicator(chat_id="C1")
    assert server.opened == 0


def test_an_author_is_sent_up_to_3_5(kit: Kit, server: Loopback) -> None:
    server.default = reply(EVENT)
    client = kit.client(server, version="3.5", author_id="bot-1")
    send(client)
    assert server.last.headers["x-author-id"] == "bot-1"
    send(client.with_options(author_id="bot-2"))
    assert server.last.headers["x-author-id"] == "bot-2"
    send(client.with_options(author_id=None))
    assert "x-author-id" not in server.last.headers


def test_old_versions_are_warned_of_once_for_all_copies(
    kit: Kit, server: Loopback, caplog: pytest.LogCaptureFixture
) -> None:
    server.default = reply(EVENT, headers={"Legacy": "2026-12-01"})
    client = kit.client(server, version="3.5", logger=logging.getLogger("desk"))
    with pytest.warns(DeprecatedVersionWarning) as caught:
        send(client)
    assert str(caught[0].message) == "Agent Chat API 3.5 is legacy; this stage ends on 2026-12-01"
    assert caught[0].filename == __file__ or kit.is_async
    assert "ends on 2026-12-01" in caplog.text
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        send(client)
        send(client.with_options(timeout=3))
    server.default = reply(EVENT, headers={"Deprecation": "2027-03-01"})
    with pytest.warns(DeprecatedVersionWarning, match=r"is deprecated; .* 2027-03-01"):
        send(client.with_options(budget=5))


# region


def test_the_region_hop_is_made_once_and_remembered_by_all_copies(
    kit: Kit, server: Loopback
) -> None:
    server.default = reply(EVENT)
    server.respond(error("misdirected_request", "Wrong region", status=421, data={"region": "fra"}))
    client = kit.client(server)
    send(client)
    send(client.with_options(timeout=3))
    assert [got.headers["x-region"] for got in server.requests] == ["dal", "fra", "fra"]


# retries, budget, meter


def test_pauses_pass_between_repeats(kit: Kit, server: Loopback) -> None:
    server.respond(error("internal"), error("internal", headers={"Retry-After": "3"}))
    kit.client(server).follow_chat(id="C1")
    first, second = kit.pauses
    assert 0.25 <= first <= 0.5
    assert 3.0 <= second <= 3.75
    assert len(server.requests) == 3


@pytest.mark.parametrize("retry", [None, False, 1, Retry(attempts=1)])
def test_repeats_can_be_switched_off(kit: Kit, server: Loopback, retry: Any) -> None:
    server.default = error("too_many_requests", status=429)
    with pytest.raises(errors.TooManyRequests):
        kit.client(server, retry=retry).follow_chat(id="C1")
    assert len(server.requests) == 1


def test_the_budget_ends_before_it_is_exceeded(kit: Kit, server: Loopback) -> None:
    server.respond(reply(EVENT), error("not_found"))
    client = kit.client(server, budget=2)
    send(client)
    with pytest.raises(errors.NotFound):
        send(client)
    with pytest.raises(errors.BudgetExceeded, match="the budget of 2 requests is spent"):
        send(client)
    assert len(server.requests) == 2
    assert client.meter.reading().by_action == {"send_event": 2}


def test_a_meter_is_shared_by_clients_and_a_copy_may_have_its_own(
    kit: Kit, server: Loopback
) -> None:
    server.default = reply(EVENT)
    meter = Meter(10)
    first, second = kit.client(server, budget=meter), kit.client(server, budget=meter)
    send(first)
    send(second)
    assert meter.requests == 2
    own = first.with_options(budget=1)
    send(own)
    with pytest.raises(errors.BudgetExceeded):
        send(own)
    assert meter.requests == 2
    send(first.with_options(budget=meter))
    assert repr(meter) == "Meter(requests=3, limit=10)"


def test_the_time_out_is_that_of_the_copy(kit: Kit) -> None:
    seen: list[float] = []

    class Spy:
        def send(self, request: Request) -> Any:
            seen.append(request.timeout)
            return self.respond() if kit.is_async else Reply(200, {}, b"{}")

        async def respond(self) -> Reply:
            return Reply(200, {}, b"{}")

        def close(self) -> Any:
            return self.respond() if kit.is_async else None

    client = kit.client(transport=Spy(), timeout=7)
    client.with_options(timeout=3).follow_chat(id="C1")
    client.follow_chat(id="C1")
    assert seen == [3.0, 7.0]


def test_a_transport_that_is_falsy_is_used_all_the_same() -> None:
    class Empty:
        def __len__(self) -> int:
            return 0

        def send(self, request: Request) -> Reply:
            return Reply(200, {}, b"{}")

        def close(self) -> None: ...

    AgentClient(TOKEN, transport=Empty()).follow_chat(id="C1")


# raw, hooks


def test_raw_gives_the_response_as_it_came(kit: Kit, server: Loopback) -> None:
    server.respond(reply({"a": 1}, headers={"X-Debug-Id": "D1"}), error("not_found", status=404))
    client = kit.client(server)
    response = client.raw(GetChat(chat_id="C1"))
    assert (response.status, response.headers["x-debug-id"], response.body) == (
        200,
        "D1",
        b'{"a": 1}',
    )
    assert client.raw(GetChat(chat_id="C1")).status == 404, "an error is not raised"


def test_raw_repeats_and_reports_as_other_calls_do(kit: Kit, server: Loopback) -> None:
    calls: list[Call] = []
    server.respond(error("internal"), error("not_found", status=404))
    client = kit.client(server, on_call=calls.append)
    assert client.raw(GetChat(chat_id="C1")).status == 404
    assert (calls[0].attempts, calls[0].status) == (2, 404)
    assert isinstance(calls[0].error, errors.NotFound)


def test_a_lost_raw_call_is_an_error(kit: Kit) -> None:
    with pytest.raises(errors.ConnectError):
        kit.client(retry=None).raw(GetChat(chat_id="C1"))


def test_each_call_is_told_to_hook_and_logger(
    kit: Kit, server: Loopback, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    calls: list[Call] = []
    server.default = reply(EVENT)
    send(kit.client(server, on_call=calls.append, logger=logging.getLogger("desk")))
    (call,) = calls
    assert (call.action, call.status, call.attempts, call.error) == ("send_event", 200, 1, None)
    assert call.bytes == len(b'{"event_id": "E"}')
    assert 0 < call.seconds < 10
    lines = [record.getMessage() for record in caplog.records if record.name == "desk"]
    assert lines == [f"send_event: HTTP 200, 17 bytes, 1 attempts, {call.seconds:.3f} s"]


def test_a_response_that_cannot_be_decoded_is_an_error(kit: Kit, server: Loopback) -> None:
    calls: list[Call] = []
    server.default = reply(b"{")
    with pytest.raises(errors.DecodeError) as caught:
        send(kit.client(server, on_call=calls.append))
    assert calls[0].error is caught.value


def test_hooks_of_a_copy_are_its_own(kit: Kit, server: Loopback) -> None:
    own: list[Call] = []
    others: list[Call] = []
    server.default = reply(EVENT)
    client = kit.client(server, on_call=own.append)
    send(client.with_options(on_call=others.append))
    send(client.with_options(on_call=None))
    send(client)
    assert (len(own), len(others)) == (1, 1)


def test_nothing_is_logged_without_a_logger(
    kit: Kit, server: Loopback, caplog: pytest.LogCaptureFixture
) -> None:
    server.default = error("not_found")
    with pytest.raises(errors.NotFound):
        send(kit.client(server))
    assert [record for record in caplog.records if record.name.startswith("frontdesk")] == []


def test_a_tls_context_may_be_given_for_a_plain_address(kit: Kit, server: Loopback) -> None:
    server.default = reply(EVENT)
    send(kit.client(server, ssl_context=ssl.create_default_context()))


@pytest.mark.parametrize("value", [0, -1, 1.5, True, "1", float("inf")])
def test_a_size_limit_is_a_number_of_bytes(kit: Kit, server: Loopback, value: Any) -> None:
    client = kit.client(server)
    for attempt in (
        lambda: kit.client(server, max_response_bytes=value),
        lambda: client.with_options(max_response_bytes=value),
    ):
        with pytest.raises(InvalidArgument) as caught:
            attempt()
        assert caught.value.field == "max_response_bytes"


def test_a_size_limit_may_be_lifted(kit: Kit, server: Loopback) -> None:
    server.default = reply(EVENT)
    send(kit.client(server, max_response_bytes=None))
    send(kit.client(server).with_options(max_response_bytes=None))


def limited(server: Loopback, *then: Any) -> None:
    """Refuse one request for its rate, then respond to the others."""
    server.respond(error("too_many_requests", status=429), *then)


def test_iterators_wait_for_the_limiter_and_single_calls_do_not(kit: Kit, server: Loopback) -> None:
    client = kit.client(server, retry=None)
    limited(server)
    with pytest.raises(errors.TooManyRequests):
        send(client)
    assert client.meter.reading().throttled == 1
    last = {"chats": [], "found_chats": 0}
    server.respond(*(reply({**last, "next_page_id": f"P{n}"}) for n in range(3)), reply(last))
    assert kit.all(client.iter_archives()) == []
    reading = client.meter.reading()
    assert reading.waited == pytest.approx(sum(kit.pauses), abs=0.5)
    assert reading.waited > 1
    assert reading.rate is not None
    kit.forget_pauses()
    server.default = reply(EVENT)
    for single in (client, client.with_options(timeout=5)):
        send(single)
    assert kit.pauses == []


def pauses_of(kit: Kit, client: Any) -> float:
    """Seconds that a single call waits."""
    kit.forget_pauses()
    send(client)
    return sum(kit.pauses)


def test_a_limiter_is_shared_by_the_clients_that_are_given_it(kit: Kit, server: Loopback) -> None:
    limiter = Limiter()
    first = kit.client(server, limiter=limiter, retry=None)
    second = kit.client(server, limiter=limiter)
    server.default = reply(EVENT)
    assert pauses_of(kit, second) == 0
    limited(server)
    with pytest.raises(errors.TooManyRequests):
        send(first)
    assert pauses_of(kit, second) > 0
    assert pauses_of(kit, second.with_options(timeout=5)) > 0
    assert second.meter.reading().rate == limiter.rate
    assert second.meter.reading().throttled == 0


def test_what_the_limiter_argument_may_be(kit: Kit, server: Loopback) -> None:
    server.default = reply(EVENT)

    def waits(client: Any) -> bool:
        limited(server, reply(EVENT))
        with pytest.raises(errors.TooManyRequests):
            send(client)
        return pauses_of(kit, client) > 0

    quiet = kit.client(server, retry=None)
    assert not waits(quiet)
    assert waits(quiet.with_options(limiter=True))
    assert waits(kit.client(server, retry=None, limiter=True))
    assert waits(kit.client(server, retry=None, limiter=Limiter()))
    assert not waits(kit.client(server, retry=None, limiter=True).with_options(limiter=None))
    off = kit.client(server, retry=None, limiter=False)
    assert not waits(off)
    assert off.meter.reading().rate is None
    assert off.meter.reading().throttled == 1


@pytest.mark.parametrize("value", [5, "on", 1.0, object()])
def test_a_limiter_is_nothing_else(kit: Kit, server: Loopback, value: Any) -> None:
    with pytest.raises(InvalidArgument) as caught:
        kit.client(server, limiter=value)
    assert caught.value.field == "limiter"
    with pytest.raises(InvalidArgument):
        kit.client(server).with_options(limiter=value)
