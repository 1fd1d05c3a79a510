"""``frontdesk chats``, ``archives`` and ``customers``: read what is there, as tables."""

from operator import attrgetter
from typing import Any, Final

import typer

from frontdesk import actions
from frontdesk.cli.arguments.help import PlainCommand
from frontdesk.cli.call.method_commands import MethodCommand, add_commands
from frontdesk.cli.chats.customer_tokens import token
from frontdesk.cli.chats.transcripts import Transcript
from frontdesk.cli.output.describer import content_of
from frontdesk.models import ChatSummary

__all__ = ["ARCHIVES", "CHATS", "CUSTOMERS", "register"]

Table = tuple[tuple[str, ...], list[tuple[Any, ...]]]


def _chats(chats: Any) -> Table:
    """Return a row for each chat: who is in it, and what was written last."""
    return ("id", "customer", "agents", "state", "at", "last"), [_chat(chat) for chat in chats]


def _chat(chat: ChatSummary) -> tuple[Any, ...]:
    thread = chat.last_thread_summary
    events: list[Any] = [last.event for last in (chat.last_event_per_type or {}).values()]
    written = [event for event in events if getattr(event, "created_at", None) is not None]
    last = max(written, key=attrgetter("created_at"), default=None)
    if thread is None:
        state = ""
    elif not thread.active:
        state = "closed"
    else:
        state = "queued" if getattr(thread, "queue", None) else "active"
    return (
        chat.id,
        *_people(chat.users, getattr(thread, "user_ids", None)),
        state,
        None if last is None else last.created_at,
        None if last is None else content_of(last),
    )


def _threads(chats: Any) -> Table:
    """Return a row for each archived thread."""
    names = ("chat", "thread", "customer", "agents", "started", "events", "tags")
    return names, [
        (
            chat.id,
            chat.thread.id,
            *_people(chat.users, chat.thread.user_ids),
            chat.thread.created_at,
            len(chat.thread.events),
            chat.thread.tags or [],
        )
        for chat in chats
    ]


def _people(users: Any, present: Any) -> tuple[str, str]:
    """Return the customers and the agents of a thread; those of the chat if it does not say."""
    taking_part = [user for user in users if present is None or user.id in present]
    customers = [user.name or user.id for user in taking_part if user.type == "customer"]
    agents = [user.name or user.id for user in taking_part if user.type != "customer"]
    return ", ".join(customers), ", ".join(agents)


def _customers(customers: Any) -> Table:
    names = ("id", "name", "email", "state", "threads", "created")
    return names, [
        (
            customer.id,
            customer.name,
            customer.email,
            customer.state,
            None if customer.statistics is None else customer.statistics.threads_count,
            customer.created_at,
        )
        for customer in customers
    ]


def _show_chat(chat: Any) -> None:
    Transcript().show_chat(chat)


CHATS: Final = (
    MethodCommand(
        name="list",
        action=actions.ListChats,
        summary="List chats: who is in them, and what was written last.",
        item_rows=_chats,
    ),
    MethodCommand(
        name="show",
        action=actions.GetChat,
        arguments=("chat_id",),
        summary="Show a chat with what was written in its last thread, or another.",
        show=_show_chat,
    ),
)
ARCHIVES: Final = (
    MethodCommand(
        name="list",
        action=actions.ListArchives,
        summary="List archived threads.",
        item_rows=_threads,
    ),
    MethodCommand(
        name="show",
        action=actions.GetChat,
        arguments=("chat_id", "thread_id"),
        summary="Show what was written in a thread of a chat.",
        show=_show_chat,
    ),
)
CUSTOMERS: Final = (
    MethodCommand(
        name="list",
        action=actions.ListCustomers,
        summary="List customers.",
        item_rows=_customers,
    ),
    MethodCommand(
        name="show",
        action=actions.GetCustomer,
        arguments=("id",),
        summary="Show a customer, with visits, statistics and chats.",
    ),
    MethodCommand(
        name="update",
        action=actions.UpdateCustomer,
        arguments=("id",),
        summary="Change a customer: what is given replaces what was there.",
    ),
)
HELP: Final[dict[str, tuple[str, tuple[MethodCommand, ...]]]] = {
    "chats": ("List chats, and show what was written in them.", CHATS),
    "archives": ("List archived threads, and show what was written in them.", ARCHIVES),
    "customers": ("List, show and change customers.", CUSTOMERS),
}


def register(app: typer.Typer) -> None:
    """Add the groups of commands."""
    for name, (text, commands) in HELP.items():
        group = typer.Typer(help=text, no_args_is_help=True)
        add_commands(group, *commands)
        if name == "customers":
            group.command("token", cls=PlainCommand)(token)
        app.add_typer(group, name=name)
