"""Faults on demand, as an embedded client and as one behind a socket meets them."""

import time

import pytest

from frontdesk.errors import (
    AuthenticationError,
    ConnectionClosed,
    InternalError,
    InvalidArgument,
    MisdirectedRequest,
    RequestTimeout,
    ServiceUnavailable,
    TooManyRequests,
)
from frontdesk.sandbox import Fault
from frontdesk.sandbox.calls.faults import Faults


@pytest.fixture(params=["embedded", "socket"])
def desk(request):
    """A sandbox, embedded or behind a socket."""
    desk = request.getfixturevalue("sandbox" if request.param == "embedded" else "served")
    yield desk
    desk.clear_faults()


def chats(desk):
    return desk.client().list_chats().found_chats


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("too_many_requests", TooManyRequests),
        ("internal", InternalError),
        ("service_unavailable", ServiceUnavailable),
        ("wrong_region", MisdirectedRequest),
        ("expired_token", AuthenticationError),
        ("reset_before", ConnectionClosed),
    ],
)
def test_some_faults_happen_instead_of_the_work(desk, kind, error):
    before = chats(desk)
    desk.fault(kind, "start_chat")
    with pytest.raises(error), desk.client(retry=None) as client:
        client.start_chat()
    assert chats(desk) == before


@pytest.mark.parametrize("kind", ["reset_after", "truncated_body"])
def test_some_faults_hide_that_the_work_was_done(desk, kind):
    before = chats(desk)
    desk.fault(kind, "start_chat")
    with pytest.raises(ConnectionClosed) as caught, desk.client(retry=None) as client:
        client.start_chat()
    assert caught.value.maybe_sent
    assert chats(desk) == before + 1


@pytest.mark.parametrize("kind", ["latency", "slow_body"])
def test_slow_responses_come_in_the_end(desk, kind):
    desk.fault(kind, "start_chat", seconds=0.05)
    started = time.monotonic()
    assert desk.client().start_chat().chat_id
    assert time.monotonic() - started >= 0.05


@pytest.mark.parametrize("kind", ["latency", "slow_body"])
def test_responses_that_are_too_slow_time_out(desk, kind):
    before = chats(desk)
    desk.fault(kind, "start_chat", seconds=1.5, times=1)
    with pytest.raises(RequestTimeout), desk.client(retry=None, timeout=0.05) as client:
        client.start_chat()
    assert chats(desk) == before + 1


def test_the_client_hops_and_renews_where_it_can(desk):
    desk.fault("wrong_region", "start_chat", times=1)
    with pytest.raises(MisdirectedRequest):
        desk.client().start_chat()  # the region that it is sent to is not this license's
    tokens = iter(["owner", "owner", "agent"])
    desk.fault("expired_token", "list_chats", times=1)
    client = desk.client(lambda: desk.tokens[next(tokens)])
    next(tokens)
    assert client.list_chats().found_chats >= 0
    assert len(desk.calls("list_chats")) == 2


def test_repeats_of_safe_calls_hide_single_faults(desk):
    desk.fault("service_unavailable", "list_chats", times=1)
    client = desk.client()
    client.list_chats()
    assert [call.fault for call in desk.calls("list_chats")] == ["service_unavailable", None]


def test_faults_concern_their_methods_only(sandbox, agent_client):
    sandbox.fault("internal", "get_chat", "list_chats")
    assert agent_client.start_chat().chat_id


def test_faults_end_when_they_are_taken_back(sandbox, agent_client):
    sandbox.fault("internal")
    sandbox.clear_faults()
    assert agent_client.start_chat().chat_id


def strikes(seed, rate, calls=200):
    faults = Faults(seed)
    faults.add(Fault(kind="internal", rate=rate))
    return [faults.strike("get_chat") is not None for _ in range(calls)]


def test_the_same_seed_gives_the_same_faults():
    assert strikes(1, 0.3) == strikes(1, 0.3)
    assert strikes(1, 0.3) != strikes(2, 0.3)
    assert 30 < sum(strikes(1, 0.3)) < 90


def test_rates_of_none_and_all():
    assert not any(strikes(0, 0))
    assert all(strikes(0, 1))


def test_a_fault_that_may_strike_twice_strikes_twice():
    faults = Faults()
    faults.add(Fault(kind="internal", times=2))
    faults.add(Fault(kind="service_unavailable", times=1))
    kinds = [fault and fault.kind for fault in (faults.strike("get_chat") for _ in range(4))]
    assert kinds == ["internal", "internal", "service_unavailable", None]
    assert not faults


def test_kinds_can_be_taken_back_alone():
    faults = Faults()
    faults.add(Fault(kind="internal"))
    faults.add(Fault(kind="latency", seconds=1))
    faults.clear(["internal"])
    assert [fault.kind for fault in faults] == ["latency"]


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"kind": "fire"}, "kind"),
        ({"kind": "internal", "methods": ("send_evnt",)}, "methods"),
        ({"kind": "internal", "rate": 1.5}, "rate"),
        ({"kind": "internal", "times": -1}, "times"),
        ({"kind": "latency"}, "seconds"),
        ({"kind": "slow_body", "seconds": -1}, "seconds"),
    ],
)
def test_faults_that_make_no_sense_are_refused(fields, name):
    with pytest.raises(InvalidArgument) as caught:
        Fault(**fields)
    assert caught.value.field == name


def test_a_fault_for_no_calls_never_fires(sandbox):
    sandbox.fault("internal", times=0)
    sandbox.client(retry=None).list_chats()
    assert not list(sandbox.backend.faults)
