"""Logging in with a real browser: Chromium, driven as a person would use it."""

from collections.abc import Iterator
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from tools import site_check

from frontdesk.sandbox import RegisteredClient, Sandbox

from ..loopback import Got, Loopback, Responder, chosen, html, reply
from ._log_in import LogIn

pytestmark = pytest.mark.skipif(
    site_check.chromium() is None, reason="needs Chromium, to log in as a person does"
)

HOSTILE = """<!doctype html><title>hostile</title>
<iframe id="frame" src="{url}"></iframe>
<form method="post" action="{action}">{fields}</form>
<script>onload = () => document.forms[0].submit()</script>"""


class Application(Loopback):
    """An application on this machine: it sends browsers to log in, and hears from them.

    Its page ``/hostile`` tries to log in without anybody's leave.
    """

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[str] = []
        self.login_url = ""
        self.hostile = ""
        self.default = chosen(self._choose)

    def _choose(self, got: Got) -> Responder:
        if got.target == "/login":
            return reply(b"", 302, {"Location": self.login_url})
        if got.target == "/hostile":
            return html(self.hostile)
        if got.target.startswith("/callback"):
            self.heard.append(got.target)
        return html("<!doctype html><title>application</title>Welcome")

    def took(self) -> dict[str, str]:
        """The query of the only address that it heard of."""
        (path,) = self.heard
        self.heard.clear()
        return dict(parse_qsl(urlsplit(path).query))


@pytest.fixture
def application() -> Iterator[Application]:
    with Application() as application:
        yield application


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
    client = log_in.public(f"{application.site}/callback", name="The Application")
    send_to(log_in, application, client, **changed)
    return client


def send_to(
    log_in: LogIn, application: Application, client: RegisteredClient, **changed: str
) -> None:
    asked = log_in.asked(client, redirect_uri=f"{application.site}/callback", **changed)
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
    visit(tab, f"{application.site}/login")
    assert tab.evaluate("document.querySelector('h1').textContent") == "Log in to The Application"
    assert tab.evaluate("document.querySelectorAll('button:enabled').length") == 8
    click(tab, "button[value$=' jones@example.com']")
    sent = application.took()
    assert sent["state"] == "the state"
    response = log_in.exchanged(client, sent["code"], redirect_uri=f"{application.site}/callback")
    assert log_in.works(response.json["access_token"])
    # The browser has logged in: no page is between.
    visit(tab, f"{application.site}/login")
    assert tab.evaluate("document.title") == "application"
    assert application.took()["code"] != sent["code"]
    # The application can have the page shown all the same.
    send_to(log_in, application, client, prompt="consent")
    visit(tab, f"{application.site}/login")
    assert application.heard == []
    assert "Log in" in tab.evaluate("document.title")


def test_an_implicit_log_in_is_for_the_browser_alone(
    tab: site_check.Browser, log_in: LogIn, application: Application
) -> None:
    prepare(log_in, application, response_type="token")
    tab.open(f"{application.site}/login")
    click(tab, "button[value$=' smith@example.com']")
    fragment = dict(parse_qsl(tab.evaluate("location.hash").removeprefix("#")))
    assert log_in.works(fragment["access_token"])
    assert application.took() == {}


def test_who_cancels_reads_why_the_application_hears_nothing(
    tab: site_check.Browser, log_in: LogIn, application: Application
) -> None:
    prepare(log_in, application)
    tab.open(f"{application.site}/login")
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
        tab.open(f"{application.site}/login")
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
    tab.open(f"{application.site}/login")
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
    asked = log_in.asked(client, redirect_uri=f"{application.site}/callback")
    asked["account"] = "smith@example.com"
    fields = "".join(f'<input name="{name}" value="{value}">' for name, value in asked.items())
    application.hostile = HOSTILE.format(
        url=application.login_url.replace("&", "&amp;"),
        action=f"{log_in.sandbox.accounts_url}/",
        fields=fields,
    )
    tab.call("Page.navigate", url=f"{application.site}/hostile")
    # The page, and then the response to its form.
    tab.wait_for("Page.loadEventFired")
    tab.wait_for("Page.loadEventFired")
    assert "access_denied" in tab.evaluate("document.body.textContent")
    assert application.heard == []
    calls = [call for call in log_in.sandbox.calls() if call.action == "accounts.authorize"]
    assert calls == []
