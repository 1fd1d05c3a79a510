"""``frontdesk bot register``: register a bot, its webhooks and its properties."""

from collections.abc import Callable
from typing import Annotated, Any

import msgspec
import typer

from frontdesk.bots.registrations import BotRegistrar, RegistrationStep
from frontdesk.cli.arguments.confirmation import confirm
from frontdesk.cli.arguments.options import BaseUrl, Token
from frontdesk.cli.bots.credentials import ClientId, OrganizationId, StorePath, app_of, store_at
from frontdesk.cli.bots.loading import BotPlace, load_bot
from frontdesk.cli.output.services import is_livechat, is_local, service
from frontdesk.cli.output.terminal import print_json, print_line, printable, say
from frontdesk.errors import FrontdeskError, InvalidArgument
from frontdesk.grammar import counted

__all__ = ["register_bot"]


def register_bot(
    context: typer.Context,
    place: BotPlace = "bot.py",
    url: Annotated[
        str,
        typer.Option(
            metavar="URL",
            help="Where LiveChat reaches the bot, such as https://bot.example.com/webhooks; "
            "required unless it runs on RTM.",
        ),
    ] = "",
    rtm: Annotated[
        bool, typer.Option("--rtm", help="For `bot run --rtm`: no webhooks are registered.")
    ] = False,
    name: Annotated[
        str,
        typer.Option(
            metavar="NAME",
            help="What customers read; defaults to that of `Bot(name=…)`, else of the file.",
        ),
    ] = "",
    accept_chats: Annotated[
        bool,
        typer.Option(
            "--accept-chats",
            help="Have chats assigned to it. Otherwise it joins those that it replies in.",
        ),
    ] = False,
    bot_secret: Annotated[
        str | None,
        typer.Option(
            metavar="SECRET",
            envvar="FRONTDESK_BOT_SECRET",
            help="The secret of a bot of that name which exists; it is replaced without this.",
        ),
    ] = None,
    webhook_secret: Annotated[
        str | None,
        typer.Option(
            metavar="SECRET",
            envvar="FRONTDESK_WEBHOOK_SECRET",
            help="The secret_key of the webhooks; defaults to a random one.",
        ),
    ] = None,
    delete: Annotated[
        bool,
        typer.Option(
            "--delete", help="Unregister the webhooks, and delete the bot if this made it."
        ),
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only show what would be done.")
    ] = False,
    yes: Annotated[
        bool, typer.Option("--yes", "-y", help="Do not ask before the real service is changed.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the steps as JSON.")] = False,
    owner_client_id: ClientId = None,
    organization_id: OrganizationId = None,
    store: StorePath = None,
    base_url: BaseUrl = None,
    token: Token = None,
) -> None:
    """Register a bot, its webhooks and its properties.

    What is there stays, what is missing is made, so that it can be called again at any time: also
    after it has failed half-way, and when handlers were added. The credentials are stored in a
    file that only you can read; `bot run --live` uses them. Run it for each organization that uses
    the bot.

    The token needs agents-bot--my:rw, webhooks.configuration:rw and webhooks.state:rw, and
    properties.configuration:rw for properties.
    """
    from frontdesk import ConfigurationClient

    loaded = load_bot(place)
    if not delete:
        _check_url(url, base_url, rtm=rtm)
    client_id, organization = app_of(context, owner_client_id, organization_id, base_url)
    credentials = store_at(store)
    where = service(base_url)
    say(f"frontdesk: talking to {where}")
    with ConfigurationClient(token, base_url=base_url) as client:
        registrar = BotRegistrar(
            loaded.bot,
            client,
            credentials,
            organization_id=organization,
            client_id=client_id,
            url=url,
            name=name or loaded.title,
            base_url=base_url,
            bot_secret=bot_secret,
            webhook_secret=webhook_secret,
            accepts_chats=accept_chats,
        )
        steps = _Steps(as_json=as_json)
        plan: list[RegistrationStep] = []
        if dry_run or not (yes or is_local(base_url)):
            # It costs requests, and is of no use to who is not asked.
            plan = registrar.removal_plan() if delete else registrar.plan()
        changes = sum(step.is_change for step in plan)
        if dry_run:
            steps.show_all(plan)
        else:
            if changes:
                _ask(plan, where)
            _carry_out(registrar.unregister if delete else registrar.register, steps, where)
    if dry_run:
        say(f"frontdesk: {counted(changes, 'change')} would be made; nothing was")
    elif delete:
        say(f"frontdesk: {printable(registrar.name)} is not registered any more")
    else:
        say(f"frontdesk: the credentials are in {credentials.place()}")


class _Steps:
    """Shows steps as they are done."""

    def __init__(self, *, as_json: bool) -> None:
        self.changes: int = 0
        """How many of the shown steps have changed something."""
        self._as_json = as_json
        self._shown: dict[str, list[dict[str, Any]]] = {"steps": []}

    def show(self, step: RegistrationStep) -> None:
        """Show a step."""
        self.changes += step.is_change
        if self._as_json:
            self._shown["steps"].append(msgspec.to_builtins(step))
        else:
            print_line(printable(str(step)))

    def show_failure(self, steps: list[RegistrationStep]) -> None:
        """Show the step that has failed, and what is still to be done after it."""
        left = [steps[0], *(step for step in steps[1:] if step.is_change)]
        if self._as_json:
            self._shown["not_done"] = [msgspec.to_builtins(step) for step in left]
        for what, step in zip(("failed", *["not begun"] * len(left)), left, strict=False):
            say(f"frontdesk: {what}: {printable(str(step))}")

    def show_all(self, steps: list[RegistrationStep]) -> None:
        """Show steps, and end."""
        for step in steps:
            self.show(step)
        self.end()

    def end(self) -> None:
        """Show what is shown as a whole."""
        if self._as_json:
            print_json(msgspec.json.encode(self._shown))


def _check_url(url: str, base_url: str | None, *, rtm: bool) -> None:
    if not (url or rtm):
        raise InvalidArgument("--url", "is required: where LiveChat reaches the bot (or --rtm)")
    if url and rtm:
        raise InvalidArgument("--url", "cannot be given with `--rtm`, which has no webhooks")
    if url and is_livechat(base_url) and is_local(url):
        raise InvalidArgument(
            "--url",
            "must be an address that LiveChat reaches, such as a tunnel's, and not this machine's",
        )


def _carry_out(act: Callable[..., object], steps: _Steps, where: str) -> None:
    """Do what was planned; says how to go on after a failure."""
    try:
        act(steps.show, steps.show_failure)
    except InvalidArgument:
        raise
    except FrontdeskError:
        done = f"nothing was changed at {where}"
        if steps.changes:
            done = "what is shown before that is done and stored"
        say(f"frontdesk: {done}; correct the cause and run the same command again")
        raise
    finally:
        steps.end()


def _ask(plan: list[RegistrationStep], where: str) -> None:
    """Ask whether to go on; ends the command unless the answer is yes.

    Raises:
        InvalidArgument: Nobody is there to be asked.
    """
    for step in plan:
        if step.is_change:
            say(f"  {printable(str(step))}")
    confirm(f"Change that at {where}?")
