"""An app that is registered with the sandbox, and a free port for its redirect URI."""

import socket
import webbrowser

import pytest

from frontdesk.sandbox import RegisteredClient, Sandbox

from ._browser import Browser


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        number: int = probe.getsockname()[1]
        return number


@pytest.fixture
def app(served: Sandbox, port: int) -> RegisteredClient:
    return served.accounts.register_client(f"http://127.0.0.1:{port}/callback", name="The App")


@pytest.fixture
def environment(run, app, port, monkeypatch):
    """Nothing but the address of the sandbox and the app is known; there is no token."""
    monkeypatch.delenv("FRONTDESK_TOKEN")
    monkeypatch.setenv("FRONTDESK_CLIENT_ID", app.client_id)
    return run


@pytest.fixture
def browser(monkeypatch):
    """What ``webbrowser.open`` opens."""
    browser = Browser()
    monkeypatch.setattr(webbrowser, "open", browser.open)
    return browser


@pytest.fixture
def log_in(run, port, browser):
    def log_in(*words):
        return run("login", "--port", str(port), *words)

    return log_in
