"""Look at the built documentation in Chromium: is any page, or any table, wider than its screen?

``python tools/site_check.py SITE`` measures every page at 390 and at 1280 pixels, and runs the
searches that must find something. ``--screenshots FOLDER PAGE…`` also takes pictures of pages,
wide and narrow, light and dark. Chromium is driven by its own protocol, over a WebSocket on this
machine.
"""

import argparse
import base64
import functools
import http.server
import itertools
import json
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from websockets.sync.client import ClientConnection, connect

CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--remote-debugging-port=0",
)
WIDTHS = {390: 844, 1280: 900}
"""Width and height of the screens, in pixels."""

SETTLED = "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(1))))"
TOO_WIDE = """
(width => {
  const page = document.documentElement;
  const tables = [...document.querySelectorAll('.md-typeset__scrollwrap')].filter(wrap =>
    wrap.scrollWidth > wrap.clientWidth + 1);
  if (tables.length) return tables.map(wrap => wrap.scrollWidth + ' px, a table: '
    + wrap.textContent.trim().slice(0, 40));
  if (page.scrollWidth <= width) return [];
  const inScroller = node => {
    for (let up = node.parentElement; up; up = up.parentElement)
      if (up !== document.body && /auto|scroll|hidden/.test(getComputedStyle(up).overflowX))
        return true;
    return false;
  };
  const wide = [...document.body.querySelectorAll('*')].filter(node =>
    node.getBoundingClientRect().right > width + 1 && !inScroller(node));
  return [page.scrollWidth + ' px', ...wide.slice(-3).map(node =>
    node.tagName + '.' + node.className + ': ' + node.textContent.trim().slice(0, 40))];
})(%d)
"""
FOUND = """
(() => [...document.querySelectorAll('.md-search-result__item > a.md-search-result__link')]
  .map(link => link.getAttribute('href')))()
"""


def chromium() -> str | None:
    """Return where Chromium is, if it is installed."""
    return next((path for name in CHROMIUM if (path := shutil.which(name))), None)


class Browser:
    """One tab of a Chromium."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._ids = itertools.count(1)

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Have something done, and return its result."""
        number = next(self._ids)
        self._socket.send(json.dumps({"id": number, "method": method, "params": parameters}))
        while True:
            message = json.loads(self._socket.recv(timeout=60))
            if message.get("id") == number:
                if "error" in message:
                    raise RuntimeError(f"{method}: {message['error']}")
                result: dict[str, Any] = message["result"]
                return result

    def wait_for(self, event: str) -> None:
        """Wait for something to happen."""
        while json.loads(self._socket.recv(timeout=60)).get("method") != event:
            pass

    def evaluate(self, script: str) -> Any:
        """Return what a script yields on the page."""
        result = self.call(
            "Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True
        )
        if "exceptionDetails" in result:
            raise RuntimeError(result["exceptionDetails"])
        return result["result"].get("value")

    def open(self, url: str) -> None:
        """Open a page, and wait until it stands."""
        self.call("Page.navigate", url=url)
        self.wait_for("Page.loadEventFired")
        self.evaluate(SETTLED)

    def resize(self, width: int) -> None:
        """Have a screen of this width."""
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=WIDTHS[width],
            deviceScaleFactor=1,
            mobile=False,  # a phone would zoom out until a wide page fits
        )

    def darken(self, scheme: str) -> None:
        """Prefer a light or a dark scheme."""
        self.call(
            "Emulation.setEmulatedMedia",
            features=[{"name": "prefers-color-scheme", "value": scheme}],
        )

    def picture(self, path: Path) -> None:
        """Take a picture of what is seen."""
        path.write_bytes(
            base64.b64decode(self.call("Page.captureScreenshot", format="png")["data"])
        )


@contextmanager
def browser(path: str) -> Iterator[Browser]:
    """Run a Chromium with a profile of its own, and end it."""
    with tempfile.TemporaryDirectory(prefix="site-check-") as profile:
        command = [path, *FLAGS, f"--user-data-dir={profile}", "about:blank"]
        process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
        )
        assert process.stderr is not None
        rest = threading.Thread(target=process.stderr.read, daemon=True)
        try:
            for line in process.stderr:
                if "DevTools listening on " in line:
                    address = line.split()[-1]
                    break
            else:
                raise RuntimeError("Chromium ended before it listened")
            # What else it writes must not fill the pipe.
            rest.start()
            with connect(address, max_size=None, proxy=None) as root:
                target = Browser(root).call("Target.createTarget", url="about:blank")["targetId"]
                tab = f"{address.rpartition('/devtools')[0]}/devtools/page/{target}"
                with connect(tab, max_size=None, proxy=None) as socket:
                    made = Browser(socket)
                    made.call("Page.enable")
                    made.call("Emulation.setScrollbarsHidden", hidden=True)
                    yield made
        finally:
            process.terminate()
            process.wait(timeout=30)
            if rest.ident is not None:
                rest.join()
            process.stderr.close()


@contextmanager
def served(site: Path) -> Iterator[str]:
    """Serve the documentation on this machine; returns its address."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), functools.partial(Quiet, directory=str(site))
    ) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def pages(site: Path) -> list[str]:
    """Return the paths of all pages."""
    folders = (path.parent for path in site.rglob("index.html"))
    return sorted("" if folder == site else str(folder.relative_to(site)) for folder in folders)


def too_wide(tab: Browser, url: str, paths: list[str], width: int) -> list[str]:
    """Return what is wider than the screen, a line for each page."""
    tab.resize(width)
    problems = []
    for path in paths:
        tab.open(f"{url}/{path}/" if path else f"{url}/")
        wide = tab.evaluate(TOO_WIDE % width)
        if wide:
            problems.append(f"/{path} at {width} px: {'; '.join(wide)}")
    return problems


def found(tab: Browser, url: str, query: str, seconds: float = 20) -> list[str]:
    """Return the paths of the pages that a search lists, the best first."""
    tab.open(f"{url}/?q={query.replace(' ', '+')}")
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        links = tab.evaluate(FOUND)
        if links:
            paths = [link.removeprefix(url).partition("?")[0] for link in links]
            return list(dict.fromkeys(paths))
        tab.evaluate(SETTLED)
    return []


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("site", type=Path, help="folder of the built documentation")
    parser.add_argument("--screenshots", type=Path, help="folder for pictures of the pages named")
    parser.add_argument("pages", nargs="*", help="paths such as guide/webhooks; all by default")
    arguments = parser.parse_intermixed_args()
    path = chromium()
    if path is None:
        print("there is no Chromium on this machine")
        return 1
    chosen = ["" if page == "home" else page for page in arguments.pages] or pages(arguments.site)
    with served(arguments.site) as url, browser(path) as tab:
        problems = [problem for width in WIDTHS for problem in too_wide(tab, url, chosen, width)]
        if arguments.screenshots:
            arguments.screenshots.mkdir(parents=True, exist_ok=True)
            for width, scheme, page in itertools.product(WIDTHS, ("light", "dark"), chosen):
                tab.resize(width)
                tab.darken(scheme)
                tab.open(f"{url}/{page}")
                name = f"{page.replace('/', '-') or 'home'}-{width}-{scheme}.png"
                tab.picture(arguments.screenshots / name)
    print("\n".join(problems) or f"{len(chosen)} pages fit")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
