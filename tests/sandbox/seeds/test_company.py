"""The demo company."""

import pytest

from frontdesk.sandbox.seeds.company import LICENSE_ID, ORGANIZATION_ID

from .._desk import JONES, SMITH


def test_the_demo_company(desk):
    company = desk.world.store.company
    roles = [agent.role for agent in company.agents.values() if not agent.bot]
    assert roles.count("owner") == 1
    assert roles.count("administrator") >= 2
    assert roles.count("normal") >= 3
    assert [agent.name for agent in company.agents.values() if agent.bot] == ["Helper Bot"]
    assert sorted(company.groups) == [0, 1, 2, 3]
    assert "support" in company.tags
    for group_id in company.groups:
        assert any(group_id in agent.groups for agent in company.agents.values())
    assert company.license.organization_id == ORGANIZATION_ID
    assert company.license.id == LICENSE_ID
    assert LICENSE_ID.isdecimal()


@pytest.mark.parametrize(("agent_id", "role"), [(SMITH, "owner"), (JONES, "normal")])
def test_smith_and_jones(desk, agent_id, role):
    agent = desk.world.store.company.agents[agent_id]
    assert agent.role == role
    assert set(agent.groups) == {0, 1}
    assert agent.status == "accepting_chats"
