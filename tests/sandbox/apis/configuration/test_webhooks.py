"""Registering webhooks through the Configuration API: what is sent, refused and returned."""

import asyncio
import json
from typing import Any

import msgspec
import pytest

import frontdesk
from frontdesk import AsyncConfigurationClient, ConfigurationClient, InvalidArgument, LimitReached
from frontdesk.actions import ACTIONS, CONFIGURATION_ACTIONS, RegisterWebhook
from frontdesk.models import (
    WEBHOOK_FILTERS,
    ChatPresenceFilter,
    LicenseWebhooksState,
    RegisteredWebhook,
    UserIdsFilter,
    WebhookFilters,
    WebhookName,
)
from frontdesk.transport import Reply, Request
from frontdesk.webhooks import PAYLOADS

from ....documented import samples, spec

WEBHOOK: dict[str, Any] = {
    "action": "incoming_event",
    "url": "https://bot.test/webhooks/Zr8Qw1kT0uYb",
    "secret_key": "open-sesame",
    "owner_client_id": "aa11bb22cc33dd44ee55ff6600778899",
    "type": "license",
}

OF_WEBHOOKS = {
    name for name, action in CONFIGURATION_ACTIONS.items() if action.spec.group == "webhooks"
}


class Server:
    """Responds with what it was given, and notes what it was asked."""

    def __init__(self, response: Any = None, status: int = 200) -> None:
        self.reply = Reply(
            status, {"content-type": "application/json"}, json.dumps(response).encode()
        )
        self.asked: list[tuple[str, Any]] = []

    def send(self, request: Request) -> Reply:
        assert isinstance(request.body, bytes)
        self.asked.append((request.url, json.loads(request.body)))
        return self.reply

    def close(self) -> None:
        pass


class AsyncServer(Server):
    async def send(self, request: Request) -> Reply:  # type: ignore[override]
        return Server.send(self, request)

    async def close(self) -> None:  # type: ignore[override]
        pass


def call(name: str, response: Any, **arguments: Any) -> tuple[Any, list[tuple[str, Any]]]:
    """Call a method on both clients; they must do the same."""
    server, other = Server(response), AsyncServer(response)
    result = getattr(ConfigurationClient("dal:token", transport=server), name)(**arguments)
    client = AsyncConfigurationClient("dal:token", transport=other)
    assert asyncio.run(getattr(client, name)(**arguments)) == result
    assert server.asked == other.asked
    return result, server.asked


def test_a_webhook_is_registered() -> None:
    filters = WebhookFilters(
        author_type="customer",
        only_my_chats=True,
        chat_presence=ChatPresenceFilter(user_ids=UserIdsFilter(values=["ann"]), my_bots=True),
        source_type=["my_client", "system"],
    )
    result, asked = call(
        "register_webhook",
        {"id": "wh-1"},
        **WEBHOOK,
        filters=filters,
        additional_data=["chat_properties"],
        description="Echo",
    )
    assert result == RegisteredWebhook(id="wh-1")
    ((url, body),) = asked
    assert url == "https://api.livechatinc.com/v3.6/configuration/action/register_webhook"
    assert body == {
        **WEBHOOK,
        "filters": {
            "author_type": "customer",
            "only_my_chats": True,
            "chat_presence": {"user_ids": {"values": ["ann"]}, "my_bots": True},
            "source_type": ["my_client", "system"],
        },
        "additional_data": ["chat_properties"],
        "description": "Echo",
    }


def test_webhooks_are_listed() -> None:
    response = {
        "id": "wh-1",
        "url": "https://bot.test/",
        "description": "Echo",
        "action": "chat_deactivated",
        "filters": {"chat_presence": {"user_ids": {"exclude_values": ["ann"]}, "my_bots": True}},
        "owner_client_id": "client",
        "type": "bot",
        "secret_of_the_future": None,
    }
    (webhook,), asked = call("list_webhooks", [response], owner_client_id="client")
    assert asked[0][1] == {"owner_client_id": "client"}
    assert (webhook.id, webhook.action, webhook.type) == ("wh-1", "chat_deactivated", "bot")
    assert webhook.filters.chat_presence.user_ids.exclude_values == ["ann"]


def test_the_other_methods() -> None:
    result, asked = call("unregister_webhook", {}, id="wh-1", owner_client_id="client")
    assert result is None
    assert asked[0][1] == {"id": "wh-1", "owner_client_id": "client"}
    response = [{"action": "agent_deleted", "filters": ["source_type"]}]
    result, asked = call("list_webhook_names", response, version="3.6")
    assert result == [WebhookName(action="agent_deleted", filters=["source_type"])]
    for name in ("enable_license_webhooks", "disable_license_webhooks"):
        result, asked = call(name, {})
        assert result is None
        assert asked == [(f"https://api.livechatinc.com/v3.6/configuration/action/{name}", {})]
    result, asked = call(
        "get_license_webhooks_state", {"license_webhooks_enabled": False}, owner_client_id="client"
    )
    assert result == LicenseWebhooksState(license_webhooks_enabled=False)


def test_the_limit_of_three() -> None:
    error = {"error": {"type": "limit_reached", "message": "Limit reached"}}
    client = ConfigurationClient("dal:token", transport=Server(error, 400))
    with pytest.raises(LimitReached):
        client.register_webhook(**WEBHOOK)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"action": "thread_pinned"}, "action"),
        ({"url": ""}, "url"),
        ({"url": "https://bot.test/" + "x" * 484}, "url"),
        ({"url": "bot.test/webhooks"}, "url"),
        ({"url": "ftp://bot.test/"}, "url"),
        ({"url": "https:///webhooks"}, "url"),
        ({"url": "https://bot.test:0/"}, "url"),
        ({"url": "https://bot.test:99999/"}, "url"),
        ({"url": "https://bot.test/a b"}, "url"),
        ({"url": "https://bot.test/\n"}, "url"),
        ({"url": "https://[::1"}, "url"),
        ({"url": 7}, "url"),
        ({"secret_key": ""}, "secret_key"),
        ({"owner_client_id": ""}, "owner_client_id"),
        ({"type": "global"}, "type"),
        ({"additional_data": ["chat_tags"]}, "additional_data"),
        ({"action": "agent_deleted", "additional_data": ["chat_properties"]}, "additional_data"),
        (
            {"action": "chat_deactivated", "filters": WebhookFilters(author_type="agent")},
            "filters.author_type",
        ),
        (
            {"action": "agent_created", "filters": WebhookFilters(only_my_chats=True)},
            "filters.only_my_chats",
        ),
        ({"filters": WebhookFilters(agent_ids=["a@b.test"])}, "filters.agent_ids"),
    ],
)
def test_what_the_api_would_refuse_is_not_sent(change: dict[str, Any], field: str) -> None:
    server = Server({"id": "wh-1"})
    with pytest.raises(InvalidArgument) as caught:
        ConfigurationClient("dal:token", transport=server).register_webhook(**{**WEBHOOK, **change})
    assert caught.value.field.startswith(field)
    assert server.asked == []


def test_a_url_of_500_characters_is_sent() -> None:
    url = "https://bot.test/" + "x" * 483
    _, asked = call("register_webhook", {"id": "wh-1"}, **{**WEBHOOK, "url": url})
    assert asked[0][1]["url"] == url


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"values": ["a"], "exclude_values": ["b"]},
        {"values": []},
        {"values": [""]},
    ],
)
def test_either_users_or_other_users(wrong: dict[str, Any]) -> None:
    with pytest.raises(InvalidArgument):
        UserIdsFilter(**wrong)


def test_the_secret_is_not_shown() -> None:
    rich = pytest.importorskip("rich.pretty")
    action = RegisterWebhook(**WEBHOOK)
    for shown in (repr(action), rich.pretty_repr(action)):
        assert WEBHOOK["secret_key"] not in shown
        assert WEBHOOK["url"] in shown


def test_every_webhook_can_be_registered() -> None:
    assert set(WEBHOOK_FILTERS) == set(PAYLOADS)


def test_the_registries_are_apart() -> None:
    both = set(ACTIONS) & set(CONFIGURATION_ACTIONS)
    assert both == {"ban_customer"}
    assert not {ACTIONS[name] for name in both} & {CONFIGURATION_ACTIONS[name] for name in both}
    assert {action.spec.api for action in CONFIGURATION_ACTIONS.values()} == {"configuration"}
    for name in CONFIGURATION_ACTIONS:
        assert hasattr(ConfigurationClient, name)
        assert hasattr(frontdesk.AgentClient, name) == (name in both)


def test_declarations_are_as_documented() -> None:
    documented = spec("webhooks")
    assert {hook["name"]: set(hook["filters"]) for hook in documented["webhooks"]} == {
        name: set(filters) for name, filters in WEBHOOK_FILTERS.items()
    }
    methods = documented["registration"]["methods"]
    assert set(methods) == OF_WEBHOOKS
    for name, method in methods.items():
        action = CONFIGURATION_ACTIONS[name]
        assert set(action.spec.scopes.names) == set(method["scopes"])
        fields = {field.encode_name: field.required for field in msgspec.structs.fields(action)}
        required = {
            field["path"]: field["required"] is True
            for field in method["request"]
            if "." not in field["path"]
        }
        assert fields == required


@pytest.mark.parametrize("kind", ["requests", "responses"])
def test_samples(kind: str) -> None:
    paths = [p for p in samples(f"configuration/{kind}") if p.stem in OF_WEBHOOKS]
    assert paths
    for path in paths:
        action = CONFIGURATION_ACTIONS[path.stem]
        raw = json.loads(path.read_text(encoding="utf-8"))
        type_ = action if kind == "requests" else action.spec.returns
        value = frontdesk.decode(json.dumps(raw), type_)
        if type_ is not None:
            assert json.loads(frontdesk.encode(value)) == raw
