"""A company set up from nothing through the API alone, and chats in it as configured."""

import ssl
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from typing import Any

import pytest

from frontdesk import AgentClient, BearerToken
from frontdesk.errors import AuthenticationError, MissingAccess, ValidationError
from frontdesk.models import (
    GroupMembership,
    Message,
    NewAutoAccessConditions,
    NewAutoAccessGroups,
    NewPropertyAccess,
    NewTextCondition,
    NewTextMatch,
    NewUsersAccess,
)
from frontdesk.sandbox import Sandbox
from frontdesk.sandbox.seeds.company import CLIENT_ID

from ..webhooks._target import Target, settled

ANN = "ann@example.com"
BOB = "bob@example.com"
SECRET = "a secret of the story"


class Company:
    """What a set-up leaves behind: ids and the bot's token."""

    def __init__(self) -> None:
        self.sales = self.support = -1
        self.bot_id = self.bot_token = ""


def with_frontdesk(sandbox: Sandbox, webhook_url: str) -> Company:
    """Set the company up with the Configuration client."""
    company = Company()
    with sandbox.configuration_client() as configuration:
        for agent_id, name in ((ANN, "Ann"), (BOB, "Bob")):
            configuration.create_agent(id=agent_id, name=name, awaiting_approval=False)
        company.sales = configuration.create_group(name="Sales", agent_priorities={ANN: "first"}).id
        company.support = configuration.create_group(
            name="Support", agent_priorities={BOB: "normal"}
        ).id
        configuration.create_tag(name="invoice", group_ids=[company.sales])
        configuration.register_property(
            name="order",
            owner_client_id=CLIENT_ID,
            type="int",
            access=NewPropertyAccess(
                chat=NewUsersAccess(agent=["read", "write"], customer=["read"])
            ),
            range={"from": 1},
        )
        configuration.add_auto_access(
            access=NewAutoAccessGroups(groups=[company.support]),
            conditions=NewAutoAccessConditions(
                url=NewTextCondition(values=[NewTextMatch(value="/help")])
            ),
        )
        bot = configuration.create_bot(
            name="Robo",
            groups=[GroupMembership(id=company.sales, priority="first")],
            max_chats_count=1,
            owner_client_id=CLIENT_ID,
        )
        company.bot_id = bot.id
        company.bot_token = configuration.issue_bot_token(
            bot_id=bot.id,
            client_id=CLIENT_ID,
            bot_secret=bot.secret,
            organization_id=sandbox.organization_id,
        ).token
        configuration.register_webhook(
            action="incoming_chat",
            url=webhook_url,
            secret_key=SECRET,
            owner_client_id=CLIENT_ID,
            type="license",
        )
        configuration.enable_license_webhooks(owner_client_id=CLIENT_ID)
    return company


def with_the_official_sdk(sandbox: Sandbox, webhook_url: str) -> Company:
    """Set the same company up with LiveChat's SDK for Python, unchanged."""
    configuration = pytest.importorskip("livechat.configuration").ConfigurationApi.get_client(
        token=sandbox.tokens["owner"],
        version="3.6",
        base_url=sandbox.url.removeprefix("https://"),
        verify=ssl.create_default_context(cafile=sandbox.ca_path),
        disable_logging=True,
    )
    company = Company()

    def ok(response: Any) -> Any:
        assert response.status_code == 200, response.text
        return response.json()

    for agent_id, name in ((ANN, "Ann"), (BOB, "Bob")):
        ok(configuration.create_agent(id=agent_id, name=name, awaiting_approval=False))
    sales = {"name": "Sales", "agent_priorities": {ANN: "first"}}
    company.sales = ok(configuration.create_group(**sales))["id"]
    support = {"name": "Support", "agent_priorities": {BOB: "normal"}}
    company.support = ok(configuration.create_group(**support))["id"]
    ok(configuration.create_tag(name="invoice", group_ids=[company.sales]))
    ok(
        configuration.register_property(
            name="order",
            owner_client_id=CLIENT_ID,
            type="int",
            access={"chat": {"agent": ["read", "write"], "customer": ["read"]}},
            range={"from": 1},
        )
    )
    ok(
        configuration.add_auto_access(
            access={"groups": [company.support]},
            conditions={"url": {"values": [{"value": "/help"}]}},
        )
    )
    bot = ok(
        configuration.create_bot(
            name="Robo",
            groups=[{"id": company.sales, "priority": "first"}],
            max_chats_count=1,
            owner_client_id=CLIENT_ID,
        )
    )
    company.bot_id = bot["id"]
    token = configuration.issue_bot_token(
        bot_id=bot["id"],
        client_id=CLIENT_ID,
        bot_secret=bot["secret"],
        organization_id=sandbox.organization_id,
    )
    company.bot_token = ok(token)["token"]
    ok(
        configuration.register_webhook(
            action="incoming_chat",
            url=webhook_url,
            secret_key=SECRET,
            owner_client_id=CLIENT_ID,
            type="license",
        )
    )
    ok(configuration.enable_license_webhooks(owner_client_id=CLIENT_ID))
    configuration.session.close()
    return company


@pytest.fixture
def served() -> Iterator[Sandbox]:
    with Sandbox.serve("empty", tls=True) as sandbox:
        yield sandbox


@pytest.fixture
def target() -> Iterator[Target]:
    target = Target()
    yield target
    target.close()


@pytest.fixture
def sessions() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


@pytest.mark.parametrize("set_up", [with_frontdesk, with_the_official_sdk])
def test_chats_happen_as_the_company_is_configured(
    served: Sandbox, target: Target, sessions: ExitStack, set_up: Callable[[Sandbox, str], Company]
) -> None:
    company = set_up(served, target.url)
    bot = served.client(BearerToken(company.bot_token))
    ann, bob = (served.client(served.issue_token(agent_id)) for agent_id in (ANN, BOB))
    bot.set_routing_status(agent_id=company.bot_id, status="accepting_chats")
    for agent_id in (ANN, BOB):
        agent = sessions.enter_context(served.rtm_client(served.issue_token(agent_id)))
        agent.set_routing_status(status="accepting_chats")

    def present(client: AgentClient, chat_id: str) -> list[str]:
        chat = client.get_chat(chat_id=chat_id)
        return [user.id for user in chat.agents.values() if user.present]

    # The bot comes first in its group and takes one chat; the next one is Ann's.
    buyers = [served.customer(name) for name in ("Carla", "Carlos")]
    chats = [buyer.start_chat(Message("A price?"), group_ids=(company.sales,)) for buyer in buyers]
    assert present(bot, chats[0]) == [company.bot_id]
    assert present(ann, chats[1]) == [ANN]

    # Whoever comes from the pages of help is routed by the rule, and Ann does not see it.
    lost = served.customer("Lou")
    lost.visit("https://shop.example.com/help/returns")
    help_chat = lost.start_chat(Message("It broke"))
    assert present(bob, help_chat) == [BOB]
    access = bob.get_chat(chat_id=help_chat).access
    assert access
    assert access.group_ids == [company.support]
    with pytest.raises(MissingAccess):
        ann.get_chat(chat_id=help_chat)

    # Tags and properties are what was registered, and nothing else.
    def tag(client: AgentClient, chat_id: str) -> None:
        thread = client.get_chat(chat_id=chat_id).thread
        assert thread
        client.tag_thread(chat_id=chat_id, thread_id=thread.id, tag="invoice")

    tag(bot, chats[0])
    with pytest.raises(ValidationError):
        tag(bob, help_chat)
    bot.update_chat_properties(id=chats[0], properties={CLIENT_ID: {"order": 7}})
    for wrong in (0, "7"):
        with pytest.raises(ValidationError):
            bot.update_chat_properties(id=chats[0], properties={CLIENT_ID: {"order": wrong}})
    with pytest.raises(ValidationError):
        bot.update_chat_properties(id=chats[0], properties={CLIENT_ID: {"ordre": 7}})
    properties = bot.get_chat(chat_id=chats[0]).properties
    assert properties
    assert properties[CLIENT_ID] == {"order": 7}

    # One webhook for each chat, in whose name the set-up asked for it.
    settled(served)
    assert sorted(webhook["payload"]["chat"]["id"] for webhook in target.got) == sorted(
        [*chats, help_chat]
    )
    assert {webhook["secret_key"] for webhook in target.got} == {SECRET}

    # The token of the bot lives for 24 hours.
    served.advance(timedelta(hours=23))
    assert bot.get_chat(chat_id=chats[0])
    served.advance(timedelta(hours=1))
    with pytest.raises(AuthenticationError):
        bot.get_chat(chat_id=chats[0])
