"""Stories of the Agent Chat API: about chats of the requester alone, which they start and close."""

from typing import Any, Final

from frontdesk.actions import (
    DeactivateChat,
    GetChat,
    ListAgentsForTransfer,
    ListArchives,
    ListChats,
    ListRoutingStatuses,
    ListThreads,
    MarkEventsAsSeen,
    ResumeChat,
    SendEvent,
    SendTypingIndicator,
    TagThread,
    TransferChat,
    UntagThread,
    UpdateChatProperties,
)
from frontdesk.models import (
    ArchivesFilters,
    Custom,
    InitialChat,
    Message,
    RichMessage,
    SystemMessage,
    Target,
)
from frontdesk.parity.marks import MARK
from frontdesk.parity.stories.desk import Desk
from frontdesk.parity.stories.story import Story
from frontdesk.parity.stories.things import NO_CHAT, NO_GROUP

__all__ = ["CHAT_STORIES"]


def _chat(desk: Desk) -> None:
    started = desk.start("one", "two")
    desk(GetChat(chat_id=started.chat_id))
    desk(ListThreads(chat_id=started.chat_id))


def _events(desk: Desk) -> None:
    chat_id = desk.start().chat_id
    desk(SendEvent(chat_id=chat_id, event=Message(text=f"{MARK}: for all")))
    desk(SendEvent(chat_id=chat_id, event=Message(text=f"{MARK}: internal", visibility="agents")))
    desk(
        SendEvent(
            chat_id=chat_id,
            event=SystemMessage(f"{MARK}: system", system_message_type="parity"),
        )
    )
    desk(SendEvent(chat_id=chat_id, event=Custom(content={"parity": True})))
    desk(GetChat(chat_id=chat_id))


def _indicators(desk: Desk) -> None:
    chat_id = desk.start("look").chat_id
    chat = desk(GetChat(chat_id=chat_id))
    desk(SendTypingIndicator(chat_id=chat_id, is_typing=True))
    desk(MarkEventsAsSeen(chat_id=chat_id, seen_up_to=chat.thread.events[-1].created_at))


def _closing(desk: Desk) -> None:
    chat_id = desk.start("first").chat_id
    desk(DeactivateChat(id=chat_id))
    desk(GetChat(chat_id=chat_id))
    # Without an active thread nothing happens.
    desk(DeactivateChat(id=chat_id))
    desk.refused(SendEvent(chat_id=chat_id, event=Message(text=f"{MARK}: late")))


def _resuming(desk: Desk) -> None:
    chat_id = desk.start("first").chat_id
    desk.refused(ResumeChat(chat=InitialChat(id=chat_id)))
    desk(DeactivateChat(id=chat_id))
    desk(ResumeChat(chat=InitialChat(id=chat_id), continuous=True))
    desk(SendEvent(chat_id=chat_id, event=Message(text=f"{MARK}: second")))
    desk(ListThreads(chat_id=chat_id, sort_order="asc"))
    desk(ListThreads(chat_id=chat_id, sort_order="desc"))


def _errors(desk: Desk) -> None:
    chat_id = desk.start("errors").chat_id
    desk.refused(GetChat(chat_id=NO_CHAT))
    desk.refused(SendEvent(chat_id=NO_CHAT, event=Message(text=f"{MARK}: nowhere")))
    desk.refused(ListThreads(chat_id=NO_CHAT))
    desk.refused(GetChat(chat_id=chat_id, thread_id=NO_CHAT))
    desk.refused(TransferChat(id=chat_id, target=Target(type="group", ids=[NO_GROUP])))
    desk.refused(TagThread(chat_id=chat_id, thread_id=NO_CHAT, tag=f"{MARK} tag"))
    desk.refused(UpdateChatProperties(id=chat_id, properties={"parity": {"nothing": "x"}}))


def _tags(desk: Desk) -> None:
    started = desk.start("tags")
    where = {"chat_id": started.chat_id, "thread_id": started.thread_id}
    desk.refused(TagThread(**where, tag=f"{MARK} tag"))
    desk.refused(UntagThread(**where, tag=f"{MARK} tag"))


def _rich(desk: Desk) -> None:
    chat_id = desk.start().chat_id
    elements: list[Any] = [
        {
            "title": f"{MARK}: title",
            "buttons": [
                {
                    "type": "message",
                    "text": f"{MARK}: yes",
                    "value": "yes",
                    "postback_id": "yes",
                    "user_ids": [],
                }
            ],
        }
    ]
    event = RichMessage(template_id="quick_replies", elements=elements)
    desk(SendEvent(chat_id=chat_id, event=event))
    desk(GetChat(chat_id=chat_id))


def _lists(desk: Desk) -> None:
    started = desk.start("lists")
    # The newest comes first, so that it is the story's own.
    desk(ListChats(limit=1))
    desk(ListRoutingStatuses())
    desk(ListAgentsForTransfer(chat_id=started.chat_id))
    desk(DeactivateChat(id=started.chat_id))
    desk(ListArchives(filters=ArchivesFilters(thread_ids=[started.thread_id])))


CHAT_STORIES: Final = (
    Story(
        name="chat",
        title="a chat is started with two messages and read",
        run=_chat,
        calls=4,
        methods=("start_chat", "get_chat", "list_threads", "deactivate_chat"),
        covers=(
            ("start_chat", "Up to 4 further agents"),
            ("get_chat", "The thread is the last one"),
        ),
    ),
    Story(
        name="events",
        title="messages, a system message and a custom event are sent and read",
        run=_events,
        calls=7,
        methods=("start_chat", "send_event", "get_chat", "deactivate_chat"),
        covers=(
            ("send_event", "The author is the requester"),
            ("send_event", "Events have `properties.source.client_id`"),
        ),
    ),
    Story(
        name="rich",
        title="quick replies are sent and read",
        run=_rich,
        calls=4,
        methods=("start_chat", "send_event", "get_chat", "deactivate_chat"),
    ),
    Story(
        name="indicators",
        title="typing is shown and events are seen",
        run=_indicators,
        calls=5,
        methods=(
            "start_chat",
            "get_chat",
            "send_typing_indicator",
            "mark_events_as_seen",
            "deactivate_chat",
        ),
        covers=(("send_typing_indicator", "They do although"),),
    ),
    Story(
        name="closing",
        title="a chat is closed, twice, and written to",
        run=_closing,
        calls=6,
        methods=("start_chat", "deactivate_chat", "get_chat", "send_event"),
        covers=(
            ("deactivate_chat", "Without an active thread nothing happens"),
            ("deactivate_chat", "The users stay in the chat"),
            ("send_event", "The requester must be in the chat, which must be active"),
        ),
    ),
    Story(
        name="resuming",
        title="a chat goes on in a second thread",
        run=_resuming,
        calls=8,
        methods=("start_chat", "resume_chat", "deactivate_chat", "send_event", "list_threads"),
        covers=(
            ("resume_chat", "A new thread begins in a chat"),
            ("resume_chat", "`validation` is the error for a chat that is active"),
        ),
    ),
    Story(
        name="errors",
        title="calls about what is not there",
        run=_errors,
        calls=9,
        methods=(
            "start_chat",
            "get_chat",
            "send_event",
            "list_threads",
            "transfer_chat",
            "tag_thread",
            "update_chat_properties",
            "deactivate_chat",
        ),
        covers=(
            ("get_chat", "`missing_access` is the error without access"),
            ("Errors, scopes and requests", "The types of errors"),
            ("Errors, scopes and requests", "`not_found` is the error for an id"),
            ("update_chat_properties", "`validation` is the error for one that is not registered"),
        ),
    ),
    Story(
        name="tags",
        title="a thread is given a tag that is not there",
        run=_tags,
        calls=4,
        methods=("start_chat", "tag_thread", "untag_thread", "deactivate_chat"),
        covers=(
            ("tag_thread", "`not_found` is the error for a tag"),
            ("untag_thread", "Taking away a tag"),
        ),
    ),
    Story(
        name="lists",
        title="chats, archives, statuses and agents are listed",
        run=_lists,
        calls=7,
        methods=(
            "start_chat",
            "list_chats",
            "list_archives",
            "list_routing_statuses",
            "list_agents_for_transfer",
            "deactivate_chat",
        ),
    ),
)
