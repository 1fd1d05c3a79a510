"""The demo: a day at the desk, against a sandbox that this script starts.

Run it with ``make demo``. Every call is shown: what was asked, what came back, how long it took,
and at the end how many calls were spent.
"""

import asyncio
import subprocess
import sys
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import ParamSpec, TypeVar

from rich.console import Console
from rich.table import Table

from frontdesk import (
    AgentClient,
    AsyncAgentClient,
    AsyncAgentRTM,
    Call,
    ChatInactive,
    InvalidArgument,
)
from frontdesk.models import (
    ArchivesFilters,
    Custom,
    EventTypesFilter,
    File,
    FilledForm,
    FilledFormField,
    Form,
    FormField,
    InitialChat,
    InitialUser,
    Message,
    MessageEvent,
    RichMessage,
    RichMessageButton,
    RichMessageElement,
    SystemMessage,
    Target,
)
from frontdesk.pushes import IncomingEvent

TOKEN = "Bearer dal:sandbox-owner"
OTHER_TOKEN = "Bearer dal:sandbox-agent"
ORGANIZATION = "390e44e6-f1e6-0368c-z6ddb-74g14508c2ex"
WIDTH = 100
P = ParamSpec("P")
R = TypeVar("R")
console = Console(highlight=False, width=WIDTH, soft_wrap=True)


class Story:
    """Shows each call that goes through ``call``, and counts all of them."""

    def __init__(self) -> None:
        self.calls: list[Call] = []

    def chapter(self, title: str) -> None:
        console.print(f"\n[bold cyan]{title}[/]")

    def note(self, text: str) -> None:
        console.print(f"    [dim]{text}[/]")

    def call(self, method: Callable[P, R], *args: P.args, **arguments: P.kwargs) -> R:
        """Call a method of a client and show what was asked and what came back."""
        asked = ", ".join(f"{name}={value!r}" for name, value in arguments.items())
        console.print(f"  {method.__name__}({short(asked, WIDTH - 40)})", markup=False)
        try:
            result = method(*args, **arguments)
        except ChatInactive as error:
            self.came_back(f"[yellow]{type(error).__name__}[/]: {error}")
            raise
        self.came_back("ok" if result is None else short(repr(result), WIDTH - 30))
        return result

    def came_back(self, what: str) -> None:
        call = self.calls[-1]
        console.print(f"    [green]→[/] {what}  [dim]{call.seconds * 1000:.1f} ms[/]")

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
        console.print(
            f"{spent} requests in all. LiveChat would have billed them; here they are free."
        )


def short(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 1] + "…"


@contextmanager
def sandbox() -> Generator[str, None, None]:
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


def every_kind_of_event(client: AgentClient, story: Story, chat_id: str) -> None:
    upload = story.call(
        client.upload_file, file=b"%PDF-1.4 a very short price list", name="prices.pdf"
    )
    button = RichMessageButton(text="Yes please", postback_id="yes", user_ids=[])
    card = RichMessageElement(title="A demo?", subtitle="20 minutes", buttons=[button])
    question = FormField(id="f1", type="question", label="What do you need?")
    field = FilledFormField(id="f1", type="question", label="What do you need?", answer="Prices")
    for event in (
        Message(text="Hello, how can I help?"),
        File(url=upload.url),
        RichMessage(template_id="cards", elements=[card]),
        Form(form_id="needs", fields=[question]),
        FilledForm(form_id="needs", fields=[field]),
        Custom(content={"crm": {"deal": 42}}),
        SystemMessage(system_message_type="crm.synced", text="Saved in the CRM"),
    ):
        story.call(client.send_event, chat_id=chat_id, event=event)


def sync_story(base_url: str, story: Story) -> None:
    """One agent's chat, through the sync client."""
    with AgentClient(TOKEN, base_url=base_url, on_call=story.calls.append) as client:
        story.chapter("An agent starts a chat and says every kind of thing")
        jones = InitialUser(id="jones@example.com", type="agent")
        chat = story.call(client.start_chat, chat=InitialChat(users=[jones]), continuous=True)
        every_kind_of_event(client, story, chat.chat_id)

        story.chapter("Properties, tags, a transfer")
        story.call(
            client.update_chat_properties,
            id=chat.chat_id,
            properties={"test": {"string_property": "vip", "int_property": 7}},
        )
        story.call(client.tag_thread, chat_id=chat.chat_id, thread_id=chat.thread_id, tag="support")
        story.call(
            client.transfer_chat,
            id=chat.chat_id,
            target=Target(type="group", ids=[1]),
            ignore_agents_availability=True,
        )
        read = story.call(client.get_chat, chat_id=chat.chat_id)
        story.note(f"the thread holds {', '.join(event.type for event in read.thread.events)}")

        story.chapter("What goes wrong is said before it costs anything, or as a typed error")
        try:
            Message(text="long " * 5000)
        except InvalidArgument as error:
            story.note(f"InvalidArgument, and nothing was sent: {error}")
        story.call(client.deactivate_chat, id=chat.chat_id, ignore_requester_presence=True)
        try:
            story.call(
                client.send_event, chat_id=chat.chat_id, event=Message(text="One more thing")
            )
        except ChatInactive:
            story.note("caught as ChatInactive")


async def async_story(base_url: str, story: Story) -> None:
    """An export and many chats at once, through the async client."""
    async with AsyncAgentClient(TOKEN, base_url=base_url, on_call=story.calls.append) as client:
        story.chapter("An export pages through the archives, each thread once")
        filters = ArchivesFilters(event_types=EventTypesFilter(values=["message"]))
        before = len(story.calls)
        archives = client.iter_archives(filters=filters)
        threads = [chat.thread.id async for chat in archives if chat.thread]
        for call in story.calls[before:]:
            story.note(f"a page: {call.bytes:,} bytes in {call.seconds * 1000:.1f} ms")
        story.note(f"{len(threads)} threads, {len(set(threads))} different ones")

        story.chapter("Ten chats at once: started, greeted, closed")
        started = time.perf_counter()
        chats = await asyncio.gather(*(client.start_chat(continuous=True) for _ in range(10)))
        greetings = (
            client.send_event(chat_id=chat.chat_id, event=Message(text=f"Hello {number}"))
            for number, chat in enumerate(chats)
        )
        await asyncio.gather(*greetings)
        await asyncio.gather(*(client.deactivate_chat(id=chat.chat_id) for chat in chats))
        story.note(f"30 calls in {(time.perf_counter() - started) * 1000:.0f} ms")


async def live_story(base_url: str, story: Story) -> None:
    """Two sessions in real time: what one agent writes arrives at the other."""
    story.chapter("Live: Smith writes, Jones's session sees it arrive")

    def session(token: str) -> AsyncAgentRTM:
        return AsyncAgentRTM(
            token, base_url=base_url, organization_id=ORGANIZATION, on_call=story.calls.append
        )

    async with session(TOKEN) as smith, session(OTHER_TOKEN) as jones:
        pushes = jones.pushes(IncomingEvent)
        invited = InitialUser(id="jones@example.com", type="agent")
        chat = await smith.start_chat(chat=InitialChat(users=[invited]), continuous=True)
        started = time.perf_counter()
        await smith.send_event(chat_id=chat.chat_id, event=Message(text="Can you take this one?"))
        async for push in pushes:
            if isinstance(push.event, MessageEvent):
                took = (time.perf_counter() - started) * 1000
                story.note(f"pushed after {took:.1f} ms: {short(repr(push.event), WIDTH - 30)}")
                break
        await smith.deactivate_chat(id=chat.chat_id)


def main() -> None:
    story = Story()
    with sandbox() as base_url:
        console.print(f"[bold]frontdesk[/] talks to a sandbox of its own at {base_url}")
        sync_story(base_url, story)
        asyncio.run(async_story(base_url, story))
        asyncio.run(live_story(base_url, story))
    story.summary()


if __name__ == "__main__":
    main()
