"""Transferring chats by hand."""

import pytest

from frontdesk.actions import (
    DeactivateChat,
    ListAgentsForTransfer,
    RemoveUserFromChat,
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
from frontdesk.sandbox.store.records import AgentRecord

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
    assert (effect.payload.requester_id, effect.payload.chat.id) == (SMITH, chat_id)
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


def test_whoever_transfers_a_chat_is_behind_what_follows(desk):
    """Filters of webhooks by `source_type` look at it."""
    chat_id = desk.start_with(desk.customer())
    desk.forget()
    transfer(desk, chat_id, "group", 1)
    for name in ("chat_access_updated", "chat_transferred"):
        (effect,) = desk.effects(name)
        assert effect.actor == desk.owner


def test_agents_of_the_new_group_list_its_thread(desk):
    from frontdesk.actions import ListThreads

    chat_id = desk.start_with(desk.customer(), access=Access(group_ids=[1]))
    transfer(desk, chat_id, "group", 3)
    garcia = desk.requester(GARCIA, "chats--access:ro")
    listed = desk.call(ListThreads(chat_id=chat_id), garcia).threads
    assert [thread.id for thread in listed] == [desk.chat(chat_id).thread.id]


def test_another_agent_of_the_same_groups_is_no_change_of_access(desk):
    desk.only(SMITH, JONES)
    chat_id = desk.start_with(desk.customer(), access=Access(group_ids=[1]))
    desk.forget()
    transfer(desk, chat_id)
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


def state(desk, chat_id):
    chat = desk.chat(chat_id)
    present = [user.id for user in chat.users if user.present]
    return present, chat.access, chat.thread, chat.properties


class TestToWhereTheChatIs:
    """A transfer to where the chat is already changes nothing."""

    @pytest.fixture
    def chat_id(self, desk):
        desk.only(SMITH, JONES, BROWN)
        chat_id = desk.start_with(desk.customer(), access=Access(group_ids=[1]))
        desk.forget()
        return chat_id

    def unchanged(self, desk, chat_id, *target, **kwargs):
        before = state(desk, chat_id)
        desk.forget()
        transfer(desk, chat_id, *target, **kwargs)
        assert desk.names() == []
        assert state(desk, chat_id) == before

    @pytest.mark.parametrize("may_queue", [False, True])
    def test_the_agent_who_has_it(self, desk, chat_id, may_queue):
        queueing = {"ignore_agents_availability": may_queue}
        self.unchanged(desk, chat_id, "agent", SMITH, **queueing)
        self.unchanged(desk, chat_id, "agent", JONES, SMITH, **queueing)
        desk.set_status(SMITH, "not_accepting_chats")
        self.unchanged(desk, chat_id, "agent", JONES, SMITH, **queueing)

    @pytest.mark.parametrize("may_queue", [False, True])
    def test_the_groups_that_have_it(self, desk, chat_id, may_queue):
        queueing = {"ignore_agents_availability": may_queue}
        self.unchanged(desk, chat_id, "group", 1, **queueing)
        transfer(desk, chat_id, "group", 1, 2)
        self.unchanged(desk, chat_id, "group", 2, 1, ignore_requester_presence=True, **queueing)

    def test_the_queue_that_it_waits_in(self, desk, chat_id):
        desk.only()
        transfer(desk, chat_id, "group", 2, ignore_agents_availability=True)
        assert desk.chat(chat_id).thread.queue.position == 1
        waiting = {"ignore_agents_availability": True, "ignore_requester_presence": True}
        self.unchanged(desk, chat_id, "group", 2, **waiting)
        self.unchanged(desk, chat_id, **waiting)

    def test_other_groups_that_the_agent_is_in_are_elsewhere(self, desk, chat_id):
        desk.only(SMITH)
        desk.forget()
        transfer(desk, chat_id, "group", 0)
        assert desk.chat(chat_id).access.group_ids == [0]
        assert len(desk.pushed("chat_access_updated")) == 1
        assert SMITH in desk.present(chat_id)

    def test_a_chat_that_nobody_has_is_given_to_somebody(self, desk, chat_id):
        desk.call(RemoveUserFromChat(chat_id=chat_id, user_id=SMITH, user_type="agent"))
        transfer(desk, chat_id, "group", 1, ignore_requester_presence=True)
        assert desk.present(chat_id) & {SMITH, JONES}


class TestHandOverByABot:
    """It never comes back to the bot while others can take the chat."""

    @pytest.fixture
    def chat_id(self, desk):
        desk.only(desk.bot.id)
        chat_id = desk.chat_of(self.arrive(desk))
        assert desk.bot.id in desk.present(chat_id)
        return chat_id

    @staticmethod
    def arrive(desk):
        customer = desk.visitor()
        desk.say(customer, group_ids=[1])
        return customer

    @staticmethod
    def serving(desk, chat_id):
        return [
            user.id for user in desk.chat(chat_id).users if user.type == "agent" and user.present
        ]

    @pytest.mark.parametrize("target", [(), ("group", 1), ("group", 0, 1), ("group", 2)])
    def test_somebody_else_takes_it(self, desk, chat_id, target):
        desk.only(desk.bot.id, SMITH, JONES, BROWN)
        transfer(desk, chat_id, *target, by=desk.bot)
        (taker,) = self.serving(desk, chat_id)
        assert taker != desk.bot.id
        assert len(desk.pushed("chat_transferred")) == 1

    @pytest.mark.parametrize("target", [(), ("group", 1), ("group", 0)])
    def test_it_waits_for_people_who_have_no_place(self, desk, chat_id, target):
        desk.only(desk.bot.id, SMITH)
        desk.set_limit(SMITH, 0)
        with pytest.raises(AgentOffline):
            transfer(desk, chat_id, *target, by=desk.bot)
        transfer(desk, chat_id, *target, by=desk.bot, ignore_agents_availability=True)
        assert self.serving(desk, chat_id) == []
        assert desk.chat(chat_id).thread.queue.position == 1
        desk.set_status(desk.bot.id, "not_accepting_chats")
        desk.set_status(desk.bot.id, "accepting_chats")
        desk.advance(minutes=1)
        assert self.serving(desk, chat_id) == []
        desk.set_limit(SMITH, 1)
        desk.set_status(GARCIA, "accepting_chats")
        (taker,) = self.serving(desk, chat_id)
        assert taker in (SMITH, GARCIA)

    def test_not_even_when_the_one_who_took_it_goes_offline(self, desk, chat_id):
        desk.only(desk.bot.id, SMITH, JONES)
        transfer(desk, chat_id, by=desk.bot)
        (taker,) = self.serving(desk, chat_id)
        desk.set_status(taker, "offline")
        (other,) = self.serving(desk, chat_id)
        assert {taker, other} == {SMITH, JONES}

    def test_nobody_else_is_there(self, desk, chat_id):
        with pytest.raises(AgentOffline):
            transfer(desk, chat_id, by=desk.bot)
        transfer(desk, chat_id, by=desk.bot, ignore_agents_availability=True)
        assert self.serving(desk, chat_id) == [desk.bot.id]

    def test_two_bots_do_not_play_with_it(self, desk, chat_id):
        other = AgentRecord(
            id="f" * 32, name="Second bot", bot=True, groups={0: "first", 1: "first"}
        )
        desk.unit(lambda world: world.store.company.save_agent(other))
        desk.only(desk.bot.id, other.id, SMITH)
        transfer(desk, chat_id, by=desk.bot)
        assert self.serving(desk, chat_id) == [other.id]
        second = desk.requester(other.id, "chats--access:rw")
        transfer(desk, chat_id, by=second)
        assert self.serving(desk, chat_id) == [SMITH]

    def test_another_thread_begins_with_the_bot_again(self, desk, chat_id):
        desk.only(desk.bot.id, SMITH)
        transfer(desk, chat_id, by=desk.bot)
        desk.call(DeactivateChat(id=chat_id))
        customer = desk.chat(chat_id).users[0].id
        desk.say(customer, "again", group_ids=[1])
        assert self.serving(desk, chat_id) == [desk.bot.id]
