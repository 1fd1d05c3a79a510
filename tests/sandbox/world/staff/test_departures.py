"""Agents and bots who are deleted or suspended, and what becomes of their chats."""

import pytest

from frontdesk.actions import AddUserToChat, DeactivateChat, FollowChat
from frontdesk.errors import AuthenticationError
from frontdesk.pushes import AgentDeleted, BotDeleted
from frontdesk.sandbox.seeds.company import AGENT_TOKEN, BOT_ID, BOT_TOKEN
from frontdesk.sandbox.world.staff import departures

from ..._desk import BROWN, GARCIA, JONES, MUELLER, SMITH


def arrive(desk, name="Ann"):
    """A new customer writes; the id of the chat."""
    customer = desk.visitor(name)
    desk.say(customer)
    return desk.chat_of(customer)


def serving(desk, chat_id):
    chat = desk.chat(chat_id)
    return [user.id for user in chat.users if user.present and user.type == "agent"]


def delete(desk, agent_id, **kwargs):
    agent = desk.world.store.company.agents[agent_id]
    gone = BotDeleted(id=agent_id) if agent.bot else AgentDeleted(id=agent_id)
    desk.unit(departures.delete, agent, gone, **kwargs)


def suspend(desk, agent_id, **kwargs):
    desk.unit(departures.suspend, desk.world.store.company.agents[agent_id], **kwargs)


def test_another_takes_the_chats_of_a_deleted_agent(desk):
    desk.only(JONES)
    chat_id = arrive(desk)
    desk.set_status(BROWN, "accepting_chats")
    desk.forget()
    delete(desk, JONES, actor=desk.owner)
    assert serving(desk, chat_id) == [BROWN]
    assert desk.system_messages(chat_id)[-1] == "routing.assigned_deleted"
    text = "Chat assigned to Agent Brown because Agent Jones account had been deleted"
    assert desk.texts(chat_id)[-1] == text
    (removed,) = desk.pushed("user_removed_from_chat")
    assert (removed.user_id, removed.requester_id) == (JONES, SMITH)
    (added,) = desk.pushed("user_added_to_chat")
    assert added.user.id == BROWN
    names = desk.names()
    assert names.index("chat_transferred") < names.index("agent_deleted")
    assert "routing_status_set" not in names


def test_they_wait_when_there_is_no_other(desk):
    desk.only(JONES)
    chat_id = arrive(desk)
    delete(desk, JONES)
    thread = desk.chat(chat_id).thread
    assert thread.queue.position == 1
    assert (
        thread.events[-1].text == "Customer was queued because Agent Jones account has been deleted"
    )


def test_they_end_when_there_is_no_queue(desk):
    desk.only(JONES)
    desk.set_license("queue.enabled", value=False)
    chat_id = arrive(desk)
    delete(desk, JONES)
    thread = desk.chat(chat_id).thread
    assert not thread.active
    assert thread.events[-1].system_message_type == "routing.archived_deleted"


def test_a_place_that_gets_free_on_the_way_is_not_given_to_who_leaves(desk):
    desk.set_license("queue.enabled", value=False)
    desk.only(JONES)
    first = arrive(desk)
    desk.set_limit(JONES, 1)
    desk.set_license("queue.enabled", value=True)
    second = arrive(desk, "Ben")
    desk.set_license("queue.enabled", value=False)
    delete(desk, JONES)
    assert not desk.chat(first).thread.active
    assert serving(desk, second) == []
    assert desk.chat(second).thread.queue.position == 1
    assert JONES not in desk.world.store.chats.loads() or not desk.world.store.chats.loads()[JONES]


def test_who_waits_for_a_group_without_anybody_left_waits_no_more(desk):
    for agent_id in (SMITH, BROWN, GARCIA, MUELLER, BOT_ID):
        desk.set_status(agent_id, "offline")
    chat_id = arrive(desk)
    delete(desk, JONES)
    assert not desk.chat(chat_id).thread.active
    assert desk.system_messages(chat_id)[-1] == "routing.archived_offline"


def test_closed_chats_keep_a_deleted_agent_as_somebody_who_left(desk):
    desk.only(JONES)
    chat_id = arrive(desk)
    desk.write(chat_id, "Hello!", by=desk.agent)
    desk.call(DeactivateChat(id=chat_id), by=desk.agent)
    desk.forget()
    delete(desk, JONES)
    chat = desk.chat(chat_id)
    (jones,) = (user for user in chat.users if user.id == JONES)
    assert not jones.present
    assert JONES in chat.thread.user_ids
    assert JONES in {getattr(event, "author_id", None) for event in chat.thread.events}
    assert desk.pushed("user_removed_from_chat") == []


def test_a_deleted_agent_follows_no_chat(desk):
    desk.only(SMITH)
    chat_id = arrive(desk)
    desk.call(FollowChat(id=chat_id), by=desk.agent)
    delete(desk, JONES)
    assert desk.world.store.chats.read(chat_id).followers == []


@pytest.mark.parametrize("continuous", [False, True])
def test_a_chat_without_a_customer_is_handed_over_too(desk, continuous):
    desk.only(JONES)
    chat_id = desk.start(desk.agent, active=True, continuous=continuous)
    desk.set_status(BROWN, "accepting_chats")
    delete(desk, JONES)
    assert serving(desk, chat_id) == [BROWN]
    assert desk.system_messages(chat_id)[-1] == "routing.assigned_deleted"


def test_a_chat_without_a_customer_waits_or_ends_when_there_is_no_other_agent(desk):
    desk.only(JONES)
    waiting = desk.start(desk.agent)
    suspend(desk, JONES)
    assert desk.chat(waiting).thread.queue.position == 1
    assert desk.chat(waiting).thread.properties["routing"]["unassigned"] is True
    desk.set_license("queue.enabled", value=False)
    desk.set_status(BROWN, "accepting_chats")
    assert serving(desk, waiting) == [BROWN]
    desk.forget()
    delete(desk, BROWN)
    assert not desk.chat(waiting).thread.active
    assert desk.system_messages(waiting)[-1] == "routing.archived_deleted"
    assert len(desk.pushed("chat_deactivated")) == 1


def test_a_supervisor_of_a_chat_just_leaves_it(desk):
    desk.only(SMITH)
    chat_id = arrive(desk)
    desk.call(AddUserToChat(chat_id=chat_id, user_id=JONES, user_type="agent", visibility="agents"))
    before = desk.system_messages(chat_id)
    delete(desk, JONES)
    assert serving(desk, chat_id) == [SMITH]
    assert desk.system_messages(chat_id) == before


@pytest.mark.parametrize(("agent_id", "token"), [(JONES, AGENT_TOKEN), (BOT_ID, BOT_TOKEN)])
def test_tokens_of_who_is_deleted_end(desk, agent_id, token):
    desk.identities.requester(f"Bearer {token}")
    delete(desk, agent_id)
    with pytest.raises(AuthenticationError):
        desk.identities.requester(f"Bearer {token}")


def test_chats_of_a_deleted_bot_go_to_agents(desk):
    desk.set_status(BOT_ID, "accepting_chats")
    chat_id = arrive(desk)
    assert serving(desk, chat_id) == [BOT_ID]
    desk.forget()
    delete(desk, BOT_ID, actor=desk.owner)
    assert desk.system_messages(chat_id)[-1] == "routing.assigned_deleted"
    assert BOT_ID not in serving(desk, chat_id)
    assert [push.id for push in desk.pushed("bot_deleted")] == [BOT_ID]


def test_a_group_whose_last_agent_is_deleted_has_another_status(desk):
    for agent_id in (GARCIA,):
        desk.set_status(agent_id, "offline")
    desk.forget()
    delete(desk, MUELLER)
    changes = [push.groups[0] for push in desk.pushed("groups_status_updated")]
    assert [(group.id, group.status) for group in changes] == [(3, "offline")]


def test_what_fails_leaves_the_agent_and_the_chats_alone(desk):
    desk.only(JONES)
    chat_id = arrive(desk)

    def fail(world):
        departures.delete(world, world.store.company.agents[JONES], AgentDeleted(id=JONES))
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        desk.unit(fail)
    assert serving(desk, chat_id) == [JONES]
    assert desk.world.store.company.agents[JONES].status == "accepting_chats"
    assert desk.identities.requester(f"Bearer {AGENT_TOKEN}").id == JONES


def test_a_suspended_agent_is_offline_and_without_chats(desk):
    desk.only(JONES)
    chat_id = arrive(desk)
    desk.set_status(BROWN, "accepting_chats")
    desk.forget()
    suspend(desk, JONES, actor=desk.owner)
    assert serving(desk, chat_id) == [BROWN]
    assert desk.system_messages(chat_id)[-1] == "routing.assigned_remotely_signed_out"
    names = desk.names()
    assert names.index("routing_status_set") < names.index("chat_transferred")
    assert [push.id for push in desk.pushed("agent_suspended")] == [JONES]
    assert desk.world.store.company.agents[JONES].last_status == "accepting_chats"


def test_somebody_offline_who_is_suspended_leaves_chats_too(desk):
    desk.only(SMITH)
    chat_id = arrive(desk)
    desk.set_status(JONES, "offline")
    desk.call(AddUserToChat(chat_id=chat_id, user_id=JONES, user_type="agent", visibility="all"))
    suspend(desk, JONES)
    assert serving(desk, chat_id) == [SMITH]
    desk.forget()
    suspend(desk, JONES)
    assert desk.names() == []
