"""``frontdesk call``: every method of every API, what is sent, and what is refused before that."""

import io
import json
from pathlib import Path
from typing import Any

import pytest

from frontdesk.cli.call import command
from frontdesk.cli.call.methods import shown_name
from frontdesk.cli.output.prices import PRICE
from frontdesk.sandbox import Sandbox

from .._running import Run, as_json, ok, refused
from ._samples import METHODS, words_for

OF_AGENTS = [name for name in METHODS if not name.startswith("customer.")]
MESSAGE = {"type": "message", "text": "Hello"}
OF_CUSTOMERS = [name for name in METHODS if name.startswith("customer.")]
LIVECHAT = ("--base-url", "https://api.livechatinc.com")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "note.txt"
    path.write_text("Hello")
    return path


@pytest.fixture
def chat_id(served: Sandbox) -> str:
    """An active chat that the agent is in."""
    return served.client().start_chat(active=True).chat_id


@pytest.mark.parametrize("name", OF_AGENTS)
def test_every_method_of_agents_can_be_called(
    run: Run, served: Sandbox, name: str, file: Path
) -> None:
    method = name.partition(".")[2]
    code, text, errors = run("call", name, *words_for(METHODS[name], file))
    assert [call.action for call in served.calls(method)] == [method], errors
    if code == 0:
        json.loads(text)
    else:
        # What the sandbox says of ids that there are not.
        assert (code, text) == (1, "")
        assert errors.splitlines()[-1].startswith(f"frontdesk: {method}: ")


@pytest.fixture
def of_customer(served: Sandbox, run: Run, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command as a customer."""
    customer = served.customer("Zoe")
    token = ok(run("customers", "token", customer.id)).strip()
    monkeypatch.setenv("FRONTDESK_CUSTOMER_TOKEN", token)
    return run


@pytest.mark.parametrize("name", OF_CUSTOMERS)
def test_every_method_of_customers_can_be_called(
    of_customer: Run, served: Sandbox, name: str, file: Path
) -> None:
    method = name.partition(".")[2]
    code, text, errors = of_customer("call", name, *words_for(METHODS[name], file))
    assert len(served.calls(name)) == 1, errors
    if code == 0:
        json.loads(text)
    else:
        assert (code, text) == (1, "")
        assert errors.splitlines()[-1].startswith(f"frontdesk: {method}: ")


@pytest.mark.parametrize("name", METHODS)
def test_every_method_shows_its_request(alone: Run, name: str, file: Path) -> None:
    draft = as_json(alone("call", name, *words_for(METHODS[name], file), "--dry-run"))
    api, _, method = name.partition(".")
    spec = METHODS[name].spec
    if "web" in spec.transports:
        assert f"/{api}/action/{method}" in draft["url"]
        assert draft["method"] == spec.verb
    else:
        assert draft["url"].startswith("ws://")
        assert draft["body"]["action"] == method


@pytest.mark.parametrize("name", METHODS)
def test_every_method_has_help(alone: Run, name: str) -> None:
    text = ok(alone("call", name, "--help"))
    assert text.startswith(f"Usage: frontdesk call {shown_name(METHODS[name])} ")
    assert max(map(len, text.splitlines())) <= 80
    for field in command.fields_with_options(METHODS[name]):
        assert field.option in text


def test_options_and_json_say_the_same(run: Run, served: Sandbox, chat_id: str) -> None:
    event = json.dumps(MESSAGE)
    first = as_json(run("call", "send_event", "--chat-id", chat_id, "--event", event))
    whole = json.dumps({"chat_id": chat_id, "event": MESSAGE})
    second = as_json(run("call", "send-event", "--json", whole))
    assert first["event_id"] != second["event_id"]
    one, other = served.calls("send_event")
    assert one.request == other.request


def test_an_option_counts_before_the_json(run: Run, served: Sandbox) -> None:
    ok(run("call", "list_archives", "--json", '{"limit": 3, "sort_order": "asc"}', "--limit", "2"))
    (call,) = served.calls("list_archives")
    assert call.request == {"limit": 2, "sort_order": "asc"}


def test_json_comes_from_a_file_or_the_standard_input(
    run: Run, served: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "request.json"
    path.write_text('{"limit": 3}')
    ok(run("call", "list_chats", "--json", f"@{path}"))
    monkeypatch.setattr("sys.stdin", io.StringIO('{"limit": 4}'))
    ok(run("call", "list_chats", "--json", "-"))
    assert [call.request for call in served.calls("list_chats")] == [{"limit": 3}, {"limit": 4}]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("send_evnt", "no API has a method `send_evnt`; did you mean `send_event`?"),
        ("get_archives", "no API has a method `get_archives`; it is called `list_archives`"),
        ("frobnicate", "`frontdesk call --help` lists them"),
        ("send_event --api configuration", "has no method `send_event`; it is a method of agents"),
        ("customer.send_evnt", "did you mean `send_event`?"),
        ("customer.send_event --api agent", "`--api` must be 'customer'"),
        ("send_event --api custmer", "not 'custmer'; did you mean `customer`?"),
        ("send_event --api", "`--api` must be one of"),
        ("send_event --chatid x", "No such option: --chatid; did you mean `--chat-id`?"),
        ("send_event", "`--chat-id` is required"),
        ("send_event --chat-id x", "`--event` is required"),
        ("send_event --chat-id x --event {", "`--event` must be JSON"),
        ("send_event --chat-id x --event []", "`--event` must be"),
        (
            'send_event --chat-id x --event {"type":"message"}',
            "`--event` cannot be used: `text` is",
        ),
        ("send_event --json {", "`--json` must be JSON, a @FILE with it, or -"),
        ("send_event --json @nosuch", "`--json` cannot be read: nosuch: No such file"),
        ("send_event --json []", "`--json` must be a JSON object with the fields, not a list"),
        ("send_event --json 1", "`--json` must be a JSON object with the fields, not a number"),
        ("send_event --json true", "`--json` must be a JSON object with the fields, not true"),
        ('send_event --json {"chatid":1}', '"chatid" is not a field of send_event; did you mean'),
        (
            'send_event --json {"chat_id":7,"event":{"type":"custom"}}',
            '`--json` cannot be used: "chat_id" must be',
        ),
        ('list_chats --json {"limit":1000}', '`--json` cannot be used: "limit" must be'),
        (
            'list_chats --json {"filters":{"agents":1}}',
            '"filters.agents" is not a field of it; it has "active"',
        ),
        ("list_chats --limit many", "must be a whole number"),
        ("list_chats --limit 0", "`--limit` must be"),
        ("list_chats --budget 3", "`--budget` is for `--all`"),
        ("list_chats --all --raw", "`--raw` cannot be given together with `--all`"),
        ("list_chats --raw --dry-run", "`--raw` cannot be given together with `--dry-run`"),
        ("list_chats --all --page-id x", "`--page-id` cannot be given together with `--all`"),
        ("list_chats --api-version new", "`--api-version` must look like"),
        (
            "list_translations --group-id 0 --language en --api-version 3.6",
            "must be 3.7 or later for `list_translations`",
        ),
        ("ban_customer --id x", "`--ban-days` is required"),
        ("upload_file --file nosuch", "`--file` cannot be read: nosuch: No such file"),
        ('upload_file --json {"file":"x"}', "`--json` cannot hold a file: give it as `--file`"),
        ("mark_events_as_seen --chat-id x --seen-up-to noon", "`--seen-up-to` must be a day such"),
    ],
)
def test_a_mistake_is_explained_and_nothing_is_sent(alone: Run, words: str, message: str) -> None:
    # With nobody there, whatever is sent ends with another exit code.
    assert message in refused(alone("call", *words.split(" ")))


def test_bytes_that_are_no_text_are_no_json(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "request.json"
    path.write_bytes(b'{"chat_id": "\xff\xfe"}')
    assert "(no UTF-8)" in refused(run("call", "get_chat", "--json", f"@{path}"))
    path.write_text("[" * 100_000)
    assert "must be JSON" in refused(run("call", "get_chat", "--json", f"@{path}"))
    monkeypatch.setattr("sys.stdin", None)
    assert "no standard input" in refused(run("call", "get_chat", "--json", "-"))


def test_a_name_means_the_agents_method_first(run: Run) -> None:
    draft = as_json(run("call", "list_chats", "--dry-run"))
    assert "/agent/action/" in draft["url"]
    for words in (
        ("customer.list_chats",),
        ("list_chats", "--api", "customer"),
        ("--api=customer", "ListChats"),
    ):
        draft = as_json(run("call", *words, "--dry-run"))
        assert "/customer/action/list_chats" in draft["url"]


def test_a_value_that_looks_like_an_option_is_one_after_two_dashes(run: Run) -> None:
    assert "unexpected extra argument" in refused(run("call", "list_chats", "--", "--api"))


def test_the_request_is_shown_without_secrets_and_with_its_cost(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FRONTDESK_TOKEN", "Bearer dal:open-sesame-of-it")
    words = ("call", "register_webhook", "--action", "incoming_chat", "--url", "https://a.test/",
             "--type", "license", "--secret-key", "the-secret-key-of-it", *LIVECHAT)  # fmt: skip
    code, text, errors = run(*words, "--dry-run")
    assert code == 0
    draft = json.loads(text)
    assert draft["headers"]["Authorization"] == "Bearer …"
    assert draft["body"]["secret_key"] == "…"
    assert draft["cost"] == {"requests": 1, "usd": PRICE / 1000}
    assert "sesame" not in text + errors
    assert "the-secret-key" not in text + errors
    assert "nothing was sent; it takes 1 request to LiveChat" in errors
    assert f"${PRICE / 1000:.5f}" in errors


def test_a_request_can_be_shown_without_a_token(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FRONTDESK_TOKEN")
    code, text, errors = run("call", "list_chats", "--dry-run")
    assert code == 0
    assert json.loads(text)["body"] == {}
    assert "there is no token yet" in errors
    assert "`frontdesk login` stores one" in refused(run("call", "list_chats"))


def test_a_call_over_rtm_costs_its_log_in_too(run: Run) -> None:
    words = ("call", "set_away_status", "--away", "--dry-run", *LIVECHAT)
    draft = as_json(run(*words))
    assert draft["cost"]["requests"] == 2
    assert draft["url"].startswith("wss://api.livechatinc.com/v3.6/agent/rtm/ws?organization_id=")
    assert draft["body"]["payload"] == {"away": True}


def test_a_customer_needs_a_token_of_its_own(run: Run) -> None:
    line = refused(run("call", "customer.list_chats"))
    assert "FRONTDESK_CUSTOMER_TOKEN" in line


def test_the_response_is_shown_as_it_came(run: Run, served: Sandbox) -> None:
    code, text, errors = run("call", "get_agent", "--id", "smith@example.com", "--raw")
    assert code == 0
    assert json.loads(text)["id"] == "smith@example.com"
    code, text, errors = run("call", "get_agent", "--id", "nobody@example.com", "--raw")
    assert code == 1
    assert json.loads(text)["error"]["type"] == "not_found"
    assert errors.splitlines()[-1] == "frontdesk: the API refused the call (HTTP 404)"


def test_all_pages_are_a_line_for_each_item(run: Run, served: Sandbox) -> None:
    code, text, errors = run("call", "list_archives", "--all", "--limit", "20")
    assert code == 0
    threads = [json.loads(line)["thread"]["id"] for line in text.splitlines()]
    pages = served.calls("list_archives")
    assert len(threads) == len(set(threads)) > 20
    assert f"frontdesk: {len(pages)} requests" in errors
    code, text, errors = run("call", "list_archives", "--all", "--limit", "20", "--budget", "1")
    assert code == 1
    assert len(text.splitlines()) == 20
    assert "Raise `--budget` to go on" in errors


class TestWhatCannotBeUndone:
    WORDS = ("call", "delete_tag", "--name", "bug")

    @pytest.fixture(autouse=True)
    def real_service(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """As if the sandbox were LiveChat."""
        monkeypatch.setattr(command, "is_local", lambda _: False)

    @pytest.fixture
    def answer(self, monkeypatch: pytest.MonkeyPatch) -> Any:
        return lambda text: monkeypatch.setattr("sys.stdin", io.StringIO(text))

    def test_it_is_asked_first(self, run: Run, served: Sandbox, answer: Any) -> None:
        answer("n\n")
        code, text, errors = run(*self.WORDS)
        assert (code, text) == (1, "")
        assert "Call delete_tag with name bug? It cannot be undone on the sandbox at" in errors
        assert "nothing was changed" in errors
        assert not served.calls("delete_tag")
        answer("y\n")
        assert run(*self.WORDS)[0] in (0, 1)
        assert served.calls("delete_tag")

    def test_nobody_may_be_there(self, run: Run, served: Sandbox, answer: Any) -> None:
        answer("")
        assert refused(run(*self.WORDS)) == "`--yes` is required where nobody can be asked"
        assert not served.calls("delete_tag")

    def test_yes_goes_on(self, run: Run, served: Sandbox, answer: Any) -> None:
        answer("")
        run(*self.WORDS, "--yes")
        assert served.calls("delete_tag")

    def test_nothing_is_asked_for_a_request_that_is_only_shown(self, run: Run, answer: Any) -> None:
        answer("")
        ok(run(*self.WORDS, "--dry-run"))

    def test_what_can_be_undone_is_not_asked(self, run: Run, answer: Any) -> None:
        answer("")
        ok(run("call", "create_tag", "--name", "urgent", "--group-id", "0"))
        assert "--yes" not in ok(run("call", "create_tag", "--help"))
