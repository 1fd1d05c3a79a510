"""Prints who wrote what."""

import os

from frontdesk import AgentClient, BearerToken


def connect() -> AgentClient:
    token = BearerToken(os.environ["LC_TOKEN"])
    return AgentClient(token, base_url="https://api.example.com", timeout=5)


def texts(client: AgentClient, chat_id: str) -> list[str]:
    result: list[str] = []
    chat = client.get_chat(chat_id=chat_id)
    names = {user.id: (user.name or "") for user in chat.users}
    for event in chat.thread.events:
        if event.type != "message":
            continue
        result.append(f"{names.get(event.author_id, '?')}: {event.text}")
    return result


def customers(client: AgentClient) -> list[str]:
    page = client.list_archives(limit=25)
    found: list[str] = []
    while True:
        for chat in page.chats:
            found += [user.id for user in chat.users if user.type == "customer"]
        if not page.next_page_id:
            return found
        page = client.list_archives(page_id=page.next_page_id)


def tags(client: AgentClient, chat_id: str) -> set[str]:
    response = client.list_threads(chat_id=chat_id)
    return {tag for thread in response.threads for tag in (thread.tags or [])}


def main() -> None:
    client = connect()
    started = client.start_chat(continuous=True)
    chat_id: str = started.chat_id
    client.send_event(chat_id=chat_id, event={"type": "message", "text": "Hello"})
    print(texts(client, chat_id), customers(client), tags(client, chat_id))


if __name__ == "__main__":
    main()
