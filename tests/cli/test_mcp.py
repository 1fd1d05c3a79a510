"""How ``frontdesk mcp`` is called."""

import inspect

import pytest

from frontdesk.cli import mcp as command
from frontdesk.mcp import ServerOptions, settings

from ..canary import CANARY, TOKEN
from ._running import refused


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--allow", "send_evnt"], "`--allow` must be names of methods, not `send_evnt`"),
        (["--allow", "send_event,tag_thred"], "did you mean `tag_thread`?"),
        (["--allow", "upload_file"], "`--allow` cannot have `upload_file`"),
        (["--only", "send_event"], "`--only` must be names of methods that read"),
        (["--budget", "-1"], "'--budget'"),
        (["--max-bytes", "10"], "'--max-bytes'"),
        (["--page-limit", "0"], "'--page-limit'"),
        (["--http", "70000"], "'--http'"),
        (["--api-version", "x"], "`--api-version`"),
        (["--profile", "nobody"], "`--profile`"),
    ],
)
def test_wrong_use_is_one_line_that_names_the_option(run, words, message):
    assert message in refused(run("mcp", *words))


def test_without_a_token_it_says_which_command_makes_one(run, monkeypatch):
    monkeypatch.delenv("FRONTDESK_TOKEN")
    assert "`frontdesk login`" in refused(run("mcp"))


def test_a_token_is_not_repeated(run):
    ended = run("mcp", "--token", TOKEN, "--allow", "nothing")
    assert CANARY not in "".join(map(str, ended))


def test_a_port_that_is_taken_is_said(run, served):
    port = served.url.rpartition(":")[2]
    assert f"cannot serve on port {port}" in refused(run("mcp", "--http", port), code=1)


def test_its_defaults_are_those_of_the_library():
    parameters = inspect.signature(command.mcp).parameters
    assert parameters["max_bytes"].default == ServerOptions().max_bytes == settings.MAX_BYTES
    assert parameters["page_limit"].default == ServerOptions().page_limit
