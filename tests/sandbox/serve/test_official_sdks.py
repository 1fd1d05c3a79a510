"""LiveChat's SDKs work unchanged: the Python one itself, Go and JavaScript by what they send."""

import http.client
import json
import ssl
from importlib import import_module
from urllib.parse import urlsplit

import pytest

from frontdesk.models import Message
from frontdesk.sandbox import Sandbox
from frontdesk.sandbox.seeds.company import CLIENT_ID

ZERO = "0001-01-01T00:00:00Z"
GO = {
    "Content-Type": "application/json",
    "User-agent": "GO SDK Application a1b2",
    "X-Region": "",
    "Accept-Encoding": "gzip",
}
SUMMARIES = {"3.5": "summary", "3.6": "summary", "3.7": "info"}
JAVASCRIPT = {
    "Accept": "application/json, text/plain, */*",
    "Content-Type": "application/json",
    "User-Agent": "JS SDK Application a1b2",
    "X-Region": "dal",
    "Accept-Encoding": "gzip, compress, deflate, br",
}


class Wire:
    """Sends requests byte for byte as an SDK does."""

    def __init__(self, sandbox, headers, *, chunked):
        self.sandbox = sandbox
        self.headers = {**headers, "Authorization": sandbox.tokens["owner"]}
        self.chunked = chunked

    def __call__(self, name, request, version="3.6"):
        body = json.dumps(request).encode()
        connection = http.client.HTTPConnection(urlsplit(self.sandbox.url).netloc)
        try:
            connection.request(
                "POST",
                f"/v{version}/agent/action/{name}",
                body=iter([body[:7], body[7:]]) if self.chunked else body,
                headers=self.headers,
                encode_chunked=self.chunked,
            )
            response = connection.getresponse()
            content = json.loads(response.read())
            assert response.status == 200, content
            return content
        finally:
            connection.close()


@pytest.fixture
def go(served):
    return Wire(served, GO, chunked=True)


@pytest.fixture
def javascript(served):
    return Wire(served, JAVASCRIPT, chunked=False)


def go_event(**fields):
    """An event as Go marshals its base: the moment and the author are never left out."""
    return {"created_at": ZERO, "author_id": "", **fields}


def go_user(user_id, type_):
    return {
        "id": user_id,
        "type": type_,
        "name": "",
        "avatar": "",
        "email": "",
        "present": False,
        "events_seen_up_to": ZERO,
        "routing_status": None,
        "visibility": None,
        "last_visit": None,
        "statistics": None,
        "agent_last_event_created_at": None,
        "customer_last_event_created_at": None,
    }


def go_chat(go, **thread):
    chat = {
        "id": "",
        "thread": {"events": [go_event(type="message", text="first")], **thread},
        "users": [go_user("jones@example.com", "agent")],
    }
    return go("start_chat", {"chat": chat, "continuous": True, "active": True})


def test_go_starts_and_resumes_chats(go):
    started = go_chat(go)
    assert len(started["event_ids"]) == 1
    go("deactivate_chat", {"id": started["chat_id"], "ignore_requester_presence": False})
    resumed = go("resume_chat", {"chat": {"id": started["chat_id"]}, "active": True})
    assert resumed["thread_id"] != started["thread_id"]


@pytest.mark.parametrize(
    "event",
    [
        go_event(type="message", text="hi"),
        go_event(type="message", text="hi", visibility="agents", custom_id="c1", properties=None),
        go_event(type="system_message", system_message_type="note", text="noted"),
        go_event(type="custom", content={"a": 1}),
        go_event(
            type="file",
            content_type="",
            name="",
            url="https://cdn.livechat-files.com/api/file/lc/att/1/2/photo.png",
        ),
        go_event(
            type="rich_message",
            template_id="cards",
            elements=[
                {
                    "title": "Choose",
                    "subtitle": "",
                    "image": {"url": "https://example.com/a.png"},
                    "buttons": [
                        {
                            "text": "Yes",
                            "type": "",
                            "value": "",
                            "user_ids": None,
                            "postback_id": "yes",
                            "webview_height": "",
                        },
                        {
                            "text": "Open",
                            "type": "webview",
                            "value": "https://example.com",
                            "user_ids": [],
                            "postback_id": "open",
                            "webview_height": "tall",
                        },
                    ],
                }
            ],
        ),
    ],
    ids=lambda event: event["type"],
)
def test_go_sends_events(go, event):
    chat_id = go_chat(go)["chat_id"]
    request = {"chat_id": chat_id, "event": event, "attach_to_last_thread": False}
    event_id = go("send_event", request)["event_id"]
    events = go("get_chat", {"chat_id": chat_id})["thread"]["events"]
    (stored,) = [one for one in events if one["id"] == event_id]
    assert stored["type"] == event["type"]
    assert stored.get("author_id", "smith@example.com") == "smith@example.com"
    assert not stored["created_at"].startswith("0001")


def test_go_lists_with_its_filters(go):
    go_chat(go)
    filters = {"include_active": True, "include_chats_without_threads": True}
    request = {"filters": filters, "page_id": "", "sort_order": ""}
    assert go("list_chats", request)["found_chats"] >= 1
    assert go("list_archives", {"filters": {}, "page_id": ""})["found_chats"] >= 0


def test_go_transfers_tags_and_sets_properties(go):
    chat = go_chat(go)
    ids = {"chat_id": chat["chat_id"], "thread_id": chat["thread_id"]}
    go("tag_thread", {**ids, "tag": "support"})
    go("untag_thread", {**ids, "tag": "support"})
    properties = {"test": {"string_property": "x"}}
    go("update_chat_properties", {"id": chat["chat_id"], "properties": properties})
    target = {"type": "group", "ids": [1]}
    go(
        "transfer_chat",
        {
            "id": chat["chat_id"],
            "target": target,
            "ignore_agents_availability": True,
            "ignore_requester_presence": False,
        },
    )


def test_go_reads_typing_seen_and_multicast(go):
    chat_id = go_chat(go)["chat_id"]
    go("mark_events_as_seen", {"chat_id": chat_id, "seen_up_to": "2026-01-02T03:04:05.678901234Z"})
    go("send_typing_indicator", {"chat_id": chat_id, "is_typing": False, "visibility": ""})
    recipients = {"agents": {"groups": None, "ids": ["smith@example.com"]}, "customers": None}
    go("multicast", {"recipients": recipients, "content": {"a": [1, None]}, "type": ""})
    assert isinstance(go("list_routing_statuses", {"filters": {"group_ids": None}}), list)


def test_go_creates_customers_at_its_older_versions(go):
    created = go("create_customer", {"name": "Ann", "session_fields": [{"a": "b"}]}, "3.5")
    customer = go("get_customer", {"id": created["customer_id"]}, "3.5")
    assert customer["session_fields"] == [{"a": "b"}]


def test_javascript_leaves_out_what_is_not_set(javascript):
    chat_id = javascript("start_chat", {"continuous": True})["chat_id"]
    javascript("send_event", {"chat_id": chat_id, "event": {"type": "message", "text": "hi"}})
    assert javascript("list_routing_statuses", {"filters": {}})
    assert javascript("deactivate_chat", {"id": chat_id}) == {}
    assert javascript("resume_chat", {"chat": {"id": chat_id}})["thread_id"]


def test_a_multipart_form_of_go(served):
    boundary = "30a5e1"
    body = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n'
        f"Content-Type: application/octet-stream\r\n\r\nhello\r\n--{boundary}--\r\n"
    ).encode()
    headers = {
        **GO,
        "Authorization": served.tokens["owner"],
        "Content-Type": f"multipart/form-data; boundary={boundary}",
    }
    connection = http.client.HTTPConnection(urlsplit(served.url).netloc)
    path = "/v3.6/agent/action/upload_file"
    connection.request("POST", path, iter([body]), headers, encode_chunked=True)
    response = connection.getresponse()
    assert response.status == 200
    assert json.loads(response.read())["url"].endswith("/a.txt")
    connection.close()


@pytest.fixture(scope="module")
def over_tls():
    with Sandbox.serve("demo", tls=True) as sandbox:
        yield sandbox


@pytest.fixture
def python(over_tls, request):
    """Makes clients of LiveChat's SDK for Python, and closes them at the end."""
    pytest.importorskip("livechat")

    def client(module, name, token, version):
        sdk = getattr(import_module(module), name).get_client(
            token,
            version=version,
            base_url=over_tls.url.removeprefix("https://"),
            verify=ssl.create_default_context(cafile=over_tls.ca_path),
            disable_logging=True,
        )
        request.addfinalizer(sdk.session.close)
        return sdk

    return client


def ok(response):
    assert response.status_code == 200, response.text
    return response.json()


@pytest.mark.parametrize("version", ["3.5", "3.6", "3.7"])
def test_the_python_sdk_makes_a_bot_that_chats(over_tls, python, version):
    owner = over_tls.tokens["owner"]
    configuration = python("livechat.configuration", "ConfigurationApi", owner, version)
    made = ok(
        configuration.create_bot(
            name=f"Parcels of {version}",
            avatar="https://example.com/parcels.png",
            max_chats_count=50,
            default_group_priority="first",
            work_scheduler={"timezone": "Europe/Warsaw", "schedule": []},
        )
    )
    shown = ok(configuration.get_bot(id=made["id"], fields=["work_scheduler"]))
    assert shown["groups"][0] == {"id": 0, "priority": "first"}
    assert shown["work_scheduler"]["timezone"] == "Europe/Warsaw"
    assert made["id"] in [bot["id"] for bot in ok(configuration.list_bots())]
    issued = ok(
        configuration.issue_bot_token(
            bot_id=made["id"],
            bot_secret=made["secret"],
            organization_id=over_tls.organization_id,
            client_id=shown["owner_client_id"],
        )
    )
    bot = python("livechat.agent", "AgentWeb", f"Bearer {issued['token']}", version)
    assert bot.list_chats().status_code == 200
    ok(bot.set_routing_status(status="accepting_chats"))
    customer = over_tls.customer(f"Ann of {version}")
    chat_id = customer.start_chat(Message("Where is my parcel?"))
    (summary,) = [chat for chat in ok(bot.list_chats())["chats_" + SUMMARIES[version]]
                  if chat["id"] == chat_id]  # fmt: skip
    assert made["id"] in [user["id"] for user in summary["users"]]
    ok(bot.send_event(chat_id=chat_id, event={"type": "message", "text": "On its way."}))
    assert customer.transcript()[-1].text == "On its way."
    ok(bot.deactivate_chat(id=chat_id))
    ok(configuration.update_bot(id=made["id"], name="Returns"))
    ok(configuration.delete_bot(id=made["id"]))
    assert bot.list_chats().json()["error"]["type"] == "authentication"


@pytest.mark.parametrize("version", ["3.5", "3.6", "3.7"])
def test_the_python_sdk_makes_templates(over_tls, python, version):
    owner = over_tls.tokens["owner"]
    configuration = python("livechat.configuration", "ConfigurationApi", owner, version)
    of_app = {"owner_client_id": CLIENT_ID, "affect_existing_installations": True}
    made = ok(configuration.create_bot_template(name="Parcels", **of_app))
    ok(configuration.update_bot_template(id=made["id"], name="Returns", **of_app))
    (listed,) = ok(configuration.list_bot_templates(owner_client_id=CLIENT_ID))
    assert listed["name"] == ok(configuration.get_bot(id=made["id"]))["name"] == "Returns"
    assert ok(configuration.reset_bot_template_secret(id=made["id"], **of_app))["secret"]
    ok(configuration.delete_bot_template(id=made["id"], **of_app))
    assert configuration.get_bot(id=made["id"]).status_code == 404


@pytest.mark.parametrize("version", ["3.5", "3.6", "3.7"])
def test_the_python_sdk_runs_a_story(over_tls, python, version):
    sdk = python("livechat.agent", "AgentWeb", over_tls.tokens["owner"], version)
    started = ok(sdk.start_chat(continuous=True))
    ids = {"chat_id": started["chat_id"], "thread_id": started["thread_id"]}
    event = {"type": "message", "text": "hello"}
    event_id = ok(sdk.send_event(chat_id=ids["chat_id"], event=event))["event_id"]
    properties = {"test": {"string_property": "x"}}
    ok(sdk.update_event_properties(**ids, event_id=event_id, properties=properties))
    ok(sdk.tag_thread(**ids, tag="support"))
    ok(sdk.list_chats(limit=2))
    ok(sdk.list_threads(chat_id=ids["chat_id"]))
    ok(sdk.list_archives(filters={"query": "hello"}, limit=5))
    url = ok(sdk.upload_file(file={"file": ("a.txt", b"hello")}))["url"]
    ok(sdk.send_event(chat_id=ids["chat_id"], event={"type": "file", "url": url}))
    ok(sdk.send_typing_indicator(chat_id=ids["chat_id"], is_typing=True))
    ok(sdk.deactivate_chat(id=ids["chat_id"]))
    ok(sdk.resume_chat(chat={"id": ids["chat_id"]}))
    ok(sdk.set_routing_status(status="accepting_chats"))
    response = sdk.get_chat(chat_id="NONE")
    assert response.status_code == 404
    assert response.json()["error"]["type"] == "not_found"
