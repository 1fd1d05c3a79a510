"""Where the browser comes back to after a log-in: a page on this machine, for this one log-in."""

import os
import queue
import secrets
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Final, Self
from urllib.parse import parse_qs, urlsplit

from frontdesk.errors import FrontdeskError
from frontdesk.redaction import SecretText

__all__ = ["HOST", "PATH", "CallbackListener", "LoginTimeout", "timed_out"]

HOST: Final = "127.0.0.1"
"""Not `localhost`, which may be another address on the machine of the browser (RFC 8252)."""
PATH: Final = "/callback"
LONGEST: Final = 8192
"""Characters of an address; a callback has a few hundred."""
SECONDS_TO_SHOW: Final = 2.0
"""How long the end of the command waits for the browser to take the page."""
PAGE: Final = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="color-scheme" content="light dark">
<meta name="viewport" content="width=device-width"><title>{title}</title>
<style>body {{ font: 1.1rem/1.5 system-ui, sans-serif; margin: 15vh auto 0; max-width: 34rem;
padding: 0 1rem }}</style></head>
<body><h1>{title}</h1><p>{text}</p></body></html>
"""
DONE: Final = ("You are logged in", "You can close this window and go back to the terminal.")
FAILED: Final = ("The log-in failed", "The terminal says why. You can close this window.")
FOREIGN: Final = (
    "This belongs to another log-in",
    "Nothing was done. Go on in the window that was opened last, or run the command again.",
)
OVER: Final = ("This log-in is over", "You can close this window.")
NOTHING: Final = ("There is nothing here", "This page waits for the end of a log-in.")


class LoginTimeout(FrontdeskError):
    """Nobody logged in before the time was over."""


class CallbackListener:
    """Serves the page that the browser is sent back to, on one port of this machine.

    Only what has the state of the log-in counts. Anything else is refused and changes nothing:
    another log-in of the same user, or a page of somebody who guesses the port.

    Args:
        port: where to listen; the app has to have it in its redirect URI.
    """

    def __init__(self, port: int) -> None:
        self._callbacks: queue.SimpleQueue[SecretText] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._state: bytes | None = None
        self._ended = threading.Event()
        self._shown = threading.Event()
        self._page = FAILED
        try:
            self._server = _Server((HOST, port), _handler_of(self))
        except OSError as error:
            raise FrontdeskError(
                f"cannot listen at {HOST}:{port}: {error.strerror or error}; end what uses it, "
                "such as another log-in, or give another `--port` that the app has as well"
            ) from None
        self.port: int = self._server.server_port
        self.redirect_uri: str = f"http://{HOST}:{self.port}{PATH}"
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.05,), name="frontdesk-login", daemon=True
        )
        self._thread.start()

    def expect(self, state: str) -> None:
        """Take the callback with this state from now on."""
        self._state = state.encode()

    def wait(self, seconds: float) -> SecretText:
        """Wait for the browser; returns the address that it came back to.

        Raises:
            LoginTimeout: It did not.
        """
        try:
            return self._callbacks.get(timeout=seconds)
        except queue.Empty:
            pass
        raise timed_out(seconds)

    def show(self, *, done: bool) -> None:
        """Tell the browser how the log-in ended."""
        self._page = DONE if done else FAILED
        self._ended.set()
        self._shown.wait(SECONDS_TO_SHOW)

    def close(self) -> None:
        """Listen no more."""
        self._ended.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def response_to(self, target: str, host: str) -> tuple[int, tuple[str, str], bool]:
        """Return status and page for a request, and whether it is the end of this log-in."""
        own = {f"{name}:{self.port}" for name in (HOST, "localhost")}
        if host.lower() not in own or len(target) > LONGEST or urlsplit(target).path != PATH:
            return 404, NOTHING, False
        states = parse_qs(urlsplit(target).query).get("state", [])
        # Taken by the first who brings it: a reload must not be a second callback.
        with self._lock:
            state = self._state
            given = states[0].encode() if len(states) == 1 else b""
            if state is None or not secrets.compare_digest(given, state):
                return 400, OVER if self._ended.is_set() else FOREIGN, False
            self._state = None
        self._callbacks.put(SecretText(f"http://{host}{target}".replace("localhost", HOST, 1)))
        self._ended.wait()
        return 200, self._page, True

    def shown(self) -> None:
        """Note that the browser has the page."""
        self._shown.set()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    # On Windows it would let another program listen at the same port.
    allow_reuse_address = os.name != "nt"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Keep the terminal free of what browsers do with connections."""


def timed_out(seconds: float, *, in_browser: bool = True) -> LoginTimeout:
    """Return the error of a log-in that nobody ended.

    Args:
        seconds: how long it was waited for.
        in_browser: whether a browser of this machine was to end it, and not a pasted address.
    """
    if not in_browser:
        return LoginTimeout(
            f"no address was pasted within {seconds:g} s; run the command again, with `--timeout` "
            "for more time"
        )
    return LoginTimeout(
        f"nobody logged in within {seconds:g} s; run the command again, with `--timeout` for more "
        "time, or with `--no-browser` if the browser is on another machine"
    )


def _handler_of(listener: CallbackListener) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        # Browsers open connections that they never use.
        timeout = 30

        def do_GET(self) -> None:
            """Respond to the browser."""
            status, (title, text), is_end = listener.response_to(
                self.path, self.headers.get("Host", "")
            )
            body = PAGE.format(title=title, text=text).encode()
            self.send_response(status)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Cache-Control", "no-store")
            # The address holds the code.
            self.send_header("Referrer-Policy", "no-referrer")
            self.send_header("X-Content-Type-Options", "nosniff")
            self.send_header(
                "Content-Security-Policy",
                "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
            )
            self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(body)
            self.close_connection = True
            if is_end:
                listener.shown()

        def version_string(self) -> str:
            """Return what the page is served by."""
            return "frontdesk"

        def log_message(self, format: str, *args: object) -> None:
            """Log nothing: the address holds the code."""

    return Handler
