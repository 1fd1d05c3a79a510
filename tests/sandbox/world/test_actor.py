"""Who acts, and what the scopes of a token allow."""

import pytest

from frontdesk.sandbox.world.actor import CustomerActor, Requester, requester_id
from frontdesk.spec.actions import all_of, any_of, no_scope
from frontdesk.spec.scopes import covers


@pytest.mark.parametrize(
    ("granted", "contained"),
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
        ("chats--my:rw", {"chats--my:rw", "chats--my:ro"}),
        ("customers:rw", {"customers:rw", "customers:ro"}),
        ("customers:ro", {"customers:ro"}),
        ("webhooks--my:manage", {"webhooks--my:manage"}),
        ("banlist_read", {"banlist_read"}),
    ],
)
def test_a_scope_contains_what_is_less(granted, contained):
    assert covers(granted) == contained


def test_one_scope_is_enough_or_each_is_needed():
    requester = Requester(id="a@example.com", scopes=frozenset({"a:ro", "b:ro"}))
    assert requester.allows(no_scope)
    assert requester.allows(any_of("b:ro", "c:ro"))
    assert not requester.allows(any_of("c:ro"))
    assert requester.allows(all_of("a:ro", "b:ro"))
    assert not requester.allows(all_of("a:ro", "c:ro"))


@pytest.mark.parametrize(
    ("role", "sees"),
    [("owner", True), ("viceowner", True), ("administrator", True), ("normal", False)],
)
def test_higher_roles_see_deleted_events(role, sees):
    assert Requester(id="a@example.com", role=role).sees_deleted is sees


def test_customers_are_authors_and_no_requesters():
    assert (CustomerActor("c").author_type, requester_id(CustomerActor("c"))) == ("customer", None)
    bot = Requester(id="b", bot=True)
    assert (bot.author_type, requester_id(bot)) == ("agent", "b")
    assert requester_id(None) is None


def test_a_requester_shows_no_token():
    requester = Requester(id="a@example.com", token_id="dal:secret")
    assert "secret" not in repr(requester)
