"""A program in classes and functions, which hand on what the API returned as it came."""

import json
import os
import random

from livechat.agent import AgentWeb
from livechat.agent.web.api.v36 import AgentWebV36


class Desk:
    def __init__(self, client: AgentWebV36):
        self._client = client
        self.seen = {}

    @property
    def client(self):
        return self._client

    def threads(self, chat_id):
        found, page_id = [], None
        while True:
            data = self.client.list_threads(chat_id, page_id=page_id).json()
            found.extend(data["threads"])
            page_id = data.get("next_page_id")
            if not page_id:
                return found

    def remember(self, chat):
        chat["seen"] = True
        self.seen[chat["id"]] = chat

    def _load(self, chat_id):
        return self._client.get_chat(chat_id=chat_id)

    def tags(self, chat_id):
        return self._load(chat_id).json()["thread"].get("tags", [])


def make_client() -> AgentWebV36:
    return AgentWeb.get_client(
        "Bearer " + os.environ["LC_TOKEN"], "3.6", os.environ["LC_HOST"], disable_logging=True
    )


def describe(thread):
    events = thread["events"]
    return {"events": len(events), "keys": sorted(set(thread) & {"id", "active", "created_at"})}


def main():
    desk = Desk(make_client())
    chats = desk.client.list_chats(limit=5).json()["chats_summary"]
    chats.sort(key=lambda chat: chat["id"])
    for chat in chats:
        desk.remember(chat)
        print([describe(thread) for thread in desk.threads(chat["id"])][:2])
        print(sorted(desk.tags(chat["id"])))
    print(len(desk.seen), all(chat["seen"] for chat in desk.seen.values()))
    shuffled = desk.client.list_chats(limit=5).json()["chats_summary"]
    random.Random(3).shuffle(shuffled)
    print([sorted(user["type"] for user in chat["users"]) for chat in shuffled])
    newest = max(shuffled, key=lambda chat: chat["last_thread_summary"]["created_at"])
    print(sorted(newest["last_thread_summary"].get("tags", [])))
    summary = {chat["id"]: chat["last_thread_summary"] for chat in chats}
    print(json.dumps({"done": len(summary) == 5}))


if __name__ == "__main__":
    main()
