"""Tokens and the scopes they grant."""

import base64
from datetime import timedelta

import pytest

from frontdesk.actions import SendEvent, StartChat
from frontdesk.errors import (
    AuthenticationError,
    AuthorizationError,
    LicenseExpired,
    RequesterAwaitingApproval,
    RequesterSuspended,
)
from frontdesk.models import Message
from frontdesk.sandbox.seeds.company import (
    AGENT_TOKEN,
    BOT_SCOPES,
    BOT_TOKEN,
    EXPIRED_TOKEN,
    FEW_SCOPES_TOKEN,
    OWNER_TOKEN,
    PAT_ACCOUNT_ID,
    PAT_TOKEN,
)
from frontdesk.sandbox.store.records import TokenRecord
from frontdesk.sandbox.world.identity import renewed
from frontdesk.spec.scopes import covers

from .._desk import SMITH


def basic(text):
    return f"Basic {base64.b64encode(text.encode()).decode()}"


@pytest.mark.parametrize(
    ("header", "user", "role"),
    [
        (f"Bearer {OWNER_TOKEN}", SMITH, "owner"),
        (f"bearer  {OWNER_TOKEN} ", SMITH, "owner"),
        ("Bearer dal%3Asandbox-owner", SMITH, "owner"),
        (f"Bearer {AGENT_TOKEN}", "jones@example.com", "normal"),
        (f"Bearer {BOT_TOKEN}", "5c9871d5372c824cbf22d860a707a578", "normal"),
        (basic(f"{PAT_ACCOUNT_ID}:{PAT_TOKEN}"), SMITH, "owner"),
    ],
)
def test_who_is_behind_a_token(desk, header, user, role):
    requester = desk.identities.requester(header)
    assert (requester.id, requester.role) == (user, role)
    agent = desk.world.store.company.agents[user]
    assert (requester.account_id, requester.bot) == (agent.account_id, agent.bot)
    assert bool(agent.account_id) is not agent.bot


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Bearer",
        "Bearer dal:unknown",
        OWNER_TOKEN,
        f"Basic {OWNER_TOKEN}",
        "Basic !!!",
        "Basic /w==",
        basic(f"{PAT_ACCOUNT_ID}:{PAT_TOKEN}").replace("Basic ", "Basic !"),
        basic(f"{PAT_ACCOUNT_ID}:{PAT_TOKEN}") + "!",
        basic(f"{PAT_ACCOUNT_ID}:{PAT_TOKEN}")[:-9]
        + "*"
        + basic(f"{PAT_ACCOUNT_ID}:{PAT_TOKEN}")[-9:],
        basic(f"someone:{PAT_TOKEN}"),
        basic(f"{PAT_ACCOUNT_ID}:wrong"),
        f"Bearer {PAT_ACCOUNT_ID}",
        f"Digest {OWNER_TOKEN}",
        f"Bearer {EXPIRED_TOKEN}",
    ],
)
def test_what_is_no_token(desk, header):
    with pytest.raises(AuthenticationError):
        desk.identities.requester(header)


def test_a_token_expires(desk):
    token = TokenRecord(
        id="dal:short",
        kind="bearer",
        user_id=SMITH,
        client_id="x",
        scopes=["chats--all:rw"],
        expires_at=desk.world.clock.now() + timedelta(hours=1),
    )
    desk.unit(lambda world: world.store.company.save_token(token))
    assert desk.identities.requester("Bearer dal:short").id == SMITH
    desk.advance(minutes=61)
    with pytest.raises(AuthenticationError, match="expired"):
        desk.identities.requester("Bearer dal:short")


def test_a_revoked_token_is_not_known_any_more(desk):
    desk.unit(lambda world: world.store.company.remove_token(OWNER_TOKEN))
    with pytest.raises(AuthenticationError):
        desk.identities.requester(f"Bearer {OWNER_TOKEN}")


@pytest.mark.parametrize(
    ("change", "error", "text"),
    [
        ({"suspended": True}, RequesterSuspended, "Requester suspended"),
        ({"awaiting_approval": True}, RequesterAwaitingApproval, "Requester awaiting approval"),
    ],
)
def test_agents_who_may_not_work(desk, change, error, text):
    agent = desk.world.store.company.agents[SMITH]
    for name, value in change.items():
        setattr(agent, name, value)
    desk.unit(lambda world: world.store.company.save_agent(agent))
    with pytest.raises(error) as raised:
        desk.identities.requester(f"Bearer {OWNER_TOKEN}")
    assert raised.value.message == text


@pytest.mark.parametrize(
    ("lifetime", "works"),
    [(None, True), (timedelta(hours=1, seconds=1), True), (timedelta(hours=1), False)],
)
def test_only_a_token_that_is_valid_asks_for_a_suspended_agent(desk, lifetime, works):
    token = TokenRecord(
        id="dal:short",
        kind="bearer",
        user_id=SMITH,
        client_id="x",
        scopes=["chats--all:rw"],
        expires_at=None if lifetime is None else desk.world.clock.now() + lifetime,
    )
    agent = desk.world.store.company.agents[SMITH]
    agent.suspended = True
    desk.unit(lambda world: world.store.company.save_agent(agent))
    desk.unit(lambda world: world.store.company.save_token(token))
    desk.advance(hours=1)
    if works:
        assert desk.identities.suspended("Bearer dal:short").id == SMITH
    else:
        with pytest.raises(AuthenticationError, match="expired"):
            desk.identities.suspended("Bearer dal:short")


def test_the_license_expires(desk):
    license = desk.world.store.company.license
    license.expires_at = desk.world.clock.now() + timedelta(days=1)
    desk.unit(lambda world: world.store.company.save_license(license))
    assert desk.identities.requester(f"Bearer {OWNER_TOKEN}")
    desk.advance(days=2)
    with pytest.raises(LicenseExpired):
        desk.identities.requester(f"Bearer {OWNER_TOKEN}")


@pytest.mark.parametrize(
    ("scope", "contained"),
    [
        (
            "chats--all:rw",
            {
                f"chats--{level}:{right}"
                for level in ("all", "access", "my")
                for right in ("rw", "ro")
            },
        ),
        ("chats--access:ro", {"chats--access:ro", "chats--my:ro"}),
        ("customers:rw", {"customers:rw", "customers:ro"}),
        ("customers:own", {"customers:own"}),
        ("tags--groups:ro", {"tags--groups:ro"}),
        ("tags--all:ro", {"tags--all:ro", "tags--groups:ro"}),
        ("customers.ban:rw", {"customers.ban:rw", "customers.ban:ro"}),
    ],
)
def test_scopes_contain_others(scope, contained):
    assert covers(scope) == contained


def test_too_few_scopes(desk):
    with pytest.raises(AuthorizationError, match=r"`start_chat` needs.*chats--all:rw or"):
        desk.call(StartChat(), desk.identities.requester(f"Bearer {FEW_SCOPES_TOKEN}"))


def test_a_bot_has_the_scopes_of_bots(desk):
    assert set(BOT_SCOPES) <= desk.bot.scopes
    assert "chats--all:ro" not in desk.bot.scopes
    assert desk.bot.bot


def test_a_refused_call_costs_nothing(desk):
    before = desk.world.store.events.count()
    with pytest.raises(AuthorizationError):
        desk.call(SendEvent(chat_id="x", event=Message(text="x")), desk.reader)
    assert desk.world.store.events.count() == before


def test_nobody_prints_a_token(desk):
    token = desk.world.store.company.tokens[OWNER_TOKEN]
    assert OWNER_TOKEN not in repr(token)
    assert OWNER_TOKEN not in repr(desk.owner)
    assert OWNER_TOKEN not in str(desk.owner)


@pytest.mark.parametrize(
    ("role", "scopes", "shown"),
    [
        ("normal", ["chats--my:ro"], "normal"),
        ("administrator", ["tags--all:rw"], "administrator"),
        ("owner", [], "owner"),
    ],
)
def test_a_requester_is_renewed_with_what_agent_and_token_have_by_now(desk, role, scopes, shown):
    before = desk.identities.requester(f"Bearer {OWNER_TOKEN}", "c1")
    company = desk.world.store.company
    agent, token = company.agents[SMITH], company.tokens[OWNER_TOKEN]
    agent.role, token.scopes = role, scopes
    desk.unit(lambda world: company.save_agent(agent))
    desk.unit(lambda world: company.save_token(token))
    after = renewed(desk.world, before)
    assert after.role == shown
    assert after.scopes == {name for scope in scopes for name in covers(scope)}
    assert (after.id, after.connection_id) == (SMITH, "c1")


@pytest.mark.parametrize(
    ("change", "error"),
    [
        (lambda company: company.remove_token(OWNER_TOKEN), AuthenticationError),
        (lambda company: company.remove_agent(SMITH), AuthenticationError),
        (lambda company: setattr(company.agents[SMITH], "suspended", True), AuthorizationError),
    ],
)
def test_whoever_may_not_work_any_more_is_not_renewed(desk, change, error):
    before = desk.identities.requester(f"Bearer {OWNER_TOKEN}")
    desk.unit(lambda world: change(world.store.company))
    with pytest.raises(error):
        renewed(desk.world, before)
