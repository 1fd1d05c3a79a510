"""Chats as people read them: who wrote what, and when."""

from collections.abc import Iterable
from typing import Any

from frontdesk.cli.output.describer import Describer, content_of
from frontdesk.cli.output.terminal import print_line, printable

__all__ = ["Transcript"]


class Transcript:
    """Prints the events of a chat, line by line; nothing of them does anything to the terminal."""

    def __init__(self, describer: Describer | None = None) -> None:
        self.describer: Describer = Describer() if describer is None else describer
        self._day = ""

    def show_chat(self, chat: Any) -> None:
        """Print what a chat is, and the events of its thread."""
        self.describer.learn_users(chat.users)
        thread = chat.thread
        names = ", ".join(printable(self.describer.name(user.id)) for user in chat.users)
        print_line(f"chat {printable(chat.id)}: {names}")
        if thread.id:
            state = "active" if thread.active else "closed"
            tags = f", tagged {', '.join(map(printable, thread.tags))}" if thread.tags else ""
            print_line(f"thread {printable(thread.id)}, {state}{tags}")
        if getattr(thread, "restricted_access", None):
            print_line(f"its events may not be seen: {printable(thread.restricted_access)}")
        self.show_events(thread.events or ())

    def show_events(self, events: Iterable[Any]) -> None:
        """Print events."""
        for event in events:
            self.show_event(event)

    def show_event(self, event: Any) -> None:
        """Print an event: the time, in the zone of the user, who wrote it, and what."""
        created_at = getattr(event, "created_at", None)
        time = "     "
        if created_at is not None:
            local = created_at.astimezone()
            time = f"{local:%H:%M}"
            if f"{local:%Y-%m-%d}" != self._day:
                self._day = f"{local:%Y-%m-%d}"
                print_line(f"-- {self._day}")
        author_id = getattr(event, "author_id", None)
        author = "--" if author_id is None else f"{printable(self.describer.name(author_id))}:"
        if getattr(event, "visibility", None) == "agents":
            author = f"{author} (agents only)"
        lines = [printable(line) for line in content_of(event).splitlines()] or [""]
        print_line(f"{time} {author} {lines[0]}".rstrip())
        for line in lines[1:]:
            print_line(f"{' ' * len(time)}   {line}".rstrip())
