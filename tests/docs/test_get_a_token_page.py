"""The terminal sessions of "Get a token" are what the commands print."""

import re
import shlex
import webbrowser
from pathlib import Path

import pytest

from frontdesk.cli import main

from ..cli.accounts._browser import Browser
from ..cli.accounts.conftest import port

__all__ = ["port"]

PAGE = Path(__file__).resolve().parents[2] / "docs" / "guide" / "get-a-token.md"


def sessions():
    """Every command of the page with the lines that are to follow it, and what is exported."""
    for block in re.findall(r"```console\n(.*?)```", PAGE.read_text(), re.DOTALL):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, *lines = part.splitlines()
            yield shlex.split(command), lines


def as_printed(line):
    """A line of the page as a pattern: the sandbox stands for LiveChat, `…` for anything."""
    pattern = re.escape(line).replace("…", ".*")
    pattern = pattern.replace(
        re.escape("https://accounts.livechat.com"), r"http://[\d.:]+/accounts"
    )
    pattern = pattern.replace(
        re.escape("accounts.livechat.com responds, its certificate is trusted"),
        r"127\.0\.0\.1 responds",
    )
    pattern = pattern.replace("8765", r"\d+")
    # The account of the page is a made-up one.
    return re.sub(r"6f5c1f3e\\-\.\*|390e44e6\\-\.\*", ".*", pattern)


def test_every_command_prints_what_the_page_shows(served, port, monkeypatch, capsys, tmp_path):
    app = served.accounts.register_client(f"http://127.0.0.1:{port}/callback")
    pat = served.tokens["pat"].removeprefix("Basic ")
    for name in ("TOKEN", "PROFILE", "ACCOUNTS_URL", "CLIENT_SECRET"):
        monkeypatch.delenv(f"FRONTDESK_{name}", raising=False)
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("FRONTDESK_BASE_URL", served.url)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setattr(webbrowser, "open", Browser().open)
    compared = 0
    for words, lines in sessions():
        if words[0] == "export":
            name, _, value = words[1].partition("=")
            if name == "FRONTDESK_CLIENT_ID":
                value = app.client_id
                monkeypatch.delenv("FRONTDESK_TOKEN", raising=False)  # of the section before
            monkeypatch.setenv(name, value.replace("NmY1YzFm…", pat))
            continue
        assert words[0] == "frontdesk"
        options = ["--port", str(port)] if words[1] == "login" else []
        served.advance(31)  # three log-ins in 30 s are the most
        with pytest.raises(SystemExit) as ended:
            main([*words[1:], *options])
        captured = capsys.readouterr()
        printed = [*captured.err.splitlines(), *captured.out.splitlines()]
        if words[1:] == ["doctor"]:
            assert ended.value.code == 1
            printed = [*captured.out.splitlines(), *captured.err.splitlines()]
        else:
            assert ended.value.code == 0, captured.err
        if lines:
            compared += 1
            assert len(printed) == len(lines), printed
            for line, text in zip(lines, printed, strict=True):
                assert re.fullmatch(as_printed(line), text), (line, text)
    assert compared >= 5
