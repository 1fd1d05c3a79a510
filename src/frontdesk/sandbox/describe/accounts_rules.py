"""The rules of the accounts server: logging in, tokens, and what ends them."""

from typing import Final

from frontdesk.sandbox.apis.rules import (
    ACCOUNTS_SDK,
    AUTHORIZATION,
    SCOPES,
    Rule,
    assumed,
    documented,
    seen,
)
from frontdesk.sandbox.describe.customer_accounts_rules import CUSTOMER_ACCOUNTS_RULES

__all__ = ["ACCOUNTS_RULES"]

_AUTHORIZATIONS: Final = (
    documented(
        "A client sends a browser to the accounts server with `response_type` (`code`, or `token` "
        "for implicit log-ins), `client_id`, `redirect_uri`, `state`, `prompt=consent`, "
        "`code_challenge` and `code_challenge_method` (`S256`, `plain`, which is the default).",
        AUTHORIZATION,
    ),
    documented(
        "The browser comes back with `code` and `state` in the query; of an implicit log-in with "
        "`access_token`, `token_type`, `expires_in` and `state` in the fragment.",
        AUTHORIZATION,
    ),
    documented(
        "A requested redirect URI has the scheme, the host and the port of one of the client's, "
        "a path that begins with that one's, and neither `..` nor a query nor a fragment.",
        AUTHORIZATION,
    ),
    assumed(
        "What it begins with may end within a step of the path. Hosts are compared without case, "
        "and the usual port may be named or not. `redirect_uri` is required."
    ),
    documented(
        "Errors of an authorization end at `/ooops`, with `oauth_exception` and "
        "`exception_details` in the query, and never at the client.",
        AUTHORIZATION,
    ),
    assumed(
        "Which error has which `oauth_exception`, and `error_description` beside it. Who is "
        "suspended or gone is asked again, with `identity_exception`."
    ),
    documented(
        "A browser is sent back 3 times in 30 seconds at most (`too_many_redirects`).",
        AUTHORIZATION,
    ),
    assumed(
        "These are counted for a client and an account, on the sandbox's clock; the "
        "`oauth_exception` is `temporarily_unavailable`."
    ),
    assumed(
        "No password is asked for. A browser that has logged in and agreed to the scopes is sent "
        "back at once, unless `prompt=consent`, another `email` or `organization_id`, or the path "
        "`/signin` asks for the page."
    ),
    seen("`scope`, separated by commas, asks for some of the client's scopes.", ACCOUNTS_SDK),
    documented(
        "No token exceeds the role of its account: that is `invalid_scope`.",
        SCOPES,
    ),
    assumed(
        "It fails before the browser is sent back. A role that becomes lower later takes scopes "
        "from the tokens there are, and from those that a refresh gives."
    ),
    assumed("Implicit log-ins are for public clients only (`unsupported_response_type`)."),
    assumed("A public client needs `code_challenge` to get a code."),
    assumed(
        "`code_challenge_method` is `s256` too. A challenge of another form than that of verifiers "
        "is `invalid_request`."
    ),
    seen(
        "An option of a client accepts a challenge that is not the one of RFC 7636: Base64url of "
        "the decimal numbers that the hash is made of.",
        ACCOUNTS_SDK,
    ),
    assumed(
        "Log-ins in a pop-up window or a frame, which end with a message of a script, are not "
        "there: the page has no script."
    ),
)

_TOKENS: Final = (
    documented(
        "A code is exchanged with `grant_type=authorization_code`, `code`, `client_id`, "
        "`redirect_uri`, and `client_secret` (server-side clients) or `code_verifier` (PKCE); a "
        "refresh token with `grant_type=refresh_token`. The body is a form or JSON.",
        AUTHORIZATION,
    ),
    documented("The grant of a code is called `code`, too.", "OpenAPI file of the accounts server"),
    documented(
        "A code is valid once and for a few minutes, an access token for 28800 seconds.",
        AUTHORIZATION,
    ),
    assumed(
        "The few minutes are five. Requests that fail do not use a code up. Refresh tokens do not "
        "expire."
    ),
    documented("A verifier has 43 to 128 letters, digits, `-`, `.`, `_`, `~`.", AUTHORIZATION),
    assumed(
        "A verifier is required with a challenge, and `invalid_grant` without one. Public clients "
        "have no secret; one that they send is not looked at."
    ),
    documented(
        "Refresh tokens of public clients are replaced at each refresh, those of server-side "
        "clients stay.",
        AUTHORIZATION,
    ),
    assumed(
        "The access token before works until it expires. A code or a replaced refresh token that "
        "is used again is `invalid_grant`, and ends all tokens of its log-in, as OAuth 2.1 says."
    ),
    documented(
        "A client has 25 access tokens and 25 refresh tokens of an account at most; the oldest "
        "ends silently.",
        AUTHORIZATION,
    ),
    assumed("The token that made a pair with it lives on."),
    documented(
        "`DELETE /v2/token` takes a token in the header or as `code`; access token and refresh "
        "token of a pair end together; 404 for a token that is not there.",
        AUTHORIZATION,
    ),
    documented(
        "`GET /v2/info` tells of an access token what its exchange did, and `client_id`; "
        "`refresh_token` if it has a pair. Refresh tokens cannot be looked at.",
        AUTHORIZATION,
    ),
    assumed(
        "`expires_in` there are the seconds that are left. Tokens that are not valid are "
        "`unauthorized` (401); bot tokens and personal access tokens are not known there."
    ),
    documented(
        "Errors are `{error, error_description, sub_error?, request_id}`: 401 for the client or "
        "the parameters, 403 for the grant or the scope, 422 for a parameter that is missing, 429 "
        "(`temporarily_unavailable`), 500.",
        AUTHORIZATION,
    ),
    assumed(
        "Which error is called what; 405, 413 and 503 where HTTP has them. There is no rate limit "
        "until one is set for a call by its name; it counts all callers together."
    ),
    assumed("Web pages of allowed origins read what is said to public clients, and of no others."),
    assumed(
        "Further organizations have accounts of their own for the sandbox's agents, and share its "
        "license: chats, agents, settings. Webhooks, bot tokens and log-ins over RTM name the "
        "organization of the token that asked for them; a client id has webhooks in each."
    ),
)

ACCOUNTS_RULES: Final[dict[str, tuple[Rule, ...]]] = {
    "Logging in": _AUTHORIZATIONS,
    "Tokens of the accounts server": _TOKENS,
    "Tokens of customers": CUSTOMER_ACCOUNTS_RULES,
}
"""The rules by subject, in the order of the page."""
