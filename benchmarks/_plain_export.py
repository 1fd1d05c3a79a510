"""What a script without frontdesk does: dicts of the official SDK's JSON, written by ``csv``."""

import csv
import json
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from frontdesk.archives import TABLES

Row = list[Any]


class PlainExport:
    """Writes the eight tables of an export into a folder, a CSV file each."""

    def __init__(self, folder: Path) -> None:
        self._stack = ExitStack()
        folder.mkdir(parents=True, exist_ok=True)
        self._writers: dict[str, Any] = {}
        for name, table in TABLES.items():
            path = folder / f"{name}.csv"
            file = self._stack.enter_context(path.open("w", encoding="utf-8", newline=""))
            self._writers[name] = csv.writer(file)
            self._writers[name].writerow([column.name for column in table.columns])

    def close(self) -> None:
        self._stack.close()

    def add(self, chat: dict[str, Any]) -> None:
        """Write the rows of a chat."""
        thread = chat["thread"]
        date, thread_id, chat_id = thread["created_at"][:10], thread["id"], chat["id"]
        users = {user["id"]: user for user in chat["users"]}
        kinds = {user_id: _kind(user) for user_id, user in users.items()}
        customer = next((one for one, kind in kinds.items() if kind == "customer"), None)
        write = {name: writer.writerow for name, writer in self._writers.items()}
        write["threads"](self._thread(chat, date, customer))
        for position, event in enumerate(thread["events"]):
            write["events"](_event(event, position, date, thread_id, chat_id, kinds))
            if event["type"] == "file":
                write["files"](_file(event, position, date, thread_id, chat_id))
        for user_id, user in users.items():
            write["users"](_user(user, kinds[user_id], date))
        for user_id in thread["user_ids"]:
            user = users.get(user_id, {})
            seen = user.get("events_seen_up_to")
            write["thread_users"](
                [date, thread_id, user_id, kinds.get(user_id), user.get("visibility"), seen]
            )
        for tag in thread.get("tags", ()):
            write["tags"]([date, thread_id, tag])
        for level, of in (("thread", thread), ("chat", chat)):
            for namespace, values in of.get("properties", {}).items():
                for name, value in values.items():
                    text = value if isinstance(value, str) else json.dumps(value)
                    kind = type(value).__name__
                    write["properties"](
                        [date, thread_id, chat_id, level, namespace, name, text, kind]
                    )
        visit = thread.get("customer_visit")
        if visit is not None:
            place = visit.get("geolocation", {})
            names = ("country", "country_code", "region", "city", "timezone")
            degrees = [float(place[name]) for name in ("latitude", "longitude") if name in place]
            row = [date, thread_id, customer, visit.get("ip"), visit.get("user_agent")]
            write["visits"]([*row, *(place.get(name) for name in names), *degrees])

    def _thread(self, chat: dict[str, Any], date: str, customer: str | None) -> Row:
        thread = chat["thread"]
        own, shared = thread.get("properties", {}), chat.get("properties", {})
        routing, rating = own.get("routing", {}), own.get("rating") or shared.get("rating", {})
        source, events = own.get("source", {}), thread["events"]
        return [
            date, thread["id"], chat["id"], thread["created_at"],
            events[-1]["created_at"] if events else None, len(events), customer,
            json.dumps(thread.get("access", {}).get("group_ids")),
            thread.get("restricted_access"), thread.get("queues_duration"),
            rating.get("score"), rating.get("comment"),
            routing.get("continuous"), routing.get("idle"), routing.get("unassigned"),
            routing.get("unreplied"), own.get("ecommerce", {}).get("has_sale"),
            own.get("lc2", {}).get("greeting_id"), routing.get("start_url"),
            routing.get("referrer"), source.get("client_id"), source.get("customer_client_id"),
            thread.get("summary", {}).get("text"), thread.get("previous_thread_id"),
            thread.get("next_thread_id"), None, None,
        ]  # fmt: skip


CONTENTS = {
    "form": "fields",
    "filled_form": "fields",
    "rich_message": "elements",
    "custom": "content",
    "system_message": "text_vars",
}


def _kind(user: dict[str, Any]) -> str:
    bot = user["type"] == "agent" and len(user["id"]) == 32 and "@" not in user["id"]
    return "bot" if bot else user["type"]


def _event(
    event: dict[str, Any],
    position: int,
    date: str,
    thread_id: str,
    chat_id: str,
    kinds: dict[str, str],
) -> Row:
    content, properties = event.get(CONTENTS.get(event["type"], "")), event.get("properties")
    author = event.get("author_id")
    return [
        date, event["id"], thread_id, chat_id, position, event["created_at"], event["type"],
        author, kinds.get(author or ""), event.get("visibility"), event.get("text"),
        event.get("system_message_type"), event.get("custom_id"),
        event.get("postback", {}).get("id"), event.get("template_id"), event.get("form_id"),
        event.get("form_type"), event.get("deleted"),
        None if content is None else json.dumps(content),
        None if properties is None else json.dumps(properties),
    ]  # fmt: skip


def _file(event: dict[str, Any], position: int, date: str, thread_id: str, chat_id: str) -> Row:
    names = ("name", "url", "content_type", "size", "width", "height", "alternative_text")
    row = [date, event["id"], thread_id, chat_id, position, *(event.get(name) for name in names)]
    return [*row, None, None, None]


def _user(user: dict[str, Any], kind: str, date: str) -> Row:
    counts, fields = user.get("statistics", {}), user.get("session_fields")
    return [
        date, user["id"], kind, user.get("name"), user.get("email"), user.get("email_verified"),
        user.get("phone_number"), user.get("avatar"), user.get("created_at"),
        counts.get("chats_count"), counts.get("threads_count"), counts.get("visits_count"),
        counts.get("page_views_count"), None if fields is None else json.dumps(fields),
    ]  # fmt: skip
