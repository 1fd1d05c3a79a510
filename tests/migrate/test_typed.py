"""A typed program is a typed program afterwards: type checkers accept it in their strict modes.

What comes out is ``tests/typing/migrated.py``; ``make check`` has mypy and pyright look at it with
everything else there that users' programs do.
"""

from tests.docs.pages import ROOT

from frontdesk.migrate import migrate_source

MIGRATED = ROOT / "tests" / "typing" / "migrated.py"
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
    result: list[str] = []
    chat = client.get_chat(chat_id).json()
    names = {user["id"]: user.get("name", "") for user in chat["users"]}
    for event in chat["thread"]["events"]:
        if event["type"] != "message":
            continue
        result.append(f"{names.get(event['author_id'], '?')}: {event['text']}")
    return result


def customers(client: AgentWebV36) -> list[str]:
    page = client.list_archives(limit=25).json()
    found: list[str] = []
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


def test_the_result_is_the_program_that_is_type_checked():
    migration = migrate_source(BEFORE.encode())
    assert migration.marks == ()
    assert b"to_dict" not in migration.source
    assert migration.source.decode() == MIGRATED.read_text()
