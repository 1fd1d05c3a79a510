"""The session of a customer: its log-in, its one token, and what its server's reasons mean."""

from typing import Any

import pytest

from frontdesk.auth import BearerToken
from frontdesk.core.rtm.customer_side import VERDICTS, CustomerLogin, CustomerSide
from frontdesk.core.rtm.reasons import Verdict
from frontdesk.core.rtm.session import State
from frontdesk.core.rtm.settings import AskToken, LoginOptions, Lost, Open, Ready
from frontdesk.errors import Disconnected
from frontdesk.models import CustomerLoginResponse, CustomerPage, NewCustomerDetails

from ._play import Play

LOGIN = {"customer": {"id": "c", "statistics": {}}, "has_active_thread": False, "chats": []}


def play(**options: Any) -> Play:
    options.setdefault("side", CustomerSide(CustomerLogin(group_id=3)))
    options.setdefault("logout", False)
    return Play(**options)


def ready(**options: Any) -> Play:
    ends_in = options.pop("ends_in", None)
    made = play(**options)
    made.response(made.start(ends_in=ends_in), LOGIN)
    return made


def dismiss(of: Play, reason: str, **data: Any) -> None:
    payload: dict[str, Any] = {"reason": reason, **({"data": data} if data else {})}
    of.receive(version="3.6", action="customer_disconnected", type="push", payload=payload)


def test_the_log_in_says_who_the_customer_is() -> None:
    side = CustomerSide(
        CustomerLogin(
            customer=NewCustomerDetails(name="Ann", session_fields=[{"a": "1"}]),
            customer_page=CustomerPage(url="https://a.b"),
            customer_side_storage={"visits": "2"},
            is_mobile=False,
            tab_id="t1",
        )
    )
    made = play(side=side, login=LoginOptions(pushes={"3.6": ["all"]}))
    assert made.start()["payload"] == {
        "token": "Bearer dal:first",
        "customer": {"name": "Ann", "session_fields": [{"a": "1"}]},
        "customer_page": {"url": "https://a.b"},
        "customer_side_storage": {"visits": "2"},
        "is_mobile": False,
        "pushes": {"3.6": ["all"]},
        "tab_id": "t1",
    }


def test_the_response_is_that_of_customers() -> None:
    made = ready()
    [step] = [step for step in made.steps() if isinstance(step, Ready)]
    assert type(step.login) is CustomerLoginResponse
    assert step.login.customer.id == "c"


def test_pings_follow_every_15_seconds() -> None:
    made = ready()
    made.steps()
    made.wait(46)
    assert [frame["action"] for frame in made.frames[1:]] == ["ping"] * 3


def test_closing_sends_no_log_out() -> None:
    made = ready()
    made.session.close()
    assert made.session.state is State.LEAVING
    made.steps()
    assert [frame["action"] for frame in made.frames] == ["login"]


def test_a_connection_keeps_its_token_until_the_server_ends_it() -> None:
    made = ready(ends_in=1000.0)
    made.steps()
    made.wait(2000)
    assert {frame["action"] for frame in made.frames} == {"login", "ping"}
    assert not [step for step in made.seen if isinstance(step, AskToken)][1:]
    dismiss(made, "access_token_expired")
    assert isinstance(made.step(Lost).error, Disconnected)
    assert any(isinstance(step, AskToken) for step in made.seen[-3:])
    login = made.give(BearerToken("dal:second"))
    assert login["payload"]["token"] == "Bearer dal:second"
    assert login["payload"]["group_id"] == 3


@pytest.mark.parametrize("reason", [*VERDICTS, "of_next_year"])
def test_each_reason_has_its_consequence(reason: str) -> None:
    made = ready()
    made.steps()
    verdict = VERDICTS.get(reason, Verdict.RECONNECT)
    dismiss(made, reason, **({"region": "fra"} if verdict is Verdict.HOP else {}))
    fresh = made.steps()
    if verdict is Verdict.STOP:
        ended = made.ended
        assert isinstance(ended, Disconnected)
        assert ended.reason == reason
    elif verdict is Verdict.HOP:
        assert Open("fra") in fresh
    elif verdict is Verdict.RENEW:
        assert any(isinstance(step, AskToken) for step in fresh)
    else:
        assert made.session.state is State.PAUSE
        assert Open("dal") in made.wait(10)


def test_another_data_centre_without_a_name_ends_the_session() -> None:
    made = ready()
    dismiss(made, "misdirected_connection")
    assert isinstance(made.ended, Disconnected)


def test_what_agents_get_at_the_end_does_not_end_a_customer() -> None:
    made = ready()
    made.receive(version="3.6", action="agent_disconnected", type="push",
                 payload={"reason": "license_expired"})  # fmt: skip
    assert made.session.state is State.READY


def test_a_server_may_end_the_connection_before_the_log_in() -> None:
    made = play()
    made.start()
    dismiss(made, "too_many_connections")
    assert isinstance(made.ended, Disconnected)


def test_a_dismissal_that_cannot_be_read_is_a_passing_fault() -> None:
    made = ready()
    made.receive(version="3.6", action="customer_disconnected", type="push", payload=17)
    assert made.session.state is State.PAUSE
