"""What type checkers know of the Web clients; read by them, never run."""

from typing import assert_type

from frontdesk import AgentClient, AsyncAgentClient, AsyncPages, ChatInactive, Meter, Pages, decode
from frontdesk.actions import GetChat, ListAgentsForTransfer, SendEvent, TagThread
from frontdesk.models import (
    Agent,
    AgentForTransfer,
    AgentStatus,
    ArchivesFilters,
    ArchivesPage,
    Chat,
    ChatsPage,
    ChatSummary,
    Customer,
    FileEvent,
    Message,
    MessageEvent,
    SentEvent,
    StartedChat,
    Thread,
    ThreadsPage,
    UnknownEvent,
    UploadedFile,
)
from frontdesk.transport import Reply


def sync_results(client: AgentClient) -> None:
    assert_type(client.start_chat(continuous=True), StartedChat)
    assert_type(client.send_event(chat_id="C", event=Message(text="hi")), SentEvent)
    assert_type(client.get_chat(chat_id="C"), Chat)
    assert_type(client.list_chats(limit=5), ChatsPage)
    assert_type(client.list_threads(chat_id="C"), ThreadsPage)
    assert_type(client.list_archives(filters=ArchivesFilters(query="refund")), ArchivesPage)
    assert_type(client.get_customer(id="I"), Customer)
    assert_type(client.list_routing_statuses(), list[AgentStatus])
    assert_type(client.list_agents_for_transfer(chat_id="C"), list[AgentForTransfer])
    assert_type(client.upload_file(b"x", name="a.txt"), UploadedFile)
    client.tag_thread(chat_id="C", thread_id="T", tag="vip")


def sync_iterators(client: AgentClient) -> None:
    assert_type(client.iter_chats(), Pages[ChatSummary])
    assert_type(client.iter_threads(chat_id="C"), Pages[Thread])
    for chat in client.iter_archives():
        assert_type(chat, Chat)
    for page in client.iter_archives().pages():
        assert_type(page, list[Chat])


async def async_results(client: AsyncAgentClient) -> None:
    assert_type(await client.start_chat(), StartedChat)
    assert_type(await client.send_event(chat_id="C", event=Message(text="hi")), SentEvent)
    assert_type(await client.list_routing_statuses(), list[AgentStatus])
    assert_type(client.iter_archives(), AsyncPages[Chat])
    async for summary in client.iter_chats():
        assert_type(summary, ChatSummary)


def actions_know_their_results(client: AgentClient) -> None:
    assert_type(client(GetChat(chat_id="C")), Chat)
    assert_type(client(SendEvent(chat_id="C", event=Message(text="hi"))), SentEvent)
    assert_type(client(ListAgentsForTransfer(chat_id="C")), list[AgentForTransfer])
    assert_type(client.raw(TagThread(chat_id="C", thread_id="T", tag="vip")), Reply)


async def async_actions_know_their_results(client: AsyncAgentClient) -> None:
    assert_type(await client(GetChat(chat_id="C")), Chat)
    assert_type(await client.raw(GetChat(chat_id="C")), Reply)


def options_keep_the_type(client: AgentClient) -> None:
    with client.with_options(timeout=60, retry=None) as patient:
        assert_type(patient, AgentClient)
        assert_type(patient.meter, Meter)


def unions_are_narrowed(chat: Chat) -> None:
    for user in chat.users:
        if isinstance(user, Agent):
            assert_type(user, Agent)
    for event in (chat.thread.events if chat.thread else None) or []:
        match event:
            case MessageEvent():
                assert_type(event.text, str)
            case FileEvent():
                assert_type(event.url, str)
            case UnknownEvent():
                assert_type(event.type, str)
            case _:
                pass


def errors_have_their_fields(error: ChatInactive) -> None:
    assert_type(error.type, str)
    assert_type(error.status, int)
    assert_type(error.request_id, str | None)


def decoding_returns_what_was_asked_for(data: bytes) -> None:
    assert_type(decode(data, Chat), Chat)
    assert_type(decode(data, list[AgentStatus]), list[AgentStatus])
