"""A typed program is a typed program afterwards: mypy in its strict mode accepts it."""

import subprocess
import sys

from frontdesk.migrate import migrate_source

BEFORE = '''\
"""Prints who wrote what."""

import os

from livechat.agent import AgentWeb
from livechat.agent.web.api.v36 import AgentWebV36
from livechat.utils.structures import AccessToken, TokenType


def connect() -> AgentWebV36:
    token = AccessToken(scheme=TokenType.BEARER, token=os.environ["LC_TOKEN"])
    return AgentWeb.get_client(access_token=token, base_url="api.example.com", timeout=5)


def texts(client: AgentWebV36, chat_id: str) -> list[str]:
    result = []
    chat = client.get_chat(chat_id).json()
    names = {user["id"]: user.get("name", "") for user in chat["users"]}
    for event in chat["thread"]["events"]:
        if event["type"] != "message":
            continue
        result.append(f"{names.get(event['author_id'], '?')}: {event['text']}")
    return result


def customers(client: AgentWebV36) -> list[str]:
    page = client.list_archives(limit=25).json()
    found = []
    while True:
        for chat in page["chats"]:
            found += [user["id"] for user in chat["users"] if user["type"] == "customer"]
        if not page.get("next_page_id"):
            return found
        page = client.list_archives(page_id=page["next_page_id"]).json()


def tags(client: AgentWebV36, chat_id: str) -> set[str]:
    response = client.list_threads(chat_id)
    response.raise_for_status()
    return {tag for thread in response.json()["threads"] for tag in thread.get("tags", [])}


def main() -> None:
    client = connect()
    started = client.start_chat(continuous=True).json()
    chat_id: str = started["chat_id"]
    client.send_event(chat_id, {"type": "message", "text": "Hello"})
    print(texts(client, chat_id), customers(client), tags(client, chat_id))


if __name__ == "__main__":
    main()
'''


def test_the_result_is_well_typed(tmp_path):
    migration = migrate_source(BEFORE.encode())
    assert migration.marks == ()
    assert b"to_dict" not in migration.source
    program = tmp_path / "program.py"
    program.write_bytes(migration.source)
    checked = subprocess.run(
        [
            sys.executable,
            "-m",
            "mypy",
            "--strict",
            "--no-incremental",
            "--config-file=",
            str(program),
        ],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )
    assert checked.returncode == 0, checked.stdout + migration.source.decode()
