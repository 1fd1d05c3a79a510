"""Rules of auto access through the Configuration API: their order, their changes, their errors."""

from typing import Any

import pytest

from frontdesk import ConfigurationClient
from frontdesk.errors import (
    AuthorizationError,
    GroupNotFound,
    LimitReached,
    NotFound,
    ValidationError,
)
from frontdesk.models import AutoAccess
from frontdesk.pushes import AutoAccessesUpdated
from frontdesk.sandbox import Sandbox

from ._raw_calls import call, refusal

ANYWHERE: dict[str, Any] = {"domain": {"values": [{"value": "example.com"}]}}
SMITH = "smith@example.com"


@pytest.fixture
def configuration(sandbox: Sandbox) -> ConfigurationClient:
    return sandbox.configuration_client()


def add(configuration: ConfigurationClient, name: str, **fields: Any) -> str:
    """Add a rule; its id."""
    rule: dict[str, Any] = {"access": {"groups": [1]}, "conditions": ANYWHERE, **fields}
    return configuration.add_auto_access(description=name, **rule).id


def order(configuration: ConfigurationClient) -> str:
    """The names of the rules in their order, which `next_id` must say as well."""
    rules = configuration.list_auto_accesses()
    assert [rule.next_id for rule in rules] == [rule.id for rule in rules[1:]] + [""] * bool(rules)
    return "".join(rule.description for rule in rules)


def test_a_rule_goes_last_or_before_another(configuration: ConfigurationClient) -> None:
    assert configuration.list_auto_accesses() == []
    b = add(configuration, "b")
    add(configuration, "c", next_id="")
    add(configuration, "a", next_id=b)
    assert order(configuration) == "abc"


def test_a_rule_is_shown_as_it_was_given(sandbox: Sandbox) -> None:
    conditions = {
        "url": {"exclude_values": [{"value": "/jobs", "exact_match": False}]},
        "domain": {"values": [{"value": "shop.example.com", "exact_match": True}, {"value": "x"}]},
        "geolocation": {"values": [{"country": "Poland", "city": "Wrocław"}]},
    }
    rule = {"access": {"groups": [2, 1, 2]}, "conditions": conditions}
    response = call(sandbox, "add_auto_access", rule)
    assert call(sandbox, "list_auto_accesses", {}) == [
        {
            "id": response["id"],
            "description": "",
            "access": {"groups": [2, 1]},
            "conditions": conditions,
            "next_id": "",
        }
    ]


@pytest.mark.parametrize(
    ("moved", "before", "after"),
    [("c", "b", "acbd"), ("a", "", "bcda"), ("d", "a", "dabc"), ("b", "c", "abcd")],
)
def test_a_rule_is_moved(
    configuration: ConfigurationClient, moved: str, before: str, after: str
) -> None:
    ids = {name: add(configuration, name) for name in "abcd"}
    configuration.update_auto_access(id=ids[moved], next_id=ids.get(before, ""))
    assert order(configuration) == after


def test_what_is_not_given_stays(configuration: ConfigurationClient) -> None:
    rule_id = add(configuration, "a")
    before = configuration.list_auto_accesses()[0]
    configuration.update_auto_access(id=rule_id, access={"groups": [3]})
    configuration.update_auto_access(id=rule_id, description="")
    (rule,) = configuration.list_auto_accesses()
    assert (rule.access.groups, rule.description) == ([3], "")
    assert rule.conditions == before.conditions
    url = {"url": {"values": [{"value": "/shop"}]}}
    configuration.update_auto_access(id=rule_id, conditions=url)
    (rule,) = configuration.list_auto_accesses()
    assert rule.conditions.domain is None
    assert rule.conditions.url is not None


def test_the_others_close_the_gap(configuration: ConfigurationClient) -> None:
    ids = {name: add(configuration, name) for name in "abc"}
    for name, left in (("b", "ac"), ("a", "c"), ("c", "")):
        configuration.delete_auto_access(id=ids[name])
        assert order(configuration) == left


@pytest.mark.parametrize(
    ("change", "error", "field"),
    [
        ({"access": {"groups": [1, 99]}}, GroupNotFound, "access.groups"),
        ({"next_id": "nobody"}, NotFound, "next_id"),
        ({"access": {"groups": []}}, ValidationError, "access.groups"),
        ({"conditions": {}}, ValidationError, "conditions"),
        (
            {"conditions": {"geolocation": {"values": [{}]}}},
            ValidationError,
            "conditions.geolocation.values[0]",
        ),
        (
            {"conditions": {"url": {"values": [{"value": 7}]}}},
            ValidationError,
            "conditions.url.values[0].value",
        ),
        ({"access": [1]}, ValidationError, "access"),
        ({"description": 7}, ValidationError, "description"),
    ],
)
def test_what_does_not_fit_changes_nothing(
    sandbox: Sandbox, configuration: ConfigurationClient, change: Any, error: Any, field: str
) -> None:
    rule_id = add(configuration, "a")
    add(configuration, "b")
    before = configuration.list_auto_accesses()
    for name, request in (
        ("update_auto_access", {"id": rule_id, "description": "x", **change}),
        ("add_auto_access", {"access": {"groups": [1]}, "conditions": ANYWHERE, **change}),
    ):
        assert refusal(sandbox, name, request) == (error.error_type, field)
    assert configuration.list_auto_accesses() == before


def test_rules_that_are_not_there(configuration: ConfigurationClient) -> None:
    rule_id = add(configuration, "a")
    with pytest.raises(NotFound, match=r"`id`: there is no rule `x`"):
        configuration.update_auto_access(id="x", description="b")
    with pytest.raises(NotFound, match="`id`"):
        configuration.delete_auto_access(id="x")
    configuration.delete_auto_access(id=rule_id)
    with pytest.raises(NotFound):
        configuration.delete_auto_access(id=rule_id)


def test_the_plan_limits_rules(sandbox: Sandbox, configuration: ConfigurationClient) -> None:
    sandbox.set_properties({"limits": {"access_rules.base": 2}})
    first = add(configuration, "a")
    add(configuration, "b")
    with pytest.raises(LimitReached, match="2"):
        add(configuration, "c", next_id=first)
    assert order(configuration) == "ab"
    configuration.delete_auto_access(id=first)
    add(configuration, "c")
    assert order(configuration) == "bc"


def test_the_scope_is_needed(sandbox: Sandbox, configuration: ConfigurationClient) -> None:
    reader = sandbox.configuration_client(sandbox.issue_token(SMITH, scopes=["access_rules:ro"]))
    rule_id = add(configuration, "a")
    assert len(reader.list_auto_accesses()) == 1
    with pytest.raises(AuthorizationError, match="access_rules:rw"):
        reader.delete_auto_access(id=rule_id)
    nobody = sandbox.configuration_client("agent")
    with pytest.raises(AuthorizationError):
        nobody.list_auto_accesses()


def changes(push: AutoAccessesUpdated) -> list[tuple[str | None, dict[str, Any]]]:
    """What a push says of each rule: the status, and the other fields it has."""
    fields = ("description", "access", "conditions", "next_id")
    return [
        (
            change.status,
            {
                "id": change.id,
                **{n: v for n in fields if (v := getattr(change, n)) is not None},
            },
        )
        for change in push.changes
    ]


def test_a_push_has_what_changed_and_no_more(
    sandbox: Sandbox, configuration: ConfigurationClient
) -> None:
    # Everybody who is logged in gets it, whatever the scopes are.
    token = sandbox.issue_token("jones@example.com", scopes=["chats--my:ro"])
    with sandbox.rtm_client(token) as rtm:
        pushes = rtm.pushes(AutoAccessesUpdated)
        a = add(configuration, "a")
        b = add(configuration, "b")
        configuration.update_auto_access(id=b, next_id=a)
        configuration.update_auto_access(id=b, next_id=a, description="b")
        configuration.update_auto_access(id=a, access={"groups": [2]}, description="a")
        configuration.delete_auto_access(id=a)
        added, second, moved, changed, deleted = (changes(pushes.get(10)) for _ in range(5))
    assert [status for status, _ in added] == ["added"]
    assert added[0][1].keys() == {"id", "description", "access", "conditions", "next_id"}
    assert second[0] == ("updated", {"id": a, "next_id": b})
    assert (second[1][0], second[1][1]["id"], second[1][1]["next_id"]) == ("added", b, "")
    assert moved == [
        ("updated", {"id": b, "next_id": a}), ("updated", {"id": a, "next_id": ""}),
    ]  # fmt: skip
    ((status, fields),) = changed
    assert (status, fields.keys()) == ("updated", {"id", "access"})
    assert fields["access"].groups == [2]
    assert deleted == [("updated", {"id": b, "next_id": ""}), ("deleted", {"id": a})]


def test_rules_stay_in_a_database_file(tmp_path: Any) -> None:
    path = tmp_path / "company.db"
    with Sandbox("quiet", db=path) as sandbox:
        rule_id = add(sandbox.configuration_client(), "a")
    with Sandbox("quiet", db=path) as sandbox:
        (rule,) = sandbox.configuration_client().list_auto_accesses()
        assert isinstance(rule, AutoAccess)
        assert (rule.id, rule.description) == (rule_id, "a")
