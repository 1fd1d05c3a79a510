"""The sandbox registers webhooks and delivers them as LiveChat does."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from livechat.webhooks.parser import parse_webhook

from frontdesk import InvalidArgument, LimitReached, NotFound, UnsupportedVersion, ValidationError
from frontdesk.errors import AuthorizationError
from frontdesk.models import (
    ChatPresenceFilter,
    Message,
    RichMessage,
    RichMessageButton,
    RichMessageElement,
    RichMessagePostback,
    UserIdsFilter,
    WebhookFilters,
)
from frontdesk.models import (
    Target as TransferTo,
)
from frontdesk.sandbox import Sandbox
from frontdesk.sandbox.company import BOT_ID, CLIENT_ID
from frontdesk.webhooks import PAYLOADS, RoutingStatusSet, Webhook, parse

from ._target import Target

OWNER = "c0ffee00c0ffee00c0ffee00c0ffee00"
Register = Callable[..., str]


@pytest.fixture
def target() -> Iterator[Target]:
    made = Target()
    yield made
    made.close()


@pytest.fixture
def register(sandbox: Sandbox, target: Target) -> Register:
    client = sandbox.configuration_client()

    def register(action: Any, **options: Any) -> str:
        arguments: dict[str, Any] = {
            "url": target.url,
            "secret_key": "open-sesame",
            "owner_client_id": OWNER,
            "type": "license",
            **options,
        }
        return client.register_webhook(action=action, **arguments).id

    return register


def settled(sandbox: Sandbox) -> None:
    sandbox.webhooks.settle(10)


def test_a_webhook_arrives(sandbox: Sandbox, target: Target, register: Register) -> None:
    webhook_id = register("incoming_event")
    ann = sandbox.customer("Ann")
    ann.start_chat()
    ann.say("hello")
    settled(sandbox)
    (webhook,) = target.got
    assert webhook["webhook_id"] == webhook_id
    assert webhook["secret_key"] == "open-sesame"
    assert webhook["organization_id"] == "390e44e6-f1e6-0368c-z6ddb-74g14508c2ex"
    assert webhook["additional_data"] == {}
    assert webhook["payload"]["chat_id"] == ann.chat_id
    assert webhook["payload"]["event"]["text"] == "hello"
    assert target.sent_headers["content-type"] == "application/json"
    assert sandbox.webhooks.counts.delivered == 1


def test_additional_data_when_it_was_asked_for(
    sandbox: Sandbox, target: Target, register: Register
) -> None:
    register("incoming_event", additional_data=["chat_properties", "chat_presence_user_ids"])
    register("incoming_event", additional_data=["chat_presence_user_ids"])
    ann = sandbox.customer("Ann")
    chat_id = ann.start_chat()
    sandbox.client().update_chat_properties(id=chat_id, properties={"test": {"int_property": 7}})
    ann.say("hello")
    settled(sandbox)
    everything, users = (webhook["additional_data"] for webhook in target.got)
    if "chat_properties" not in everything:
        everything, users = users, everything
    assert everything["chat_properties"]["test"] == {"int_property": 7}
    assert set(users) == {"chat_presence_user_ids"}
    assert ann.id in users["chat_presence_user_ids"]
    assert set(users["chat_presence_user_ids"]) == set(everything["chat_presence_user_ids"])


def the_story(sandbox: Sandbox) -> None:
    """Things that customers, agents, routing and the clock do."""
    owner = sandbox.client()
    ann = sandbox.customer("Ann")
    chat_id = ann.start_chat()
    thread_id = ann.thread_id or ""
    sent = ann.say("hello")
    bring(sandbox, "smith@example.com", chat_id)
    owner.update_chat_properties(id=chat_id, properties={"test": {"bool_property": True}})
    owner.delete_chat_properties(id=chat_id, properties={"test": ["bool_property"]})
    where = {"chat_id": chat_id, "thread_id": thread_id}
    owner.update_thread_properties(**where, properties={"test": {"int_property": 1}})
    owner.delete_thread_properties(**where, properties={"test": ["int_property"]})
    event = {**where, "event_id": sent.id}
    owner.update_event_properties(**event, properties={"test": {"string_property": "x"}})
    owner.delete_event_properties(**event, properties={"test": ["string_property"]})
    owner.tag_thread(**where, tag="support")
    owner.untag_thread(**where, tag="support")
    owner.mark_events_as_seen(chat_id=chat_id, seen_up_to=sandbox.now)
    owner.update_customer(id=ann.id, session_fields=[{"plan": "gold"}])
    owner.set_routing_status(agent_id="brown@example.com", status="not_accepting_chats")
    owner.transfer_chat(
        id=chat_id,
        target=TransferTo(type="group", ids=[1]),
        ignore_agents_availability=True,
        ignore_requester_presence=True,
    )
    owner.deactivate_chat(id=chat_id, ignore_requester_presence=True)


def bring(sandbox: Sandbox, agent_id: str, chat_id: str) -> None:
    """Have an agent in the chat."""
    chat = sandbox.client().get_chat(chat_id=chat_id)
    if not any(user.id == agent_id and user.present for user in chat.users or []):
        sandbox.client().add_user_to_chat(
            chat_id=chat_id,
            user_id=agent_id,
            user_type="agent",
            visibility="all",
            ignore_requester_presence=True,
        )


CAUSED = {
    "incoming_chat",
    "chat_deactivated",
    "chat_access_updated",
    "chat_transferred",
    "user_added_to_chat",
    "user_removed_from_chat",
    "incoming_event",
    "chat_properties_updated",
    "chat_properties_deleted",
    "thread_properties_updated",
    "thread_properties_deleted",
    "event_properties_updated",
    "event_properties_deleted",
    "thread_tagged",
    "thread_untagged",
    "routing_status_set",
    "customer_session_fields_updated",
    "events_marked_as_seen",
}


def test_what_happens_is_told_typed_and_in_order(
    sandbox: Sandbox, target: Target, register: Register
) -> None:
    for action in PAYLOADS:
        register(action)
    the_story(sandbox)
    settled(sandbox)
    assert set(target.actions) >= CAUSED
    for raw in target.got:
        webhook = parse(json.dumps(raw).encode())
        assert isinstance(webhook, Webhook)
        assert type(webhook.payload) is PAYLOADS[webhook.action]
    chat = [action for action in target.actions if action != "routing_status_set"]
    assert chat[0] == "incoming_chat"
    assert chat[-1] in {"chat_deactivated", "user_removed_from_chat", "incoming_event"}
    assert chat.index("thread_tagged") < chat.index("thread_untagged")


def test_every_webhook_of_a_chat_has_what_was_asked_for(
    sandbox: Sandbox, target: Target, register: Register
) -> None:
    for action in CAUSED:
        register(action, additional_data=["chat_properties", "chat_presence_user_ids"])
    the_story(sandbox)
    settled(sandbox)
    for webhook in target.got:
        about_a_chat = webhook["action"] != "routing_status_set"
        asked = {"chat_properties", "chat_presence_user_ids"} if about_a_chat else set()
        assert set(webhook["additional_data"]) == asked, webhook["action"]


def test_buttons_and_summaries_are_told(
    sandbox: Sandbox, target: Target, register: Register
) -> None:
    for action in ("incoming_rich_message_postback", "thread_summary_set"):
        register(action)
    ann = sandbox.customer("Ann")
    chat_id = ann.start_chat()
    bring(sandbox, "smith@example.com", chat_id)
    client = sandbox.client()
    button = RichMessageButton(
        type="message", text="Yes", value="yes", postback_id="yes", user_ids=[]
    )
    cards = RichMessage(template_id="cards", elements=[RichMessageElement(buttons=[button])])
    sent = client.send_event(chat_id=chat_id, event=cards)
    ann.press(sent.event_id, RichMessagePostback(id="yes", toggled=True))
    ann.say("Thank you!")
    client.deactivate_chat(id=chat_id)
    client.request_thread_summary(chat_id=chat_id, thread_id=ann.thread_id or "")
    sandbox.advance(60)
    settled(sandbox)
    assert target.actions == ["incoming_rich_message_postback", "thread_summary_set"]


def test_the_official_parser_takes_what_the_sandbox_sends(
    sandbox: Sandbox, target: Target, register: Register
) -> None:
    for action in CAUSED:
        register(action)
    the_story(sandbox)
    settled(sandbox)
    for raw in target.got:
        if raw["action"].startswith("user_") and "requester_id" not in raw["payload"]:
            continue  # the router did it, and the official class has no default for it
        assert parse_webhook(raw).action == raw["action"]


def test_routing_statuses_have_spaces(sandbox: Sandbox, target: Target, register: Register) -> None:
    register("routing_status_set")
    sandbox.client().set_routing_status(agent_id="brown@example.com", status="not_accepting_chats")
    settled(sandbox)
    payload = parse(json.dumps(target.got[0])).payload
    assert isinstance(payload, RoutingStatusSet)
    assert payload.status == "not accepting chats"
    assert payload.routing_status == "not_accepting_chats"


def test_timers_cause_webhooks(sandbox: Sandbox, target: Target, register: Register) -> None:
    register("chat_deactivated")
    sandbox.customer("Ann").say("hello")
    sandbox.advance(24 * 3600)
    settled(sandbox)
    assert target.actions == ["chat_deactivated"]
    assert "user_id" not in target.got[0]["payload"]


def test_following_a_chat_causes_no_webhook(
    sandbox: Sandbox, target: Target, register: Register
) -> None:
    register("incoming_chat")
    chat_id = sandbox.customer("Ann").start_chat()
    settled(sandbox)
    assert "requester_id" not in target.got[0]["payload"]
    sandbox.client("agent").follow_chat(id=chat_id)
    sandbox.client().transfer_chat(
        id=chat_id,
        target=TransferTo(type="agent", ids=["brown@example.com"]),
        ignore_agents_availability=True,
        ignore_requester_presence=True,
    )
    settled(sandbox)
    assert len(target.got) == 1


@pytest.mark.parametrize(
    ("filters", "told"),
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
    told: list[str],
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
    assert texts == told


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
    ann.say("told")
    settled(sandbox)
    assert [webhook["payload"]["event"]["text"] for webhook in target.got] == ["told"]
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
    answer = sandbox.backend.answer("POST", path, {}, b"{}")
    assert answer.status == 200
    assert len(json.loads(answer.body)) == 38
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
    ann.say("told")
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

    async def elsewhere(self: Any, host: str, port: int = 0, family: int = 0) -> list[Any]:
        return [
            {
                "hostname": host,
                "host": "10.0.0.7",
                "port": port,
                "family": 2,
                "proto": 6,
                "flags": 4,
            }
        ]

    monkeypatch.setattr("aiohttp.ThreadedResolver.resolve", elsewhere)
    register("incoming_event", url="http://x.localhost:8080/")
    ann = sandbox.customer("Ann")
    ann.start_chat()
    ann.say("hello")
    settled(sandbox)
    (delivery,) = sandbox.webhooks.all()
    assert delivery.attempts[0].error == "x.localhost is not allowed"


def test_failures_are_repeated_within_a_minute(
    sandbox: Sandbox, target: Target, register: Register
) -> None:
    register("incoming_event")
    target.answer = lambda webhook: 500 if len(target.got) < 3 else 200
    ann = sandbox.customer("Ann")
    ann.start_chat()
    ann.say("hello")
    settled(sandbox)
    assert len(target.got) == 1
    sandbox.advance(6)
    settled(sandbox)
    assert len(target.got) == 2
    sandbox.advance(20)
    settled(sandbox)
    assert len(target.got) == 3
    assert len({json.dumps(webhook) for webhook in target.got}) == 1
    (delivery,) = sandbox.webhooks.all("delivered")
    assert [attempt.status for attempt in delivery.attempts] == [500, 500, 200]
    counts = sandbox.webhooks.counts
    assert (counts.delivered, counts.repeats, counts.dead, counts.waiting) == (1, 2, 0, 0)


@pytest.mark.parametrize("status", [201, 204, 301, 302, 400, 404, 500, 503, None])
def test_only_200_is_success(
    sandbox: Sandbox, target: Target, register: Register, status: int | None
) -> None:
    register("incoming_event")
    target.answer = lambda webhook: status
    target.headers = {"location": target.url + "/elsewhere"}
    ann = sandbox.customer("Ann")
    ann.start_chat()
    ann.say("hello")
    settled(sandbox)
    sandbox.advance(60)
    settled(sandbox)
    assert target.paths == ["/webhooks"] * 4
    (dead,) = sandbox.webhooks.dead_letters()
    assert len(dead.attempts) == 4
    assert {attempt.status for attempt in dead.attempts} == {status}
    assert all(bool(attempt.error) == (status is None) for attempt in dead.attempts)
    assert sandbox.webhooks.counts.dead == 1


def test_nobody_listens(sandbox: Sandbox, target: Target, register: Register) -> None:
    register("incoming_event")
    target.close()
    ann = sandbox.customer("Ann")
    ann.start_chat()
    ann.say("hello")
    settled(sandbox)
    (waiting,) = sandbox.webhooks.all("waiting")
    assert "no connection" in (waiting.attempts[0].error or "")


def test_an_attempt_has_ten_seconds_of_the_sandbox(
    sandbox: Sandbox, target: Target, register: Register
) -> None:
    register("incoming_event")
    came, release = threading.Event(), threading.Event()

    def hang(webhook: Any) -> int:
        came.set()
        release.wait(10)
        return 200

    target.answer = hang
    ann = sandbox.customer("Ann")
    ann.start_chat()
    ann.say("hello")
    assert came.wait(10)
    sandbox.advance(11)
    deadline = time.monotonic() + 10
    while not sandbox.webhooks.all()[0].attempts and time.monotonic() < deadline:
        threading.Event().wait(0.01)
    assert sandbox.webhooks.all()[0].attempts[0].error == "no answer within 10 s"
    release.set()


def test_order_is_kept_within_a_chat_and_others_go_on(
    sandbox: Sandbox, target: Target, register: Register
) -> None:
    for action in ("incoming_event", "thread_tagged", "thread_untagged"):
        register(action)
    ann, bob = sandbox.customer("Ann"), sandbox.customer("Bob")
    ann.start_chat()
    bob.start_chat()
    settled(sandbox)
    target.got.clear()
    target.answer = lambda webhook: 500 if webhook["payload"]["chat_id"] == ann.chat_id else 200
    for customer in (ann, bob):
        customer.say("one")
        where = {"chat_id": customer.chat_id or "", "thread_id": customer.thread_id or ""}
        sandbox.client().tag_thread(**where, tag="support")
        sandbox.client().untag_thread(**where, tag="support")
    settled(sandbox)
    of_bob = [one for one in target.got if one["payload"]["chat_id"] == bob.chat_id]
    of_ann = [one for one in target.got if one["payload"]["chat_id"] == ann.chat_id]
    in_order = ["incoming_event", "thread_tagged", "thread_untagged"]
    assert [one["action"] for one in of_bob] == in_order
    assert [one["action"] for one in of_ann] == ["incoming_event"]
    target.answer = lambda webhook: 200
    sandbox.advance(6)
    settled(sandbox)
    of_ann = [one for one in target.got if one["payload"]["chat_id"] == ann.chat_id]
    assert [one["action"] for one in of_ann] == ["incoming_event", *in_order]


def test_calls_do_not_wait_for_deliveries(
    sandbox: Sandbox, target: Target, register: Register
) -> None:
    register("incoming_event")
    release = threading.Event()
    target.answer = lambda webhook: 200 if release.wait(10) else 500
    ann = sandbox.customer("Ann")
    ann.start_chat()
    began = time.monotonic()
    for n in range(20):
        ann.say(str(n))
    assert time.monotonic() - began < 5
    assert sandbox.webhooks.counts.waiting == 20
    release.set()
    settled(sandbox)
    assert [one["payload"]["event"]["text"] for one in target.got] == list(map(str, range(20)))


def test_resetting_forgets_webhooks(sandbox: Sandbox, target: Target, register: Register) -> None:
    register("incoming_event")
    target.answer = lambda webhook: 500
    ann = sandbox.customer("Ann")
    ann.start_chat()
    ann.say("hello")
    settled(sandbox)
    sandbox.reset()
    assert sandbox.webhooks.all() == []
    sandbox.customer("Ann").say("not told")
    settled(sandbox)
    assert len(target.got) == 1


def test_registrations_outlive_the_process(tmp_path: Any, target: Target) -> None:
    with Sandbox("empty", db=tmp_path / "world.db") as sandbox:
        sandbox.configuration_client().register_webhook(
            action="incoming_chat",
            url=target.url,
            secret_key="open-sesame",
            owner_client_id=OWNER,
            type="license",
            filters=WebhookFilters(source_type=["other_clients", "system"]),
        )
    with Sandbox("empty", db=tmp_path / "world.db") as sandbox:
        sandbox.customer("Ann").start_chat()
        settled(sandbox)
    assert target.actions == ["incoming_chat"]


def test_control_lists_registrations_and_deliveries(served: Sandbox, target: Target) -> None:
    import urllib.request

    def control(path: str, method: str = "GET") -> Any:
        request = urllib.request.Request(f"{served.url}/__sandbox__/{path}", method=method)
        with urllib.request.urlopen(request, timeout=10) as answer:
            text = answer.read().decode()
        assert "open-sesame" not in text
        return json.loads(text)

    served.configuration_client().register_webhook(
        action="incoming_event",
        url=target.url,
        secret_key="open-sesame",
        owner_client_id=OWNER,
        type="license",
    )
    ann = served.customer("Ann")
    ann.start_chat()
    ann.say("delivered")
    settled(served)
    target.answer = lambda webhook: 500
    ann.say("dead")
    settled(served)
    served.advance(60)
    settled(served)
    assert control("webhooks")["webhooks"][0]["url"] == target.url
    listed = control("deliveries")
    assert listed["counts"] == {"waiting": 0, "delivered": 1, "repeats": 3, "dead": 1}
    assert [one["state"] for one in listed["deliveries"]] == ["delivered", "dead"]
    (dead,) = control("deliveries?state=dead")["deliveries"]
    assert dead["webhook"]["payload"]["event"]["text"] == "dead"
    assert [attempt["status"] for attempt in dead["attempts"]] == [500] * 4
    control("deliveries", "DELETE")
    assert control("deliveries")["deliveries"] == []


def test_secrets_are_not_shown(sandbox: Sandbox, target: Target, register: Register) -> None:
    register("incoming_event")
    ann = sandbox.customer("Ann")
    ann.start_chat()
    ann.say("hello")
    settled(sandbox)
    (delivery,) = sandbox.webhooks.all()
    assert "open-sesame" not in repr(delivery)
    assert "secret_key" not in delivery.webhook
    assert "open-sesame" not in repr(sandbox.backend.world.store.company.webhooks)
    assert "open-sesame" not in str(sandbox.calls())
