"""The demo: a day at the desk, against a sandbox that this script starts.

Run it with ``make demo``. Every call is shown: what was asked, what came back, how long it took,
and at the end how many calls were spent.
"""

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.table import Table

from frontdesk import AgentClient, AsyncAgentClient, ChatInactive, InvalidArgument
from frontdesk.core.exchange import Call
from frontdesk.models import (
    ArchivesFilters,
    Custom,
    EventTypesFilter,
    File,
    InitialChat,
    InitialUser,
    Message,
    RichMessage,
    RichMessageButton,
    RichMessageElement,
    SystemMessage,
    Target,
)

TOKEN = "Bearer dal:sandbox-owner"
console = Console(highlight=False)


class Story:
    """Prints each call as it ends."""

    def __init__(self) -> None:
        self.calls: list[Call] = []

    def chapter(self, title: str) -> None:
        console.print(f"\n[bold cyan]{title}[/]")

    def on_call(self, call: Call) -> None:
        self.calls.append(call)
        colour = "green" if call.error is None else "yellow"
        outcome = "ok" if call.error is None else type(call.error).__name__
        console.print(
            f"  [{colour}]{call.action:26}[/] {outcome:16} HTTP {call.status}  "
            f"{call.seconds * 1000:6.1f} ms  {call.bytes:7,} bytes"
        )

    def note(self, text: str) -> None:
        console.print(f"    [dim]{text}[/]")

    def summary(self) -> None:
        table = Table(title="Calls spent", title_justify="left")
        table.add_column("method")
        table.add_column("calls", justify="right")
        table.add_column("requests", justify="right")
        table.add_column("mean", justify="right")
        for action in sorted({call.action for call in self.calls}):
            calls = [call for call in self.calls if call.action == action]
            mean = sum(call.seconds for call in calls) / len(calls) * 1000
            requests = sum(call.attempts for call in calls)
            table.add_row(action, str(len(calls)), str(requests), f"{mean:.1f} ms")
        console.print()
        console.print(table)
        spent = sum(call.attempts for call in self.calls)
        console.print(f"{spent} requests in all. LiveChat would have billed them; here they are free.")


@contextmanager
def sandbox() -> Iterator[str]:
    """Run ``frontdesk sandbox`` and yield its address."""
    command = [sys.executable, "-m", "frontdesk", "sandbox", "--port", "0", "--seed", "demo"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        for line in process.stdout:
            if line.startswith("ready "):
                yield line.split()[1]
                break
        else:
            sys.exit("the sandbox did not start; its message is above")
    finally:
        process.terminate()
        process.wait(10)


def sync_story(base_url: str, story: Story) -> None:
    """One agent's chat, through the sync client."""
    with AgentClient(TOKEN, base_url=base_url, on_call=story.on_call) as client:
        story.chapter("An agent starts a chat and says every kind of thing")
        chat = client.start_chat(
            chat=InitialChat(users=[InitialUser(id="jones@example.com", type="agent")]),
            continuous=True,
        )
        story.note(f"chat {chat.chat_id}, thread {chat.thread_id}")
        upload = client.upload_file(b"%PDF-1.4 a very short price list", name="prices.pdf")
        client.send_event(chat_id=chat.chat_id, event=Message(text="Hello, how can I help?"))
        client.send_event(chat_id=chat.chat_id, event=File(url=upload.url))
        buttons = [RichMessageButton(text="Yes please", postback_id="yes", user_ids=[])]
        card = RichMessageElement(title="A demo?", subtitle="20 minutes", buttons=buttons)
        sent = client.send_event(
            chat_id=chat.chat_id, event=RichMessage(template_id="cards", elements=[card])
        )
        client.send_event(chat_id=chat.chat_id, event=Custom(content={"crm": {"deal": 42}}))
        client.send_event(
            chat_id=chat.chat_id,
            event=SystemMessage(system_message_type="crm.synced", text="Saved in the CRM"),
        )
        story.note(f"the rich message is event {sent.event_id}")

        story.chapter("Properties, tags, a transfer")
        client.update_chat_properties(
            id=chat.chat_id, properties={"test": {"string_property": "vip", "int_property": 7}}
        )
        client.tag_thread(chat_id=chat.chat_id, thread_id=chat.thread_id, tag="support")
        client.transfer_chat(
            id=chat.chat_id,
            target=Target(type="group", ids=[1]),
            ignore_agents_availability=True,
        )
        read = client.get_chat(chat_id=chat.chat_id)
        assert read.thread is not None
        kinds = ", ".join(event.type for event in read.thread.events or [])
        story.note(f"the thread holds: {kinds}")

        story.chapter("What goes wrong is told before it costs anything, or as a typed error")
        try:
            client.send_event(chat_id=chat.chat_id, event=Message(text="long " * 5000))
        except InvalidArgument as error:
            story.note(f"not sent: {error}")
        client.deactivate_chat(id=chat.chat_id, ignore_requester_presence=True)
        try:
            client.send_event(chat_id=chat.chat_id, event=Message(text="One more thing"))
        except ChatInactive as error:
            story.note(str(error))


async def async_story(base_url: str, story: Story) -> None:
    """An export and many chats at once, through the async client."""
    async with AsyncAgentClient(TOKEN, base_url=base_url, on_call=story.on_call) as client:
        story.chapter("An export pages through the archives, each thread once")
        filters = ArchivesFilters(event_types=EventTypesFilter(values=["message"]))
        archives = client.iter_archives(filters=filters)
        threads = [chat.thread.id async for chat in archives if chat.thread]
        story.note(f"{len(threads)} threads, {len(set(threads))} different ones")

        story.chapter("Ten chats at once")
        chats = await asyncio.gather(*(client.start_chat(continuous=True) for _ in range(10)))
        await asyncio.gather(
            *(
                client.send_event(chat_id=chat.chat_id, event=Message(text=f"Hello {number}"))
                for number, chat in enumerate(chats)
            )
        )
        await asyncio.gather(*(client.deactivate_chat(id=chat.chat_id) for chat in chats))


def main() -> None:
    story = Story()
    with sandbox() as base_url:
        console.print(f"[bold]frontdesk[/] talks to a sandbox of its own at {base_url}")
        sync_story(base_url, story)
        asyncio.run(async_story(base_url, story))
    story.summary()


if __name__ == "__main__":
    main()
