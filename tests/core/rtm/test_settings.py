"""The settings of a session: defaults and limits."""

from typing import Any

import pytest

from frontdesk.core.rtm.settings import (
    Backoff,
    LoginOptions,
    SessionSettings,
)
from frontdesk.errors import (
    InvalidArgument,
)

from ._play import Play


def test_defaults_are_those_of_the_documentation():
    settings = SessionSettings()
    assert (settings.timeout, settings.token_timeout, settings.close_timeout) == (20.0, 20.0, 5.0)
    assert (settings.ping, settings.ping_interval, settings.ping_timeout) == ("message", 15.0, 10.0)
    assert (settings.reconnect, settings.logout, settings.renew_before) == (True, True, 60.0)
    backoff = settings.backoff
    assert (backoff.first_pause, backoff.longest_pause, backoff.stable_after) == (0.5, 30.0, 5.0)
    assert settings.login == LoginOptions()


@pytest.mark.parametrize("level", ["my", "chatting", "invited", "online", "highest_available"])
def test_levels_of_customer_monitoring(level: Any):
    assert LoginOptions(customer_monitoring_level=level).customer_monitoring_level == level


def test_other_levels_are_refused():
    with pytest.raises(InvalidArgument, match="customer_monitoring_level"):
        LoginOptions(customer_monitoring_level="all")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "name",
    ["timeout", "token_timeout", "ping_interval", "ping_timeout", "close_timeout", "renew_before"],
)
def test_times_are_more_than_nothing(name: str):
    SessionSettings(**{name: 0.001})  # type: ignore[arg-type]
    with pytest.raises(InvalidArgument, match=name):
        SessionSettings(**{name: 0})  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["first_pause", "longest_pause", "stable_after"])
def test_pauses_may_be_nothing_but_not_less(name: str):
    assert Backoff(**{name: 0}).pause(1, Play().session._rng) >= 0
    with pytest.raises(InvalidArgument, match=name):
        Backoff(**{name: -0.001})
