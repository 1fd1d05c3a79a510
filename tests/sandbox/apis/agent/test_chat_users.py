"""Adding and removing users, following."""

import pytest

from frontdesk.actions import (
    AddUserToChat,
    DeactivateChat,
    FollowChat,
    RemoveUserFromChat,
    ResumeChat,
    UnfollowChat,
)
from frontdesk.errors import (
    AuthorizationError,
    ChatInactive,
    CustomerBanned,
    InvalidArgument,
    MissingAccess,
    NotFound,
    ValidationError,
)
from frontdesk.models import Access, InitialChat
from frontdesk.sandbox.world.people import bans, customers

from ..._desk import BROWN, GARCIA, JONES, MUELLER, SMITH


def add(desk, chat_id, user_id, by=None, kind="agent", visibility="all", **kwargs):
    desk.call(
        AddUserToChat(
            chat_id=chat_id, user_id=user_id, user_type=kind, visibility=visibility, **kwargs
        ),
        by,
    )


def remove(desk, chat_id, user_id, by=None, **kwargs):
    desk.call(RemoveUserFromChat(chat_id=chat_id, user_id=user_id, user_type="agent", **kwargs), by)


def test_adding_another_agent(desk):
    chat_id = desk.start()
    desk.forget()
    add(desk, chat_id, JONES)
    chat = desk.chat(chat_id)
    assert desk.present(chat_id) == {SMITH, JONES}
    assert chat.thread.user_ids == [SMITH, JONES]
    assert chat.thread.events[-1].text == "Agent Smith added Agent Jones to the chat"
    (pushed,) = desk.pushed("user_added_to_chat")
    assert (pushed.user.id, pushed.reason, pushed.requester_id) == (JONES, "manual", SMITH)
    assert pushed.thread_id == chat.thread.id


def test_joining_by_oneself(desk):
    chat_id = desk.start()
    with pytest.raises(AuthorizationError):
        add(desk, chat_id, JONES, desk.agent)
    add(desk, chat_id, JONES, desk.agent, ignore_requester_presence=True)
    assert desk.chat(chat_id).thread.events[-1].text == "Agent Jones joined the chat"


def test_the_first_agent_comes_without_a_system_message(desk):
    chat_id = desk.start()
    remove(desk, chat_id, SMITH)
    add(desk, chat_id, JONES, desk.agent, ignore_requester_presence=True)
    assert desk.system_messages(chat_id) == ["agent_left"]


def test_whoever_is_there_for_agents_comes_unseen(desk):
    chat_id = desk.start()
    add(desk, chat_id, JONES, visibility="agents")
    chat = desk.chat(chat_id)
    assert [user.visibility for user in chat.users] == ["all", "agents"]
    assert chat.thread.events[-1].visibility == "agents"
    (effect,) = desk.effects("user_added_to_chat")
    assert not effect.to_customer


def test_adding_twice_is_refused(desk):
    chat_id = desk.start()
    with pytest.raises(ValidationError, match="`user_id`"):
        add(desk, chat_id, SMITH)


def test_an_added_agent_needs_access(desk):
    chat_id = desk.start(chat=InitialChat(access=Access(group_ids=[3])))
    with pytest.raises(ValidationError, match="no access"):
        add(desk, chat_id, JONES)
    add(desk, chat_id, MUELLER)


def test_scope_all_adds_oneself_to_any_group(desk):
    chat_id = desk.start(chat=InitialChat(access=Access(group_ids=[1])))
    garcia = desk.requester(GARCIA, "chats--all:rw")
    add(desk, chat_id, GARCIA, garcia, ignore_requester_presence=True)
    assert GARCIA in desk.present(chat_id)
    with pytest.raises(MissingAccess):
        add(
            desk,
            desk.start(chat=InitialChat(access=Access(group_ids=[1]))),
            GARCIA,
            desk.requester(GARCIA, "chats--access:rw"),
            ignore_requester_presence=True,
        )


def test_unknown_users_are_not_found(desk):
    chat_id = desk.start()
    with pytest.raises(NotFound, match="no agent `nobody`"):
        add(desk, chat_id, "nobody")
    with pytest.raises(NotFound, match="no customer `nobody`"):
        add(desk, chat_id, "nobody", kind="customer")


def test_one_customer_may_be_added(desk):
    chat_id = desk.start()
    customer = desk.customer("Ann")
    add(desk, chat_id, customer, kind="customer")
    assert desk.chat(chat_id).thread.events[-1].text == "Agent Smith added Ann to the chat"
    with pytest.raises(ValidationError, match="customer already"):
        add(desk, chat_id, desk.customer("Bob"), kind="customer")
    with pytest.raises(InvalidArgument):
        add(desk, chat_id, customer, kind="customer", visibility="agents")


def test_a_banned_customer_cannot_be_added(desk):
    customer = desk.customer()
    desk.unit(lambda world: bans.ban(world, customers.find(world, customer), 1, None))
    with pytest.raises(CustomerBanned):
        add(desk, desk.start(), customer, kind="customer")


def test_nobody_is_added_to_an_inactive_chat(desk):
    chat_id = desk.start()
    desk.call(DeactivateChat(id=chat_id))
    with pytest.raises(ChatInactive):
        add(desk, chat_id, JONES)


def test_removing_another_agent(desk):
    chat_id = desk.start()
    add(desk, chat_id, JONES)
    desk.forget()
    remove(desk, chat_id, JONES)
    chat = desk.chat(chat_id)
    assert desk.present(chat_id) == {SMITH}
    assert {user.id for user in chat.users} == {SMITH, JONES}
    assert chat.thread.user_ids == [SMITH, JONES]
    assert chat.thread.events[-1].text == "Agent Smith removed Agent Jones from the chat"
    (pushed,) = desk.pushed("user_removed_from_chat")
    assert (pushed.user_id, pushed.reason, pushed.requester_id) == (JONES, "manual", SMITH)
    (effect,) = desk.effects("user_removed_from_chat")
    assert JONES in effect.recipients.agent_ids


def test_leaving(desk):
    chat_id = desk.start()
    add(desk, chat_id, JONES)
    remove(desk, chat_id, JONES, desk.agent)
    assert desk.chat(chat_id).thread.events[-1].text == "Agent Jones left the chat"
    with pytest.raises(AuthorizationError):
        desk.write(chat_id, by=desk.agent)


def test_removing_needs_presence_unless_it_is_ignored(desk):
    chat_id = desk.start()
    with pytest.raises(AuthorizationError):
        remove(desk, chat_id, SMITH, desk.agent)
    remove(desk, chat_id, SMITH, desk.agent, ignore_requester_presence=True)
    assert desk.present(chat_id) == set()


def test_who_is_not_there_cannot_be_removed(desk):
    with pytest.raises(NotFound, match="`user_id`"):
        remove(desk, desk.start(), JONES)


def test_users_of_an_inactive_chat_can_be_removed(desk):
    chat_id = desk.start()
    desk.call(DeactivateChat(id=chat_id))
    desk.forget()
    remove(desk, chat_id, SMITH)
    (pushed,) = desk.pushed("user_removed_from_chat")
    assert pushed.thread_id is None
    assert desk.system_messages(chat_id) == ["manual_archived_agent"]


def test_a_chat_that_the_last_agent_leaves_is_unassigned(desk):
    chat_id = desk.start_with(desk.customer())
    remove(desk, chat_id, SMITH)
    chat = desk.chat(chat_id)
    assert chat.thread.properties["routing"]["unassigned"] is True
    assert chat.thread.properties["routing"]["pinned"] is True
    assert chat.thread.events[-1].system_message_type == "routing.unassigned_other"
    assert desk.present(chat_id) == {chat.users[0].id}
    add(desk, chat_id, JONES, desk.agent, ignore_requester_presence=True)
    routing = desk.chat(chat_id).thread.properties["routing"]
    assert (routing["unassigned"], routing["pinned"]) == (False, False)


def test_following(desk):
    chat_id = desk.start()
    brown = desk.requester(BROWN, "chats--all:ro")
    desk.forget()
    desk.call(FollowChat(id=chat_id), brown)
    desk.call(FollowChat(id=chat_id), brown)
    (effect,) = desk.heard
    assert (effect.push, effect.webhook) == ("incoming_chat", None)
    assert effect.recipients.agent_ids == (BROWN,)
    assert effect.payload.chat.id == chat_id
    assert desk.chat(chat_id, by=brown).is_followed
    assert not desk.chat(chat_id).is_followed


def test_users_of_a_chat_need_not_follow_it(desk):
    chat_id = desk.start()
    desk.forget()
    desk.call(FollowChat(id=chat_id))
    assert desk.heard == []
    assert not desk.chat(chat_id).is_followed
    with pytest.raises(ValidationError, match="users of a chat"):
        desk.call(UnfollowChat(id=chat_id))


def test_following_needs_access(desk):
    chat_id = desk.start(chat=InitialChat(access=Access(group_ids=[3])))
    with pytest.raises(MissingAccess, match="`id`"):
        desk.call(FollowChat(id=chat_id), desk.agent)


def test_unfollowing(desk):
    chat_id = desk.start()
    desk.call(FollowChat(id=chat_id), desk.agent)
    desk.forget()
    desk.call(UnfollowChat(id=chat_id), desk.agent)
    desk.call(UnfollowChat(id=chat_id), desk.agent)
    (effect,) = desk.heard
    assert (effect.push, effect.payload.chat_id) == ("chat_unfollowed", chat_id)
    assert effect.recipients.agent_ids == (JONES,)
    desk.forget()
    desk.write(chat_id)
    (event,) = desk.effects("incoming_event")
    assert JONES not in event.recipients.agent_ids


def test_resuming_tells_those_who_followed_no_more(desk):
    chat_id = desk.start()
    desk.call(FollowChat(id=chat_id), desk.agent)
    desk.call(DeactivateChat(id=chat_id))
    desk.call(ResumeChat(chat=InitialChat(id=chat_id)))
    desk.forget()
    desk.write(chat_id)
    (event,) = desk.effects("incoming_event")
    assert event.recipients.agent_ids == (SMITH,)
