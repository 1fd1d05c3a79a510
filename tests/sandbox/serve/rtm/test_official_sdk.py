"""LiveChat's Python SDK works unchanged: TLS without a name, no organization, polled responses.

It runs in a process of its own, since it leaves threads and sockets behind.
"""

import json
import subprocess
import sys

import pytest

from frontdesk.sandbox import Sandbox

CONVERSATION = """
import json, sys
from livechat.agent import AgentRTM
from loguru import logger

logger.disable("livechat")
version, address, token = sys.argv[1:]
rtm = AgentRTM.get_client(version=version, base_url=address)
rtm.open_connection()
login = rtm.login(token=token)
started = rtm.start_chat(continuous=True)
chat_id = started.payload["chat_id"]
sent = rtm.send_event(chat_id=chat_id, event={"type": "message", "text": "hello"})
refused = rtm.get_chat(chat_id="NONE")
pushed = [one for one in rtm.ws.messages if one["type"] == "push"]
responses = [login, started, sent, refused, rtm.logout()]
print(json.dumps({
    "success": [response.success for response in responses],
    "organization": login.payload["license"]["organization_id"],
    "error": refused.payload["error"]["type"],
    "chat_id": chat_id,
    "pushed": [one for one in pushed if one["action"] == "incoming_event"],
}))
rtm.close_connection()
"""


@pytest.fixture(scope="module")
def secure():
    with Sandbox.serve("demo", tls=True) as sandbox:
        yield sandbox


@pytest.mark.parametrize("version", ["3.5", "3.6", "3.7"])
def test_a_conversation(secure, version):
    address = secure.rtm_url.removeprefix("wss://")
    done = subprocess.run(
        [sys.executable, "-c", CONVERSATION, version, address, secure.tokens["owner"]],
        check=True,
        capture_output=True,
        timeout=60,
    )
    seen = json.loads(done.stdout)
    assert seen["success"] == [True, True, True, False, True]
    assert seen["organization"] == secure.organization_id
    assert seen["error"] == "not_found"
    (said,) = seen["pushed"]
    assert (said["payload"]["chat_id"], said["version"]) == (seen["chat_id"], version)
