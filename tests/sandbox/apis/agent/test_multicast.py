"""Multicast: messages to agents, and to customers besides."""

import pytest

from frontdesk.actions import (
    Multicast,
)
from frontdesk.errors import (
    AuthorizationError,
    InvalidArgument,
    ValidationError,
)
from frontdesk.models import (
    MulticastRecipients,
    MulticastRecipientsAgents,
    MulticastRecipientsCustomers,
)

from ..._desk import BROWN, GARCIA, JONES, MUELLER, SMITH
from ..._website import visitor


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


def test_customers_who_are_named_besides_agents_get_it_without_the_agents_address(desk):
    ann, bob = visitor(desk), visitor(desk, "Bob", "tab-2")
    recipients = MulticastRecipients(
        agents=MulticastRecipientsAgents(ids=[JONES]),
        customers=MulticastRecipientsCustomers(ids=[ann.id, ann.id, "nobody"]),
    )
    desk.call(Multicast(recipients=recipients, content={"any": "JSON"}, type="mine"))
    (push,) = ann.got("incoming_multicast")
    assert (push.content, push.type) == ({"any": "JSON"}, "mine")
    assert "@" not in push.author_id
    assert bob.got("incoming_multicast") == []
