"""Who may see which chat and thread."""

import pytest

from frontdesk.actions import (
    DeactivateChat,
    GetChat,
    ResumeChat,
    TransferChat,
    UpdateChatProperties,
)
from frontdesk.errors import AuthorizationError, MissingAccess, NotFound
from frontdesk.models import Access, InitialChat, Target

from .._desk import BROWN, JONES, MUELLER


def in_group(desk, *group_ids, **kwargs):
    return desk.start(chat=InitialChat(access=Access(group_ids=list(group_ids))), **kwargs)


def test_group_zero_is_everybody(desk):
    chat_id = in_group(desk, 0)
    assert desk.chat(chat_id, by=desk.agent).id == chat_id


def test_a_shared_group_gives_access(desk):
    assert desk.chat(in_group(desk, 3, 1), by=desk.agent).access.group_ids == [3, 1]


def test_other_groups_give_none(desk):
    with pytest.raises(MissingAccess, match="chat_id"):
        desk.chat(in_group(desk, 3), by=desk.agent)


def test_scope_all_reaches_every_group(desk):
    admin = desk.requester("garcia@example.com", "chats--all:ro")
    assert desk.chat(in_group(desk, 1), by=admin).access.group_ids == [1]


def test_scope_access_is_bound_to_groups_even_for_the_owner(desk):
    with pytest.raises(MissingAccess):
        desk.chat(in_group(desk, 2, by=desk.requester(BROWN, "chats--all:rw")), by=desk.reader)


def test_presence_gives_access_without_a_group(desk):
    from frontdesk.models import InitialUser

    users = [InitialUser(id=JONES, type="agent")]
    chat_id = desk.start(chat=InitialChat(access=Access(group_ids=[3]), users=users))
    assert desk.chat(chat_id, by=desk.agent).id == chat_id


def test_scope_my_is_bound_to_presence(desk):
    mine = desk.requester(MUELLER, "chats--my:rw", "chats--access:ro")
    assert mine.scopes >= {"chats--my:ro"}
    chat_id = in_group(desk, 0)
    with pytest.raises(AuthorizationError, match="scope"):
        desk.call(DeactivateChat(id=chat_id), mine)


def test_a_read_scope_does_not_write(desk):
    chat_id = in_group(desk, 1)
    with pytest.raises(AuthorizationError, match=r"chats--all:rw or chats--access:rw"):
        desk.call(UpdateChatProperties(id=chat_id, properties={"test": {}}), desk.reader)


def test_a_write_scope_reads(desk):
    writer = desk.requester(JONES, "chats--access:rw")
    assert desk.chat(in_group(desk, 1), by=writer).id


def test_an_unknown_chat_is_not_found(desk):
    with pytest.raises(NotFound, match="`chat_id`: there is no chat `NOPE`"):
        desk.call(GetChat(chat_id="NOPE"))


def test_a_thread_of_another_chat_is_not_found(desk):
    one, other = in_group(desk, 0), in_group(desk, 0)
    with pytest.raises(NotFound, match="thread_id"):
        desk.chat(one, desk.chat(other).thread.id)


def test_access_is_that_of_the_thread(desk):
    """A chat that moved away keeps its old threads with the old group."""
    chat_id = in_group(desk, 1)
    first = desk.chat(chat_id).thread.id
    desk.call(DeactivateChat(id=chat_id))
    desk.call(ResumeChat(chat=InitialChat(id=chat_id, access=Access(group_ids=[3]))))
    with pytest.raises(MissingAccess):
        desk.chat(chat_id, by=desk.agent)
    assert desk.chat(chat_id, first, by=desk.agent).thread.id == first


def test_a_transfer_takes_access_away(desk):
    chat_id = in_group(desk, 1)
    desk.call(
        TransferChat(
            id=chat_id, target=Target(type="group", ids=[3]), ignore_agents_availability=True
        )
    )
    with pytest.raises(MissingAccess):
        desk.chat(chat_id, by=desk.agent)


def test_the_plan_restricts_old_threads(desk):
    chat_id = desk.start()
    desk.write(chat_id)
    desk.set_license("archives_retention.base", 2, "limits")
    assert desk.chat(chat_id).thread.restricted_access is None
    desk.advance(days=61)
    thread = desk.chat(chat_id).thread
    assert thread.restricted_access == (
        "You can't access threads older than 2 months on enterprise plan"
    )
    assert not thread.events


def summaries(desk, by):
    from frontdesk.actions import ListChats

    return {one.id: one for one in desk.call(ListChats(), by).chats_summary}


def test_last_events_of_hidden_threads_are_restricted(desk):
    """The chat moved to the requester's group, an older thread stays in another."""
    from frontdesk.models import InitialThread, Message, RestrictedEvent

    chat_id = desk.start(
        chat=InitialChat(
            access=Access(group_ids=[3]), thread=InitialThread(events=[Message(text="secret")])
        )
    )
    desk.call(DeactivateChat(id=chat_id))
    desk.call(ResumeChat(chat=InitialChat(id=chat_id, access=Access(group_ids=[1]))))
    hidden = summaries(desk, desk.agent)[chat_id].last_event_per_type["message"]
    assert isinstance(hidden.event, RestrictedEvent)
    assert hidden.thread_id != desk.chat(chat_id).thread.id
    assert (
        summaries(desk, desk.owner)[chat_id].last_event_per_type["message"].event.text == "secret"
    )
