"""Errors on the command line: every option, variable and command that they name is there."""

import re
import shlex
import socket
from functools import cache

import pytest
import typer

from frontdesk import errors
from frontdesk.cli._app import app
from frontdesk.cli.advice import NOTHING_GIVEN, Advice
from frontdesk.cli.arguments.command_calls import CommandCall, Given

from ..loopback import Loopback, reply
from ._running import refused
from .accounts.conftest import browser, port

__all__ = ["browser", "port"]

LIBRARY = re.compile(
    r"token getter|start_login|client's|region=|`(region|version|budget|base_url|accounts_url|"
    r"redirect_uri|client_id|client_secret|state|attempt)`|arguments of the call"
)
"""What only programs have."""


def leaves(command, path=()):
    """All commands, by their words."""
    groups = getattr(command, "commands", {})
    if not groups:
        yield " ".join(path), command
    for name, child in groups.items():
        yield from leaves(child, (*path, name))


COMMANDS = dict(leaves(typer.main.get_command(app)))


def options_of(command):
    names = [*command.params, *command.get_params(typer.Context(command))]
    return {
        option for parameter in names for option in (*parameter.opts, *parameter.secondary_opts)
    }


def check_names(text, name):
    """Everything that a text names is an option of the command, or belongs to one it quotes."""
    assert not LIBRARY.search(text), text
    for quoted in re.findall(r"`frontdesk ([^`]*)`", text):
        words = shlex.split(quoted)
        known = [word for word in words if not word.startswith("-")]
        other = COMMANDS.get(" ".join(known[:2])) or COMMANDS[known[0]]
        assert {word for word in words if word.startswith("--")} <= options_of(other), text
    rest = re.sub(r"`frontdesk [^`]*`", "", text)
    assert set(re.findall(r"--[a-z][a-z-]*", rest)) <= options_of(COMMANDS[name]), text


def kinds(base=errors.FrontdeskError):
    for kind in base.__subclasses__():
        if kind.__module__.startswith("frontdesk.errors"):
            yield kind
            yield from kinds(kind)


@cache
def all_samples():
    """Each command is tried with all: to make them takes longer than to ask what they say."""
    return list(samples())


def samples():
    for kind in sorted(set(kinds()), key=lambda kind: kind.__name__):
        if hasattr(kind, "next_step"):
            yield kind("something happened")
    yield errors.BudgetExceeded(5)
    yield errors.BudgetExceeded(5, errors.AuthenticationError("no"))
    yield errors.MissingToken(NOTHING_GIVEN)
    for place in ("base_url", "accounts_url"):
        yield errors.NotTheAPI(f"something else responded; check `{place}` and the proxy")
        yield errors.InvalidArgument(place, "must be an address")
    yield errors.ConnectError("cannot connect to api.example: refused")
    yield errors.FrontdeskError(f"list_agents failed: {errors.AuthenticationError('no')}")


def calls():
    yield CommandCall()
    for name in ("default", "work"):
        call = CommandCall()
        call.profile, call.token = name, Given(None, f"the profile {name!r}")
        call.base_url = Given("https://api.example", f"the profile {name!r}")
        call.accounts_url = Given("https://api.example/accounts", f"the profile {name!r}")
        yield call
    call = CommandCall()
    call.token = Given(None, "FRONTDESK_TOKEN")
    call.base_url = Given("https://api.example", "FRONTDESK_BASE_URL")
    yield call


@pytest.mark.parametrize("name", COMMANDS)
def test_every_error_names_what_the_command_has(name):
    for call in calls():
        call.redirect_uri = "http://127.0.0.1:8765/callback"
        advice = Advice(COMMANDS[name], name.split(), call)
        for error in all_samples():
            if name not in ("login", "whoami", "doctor", "export run", "report"):
                # Others cannot fail with these.
                if isinstance(error, errors.InvalidArgument) and error.field == "accounts_url":
                    continue
                if not any(p.name == "base_url" for p in COMMANDS[name].params):
                    continue
            if isinstance(error, errors.InvalidArgument) and not any(
                parameter.name == error.field for parameter in COMMANDS[name].params
            ):
                continue
            check_names(advice.text_of(error), name)


def test_a_wrapped_error_has_the_same_words():
    call = CommandCall()
    call.profile = "work"
    advice = Advice(COMMANDS["export run"], ["export", "run"], call)
    inner = errors.AuthenticationError("expired", status=401)
    wrapped = errors.ExportError(f"the export stopped: {inner}")
    for error in (inner, wrapped):
        assert "`frontdesk doctor --profile work`" in advice.text_of(error)
    missing = errors.AuthorizationError("no scope", action="list_archives")
    assert "`frontdesk doctor list_archives --profile work`" in advice.text_of(missing)


def test_arguments_have_the_name_that_they_were_given_by(run, monkeypatch):
    monkeypatch.setenv("FRONTDESK_BASE_URL", "no address")
    assert refused(run("agents", "list")).startswith("`FRONTDESK_BASE_URL` must")
    message = refused(run("agents", "list", "--base-url", "neither"))
    assert message.startswith("`--base-url` must")
    # The address of the accounts server is made of it.
    message = refused(run("login", "--client-id", "x", "--no-browser"))
    assert message.startswith("`FRONTDESK_BASE_URL` must")
    monkeypatch.delenv("FRONTDESK_BASE_URL")
    monkeypatch.setenv("FRONTDESK_TOKEN", "Digest x")
    assert refused(run("agents", "list")).startswith("`FRONTDESK_TOKEN` must")
    assert refused(run("agents", "list", "--token", "Digest x")).startswith("`--token` must")


# Servers of something else.
FOREIGN = {
    "page": (200, "text/html", b"<html><h1>It works!</h1></html>"),
    "404": (404, "text/html", b"<html><h1>Not Found</h1></html>"),
    "404 in JSON": (404, "application/json", b'{"message":"Not Found"}'),
    "JSON": (200, "application/json", b'{"status":"ok"}'),
    "a list": (200, "application/json", b"[]"),
}


@pytest.mark.parametrize("kind", FOREIGN)
@pytest.mark.parametrize("words", [("whoami",), ("agents", "list"), ("login",)], ids=" ".join)
@pytest.mark.parametrize("as_option", [False, True], ids=["variable", "option"])
def test_the_address_of_something_else(run, monkeypatch, kind, words, as_option):
    if words == ("login",):
        if kind == "page":
            pytest.skip("any page may be the one that people log in at")
        words = ("login", "--client-id", "x", "--no-browser", "--timeout", "5")
    if (words, kind) == (("agents", "list"), "a list"):
        pytest.skip("so responds an API without agents")
    status, content_type, body = FOREIGN[kind]
    with Loopback() as server:
        server.default = reply(body, status, {"Content-Type": content_type})
        if as_option:
            monkeypatch.delenv("FRONTDESK_BASE_URL")
            words = (*words, "--base-url", server.url)
            name = "`--base-url`"
        else:
            monkeypatch.setenv("FRONTDESK_BASE_URL", server.url)
            name = "`FRONTDESK_BASE_URL`"
        message = run(*words)[2].splitlines()[-1]
    assert f"check {name} ({server.url}) and the proxy" in message
    assert not LIBRARY.search(message)


@pytest.mark.parametrize(
    "words",
    [("whoami",), ("login", "--client-id", "x", "--no-browser", "--timeout", "5")],
    ids=lambda words: words[0],
)
def test_nobody_is_there(run, monkeypatch, words):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    monkeypatch.setenv("FRONTDESK_BASE_URL", url)
    monkeypatch.setattr("frontdesk.core.retry.Retry.pause", lambda *_: 0.0)
    message = run(*words)[2].splitlines()[-1]
    assert f"check `FRONTDESK_BASE_URL` ({url}) and the proxy" in message
    assert message.count("check ") == 1
    monkeypatch.delenv("FRONTDESK_BASE_URL")
    message = run(*words, "--accounts-url", url)[2].splitlines()[-1]
    assert f"check `--accounts-url` ({url}) and the proxy" in message


def test_a_server_side_app_without_its_secret(run, served, port, browser, monkeypatch):
    app = served.accounts.register_client(
        f"http://127.0.0.1:{port}/callback", type="server_side", client_secret="the-right-one"
    )
    words = ("login", "--client-id", app.client_id, "--port", str(port))
    message = run(*words)[2].splitlines()[-1]
    assert "give its secret with `--ask-secret` or in FRONTDESK_CLIENT_SECRET" in message
    monkeypatch.setenv("FRONTDESK_CLIENT_SECRET", "a-wrong-one")
    message = run(*words)[2].splitlines()[-1]
    assert message.startswith("frontdesk: invalid_client")
    assert "Check client id and secret" in message


@pytest.mark.parametrize("how", [(), ("--no-browser",)])
def test_a_port_that_the_app_does_not_have(run, served, port, browser, how):
    app = served.accounts.register_client(f"http://127.0.0.1:{port}/callback")
    other = port - 1
    words = ("login", "--client-id", app.client_id, "--port", str(other), "--timeout", "5", *how)
    message = refused(run(*words), 1)
    assert f"Add the redirect URI http://127.0.0.1:{other}/callback to the app" in message
    assert "`--port`" in message
    assert browser.urls == []


def test_an_app_that_is_not_there(run, monkeypatch):
    words = ("login", "--no-browser", "--timeout", "5")
    message = refused(run(*words, "--client-id", "nobody"), 1)
    assert "Register `--client-id` at the sandbox first: POST /__sandbox__/clients" in message
    monkeypatch.setattr("frontdesk.cli.advice.is_loopback", lambda host: False)
    message = refused(run(*words, "--client-id", "nobody"), 1)
    assert message.endswith("Check `--client-id` in the Developer Console")
    monkeypatch.setenv("FRONTDESK_CLIENT_ID", "nobody")
    message = refused(run(*words), 1)
    assert message.endswith("Check `FRONTDESK_CLIENT_ID` in the Developer Console")
