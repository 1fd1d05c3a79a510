"""Mistakes that type checkers find; an ignored line that is no mistake any more fails the check."""

from datetime import datetime

from frontdesk import AgentClient, AsyncAgentClient, ConfigurationClient, Retry
from frontdesk.actions import GetChat, SendEvent
from frontdesk.models import (
    ArchivesFilters,
    ChatsFilters,
    InitialChat,
    Message,
    MessageEvent,
    RichMessage,
    Target,
    WorkShift,
)


def arguments(client: AgentClient, received: MessageEvent) -> None:
    client.get_chat("C1")  # type: ignore[call-arg]
    client.get_chat()  # type: ignore[call-arg]
    client.get_chat(chat_id=5)  # type: ignore[arg-type]
    client.get_chat(chat_id="C1", thread="T1")  # type: ignore[call-arg]
    client.send_event(chat_id="C1", event="hi")  # type: ignore[arg-type]
    client.send_event(chat_id="C1", event=received)  # type: ignore[arg-type]
    client.send_event(chat_id="C1", event=[{"type": "message"}])  # type: ignore[arg-type]
    client.send_event(chat_id="C1", event={1: "message"})  # type: ignore[dict-item]
    client.send_event(chat_id="C1")  # type: ignore[call-arg]
    client.send_evnt(chat_id="C1", event=Message("hi"))  # type: ignore[attr-defined]
    client.list_chats(limit="5")  # type: ignore[arg-type]
    client.list_chats(page_id=5)  # type: ignore[arg-type]
    client.list_archives(filters=["C1"])  # type: ignore[arg-type]
    client.update_customer(id="I", session_fields={"a": "b"})  # type: ignore[arg-type]
    client.ban_customer(id="I", ban=None)  # type: ignore[arg-type]
    client.send_event(chat_id=None, event=Message(text="hi"))  # type: ignore[arg-type]
    client.list_chats(sort_order="up")  # type: ignore[arg-type]
    client.list_chats(filters=ArchivesFilters())  # type: ignore[arg-type]
    client.set_routing_status(status="away")  # type: ignore[arg-type]
    client.mark_events_as_seen(chat_id="C1", seen_up_to="2026")  # type: ignore[arg-type]
    client.remove_user_from_chat(
        chat_id="C1",
        user_id="U1",
        user_type="customer",  # type: ignore[arg-type]
    )
    client.login(token="x")  # type: ignore[attr-defined]


def settings(configuration: ConfigurationClient, shift: WorkShift) -> None:
    configuration.get_agent(id="a", fields=["grups"])  # type: ignore[list-item]
    configuration.update_agent(id="a", groups=[shift])  # type: ignore[list-item]
    configuration.update_agent(id="a", work_scheduler=shift)  # type: ignore[arg-type]
    configuration.update_agent(id="a", notifications=[1])  # type: ignore[list-item]


def structures() -> None:
    Message("hi", "agents")  # type: ignore[call-arg]
    Message(text="hi", visibility="nobody")  # type: ignore[arg-type]
    Target(type="room", ids=[1])  # type: ignore[arg-type]
    RichMessage(template_id="carousel")  # type: ignore[arg-type]
    RichMessage("carousel")  # type: ignore[arg-type]
    Message(txt="hi")  # type: ignore[call-arg]
    Message(None)  # type: ignore[arg-type]
    Message("hi", custom_id=5)  # type: ignore[arg-type]
    Target(type="group", ids=1)  # type: ignore[arg-type]
    Target(type="group", ids=None)  # type: ignore[arg-type]
    ArchivesFilters(chat_ids=[1])  # type: ignore[list-item]
    ArchivesFilters(agents=["a"])  # type: ignore[arg-type]
    ChatsFilters(active="yes")  # type: ignore[arg-type]
    InitialChat(users=["agent@example.com"])  # type: ignore[list-item]
    ArchivesFilters(from_=7)  # type: ignore[arg-type]
    Retry(tries=3)  # type: ignore[call-arg]


def what_is_frozen(message: Message, action: GetChat, retry: Retry) -> None:
    message.text = "no"  # type: ignore[misc]
    action.chat_id = "no"  # type: ignore[misc]
    retry.attempts = 5  # type: ignore[misc]


def results(client: AgentClient) -> object:
    text: str = client.send_event(chat_id="C1", event=Message(text="hi"))  # type: ignore[assignment]
    created_at: datetime = client.get_chat(chat_id="C1").id  # type: ignore[assignment]
    number: int = client(GetChat(chat_id="C1"))  # type: ignore[assignment]
    iter(client.list_archives())  # type: ignore[call-overload]
    return text, created_at, number


async def forgotten_waits(client: AsyncAgentClient) -> None:
    assert client.get_chat(chat_id="C1").id  # type: ignore[attr-defined]
    iter(client.iter_archives())  # type: ignore[call-overload]
    sent = client(SendEvent(chat_id="C1", event=Message(text="hi")))
    assert sent.event_id  # type: ignore[attr-defined]
    await sent


def actions() -> None:
    SendEvent(chat_id="C1")  # type: ignore[call-arg]
    GetChat(chat="C1")  # type: ignore[call-arg]
