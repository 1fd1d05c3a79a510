"""``frontdesk bot``: write a bot, talk to it, register it, run it, and look at its queue."""

import typer

from frontdesk.cli.arguments.help import PlainCommand
from frontdesk.cli.bots.chat import chat
from frontdesk.cli.bots.init import init
from frontdesk.cli.bots.queue import queue
from frontdesk.cli.bots.register import register_bot
from frontdesk.cli.bots.run import run
from frontdesk.cli.call.method_commands import add_commands
from frontdesk.cli.configuration import BOTS

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(
        help="Write, register and run bots, and get their tokens.",
        no_args_is_help=True,
    )
    group.command("init", cls=PlainCommand)(init)
    group.command("chat", cls=PlainCommand)(chat)
    group.command("register", cls=PlainCommand)(register_bot)
    group.command("run", cls=PlainCommand)(run)
    group.command("queue", cls=PlainCommand)(queue)
    add_commands(group, *BOTS)
    app.add_typer(group, name="bot")
