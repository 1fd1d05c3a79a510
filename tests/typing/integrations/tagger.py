"""Tag archived threads by words that customers used."""

import re
from collections.abc import Iterator, Mapping

from frontdesk import AgentClient, MissingAccess, ValidationError
from frontdesk.models import Chat, Customer, Event, MessageEvent

RULES: Mapping[str, re.Pattern[str]] = {
    "complaint": re.compile(r"\b(complain|angry|refund)\w*", re.IGNORECASE),
    "support": re.compile(r"\b(broken|help|error)\w*", re.IGNORECASE),
}


def said_by_customers(chat: Chat) -> Iterator[str]:
    """Yield what the customers of a chat wrote."""
    customers = {user.id for user in chat.users if isinstance(user, Customer)}
    events: list[Event] = chat.thread.events
    for event in events:
        if isinstance(event, MessageEvent) and event.author_id in customers:
            yield event.text


def tags_for(chat: Chat, rules: Mapping[str, re.Pattern[str]] = RULES) -> list[str]:
    """Return the tags that a thread should have and has not."""
    present = set(chat.thread.tags or ())
    texts = "\n".join(said_by_customers(chat))
    return [tag for tag, words in rules.items() if tag not in present and words.search(texts)]


def tag_all(client: AgentClient, *, dry_run: bool = False) -> dict[str, list[str]]:
    """Tag all archived threads; return the tags by thread."""
    tagged: dict[str, list[str]] = {}
    for chat in client.iter_archives(filters={"event_types": {"values": ["message"]}}):
        for tag in tags_for(chat):
            if not dry_run:
                try:
                    client.tag_thread(chat_id=chat.id, thread_id=chat.thread.id, tag=tag)
                except (MissingAccess, ValidationError):
                    continue  # the tag is not one of the thread's groups
            tagged.setdefault(chat.thread.id, []).append(tag)
    return tagged
