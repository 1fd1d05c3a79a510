"""The pages of the accounts server: where an account is chosen, and where errors end."""

from collections.abc import Mapping
from html import escape
from string import Template
from typing import Final

from frontdesk.sandbox.apis.accounts.authorize import AccountsOfOrganization, Choice
from frontdesk.sandbox.calls.responses import HTTPResponse
from frontdesk.sandbox.world.accounts.organizations import Account, may_log_in

__all__ = ["choice_page", "error_page"]

_HEADERS: Final = (
    # No script, nothing of other hosts, and no frame of another page around it.
    (
        "Content-Security-Policy",
        "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'",
    ),
    ("X-Frame-Options", "DENY"),
    ("X-Content-Type-Options", "nosniff"),
    # With `no-referrer` browsers would send the form from an origin of `null`.
    ("Referrer-Policy", "same-origin"),
    ("Cache-Control", "no-store"),
)
_STYLE: Final = """
  :root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif;
          --line: #8885; --soft: light-dark(#555, #aaa); --accent: light-dark(#0b57d0, #8ab4f8); }
  * { box-sizing: border-box; }
  body { margin: 2rem auto; max-width: 34rem; padding: 0 1rem; overflow-wrap: anywhere; }
  h1 { font-size: 1.35rem; line-height: 1.3; }
  h2 { font-size: 1rem; margin: 1.75rem 0 .5rem; }
  p, small { color: var(--soft); }
  code { font-size: .9em; }
  ul { margin: .5rem 0; padding-left: 1.25rem; color: var(--soft); }
  button { display: flex; gap: .75rem; align-items: center; width: 100%; margin: .5rem 0;
           padding: .6rem .75rem; border: 1px solid var(--line); border-radius: .5rem;
           background: Canvas; color: CanvasText; font: inherit; text-align: left;
           cursor: pointer; min-height: 44px; }
  button:hover:enabled, button:focus-visible { border-color: var(--accent); }
  button:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
  button:disabled { opacity: .55; cursor: default; }
  button.plain { justify-content: center; margin-top: 1.5rem; }
  button span { min-width: 0; }
  button b { display: block; font-weight: 600; }
  .initial { flex: none; width: 2rem; height: 2rem; border-radius: 50%; text-align: center;
             line-height: 2rem; background: var(--line); }
  .notice { border-left: 4px solid var(--accent); padding: .25rem .75rem; color: inherit; }
"""
_PAGE: Final = Template(
    """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>$title</title>
<style>$style</style>
<main>
$content
</main>
</html>
"""
)
_NOTICES: Final = {
    "access_denied": "This account cannot log in: it is suspended, or waits for approval.",
    "identity_lost": "This account does not exist any more.",
}
_HIDDEN: Final = (
    "client_id",
    "redirect_uri",
    "response_type",
    "state",
    "scope",
    "prompt",
    "organization_id",
    "email",
    "code_challenge",
    "code_challenge_method",
)
"""The parameters that go along with the choice; others, such as `utm_source`, mean nothing."""


def choice_page(choice: Choice, parameters: Mapping[str, str], action: str) -> HTTPResponse:
    """Return the page where an account is chosen.

    Args:
        choice: What it shows.
        parameters: Those that it was asked for with.
        action: The path that the choice is sent to.
    """
    asked = choice.asked
    notice = _NOTICES.get(parameters.get("identity_exception", ""))
    hidden = "".join(
        f'<input type="hidden" name="{name}" value="{escape(parameters[name])}">'
        for name in _HIDDEN
        if parameters.get(name)
    )
    scopes = "".join(f"<li><code>{escape(scope)}</code></li>" for scope in asked.scopes)
    content = (
        f"<h1>Log in to {escape(asked.client.name)}</h1>\n"
        + (f'<p class="notice" role="status">{escape(notice)}</p>\n' if notice else "")
        + "<p>This is a sandbox: choose whose account to use, no password is asked for. You are "
        f"sent back to <code>{escape(asked.redirect_uri)}</code>.</p>\n"
        f"<details><summary>What the application may do</summary><ul>{scopes}</ul></details>\n"
        f'<form method="post" action="{escape(action)}">{hidden}\n'
        + "".join(_organization(each, asked.email) for each in choice.organizations)
        + '<button class="plain" name="deny" value="1">Cancel</button>\n</form>'
    )
    return _page(f"Log in to {asked.client.name}", content)


def error_page(parameters: Mapping[str, str]) -> HTTPResponse:
    """Return the page that says why a browser was not sent back to its client."""
    exception = parameters.get("oauth_exception", "")
    details = parameters.get("exception_details", "")
    description = parameters.get("error_description", "")
    content = (
        "<h1>The application could not be authorized</h1>\n"
        f"<p>{escape(description[:500])}</p>\n"
        f"<p><code>{escape(exception[:100])}</code>"
        + (f" <code>{escape(details[:100])}</code>" if details else "")
        + "</p>"
    )
    return _page("The application could not be authorized", content)


def _organization(organization: AccountsOfOrganization, email: str) -> str:
    # Whom the client expects comes first.
    accounts = sorted(organization.accounts, key=lambda account: account.agent.id != email)
    buttons = "".join(map(_button, accounts)) or "<p>Nobody has an account here.</p>\n"
    return f"<h2>{escape(organization.name)}</h2>\n{buttons}"


def _button(account: Account) -> str:
    agent = account.agent
    works = may_log_in(account)
    state = "" if works else ", suspended" if agent.suspended else ", waits for approval"
    value = escape(f"{account.organization_id} {agent.id}")
    return (
        f'<button name="account" value="{value}"{"" if works else " disabled"}>'
        f'<span class="initial" aria-hidden="true">{escape((agent.name or agent.id)[:1])}</span>'
        f"<span><b>{escape(agent.name or agent.id)}</b>"
        f"<small>{escape(agent.id)}, {escape(agent.role)}{state}</small></span></button>\n"
    )


def _page(title: str, content: str) -> HTTPResponse:
    page = _PAGE.substitute(title=escape(title), style=_STYLE, content=content)
    return HTTPResponse(
        status=200,
        body=page.encode("utf-8", "replace"),
        content_type="text/html; charset=utf-8",
        headers=_HEADERS,
    )
