"""Roles: what a token of which may do."""

import pytest

from frontdesk.actions import CONFIGURATION_ACTIONS
from frontdesk.sandbox import Sandbox
from frontdesk.sandbox.seeds.company import ALL_SCOPES
from frontdesk.sandbox.world.staff import roles
from frontdesk.spec.scopes import covers

from ..._desk import BROWN, JONES, SMITH


@pytest.mark.parametrize("method", sorted(CONFIGURATION_ACTIONS, key=str))
def test_the_owner_may_call_every_method(method):
    spec = CONFIGURATION_ACTIONS[method].spec
    granted = {name for scope in ALL_SCOPES for name in covers(scope)}
    if spec.scopes.names:
        needed = set(spec.scopes.names)
        assert needed <= granted if spec.scopes.every else needed & granted
    for extra in spec.extra_scopes:
        assert set(extra.names) <= granted


def test_only_tokens_with_more_than_a_normal_role_may_have_are_limited(desk):
    company = desk.world.store.company
    small = desk.requester(JONES, "chats--access:ro").token_id
    large = desk.requester(JONES, "agents--all:rw", "webhooks--all:rw").token_id
    another = desk.requester(BROWN, "agents--all:rw").token_id
    desk.unit(roles.limit_tokens, company.agents[JONES])
    desk.unit(roles.limit_tokens, company.agents[BROWN])
    assert company.tokens[small].scopes == ["chats--access:ro"]
    assert "agents--all:ro" in company.tokens[large].scopes
    assert "agents--my:rw" in company.tokens[large].scopes
    assert not {"agents--all:rw", "webhooks--all:rw"} & set(company.tokens[large].scopes)
    assert company.tokens[another].scopes == ["agents--all:rw"]


def test_ranks():
    assert sorted(roles.RANKS, key=roles.RANKS.__getitem__) == [
        "normal", "administrator", "viceowner", "owner",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("granted", "contained"),
    [
        ("accounts--all:rw", {"accounts--all:rc", "accounts--my:rw", "accounts--all:ro"}),
        ("accounts--all:rc", {"accounts--my:rc", "accounts--all:ro"}),
    ],
)
def test_scopes_of_accounts(granted, contained):
    assert contained <= covers(granted)
    assert "agents--all:rc" not in covers("agents--all:rw")


def test_a_token_for_all_methods_can_be_issued():
    with Sandbox("empty") as sandbox:
        token = sandbox.issue_token(SMITH)
        configuration = sandbox.configuration_client(token)
        configuration.create_agent(id="kim@example.com", name="Kim", role="viceowner")
        agent = configuration.get_agent(id="kim@example.com", fields=["awaiting_approval"])
        assert agent.awaiting_approval is False
