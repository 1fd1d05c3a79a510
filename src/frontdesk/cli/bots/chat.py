"""``frontdesk bot chat``: talk to a bot in the terminal."""

import logging
import sys
from collections.abc import Iterator
from typing import Annotated, Any, Final

import msgspec
import typer

from frontdesk.bots.testing import BotChat
from frontdesk.cli.bots.failures import describe
from frontdesk.cli.bots.loading import BotPlace, LoadedBot, load_bot
from frontdesk.cli.output.terminal import print_line, printable, say
from frontdesk.errors import APIError, InvalidArgument
from frontdesk.models import (
    Answer,
    FileEvent,
    FilledForm,
    FilledFormField,
    FormEvent,
    FormField,
    MessageEvent,
    RichMessageButton,
    RichMessageEvent,
    SystemMessageEvent,
)

__all__ = ["chat"]

HELP: Final = (
    "/quit ends, /state shows what the bot keeps of the chat, a number presses that button"
)


def chat(
    place: BotPlace = "bot.py",
    customer: Annotated[
        str, typer.Option(metavar="NAME", help="The name of the customer that you are.")
    ] = "Ann",
) -> None:
    """Talk to a bot in the terminal, as a customer.

    It runs in a sandbox of its own.

    Nothing goes over the network, and no token is needed. Errors of handlers are shown with the
    lines of your file. Reads the standard input, so that a conversation can be piped in; exits
    with 1 if a handler has failed.
    """
    loaded = load_bot(place)
    # What fails is shown in the conversation, and need not be logged as well.
    logging.getLogger("frontdesk.bots").addHandler(logging.NullHandler())
    with BotChat(loaded.bot, customer=customer) as conversation:
        talk = _Talk(conversation, loaded)
        talk.run()
    if talk.failures:
        raise typer.Exit(1)


class _Talk:
    """What is said, and what can be pressed."""

    def __init__(self, chat: BotChat, loaded: LoadedBot) -> None:
        self._chat = chat
        self._title = printable(loaded.title)
        self._lines = _input_lines()
        self._shown: set[str] = set()
        self._buttons: list[RichMessageButton] = []
        self.failures = 0

    def run(self) -> None:
        """Talk until the user ends it."""
        say(f"frontdesk: a sandbox of its own, and you are its customer; {HELP}")
        self._do(self._begin)
        for line in self._lines:
            text = line.strip()
            if text == "/quit":
                break
            if text == "/state":
                self._show_state()
            elif text == "/help":
                say(HELP)
            elif text.startswith("/") and " " not in text and text[1:].isalpha():
                say(f"there is no {printable(text)}; {HELP}")
            elif text:
                self._hear(text)

    def _begin(self) -> None:
        self._chat.customer.start_chat()
        self._chat.settle()

    def _hear(self, text: str) -> None:
        if text.isascii() and text.isdigit() and 0 < int(text) <= len(self._buttons):
            button = self._buttons[int(text) - 1]
            if button.type in ("url", "phone") and button.value:
                print_line(f"[{button.type}] {printable(button.value)}")
            self._do(lambda: self._chat.press(button.postback_id))
        else:
            self._do(lambda: self._chat.say(text))

    def _do(self, act: Any) -> None:
        """Do what a customer does, and show what comes of it, an error too."""
        try:
            act()
        except APIError as error:
            failure: Exception | None = error
        except Exception as error:  # noqa: BLE001 - the user's own, to be shown
            failure = error
        else:
            failure = None
        forms = self._show_events()
        if failure is not None:
            self.failures += 1
            print_line("a handler failed:")
            for line in describe(failure):
                print_line(f"  {line}")
        for form in forms:
            self._fill(form)

    def _show_events(self) -> list[FormEvent]:
        """Print what is new in the chat; returns the forms to fill in."""
        forms: list[FormEvent] = []
        customer = self._chat.customer
        for event in customer.transcript() if customer.chat_id else ():
            author = getattr(event, "author_id", None)
            event_id = getattr(event, "id", "")
            if event_id in self._shown:
                continue
            self._shown.add(event_id)
            if author == customer.id:
                continue
            name = self._title if author == self._chat.sandbox.bot_id else (author or "LiveChat")
            self._show(name, event)
            if isinstance(event, FormEvent):
                forms.append(event)
        return forms

    def _show(self, name: str, event: Any) -> None:
        match event:
            case MessageEvent():
                _print_lines(name, event.text)
            case SystemMessageEvent():
                print_line(f"-- {printable(event.text or event.system_message_type)}")
            case RichMessageEvent():
                self._show_rich_message(name, event)
            case FormEvent():
                print_line(f"{name}: [form] {printable(event.form_id)}")
            case FileEvent():
                print_line(f"{name}: [file] {printable(event.name)} {printable(event.url)}")
            case _:
                print_line(f"{name}: [{printable(getattr(event, 'type', 'event'))}]")

    def _show_rich_message(self, name: str, event: RichMessageEvent) -> None:
        self._buttons = []
        for element in event.elements or ():
            texts = [text for text in (element.title, element.subtitle) if text]
            if element.image is not None and element.image.url:
                texts.append(f"[image] {element.image.url}")
            _print_lines(name, "\n".join(texts) or f"[{event.template_id}]")
            for button in element.buttons or ():
                self._buttons.append(button)
                print_line(f"  [{len(self._buttons)}] {printable(button.text)}")

    def _show_state(self) -> None:
        try:
            state = self._chat.state
        except InvalidArgument as error:
            say(str(error))
            return
        data = msgspec.json.format(msgspec.json.encode(state), indent=2)
        print_line(data.decode())

    def _fill(self, form: FormEvent) -> None:
        fields: list[FilledFormField] = []
        for field in form.fields:
            filled = self._fill_field(field)
            if filled is None:
                return
            fields.append(filled)
        self._do(lambda: self._chat.send(FilledForm(form_id=form.form_id, fields=fields)))

    def _fill_field(self, field: FormField) -> FilledFormField | None:
        """Ask for a field; ``None`` when there is no more input."""
        options = field.options or []
        print_line(f"  {printable(field.label)}" + ("" if field.required else " (may be empty)"))
        for number, option in enumerate(options, 1):
            print_line(f"    [{number}] {printable(option.label)}")
        for line in self._lines:
            text = line.strip()
            if not options:
                if text or not field.required:
                    return FilledFormField(
                        type=field.type, id=field.id, label=field.label, answer=text
                    )
                say("it is required")
                continue
            numbers = text.replace(",", " ").split()
            chosen = [
                options[int(number) - 1]
                for number in numbers
                if number.isascii() and number.isdigit() and 0 < int(number) <= len(options)
            ]
            several = field.type == "checkbox"
            if len(chosen) != len(numbers) or (not several and len(chosen) != 1):
                say(f"{'numbers' if several else 'one number'} from 1 to {len(options)}")
                continue
            answers = [
                Answer(id=option.id, label=option.label, group_id=option.group_id)
                for option in chosen
            ]
            if several:
                return FilledFormField(
                    type=field.type, id=field.id, label=field.label, answers=answers
                )
            return FilledFormField(
                type=field.type, id=field.id, label=field.label, answer=answers[0]
            )
        return None


def _print_lines(name: str, text: str) -> None:
    """Print a text; what follows its first line is indented."""
    first, *rest = text.splitlines() or [""]
    print_line(f"{name}: {printable(first)}")
    for line in rest:
        print_line(f"{' ' * len(name)}  {printable(line)}")


def _input_lines() -> Iterator[str]:
    """Read lines: with a prompt at a terminal, else as they are piped, and shown."""
    stream = sys.stdin
    if stream is None:
        return
    if stream.isatty():
        while True:
            try:
                yield input("you: ")
            except EOFError:
                print_line("")
                return
    while line := _piped(stream):
        print_line(f"you: {printable(line)}")
        yield line


def _piped(stream: Any) -> str:
    try:
        line: str = stream.readline()
    except UnicodeError:
        raise InvalidArgument("", "the standard input is not UTF-8") from None
    return line
