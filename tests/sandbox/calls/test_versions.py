"""What the other versions of the API have, and what they lack."""

import json

import pytest

from frontdesk.errors import ValidationError
from frontdesk.sandbox.calls.versions import encode_for, request_of


@pytest.mark.parametrize(
    ("version", "headers"),
    [("3.4", ["Deprecation"]), ("3.5", ["Legacy"]), ("3.6", []), ("3.7", [])],
)
def test_old_versions_tell_their_stage(http, version, headers):
    answer = http("start_chat", version=version)
    assert answer.status == 200
    assert [name for name, _ in answer.headers] == headers
    assert all(len(day) == len("2027-02-28") for _, day in answer.headers)


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
    answer = sandbox.backend.respond("POST", "/agent/action/start_chat", headers)
    assert json.loads(answer.body)["error"]["type"] == "unsupported_version"


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
    answer = {
        "users": [{"type": "customer", "visit": {"ip": "::1"}}, {"type": "agent", "visit": 1}],
        "visit": "other",
    }
    assert json.loads(encode_for((3, 5), answer)) == {
        "users": [{"type": "customer", "last_visit": {"ip": "::1"}}, {"type": "agent", "visit": 1}],
        "visit": "other",
    }


def test_chat_summaries_are_chat_infos_in_3_7():
    last = {"thread_id": "T", "thread_created_at": "2026-01-01T00:00:00Z", "event": {"id": "T_1"}}
    answer = {
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
    assert json.loads(encode_for((3, 7), answer)) == {
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
