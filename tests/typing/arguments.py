"""What arguments and structures take and hold; read by type checkers, never run."""

from collections import deque
from collections.abc import Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, assert_type

from msgspec import UnsetType

from frontdesk import (
    AgentClient,
    AgentRTM,
    AsyncAgentClient,
    AsyncAgentRTM,
    ConfigurationClient,
    Pages,
)
from frontdesk.actions import ListArchives, SendEvent, TransferChat
from frontdesk.models import (
    ArchivesFilters,
    ArchivesPage,
    ChatsFilters,
    Custom,
    Customer,
    CustomersPage,
    File,
    InitialChat,
    InitialThread,
    InitialUser,
    Message,
    NewEvent,
    RichMessage,
    RichMessageElement,
    SentEvent,
    SystemMessage,
    Target,
    ValueFilter,
)

TIMESTAMP = datetime(2026, 1, 1, tzinfo=UTC)


def none_is_not_sent(client: AgentClient, rtm: AgentRTM, page: ArchivesPage) -> None:
    assert_type(client.list_archives(page_id=page.next_page_id, limit=None), ArchivesPage)
    assert_type(rtm.list_archives(filters=None, sort_order=None, highlights=None), ArchivesPage)
    client.iter_archives(limit=None, page_id=page.next_page_id)
    client.transfer_chat(id="C", target=None, ignore_agents_availability=None)
    client.send_event(chat_id="C", event=Message("hi"), attach_to_last_thread=None)


async def none_is_not_sent_async(client: AsyncAgentClient, rtm: AsyncAgentRTM) -> None:
    assert_type(await client.list_archives(page_id=None, limit=None), ArchivesPage)
    assert_type(await rtm.list_archives(page_id=None, limit=None), ArchivesPage)


def plain_data(client: AgentClient, event: dict[str, Any], filters: Mapping[str, object]) -> None:
    assert_type(client.send_event(chat_id="C", event=event), SentEvent)
    client.send_event(chat_id="C", event={"type": "message", "text": "hi"})
    client.send_event(chat_id="C", event=MappingProxyType(event))
    client.list_archives(filters=filters, highlights={})
    client.iter_chats(filters={"active": True})
    client.start_chat(chat={"users": [{"id": "a", "type": "agent"}]})
    client.ban_customer(id="I", ban={"days": 3})
    client.update_customer(id="I", session_fields=({"a": "b"},), address={"city": "Wrocław"})


def any_sequence(client: AgentClient, configuration: ConfigurationClient) -> None:
    Target(type="group", ids=(1, 2))
    ArchivesFilters(chat_ids=deque(["C"]), group_ids=range(3))
    client.update_chat_properties(id="C", properties=MappingProxyType({"ns": {"score": 5}}))
    client.delete_chat_properties(id="C", properties={"ns": ("score",)})
    configuration.register_webhook(
        action="incoming_chat",
        url="https://bot.test/",
        secret_key="secret",
        owner_client_id="client",
        type="license",
        filters={"source_type": ["system"]},
        additional_data=("chat_properties",),
    )


def structures_mix_with_dicts() -> None:
    InitialChat(
        users=[InitialUser(id="a", type="agent"), {"id": "b", "type": "customer"}],
        thread=InitialThread(events=[Message("one"), {"type": "message", "text": "two"}]),
    )
    ArchivesFilters(agents={"values": ["a"]}, tags=ValueFilter(exists=True), from_=TIMESTAMP)
    RichMessage("cards", elements=[RichMessageElement(title="a"), {"title": "b"}])


def one_field_needs_no_name(content: Mapping[str, int]) -> None:
    events: list[NewEvent] = [
        Message("hi", visibility="agents"),
        File("https://cdn.test/a.png", alternative_text=None),
        Custom(content),
        RichMessage("cards"),
        SystemMessage("hi", system_message_type="t"),
    ]
    assert_type(events[0], NewEvent)


def fields_hold_what_their_types_say(
    action: ListArchives, send: SendEvent, transfer: TransferChat, filters: ArchivesFilters
) -> None:
    assert_type(action.limit, int | UnsetType)
    assert_type(action.filters, ArchivesFilters | UnsetType)
    assert_type(send.event, NewEvent)
    assert_type(transfer.target, Target | UnsetType)
    assert_type(filters.from_, datetime | UnsetType)
    assert_type(filters.chat_ids, list[str] | UnsetType)
    assert_type(ChatsFilters(active=None).active, bool | UnsetType | None)
    ListArchives(limit=None, filters={"query": "a"})
    Message("hi", custom_id=None, properties=None)


def older_methods(client: AgentClient, rtm: AgentRTM) -> None:
    assert_type(client.list_customers(limit=5), CustomersPage)
    assert_type(client.iter_customers(filters={"email": {"values": ["a"]}}), Pages[Customer])
    assert_type(rtm.list_customers(sort_by="visits_count"), CustomersPage)
