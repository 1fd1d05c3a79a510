"""Plans: what they allow, and by how much a license is over it."""

import json

import pytest

from frontdesk.actions import (
    BanCustomer,
    CheckProductLimitsForPlan,
    CreateGroup,
    SuspendAgent,
    UpdateAgent,
)
from frontdesk.errors import AuthorizationError, InvalidArgument, LimitReached
from frontdesk.models import Ban, GroupMembership
from frontdesk.sandbox import Sandbox
from frontdesk.sandbox.control.dispatch import Control
from frontdesk.sandbox.world.properties import plans

from ..._desk import BROWN, GARCIA, JONES, MUELLER, call_web


def over(desk, plan="starter", by=None):
    """What is over the limits of a plan, by resource and whose it is."""
    found = desk.call(CheckProductLimitsForPlan(plan=plan), by)
    return {(excess.resource, excess.id): excess.limit_balance for excess in found}


def test_a_small_company_fits_all_plans_but_the_smallest(desk):
    assert over(desk) == {
        ("groups", None): 3,
        ("groups_per_agent", BROWN): 1,
        ("groups_per_agent", GARCIA): 1,
    }
    for plan in ("team", "enterprise", "enterpriseplus"):
        assert over(desk, plan) == {}


def test_what_waits_and_who_is_banned_counts(desk, monkeypatch):
    plan = {**plans.PLANS["team"], "banned": 0, "queue": 1, "queue_continuous": 0, "agents": 7}
    monkeypatch.setitem(plans.PLANS, "team", plan)
    desk.only(MUELLER)
    desk.set_limit(MUELLER, 0)
    for name in ("Ann", "Ben", "Cid"):
        desk.say(desk.visitor(name), group_ids=[3])
    desk.call(BanCustomer(id=desk.customer("Dan"), ban=Ban(days=1)))
    assert over(desk, "team") == {
        ("agents", None): 1,
        ("banned", None): 1,
        ("queue", "3"): 2,
    }
    desk.call(SuspendAgent(id=JONES))
    desk.advance(days=2)
    assert ("agents", None) not in over(desk, "team")
    assert ("banned", None) not in over(desk, "team")


def test_the_response_has_what_the_api_has(desk):
    response = call_web(
        desk, "check_product_limits_for_plan", {"plan": "starter"}, api="configuration"
    )
    assert json.loads(response.body)[0] == {"resource": "groups", "limit_balance": 3}
    refused = call_web(
        desk, "check_product_limits_for_plan", {"plan": "business"}, api="configuration"
    )
    assert (refused.status, b'"validation"' in refused.body) == (400, True)
    with pytest.raises(AuthorizationError):
        over(desk, by=desk.requester(BROWN, "agents--all:rw"))


def test_another_plan_has_other_limits(desk):
    desk.unit(plans.set_plan, "starter")
    with pytest.raises(LimitReached, match="allows 1 groups"):
        desk.call(CreateGroup(name="x", agent_priorities={}))
    two = [GroupMembership(id=2, priority="last"), GroupMembership(id=3, priority="last")]
    with pytest.raises(LimitReached):
        desk.call(UpdateAgent(id=JONES, groups=two))
    desk.unit(plans.set_plan, "team")
    desk.call(UpdateAgent(id=JONES, groups=two))
    desk.call(CreateGroup(name="x", agent_priorities={}))


def test_the_sandbox_can_be_given_another_plan():
    with Sandbox("quiet") as sandbox:
        sandbox.configure(plan="starter")
        with pytest.raises(LimitReached):
            sandbox.configuration_client().create_group(name="x", agent_priorities={})
        with pytest.raises(InvalidArgument, match="plan"):
            sandbox.configure(plan="business")  # type: ignore[arg-type]
        body = b'{"plan": "team", "work_schedules": true}'
        response = Control(sandbox.backend).handle("POST", "/__sandbox__/settings", "", body)
        shown = json.loads(response.body)
        assert (shown["plan"], shown["work_schedules"]) == ("team", True)
        assert shown["license"]["limits"]["groups.base"] == 20
        assert shown["license"]["chats"]["queue.limit"] == 50
        sandbox.configuration_client().create_group(name="x", agent_priorities={})
        for bad in (b"{}", b'{"plan": "business"}'):
            response = Control(sandbox.backend).handle("POST", "/__sandbox__/settings", "", bad)
            assert response.status == 400
