"""The rules of the Customer Chat API that belong to no method alone."""

from typing import Final

from frontdesk.sandbox.apis.rules import (
    CUSTOMER_API,
    CUSTOMER_SDK,
    CUSTOMER_STRUCTURES,
    Rule,
    assumed,
    documented,
    seen,
)

__all__ = ["CUSTOMER_RULES"]

_DOCS: Final = "https://platform.text.com/docs/messaging/customer-chat-api"
_CHANGELOG: Final = f"[changelog]({_DOCS}/changelog)"
_ERRORS: Final = f"[errors]({_DOCS}#errors)"
_PUSHES: Final = f"[pushes]({_DOCS}/rtm-pushes)"
_RTM: Final = f"[RTM reference]({_DOCS}/rtm-reference)"
_JAVASCRIPT_SDK: Final = "LiveChat's SDK for JavaScript"

_VIEW: Final = (
    documented(
        "Customers see the events, users, threads, properties and access of their chats, as the "
        "structures of this API have them.",
        CUSTOMER_STRUCTURES,
    ),
    documented("Properties are read where their definitions let customers read.", CUSTOMER_API),
    assumed(
        "They do not see events and agents that are for agents only, deleted events, tags, "
        "summaries, visits, carts, tickets and who follows. No `visibility` is in a response."
    ),
    assumed(
        "The id of an agent is 32 hex digits: always the same in an organization, other ones in "
        "another. Bots and customers keep their ids."
    ),
    assumed("A thread that the plan of the license restricts has no events, and does not say why."),
    assumed("Of another customer in the chat the id and the presence are there, and nothing else."),
    assumed(
        "A chat, thread or event that is not the customer's is `not_found`, with the message of "
        "one that never was."
    ),
    assumed(
        "A property that is not published is there for its own client id alone: over Web that of "
        "the token, in pushes the one that all connections of the customer have."
    ),
)

_REQUESTS: Final = (
    documented("`organization_id` is in the query of each request, `POST` too.", CUSTOMER_API),
    assumed(
        "Without it the error is `validation`, for an organization that is not there "
        "`license_not_found`, for a token of another one `authorization`."
    ),
    documented(
        "`get_dynamic_configuration` takes `license_id` in place of `organization_id`.",
        CUSTOMER_API,
    ),
    documented(
        "`list_license_properties`, `list_group_properties`, `get_dynamic_configuration`, "
        "`get_configuration` and `get_localization` are `GET` requests with their arguments in the "
        "query.",
        CUSTOMER_API,
    ),
    documented(
        "`list_license_properties` and `list_group_properties` need no token.", CUSTOMER_API
    ),
    assumed(
        "Nor do the other three; a token that comes along is not looked at. Another verb than that "
        "of the method is `validation` with the status 405, and `Allow` names the right one."
    ),
    seen(
        "The arguments of a `GET` request may be in a JSON body; the query counts more.",
        _JAVASCRIPT_SDK,
    ),
    documented(
        "The tokens of agents, personal access tokens too, do not work here, and those of "
        "customers not in the Agent Chat API.",
        CUSTOMER_API,
    ),
    assumed("The error for them is `authentication`, as for a token that has ended."),
    assumed("There are no scopes. What is done has the client id of the token as its source."),
    documented("The types of errors, and the envelope they come in.", _ERRORS),
    assumed(
        "The HTTP statuses: 403 for `customer_banned`, 404 for `greeting_not_found` and "
        "`group_not_found`, 400 for `chat_already_active`, `group_offline`, `group_unavailable`, "
        "`groups_offline` and others."
    ),
    documented("What 3.7 and 3.5 name or lack otherwise.", _CHANGELOG),
    assumed("3.4 has what 3.5 has."),
    assumed(
        "Web pages of allowed origins (`--allow-origin`) may send requests and read responses, "
        "errors too: the origin is named, any header that is asked for is allowed, and cookies are "
        "not. Without `Origin` a caller is no page, and needs no permission; others get "
        "`authorization`."
    ),
    assumed(
        "Faults, rate limits and the record of calls name these calls `customer.<method>`. Rate "
        "limits are off until they are set."
    ),
)

_CONNECTIONS: Final = (
    documented("Frames, the log-in within 30 seconds, pings, ten pending requests.", _RTM),
    assumed(
        "Another organization, version or region than those of the sandbox, or none, opens a "
        "connection that `customer_disconnected` ends at once."
    ),
    seen(
        "A client that sends no pings stays connected, as those in browsers do: the sandbox sends "
        "WebSocket pings to connections of customers, and a pong is a sign of life.",
        CUSTOMER_SDK,
    ),
    seen("A ping before the log-in is no error; it gets no response here.", CUSTOMER_SDK),
    documented(
        "There is no log-out, and no other token for a connection: it ends with its token "
        "(`access_token_expired`).",
        _RTM,
    ),
    assumed(
        "It ends at the next request, or within a quarter of a second; likewise after a token was "
        "taken back, a ban, the end of the license, and a visit without a page or a message for "
        "`chats.customer_timeout_after_min` (`inactivity_timeout`)."
    ),
    assumed(
        "Each connection of a customer gets all pushes of the customer; how many there may be is "
        "off until `connections_per_customer` is set."
    ),
    seen(
        "`request_id` is in the push that a request has as its result, and in no other: "
        "`incoming_chat` of a start or a resumption, `incoming_event` of an event that is sent; "
        "for the connection that asked, and not for other pages of the customer.",
        CUSTOMER_SDK,
    ),
    documented("Which pushes customers get.", _PUSHES),
    assumed(
        "A push of a chat goes to the connections of its customer, less what customers do not see; "
        "nothing is pushed if nothing of it is left."
    ),
    assumed(
        "`groups_status_updated` names the groups that have changed, and goes to all customers who "
        "are connected; `queue_position_updated` goes to those whose place or waiting time has "
        "changed."
    ),
    assumed("Who caused a push is left out if that is somebody whom the customer does not see."),
    assumed(
        "A connection is of the web page whose `Origin` the handshake has; the origins that may "
        "open one are those that may send requests."
    ),
)

CUSTOMER_RULES: Final[dict[str, tuple[Rule, ...]]] = {
    "What customers see": _VIEW,
    "Requests of customers": _REQUESTS,
    "RTM of customers": _CONNECTIONS,
}
"""The rules by subject, in the order of the page."""
