"""``frontdesk chat ID``: a transcript, and the chat as it goes on, to talk in."""

import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from typing import Annotated, Any, Final
from uuid import uuid4

import typer

from frontdesk import pushes
from frontdesk.actions import customer as customer_actions
from frontdesk.actions.agent.chat_users import AddUserToChat
from frontdesk.actions.agent.chats import DeactivateChat
from frontdesk.actions.agent.events import SendEvent
from frontdesk.cli.arguments.help import PlainCommand
from frontdesk.cli.arguments.options import BaseUrl, Token
from frontdesk.cli.arguments.organizations import OrganizationId
from frontdesk.cli.chats.customer_tokens import customer_token
from frontdesk.cli.chats.transcripts import Transcript
from frontdesk.cli.output.describer import Describer
from frontdesk.cli.output.services import is_local, service
from frontdesk.cli.output.terminal import OutputFailed, print_json, print_line, printable, say
from frontdesk.codec.decoding import encode
from frontdesk.errors import APIError, AuthorizationError, FrontdeskError, InvalidArgument
from frontdesk.models import Message
from frontdesk.redaction import redacted

__all__ = ["register"]

HELP: Final = "a line is sent, /private LINE to agents only, /join, /close, /quit; Ctrl-C leaves"
HELP_CUSTOMER: Final = "a line is sent, /close, /quit; Ctrl-C leaves"
EVENTS: Final = (pushes.IncomingEvent, pushes.EventUpdated)
OTHERS: Final = (
    pushes.ChatDeactivated,
    pushes.IncomingChat,
    pushes.UserAddedToChat,
    pushes.UserRemovedFromChat,
)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("chat", cls=PlainCommand)(chat)


def chat(
    chat_id: Annotated[str, typer.Argument(metavar="ID", help="The chat.")],
    thread_id: Annotated[
        str | None,
        typer.Option(
            metavar="ID", help="Show this thread of it, and end; defaults to the last one."
        ),
    ] = None,
    live: Annotated[
        bool | None,
        typer.Option(
            help="Go on with the chat as it goes on; defaults to whether this is a terminal."
        ),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the chat as JSON, and end.")
    ] = False,
    as_customer: Annotated[
        bool,
        typer.Option(
            "--as-customer", help="See the chat and talk as its customer; for a sandbox only."
        ),
    ] = False,
    organization_id: OrganizationId = None,
    base_url: BaseUrl = None,
    token: Token = None,
) -> None:
    """Show a chat, and talk in it.

    What was written is printed, then what is written as it comes. A line that you type is sent to
    everybody in the chat; `/private LINE` goes to agents only, `/join` adds you to the chat,
    `/close` closes it. Ctrl-C leaves, and changes nothing. Where the output is no terminal, the
    transcript is all.
    """
    is_live = _is_terminal() if live is None else live
    is_live = is_live and thread_id is None and not as_json
    if as_customer and not is_local(base_url):
        raise InvalidArgument("--as-customer", "is for a sandbox: real customers talk themselves")
    if live and (thread_id is not None or as_json):
        other = "--json" if as_json else "--thread-id"
        raise InvalidArgument("--live", f"cannot be given together with `{other}`")
    say(f"frontdesk: talking to {service(base_url)}")
    from frontdesk import AgentClient, CustomerClient

    with AgentClient(token, base_url=base_url) as client:
        shown = client.get_chat(chat_id=chat_id, thread_id=thread_id)
    own: Any = None
    if as_customer:
        own = _token_of_customer(shown, token, base_url)
        organization_id = organization_id or own.organization_id
        # What agents have for themselves is not in the chat that the customer gets.
        with CustomerClient(own, base_url=base_url, organization_id=organization_id) as customer:
            shown = customer.get_chat(chat_id=chat_id, thread_id=thread_id)
    if as_json:
        print_json(encode(shown))
        return
    describer = Describer()
    transcript = Transcript(describer)
    transcript.show_chat(shown)
    if not is_live:
        return
    if as_customer:
        side = _customer_side(own, base_url, organization_id)
    else:
        side = _agent_side(token, base_url, organization_id)
    _Talk(side, shown, transcript).run()


def _is_terminal() -> bool:
    return sys.stdin is not None and sys.stdin.isatty() and sys.stdout.isatty()


class _Side:
    """Who talks: the session, and the methods that it has."""

    def __init__(self, session: Any, send: Any, close: Any, own_help: str) -> None:
        self.session = session
        self.send = send
        self.close = close
        self.help = own_help


def _agent_side(token: Any, base_url: str | None, organization_id: str | None) -> _Side:
    from frontdesk import AgentRTM

    session = AgentRTM(
        token,
        base_url=base_url,
        organization_id=organization_id,
        # The agent's other sessions, and who gets new chats, stay as they are.
        away=True,
        logout=False,
    )
    return _Side(session, SendEvent, DeactivateChat, HELP)


def _token_of_customer(shown: Any, token: Any, base_url: str | None) -> Any:
    """Return the token of the customer of a chat, which that of the agent stands for."""
    customer = next((user for user in shown.users if user.type == "customer"), None)
    if customer is None:
        raise InvalidArgument("--as-customer", "is for a chat with a customer; this one has none")
    own = customer_token(token, base_url, customer_id=customer.id)
    own.token()  # With it comes the organization.
    return own


def _customer_side(own: Any, base_url: str | None, organization_id: str | None) -> _Side:
    from frontdesk import CustomerRTM

    session = CustomerRTM(own, base_url=base_url, organization_id=organization_id)
    return _Side(
        session, customer_actions.SendEvent, customer_actions.DeactivateChat, HELP_CUSTOMER
    )


class _Talk:
    """Sends the lines of the user, while a thread prints what comes."""

    def __init__(self, side: _Side, shown: Any, transcript: Transcript) -> None:
        self._side = side
        self._chat_id: str = shown.id
        self._present = {user.id for user in shown.users if user.present is not False}
        self._transcript = transcript
        self._seen = {getattr(event, "id", None) for event in shown.thread.events or ()}
        self._sent: set[str] = set()
        self._own_id = ""
        self.failures = 0

    def run(self) -> None:
        """Talk until the user ends it."""
        session = self._side.session
        subscription = session.pushes(*EVENTS, *OTHERS, chat_id=self._chat_id)
        printer = threading.Thread(target=self._print, args=(subscription,), daemon=True)
        try:
            with session:
                self._learn(session.login_response)
                printer.start()
                say(f"ready: {self._side.help}")
                for line in _lines():
                    if line == "/quit":
                        break
                    self._do(line)
        except KeyboardInterrupt:
            pass
        finally:
            if printer.is_alive():
                printer.join(timeout=5)
        if self.failures and not sys.stdin.isatty():
            raise typer.Exit(1)

    def _learn(self, login: Any) -> None:
        profile = getattr(login, "my_profile", None)
        if profile is not None:
            self._own_id = profile.id
            self._transcript.describer.learn_users((profile,))
            if self._own_id not in self._present:
                say("you are not in this chat; /join lets you talk in it")

    def _print(self, subscription: Any) -> None:
        """Print what comes, until the session ends."""
        with suppress(OutputFailed):
            try:
                for push in subscription:
                    self._show(push)
            except FrontdeskError as error:
                say(f"frontdesk: the session has ended: {redacted(str(error))}")

    def _show(self, push: Any) -> None:
        describer = self._transcript.describer
        if isinstance(push, EVENTS):
            event = push.event
            is_new = isinstance(push, pushes.IncomingEvent)
            if is_new and (getattr(event, "id", None) in self._seen or self._is_own(event)):
                return
            self._seen.add(getattr(event, "id", None))
            self._transcript.show_event(event)
        else:
            text = printable(describer.describe(push))
            name = push.spec.name.replace("_", " ")
            print_line(f"      -- {name}: {text}")

    def _is_own(self, event: Any) -> bool:
        return getattr(event, "custom_id", None) in self._sent

    def _do(self, line: str) -> None:
        """Do what a line says; what is refused is said, and the talk goes on."""
        command, _, rest = line.partition(" ")
        try:
            match command:
                case "/help":
                    say(self._side.help)
                case "/join" if self._own_id:
                    self._side.session(
                        AddUserToChat(
                            chat_id=self._chat_id, user_id=self._own_id, user_type="agent",
                            visibility="all",
                            # Who joins is not in the chat yet.
                            ignore_requester_presence=True,
                        )
                    )  # fmt: skip
                case "/close":
                    self._side.session(self._side.close(id=self._chat_id))
                case "/private" if self._own_id:
                    self._send(rest, visibility="agents")
                case _ if command.startswith("/") and command[1:].isalpha():
                    say(f"there is no {printable(command)}; {self._side.help}")
                case _:
                    self._send(line)
        except AuthorizationError as error:
            hint = "; /join lets you talk in this chat" if self._own_id else ""
            self._failed(error, hint)
        except (APIError, InvalidArgument) as error:
            self._failed(error)

    def _failed(self, error: FrontdeskError, hint: str = "") -> None:
        self.failures += 1
        message = error.message if isinstance(error, APIError) else str(error)
        say(f"frontdesk: {redacted(printable(message))}{hint}")

    def _send(self, text: str, **fields: Any) -> None:
        if not text.strip():
            return
        custom_id = uuid4().hex
        self._sent.add(custom_id)
        event = Message(text=text, custom_id=custom_id, **fields)
        self._side.session(self._side.send(chat_id=self._chat_id, event=event))


def _lines() -> Iterator[str]:
    """Iterate over the lines that the user types, up to the end of the input."""
    while True:
        try:
            line = sys.stdin.readline()
        except UnicodeError:
            say("that line is no text, and was not sent")
            continue
        if not line:
            return
        line = line.strip()
        if line:
            yield line
