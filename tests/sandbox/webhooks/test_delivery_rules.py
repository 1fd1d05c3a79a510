"""Which webhooks the sandbox sends, to whom, and who may register them."""

import asyncio
import json
import socket
from collections.abc import Callable
from typing import Any

import pytest

from frontdesk import InvalidArgument, LimitReached, NotFound, UnsupportedVersion, ValidationError
from frontdesk.errors import (
    AuthorizationError,
    ConnectError,
    ServiceUnavailable,
    TooManyRequests,
)
from frontdesk.models import ChatPresenceFilter, Message, UserIdsFilter, WebhookFilters
from frontdesk.sandbox import Sandbox
from frontdesk.sandbox.seeds.company import BOT_ID, CLIENT_ID
from frontdesk.transport import Request
from frontdesk.transport.guarded import GuardedTransport
from frontdesk.webhooks import PAYLOADS

from ...webhooks._target import Target, bring, settled
from ...webhooks.conftest import OWNER

Register = Callable[..., str]


@pytest.mark.parametrize(
    ("filters", "delivered_texts"),
    [
        (WebhookFilters(author_type="customer"), ["from the customer"]),
        (WebhookFilters(author_type="agent"), ["from the agent"]),
        (WebhookFilters(source_type=["my_client"]), ["from the agent"]),
        (WebhookFilters(source_type=["other_clients"]), ["from the customer"]),
        (WebhookFilters(source_type=["system"]), []),
        (WebhookFilters(only_my_chats=True), []),
        (WebhookFilters(author_type="agent", source_type=["system"]), []),
    ],
)
def test_filters(
    sandbox: Sandbox,
    target: Target,
    register: Register,
    filters: WebhookFilters,
    delivered_texts: list[str],
) -> None:
    register("incoming_event", filters=filters, owner_client_id=CLIENT_ID)
    ann = sandbox.customer("Ann")
    chat_id = ann.start_chat()
    client = sandbox.client()
    bring(sandbox, "smith@example.com", chat_id)
    ann.say("from the customer")
    client.send_event(chat_id=chat_id, event=Message(text="from the agent"))
    settled(sandbox)
    texts = [
        webhook["payload"]["event"]["text"]
        for webhook in target.got
        if webhook["payload"]["event"]["type"] == "message"
    ]
    assert texts == delivered_texts


def test_only_chats_that_my_client_started(
    sandbox: Sandbox, target: Target, register: Register
) -> None:
    register("incoming_chat", filters=WebhookFilters(only_my_chats=True), owner_client_id=CLIENT_ID)
    chat_id = sandbox.client().start_chat().chat_id
    sandbox.customer("Ann").start_chat()
    settled(sandbox)
    assert [webhook["payload"]["chat"]["id"] for webhook in target.got] == [chat_id]


@pytest.mark.parametrize("present", [True, False])
def test_filters_of_presence(
    sandbox: Sandbox, target: Target, register: Register, present: bool
) -> None:
    ann = sandbox.customer("Ann")
    who = ann.id if present else "somebody@example.com"
    values, excluded = (
        register(
            "incoming_event",
            filters=WebhookFilters(chat_presence=ChatPresenceFilter(user_ids=user_ids)),
        )
        for user_ids in (UserIdsFilter(values=[who]), UserIdsFilter(exclude_values=[who]))
    )
    register(
        "incoming_event",
        filters=WebhookFilters(chat_presence=ChatPresenceFilter(my_bots=True)),
        owner_client_id=CLIENT_ID,
    )
    ann.start_chat()
    ann.say("hello")
    settled(sandbox)
    assert [one["webhook_id"] for one in target.got] == [values if present else excluded]


def test_filter_of_agents(sandbox: Sandbox, target: Target, register: Register) -> None:
    register("routing_status_set", filters=WebhookFilters(agent_ids=["brown@example.com"]))
    client = sandbox.client()
    client.set_routing_status(agent_id="mueller@example.com", status="not_accepting_chats")
    client.set_routing_status(agent_id="brown@example.com", status="not_accepting_chats")
    settled(sandbox)
    assert [webhook["payload"]["agent_id"] for webhook in target.got] == ["brown@example.com"]


def test_bot_webhooks_are_sent_while_a_bot_is_not_offline(
    sandbox: Sandbox, target: Target, register: Register
) -> None:
    register("incoming_event", type="bot", owner_client_id=CLIENT_ID)
    register("incoming_event", type="bot", owner_client_id=OWNER)
    ann = sandbox.customer("Ann")
    ann.start_chat()
    ann.say("one")
    client = sandbox.client()
    client.set_routing_status(agent_id=BOT_ID, status="offline")
    ann.say("two")
    client.set_routing_status(agent_id=BOT_ID, status="accepting_chats")
    ann.say("three")
    settled(sandbox)
    texts = [webhook["payload"]["event"].get("text") for webhook in target.got]
    assert [text for text in texts if text in {"one", "two", "three"}] == ["one", "three"]


def test_license_webhooks_can_be_disabled(
    sandbox: Sandbox, target: Target, register: Register
) -> None:
    register("incoming_event")
    client = sandbox.configuration_client()
    ann = sandbox.customer("Ann")
    ann.start_chat()

    def state() -> bool:
        return client.get_license_webhooks_state(owner_client_id=OWNER).license_webhooks_enabled

    assert state()
    client.disable_license_webhooks(owner_client_id=OWNER)
    client.disable_license_webhooks(owner_client_id=OWNER)
    assert not state()
    assert client.get_license_webhooks_state().license_webhooks_enabled
    ann.say("not told")
    client.enable_license_webhooks(owner_client_id=OWNER)
    assert state()
    ann.say("delivered_texts")
    settled(sandbox)
    assert [webhook["payload"]["event"]["text"] for webhook in target.got] == ["delivered_texts"]
    with pytest.raises(ValidationError, match="owner_client_id"):
        sandbox.configuration_client("pat").get_license_webhooks_state()


def test_the_limits_of_registration(sandbox: Sandbox, register: Register) -> None:
    first = register("incoming_event")
    register("incoming_event")
    register("incoming_event")
    with pytest.raises(LimitReached):
        register("incoming_event")
    register("chat_deactivated")
    register("incoming_event", owner_client_id="another")
    client = sandbox.configuration_client()
    with pytest.raises(NotFound):
        client.unregister_webhook(id=first, owner_client_id="another")
    client.unregister_webhook(id=first, owner_client_id=OWNER)
    with pytest.raises(NotFound):
        client.unregister_webhook(id=first, owner_client_id=OWNER)
    register("incoming_event")
    assert len(client.list_webhooks(owner_client_id=OWNER)) == 4


def test_scopes_are_checked(sandbox: Sandbox) -> None:
    client = sandbox.configuration_client("agent")
    with pytest.raises(AuthorizationError):
        client.list_webhooks(owner_client_id=OWNER)
    with pytest.raises(AuthorizationError):
        client.get_license_webhooks_state(owner_client_id=OWNER)


def test_names_are_told_to_anybody(sandbox: Sandbox) -> None:
    names = sandbox.configuration_client().list_webhook_names()
    assert {name.action for name in names} == set(PAYLOADS)
    path = "/v3.6/configuration/action/list_webhook_names"
    response = sandbox.backend.respond("POST", path, {}, b"{}")
    assert response.status == 200
    assert len(json.loads(response.body)) == 38
    older = sandbox.configuration_client().list_webhook_names(version="3.5")
    assert {"incoming_customer"} == {name.action for name in older} - set(PAYLOADS)
    with pytest.raises(UnsupportedVersion):
        sandbox.configuration_client().list_webhook_names(version="1.0")


def test_nothing_is_sent_after_unregistering(
    sandbox: Sandbox, target: Target, register: Register
) -> None:
    webhook_id = register("incoming_event")
    ann = sandbox.customer("Ann")
    ann.start_chat()
    ann.say("delivered_texts")
    client = sandbox.configuration_client()
    client.unregister_webhook(id=webhook_id, owner_client_id=OWNER)
    ann.say("not told")
    settled(sandbox)
    assert len(target.got) == 1


REFUSED = [
    "http://10.0.0.7/hooks",
    "http://192.168.1.1/",
    "https://example.com/hooks",
    "http://169.254.169.254/latest/meta-data",
    "http://[fe80::1]/",
    "http://[::ffff:10.0.0.7]/",
    "http://0.0.0.0/",
    "http://localhost.example.com/",
    "http://2130706433.example.com/",
]


@pytest.mark.parametrize("url", REFUSED)
def test_webhooks_stay_on_this_machine(register: Register, url: str) -> None:
    with pytest.raises(ValidationError, match="own machine"):
        register("incoming_event", url=url)


@pytest.mark.parametrize(
    "url", ["http://localhost:1/", "http://127.8.9.1:1/", "http://[::1]:1/", "http://x.localhost/"]
)
def test_loopback_is_this_machine(register: Register, url: str) -> None:
    assert register("incoming_event", url=url)


def test_more_targets_can_be_allowed() -> None:
    wanted = {"http://10.0.0.7/": True, "http://bot.test/": True, "http://10.9.0.1/": False}
    with Sandbox("empty", webhook_hosts=["10.0.0.0/24", "BOT.test"]) as sandbox:
        client = sandbox.configuration_client()
        for url, allowed in wanted.items():
            arguments: dict[str, Any] = {
                "action": "incoming_event",
                "url": url,
                "secret_key": "s",
                "owner_client_id": url,
                "type": "license",
            }
            if allowed:
                client.register_webhook(**arguments)
            else:
                with pytest.raises(ValidationError):
                    client.register_webhook(**arguments)
    with Sandbox("empty", webhook_hosts=["*"]) as sandbox:
        for url in REFUSED:
            sandbox.backend.world.targets.check(url)
    with pytest.raises(InvalidArgument, match="webhook_hosts"):
        Sandbox(webhook_hosts=["10.0.0.0/99"])


def test_a_name_that_points_elsewhere_is_not_sent_to(
    sandbox: Sandbox, register: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a name means is looked at when something is sent, not when it is registered."""

    def elsewhere(host: str, port: int, **_: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("10.0.0.7", port))]

    monkeypatch.setattr(socket, "getaddrinfo", elsewhere)
    register("incoming_event", url="http://x.localhost:8080/")
    ann = sandbox.customer("Ann")
    ann.start_chat()
    ann.say("hello")
    settled(sandbox)
    (delivery,) = sandbox.webhooks.all()
    assert delivery.attempts[0].error == "x.localhost is not allowed"


@pytest.mark.parametrize(
    "host",
    ["\uff11\uff12\uff17.0.0.1", "127\u30020\u30020\u30021", "2130706433", "127.1", "[::1%25lo]"],
)
def test_addresses_in_disguise_are_checked_too(target: Target, host: str) -> None:
    """Some spellings are addresses for the system, and need no resolver that could be asked."""

    async def send() -> None:
        transport = GuardedTransport(lambda _host, _address, _port: False)
        try:
            await transport.send(Request(target.url.replace("127.0.0.1", host), {}, b"{}", 5))
        finally:
            await transport.close()

    with pytest.raises(ConnectError, match="is not allowed"):
        asyncio.run(send())
    assert target.got == []


def test_registering_can_be_limited_and_made_to_fail(sandbox: Sandbox, register: Register) -> None:
    sandbox.limit(1, method="register_webhook")
    register("incoming_event")
    client = sandbox.configuration_client(retry=None)
    with pytest.raises(TooManyRequests):
        client.register_webhook(
            action="incoming_chat",
            url="http://localhost:1/",
            secret_key="s",
            owner_client_id=OWNER,
            type="license",
        )
    sandbox.fault("service_unavailable", "list_webhooks", times=1)
    with pytest.raises(ServiceUnavailable):
        client.list_webhooks(owner_client_id=OWNER)
