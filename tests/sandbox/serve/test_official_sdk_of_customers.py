"""LiveChat's Python SDK works unchanged for customers, over Web and RTM.

It runs in a process of its own, since it leaves threads and sockets behind.
"""

import json
import subprocess
import sys

import pytest

from frontdesk.sandbox import Sandbox

from .._rtm_line import customer_token, new_customer

WEB = """
import json, sys
from livechat.customer import CustomerWeb
from loguru import logger

logger.disable("livechat")
version, address, organization_id, token = sys.argv[1:]
web = CustomerWeb.get_client(
    access_token=token, version=version, base_url=address, organization_id=organization_id,
    verify=False,
)
event = {"type": "message", "text": "hello"}
started = web.start_chat(chat={"thread": {"events": [event]}}, continuous=True)
chat_id, thread_id = started.json()["chat_id"], started.json()["thread_id"]
calls = {
    "start_chat": started,
    "list_chats": web.list_chats(),
    "list_threads": web.list_threads(chat_id=chat_id),
    "get_chat": web.get_chat(chat_id=chat_id, thread_id=thread_id),
    "send_event": web.send_event(chat_id=chat_id, event=event),
    "send_sneak_peek": web.send_sneak_peek(chat_id=chat_id, sneak_peek_text="and"),
    "get_customer": web.get_customer(),
    "update_customer": web.update_customer(name="Ann Example"),
    "set_customer_session_fields": web.set_customer_session_fields(session_fields=[{"a": "b"}]),
    "list_group_statuses": web.list_group_statuses(all=True),
    "get_form": web.get_form(group_id=0, type="prechat"),
    "mark_events_as_seen": web.mark_events_as_seen(
        chat_id=chat_id, seen_up_to="2026-01-01T00:00:00.000000Z"
    ),
    "update_thread_properties": web.update_thread_properties(
        chat_id=chat_id, thread_id=thread_id, properties={"rating": {"score": 1}}
    ),
    "list_license_properties": web.list_license_properties(),
    "list_group_properties": web.list_group_properties(group_id=0),
    "get_dynamic_configuration": web.get_dynamic_configuration(group_id=0),
    "upload_file": web.upload_file(file={"file": ("words.txt", b"words", "text/plain")}),
    "deactivate_chat": web.deactivate_chat(id=chat_id),
    "resume_chat": web.resume_chat(chat={"id": chat_id}, continuous=True),
}
refused = web.get_chat(chat_id="NONE")
print(json.dumps({
    "statuses": {name: call.status_code for name, call in calls.items()},
    "texts": [e.get("text") for e in calls["get_chat"].json()["thread"]["events"]],
    "refused": refused.json()["error"]["type"],
}))
"""

RTM = """
import json, sys
from livechat.customer import CustomerRTM
from loguru import logger

logger.disable("livechat")
version, address, organization_id, token = sys.argv[1:]
rtm = CustomerRTM.get_client(version=version, base_url=address, organization_id=organization_id)
rtm.open_connection()
calls = {"login": rtm.login(token=token)}
event = {"type": "message", "text": "hello"}
calls["start_chat"] = rtm.start_chat(continuous=True)
chat_id = calls["start_chat"].payload["chat_id"]
calls["send_event"] = rtm.send_event(chat_id=chat_id, event=event)
calls["list_chats"] = rtm.list_chats()
calls["deactivate_chat"] = rtm.deactivate_chat(id=chat_id)
refused = rtm.get_chat(chat_id="NONE")
pushes = [message["action"] for message in rtm.ws.messages if message["type"] == "push"]
print(json.dumps({
    "success": {name: call.success for name, call in calls.items()},
    "refused": refused.payload["error"]["type"],
    "pushes": pushes,
}))
rtm.close_connection()
"""


@pytest.fixture(scope="module")
def secure():
    with Sandbox.serve("demo", tls=True) as sandbox:
        yield sandbox


def converse(secure, program, version):
    token = f"Bearer {customer_token(secure, new_customer(secure))}"
    address = secure.rtm_url.removeprefix("wss://")
    done = subprocess.run(
        [sys.executable, "-c", program, version, address, secure.organization_id, token],
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("version", ["3.5", "3.6", "3.7"])
def test_over_web(secure, version):
    seen = converse(secure, WEB, version)
    assert {name: status for name, status in seen["statuses"].items() if status != 200} == {}
    assert seen["texts"][0] == "hello"
    assert seen["refused"] == "not_found"


@pytest.mark.parametrize("version", ["3.5", "3.6", "3.7"])
def test_over_rtm(secure, version):
    seen = converse(secure, RTM, version)
    assert all(seen["success"].values()), seen
    assert seen["refused"] == "not_found"
    assert "incoming_event" in seen["pushes"]
