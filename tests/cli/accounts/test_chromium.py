"""``frontdesk login`` with a real browser, driven as a person would use it."""

import threading
import webbrowser

import pytest
from tools import site_check

from .._running import as_json

pytestmark = pytest.mark.skipif(
    site_check.chromium() is None, reason="needs Chromium, to log in as a person does"
)


def test_a_person_logs_in(environment, port, served, monkeypatch):
    path = site_check.chromium()
    assert path is not None
    shown = []
    with site_check.browser(path) as tab:

        def person(url):
            tab.call("Page.navigate", url=url)
            tab.wait_for("Page.loadEventFired")
            tab.evaluate("document.querySelector(\"button[value$=' jones@example.com']\").click()")
            tab.wait_for("Page.loadEventFired")
            shown.append(tab.evaluate("document.querySelector('h1').textContent"))
            shown.append(tab.evaluate("document.referrer"))

        threads = []

        def opened(url):
            threads.append(threading.Thread(target=person, args=(url,)))
            threads[0].start()
            return True

        monkeypatch.setattr(webbrowser, "open", opened)
        code, _, errors = environment("login", "--port", str(port))
        for thread in threads:
            thread.join()
    assert code == 0, errors
    assert shown[0] == "You are logged in"
    assert as_json(environment("whoami", "--json"))["organization"] == served.organization_id
