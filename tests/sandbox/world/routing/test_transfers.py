"""Transferring chats by hand."""

import pytest

from frontdesk.actions import (
    DeactivateChat,
    ListAgentsForTransfer,
    TransferChat,
)
from frontdesk.errors import (
    AgentOffline,
    AuthorizationError,
    ChatInactive,
    InvalidArgument,
    NotFound,
    ValidationError,
)
from frontdesk.models import Access, InitialChat, Target

from ..._desk import BROWN, GARCIA, JONES, MUELLER, NOWAK, SMITH


def transfer(desk, chat_id, kind=None, *ids, by=None, **kwargs):
    target = {"target": Target(type=kind, ids=list(ids))} if kind else {}
    desk.call(TransferChat(id=chat_id, **target, **kwargs), by)


def test_to_an_agent(desk):
    chat_id = desk.start_with(desk.customer())
    desk.forget()
    transfer(desk, chat_id, "agent", JONES)
    chat = desk.chat(chat_id)
    assert [user.id for user in chat.users if user.present and user.type == "agent"] == [JONES]
    assert "Agent Smith transferred the chat to Agent Jones" in desk.texts(chat_id)
    (push,) = desk.pushed("chat_transferred")
    assert (push.chat_id, push.thread_id, push.requester_id) == (chat_id, chat.thread.id, SMITH)
    assert (push.reason, push.transferred_to.agent_ids) == ("manual", [JONES])
    assert (push.transferred_to.group_ids, push.queue) == ([0], None)
    assert isinstance(chat.thread.properties["routing"]["last_transfer_timestamp"], int)


def test_the_new_agent_gets_the_chat_with_where_it_came_from(desk):
    chat_id = desk.start_with(desk.customer())
    desk.forget()
    transfer(desk, chat_id, "agent", JONES)
    (effect,) = desk.effects("incoming_chat")
    assert effect.recipients.agent_ids == (JONES,)
    before = effect.payload.transferred_from
    assert (before.agent_ids, before.group_ids) == ([SMITH], [0])


def test_of_several_agents_the_one_with_the_fewest_chats_gets_it(desk):
    desk.start_with(desk.customer(), JONES)
    chat_id = desk.start_with(desk.customer())
    transfer(desk, chat_id, "agent", JONES, GARCIA, BROWN)
    assert BROWN in desk.present(chat_id)


def test_an_agent_who_accepts_no_chats_can_be_named(desk):
    chat_id = desk.start_with(desk.customer())
    transfer(desk, chat_id, "agent", GARCIA)
    assert GARCIA in desk.present(chat_id)


def test_an_offline_agent_cannot(desk):
    chat_id = desk.start_with(desk.customer())
    with pytest.raises(AgentOffline, match="ignore_agents_availability"):
        transfer(desk, chat_id, "agent", NOWAK)
    assert SMITH in desk.present(chat_id)
    assert desk.system_messages(chat_id) == []


def test_a_transfer_may_end_in_the_queue(desk):
    desk.only(SMITH)
    chat_id = desk.start_with(desk.customer())
    desk.set_status(SMITH, "not_accepting_chats")
    desk.forget()
    transfer(desk, chat_id, "agent", NOWAK, ignore_agents_availability=True)
    thread = desk.chat(chat_id).thread
    assert (thread.queue.position, thread.properties["routing"]["unassigned"]) == (1, True)
    (push,) = desk.pushed("chat_transferred")
    assert (push.queue.position, push.transferred_to.agent_ids) == (1, [])


def test_agents_without_access_are_refused(desk):
    chat_id = desk.start(chat=InitialChat(access=Access(group_ids=[1])))
    with pytest.raises(ValidationError, match=r"`target.ids`.*no access"):
        transfer(desk, chat_id, "agent", MUELLER)


def test_to_a_group(desk):
    chat_id = desk.start_with(desk.customer(), access=Access(group_ids=[1]))
    desk.forget()
    transfer(desk, chat_id, "group", 3)
    chat = desk.chat(chat_id)
    assert (chat.access.group_ids, chat.thread.access.group_ids) == ([3], [3])
    assert MUELLER in desk.present(chat_id)
    assert SMITH not in desk.present(chat_id)
    assert "Agent Smith transferred the chat to Kundenservice" in desk.texts(chat_id)
    (effect,) = desk.effects("chat_access_updated")
    assert (effect.payload.id, effect.payload.access.group_ids) == (chat_id, [3])
    assert set(effect.recipients.group_ids) == {1, 3}
    (push,) = desk.pushed("chat_transferred")
    assert push.transferred_to.group_ids == [3]


def test_a_group_where_nobody_is_free(desk):
    desk.only(SMITH)
    chat_id = desk.start_with(desk.customer())
    with pytest.raises(AgentOffline):
        transfer(desk, chat_id, "group", 3)
    assert desk.chat(chat_id).access.group_ids == [0]
    transfer(desk, chat_id, "group", 3, ignore_agents_availability=True)
    assert desk.chat(chat_id).thread.queue.position == 1


def test_groups_must_exist(desk):
    with pytest.raises(ValidationError, match=r"`target.ids`: there is no group 9"):
        transfer(desk, desk.start(), "group", 9)
    with pytest.raises(NotFound, match=r"`target.ids`: there is no agent `nobody`"):
        transfer(desk, desk.start(), "agent", "nobody")
    with pytest.raises(InvalidArgument):
        Target(type="group", ids=["1"])


def test_within_the_group(desk):
    desk.only(SMITH, JONES)
    chat_id = desk.start_with(desk.customer(), access=Access(group_ids=[1]))
    transfer(desk, chat_id)
    assert JONES in desk.present(chat_id)
    assert SMITH not in desk.present(chat_id)


def test_within_the_group_with_nobody_else(desk):
    desk.only(SMITH)
    chat_id = desk.start_with(desk.customer(), access=Access(group_ids=[1]))
    with pytest.raises(AgentOffline):
        transfer(desk, chat_id)


def test_presence_and_activity(desk):
    chat_id = desk.start_with(desk.customer())
    with pytest.raises(AuthorizationError):
        transfer(desk, chat_id, "agent", JONES, by=desk.agent)
    transfer(desk, chat_id, "agent", JONES, by=desk.agent, ignore_requester_presence=True)
    desk.call(DeactivateChat(id=chat_id, ignore_requester_presence=True))
    with pytest.raises(ChatInactive):
        transfer(desk, chat_id, "agent", SMITH)


def test_supervisors_and_those_in_the_chat_for_agents_stay(desk):
    from frontdesk.actions import AddUserToChat

    chat_id = desk.start_with(desk.customer())
    desk.call(AddUserToChat(chat_id=chat_id, user_id=BROWN, user_type="agent", visibility="agents"))
    transfer(desk, chat_id, "agent", JONES)
    assert {BROWN, JONES} <= desk.present(chat_id)


def test_candidates_are_sorted_by_their_chats(desk):
    chat_id = desk.start_with(desk.customer())
    desk.start_with(desk.customer(), JONES, by=desk.requester(GARCIA, "chats--all:rw"))
    found = desk.call(ListAgentsForTransfer(chat_id=chat_id))
    counts = [(one.total_active_chats, one.agent_id) for one in found]
    assert counts == sorted(counts)
    assert {one.agent_id: one.total_active_chats for one in found}[JONES] == 1
    assert SMITH not in {one.agent_id for one in found}
    assert NOWAK not in {one.agent_id for one in found}
    assert GARCIA in {one.agent_id for one in found}


def test_candidates_have_access(desk):
    chat_id = desk.start_with(desk.customer(), access=Access(group_ids=[3]))
    found = {one.agent_id for one in desk.call(ListAgentsForTransfer(chat_id=chat_id))}
    assert found == {MUELLER, GARCIA}


def test_only_chats_with_customers_count(desk):
    desk.start(by=desk.agent)
    chat_id = desk.start()
    found = {one.agent_id: one for one in desk.call(ListAgentsForTransfer(chat_id=chat_id))}
    assert found[JONES].total_active_chats == 0


def test_the_archive_finds_the_chat_in_its_new_group(desk):
    from frontdesk.actions import ListArchives
    from frontdesk.models import ArchivesFilters

    chat_id = desk.start_with(desk.customer(), access=Access(group_ids=[1]))
    transfer(desk, chat_id, "group", 3)
    desk.call(DeactivateChat(id=chat_id, ignore_requester_presence=True))

    def listed(group_id):
        filters = ArchivesFilters(group_ids=[group_id], chat_ids=[chat_id])
        return [one.id for one in desk.call(ListArchives(filters=filters)).chats]

    assert listed(3) == [chat_id]
    assert listed(1) == []


def test_agents_of_the_new_group_list_its_thread(desk):
    from frontdesk.actions import ListThreads

    chat_id = desk.start_with(desk.customer(), access=Access(group_ids=[1]))
    transfer(desk, chat_id, "group", 3)
    garcia = desk.requester(GARCIA, "chats--access:ro")
    listed = desk.call(ListThreads(chat_id=chat_id), garcia).threads
    assert [thread.id for thread in listed] == [desk.chat(chat_id).thread.id]


def test_the_same_groups_are_no_change_of_access(desk):
    desk.only(SMITH, JONES)
    chat_id = desk.start_with(desk.customer(), access=Access(group_ids=[1]))
    desk.forget()
    transfer(desk, chat_id, "group", 1)
    assert JONES in desk.present(chat_id)
    assert desk.pushed("chat_access_updated") == []


def test_of_several_agents_those_who_accept_chats_come_first(desk):
    desk.start_with(desk.customer(), JONES)
    chat_id = desk.start_with(desk.customer())
    transfer(desk, chat_id, "agent", GARCIA, JONES)
    assert JONES in desk.present(chat_id)


def test_the_place_that_gets_free_is_taken_from_the_queue(desk):
    desk.only(SMITH)
    desk.set_limit(SMITH, 1)
    customers = [desk.visitor() for _ in range(2)]
    for customer in customers:
        desk.say(customer)
    first, second = (desk.chat_of(customer) for customer in customers)
    assert desk.chat(second).thread.queue
    transfer(desk, first, "agent", GARCIA)
    assert SMITH in desk.present(second)
