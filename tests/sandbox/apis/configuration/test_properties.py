"""Properties through the Configuration API: registrations, and values of licenses and groups."""

from typing import Any

import pytest

from frontdesk import ConfigurationClient
from frontdesk.errors import (
    AlreadyExists,
    AuthorizationError,
    GroupNotFound,
    NotFound,
    ValidationError,
)
from frontdesk.pushes import GroupPropertiesUpdated, LicensePropertiesUpdated
from frontdesk.sandbox import Sandbox
from frontdesk.sandbox.seeds.company import CLIENT_ID

from ._raw_calls import call, refusal

SMITH = "smith@example.com"
OTHER = "aa11bb22cc33dd44ee55ff6600778899"
RW = ["read", "write"]
ON_LICENSE: dict[str, Any] = {"license": {"agent": RW}, "group": {"agent": RW}}


@pytest.fixture
def configuration(sandbox: Sandbox) -> ConfigurationClient:
    return sandbox.configuration_client()


def register(configuration: ConfigurationClient, name: str, **fields: Any) -> None:
    request: dict[str, Any] = {
        "owner_client_id": CLIENT_ID, "type": "string", "access": ON_LICENSE, **fields,
    }  # fmt: skip
    configuration.register_property(name=name, **request)


def limited(sandbox: Sandbox, *scopes: str) -> ConfigurationClient:
    """A client whose token has these scopes alone, and the client id of the others."""
    return sandbox.configuration_client(sandbox.issue_token(SMITH, scopes=scopes))


# Registrations


def test_a_registration_is_listed_as_it_was_given(sandbox: Sandbox) -> None:
    access = {
        "license": {"agent": ["read", "write"]},
        "group": {"agent": ["read"], "customer": ["read"]},
    }
    call(sandbox, "register_property", {
        "name": "level", "owner_client_id": OTHER, "type": "int", "access": access,
        "domain": [1, 2, 30], "range": {"from": -5, "to": 30}, "default_value": 2,
        "description": "how urgent",
    })  # fmt: skip
    call(sandbox, "register_property", {
        "name": "flag", "owner_client_id": OTHER, "type": "bool", "default_value": False,
        "access": {"license": {"agent": []}},
    })  # fmt: skip
    assert call(sandbox, "list_properties", {"owner_client_id": OTHER}) == {
        "level": {
            "type": "int", "description": "how urgent", "access": access, "domain": [1, 2, 30],
            "range": {"from": -5, "to": 30}, "default_value": 2,
        },
        "flag": {
            "type": "bool", "description": "", "access": {"license": {"agent": []}},
            "default_value": False,
        },
    }  # fmt: skip
    assert call(sandbox, "list_properties", {"owner_client_id": "nobody"}) == {}


def test_publishing_shows_what_others_may_do(configuration: ConfigurationClient) -> None:
    register(configuration, "x")
    assert configuration.list_properties(owner_client_id=CLIENT_ID)["x"].public_access is None
    for access_type in (["read"], ["write", "read", "read"]):
        configuration.publish_property(name="x", owner_client_id=CLIENT_ID, access_type=access_type)
        listed = configuration.list_properties(owner_client_id=CLIENT_ID)
        assert listed["x"].public_access == list(dict.fromkeys(access_type))


def test_a_name_is_taken_for_its_client_id_alone(configuration: ConfigurationClient) -> None:
    register(configuration, "x")
    with pytest.raises(AlreadyExists, match="`name`"):
        register(configuration, "x", type="int")
    register(configuration, "x", owner_client_id=OTHER, type="int")
    assert configuration.list_properties(owner_client_id=CLIENT_ID)["x"].type == "string"
    assert configuration.list_properties(owner_client_id=OTHER)["x"].type == "int"


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"access": {}}, "access"),
        ({"access": {"license": {}}}, "access.license"),
        ({"access": {"moon": {"agent": ["read"]}}}, "access"),
        ({"access": {"license": {"agent": ["erase"]}}}, "access.license.agent[0]"),
        ({"type": "float"}, "type"),
        ({"range": {"from": 1}}, "range"),
        ({"type": "int", "domain": ["1"]}, "domain[0]"),
        ({"type": "int", "domain": [1, 2**31]}, "domain[1]"),
        ({"type": "int", "domain": [1, True]}, "domain[1]"),
        ({"type": "int", "default_value": 2**31}, "default_value"),
        ({"type": "int", "default_value": "1"}, "default_value"),
        ({"type": "int", "default_value": 4, "domain": [1, 2]}, "default_value"),
        ({"type": "int", "default_value": 4, "range": {"to": 3}}, "default_value"),
        ({"type": "int", "range": {"from": 4, "to": 3}}, "range.from"),
        ({"default_value": "x", "access": {"chat": {"agent": RW}}}, "default_value"),
        ({"default_value": "x", "access": {**ON_LICENSE, "event": {"agent": RW}}},
         "default_value"),
        ({"name": ""}, "name"),
        ({"owner_client_id": 7}, "owner_client_id"),
    ],
)  # fmt: skip
def test_a_registration_that_does_not_fit_is_refused(
    sandbox: Sandbox, configuration: ConfigurationClient, fields: dict[str, Any], field: str
) -> None:
    request = {
        "name": "x", "owner_client_id": CLIENT_ID, "type": "string", "access": ON_LICENSE, **fields,
    }  # fmt: skip
    assert refusal(sandbox, "register_property", request) == ("validation", field)
    assert "x" not in configuration.list_properties(owner_client_id=CLIENT_ID)


def test_namespaces_of_livechat_are_no_client_ids(configuration: ConfigurationClient) -> None:
    with pytest.raises(AuthorizationError, match="`owner_client_id`"):
        register(configuration, "x", owner_client_id="chats")
    assert configuration.list_properties(owner_client_id="chats") == {}


def test_a_published_property_stays(configuration: ConfigurationClient) -> None:
    register(configuration, "x")
    configuration.publish_property(name="x", owner_client_id=CLIENT_ID, access_type=["read"])
    with pytest.raises(ValidationError, match="`name`"):
        configuration.unregister_property(name="x", owner_client_id=CLIENT_ID)
    assert "x" in configuration.list_properties(owner_client_id=CLIENT_ID)


def test_what_is_not_registered_cannot_be_removed_or_published(
    configuration: ConfigurationClient,
) -> None:
    register(configuration, "x")
    for owner, name in ((OTHER, "x"), (CLIENT_ID, "y"), ("chats", "queue.enabled")):
        with pytest.raises(NotFound, match="`name`"):
            configuration.unregister_property(name=name, owner_client_id=owner)
        with pytest.raises(NotFound, match="`name`"):
            configuration.publish_property(name=name, owner_client_id=owner, access_type=["read"])
    configuration.unregister_property(name="x", owner_client_id=CLIENT_ID)
    with pytest.raises(NotFound):
        configuration.unregister_property(name="x", owner_client_id=CLIENT_ID)


def test_registrations_need_their_scope(sandbox: Sandbox) -> None:
    client = limited(sandbox, "properties.license.value--all:rw")
    with pytest.raises(AuthorizationError, match=r"properties\.configuration:rw"):
        client.list_properties(owner_client_id=CLIENT_ID)


@pytest.mark.parametrize("sent", [{}, {"owner_client_id": None}, {"owner_client_id": ""}])
def test_the_client_id_of_a_bearer_token_is_meant_without_another(
    sandbox: Sandbox, sent: dict[str, Any]
) -> None:
    request = {"name": "x", "type": "string", "access": ON_LICENSE, **sent}
    call(sandbox, "register_property", request)
    assert call(sandbox, "list_properties", sent) == call(
        sandbox, "list_properties", {"owner_client_id": CLIENT_ID}
    )
    call(sandbox, "publish_property", {"name": "x", "access_type": ["read"], **sent})
    # A personal access token is of no application.
    refused = refusal(sandbox, "list_properties", sent, token="pat")
    assert refused == ("validation", "owner_client_id")
    assert "x" in call(sandbox, "list_properties", {"owner_client_id": CLIENT_ID}, token="pat")


# Values of the license and of groups


def test_values_are_merged_by_name(configuration: ConfigurationClient) -> None:
    register(configuration, "a")
    register(configuration, "b")
    configuration.update_license_properties(properties={CLIENT_ID: {"a": "1", "b": "2"}})
    configuration.update_license_properties(properties={CLIENT_ID: {"b": "3"}})
    assert configuration.list_license_properties(namespace=CLIENT_ID) == {
        CLIENT_ID: {"a": "1", "b": "3"}
    }
    configuration.delete_license_properties(properties={CLIENT_ID: ["a"]})
    configuration.delete_license_properties(properties={CLIENT_ID: ["a"]})
    assert configuration.list_license_properties(namespace=CLIENT_ID) == {CLIENT_ID: {"b": "3"}}
    configuration.delete_license_properties(properties={CLIENT_ID: ["b"]})
    assert configuration.list_license_properties(namespace=CLIENT_ID) == {}


def test_values_are_of_one_group(configuration: ConfigurationClient) -> None:
    register(configuration, "a")
    configuration.update_group_properties(group_id=2, properties={CLIENT_ID: {"a": "1"}})
    configuration.update_group_properties(group_id=0, properties={CLIENT_ID: {"a": "0"}})
    listed = configuration.list_groups_properties(group_ids=[2, 1, 0], namespace=CLIENT_ID)
    assert [(group.id, group.properties) for group in listed] == [
        (2, {CLIENT_ID: {"a": "1"}}), (1, {}), (0, {CLIENT_ID: {"a": "0"}}),
    ]  # fmt: skip
    every = configuration.list_groups_properties(group_ids=[], name_prefix="a")
    assert [group.id for group in every] == [0, 1, 2, 3]
    configuration.delete_group_properties(id=2, properties={CLIENT_ID: ["a"]})
    (group,) = configuration.list_groups_properties(group_ids=[2])
    assert group.properties == {}


def test_a_default_is_shown_where_nothing_is_set(configuration: ConfigurationClient) -> None:
    register(configuration, "a", default_value="none")
    assert configuration.list_license_properties(namespace=CLIENT_ID) == {CLIENT_ID: {"a": "none"}}
    configuration.update_license_properties(properties={CLIENT_ID: {"a": "some"}})
    assert configuration.list_license_properties()[CLIENT_ID] == {"a": "some"}
    (group,) = configuration.list_groups_properties(group_ids=[1])
    assert group.properties == {CLIENT_ID: {"a": "none"}}
    configuration.delete_license_properties(properties={CLIENT_ID: ["a"]})
    assert configuration.list_license_properties()[CLIENT_ID] == {"a": "none"}


def test_what_a_license_begins_with_is_its_default(configuration: ConfigurationClient) -> None:
    before = configuration.list_license_properties()
    assert before["chats"]["max_agent_active_chats"] == 20
    configuration.update_license_properties(
        properties={"chats": {"max_agent_active_chats": 1, "queue.enabled": False}}
    )
    configuration.delete_license_properties(
        properties={"chats": ["max_agent_active_chats", "queue.enabled"]}
    )
    assert configuration.list_license_properties() == before


def test_lists_are_narrowed(configuration: ConfigurationClient) -> None:
    listed = configuration.list_license_properties(namespace="limits", name_prefix="tags.")
    assert listed == {"limits": {"tags.base": 1000, "tags.additional": 0, "tags.hard": 2000}}
    assert configuration.list_license_properties(namespace="limit") == {}
    assert configuration.list_license_properties(name_prefix="nothing") == {}


@pytest.mark.parametrize(
    ("values", "error", "field"),
    [
        ({CLIENT_ID: {"a": 7}}, "validation", f"properties.{CLIENT_ID}.a"),
        ({CLIENT_ID: {"a": "2", "n": 3}}, "validation", f"properties.{CLIENT_ID}.n"),
        ({CLIENT_ID: {"a": "2", "n": True}}, "validation", f"properties.{CLIENT_ID}.n"),
        ({CLIENT_ID: {"a": "2", "d": 3}}, "validation", f"properties.{CLIENT_ID}.d"),
        ({CLIENT_ID: {"a": "2", "unknown": 3}}, "validation", f"properties.{CLIENT_ID}.unknown"),
        ({"nobody": {"a": "2"}}, "validation", "properties.nobody.a"),
        ({CLIENT_ID: {"a": "2", "read_only": "x"}}, "authorization",
         f"properties.{CLIENT_ID}.read_only"),
        ({CLIENT_ID: {"a": "2", "of_chats": "x"}}, "authorization",
         f"properties.{CLIENT_ID}.of_chats"),
        ({"chats": {"queue.enabled": "yes"}}, None, "properties.chats.queue.enabled"),
        ({OTHER: {"private": "x"}}, "validation", f"properties.{OTHER}.private"),
        ({OTHER: {"readable": "x"}}, "authorization", f"properties.{OTHER}.readable"),
        ({CLIENT_ID: "x"}, "validation", f"properties.{CLIENT_ID}"),
        ({CLIENT_ID: {"a": ["x"]}}, "validation", f"properties.{CLIENT_ID}.a"),
    ],
)  # fmt: skip
def test_one_bad_value_sets_nothing(
    sandbox: Sandbox, configuration: ConfigurationClient, values: Any, error: str | None, field: str
) -> None:
    register(configuration, "a")
    register(configuration, "n", type="int", range={"from": 5, "to": 9})
    register(configuration, "d", type="int", domain=[1, 2])
    register(configuration, "read_only", access={
        "license": {"agent": ["read"]}, "group": {"agent": ["read"]},
    })  # fmt: skip
    register(configuration, "of_chats", access={"chat": {"agent": RW}})
    register(configuration, "private", owner_client_id=OTHER)
    register(configuration, "readable", owner_client_id=OTHER)
    configuration.publish_property(name="readable", owner_client_id=OTHER, access_type=["read"])
    for method, more, of_group in (
        ("update_license_properties", {}, False),
        ("update_group_properties", {"group_id": 1}, True),
    ):
        # A license has `queue.enabled`, agents of groups may not write what is of no group.
        expected = error or ("authorization" if of_group else "validation")
        refused = refusal(sandbox, method, {**more, "properties": values})
        assert refused == (expected, field)
    assert CLIENT_ID not in configuration.list_license_properties()
    assert configuration.list_groups_properties(group_ids=[1])[0].properties == {}


def test_agents_may_only_read_some(configuration: ConfigurationClient) -> None:
    before = configuration.list_license_properties()
    for namespace, name, value in (
        ("limits", "tags.base", 5), ("chats", "queue.limit", 5),
        ("smart_actions", "greeting.max_invites", 1), ("monitoring", "whitelist_enabled", True),
    ):  # fmt: skip
        with pytest.raises(AuthorizationError, match=name):
            configuration.update_license_properties(properties={namespace: {name: value}})
        with pytest.raises(AuthorizationError, match=name):
            configuration.delete_license_properties(properties={namespace: [name]})
    assert configuration.list_license_properties() == before


@pytest.mark.parametrize(
    ("method", "request_", "field"),
    [
        ("update_group_properties", {"group_id": 99, "properties": {}}, "group_id"),
        ("delete_group_properties", {"id": 99, "properties": {}}, "id"),
        ("list_groups_properties", {"group_ids": [0, 99]}, "group_ids"),
    ],
)
def test_groups_that_are_not_there(
    sandbox: Sandbox, method: str, request_: dict[str, Any], field: str
) -> None:
    assert refusal(sandbox, method, request_) == ("group_not_found", field)


def test_a_token_of_its_own_namespace_reaches_no_other(
    sandbox: Sandbox, configuration: ConfigurationClient
) -> None:
    register(configuration, "a")
    own = limited(
        sandbox, "properties.license.value--my:rw", "properties.group.value--my:rw"
    )  # fmt: skip
    own.update_license_properties(properties={CLIENT_ID: {"a": "1"}})
    assert own.list_license_properties() == {CLIENT_ID: {"a": "1"}}
    assert own.list_license_properties(namespace="chats") == {}
    for change in (
        lambda: own.update_license_properties(
            properties={CLIENT_ID: {"a": "2"}, "chats": {"manual_routing": True}}
        ),
        lambda: own.delete_license_properties(properties={"chats": ["manual_routing"]}),
        lambda: own.update_group_properties(
            group_id=1, properties={"chats": {"manual_routing.override": 1}}
        ),
        lambda: own.delete_group_properties(
            id=1, properties={"chats": ["manual_routing.override"]}
        ),
    ):
        with pytest.raises(AuthorizationError, match=r"`properties\.chats`"):
            change()
    assert own.list_license_properties() == {CLIENT_ID: {"a": "1"}}
    with pytest.raises(AuthorizationError):
        own.list_groups_properties(group_ids=[])
    with pytest.raises(GroupNotFound):
        own.update_group_properties(group_id=9, properties={"chats": {}})


def test_what_others_keep_private_is_not_listed(configuration: ConfigurationClient) -> None:
    register(configuration, "a", owner_client_id=OTHER, default_value="x")
    register(configuration, "b", owner_client_id=OTHER, default_value="y")
    assert OTHER not in configuration.list_license_properties()
    configuration.publish_property(name="a", owner_client_id=OTHER, access_type=["read"])
    configuration.publish_property(name="b", owner_client_id=OTHER, access_type=["write"])
    assert configuration.list_license_properties(namespace=OTHER) == {OTHER: {"a": "x"}}
    # What others may write they may not read for that reason.
    configuration.update_license_properties(properties={OTHER: {"b": "z"}})
    assert configuration.list_license_properties(namespace=OTHER) == {OTHER: {"a": "x"}}


def test_pushes_have_what_changed_and_nothing_else(
    sandbox: Sandbox, configuration: ConfigurationClient
) -> None:
    register(configuration, "a", default_value="x")
    register(configuration, "b")
    # Everybody who is logged in gets them, whatever the scopes are.
    token = sandbox.issue_token("jones@example.com", scopes=["chats--my:ro"])
    with sandbox.rtm_client(token) as rtm:
        pushes = rtm.pushes(LicensePropertiesUpdated, GroupPropertiesUpdated)
        configuration.update_license_properties(properties={CLIENT_ID: {"a": "x"}})
        configuration.update_license_properties(properties={CLIENT_ID: {"a": "x", "b": "1"}})
        configuration.update_license_properties(properties={CLIENT_ID: {"b": "1"}})
        configuration.delete_license_properties(properties={CLIENT_ID: ["a", "b"]})
        configuration.update_group_properties(group_id=2, properties={CLIENT_ID: {"a": "y"}})
        configuration.update_group_properties(group_id=2, properties={CLIENT_ID: {"a": "y"}})
        configuration.delete_group_properties(id=2, properties={CLIENT_ID: ["a"]})
        sandbox.set_properties({"chats": {"manual_routing": True}})
        pushed = [pushes.get(10) for _ in range(3)]
    first, second, third = pushed
    assert isinstance(first, LicensePropertiesUpdated)
    assert first.properties == {CLIENT_ID: {"b": "1"}}
    assert isinstance(second, GroupPropertiesUpdated)
    assert (second.group_id, second.properties) == (2, {CLIENT_ID: {"a": "y"}})
    assert isinstance(third, LicensePropertiesUpdated)
    assert third.properties == {"chats": {"manual_routing": True}}


def test_registrations_stay_in_a_database_file(tmp_path: Any) -> None:
    path = tmp_path / "company.db"
    with Sandbox("quiet", db=path) as sandbox:
        client = sandbox.configuration_client()
        register(client, "a", default_value="x")
        client.publish_property(name="a", owner_client_id=CLIENT_ID, access_type=["read"])
    with Sandbox("quiet", db=path) as sandbox:
        listed = sandbox.configuration_client().list_properties(owner_client_id=CLIENT_ID)
        assert (listed["a"].default_value, listed["a"].public_access) == ("x", ["read"])


@pytest.mark.parametrize(
    "name", ["max_agent_active_chats", "queue.reopen_threshold", "transfer_chat_after_min"]
)
def test_numbers_of_chats_and_minutes_are_not_negative(sandbox: Sandbox, name: str) -> None:
    for value, refused in ((-5, True), (0, False)):
        body = {"properties": {"chats": {name: value}}}
        if refused:
            error, field = refusal(sandbox, "update_license_properties", body)
            assert (error, field) == ("validation", f"properties.chats.{name}")
        else:
            call(sandbox, "update_license_properties", body)
