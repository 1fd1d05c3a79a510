"""The integrations that the type checkers read do what they say, against a sandbox."""

import asyncio
import csv
import importlib.util
import io
import json
from datetime import datetime, time
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from frontdesk.models import MessageEvent
from frontdesk.sandbox import Sandbox

FOLDER = Path(__file__).resolve().parents[1] / "typing" / "integrations"


def load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"integration_{name}", FOLDER / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def demo():
    with Sandbox("demo") as sandbox:
        yield sandbox


def test_there_are_ten():
    assert len(list(FOLDER.glob("*.py"))) == 10


def test_export_to_csv(demo):
    file = io.StringIO()
    count = load("export_csv").export(demo.client(), file)
    rows = list(csv.DictReader(io.StringIO(file.getvalue())))
    expected = [
        event.text
        for chat in demo.client().iter_archives(sort_order="asc")
        for event in chat.thread.events
        if isinstance(event, MessageEvent)
    ]
    assert [row["text"] for row in rows] == expected
    assert count == len(expected) > 50
    nothing = load("export_csv").export(
        demo.client(), io.StringIO(), until=datetime.fromisoformat("2001-01-01T00:00:00+00:00")
    )
    assert nothing == 0


def test_sync_with_a_crm(demo):
    module = load("crm_sync")
    demo.customer("Ann", email="ann@crm.test").say("hi")
    crm = module.CRM()
    assert module.sync(demo.client(), crm) == []
    assert crm.contacts["ann@crm.test"].name == "Ann"
    marked = [chat for chat in demo.client().iter_chats() if (chat.properties or {}).get("test")]
    assert len(marked) >= len(crm.contacts)


def test_echo_bot(demo):
    ann = demo.customer("Ann")
    ann.say("Is anybody there?")
    chat = demo.client().get_chat(chat_id=ann.chat_id)
    (agent,) = (agent for agent in chat.agents.values() if agent.present)
    client = demo.async_client("owner" if agent.id.startswith("smith") else "agent")

    async def run() -> None:
        async with client:
            bot = load("echo_bot").make_bot(client, "secret", humans=1)
            payload: dict[str, Any] = {
                "chat_id": ann.chat_id, "thread_id": chat.thread.id,
                "event": {"id": "1", "type": "message", "text": "Hello", "author_id": ann.id,
                          "created_at": "2026-01-01T00:00:00Z", "visibility": "all"},
            }  # fmt: skip
            body = {
                "webhook_id": "1", "secret_key": "secret", "action": "incoming_event",
                "organization_id": "O", "additional_data": {}, "payload": payload,
            }  # fmt: skip
            assert (await bot.handle(json.dumps(body).encode())).status == 200
            await bot.close()

    asyncio.run(run())
    assert "Echo: Hello" in [
        event.text for event in ann.transcript() if isinstance(event, MessageEvent)
    ]
    assert [event.type for event in ann.transcript()][-1] == "rich_message"


def test_dashboard_of_queues(demo):
    module = load("queue_dashboard")
    before = module.read(demo.client())
    demo.customer("Ann").say("hi")
    after = module.read(demo.client())
    assert after.active == before.active + 1
    assert sum(after.statuses.values()) >= 2
    assert len(after.lines()) == 3
    assert module.read(demo.client(), 1).active <= after.active


def test_django_view(demo, monkeypatch):
    import django
    from django.conf import settings

    if not settings.configured:
        settings.configure(ALLOWED_HOSTS=["*"], SECRET_KEY="x")
        django.setup()
    from django.test import RequestFactory

    module = load("django_view")
    client = demo.client()
    monkeypatch.setattr(module, "get_client", lambda: client)
    chat_id = client.start_chat(continuous=True).chat_id
    factory = RequestFactory()
    response = module.chat(factory.post("/", {"note": "call back"}), chat_id)
    assert json.loads(response.content)["events"][-1]["text"] == "call back"
    assert json.loads(module.chat(factory.get("/"), chat_id).content)["id"] == chat_id
    assert module.chat(factory.get("/"), "NOSUCHCHAT").status_code == 404
    refused = module.chat(factory.post("/"), chat_id)
    assert (refused.status_code, json.loads(refused.content)["field"]) == (400, "event.text")


@pytest.mark.filterwarnings("ignore:Using `httpx` with")
def test_fastapi_app(demo):
    from fastapi.testclient import TestClient

    with TestClient(load("fastapi_app").make_app(demo.async_client())) as http:
        first = http.get("/archives", params={"limit": 2}).json()
        assert len(first["threads"]) == 2
        second = http.get("/archives", params={"page": first["next"]}).json()
        assert second["threads"][0]["thread"] != first["threads"][0]["thread"]
        assert http.get("/archives", params={"limit": 500}).status_code == 422
        assert http.get("/archives", params={"page": "guessed"}).status_code == 502


def test_tail_of_a_supervisor(demo):
    shown: list[str] = []

    async def run() -> None:
        rtm = demo.async_rtm_client()
        module = load("supervisor_tail")

        def show(text: str) -> None:
            shown.append(text)

        async def speak() -> None:
            ann = demo.customer("Ann")
            await asyncio.to_thread(ann.say, "hello")
            await asyncio.to_thread(ann.say, "are you there?")

        async with rtm:
            tailing = asyncio.create_task(module.tail(rtm, show, lines=2))
            await asyncio.sleep(0)
            await speak()
            await asyncio.wait_for(tailing, 20)

    asyncio.run(run())
    assert "begins: Ann" in shown[0]
    assert shown[1].endswith("are you there?")


def test_tagger(demo):
    module = load("tagger")
    client = demo.client()
    planned = module.tag_all(client, dry_run=True)
    assert planned
    tagged = module.tag_all(client)
    present = {chat.thread.id: chat.thread.tags or [] for chat in client.iter_archives()}
    assert all(set(tags) <= set(present[thread]) for thread, tags in tagged.items())
    again = module.tag_all(client)
    assert not {thread for thread, tags in again.items() if set(tags) & set(tagged.get(thread, ()))}


def test_lookup_by_email(demo):
    client = demo.client()
    ann = demo.customer("Ann", email="Ann@gdpr.test")
    ann.say("please forget me")
    client.deactivate_chat(id=ann.chat_id, ignore_requester_presence=True)
    found = load("gdpr_lookup").lookup(client, "ann@gdpr.test")
    assert list(found["customers"]) == [ann.id]
    (thread,) = found["threads"].values()
    assert thread["events"][0]["text"] == "please forget me"
    assert found["requests"] == client.meter.requests
    json.dumps(found)


def test_routing_switcher(demo):
    module = load("routing_switcher")
    shifts = [module.Shift("jones@example.com", time(9), time(17)),
              module.Shift("nobody@example.com", time(9), time(17))]  # fmt: skip

    async def run() -> tuple[Any, Any]:
        async with demo.async_client() as client:
            night = await module.switch(client, shifts, time(3))
            noon = await module.switch(client, shifts, time(12))
            return night, noon

    night, noon = asyncio.run(run())
    assert night["jones@example.com"] == "not_accepting_chats"
    assert night["nobody@example.com"] in {"not_found", "validation"}
    assert noon["jones@example.com"] == "accepting_chats"
    statuses = {each.agent_id: each.status for each in demo.client().list_routing_statuses()}
    assert statuses["jones@example.com"] == "accepting_chats"
