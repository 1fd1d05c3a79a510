"""Logging in with a real browser: Chromium, driven as a person would use it."""

import http.server
import threading
from collections.abc import Iterator
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from tools import site_check

from frontdesk.sandbox import RegisteredClient, Sandbox

from ._log_in import LogIn

pytestmark = pytest.mark.skipif(
    site_check.chromium() is None, reason="needs Chromium, to log in as a person does"
)

HOSTILE = """<!doctype html><title>hostile</title>
<iframe id="frame" src="{url}"></iframe>
<form method="post" action="{action}">{fields}</form>
<script>onload = () => document.forms[0].submit()</script>"""


class Application:
    """An application on this machine: it sends browsers to log in, and hears from them.

    Its page ``/hostile`` tries to log in without anybody's leave.
    """

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.login_url = ""
        self.hostile = ""
        application = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                status, body = 200, b"<!doctype html><title>application</title>Welcome"
                if self.path == "/login":
                    status, body = 302, b""
                elif self.path == "/hostile":
                    body = application.hostile.encode()
                elif self.path.startswith("/callback"):
                    application.heard.append(self.path)
                self.send_response(status)
                if status == 302:
                    self.send_header("Location", application.login_url)
                self.send_header("Content-Type", "text/html")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()
        # Another site than the sandbox, which is at 127.0.0.1.
        self.url = f"http://localhost:{self._server.server_port}"

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def took(self) -> dict[str, str]:
        """The query of the only address that it heard of."""
        (path,) = self.heard
        self.heard.clear()
        return dict(parse_qsl(urlsplit(path).query))


@pytest.fixture
def application() -> Iterator[Application]:
    application = Application()
    yield application
    application.close()


@pytest.fixture(scope="module")
def chromium() -> Iterator[site_check.Browser]:
    path = site_check.chromium()
    assert path is not None
    with site_check.browser(path) as tab:
        yield tab


@pytest.fixture
def tab(chromium: site_check.Browser) -> site_check.Browser:
    chromium.call("Network.clearBrowserCookies")
    chromium.call("Emulation.setScriptExecutionDisabled", value=False)
    chromium.resize(390)
    return chromium


@pytest.fixture
def log_in(served: Sandbox) -> LogIn:
    return LogIn(served, served=True)


def prepare(log_in: LogIn, application: Application, **changed: str) -> RegisteredClient:
    """Register the application, and have it send browsers to log in to it."""
    client = log_in.public(f"{application.url}/callback", name="The Application")
    send_to(log_in, application, client, **changed)
    return client


def send_to(
    log_in: LogIn, application: Application, client: RegisteredClient, **changed: str
) -> None:
    asked = log_in.asked(client, redirect_uri=f"{application.url}/callback", **changed)
    application.login_url = f"{log_in.sandbox.accounts_url}/?{urlencode(asked)}"


def visit(tab: site_check.Browser, url: str) -> None:
    """Open a page; unlike ``open`` it does so without scripts as well."""
    tab.call("Page.navigate", url=url)
    tab.wait_for("Page.loadEventFired")


def click(tab: site_check.Browser, selector: str) -> None:
    """Click at the middle of what a person sees there, and wait for the next page."""
    place = tab.evaluate(
        f"""(() => {{ const seen = document.querySelector({selector!r});
        seen.scrollIntoView({{block: 'center'}}); const box = seen.getBoundingClientRect();
        return [box.x + box.width / 2, box.y + box.height / 2]; }})()"""
    )
    for kind in ("mousePressed", "mouseReleased"):
        tab.call(
            "Input.dispatchMouseEvent",
            type=kind,
            x=place[0],
            y=place[1],
            button="left",
            clickCount=1,
        )
    tab.wait_for("Page.loadEventFired")


def test_a_person_logs_in_without_any_script(
    tab: site_check.Browser, log_in: LogIn, application: Application
) -> None:
    client = prepare(log_in, application)
    tab.call("Emulation.setScriptExecutionDisabled", value=True)
    visit(tab, f"{application.url}/login")
    assert tab.evaluate("document.querySelector('h1').textContent") == "Log in to The Application"
    assert tab.evaluate("document.querySelectorAll('button:enabled').length") == 8
    click(tab, "button[value$=' jones@example.com']")
    sent = application.took()
    assert sent["state"] == "the state"
    response = log_in.exchanged(client, sent["code"], redirect_uri=f"{application.url}/callback")
    assert log_in.works(response.json["access_token"])
    # The browser has logged in: no page is between.
    visit(tab, f"{application.url}/login")
    assert tab.evaluate("document.title") == "application"
    assert application.took()["code"] != sent["code"]
    # The application can have the page shown all the same.
    send_to(log_in, application, client, prompt="consent")
    visit(tab, f"{application.url}/login")
    assert application.heard == []
    assert "Log in" in tab.evaluate("document.title")


def test_an_implicit_log_in_is_for_the_browser_alone(
    tab: site_check.Browser, log_in: LogIn, application: Application
) -> None:
    prepare(log_in, application, response_type="token")
    tab.open(f"{application.url}/login")
    click(tab, "button[value$=' smith@example.com']")
    fragment = dict(parse_qsl(tab.evaluate("location.hash").removeprefix("#")))
    assert log_in.works(fragment["access_token"])
    assert application.took() == {}


def test_who_cancels_reads_why_the_application_hears_nothing(
    tab: site_check.Browser, log_in: LogIn, application: Application
) -> None:
    prepare(log_in, application)
    tab.open(f"{application.url}/login")
    click(tab, "button[name='deny']")
    assert urlsplit(tab.evaluate("location.href")).path == "/accounts/ooops"
    assert "access_denied" in tab.evaluate("document.body.textContent")
    assert application.heard == []


def test_the_page_fits_a_phone_in_light_and_dark(
    tab: site_check.Browser, log_in: LogIn, application: Application
) -> None:
    log_in.sandbox.accounts.add_organization("Donaudampfschifffahrtsgesellschaft" * 4)
    prepare(log_in, application)
    tab.call("Network.clearBrowserCookies")
    colors = {}
    for scheme in ("light", "dark"):
        tab.darken(scheme)
        tab.open(f"{application.url}/login")
        assert tab.evaluate(site_check.TOO_WIDE % 390) == []
        colors[scheme] = tab.evaluate(
            "['body', 'h1', 'p', 'button', 'small'].map(name => "
            "getComputedStyle(document.querySelector(name)).color)"
        )
        heights = tab.evaluate(
            "[...document.querySelectorAll('button')].map(one => one.offsetHeight)"
        )
        assert min(heights) >= 44
    tab.darken("light")
    assert not [light for light, dark in zip(*colors.values(), strict=True) if light == dark]


def test_the_keyboard_is_enough(
    tab: site_check.Browser, log_in: LogIn, application: Application
) -> None:
    prepare(log_in, application, email="jones@example.com")
    tab.open(f"{application.url}/login")
    tab.evaluate("document.querySelector('button').focus()")
    for kind in ("keyDown", "keyUp"):
        tab.call(
            "Input.dispatchKeyEvent",
            type=kind,
            key="Enter",
            code="Enter",
            text="\r" if kind == "keyDown" else "",
            windowsVirtualKeyCode=13,
        )
    tab.wait_for("Page.loadEventFired")
    assert "code" in application.took()


def test_no_page_of_others_logs_anybody_in(
    tab: site_check.Browser, log_in: LogIn, application: Application
) -> None:
    client = prepare(log_in, application)
    asked = log_in.asked(client, redirect_uri=f"{application.url}/callback")
    asked["account"] = "smith@example.com"
    fields = "".join(f'<input name="{name}" value="{value}">' for name, value in asked.items())
    application.hostile = HOSTILE.format(
        url=application.login_url.replace("&", "&amp;"),
        action=f"{log_in.sandbox.accounts_url}/",
        fields=fields,
    )
    tab.call("Page.navigate", url=f"{application.url}/hostile")
    # The page, and then the response to its form.
    tab.wait_for("Page.loadEventFired")
    tab.wait_for("Page.loadEventFired")
    assert "access_denied" in tab.evaluate("document.body.textContent")
    assert application.heard == []
    calls = [call for call in log_in.sandbox.calls() if call.action == "accounts.authorize"]
    assert calls == []
