"""What the other versions of the API have, and what they lack."""

import json

import pytest

from frontdesk.actions import (
    DeactivateChat,
    GetCustomer,
    RequestThreadSummary,
    ResumeChat,
    SendEvent,
    UpdateCustomer,
)
from frontdesk.errors import ValidationError
from frontdesk.sandbox.calls.versions import converted, encode_for, request_of
from frontdesk.sandbox.world.chats import outside_api
from frontdesk.sandbox.world.people import customers

from .._desk import call_web


@pytest.mark.parametrize(
    ("version", "headers"),
    [("3.4", ["Deprecation"]), ("3.5", ["Legacy"]), ("3.6", []), ("3.7", [])],
)
def test_old_versions_tell_their_stage(http, version, headers):
    response = http("start_chat", version=version)
    assert response.status == 200
    assert [name for name, _ in response.headers] == headers
    assert all(len(day) == len("2027-02-28") for _, day in response.headers)


@pytest.mark.parametrize("version", ["3.3", "3.8", "2.0", "36.0"])
def test_other_versions_are_not_supported(http, version):
    status, type_, message = http.error("start_chat", version=version)
    assert (status, type_) == (400, "unsupported_version")
    assert message == f"version {version} is not served; 3.4, 3.5, 3.6, 3.7 are"


@pytest.mark.parametrize("header", ["3.6", "v3.6"])
def test_the_version_may_stand_in_the_header(sandbox, header):
    headers = {"authorization": sandbox.tokens["owner"], "x-api-version": header}
    assert sandbox.backend.respond("POST", "/agent/action/start_chat", headers).status == 200


@pytest.mark.parametrize("header", [None, "latest"])
def test_some_version_is_required(sandbox, header):
    headers = {"authorization": sandbox.tokens["owner"]}
    if header:
        headers["x-api-version"] = header
    response = sandbox.backend.respond("POST", "/agent/action/start_chat", headers)
    assert json.loads(response.body)["error"]["type"] == "unsupported_version"


def test_methods_come_with_a_version(http):
    assert http.error("request_thread_summary", version="3.5") == (
        404,
        "not_found",
        "`request_thread_summary` exists from version 3.6 on",
    )


def test_methods_go_with_a_version(http):
    assert http.error("create_customer", {"name": "Ann"}) == (
        404,
        "not_found",
        "`create_customer` exists up to version 3.5",
    )
    created = http.ok("create_customer", {"name": "Ann"}, version="3.5")
    assert http.ok("get_customer", {"id": created["customer_id"]})["name"] == "Ann"


def test_a_bot_may_be_the_author_up_to_3_5(http):
    bot_id = http.ok("list_routing_statuses")
    bot_id = next(agent["agent_id"] for agent in bot_id if "@" not in agent["agent_id"])
    chat_id = http.ok("start_chat", {"continuous": True}, version="3.5")["chat_id"]
    added = {"chat_id": chat_id, "user_id": bot_id, "user_type": "agent", "visibility": "all"}
    http.ok("add_user_to_chat", added)
    event = {"chat_id": chat_id, "event": {"type": "message", "text": "beep"}}
    for version in ("3.5", "3.6"):
        http.ok("send_event", event, version=version, headers={"x-author-id": bot_id})
    events = http.ok("get_chat", {"chat_id": chat_id})["thread"]["events"]
    authors = [event["author_id"] for event in events if event["type"] == "message"]
    assert authors == [bot_id, "smith@example.com"]


def test_an_unknown_author_is_refused(http):
    status, type_, message = http.error(
        "start_chat", version="3.5", headers={"x-author-id": "smith@example.com"}
    )
    assert (status, type_) == (400, "validation")
    assert message.startswith("`X-Author-Id`")


@pytest.mark.parametrize(("both", "active"), [(True, None), (False, False)])
def test_include_active_becomes_active(both, active):
    body = json.dumps({"filters": {"include_active": both}, "limit": 1}).encode()
    assert json.loads(request_of((3, 5), "list_chats", body)) == {
        "filters": {"active": active},
        "limit": 1,
    }


def test_include_active_must_be_a_boolean():
    with pytest.raises(ValidationError, match="include_active` must be"):
        request_of((3, 5), "list_chats", b'{"filters":{"include_active":"yes"}}')


@pytest.mark.parametrize("body", [b"{", b"[]", b'{"filters":null,"include_active":1}'])
def test_requests_that_are_otherwise_wrong_pass_on_unchanged(body):
    assert request_of((3, 5), "list_chats", body).replace(b" ", b"") == body


def test_a_visit_was_the_last_visit_before_3_6():
    response = {
        "users": [{"type": "customer", "visit": {"ip": "::1"}}, {"type": "agent", "visit": 1}],
        "visit": "other",
    }
    assert json.loads(encode_for((3, 5), response)) == {
        "users": [{"type": "customer", "last_visit": {"ip": "::1"}}, {"type": "agent", "visit": 1}],
        "visit": "other",
    }


def test_chat_summaries_are_chat_infos_in_3_7():
    last = {"thread_id": "T", "thread_created_at": "2026-01-01T00:00:00Z", "event": {"id": "T_1"}}
    response = {
        "chats_summary": [
            {
                "id": "C",
                "last_thread_summary": {"id": "T"},
                "last_event_per_type": {"message": last},
            },
            {"id": "EMPTY"},
        ],
        "found_chats": 2,
    }
    assert json.loads(encode_for((3, 7), response)) == {
        "chats_info": [
            {
                "id": "C",
                "last_thread_info": {
                    "id": "T",
                    "last_event_per_type": {"message": {"event": {"id": "T_1"}}},
                },
            },
            {"id": "EMPTY"},
        ],
        "found_chats": 2,
    }


@pytest.mark.filterwarnings("default::frontdesk.DeprecatedVersionWarning")
def test_the_client_reads_chat_infos(sandbox):
    sandbox.customer("Ann").say("hello")
    page = sandbox.client(version="3.7").list_chats()
    newest = page.chats_summary[0]
    assert newest.last_thread_summary is not None
    assert newest.last_event_per_type["message"].event.text == "hello"


@pytest.mark.parametrize("version", ["3.4", "3.5", "3.6", "3.7"])
def test_include_active_is_an_alias_in_all_versions(http, version):
    closed = http.ok("start_chat", {"active": False})["chat_id"]
    active = http.ok("start_chat", {"continuous": True})["chat_id"]

    def listed(**filters):
        page = http.ok("list_chats", {"filters": filters, "limit": 100}, version=version)
        chats = page["chats_info" if version == "3.7" else "chats_summary"]
        return {chat["id"] for chat in chats} & {closed, active}

    assert listed(include_active=False) == {closed}
    assert listed(include_active=True) == {closed, active}
    if version in ("3.6", "3.7"):
        assert listed(include_active=False, active=True) == {active}
    else:
        assert listed(active=True) == {closed, active}


class TestNothingOf36InOlderVersions:
    """What came with 3.6 is in no response, push or webhook of 3.4 and 3.5."""

    NEW = (
        "address",
        "carts",
        "customer_visit",
        "ecommerce",
        "omnichannel",
        "phone_number",
        "summary",
        "tickets",
        "visit",
    )

    @pytest.fixture
    def chat(self, desk):
        """A chat with everything in it that 3.6 brought."""
        customer = desk.customer("Ann", email="ann@example.com", phone_number="+48123456789")
        view = customers.PageView(url="https://x.example", ip="1.2.3.4", user_agent="Browser")
        desk.unit(lambda world: customers.visit(world, customers.find(world, customer), view))
        desk.call(UpdateCustomer(id=customer, address={"city": "Wrocław"}))
        desk.call(UpdateCustomer(id=customer, omnichannel={"twilio": {"phone_number": "+1"}}))
        chat_id = desk.start_with(customer, text="hello")
        thread_id = desk.chat(chat_id).thread.id
        desk.call(RequestThreadSummary(chat_id=chat_id, thread_id=thread_id))
        desk.advance(seconds=5)
        shop = {
            "type": "rich_message",
            "template_id": "ecommerce",
            "elements": [{"title": "Shoe", "ecommerce": {"view_type": "tags", "product_id": "1"}}],
        }
        desk.call(SendEvent(chat_id=chat_id, event=shop))
        custom = {"type": "custom", "content": {"type": "customer", "visit": 1, "summary": 2}}
        desk.call(SendEvent(chat_id=chat_id, event=custom))
        deleted = desk.write(chat_id, "to be deleted")
        desk.unit(lambda world: outside_api.delete_event(world, deleted))
        desk.call(DeactivateChat(id=chat_id))
        desk.call(RequestThreadSummary(chat_id=chat_id, thread_id=thread_id))
        desk.advance(seconds=5)
        return chat_id, thread_id, customer

    def bodies(self, desk, chat, version):
        chat_id, _, customer = chat
        for method, request in (
            ("get_chat", {"chat_id": chat_id}),
            ("list_threads", {"chat_id": chat_id}),
            ("list_chats", {"limit": 1}),
            ("list_archives", {"limit": 1}),
            ("get_customer", {"id": customer}),
        ):
            response = call_web(desk, method, request, version)
            assert response.status == 200
            yield method, json.loads(response.body)

    def fields(self, value):
        """Names of all members, but those of the content of custom events."""
        if isinstance(value, list):
            return {name for item in value for name in self.fields(item)}
        if not isinstance(value, dict):
            return set()
        return set(value).union(
            *(self.fields(part) for name, part in value.items() if name != "content")
        )

    def test_the_chat_has_it_in_3_6(self, desk, chat):
        found = set()
        for _, body in self.bodies(desk, chat, "3.6"):
            found |= self.fields(body)
        assert set(self.NEW) - found <= {"carts", "tickets"}
        assert {"deleted", "subtype"} <= found

    @pytest.mark.parametrize("version", ["3.4", "3.5"])
    def test_responses(self, desk, chat, version):
        for method, body in self.bodies(desk, chat, version):
            found = self.fields(body)
            assert not found & {*self.NEW, "deleted", "subtype"}, method
            assert '"system"' not in json.dumps(body)
            if method != "get_customer":
                assert found & {"last_visit"} or method == "list_threads"

    @pytest.mark.parametrize("version", ["3.4", "3.5"])
    def test_what_is_the_users_own_stays(self, desk, chat, version):
        body = json.loads(call_web(desk, "get_chat", {"chat_id": chat[0]}, version).body)
        (custom,) = [event for event in body["thread"]["events"] if event["type"] == "custom"]
        assert custom["content"] == {"type": "customer", "visit": 1, "summary": 2}

    @pytest.mark.parametrize("version", ["3.4", "3.5"])
    @pytest.mark.parametrize(
        "filters",
        [
            {"customer_id": "nobody"},
            {"customer_email": "nobody@example.com"},
            {"chat_ids": []},
            {"agent_types": {"all_values": ["ai_agent"]}},
        ],
    )
    def test_filters_are_not_known(self, desk, version, filters):
        def found(version):
            return json.loads(call_web(desk, "list_archives", {"filters": filters}, version).body)[
                "found_chats"
            ]

        assert found("3.6") == 0
        assert found(version) > 0

    def test_countries_are_a_filter_since_3_5(self, desk):
        request = {"filters": {"customer_countries": {"values": ["XX"]}}}

        def found(version):
            return json.loads(call_web(desk, "list_archives", request, version).body)["found_chats"]

        assert found("3.4") > 0
        assert found("3.5") == found("3.6") == 0

    @pytest.mark.parametrize("version", ["3.4", "3.5"])
    def test_fields_of_customers_cannot_be_set(self, desk, version):
        customer = desk.customer("Ann")
        new = {"phone_number": "+48123456789", "address": {"city": "X"}, "omnichannel": {}}
        response = call_web(desk, "update_customer", {"id": customer, **new}, version)
        assert (response.status, b"at least one" in response.body) == (400, True)
        request = {"id": customer, "name": "Anna", **new}
        assert call_web(desk, "update_customer", request, version).status == 200
        shown = desk.call(GetCustomer(id=customer))
        assert (shown.name, shown.phone_number, shown.address) == ("Anna", None, None)

    @pytest.mark.parametrize("version", ["3.4", "3.5"])
    def test_shop_messages_cannot_be_sent(self, desk, version):
        chat_id = desk.start()
        element = {"title": "Shoe", "ecommerce": {"view_type": "tags", "product_id": "1"}}
        event = {"type": "rich_message", "template_id": "cards", "elements": [element]}
        request = {"chat_id": chat_id, "event": event}
        assert call_web(desk, "send_event", request, version).status == 200
        stored = json.loads(call_web(desk, "get_chat", {"chat_id": chat_id}).body)
        assert stored["thread"]["events"][0]["elements"] == [{"title": "Shoe"}]
        event["template_id"] = "ecommerce"
        response = call_web(desk, "send_event", request, version)
        assert response.status == 400
        assert b"`event.template_id` must be one of" in response.body
        request = {"chat": {"id": "C", "thread": {"events": [event]}}, "continuous": True}
        for method in ("start_chat", "resume_chat"):
            response = call_web(desk, method, request, version)
            assert b"`chat.thread.events[0].template_id`" in response.body

    @pytest.mark.parametrize(
        ("push", "content", "older"),
        [
            ("customer_updated", {"id": "I", "type": "customer", "phone_number": "+1"}, None),
            (
                "customer_updated",
                {"id": "I", "type": "customer", "phone_number": "+1", "name": "A"},
                {"id": "I", "type": "customer", "name": "A"},
            ),
            (
                "incoming_event",
                {"chat_id": "C", "event": {"type": "system", "subtype": "summary"}},
                None,
            ),
            (
                "incoming_rich_message_postback",
                {
                    "postback": {
                        "id": "p",
                        "toggled": True,
                        "button_type": "url",
                        "button_value": "https://x.example",
                        "ecommerce": {},
                    }
                },
                {"postback": {"id": "p", "toggled": True}},
            ),
            (
                "agent_disconnected",
                {"reason": "role_permissions_changed"},
                {"reason": "internal_error"},
            ),
            ("agent_disconnected", {"reason": "license_expired"}, {"reason": "license_expired"}),
        ],
    )
    def test_pushes(self, push, content, older):
        for version in ((3, 4), (3, 5)):
            data = converted(version, json.dumps(content).encode(), push)
            assert (None if data is None else json.loads(data)) == older
        assert json.loads(converted((3, 6), json.dumps(content).encode(), push)) == content


def test_chat_infos_hold_the_last_events_of_the_last_thread_only(desk):
    customer = desk.customer("Ann")
    chat_id = desk.start_with(customer, text="first thread")
    desk.call(SendEvent(chat_id=chat_id, event={"type": "custom", "content": {"a": 1}}))
    desk.call(DeactivateChat(id=chat_id))
    desk.call(ResumeChat(chat={"id": chat_id}))
    desk.write(chat_id, "second thread")

    def info():
        body = json.loads(call_web(desk, "list_chats", {"limit": 1}, "3.7").body)
        return body["chats_info"][0]["last_thread_info"]

    last = info()["last_event_per_type"]
    assert list(last) == ["message"]
    assert last["message"].keys() == {"event"}
    assert last["message"]["event"]["text"] == "second thread"
    summary = json.loads(call_web(desk, "list_chats", {"limit": 1}).body)["chats_summary"][0]
    assert {"message", "custom", "system_message"} <= summary["last_event_per_type"].keys()
    desk.call(DeactivateChat(id=chat_id))
    desk.call(ResumeChat(chat={"id": chat_id}, active=False))
    assert "last_event_per_type" not in info()


@pytest.mark.parametrize(
    ("method", "request_", "versions"),
    [
        ("list_customers", {}, {"3.4", "3.5"}),
        ("get_license_info", {}, {"3.5"}),
        ("get_thread_transcript", {"chat_id": "c", "thread_id": "t"}, {"3.6", "3.7"}),
    ],
)
def test_methods_that_only_some_versions_have(desk, method, request_, versions):
    for version in ("3.4", "3.5", "3.6", "3.7"):
        response = call_web(desk, method, request_, version)
        missing = b"exists" in response.body and response.status == 404
        assert missing == (version not in versions)
