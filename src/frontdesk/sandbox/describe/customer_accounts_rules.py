"""The rules of the accounts server for customers: their tokens, their cookies, and transfers."""

from typing import Final

from frontdesk.sandbox.apis.rules import (
    CUSTOMER_AUTHORIZATION,
    CUSTOMER_SDK,
    Rule,
    assumed,
    documented,
    seen,
)

__all__ = ["CUSTOMER_ACCOUNTS_RULES"]

_OPENAPI: Final = "OpenAPI file of the accounts server for customers"

CUSTOMER_ACCOUNTS_RULES: Final[tuple[Rule, ...]] = (
    documented(
        "`POST /v2/customer/token` gives a token of a customer: with `grant_type=cookie` to a "
        "browser, with `agent_token` to the back end of an agent, with `identity_token` to another "
        "device of the customer.",
        CUSTOMER_AUTHORIZATION,
    ),
    seen(
        "The body is JSON whatever its `Content-Type`, since the client sends none and browsers "
        "then say `text/plain`.",
        CUSTOMER_SDK,
    ),
    assumed(
        "Parameters that are not documented, and those that are null, count as not sent. "
        "`response_type` may be left out."
    ),
    documented(
        "A token lives for 28800 seconds. There is no refresh token.", CUSTOMER_AUTHORIZATION
    ),
    documented("`expires_in` asks for another life, in seconds.", _OPENAPI),
    assumed(
        "It may be up to a hundred years, and defaults to what the client was registered with. A "
        "client has 25 tokens of a customer at most; the oldest ends silently."
    ),
    documented(
        "The response to `cookie` has no `client_id`, the one to `identity_token` no "
        "`organization_id`.",
        CUSTOMER_AUTHORIZATION,
    ),
    documented(
        "A browser is known again by the cookies `__lc_cid` and `__lc_cst`: `HttpOnly`, `Secure`, "
        "`SameSite=None`, for two years anew with each call. Without them it is a new customer.",
        CUSTOMER_AUTHORIZATION,
    ),
    assumed(
        "Cookies that the sandbox did not give, or that do not belong together, count as none. "
        "They are of the browser: it is a customer of its own for each organization, and for each "
        "group where those are apart; the applications of the browser share the customer."
    ),
    assumed(
        "A new customer is an incoming customer to agents (`incoming_customer`, with its webhook) "
        "as soon as there is a token."
    ),
    assumed(
        "The path of the cookies is `/accounts/v2/customer`, at the names of LiveChat's server "
        "`/v2/customer`; they name no domain. Over http, Chromium and Firefox keep and send "
        "`Secure` cookies at `localhost` and `127.0.0.1`; other browsers, other names of the "
        "machine and the cookie jars of most programs need https (`--tls`). A page at `localhost` "
        "and a sandbox at `127.0.0.1` are two sites: use one of the names for both."
    ),
    documented(
        "`redirect_uri` is one of the client's, and defaults to the header `Origin`.",
        CUSTOMER_AUTHORIZATION,
    ),
    seen("The client sends the address of its page, without the query.", CUSTOMER_SDK),
    assumed(
        "So it is compared as when agents log in: it begins with one of those of the client. "
        "Without it and without `Origin` the request fails."
    ),
    documented(
        "`POST /v2/customer/{organization_id}/{group_id}/token` gives a browser another customer "
        "in each group, where the license property `chat_between_groups` is false.",
        CUSTOMER_AUTHORIZATION,
    ),
    assumed(
        "The property is in the namespace `chats`, and true from the start. The path works with "
        "and without a slash at its end, and for `cookie` only. `license_id` is not looked at."
    ),
    documented(
        "`agent_token` takes the token of an agent with the scope `customers:own`, and no personal "
        "access token. `entity_id` is a customer that must exist; without it there is a new one.",
        CUSTOMER_AUTHORIZATION,
    ),
    assumed(
        "The agent is an administrator or more, and no bot. The token may be of another client "
        "than `client_id`; the customer's token is of the organization of the agent's."
    ),
    documented(
        "`POST /v2/customer/identity_transfer` gives a token with which the customer goes on at "
        "another device: to the customer (`bearer_type=customer`), or to an agent "
        "(`bearer_type=agent`, with `customer_id`). It lives for 3600 seconds.",
        CUSTOMER_AUTHORIZATION,
    ),
    assumed(
        "It works once, for the client that it was given to; requests that fail do not use it up. "
        "A customer has 25 at most. Agents need what they need for `agent_token`."
    ),
    assumed(
        "A `code_challenge` of 43 characters is the hash of its verifier (`S256`), another one is "
        "the verifier itself: no parameter names the method. Both have 1 to 128 characters."
    ),
    documented(
        "`GET /v2/customer/info` tells what is known of the token in the header, or in `code`; "
        "`DELETE /v2/customer/token` takes back the one in the header, and has an empty body.",
        CUSTOMER_AUTHORIZATION,
    ),
    assumed("`expires_in` of `info` are the seconds that are left."),
    documented(
        "Errors are `{oauth_exception, exception_description}`, with the status 401 or 500.",
        CUSTOMER_AUTHORIZATION,
    ),
    assumed(
        "Which error is called what: `bad_request` for a body that is no JSON object, "
        "`invalid_request` for a parameter, `invalid_client` for a client that is not there, "
        "`access_denied` for a token that is none or of the wrong side, `forbidden` for one that "
        "may not, `invalid_grant` for a transfer token, `resource_not_found` for a customer, a "
        "group or an organization that is not there, `temporarily_unavailable` and `server_error` "
        "for faults. 403, 404, 405, 413, 429 and 503 where HTTP has them."
    ),
    assumed(
        "Web pages of allowed origins read all responses, errors too, and send cookies: the origin "
        "is named, with `Access-Control-Allow-Credentials`. No other page gets anything."
    ),
    assumed(
        "Where `--allow-host` allows them, `accounts.livechat.com` and `accounts.livechatinc.com` "
        "serve the accounts server alone, with the paths of LiveChat's."
    ),
    seen(
        "Apps on devices open the token's path with `flow=button` in a window, and read the token "
        "where it is sent back to.",
        CUSTOMER_SDK,
    ),
    assumed(
        "`GET` of the token's path sends an app back to `redirect_uri`, where the fragment is what "
        "the response would be; errors stay JSON, and `post_message_uri` is not looked at."
    ),
    assumed("Version 1 (`/customer/token`, with `license_id`) is not there."),
)
