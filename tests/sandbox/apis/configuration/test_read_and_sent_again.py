"""What the API returned is an argument too: read, change something, send it back."""

from typing import Any

import msgspec
import pytest

from frontdesk import ConfigurationClient
from frontdesk.actions import UpdateAgent, UpdateBot
from frontdesk.errors import InvalidArgument
from frontdesk.models import (
    AutoAccessConditions,
    GeolocationCondition,
    GeolocationMatch,
    GreetingButton,
    GreetingImage,
    GreetingRule,
    GroupMembership,
    GroupPriority,
    NewGreetingRichMessage,
    NewWorkScheduler,
    NewWorkShift,
    PropertyRange,
    RegisteredFilters,
    TextCondition,
    TextMatch,
    WorkScheduler,
    WorkShift,
)
from frontdesk.sandbox import Sandbox
from frontdesk.sandbox.seeds.company import CLIENT_ID
from frontdesk.spec.checks import Checked

AGENT = "smith@example.com"
MONDAY = {"day": "monday", "enabled": True, "start": "08:00", "end": "16:00"}
SUNDAY = {"day": "sunday", "enabled": False, "start": "10:00", "end": "12:00"}
SCHEDULER = {"timezone": "Europe/Warsaw", "schedule": [MONDAY]}
CONDITIONS: dict[str, Any] = {
    "url": {"values": [{"value": "/shop", "exact_match": True}, {"value": "/cart"}]},
    "domain": {"exclude_values": [{"value": "example.org"}]},
    "geolocation": {"values": [{"country": "Poland", "city": "Wrocław"}, {"country_code": "DE"}]},
}
GREETING: dict[str, Any] = {
    "type": "normal", "active": True, "name": "Help", "group": 0,
    "rules": [
        {"condition": "and", "type": "url_current", "operator": "contains", "value": "/shop"},
        {"condition": "or", "type": "custom_variable", "session_field": {"plan": "gold"}},
        {"condition": "or", "type": "url_funnel", "urls": [
            {"url": "/a", "operator": "equals"}, {"url": "/b", "operator": "contains"}]},
    ],
    "properties": {"addon": "x", "greeting-message_text": "Hello", "is_exit_intent": "true"},
    "rich_message": {"template_id": "cards", "elements": [{
        "title": "t", "subtitle": "s",
        "image": {"url": "https://cdn.test/a.png", "name": "a.png", "width": 5, "height": 4},
        "buttons": [{"type": "message", "text": "Yes", "value": "y", "postback_id": "p"}],
    }]},
}  # fmt: skip


@pytest.fixture
def configuration() -> Any:
    with Sandbox("empty") as sandbox:
        client = sandbox.configuration_client()
        for name in ("Support", "Sales"):
            client.create_group(name=name, agent_priorities={AGENT: "normal"})
        yield client


def plain(value: object) -> Any:
    return msgspec.to_builtins(value)


def test_an_agent(configuration: ConfigurationClient) -> None:
    configuration.update_agent(
        id=AGENT,
        groups=[{"id": 1, "priority": "first"}],
        work_scheduler=SCHEDULER,
        notifications=["ticket"],
        email_subscriptions=["daily_summary"],
    )
    fields = ("groups", "work_scheduler", "notifications", "email_subscriptions")

    def read() -> Any:
        return configuration.get_agent(id=AGENT, fields=list(fields))  # type: ignore[arg-type]

    before = read()
    configuration.update_agent(id=AGENT, **{name: getattr(before, name) for name in fields})
    assert read() == before

    shift = NewWorkShift(day="sunday", enabled=False, start="10:00", end="12:00")
    configuration.update_agent(
        id=AGENT,
        groups=[*before.groups, {"id": 2, "priority": "last"}],
        work_scheduler=NewWorkScheduler(
            timezone=before.work_scheduler.timezone,
            schedule=[*before.work_scheduler.schedule, shift],
        ),
        notifications=[*before.notifications, "new_goal"],
    )
    after = read()
    assert after.groups == [*before.groups, GroupPriority(id=2, priority="last")]
    assert plain(after.work_scheduler) == {**SCHEDULER, "schedule": [MONDAY, SUNDAY]}
    assert after.notifications == ["ticket", "new_goal"]

    # A received structure is the user's own, who may change it in place.
    after.groups[-1].priority = "supervisor"
    after.work_scheduler.schedule.pop()
    configuration.update_agent(id=AGENT, groups=after.groups, work_scheduler=after.work_scheduler)
    assert read() == after


def test_an_agent_without_working_hours(configuration: ConfigurationClient) -> None:
    before = configuration.get_agent(id=AGENT, fields=["work_scheduler"])
    configuration.update_agent(id=AGENT, work_scheduler=before.work_scheduler)
    assert configuration.get_agent(id=AGENT, fields=["work_scheduler"]) == before


def test_a_bot(configuration: ConfigurationClient) -> None:
    groups = [GroupMembership(id=1, priority="first")]
    bot = configuration.create_bot(
        name="Bot", owner_client_id=CLIENT_ID, groups=groups, work_scheduler=SCHEDULER
    )
    before = configuration.get_bot(id=bot.id, fields=["groups", "work_scheduler"])
    configuration.update_bot(id=bot.id, groups=before.groups, work_scheduler=before.work_scheduler)
    assert configuration.get_bot(id=bot.id, fields=["groups", "work_scheduler"]) == before

    assert before.groups is not None
    changed = [*before.groups[:-1], GroupMembership(id=2, priority="last")]
    configuration.update_bot(id=bot.id, groups=changed)
    after = configuration.get_bot(id=bot.id, fields=["groups"])
    assert plain(after.groups) == [plain(group) for group in changed]


def test_many_agents_at_once(configuration: ConfigurationClient) -> None:
    before = configuration.get_agent(id=AGENT, fields=["groups"])
    batch = configuration.batch_update_agents(
        requests=[
            {"id": AGENT, "groups": before.groups},
            UpdateAgent(id=AGENT, groups=before.groups),
        ]
    )
    assert [response.error for response in batch.responses] == [None, None]
    assert configuration.get_agent(id=AGENT, fields=["groups"]) == before


def test_an_access_rule(configuration: ConfigurationClient) -> None:
    configuration.add_auto_access(access={"groups": [1]}, conditions=CONDITIONS)
    (before,) = configuration.list_auto_accesses()
    configuration.update_auto_access(
        id=before.id, access=before.access, conditions=before.conditions
    )
    assert configuration.list_auto_accesses() == [before]

    assert before.conditions.url is not None
    assert before.conditions.url.values is not None
    before.access.groups.append(2)
    before.conditions.url.values.append(TextMatch(value="/help"))
    before.conditions.geolocation = None
    configuration.update_auto_access(
        id=before.id, access=before.access, conditions=before.conditions
    )
    assert configuration.list_auto_accesses() == [before]


def test_a_greeting(configuration: ConfigurationClient) -> None:
    id = configuration.create_greeting(**GREETING).id
    before = configuration.get_greeting(id=id)
    assert before.rich_message is not None
    configuration.update_greeting(
        id=id,
        rules=before.rules,
        properties=before.properties,
        rich_message=before.rich_message,
    )
    assert configuration.get_greeting(id=id) == before

    rule: dict[str, Any] = {
        "condition": "or",
        "type": "visits_number",
        "operator": "equals",
        "value": "3",
    }
    message = NewGreetingRichMessage(
        template_id="cards",
        elements=[*(before.rich_message.elements or []), {"title": "u", "subtitle": "v"}],
    )
    configuration.update_greeting(id=id, rules=[*before.rules, rule], rich_message=message)
    after = configuration.get_greeting(id=id)
    assert after.rules == [*before.rules, GreetingRule(**rule)]
    assert after.rich_message is not None
    assert after.rich_message.elements is not None
    assert after.rich_message.elements[:-1] == before.rich_message.elements
    assert after.properties == before.properties


def test_a_property(configuration: ConfigurationClient) -> None:
    access: dict[str, Any] = {"chat": {"agent": ["read", "write"]}}
    configuration.register_property(
        name="score", owner_client_id=CLIENT_ID, type="int", access=access,
        range={"from": 0, "to": 5},
    )  # fmt: skip
    (first,) = configuration.list_properties(owner_client_id=CLIENT_ID).values()
    assert first.range is not None
    configuration.register_property(
        name="mark", owner_client_id=CLIENT_ID, type="int", access=first.access, range=first.range
    )
    first.range.to = 6
    configuration.register_property(
        name="grade", owner_client_id=CLIENT_ID, type="int", access=first.access, range=first.range
    )
    definitions = configuration.list_properties(owner_client_id=CLIENT_ID)
    assert definitions["mark"].range == PropertyRange(from_=0, to=5)
    assert definitions["grade"].range == PropertyRange(from_=0, to=6)
    assert definitions["grade"].access == access


def test_a_webhook(configuration: ConfigurationClient) -> None:
    def register(**fields: Any) -> Any:
        """Register a webhook; what is registered."""
        made = configuration.register_webhook(
            url="http://127.0.0.1:9/", secret_key="s3cr3t", owner_client_id=CLIENT_ID,
            type="license", action="incoming_event", **fields,
        )  # fmt: skip
        webhooks = configuration.list_webhooks(owner_client_id=CLIENT_ID)
        return next(webhook for webhook in webhooks if webhook.id == made.id)

    first = register(
        filters={
            "author_type": "customer",
            "chat_presence": {"user_ids": {"values": [AGENT]}, "my_bots": True},
            "source_type": ["system"],
        },
        additional_data=["chat_properties"],
    )
    second = register(filters=first.filters, additional_data=first.additional_data)
    assert (second.filters, second.additional_data) == (first.filters, first.additional_data)

    first.filters.chat_presence.user_ids.values.append("ada@example.com")
    first.filters.author_type = None
    assert register(filters=first.filters).filters == first.filters


def test_fields_that_cannot_be_sent_stay_behind() -> None:
    old = {"start": "08:00", "end": "16:00", "enabled": True}
    scheduler = WorkScheduler(timezone="", schedule=[WorkShift(**MONDAY)], monday=old)  # type: ignore[arg-type]
    action = UpdateAgent(id=AGENT, work_scheduler=scheduler)
    assert plain(action)["work_scheduler"] == {"timezone": "", "schedule": [MONDAY]}


@pytest.mark.parametrize(
    ("fields", "field", "rule"),
    [
        ({"groups": [GroupPriority(id=1, priority="top")]}, "groups[0].priority", "top"),
        ({"groups": [GroupPriority(id=-1, priority="last")]}, "groups[0].id", "0"),
        ({"groups": [WorkScheduler()]}, "groups[0]", "must be GroupMembership, not WorkScheduler"),
        ({"groups": GroupPriority(id=1, priority="last")}, "groups", "list"),
        ({"work_scheduler": WorkScheduler()}, "work_scheduler.schedule", "is required"),
        ({"work_scheduler": WorkScheduler(schedule=[WorkShift(**{**MONDAY, "end": "25:00"})],
                                          timezone="")},
         "work_scheduler.schedule[0].end", ""),
    ],
)  # fmt: skip
def test_what_was_read_keeps_to_the_rules_too(
    fields: dict[str, Any], field: str, rule: str
) -> None:
    for action in (UpdateAgent, UpdateBot):
        with pytest.raises(InvalidArgument) as caught:
            action(id=AGENT, **fields)
        assert caught.value.field == field
        assert rule in caught.value.rule


def pairs() -> list[type[Checked]]:
    """Structures that the API returns in another one."""
    classes = []
    waiting = [Checked]
    while waiting:
        cls = waiting.pop()
        waiting += cls.__subclasses__()
        if cls.received_as is not None:
            classes.append(cls)
    return classes


FULL = {
    GreetingButton: GreetingButton(
        type="url", text="t", value="v", postback_id="p", role="primary"
    ),
    GreetingImage: GreetingImage(url="https://cdn.test/a.png", alternative_text="a"),
    RegisteredFilters: RegisteredFilters(only_my_chats=True, agent_ids=["a"]),
    GeolocationCondition: GeolocationCondition(values=[GeolocationMatch(region="Silesia")]),
    AutoAccessConditions: AutoAccessConditions(
        domain=TextCondition(exclude_values=[TextMatch(value="x", exact_match=False)])
    ),
}


@pytest.mark.parametrize("received", FULL.values(), ids=lambda value: type(value).__name__)
def test_a_structure_holds_all_that_was_read(received: Any) -> None:
    (cls,) = [cls for cls in pairs() if cls.received_as is type(received)]

    class Holder(Checked, frozen=True, kw_only=True):
        content: cls  # type: ignore[valid-type]

    assert plain(Holder(content=received))["content"] == plain(received)


@pytest.mark.parametrize("cls", pairs(), ids=lambda cls: cls.__name__)
def test_both_structures_call_their_fields_the_same(cls: type[Checked]) -> None:
    assert cls.received_as is not None
    assert {*cls.__struct_fields__} <= {*cls.received_as.__struct_fields__}
    assert {*cls.__struct_encode_fields__} <= {*cls.received_as.__struct_encode_fields__}
