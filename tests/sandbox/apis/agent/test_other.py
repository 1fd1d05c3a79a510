"""Indicators, multicast, summaries."""

import pytest

from frontdesk.actions import (
    AddUserToChat,
    DeactivateChat,
    Multicast,
    RequestThreadSummary,
    SendThinkingIndicator,
    SendTypingIndicator,
)
from frontdesk.errors import (
    AuthorizationError,
    ChatInactive,
    InvalidArgument,
    MissingAccess,
    NotFound,
    ValidationError,
)
from frontdesk.models import (
    Access,
    InitialChat,
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


def ask(desk, chat_id, thread_id=None, by=None):
    thread_id = thread_id or desk.chat(chat_id).thread.id
    desk.call(RequestThreadSummary(chat_id=chat_id, thread_id=thread_id), by)


def test_an_inactive_thread_is_summarised_in_a_while(desk):
    chat_id = desk.start()
    desk.write(chat_id, "My order is late")
    desk.call(DeactivateChat(id=chat_id))
    desk.forget()
    ask(desk, chat_id)
    assert desk.chat(chat_id).thread.summary is None
    desk.advance(seconds=5)
    summary = desk.chat(chat_id).thread.summary
    assert summary.status == "ok"
    assert "My order is late" in summary.text
    assert "Agent Smith wrote 1 message." in summary.text
    assert summary.updated_at is not None
    (effect,) = desk.effects("thread_summary_set")
    assert effect.webhook == "thread_summary_set"
    assert effect.payload.summary == summary


def test_it_is_summarised_only_once(desk):
    chat_id = desk.start()
    desk.write(chat_id)
    desk.call(DeactivateChat(id=chat_id))
    ask(desk, chat_id)
    desk.advance(seconds=5)
    desk.forget()
    ask(desk, chat_id)
    desk.advance(seconds=5)
    assert desk.heard == []


def test_an_active_thread_gets_an_event_each_time(desk):
    chat_id = desk.start()
    desk.write(chat_id, "one")
    for _ in range(2):
        ask(desk, chat_id)
        desk.advance(seconds=5)
    thread = desk.chat(chat_id).thread
    events = [event for event in thread.events if event.type == "system"]
    assert [(one.source, one.subtype, one.version) for one in events] == [
        ("messaging", "summary", 1)
    ] * 2
    details = events[0].decoded_details()
    assert (details.summary.status, details.requested_by) == ("ok", SMITH)
    assert "one" in details.summary.text
    assert thread.summary is None


def test_nothing_to_summarise_is_an_error_later(desk):
    chat_id = desk.start()
    desk.forget()
    ask(desk, chat_id)
    assert desk.heard == []
    desk.advance(seconds=5)
    (pushed,) = desk.pushed("incoming_error")
    assert pushed.action == "set_thread_summary"
    assert (pushed.chat_id, pushed.thread_id) == (chat_id, desk.chat(chat_id).thread.id)


def test_the_same_thread_gives_the_same_summary(desk):
    texts = []
    for _ in range(2):
        chat_id = desk.start()
        desk.write(chat_id, "one")
        desk.write(chat_id, "two")
        desk.call(DeactivateChat(id=chat_id))
        ask(desk, chat_id)
        desk.advance(seconds=5)
        texts.append(desk.chat(chat_id).thread.summary.text)
    assert texts[0] == texts[1]


def test_summaries_can_be_automatic(desk):
    desk.set_license("auto_summary_enabled", value=True)
    chat_id = desk.start()
    desk.write(chat_id)
    desk.call(DeactivateChat(id=chat_id))
    desk.advance(seconds=5)
    assert desk.chat(chat_id).thread.summary.status == "ok"


def test_summaries_need_access(desk):
    chat_id = desk.start(chat=InitialChat(access=Access(group_ids=[3])))
    with pytest.raises(MissingAccess):
        ask(desk, chat_id, desk.chat(chat_id).thread.id, desk.agent)
    with pytest.raises(NotFound):
        ask(desk, chat_id, "nope")


def test_group_zero_is_everybody_even_those_not_listed_in_it(desk):
    from frontdesk.sandbox.store.records import AgentRecord

    newcomer = AgentRecord(id="new@example.com", name="New", groups={2: "normal"})
    desk.unit(lambda world: world.store.company.save_agent(newcomer))
    desk.forget()
    desk.call(Multicast(recipients=to(groups=[0]), content="x"))
    assert "new@example.com" in desk.heard[0].recipients.agent_ids
