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
    AsyncConfigurationClient,
    ConfigurationClient,
    Pages,
)
from frontdesk.actions import ListArchives, SendEvent, TransferChat, UpdateAgent
from frontdesk.models import (
    ArchivesFilters,
    ArchivesPage,
    ChatsFilters,
    Custom,
    Customer,
    CustomersPage,
    File,
    GroupMembership,
    InitialChat,
    InitialThread,
    InitialUser,
    Message,
    NewAutoAccessConditions,
    NewEvent,
    NewPropertyAccess,
    NewUsersAccess,
    NewWorkScheduler,
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


def what_was_read_is_sent_again(configuration: ConfigurationClient) -> None:
    agent = configuration.get_agent(id="a", fields=["groups"])
    assert agent.groups is not None
    assert agent.notifications is not None
    assert agent.work_scheduler is not None
    configuration.update_agent(
        id=agent.id,
        groups=[*agent.groups, {"id": 2, "priority": "last"}],
        notifications=[*agent.notifications, "ticket"],
        email_subscriptions=agent.email_subscriptions,
        work_scheduler=agent.work_scheduler,
    )
    configuration.update_agent(
        id=agent.id,
        groups=[*agent.groups, GroupMembership(id=2, priority="last")],
        work_scheduler=NewWorkScheduler(
            timezone=agent.work_scheduler.timezone, schedule=agent.work_scheduler.schedule or []
        ),
    )
    UpdateAgent(
        id=agent.id,
        groups=agent.groups,
        notifications=agent.notifications,
        work_scheduler=agent.work_scheduler,
    )
    bot = configuration.get_bot(id="b", fields=["groups", "work_scheduler"])
    configuration.update_bot(id=bot.id, groups=bot.groups, work_scheduler=bot.work_scheduler)
    rule = configuration.list_auto_accesses()[0]
    configuration.update_auto_access(id=rule.id, access=rule.access, conditions=rule.conditions)
    NewAutoAccessConditions(url=rule.conditions.url, geolocation=rule.conditions.geolocation)
    greeting = configuration.get_greeting(id=1)
    configuration.update_greeting(
        id=greeting.id,
        rules=greeting.rules,
        properties=greeting.properties,
        rich_message=greeting.rich_message,
    )
    definition = configuration.list_properties(owner_client_id="client")["score"]
    NewPropertyAccess(chat={"agent": ["read"]}, event=NewUsersAccess(agent=["read"]))
    NewUsersAccess(agent=definition.access["chat"]["agent"])
    configuration.register_property(
        name="mark",
        owner_client_id="client",
        type="int",
        access=definition.access,
        range=definition.range,
    )
    webhook = configuration.list_webhooks(owner_client_id="client")[0]
    configuration.register_webhook(
        action="incoming_event",
        url=webhook.url,
        secret_key="secret",
        owner_client_id="client",
        type="license",
        filters=webhook.filters,
        additional_data=webhook.additional_data,
    )


async def what_was_read_is_sent_again_async(configuration: AsyncConfigurationClient) -> None:
    agent = await configuration.get_agent(id="a", fields=["groups"])
    await configuration.update_agent(
        id="a", groups=agent.groups, work_scheduler=agent.work_scheduler
    )


def what_is_always_there(configuration: ConfigurationClient) -> None:
    assert_type(configuration.get_group(id=1).name, str)
    assert_type(configuration.get_agent(id="a").name, str)
    assert_type(configuration.get_bot(id="b").name, str)
    assert_type(configuration.list_tags()[0].group_ids, list[int])


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
