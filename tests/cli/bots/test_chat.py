"""`frontdesk bot chat`: a conversation in the terminal, piped in."""

import io

import pytest

from .._running import Run
from ._files import ECHO, write

MENU = """\
import msgspec
from frontdesk.bots import Bot, Context
from frontdesk.models import (
    Form, FormField, FormOption, RichMessage, RichMessageButton, RichMessageElement,
)

class State(msgspec.Struct):
    presses: int = 0

bot = Bot(name="Menu", state=State)

@bot.chat_started
async def greet(ctx: Context[State]) -> None:
    await ctx.reply("Hello!\\nWhat can I do?")

@bot.message(contains="menu")
async def menu(ctx: Context[State]) -> None:
    buttons = [
        RichMessageButton(text="Pizza", postback_id="pizza"),
        RichMessageButton(text="Pasta", postback_id="pasta"),
    ]
    await ctx.reply(RichMessage(
        template_id="cards", elements=[RichMessageElement(title="Menu", buttons=buttons)]
    ))

@bot.postback("pizza", "pasta")
async def pressed(ctx: Context[State]) -> None:
    ctx.state.presses += 1
    await ctx.reply(f"{ctx.postback.id}, then")

@bot.message(contains="form")
async def form(ctx: Context[State]) -> None:
    await ctx.reply(Form(form_id="address", fields=[
        FormField(type="name", id="1", label="Your name", required=True),
        FormField(type="radio", id="2", label="Size", options=[
            FormOption(id="s", label="small"), FormOption(id="l", label="large"),
        ]),
    ]))

@bot.form
async def filled(ctx: Context[State]) -> None:
    name, size = ctx.event.fields
    await ctx.reply(f"{name.answer} takes {size.answer.label}")

@bot.message(contains="bye")
async def bye(ctx: Context[State]) -> None:
    await ctx.reply("Bye!")
    await ctx.close()
"""


@pytest.fixture
def talk(tmp_path, monkeypatch, run: Run):
    monkeypatch.chdir(tmp_path)

    def talk(text: str, *lines: str, options: tuple[str, ...] = ()) -> tuple[int, list[str], str]:
        write(tmp_path, text)
        monkeypatch.setattr("sys.stdin", io.StringIO("".join(f"{line}\n" for line in lines)))
        code, output, errors = run("bot", "chat", "bot.py", *options)
        return code, output.splitlines(), errors

    return talk


def test_replies_follow_what_is_said(talk):
    code, lines, errors = talk(ECHO, "hello", "", "again", "/quit", "not read")
    assert code == 0
    said = [line for line in lines if not line.startswith("--")]
    assert said == ["you: hello", "Echo: Echo: hello", "you: ", "you: again", "Echo: Echo: again",
                    "you: /quit"]  # fmt: skip
    assert "a sandbox of its own" in errors


def test_the_bot_may_speak_first_and_in_several_lines(talk):
    _, lines, _ = talk(MENU)
    assert lines[-2:] == ["Menu: Hello!", "      What can I do?"]


def test_buttons_have_numbers_and_can_be_pressed(talk):
    _, lines, _ = talk(MENU, "menu", "2", "1", "/state")
    start = lines.index("you: menu")
    assert lines[start:] == [
        "you: menu", "Menu: Menu", "  [1] Pizza", "  [2] Pasta",
        "you: 2", "Menu: pasta, then", "you: 1", "Menu: pizza, then",
        "you: /state", "{", '  "presses": 2', "}",
    ]  # fmt: skip


def test_a_number_without_buttons_is_a_message(talk):
    _, lines, _ = talk(ECHO, "7")
    assert lines[-1] == "Echo: Echo: 7"


def test_forms_are_filled_in_field_by_field(talk):
    code, lines, errors = talk(MENU, "form", "", "Ann", "large", "2")
    assert code == 0
    assert lines[-1] == "Menu: Ann takes large"
    assert "it is required" in errors
    assert "one number from 1 to 2" in errors


def test_a_form_that_the_input_ends_in(talk):
    code, lines, _ = talk(MENU, "form", "Ann")
    assert code == 0
    assert "    [2] large" in lines


def test_a_chat_that_the_bot_closed_begins_again(talk):
    _, lines, _ = talk(MENU, "bye", "menu")
    assert "Menu: Bye!" in lines
    assert lines[-1] == "  [2] Pasta"
    assert lines.count("Menu: Hello!") == 2


def test_errors_are_shown_with_the_lines_of_the_file(talk):
    code, lines, _ = talk(ECHO, "please fail", "hello")
    assert code == 1
    start = lines.index("a handler failed:")
    assert [line for line in lines[start + 1 :] if not line.startswith("--")] == [
        '  bot.py, line 8, in fail: raise KeyError("no such order")',
        "  KeyError: 'no such order'",
        "you: hello",
        "Echo: Echo: hello",
    ]


def test_commands_that_there_are_not_and_a_state_that_is_not_kept(talk):
    code, lines, errors = talk(ECHO, "/stat", "/state", "/help")
    assert code == 0
    assert "there is no /stat" in errors
    assert "is not kept" in errors
    assert not any(line.startswith("Echo:") for line in lines)


def test_what_customers_write_does_nothing_to_the_terminal(talk):
    _, lines, _ = talk(ECHO, "\x1b[31mred")
    assert "\x1b" not in "".join(lines)


def test_a_bot_without_handlers_says_nothing(talk):
    code, lines, _ = talk("from frontdesk.bots import Bot\nbot = Bot()\n", "hello")
    assert code == 0
    assert lines[-1] == "you: hello"
