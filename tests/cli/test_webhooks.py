"""``frontdesk webhooks listen`` and ``replay``."""

import io
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any, Self

import pytest

from frontdesk.cli import main
from frontdesk.sandbox import Sandbox

from .. import forked
from ..webhooks._bodies import OWN, SECRET, sample
from ..webhooks._target import Target
from ..webhooks.conftest import OWNER

EMPTY = "`FILE` holds no webhooks; `listen --json` records them"


def run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    return int(caught.value.code or 0)


class Listening:
    """``frontdesk webhooks listen`` as a process of its own."""

    def __init__(
        self,
        sandbox: Sandbox,
        *arguments: str,
        stdout: int = subprocess.PIPE,
        encoding: str = "utf-8",
    ) -> None:
        environment = {
            **os.environ,
            "COLUMNS": "200",
            "PYTHONIOENCODING": encoding,
            "FRONTDESK_BASE_URL": sandbox.url,
            "FRONTDESK_TOKEN": sandbox.tokens["owner"],
            "FRONTDESK_CLIENT_ID": OWNER,
        }
        self.process = forked.Popen(
            [sys.executable, "-m", "frontdesk", "webhooks", "listen", *arguments],
            stdout=stdout,
            stderr=subprocess.PIPE,
            env=environment,
            encoding="utf-8" if "--json" in arguments else encoding,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.process.kill()
        self.process.communicate()

    def error_line(self) -> str:
        assert self.process.stderr is not None
        return self.process.stderr.readline()

    def line(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline()


def registered(sandbox: Sandbox) -> list[Any]:
    return sandbox.configuration_client().list_webhooks(owner_client_id=OWNER)


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_listen_shows_webhooks_and_unregisters(
    served: Sandbox, target: Target, tmp_path: Path, end: signal.Signals
) -> None:
    ann = served.customer("Ann")
    with Listening(served, "--json", "incoming_chat", "incoming_event") as listening:
        assert "ready: 2 webhooks" in listening.error_line()
        (url,) = {webhook.url for webhook in registered(served)}
        assert len(url.rpartition("/")[2]) > 20
        ann.say("hello")
        ann.say("are you there?")
        chat, event = (json.loads(listening.line()) for _ in range(2))
        assert chat["action"] == "incoming_chat"
        assert event["payload"]["event"]["text"] == "are you there?"
        assert "secret_key" not in event
        listening.process.send_signal(end)
        assert "unregistered 2 webhooks" in listening.error_line()
        assert listening.process.wait(10) == 0
    assert registered(served) == []

    file = tmp_path / "recorded.jsonl"
    file.write_text(f"{json.dumps(chat)}\n{json.dumps(event)}\n", encoding="utf-8")
    assert run("webhooks", "replay", str(file), "--url", target.url, "--secret", SECRET) == 0
    assert target.actions == ["incoming_chat", "incoming_event"]
    assert {webhook["secret_key"] for webhook in target.got} == {SECRET}


def test_listen_shows_lines_for_people(served: Sandbox) -> None:
    with Listening(served, "all", "--additional-data") as listening:
        assert "ready: 38 webhooks" in listening.error_line()
        served.customer("Ann").say("hello")
        assert "Ann" in listening.line()
        served.customer("Ann").say("a message")
        line = listening.line()
        assert "incoming_event" in line
        assert "a message" in line
        assert served.customer("Ann").chat_id in line


def test_listen_leaves_nothing_behind_when_it_fails(served: Sandbox) -> None:
    client = served.configuration_client()
    for _ in range(3):
        client.register_webhook(
            action="incoming_event",
            url="http://localhost:1/",
            secret_key="s",
            owner_client_id=OWNER,
            type="license",
        )
    with Listening(served, "incoming_chat", "incoming_event") as listening:
        assert "unregistered 1 webhook" in listening.error_line()
        assert "limit_reached" in listening.error_line()
        assert listening.process.wait(10) == 1
    assert {webhook.action for webhook in registered(served)} == {"incoming_event"}


def test_listen_unregisters_what_was_registered_without_a_response(served: Sandbox) -> None:
    served.fault("reset_after", "register_webhook", times=1)
    with Listening(served, "incoming_event") as listening:
        assert "unregistered 1 webhook" in listening.error_line()
        assert "connection" in listening.error_line()
        assert listening.process.wait(10) == 1
    assert registered(served) == []


def test_listen_says_so_when_webhooks_of_the_license_are_switched_off(served: Sandbox) -> None:
    client = served.configuration_client()
    client.disable_license_webhooks(owner_client_id=OWNER)
    with Listening(served) as listening:
        assert "ready: 3 webhooks" in listening.error_line()
        assert "`frontdesk webhooks enable` switches them on" in listening.error_line()


def test_listen_that_may_register_nothing_has_nothing_to_take_back(
    served: Sandbox, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FRONTDESK_BASE_URL", served.url)
    monkeypatch.setenv("FRONTDESK_TOKEN", served.tokens["few_scopes"])
    assert run("webhooks", "listen", "--owner-client-id", OWNER) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert "needs the scope webhooks.configuration:rw" in line
    assert [call.action for call in served.calls()] == ["register_webhook"]


def test_listen_ends_when_nobody_reads_any_more(served: Sandbox) -> None:
    ann = served.customer("Ann")
    ann.say("hello")
    with Listening(served, "--json", "incoming_event") as listening:
        assert "ready" in listening.error_line()
        assert listening.process.stdout is not None
        listening.process.stdout.close()
        listening.process.stdout = None
        ann.say("is anybody there?")
        assert "unregistered 1 webhook" in listening.error_line()
        assert listening.process.wait(10) == 0
        assert listening.error_line() == ""
    assert registered(served) == []


@pytest.mark.parametrize("as_json", [False, True])
def test_listen_unregisters_and_tells_of_a_full_disk(served: Sandbox, as_json: bool) -> None:
    options = ["--json"] if as_json else []
    with (
        Path("/dev/full").open("w") as full,
        Listening(served, *options, "incoming_chat", stdout=full.fileno()) as listening,
    ):
        assert "ready" in listening.error_line()
        served.customer("Ann").say("hello")
        assert "unregistered 1 webhook" in listening.error_line()
        assert "cannot write to the standard output" in listening.error_line()
        assert listening.process.wait(10) == 1
        assert listening.error_line() == ""
    assert registered(served) == []


@pytest.mark.parametrize("encoding", ["cp1252", "ascii"])
@pytest.mark.parametrize("as_json", [False, True])
def test_listen_shows_characters_that_the_terminal_lacks(
    served: Sandbox, encoding: str, as_json: bool
) -> None:
    ann = served.customer("Ann")
    ann.say("hello")
    options = ["--json"] if as_json else []
    with Listening(served, *options, "incoming_event", encoding=encoding) as listening:
        assert "ready" in listening.error_line()
        ann.say("Grüße 🙂")
        line = listening.line()
        ann.say("after")
        assert "after" in listening.line()
        listening.process.send_signal(signal.SIGTERM)
        assert "unregistered 1 webhook" in listening.error_line()
        assert listening.process.wait(10) == 0
    if as_json:
        assert json.loads(line)["payload"]["event"]["text"] == "Grüße 🙂"
    else:
        assert line.rstrip().endswith("?")


def test_customers_cannot_write_to_the_terminal(served: Sandbox) -> None:
    ann = served.customer("Ann")
    ann.say("hello")
    with Listening(served, "incoming_event") as listening:
        assert "ready" in listening.error_line()
        ann.say("\x1b]0;owned\x07 \x9b31m \u202ereversed [red]no markup[/red]")
        line = listening.line().rstrip("\n")
        assert line.isprintable()
        assert line.endswith("]0;owned 31m reversed [red]no markup[/red]")


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["incoming_evnt"], 2, "did you mean `incoming_event`?"),
        (["--type", "global"], 2, "one of 'license', 'bot'"),
        (["--owner-client-id", ""], 2, "--owner-client-id"),
        (["--port", "70000"], 2, "65535"),
        (["--host", ""], 2, "--host"),
        (["--host", "a..b"], 1, "not a host name"),
        (["--host", "203.0.113.7"], 1, "cannot listen at '203.0.113.7'"),
        (["--url", "tunnel.example"], 2, "must be an absolute address"),
    ],
)
def test_listen_called_wrongly(
    arguments: list[str],
    code: int,
    message: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("FRONTDESK_CLIENT_ID", OWNER)
    monkeypatch.setenv("FRONTDESK_TOKEN", "dal:token")
    assert run("webhooks", "listen", *arguments) == code
    (line,) = capsys.readouterr().err.splitlines()
    assert message in line


def test_replay_takes_many_shapes(
    target: Target, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one, two = sample("incoming_chat"), sample("incoming_event")
    shapes = {
        "one": one,
        "list": [one, two],
        "deliveries": {"counts": {}, "deliveries": [{"webhook": one}, {"webhook": two}]},
    }
    for name, content in shapes.items():
        (tmp_path / name).write_text(json.dumps(content, indent=2), encoding="utf-8")
        assert run("webhooks", "replay", str(tmp_path / name), "--url", target.url) == 0
    assert len(target.got) == 5
    assert run("webhooks", "replay", str(OWN / "tag_created.json"), "--url", target.url) == 0
    assert target.actions[-1] == "tag_created"
    assert "accepted: 2 of 2 webhooks" in capsys.readouterr().out


def test_replay_tells_what_was_refused(
    target: Target, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "recorded"
    webhooks = [sample("incoming_chat"), sample("incoming_event")]
    file.write_text("\n".join(map(json.dumps, webhooks)), encoding="utf-8")
    target.respond = lambda webhook: 401 if webhook["action"] == "incoming_event" else 200
    assert run("webhooks", "replay", str(file), "--url", target.url, "--secret", "wrong") == 1
    shown = capsys.readouterr().out
    assert "incoming_chat: 200" in shown
    assert "incoming_event: 401" in shown
    assert "accepted: 1 of 2 webhooks" in shown
    target.close()
    assert run("webhooks", "replay", str(file), "--url", target.url, "--secret", "wrong") == 1
    assert "accepted: 0 of 2 webhooks" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "cannot be read"),
        ("{", "line 1 is not JSON"),
        ('{"action": "x", "payload": 1}\nnonsense', "line 2 is not JSON"),
        ("[" * 100_000, "line 1 is not JSON"),
        ("[1]", "not a webhook"),
        ('{"action": "x"}', "`payload`"),
        ('{"action": "x", "payload": {}}', "--secret"),
        ("", EMPTY),
        ("\n \n", EMPTY),
        ("[]", EMPTY),
        ('{"counts": {}, "deliveries": []}', EMPTY),
    ],
)
@pytest.mark.parametrize("source", ["file", "standard input"])
def test_replay_of_something_else(
    content: str | None,
    message: str,
    source: str,
    target: Target,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    file = tmp_path / "recorded"
    if content is not None:
        file.write_text(content, encoding="utf-8")
        stdin = io.TextIOWrapper(io.BytesIO(content.encode()), encoding="ascii")
        monkeypatch.setattr("sys.stdin", stdin)
    name = "-" if source == "standard input" and content is not None else str(file)
    assert run("webhooks", "replay", name, "--url", target.url) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert message in line
    assert target.got == []


def test_replay_of_a_closed_standard_input(
    target: Target, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", None)
    assert run("webhooks", "replay", "-", "--url", target.url) == 2
    assert EMPTY in capsys.readouterr().err


def test_replay_reads_the_standard_input_as_utf_8_whatever_the_locale(
    target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    webhook = sample("incoming_event")
    webhook["payload"]["event"]["text"] = "zażółć 💛"
    recorded = b"\xef\xbb\xbf" + json.dumps(webhook, ensure_ascii=False).encode()
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(recorded), encoding="ascii"))
    assert run("webhooks", "replay", "-", "--url", target.url) == 0
    assert target.got[0]["payload"]["event"]["text"] == "zażółć 💛"


@pytest.mark.parametrize(
    ("command", "argument", "name", "hint"),
    [
        (("tail",), "PUSH` must be the name of a push", "incomming_event", "incoming_event"),
        (("webhooks", "listen"), "ACTION` must be the name of a webhook", "thread_taged", "tagged"),
    ],
)
def test_a_wrong_name_gets_a_response_with_the_right_one(
    command: tuple[str, ...],
    argument: str,
    name: str,
    hint: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("FRONTDESK_CLIENT_ID", OWNER)
    monkeypatch.setenv("FRONTDESK_TOKEN", "dal:token")
    assert run(*command, name) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert f"`{argument}, not `{name}`; did you mean `" in line
    assert hint in line.rpartition("mean")[2]


def test_a_wrong_name_is_repeated_as_far_as_a_line_has_room(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run("tail", "x\x1b[31m\n" * 1000, "--token", "dal:token") == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.isprintable()
    assert len(line) < 200
    assert "did you mean" not in line


@pytest.mark.parametrize("url", ["nonsense", "http://", "http://127.0.0.1:99999", "ftp://x/"])
def test_replay_to_no_address(url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "recorded"
    file.write_text(json.dumps(sample("incoming_event")), encoding="utf-8")
    assert run("webhooks", "replay", str(file), "--url", url) == 2
    assert "must be an absolute address" in capsys.readouterr().err
