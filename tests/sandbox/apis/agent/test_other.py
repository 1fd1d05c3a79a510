"""Indicators, multicast, summaries."""

import pytest

from frontdesk.actions import (
    AddUserToChat,
    DeactivateChat,
    Multicast,
    SendThinkingIndicator,
    SendTypingIndicator,
)
from frontdesk.errors import (
    AuthorizationError,
    ChatInactive,
    InvalidArgument,
    ValidationError,
)
from frontdesk.models import (
    MulticastRecipients,
    MulticastRecipientsAgents,
    MulticastRecipientsCustomers,
)

from ..._desk import BROWN, GARCIA, JONES, MUELLER, SMITH


def test_typing(desk):
    chat_id = desk.start()
    desk.forget()
    desk.call(SendTypingIndicator(chat_id=chat_id, is_typing=True))
    (effect,) = desk.heard
    assert (effect.push, effect.webhook) == ("incoming_typing_indicator", None)
    indicator = effect.payload.typing_indicator
    assert (indicator.author_id, indicator.is_typing, indicator.visibility) == (SMITH, True, "all")
    assert isinstance(indicator.timestamp, int)
    assert effect.to_customer


def test_thinking(desk):
    chat_id = desk.start()
    desk.forget()
    desk.call(
        SendThinkingIndicator(
            chat_id=chat_id, title="Hm", description="…", custom_id="c", visibility="agents"
        )
    )
    (effect,) = desk.heard
    pushed = effect.payload
    assert (pushed.author_id, pushed.title, pushed.description, pushed.custom_id) == (
        SMITH,
        "Hm",
        "…",
        "c",
    )
    assert pushed.thread_id == desk.chat(chat_id).thread.id
    assert not effect.to_customer


@pytest.mark.parametrize(
    "make",
    [
        lambda chat_id, **more: SendTypingIndicator(chat_id=chat_id, is_typing=True, **more),
        lambda chat_id, **more: SendThinkingIndicator(chat_id=chat_id, **more),
    ],
)
def test_rules_of_indicators(desk, make):
    chat_id = desk.start()
    with pytest.raises(AuthorizationError):
        desk.call(make(chat_id), desk.agent)
    desk.call(AddUserToChat(chat_id=chat_id, user_id=JONES, user_type="agent", visibility="agents"))
    with pytest.raises(ValidationError, match="`visibility`"):
        desk.call(make(chat_id), desk.agent)
    desk.call(make(chat_id, visibility="agents"), desk.agent)
    desk.call(DeactivateChat(id=chat_id))
    with pytest.raises(ChatInactive):
        desk.call(make(chat_id))


def to(**kwargs):
    return MulticastRecipients(agents=MulticastRecipientsAgents(**kwargs))


@pytest.mark.parametrize(
    ("recipients", "expected"),
    [
        (to(ids=[JONES, BROWN, "nobody"]), {JONES, BROWN}),
        (to(groups=[3]), {MUELLER, GARCIA}),
        (to(groups=["3"]), {MUELLER, GARCIA}),
        (to(groups=[3], ids=[JONES]), {MUELLER, GARCIA, JONES}),
    ],
)
def test_multicast_reaches_the_recipients(desk, recipients, expected):
    desk.forget()
    content = {"any": ["JSON", None]}
    desk.call(Multicast(recipients=recipients, content=content, type="mine"))
    (effect,) = desk.heard
    assert set(effect.recipients.agent_ids) == expected
    assert (effect.push, effect.webhook) == ("incoming_multicast", None)
    pushed = effect.payload
    assert (pushed.author_id, pushed.content, pushed.type) == (SMITH, content, "mine")


@pytest.mark.parametrize("recipients", [to(all=True), to(groups=[0])])
def test_multicast_to_all(desk, recipients):
    desk.forget()
    desk.call(Multicast(recipients=recipients, content="x"))
    assert set(desk.heard[0].recipients.agent_ids) == set(desk.world.store.company.agents)


def test_multicast_needs_agents(desk):
    with pytest.raises(InvalidArgument):
        MulticastRecipientsAgents()
    customers = MulticastRecipients(customers=MulticastRecipientsCustomers(ids=["x"]))
    with pytest.raises(ValidationError, match=r"`recipients.agents`"):
        desk.call(Multicast(recipients=customers, content="x"))
    with pytest.raises(ValidationError, match=r"`recipients.agents.groups\[0\]`"):
        desk.call(Multicast(recipients=to(groups=["x"]), content="x"))
    with pytest.raises(AuthorizationError, match="multicast:rw"):
        desk.call(Multicast(recipients=to(all=True), content="x"), desk.reader)


def test_group_zero_is_everybody_even_those_not_listed_in_it(desk):
    from frontdesk.sandbox.store.records import AgentRecord

    newcomer = AgentRecord(id="new@example.com", name="New", groups={2: "normal"})
    desk.unit(lambda world: world.store.company.save_agent(newcomer))
    desk.forget()
    desk.call(Multicast(recipients=to(groups=[0]), content="x"))
    assert "new@example.com" in desk.heard[0].recipients.agent_ids
