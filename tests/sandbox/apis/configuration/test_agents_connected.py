"""What happens to connections and webhooks when agents are changed, suspended or deleted."""

import pytest

from frontdesk.actions import DeleteAgent, RegisterWebhook
from frontdesk.sandbox.seeds.company import ALL_SCOPES, CLIENT_ID
from frontdesk.sandbox.webhooks.webhook_calls import webhook_calls

from ..._desk import BROWN, JONES
from ..._rtm_line import Refused

CONFIGURATION = (
    "agent_created",
    "agent_approved",
    "agent_updated",
    "agent_suspended",
    "agent_unsuspended",
    "agent_deleted",
)


@pytest.fixture
def configuration(served):
    return served.configuration_client()


@pytest.mark.parametrize(
    ("method", "fields", "reason"),
    [
        ("delete_agent", {}, "access_token_revoked"),
        ("suspend_agent", {}, "access_token_revoked"),
        ("update_agent", {"role": "administrator"}, "role_permissions_changed"),
    ],
)
def test_connections_of_an_agent_end_with_the_reason(
    dial, configuration, served, method, fields, reason
):
    lines, colleague = [dial("agent"), dial("agent")], dial("owner")
    getattr(configuration, method)(id=JONES, **fields)
    assert [line.ended() for line in lines] == [(reason, 1000)] * 2
    assert colleague.call("list_chats")
    assert served.rtm.connections(JONES) == []


def test_who_has_another_role_may_come_back_and_keeps_the_status(dial, configuration, served):
    line = dial("agent")
    configuration.update_agent(id=JONES, role="administrator")
    assert line.ended()[0] == "role_permissions_changed"
    again = dial("agent", reconnect=True)
    assert again.login["my_profile"]["permission"] == "administrator"
    assert again.login["my_profile"]["routing_status"] == "accepting_chats"
    served.advance(60)
    assert "routing_status_set" not in again.names()


def test_other_changes_leave_connections_alone(dial, configuration):
    line = dial("agent")
    configuration.update_agent(id=JONES, job_title="x", groups=[])
    assert line.call("list_chats")


def test_the_log_in_of_agents_who_may_not_work_fails(dial, configuration, served):
    configuration.create_agent(id="new@example.com", name="New", awaiting_approval=True)
    token = served.issue_token("new@example.com")
    with pytest.raises(Refused, match="requester_awaiting_approval"):
        dial(token)
    configuration.approve_agent(id="new@example.com")
    dial(token)
    configuration.suspend_agent(id="new@example.com")
    with pytest.raises(Refused, match="requester_suspended"):
        dial(token)
    configuration.unsuspend_agent(id="new@example.com")
    assert dial(token).login["my_profile"]["routing_status"] == "not_accepting_chats"
    configuration.delete_agent(id="new@example.com")
    with pytest.raises(Refused, match="authentication"):
        dial(token)


def test_a_suspended_agents_seat_is_free(dial, configuration, served):
    # One is the bot's, who is not offline.
    served.set_properties({"limits": {"agents.base": 2}})
    dial("agent")
    with pytest.raises(Refused, match="seats_limit_exceeded"):
        dial("owner")
    configuration.suspend_agent(id=JONES)
    assert dial("owner").login


def test_the_status_of_the_settings_counts_at_the_next_log_in(dial, configuration):
    configuration.update_agent(id=JONES, login_status="not accepting chats")
    first = dial("agent")
    assert first.login["my_profile"]["routing_status"] == "not_accepting_chats"
    first.call("set_routing_status", status="accepting_chats")
    configuration.update_agent(id=JONES, login_status="accepting chats")
    first.call("set_routing_status", status="not_accepting_chats")
    first.call("logout")
    assert dial("agent", reconnect=True).login["my_profile"]["routing_status"] == (
        "not_accepting_chats"
    )


def test_when_an_agent_logged_out_is_known(dial, configuration, served):
    line = dial("agent")
    line.call("logout")
    agent = configuration.get_agent(id=JONES, fields=["last_logout"])
    assert agent.last_logout is not None
    assert agent.last_logout <= served.now


def test_only_connections_with_the_scope_for_agents_learn_of_them(dial, configuration, served):
    with_scope = dial("owner")
    without = dial(served.issue_token(BROWN, scopes=["chats--access:rw", "agents--my:rw"]))
    configuration.create_agent(id="new@example.com", name="New", awaiting_approval=True)
    configuration.approve_agent(id="new@example.com")
    configuration.update_agent(id="new@example.com", mobile="1")
    configuration.suspend_agent(id="new@example.com")
    configuration.unsuspend_agent(id="new@example.com")
    configuration.delete_agent(id="new@example.com")
    pushes = [push for push in with_scope.settle() if push["action"] in CONFIGURATION]
    assert [push["action"] for push in pushes] == list(CONFIGURATION)
    assert pushes[2]["payload"] == {"id": "new@example.com", "mobile": "1"}
    assert not set(CONFIGURATION) & set(without.names())


def register(desk, action):
    desk.call(
        RegisterWebhook(
            action=action,
            url="http://127.0.0.1:1/hook",
            secret_key="secret of it",
            owner_client_id=CLIENT_ID,
            type="license",
        )
    )


def test_the_webhook_of_a_chat_that_a_deleted_agent_leaves_says_it_was_an_agent(desk):
    register(desk, "user_removed_from_chat")
    desk.only(JONES)
    desk.say(desk.visitor("Ann"))
    desk.forget()
    desk.call(DeleteAgent(id=JONES))
    (effect,) = desk.effects("user_removed_from_chat")
    (call,) = webhook_calls(desk.world, effect)
    assert b'"user_type":"agent"' in call.body


def test_the_webhook_of_an_agent_who_deletes_himself_names_the_account(desk):
    register(desk, "agent_deleted")
    brown = desk.requester(BROWN, *ALL_SCOPES)
    account_id = desk.world.store.company.agents[BROWN].account_id
    desk.call(DeleteAgent(id=BROWN), brown)
    (effect,) = desk.effects("agent_deleted")
    (call,) = webhook_calls(desk.world, effect)
    assert f'"user_id":"{BROWN}","account_id":"{account_id}"'.encode() in call.body
