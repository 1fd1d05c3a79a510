"""A script as people write it first: everything at the top."""

import json
import os

from livechat.agent import AgentWeb
from livechat.utils.structures import AccessToken, TokenType

client = AgentWeb.get_client(
    access_token=AccessToken(scheme=TokenType.BEARER, token=os.environ["LC_TOKEN"]),
    base_url=os.environ["LC_HOST"],
    disable_logging=True,
)

started = client.start_chat(continuous=True)
started.raise_for_status()
chat_id = started.json()["chat_id"]
thread_id = started.json().get("thread_id")
for text in ("Hello", "Can I help?"):
    sent = client.send_event(chat_id, {"type": "message", "text": text})
    assert sent.json()["event_id"]
uploaded = client.upload_file(file={"file": ("note.txt", b"A note", "text/plain")}).json()
client.send_event(chat_id=chat_id, event={"type": "file", "url": uploaded["url"]})
client.tag_thread(payload={"chat_id": chat_id, "thread_id": thread_id, "tag": "support"})

chat = client.get_chat(chat_id, headers={"X-Debug": "1"}).json()
thread = chat["thread"]
for event in thread["events"]:
    if event["type"] == "message":
        print("message:", event["text"], event.get("visibility"))
    elif event["type"] == "file":
        print("file:", event["name"], event["content_type"])
print(thread["tags"], thread["active"], "queue" in thread, thread.get("queue"))
print(len(thread["created_at"]), thread["created_at"][10], thread["created_at"].endswith("Z"))
names = sorted(user["name"] for user in chat["users"])
print(names, [user.get("email", "") for user in chat["users"]])

page = client.list_archives(limit=2).json()
total, seen = page["found_chats"], 0
while seen < 6:
    for archived in page["chats"]:
        seen += 1
        customers = [user for user in archived["users"] if user["type"] == "customer"]
        texts = [
            event["text"] for event in archived["thread"]["events"] if event["type"] == "message"
        ]
        print(customers[0]["name"], customers[0].get("email"), len(texts), texts[:1])
        print(json.dumps(customers[0].get("visit", {}).get("geolocation"), sort_keys=True))
    page = client.list_archives(page_id=page["next_page_id"]).json()
print(total)

first = client.list_chats(limit=1).json()["chats_summary"][0]
for kind, last in sorted(first["last_event_per_type"].items()):
    print(kind, last["thread_id"] == first["last_thread_summary"]["id"])
try:
    print(chat["users"][0]["phone_number"])
except KeyError:
    print("no phone number")

statuses = client.list_routing_statuses().json()
print(sorted((status["agent_id"], status["status"]) for status in statuses))
client.deactivate_chat(chat_id).raise_for_status()
print(client.get_chat(chat_id).json()["thread"]["active"])
print(json.dumps({"done": True}))
