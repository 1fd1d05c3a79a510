"""The page at ``/``: what this sandbox is, and where everything about it is found."""

from collections.abc import Mapping
from html import escape
from http import HTTPStatus
from string import Template
from typing import Final

from frontdesk.sandbox.backend import (
    ASYNCAPI,
    CUSTOMER_ASYNCAPI,
    CUSTOMER_OPENAPI,
    OPENAPI,
    Backend,
)
from frontdesk.sandbox.calls.accounts.names import ACCOUNTS, DOCUMENT
from frontdesk.sandbox.calls.responses import HTTPResponse

__all__ = ["HOME", "home_page"]

HOME: Final = "/"
_HEADERS: Final = (
    # No script, nothing of other hosts, and no frame of another page around it.
    (
        "Content-Security-Policy",
        "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    ),
    ("Cache-Control", "no-store"),
)
_PAGE: Final = Template(
    """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>frontdesk sandbox</title>
<style>
  :root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
  body { margin: 2rem auto; max-width: 46rem; padding: 0 1rem; }
  h1 { font-size: 1.5rem; }
  h2 { font-size: 1.1rem; margin: 1.75rem 0 .5rem; }
  table { border-collapse: collapse; width: 100%; }
  th, td { border-top: 1px solid #8885; padding: .3rem .75rem .3rem 0; text-align: left;
           vertical-align: top; }
  th { font-weight: normal; white-space: nowrap; width: 1%; }
  td { overflow-wrap: anywhere; }
</style>
<h1>frontdesk sandbox</h1>
<p>A local server that speaks LiveChat&rsquo;s Agent Chat API. Nothing here reaches the real
service, and nothing is billed.</p>
<h2>Where to connect</h2>
<table>$facts</table>
<h2>Tokens</h2>
<p>Sent in the <code>Authorization</code> header.</p>
<table>$tokens</table>
<h2>Documents</h2>
<table>$documents</table>
<h2>Controls</h2>
<p>For tests and programs on this machine, under <code>/__sandbox__</code>.</p>
<table>$controls</table>
</html>
"""
)


def home_page(backend: Backend, url: str, controls: Mapping[str, list[str]]) -> HTTPResponse:
    """Return the page.

    Args:
        backend: the sandbox.
        url: its address as the caller reached it.
        controls: the methods of each control.
    """
    license_record = backend.world.store.company.license
    socket = f"ws{url.removeprefix('http')}"
    facts = {
        "Web API": f"{url}/v3.6/agent/action/…",
        "RTM API": f"{socket}/v3.6/agent/rtm/ws",
        "Accounts server": f"{url}{ACCOUNTS}",
        "Organization id": license_record.organization_id,
        "License": f"{license_record.id}, region {license_record.region}",
        "Seed": f"{backend.seed}, random seed {backend.random_seed}",
        "Its time": f"{backend.now():%Y-%m-%d %H:%M:%S} UTC",
        "Calls so far": f"{backend.recorder.total}",
    }
    page = _PAGE.substitute(
        facts=_rows(
            {name: f"<code>{escape(value)}</code>" for name, value in facts.items()}
            | {"Console": '<a href="/__sandbox__/console">be a customer, see what happens</a>'}
        ),
        tokens=_rows(
            {name: f"<code>{escape(token)}</code>" for name, token in backend.tokens().items()}
        ),
        documents=_rows(
            {
                "OpenAPI": _link(OPENAPI),
                "AsyncAPI": _link(ASYNCAPI),
                "OpenAPI of customers": _link(CUSTOMER_OPENAPI),
                "AsyncAPI of customers": _link(CUSTOMER_ASYNCAPI),
                "OpenAPI of the accounts server": _link(DOCUMENT),
            }
        ),
        controls=_rows(
            {
                f"/__sandbox__/{name}": _control(name, verbs)
                for name, verbs in sorted(controls.items())
            }
        ),
    )
    return HTTPResponse(
        status=HTTPStatus.OK,
        body=page.encode(),
        content_type="text/html; charset=utf-8",
        headers=_HEADERS,
    )


def _control(name: str, verbs: list[str]) -> str:
    shown = " ".join(verbs)
    # A snapshot is the whole world: nobody wants it in a browser.
    if "GET" in verbs and name != "snapshot":
        return shown.replace("GET", f'<a href="/__sandbox__/{escape(name)}">GET</a>')
    return shown


def _link(path: str) -> str:
    return f'<a href="{escape(path)}"><code>{escape(path)}</code></a>'


def _rows(rows: Mapping[str, str]) -> str:
    """Rows of a table; the values are HTML already."""
    return "".join(f"<tr><th>{escape(name)}<td>{value}" for name, value in rows.items())
