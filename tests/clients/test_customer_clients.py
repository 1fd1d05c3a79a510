"""The clients of customers: what each method sends, and where they differ from those of agents."""

import asyncio
import inspect
import json
import traceback
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from frontdesk import (
    AgentClient,
    AsyncAgentClient,
    AsyncCustomerClient,
    AuthenticationError,
    ConfigurationClient,
    CustomerClient,
    GroupsOffline,
    InvalidArgument,
    MissingToken,
    models,
)
from frontdesk.actions import CUSTOMER_ACTIONS, GetChat, SendEvent, customer
from frontdesk.models import Message
from frontdesk.transport import Reply, Request

from .._samples import load
from ..documented import samples
from ..loopback import Loopback, reply

ORGANIZATION = "390e44e6-f1e6-0368c-z6ddb-74g14508c2ex"
TOKEN = "dal:customer_token"
WEB = [name for name, action in CUSTOMER_ACTIONS.items() if "web" in action.spec.transports]
REQUESTS = {path.stem: load(path) for path in samples("customer/requests")}
RESPONSES = {path.stem: load(path) for path in samples("customer/responses")}
ARGUMENTS: dict[str, dict[str, Any]] = {
    "check_goals": {"session_fields": [{"a": "1"}], "group_id": 0, "page_url": "https://a.b/c"},
    "delete_event": {"chat_id": "C", "thread_id": "T", "event_id": "T_1"},
    "get_chat": {"chat_id": "C"},
    "get_configuration": {"group_id": 0, "version": "121.18"},
    "get_dynamic_configuration": {"group_id": 3, "url": "https://a.b/c?d=e f&g=ż", "test": True},
    "get_localization": {"group_id": 0, "language": "pl", "version": "9"},
    "get_predicted_agent": {"group_id": 0},
    "list_group_properties": {"id": 3, "namespace": "a&b"},
    "list_license_properties": {},
    "list_threads": {"chat_id": "C", "min_events_count": 5},
    "request_email_verification": {"callback_uri": "https://a.b/c"},
    "send_event": {"chat_id": "C", "event": {"type": "message", "text": "é"}},
    "send_sneak_peek": {"chat_id": "C", "sneak_peek_text": "Hel"},
    "update_chat_properties": {"id": "C", "properties": {"ns": {"a": True}}},
    "update_event_properties": {"chat_id": "C", "thread_id": "T", "event_id": "T_1",
                                "properties": {"ns": {"a": 1}}},
}  # fmt: skip
RESULTS: dict[str, Any] = {
    "get_chat": {"id": "C", "users": [], "thread": {"id": "T", "active": True,
                 "created_at": "2026-01-01T00:00:00Z", "events": []}},
    "get_dynamic_configuration": {"organization_id": ORGANIZATION},
    "get_predicted_agent": {"agent": {"id": "a"}, "queue": False},
    "list_group_properties": {"ns": {"a": 1}},
    "list_threads": {"threads": [], "found_threads": 0},
    "send_event": {"event_id": "T_1"},
}  # fmt: skip


def arguments_of(name: str) -> dict[str, Any]:
    if name in ARGUMENTS:
        return ARGUMENTS[name]
    body = dict(REQUESTS.get(name, {}))
    if name == "start_chat":
        body = {"continuous": True, "active": True}
    return {} if name == "get_customer" else body


class Server:
    """A transport for both kinds of clients, which keeps what is sent and returns what it has."""

    def __init__(self, *bodies: Any, is_async: bool = False) -> None:
        self.requests: list[Request] = []
        self.bodies = list(bodies)
        self.is_async = is_async

    def send(self, request: Request) -> Any:
        self.requests.append(request)
        body = self.bodies.pop(0) if self.bodies else {}
        is_error = isinstance(body, dict) and "error" in body
        found = Reply(400 if is_error else 200, {}, json.dumps(body).encode())
        return self._later(found) if self.is_async else found

    async def _later(self, found: Reply) -> Reply:
        return found

    def close(self) -> Any:
        return self._later(Reply(200, {}, b"")) if self.is_async else None

    @property
    def last(self) -> Request:
        return self.requests[-1]

    @property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(urlsplit(self.last.url).query, strict_parsing=True))


class Side:
    """Clients of one kind, whose calls are waited for."""

    def __init__(self, *, is_async: bool) -> None:
        self.is_async = is_async
        self.kind: Any = AsyncCustomerClient if is_async else CustomerClient

    def server(self, *bodies: Any) -> Server:
        return Server(*bodies, is_async=self.is_async)

    def client(self, server: Server, token: Any = TOKEN, **options: Any) -> Any:
        options.setdefault("organization_id", ORGANIZATION)
        return self.kind(token, transport=server, base_url="https://api.example", **options)

    def run(self, result: Any) -> Any:
        return asyncio.run(result) if inspect.iscoroutine(result) else result


@pytest.fixture(params=[False, True], ids=["sync", "async"])
def side(request: pytest.FixtureRequest) -> Side:
    return Side(is_async=request.param)


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("FRONTDESK_TOKEN", "FRONTDESK_CUSTOMER_TOKEN", "FRONTDESK_ORGANIZATION_ID"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize("name", [name for name in WEB if name != "upload_file"])
def test_a_method_sends_what_it_is_given_and_returns_its_type(side: Side, name: str) -> None:
    spec = CUSTOMER_ACTIONS[name].spec
    server = side.server(RESULTS.get(name, RESPONSES.get(name, {})))
    given = arguments_of(name)
    result = side.run(getattr(side.client(server), name)(**given))
    request = server.last
    address = urlsplit(request.url)
    assert f"{address.scheme}://{address.netloc}" == "https://api.example"
    assert address.path == f"/v3.6/customer/action/{name}"
    assert request.verb == spec.verb
    assert server.query["organization_id"] == ORGANIZATION
    if spec.verb == "GET":
        sent = {key: {True: "true"}.get(value, str(value)) if isinstance(value, bool)
                else str(value) for key, value in given.items()}  # fmt: skip
        assert server.query == {"organization_id": ORGANIZATION, **sent}
        assert request.body == b""
        assert "Authorization" not in request.headers
        assert "Content-Type" not in request.headers
    else:
        assert len(server.query) == 1
        assert isinstance(request.body, bytes)
        assert json.loads(request.body) == json.loads(json.dumps(given))
        assert request.headers["Authorization"] == f"Bearer {TOKEN}"
        assert request.headers["X-Region"] == "dal"
    assert (result is None) == (spec.returns is None)


def test_every_method_of_the_web_api_is_there() -> None:
    ours = {name for name, _ in inspect.getmembers(CustomerClient, inspect.isfunction)
            if not name.startswith(("_", "iter_"))}  # fmt: skip
    assert ours - {"close", "raw", "with_options"} == set(WEB)
    assert len(WEB) == 36
    assert not hasattr(CustomerClient, "tag_thread")


@pytest.mark.parametrize("name", WEB)
def test_each_method_has_the_names_of_the_wire(name: str) -> None:
    for kind in (CustomerClient, AsyncCustomerClient):
        method = getattr(kind, name)
        parameters = list(inspect.signature(method).parameters)[1:]
        doc = inspect.getdoc(method) or ""
        assert CUSTOMER_ACTIONS[name].spec.url in doc
        if name != "upload_file":
            assert set(parameters) == set(CUSTOMER_ACTIONS[name].__struct_fields__)
        for parameter in parameters:
            assert f"\n    {parameter}: " in doc


def test_a_file_goes_to_the_customers_side(side: Side) -> None:
    server = side.server({"url": "https://cdn.livechat-files.com/x"}, {"url": "https://cdn/y"})
    client = side.client(server)
    uploaded = side.run(client.upload_file(b"abc", name="a.txt"))
    assert uploaded.url == "https://cdn.livechat-files.com/x"
    assert urlsplit(server.last.url).path == "/v3.6/customer/action/upload_file"
    assert server.query == {"organization_id": ORGANIZATION}
    assert server.last.headers["Content-Type"].startswith("multipart/form-data")
    side.run(client(customer.UploadFile(file=b"abc")))
    assert urlsplit(server.last.url).path == "/v3.6/customer/action/upload_file"


def test_a_license_takes_the_place_of_the_organization(side: Side) -> None:
    server = side.server({"organization_id": "o"})
    side.run(side.client(server).get_dynamic_configuration(license_id=1520, group_id=0))
    assert server.query == {"license_id": "1520", "group_id": "0"}


def test_some_methods_need_no_token(side: Side) -> None:
    server = side.server({"organization_id": "o"})
    client = side.client(server, None)
    side.run(client.get_dynamic_configuration())
    with pytest.raises(MissingToken, match="FRONTDESK_CUSTOMER_TOKEN"):
        side.run(client.get_customer())
    assert len(server.requests) == 1


def test_the_token_may_come_from_the_environment(
    side: Side, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FRONTDESK_TOKEN", "dal:of_an_agent")
    monkeypatch.setenv("FRONTDESK_CUSTOMER_TOKEN", "fra:of_a_customer")
    monkeypatch.setenv("FRONTDESK_ORGANIZATION_ID", "o/1&x=y")
    server = side.server({"id": "c", "type": "customer"})
    client = side.kind(transport=server)
    side.run(client.get_customer())
    assert server.last.headers["Authorization"] == "Bearer fra:of_a_customer"
    assert server.query == {"organization_id": "o/1&x=y"}


def test_tokens_of_the_other_side_and_missing_organizations_are_refused(side: Side) -> None:
    server = side.server()
    with pytest.raises(InvalidArgument, match="organization_id"):
        side.kind(TOKEN, transport=server)
    with pytest.raises(InvalidArgument, match="organization_id"):
        side.kind(TOKEN, organization_id=17, transport=server)
    with pytest.raises(InvalidArgument, match="personal access tokens") as caught:
        side.kind("Basic YWNjOnNlY3JldF9wYXQ=", organization_id="o", transport=server)
    shown = "".join(traceback.TracebackException.from_exception(
        caught.value, capture_locals=True).format())  # fmt: skip
    assert "YWNjOnNlY3JldF9wYXQ" not in shown.partition("src/frontdesk")[2]


def test_an_argument_that_is_none_is_explained(side: Side) -> None:
    with pytest.raises(InvalidArgument, match=r"time_out.*timeout"):
        side.kind(TOKEN, organization_id="o", time_out=3)


@pytest.mark.parametrize(
    "action", [GetChat(chat_id="C"), SendEvent(chat_id="C", event=Message("a"))]
)
def test_actions_of_agents_are_not_sent(side: Side, action: Any) -> None:
    server = side.server()
    with pytest.raises(InvalidArgument, match="method of agents; call AgentClient"):
        side.run(side.client(server)(action))
    assert server.requests == []


def test_actions_of_customers_are_not_sent_by_agents() -> None:
    server = Server()
    with pytest.raises(InvalidArgument, match="CustomerClient"):
        AgentClient("dal:x", transport=server)(customer.GetChat(chat_id="C"))
    with pytest.raises(InvalidArgument, match="CustomerRTM"):
        CustomerClient(TOKEN, organization_id="o", transport=server)(
            customer.UpdateCustomerPage(url="https://a.b")
        )
    assert server.requests == []


def test_connections_are_not_shared_with_the_other_side() -> None:
    server = Server({"id": "c"}, {"id": "c"})
    own = CustomerClient(TOKEN, organization_id=ORGANIZATION, transport=server)
    agent = AgentClient("dal:x", transport=server)
    for kind, client in ((CustomerClient, agent), (AgentClient, own), (ConfigurationClient, own)):
        with pytest.raises(InvalidArgument, match="same side"):
            kind.from_client(client)
    shared = CustomerClient.from_client(own)
    shared.get_customer()
    assert server.query == {"organization_id": ORGANIZATION}
    assert own.meter is shared.meter
    other = Server(is_async=True)
    with pytest.raises(InvalidArgument, match="same side"):
        AsyncCustomerClient.from_client(AsyncAgentClient("dal:x", transport=other))


def test_a_copy_with_other_options_stays_with_its_organization(side: Side) -> None:
    server = side.server({"id": "c"})
    client = side.client(server, version="3.7")
    side.run(client.with_options(timeout=3, headers={"X-Mine": "1"}).get_customer())
    assert server.query == {"organization_id": ORGANIZATION}
    assert urlsplit(server.last.url).path == "/v3.7/customer/action/get_customer"
    assert server.last.timeout == 3
    assert server.last.headers["X-Mine"] == "1"


def test_versions_have_the_methods_that_they_have(side: Side) -> None:
    server = side.server()
    with pytest.raises(InvalidArgument, match="request_welcome_message"):
        side.run(side.client(server, version="3.7").get_predicted_agent())
    with pytest.raises(InvalidArgument, match=r"3\.6 or later"):
        side.run(side.client(server, version="3.5").delete_event(
            chat_id="C", thread_id="T", event_id="E"))  # fmt: skip
    assert server.requests == []


def test_chats_are_listed_page_by_page(side: Side) -> None:
    chat = {"id": "C", "users": []}
    server = side.server(
        {"chats_summary": [chat], "total_chats": 2, "next_page_id": "P"},
        {"chats_info": [{**chat, "last_thread_info": {"id": "T"}}], "total_chats": 2},
    )
    pages = side.client(server).iter_chats(sort_order="asc")

    async def collect() -> list[Any]:
        return [item async for item in pages]

    chats = side.run(collect()) if side.is_async else list(pages)
    assert [type(each) for each in chats] == [models.CustomerChatSummary] * 2
    assert chats[1].last_thread_id == "T"
    bodies = [json.loads(bytes(request.body)) for request in server.requests]  # type: ignore[arg-type]
    assert bodies == [{"limit": 25, "sort_order": "asc"}, {"page_id": "P"}]


def test_a_new_token_is_asked_for_once(side: Side) -> None:
    refused = {"error": {"type": "authentication", "message": "Invalid access token"}}
    tokens = iter(["dal:old", "dal:new"])
    server = side.server(refused, {"id": "c"})
    client = side.client(server, lambda: next(tokens))
    assert side.run(client.get_customer()).id == "c"
    assert [r.headers["Authorization"] for r in server.requests] == [
        "Bearer dal:old", "Bearer dal:new",
    ]  # fmt: skip


def test_a_method_without_a_token_asks_for_none_when_it_is_refused(side: Side) -> None:
    refused = {"error": {"type": "authentication", "message": "no"}}
    server = side.server(refused)
    with pytest.raises(AuthenticationError):
        side.run(side.client(server, lambda: 1 / 0).list_license_properties())
    assert len(server.requests) == 1


def test_methods_with_and_without_a_token_keep_their_headers_apart(side: Side) -> None:
    server = side.server({"id": "c"}, {"ns": {"a": 1}}, {"id": "c"})
    client = side.client(server)
    for name in ("get_customer", "list_license_properties", "get_customer"):
        side.run(getattr(client, name)())
    assert [r.headers.get("Authorization") for r in server.requests] == [
        f"Bearer {TOKEN}", None, f"Bearer {TOKEN}",
    ]  # fmt: skip


def test_the_region_that_the_server_names_is_kept(side: Side) -> None:
    misdirected = {"error": {"type": "misdirected_request", "message": "", "data": {
        "region": "fra"}}}  # fmt: skip
    server = side.server(misdirected, {"ns": {"a": 1}}, {"id": "c"})
    client = side.client(server)
    side.run(client.list_license_properties())
    side.run(client.get_customer())
    assert [r.headers.get("X-Region") for r in server.requests] == [None, "fra", "fra"]


def test_errors_have_their_classes(side: Side) -> None:
    server = side.server({"error": {"type": "groups_offline", "message": "Groups offline"}})
    with pytest.raises(GroupsOffline, match="continuous") as caught:
        side.run(side.client(server).start_chat())
    assert caught.value.action == "start_chat"


def test_other_clients_know_where_a_method_is() -> None:
    agent = AgentClient("dal:x", transport=Server())
    with pytest.raises(AttributeError, match="Customer Chat API; use CustomerClient"):
        agent.send_sneak_peek  # type: ignore[attr-defined]  # noqa: B018
    own = CustomerClient(TOKEN, organization_id="o", transport=Server())
    with pytest.raises(AttributeError, match="list_chats"):
        own.get_chats_summary  # type: ignore[attr-defined]  # noqa: B018


@pytest.mark.parametrize("kind", [CustomerClient, AsyncCustomerClient])
def test_a_query_leaves_over_real_connections(kind: Any) -> None:
    with Loopback() as server:
        server.default = reply({"phrase": "Hello, %name%"})
        client = kind(base_url=server.url, organization_id="o 1")
        arguments = {"group_id": 0, "language": "en", "version": "a b&c"}

        async def call() -> Any:
            async with client:
                return await client.get_localization(**arguments)

        found = asyncio.run(call()) if kind is AsyncCustomerClient else client.get_localization(
            **arguments)  # fmt: skip
        assert found == {"phrase": "Hello, %name%"}
        assert server.last.method == "GET"
        assert server.last.target == (
            "/v3.6/customer/action/get_localization"
            "?organization_id=o%201&group_id=0&language=en&version=a+b%26c"
        )
        assert server.last.body == b""
        assert "authorization" not in server.last.headers
        if kind is CustomerClient:
            client.close()
