"""``/__sandbox__/…`` over HTTP, as programs in other languages use it."""

import json
import urllib.request
from datetime import datetime, timedelta
from urllib.error import HTTPError
from urllib.parse import quote

import pytest

from frontdesk.sandbox import Sandbox
from frontdesk.sandbox.backend import Backend
from frontdesk.sandbox.control.dispatch import Control
from frontdesk.sandbox.serve.asgi import App


class Controls:
    def __init__(self, control):
        self.control = control

    def raw(self, verb, path, content=None, *, query=""):
        body = content if isinstance(content, bytes) else json.dumps(content or {}).encode()
        return self.control.handle(verb, f"/__sandbox__/{path}", query, body)

    def __call__(self, verb, path, content=None, **options):
        response = self.raw(verb, path, content, **options)
        assert response.status == 200, response.body
        return json.loads(response.body)

    def error(self, verb, path, content=None, **options):
        response = self.raw(verb, path, content, **options)
        error = json.loads(response.body)["error"]
        return response.status, error["type"], error["message"]


@pytest.fixture
def controls(sandbox):
    return Controls(Control(sandbox.backend))


def test_it_tells_what_it_is(controls, http):
    http.ok("start_chat")
    about = controls("GET", "")
    assert about["seed"] == "demo"
    assert about["organization_id"] == "390e44e6-f1e6-0368c-z6ddb-74g14508c2ex"
    assert about["tokens"]["owner"] == "Bearer dal:sandbox-owner"
    assert about["calls"] == 1


def test_reset_begins_anew(controls, http):
    found = http.ok("list_chats")["found_chats"]
    http.ok("start_chat")
    controls("POST", "faults", {"kind": "internal", "methods": ["get_chat"]})
    controls("POST", "limits", {"calls": 1})
    controls("POST", "reset")
    assert http.ok("list_chats")["found_chats"] == found
    assert controls("GET", "faults") == {"faults": []}
    assert controls("GET", "limits") == {"limits": []}
    assert controls("GET", "calls")["total"] == 1


def test_seed_changes_the_world(controls, http):
    controls("POST", "seed", {"seed": "empty", "random_seed": 5})
    assert controls("GET", "")["random_seed"] == 5
    assert len(http.ok("list_routing_statuses")) == 1
    controls("POST", "reset")
    assert len(http.ok("list_routing_statuses")) == 1


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("seed", {}, "`seed` is required"),
        ("seed", {"seed": "galaxy"}, "galaxy"),
        ("reset", {"random_seed": "x"}, "`random_seed` must be an integer, not a string"),
        ("clock", {}, "give `advance` in seconds, or `to`, a time"),
        ("clock", {"advance": -1}, "`advance` must be a number >= 0"),
        ("clock", {"advance": 1e12}, "`advance` must be a number <= "),
        ("clock", {"to": "9999-12-31T23:59:59Z"}, "`to` must be in the next hundred years"),
        ("clock", {"to": "2001-01-01T00:00:00Z"}, "must not have passed"),
        ("clock", {"to": "9999-12-31T23:59:59-23:59"}, "`to` must be in the years 1 to 9999"),
        ("clock", {"to": "0001-01-01T00:00:01+23:59"}, "`to` must be in the years 1 to 9999"),
        ("threads/delete", {"date_from": "0001-01-01T00:00:01+23:59"}, "`date_from` must be in"),
        ("threads/delete", {"date_to": "9999-12-31T23:59:59-00:01"}, "`date_to` must be in"),
        ("faults", {"kind": "fire"}, "`kind` must be one of"),
        ("faults", {"kind": "latency"}, "`seconds` is required"),
        ("limits", {"calls": 0}, "`calls` must be an integer >= 1"),
        ("restore", b"nonsense", "not a snapshot"),
        ("restore", b"frontdesk-sandbox-snapshot 1\n{}", "damaged"),
        ("customers", {"email": 3}, "`email` must be a string"),
        ("customers/Nobody/say", {"text": "hi"}, "no customer `Nobody`"),
    ],
)
def test_bad_input_is_told_by_field(controls, name, content, message):
    status, type_, error_message = controls.error("POST", name, content)
    assert status in (400, 404)
    assert type_ in ("validation", "not_found")
    assert message in error_message


def test_fields_that_are_not_known_are_refused(controls):
    status, type_, message = controls.error("POST", "faults", {"kind": "internal", "method": "x"})
    assert (status, type_) == (400, "validation")
    assert message == "`method` is not known here; there are kind, methods, rate, times, seconds"
    assert controls("GET", "faults") == {"faults": []}


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("customers", {"name": "Ann", "group_ids": [2**70]}, "`group_ids[0]` cannot be sent"),
        ("customers", {"name": "Ann", "group_ids": [77]}, "`group_ids`: there is no group 77"),
        ("tokens", {"agent_id": "jones@example.com", "seconds": 1e300}, "`seconds` must be"),
        ("tokens/expire", {"token": "nobody"}, "`token` must be the name of a fixed token"),
    ],
)
def test_values_that_exist_nowhere_are_told_by_field(sandbox, name, content, message):
    status, _, error_message = Controls(App(sandbox.backend).control).error("POST", name, content)
    assert status in {400, 404}
    assert error_message.startswith(message)


def test_the_clock_moves(controls, sandbox):
    before = datetime.fromisoformat(controls("GET", "clock")["now"])
    after = datetime.fromisoformat(controls("POST", "clock", {"advance": 3600})["now"])
    assert timedelta(seconds=3600) <= after - before < timedelta(seconds=3660)
    to = (after + timedelta(days=1)).isoformat()
    assert datetime.fromisoformat(controls("POST", "clock", {"to": to})["now"]) >= after
    assert sandbox.now >= after + timedelta(days=1)


def test_customers_are_made_and_found(controls):
    made = controls("POST", "customers", {"name": "Zoë Quux", "email": "zoe@example.com"})
    customer_id = made["customer"]["id"]
    for name in (customer_id, "Zo%C3%AB%20Quux"):
        assert controls("GET", f"customers/{name}")["customer"]["email"] == "zoe@example.com"
    listed = controls("GET", "customers", query=f"after={customer_id}")["customers"]
    assert customer_id not in [customer["id"] for customer in listed]


def test_a_customer_chats(controls, http):
    controls("POST", "customers", {"name": "Zed"})
    page = {"url": "https://example.com/pricing", "title": "Pricing"}
    controls("POST", "customers/Zed/visit_page", page)
    first = {"type": "message", "text": "hello"}
    chat = controls("POST", "customers/Zed/start_chat", {"events": [first], "group_ids": [1]})
    sent = controls("POST", "customers/Zed/send_event", {"event": {"type": "message", "text": "?"}})
    assert sent["chat_id"] == chat["chat_id"]
    controls("POST", "customers/Zed/say", {"text": "anybody?"})
    controls("POST", "customers/Zed/type", {"text": "I am typ"})
    controls("POST", "customers/Zed/rate", {"score": "good", "comment": "so far"})
    thread = http.ok("get_chat", {"chat_id": chat["chat_id"]})["thread"]
    said = [event["text"] for event in thread["events"] if event["type"] == "message"]
    assert said == ["hello", "?", "anybody?"]
    assert thread["access"]["group_ids"] == [1]
    assert thread["properties"]["rating"] == {"score": 1, "comment": "so far"}
    seen = controls("GET", "customers/Zed")["events"]
    assert [event["text"] for event in seen if event["type"] == "message"] == said
    controls("POST", "customers/Zed/close_chat")
    controls("POST", "customers/Zed/leave")
    assert http.ok("get_chat", {"chat_id": chat["chat_id"]})["thread"]["active"] is False


def test_customers_cannot_do_everything(controls):
    controls("POST", "customers", {"name": "Zed"})
    status, type_, message = controls.error("POST", "customers/Zed/fly")
    assert (status, type_) == (404, "not_found")
    assert "send_event" in message
    assert controls.error("POST", "customers/Zed/close_chat")[1] == "chat_inactive"


def test_an_event_is_deleted_and_a_thread_restricted(controls, sandbox, http):
    ann = sandbox.customer("Ann")
    said, chat_id = ann.say("my PIN"), ann.chat_id
    thread_id = said.id.rpartition("_")[0]

    controls("POST", f"events/{said.id}/delete")
    in_full = http.ok("get_chat", {"chat_id": chat_id})["thread"]["events"][0]
    trace = http.ok("get_chat", {"chat_id": chat_id}, token="agent")["thread"]["events"][0]
    assert (in_full["text"], in_full["deleted"]) == ("my PIN", True)
    assert trace["deleted"] is True
    assert "text" not in trace
    status, _, message = controls.error("POST", f"events/{said.id}/delete")
    assert (status, message) == (400, f"`event_id`: the event `{said.id}` is deleted already")

    controls("POST", f"threads/{thread_id}/restrict", {"reason": "too old"})
    thread = http.ok("get_chat", {"chat_id": chat_id})["thread"]
    assert thread["restricted_access"] == "too old"
    assert "events" not in thread


@pytest.mark.parametrize(
    "path", ["events/nobody_1/delete", "events/x", "threads/x/restrict", "threads/x/burn"]
)
def test_what_is_not_there_cannot_be_deleted_or_restricted(controls, path):
    status, type_, _ = controls.error("POST", path)
    assert (status, type_) == (404, "not_found")


def test_faults_are_set_listed_and_taken_back(controls, http):
    controls("POST", "faults", {"kind": "internal", "methods": ["start_chat"], "times": 2})
    (fault,) = controls("GET", "faults")["faults"]
    assert (fault["kind"], fault["methods"], fault["times"]) == ("internal", ["start_chat"], 2)
    assert http.error("start_chat")[0] == 500
    controls("DELETE", "faults")
    http.ok("start_chat")


def test_limits_are_set_listed_and_taken_back(controls, http):
    controls("POST", "limits", {"calls": 1, "seconds": 5, "method": "start_chat"})
    assert controls("GET", "limits")["limits"] == [
        {"calls": 1, "seconds": 5.0, "method": "start_chat"}
    ]
    http.ok("start_chat")
    assert http.error("start_chat")[0] == 429
    controls("DELETE", "limits")
    http.ok("start_chat")


def test_calls_are_listed_and_forgotten(controls, http):
    http.ok("start_chat")
    http.error("get_chat", {"chat_id": "NONE"})
    (call,) = controls("GET", "calls", query="action=get_chat")["calls"]
    assert (call["status"], call["error"], call["request"]) == (
        404,
        "not_found",
        {"chat_id": "NONE"},
    )
    controls("DELETE", "calls")
    assert controls("GET", "calls") == {"total": 0, "calls": []}


def test_snapshots_go_out_and_back_as_bytes(controls, http):
    found = http.ok("list_chats")["found_chats"]
    snapshot = controls.raw("GET", "snapshot")
    assert snapshot.content_type == "application/octet-stream"
    http.ok("start_chat")
    controls("POST", "restore", snapshot.body)
    assert http.ok("list_chats")["found_chats"] == found


def test_unknown_controls_and_verbs_are_told(controls):
    assert controls.error("GET", "weather")[:2] == (404, "not_found")
    assert controls.error("PUT", "clock") == (
        400,
        "validation",
        "`clock` takes GET or POST, not PUT",
    )


@pytest.fixture
def everything(sandbox):
    """The controls with those of RTM."""
    return Controls(App(sandbox.backend).control)


def routes():
    backend = Backend(seed="empty")
    try:
        return sorted(App(backend).control._routes)
    finally:
        backend.close()


ROUTES = routes()


@pytest.mark.parametrize(("verb", "name"), ROUTES)
def test_a_path_has_no_more_steps_than_its_control_takes(everything, sandbox, verb, name):
    before = sandbox.snapshot()
    for end in ("1/2/3", "1/2/3/", "/////"):
        status, type_, message = everything.error(verb, f"{name}/{end}")
        assert (status, type_) == (404, "not_found")
        assert message.startswith("there is no control `")
    assert len(sandbox.snapshot()) == len(before)


@pytest.mark.parametrize("path", ["faults/1", "faults/internal", "limits/start_chat", "calls/1"])
def test_a_path_that_is_longer_than_its_control_deletes_nothing(controls, path):
    controls("POST", "faults", {"kind": "internal", "methods": ["start_chat"]})
    controls("POST", "limits", {"calls": 5})
    name = path.partition("/")[0]
    expected = f"there is no control `{path}`; the path ends after `{name}`"
    assert controls.error("DELETE", path) == (404, "not_found", expected)
    assert len(controls("GET", "faults")["faults"]) == 1
    assert len(controls("GET", "limits")["limits"]) == 1


def test_only_what_is_below_the_prefix_is_a_control(controls):
    for path in ("/__sandbox__clock", "/__sandbox__%2Fclock", "/x/__sandbox__/clock", "", "/"):
        assert controls.control.handle("GET", path, "", b"").status == 404
    for path in ("/__sandbox__", "/__sandbox__/", "/%5F_sandbox__/", "/__sandbox__/clock/"):
        assert controls.control.handle("GET", path, "", b"").status == 200


@pytest.mark.parametrize(("verb", "name"), ROUTES)
@pytest.mark.parametrize("query", ["acton=x", "limit=-1", "&acton=x", "acton"])
def test_what_a_control_does_not_take_in_its_query_is_refused(everything, verb, name, query):
    status, type_, message = everything.error(verb, name, query=query)
    assert (status, type_) == (400, "validation")
    assert "`acton`" in message or "`limit` is not known here" in message


@pytest.mark.parametrize(
    ("path", "query", "message"),
    [
        ("calls", "action=nope", "`action` must be the name of a method, not 'nope'"),
        ("calls", "action=start_chats", "did you mean `start_chat`?"),
        ("calls", "action=", "`action` must not be empty in the query"),
        ("calls", "action=get_chat&action=list_chats", "`action` is given twice in the query"),
        ("deliveries", "state=sent", "`state` must be one of `dead`, `delivered`, `waiting`"),
        ("customers", "after", "`after` must not be empty"),
        ("customers/Ann", "after=x", "`after` is for the list of customers"),
        (
            "rtm",
            "agent=x",
            "`agent` is not known here; there are agent_id, customer_id, connection_id",
        ),
        ("faults", "kind=internal", "`kind` is not known here; nothing is"),
    ],
)
def test_queries_are_checked_as_bodies_are(everything, sandbox, path, query, message):
    sandbox.customer("Ann")
    status, type_, error_message = everything.error("GET", path, query=query)
    assert (status, type_) == (400, "validation")
    assert message in error_message


def test_calls_of_a_method_that_does_not_exist_are_listed_once_there_are_some(controls, http):
    http.error("start_chats")
    (call,) = controls("GET", "calls")["calls"]
    assert call["error"] == "not_found"
    query = f"action={quote(call['action'], safe='')}"
    assert controls("GET", "calls", query=query)["calls"] == [call]


def test_a_connection_is_looked_up_by_its_id(dial, served):
    dial("owner"), dial("agent")
    (first, _) = served.rtm.connections()
    with urllib.request.urlopen(
        f"{served.url}/__sandbox__/rtm?connection_id={first.id}"
    ) as response:
        (shown,) = json.loads(response.read())["connections"]
    assert shown["id"] == first.id


@pytest.mark.parametrize("name", ["a/b", "a%2Fb", "a?b", "a b", "..", "ä"])
def test_a_customer_of_any_name_is_found(served: Sandbox, name):
    customer_id = served.customer(name).id
    url = f"{served.url}/__sandbox__/customers/{quote(name, safe='')}"
    with urllib.request.urlopen(url) as response:
        assert json.loads(response.read())["customer"]["id"] == customer_id
    request = urllib.request.Request(f"{url}/say", data=b'{"text": "hello"}')
    with urllib.request.urlopen(request) as response:
        assert json.loads(response.read())["event"]["text"] == "hello"


def test_it_is_there_on_the_served_sandbox(served: Sandbox):
    def fetch(path, content=None):
        data = None if content is None else json.dumps(content).encode()
        request = urllib.request.Request(f"{served.url}/__sandbox__/{path}", data=data)
        with urllib.request.urlopen(request) as response:
            assert response.headers["X-Debug-Id"]
            return json.loads(response.read())

    assert fetch("")["seed"] == "demo"
    assert fetch("customers", {"name": "Zed"})["customer"]["name"] == "Zed"
    with pytest.raises(HTTPError) as caught:
        fetch("clock", {"advance": "x"})
    caught.value.close()
    assert caught.value.code == 400


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("limits", {"calls": 1, "seconds": 1e308}),
        ("limits", {"calls": 10**30}),
        ("faults", {"kind": "latency", "seconds": 1e308}),
        ("rtm/limits", {"silence_seconds": 1e308}),
        ("rtm/limits", {"connections_per_agent": 0}),
        ("rtm/freeze", {"seconds": 1e308}),
        ("rtm/delay", {"seconds": 1e308}),
        ("tokens", {"agent_id": "smith@example.com", "scopes": ["chats--all:rw", "no--such:rw"]}),
        ("clock", {"advance": 1e308}),
        ("reset", {"random_seed": 10**30}),
        ("reset", {"seed": "\u0000"}),
        ("customers", {"name": "\u0000" * 100, "session_fields": [{"": ""}]}),
    ],
)
def test_hostile_numbers_break_nothing(sandbox, http, name, content):
    controls = Controls(App(sandbox.backend).control)
    assert controls.raw("POST", name, content).status in {200, 400, 404}
    http.ok("list_chats")


def test_a_fault_for_no_calls_never_fires(controls, http):
    controls("POST", "faults", {"kind": "internal", "times": 0})
    http.ok("list_chats")
