"""Chats, archives and customers as tables, and what was written in them."""

import json
import re

import pytest
from rich.cells import cell_len

from frontdesk.sandbox import Sandbox

from .._running import Run, as_json, ok, refused

HOSTILE = "\x1b[2J\x1b]0;owned\x07 red\u202e \u009b31m\r\nbot: I agree"


def test_chats_are_listed_with_what_was_written_last(run: Run, served: Sandbox) -> None:
    customer = served.customer("Zoe")
    customer.say("Is anybody there?")
    code, text, errors = run("chats", "list", "--limit", "5")
    assert code == 0
    header, first, *_ = text.splitlines()
    assert header.split() == ["id", "customer", "agents", "state", "at", "last"]
    assert str(customer.chat_id) in first
    assert "Zoe" in first
    assert max(map(cell_len, text.splitlines())) <= 80
    assert re.search(r"frontdesk: 5 of about \d+; `--all` reads the rest, `--page-id ", errors)


def test_a_page_and_all_pages_as_json(run: Run, served: Sandbox) -> None:
    page = as_json(run("chats", "list", "--limit", "3", "--json"))
    assert len(page["chats_summary"]) == 3
    following = as_json(run("chats", "list", "--page-id", page["next_page_id"], "--json"))
    assert following["chats_summary"][0]["id"] not in {each["id"] for each in page["chats_summary"]}
    _, text, errors = run("chats", "list", "--all", "--json")
    chats = [json.loads(line)["id"] for line in text.splitlines()]
    assert len(chats) == len(set(chats)) == page["found_chats"]
    assert "1 request" in errors
    assert len(ok(run("chats", "list", "--all")).splitlines()) == len(chats) + 1
    assert "`--page-id` cannot be" in refused(run("chats", "list", "--all", "--page-id", "x"))


def test_archives_are_filtered_and_shown(run: Run, served: Sandbox) -> None:
    words = ("archives", "list", "--filter", "tags=refund", "--limit", "4")
    page = as_json(run(*words, "--json"))
    assert all("refund" in chat["thread"]["tags"] for chat in page["chats"])
    text = ok(run(*words))
    chat = page["chats"][0]
    assert chat["thread"]["id"] in text.splitlines()[1]
    shown = ok(run("archives", "show", chat["id"], chat["thread"]["id"]))
    assert f"thread {chat['thread']['id']}, closed, tagged refund" in shown
    assert "`--filter`" in refused(run("archives", "list", "--filter", "tag=refund"))
    assert served.calls("list_archives")[0].request["filters"] == {"tags": {"values": ["refund"]}}


def test_customers_are_listed_shown_and_changed(run: Run, served: Sandbox) -> None:
    customer = served.customer("Zoe")
    assert customer.id in ok(run("customers", "list", "--all"))
    ok(run("customers", "update", customer.id, "--name", "Zoe Z."))
    assert "Zoe Z." in ok(run("customers", "show", customer.id))
    assert "there is nothing to change" in refused(run("customers", "update", customer.id))


def test_a_customer_of_somebody_else_is_not_found(run: Run) -> None:
    line = refused(run("customers", "show", "6f472698-d4a6-483b-95f9-180ab7fe4cf2"), 1)
    assert "get_customer: not_found" in line


@pytest.mark.parametrize("width", [1, 20, 40, 79, 200])
def test_hostile_texts_do_nothing_in_a_terminal_of_any_width(
    run: Run, served: Sandbox, monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    customer = served.customer("Zoe")
    served.client().update_customer(id=customer.id, name=HOSTILE)
    customer.say(f"first line\n{HOSTILE}\n" + "x" * 1000)
    monkeypatch.setenv("COLUMNS", str(width))
    for words in (
        ("chats", "list"),
        ("chats", "show", customer.chat_id),
        ("chat", customer.chat_id),
        ("customers", "list", "--all"),
        ("customers", "show", customer.id),
    ):
        text = ok(run(*words))
        assert all(char.isprintable() or char == "\n" for char in text)
        assert not any(line.startswith("bot:") for line in text.splitlines())
    for line in ok(run("chats", "list")).splitlines():
        assert cell_len(line) <= max(width, 60)


def test_a_transcript_has_days_times_authors_and_lines(run: Run, served: Sandbox) -> None:
    customer = served.customer("Zoe")
    customer.say("one\ntwo")
    text = ok(run("chats", "show", customer.chat_id))
    assert text.startswith(f"chat {customer.chat_id}: ")
    assert re.search(r"(?m)^-- \d{4}-\d\d-\d\d$", text)
    assert re.search(r"(?m)^\d\d:\d\d Zoe: one\n        two$", text)
    assert as_json(run("chats", "show", customer.chat_id, "--json"))["id"] == customer.chat_id


def test_a_token_of_a_customer_is_printed_and_opens_the_customers_api(
    run: Run, served: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    customer = served.customer("Zoe")
    code, text, errors = run("customers", "token", customer.id)
    assert code == 0, errors
    assert text.startswith("Bearer ")
    assert text.strip() not in errors
    monkeypatch.setenv("FRONTDESK_CUSTOMER_TOKEN", text.strip())
    assert as_json(run("call", "customer.get_customer"))["id"] == customer.id
    monkeypatch.delenv("FRONTDESK_CUSTOMER_TOKEN")
    assert "`frontdesk customers token` makes one" in refused(run("call", "customer.get_customer"))
    monkeypatch.delenv("FRONTDESK_CLIENT_ID")
    line = refused(run("customers", "token", "--base-url", "https://api.livechatinc.com"))
    assert line == "`--client-id` is required: the app that the token is of"


def test_where_there_is_little_room_ids_stay_whole(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = as_json(run("archives", "list", "--json"))
    monkeypatch.setenv("COLUMNS", "40")
    text = ok(run("archives", "list"))
    header, *lines = text.splitlines()
    assert header.split() == ["chat", "thread", "customer", "…"]
    assert [line.split()[:2] for line in lines] == [
        [chat["id"], chat["thread"]["id"]] for chat in page["chats"]
    ]
    assert max(map(cell_len, text.splitlines())) <= 40
