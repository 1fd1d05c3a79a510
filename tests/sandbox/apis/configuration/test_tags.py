"""Tags made, listed, changed and deleted through the Configuration API."""

from datetime import timedelta
from typing import Any

import pytest

from frontdesk import AgentClient, ConfigurationClient
from frontdesk.errors import (
    AlreadyExists,
    AuthorizationError,
    GroupNotFound,
    LimitReached,
    NotFound,
    ValidationError,
)
from frontdesk.models import Message
from frontdesk.pushes import TagCreated, TagDeleted, TagUpdated
from frontdesk.sandbox import Sandbox, SandboxCustomer
from frontdesk.sandbox.world import Effect


@pytest.fixture
def configuration(sandbox: Sandbox) -> ConfigurationClient:
    return sandbox.configuration_client()


def names(configuration: ConfigurationClient, **filters: Any) -> list[str]:
    return [tag.name for tag in configuration.list_tags(**filters)]


def of_group(sandbox: Sandbox, agent_id: str) -> ConfigurationClient:
    """A client whose token reaches the agent's own groups."""
    token = sandbox.issue_token(agent_id, scopes=["tags--groups:rw"])
    return sandbox.configuration_client(token)


def test_a_new_tag_can_be_used_at_once(
    sandbox: Sandbox, configuration: ConfigurationClient, agent_client: AgentClient,
    customer: SandboxCustomer,
) -> None:  # fmt: skip
    chat_id = customer.start_chat(Message("Hi"))
    thread_id = agent_client.get_chat(chat_id=chat_id).thread.id
    with pytest.raises(NotFound):
        agent_client.tag_thread(chat_id=chat_id, thread_id=thread_id, tag="Chargeback")
    configuration.create_tag(name="Chargeback", group_ids=[0])
    agent_client.tag_thread(chat_id=chat_id, thread_id=thread_id, tag="Chargeback")
    configuration.delete_tag(name="Chargeback")
    assert agent_client.get_chat(chat_id=chat_id).thread.tags == ["Chargeback"]
    agent_client.untag_thread(chat_id=chat_id, thread_id=thread_id, tag="Chargeback")
    assert not agent_client.get_chat(chat_id=chat_id).thread.tags


def test_a_tag_of_no_group_fits_no_thread_until_it_gets_one(
    configuration: ConfigurationClient, agent_client: AgentClient, customer: SandboxCustomer
) -> None:
    chat_id = customer.start_chat(Message("Hi"))
    tag = {"chat_id": chat_id, "thread_id": agent_client.get_chat(chat_id=chat_id).thread.id,
           "tag": "late"}  # fmt: skip
    configuration.create_tag(name="late")
    with pytest.raises(ValidationError):
        agent_client.tag_thread(**tag)
    configuration.update_tag(name="late", group_ids=[0])
    agent_client.tag_thread(**tag)


def test_what_was_made_is_listed_first(
    sandbox: Sandbox, configuration: ConfigurationClient
) -> None:
    sandbox.advance(timedelta(seconds=1))
    configuration.create_tag(name="b", group_ids=[0, 0])
    sandbox.advance(timedelta(seconds=1))
    configuration.create_tag(name="a")
    second, first = configuration.list_tags()[:2]
    assert (second.name, first.name) == ("a", "b")
    assert (first.group_ids, first.author_id) == ([0], "smith@example.com")
    assert first.created_at < second.created_at


def test_tags_are_unique_whatever_their_case(configuration: ConfigurationClient) -> None:
    configuration.create_tag(name="Chargeback")
    before = names(configuration)
    with pytest.raises(AlreadyExists, match="Chargeback"):
        configuration.create_tag(name="cHARGEBACK")
    with pytest.raises(NotFound):
        configuration.delete_tag(name="chargeback")
    with pytest.raises(NotFound):
        configuration.update_tag(name="chargeback", group_ids=[0])
    assert names(configuration) == before


def test_groups_must_be_there(configuration: ConfigurationClient) -> None:
    with pytest.raises(GroupNotFound, match="999"):
        configuration.create_tag(name="x", group_ids=[0, 999])
    configuration.create_tag(name="x", group_ids=[0])
    with pytest.raises(GroupNotFound):
        configuration.update_tag(name="x", group_ids=[999])
    assert names(configuration, filters={"group_ids": [999]}) == []
    assert "x" in names(configuration, filters={"group_ids": [0]})


def test_a_token_of_groups_reaches_no_other_group(
    sandbox: Sandbox, configuration: ConfigurationClient
) -> None:
    agents = sandbox.backend.work(lambda world: dict(world.store.company.agents))
    groups = sandbox.backend.work(lambda world: set(world.store.company.groups))
    agent = next(
        agent for agent in agents.values() if agent.role == "administrator" and agent.groups
    )
    own = next(group for group in agent.groups if group)
    foreign = next(group for group in groups if group and group not in agent.groups)
    configuration.create_tag(name="own", group_ids=[own])
    configuration.create_tag(name="foreign", group_ids=[foreign])
    configuration.create_tag(name="none")
    limited = of_group(sandbox, agent.id)
    listed = names(limited)
    assert "own" in listed
    assert not {"foreign", "none"} & set(listed)
    with pytest.raises(AuthorizationError, match=str(foreign)):
        limited.create_tag(name="new", group_ids=[own, foreign])
    with pytest.raises(AuthorizationError):
        limited.update_tag(name="own", group_ids=[foreign])
    with pytest.raises(AuthorizationError):
        limited.delete_tag(name="foreign")
    limited.delete_tag(name="own")
    assert not {"own", "new"} & set(names(configuration))


def test_the_plan_limits_tags(sandbox: Sandbox, configuration: ConfigurationClient) -> None:
    count = len(names(configuration))
    sandbox.set_properties({"limits": {"tags.base": count + 1}})
    configuration.create_tag(name="last")
    with pytest.raises(LimitReached, match=str(count + 1)):
        configuration.create_tag(name="too many")


def test_each_change_is_pushed_once(sandbox: Sandbox, configuration: ConfigurationClient) -> None:
    with sandbox.rtm_client() as rtm:
        pushes = rtm.pushes(TagCreated, TagUpdated, TagDeleted)
        configuration.create_tag(name="x")
        configuration.update_tag(name="x")
        configuration.update_tag(name="x", group_ids=[])
        configuration.update_tag(name="x", group_ids=[0])
        configuration.delete_tag(name="x")
        created, updated, deleted = (pushes.get(10) for _ in range(3))
    assert isinstance(created, TagCreated)
    assert (created.tag.name, created.tag.group_ids) == ("x", [])
    assert updated.group_ids == [0]
    assert deleted.name == "x"


def test_another_order_of_the_groups_changes_nothing(
    sandbox: Sandbox, configuration: ConfigurationClient
) -> None:
    configuration.create_tag(name="x", group_ids=[1, 2])
    effects: list[Effect] = []
    sandbox.backend.world.subscribe(effects.extend)
    configuration.update_tag(name="x", group_ids=[2, 1])
    configuration.update_tag(name="x", group_ids=[2, 1, 2])
    assert effects == []
    configuration.update_tag(name="x", group_ids=[2])
    assert [effect.push for effect in effects] == ["tag_updated"]
