"""Whether there is a page to log in at, before anybody is sent to it."""

from typing import Final

import msgspec

from frontdesk.auth.protocol import error_of_redirect
from frontdesk.cli.accounts.counting import CountedTransport
from frontdesk.core.http_messages import Headers, Request
from frontdesk.errors import NotTheAPI, RequestTimeout

__all__ = ["check_login_page"]

TIMEOUT: Final = 10.0
NOT_FOUND: Final = 404


def check_login_page(accounts_url: str, url: str) -> None:
    """Ask for the page of a log-in as a browser would: one request, which is not billed.

    A browser that ends at an error page tells the command nothing, which would wait in vain.

    Args:
        accounts_url: the accounts server.
        url: where the browser is to be sent.

    Raises:
        OAuthError: The server refuses the app, its redirect URI or a scope.
        NotTheAPI: That is no accounts server.
        TransportError: Nobody is there.
    """
    transport = CountedTransport(accounts_url)
    request = Request(url, Headers({"Accept": "text/html"}), b"", TIMEOUT, verb="GET")
    try:
        reply = transport.send(request)
    except RequestTimeout:
        return  # a browser may be more patient
    finally:
        transport.close()
    refusal = error_of_redirect(reply.headers.get("location", ""))
    if refusal is not None:
        raise refusal
    kind = reply.headers.get("content-type", "no content type")
    # Any other page may be the one that people log in at.
    if reply.status == NOT_FOUND or _is_json(reply.body):
        error = NotTheAPI(
            f"there is no page to log in at: something other than the accounts server responded "
            f"with HTTP {reply.status} ({kind}); check `accounts_url` and the proxy"
        )
        error.status = reply.status
        raise error


def _is_json(body: bytes) -> bool:
    try:
        msgspec.json.decode(body)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        return False
    return True
