"""The rules of the sandbox that belong to no method alone, by subject."""

from typing import Final

from frontdesk.sandbox.apis.rules import (
    CHANGELOG,
    CONFIGURATION_API,
    DEFAULT_PROPERTIES,
    ERRORS,
    PUSHES,
    RTM,
    SCOPES,
    SYSTEM_MESSAGES,
    WEBHOOKS,
    Rule,
    assumed,
    documented,
    seen,
)
from frontdesk.sandbox.describe.accounts_rules import ACCOUNTS_RULES
from frontdesk.sandbox.describe.customer_rules import CUSTOMER_RULES

__all__ = ["GENERAL_RULES"]

_ERRORS: Final = (
    documented(
        "The types of errors, and the envelope they come in.",
        ERRORS,
    ),
    assumed("The HTTP statuses, and the texts of messages, which name the field."),
    seen("The status 422 of an event with too many keys.", "issues of an SDK"),
    assumed(
        "`not_found` is the error for an id that is not there, `missing_access` for a chat or"
        " thread that the requester does not reach."
    ),
    documented(
        "How far scopes reach: every chat, those of a common group or that one is in, or only"
        " the latter.",
        SCOPES,
    ),
    documented(
        "A call over a rate limit is `too_many_requests`, and it passes by itself.",
        ERRORS,
    ),
    assumed(
        "A log-in over RTM of an agent who is suspended or waits for approval fails with the error "
        "of its own; over the Web API it is `authorization`."
    ),
    assumed("There are no rate limits until they are set; a window begins with its first call."),
    assumed(
        "`null`, an empty text and the time zero count as not sent where they do not fit; 0 "
        "does not."
    ),
    assumed("Fields that are not known are ignored."),
)

_VERSIONS: Final = (
    documented("What each version has: methods, fields, filters, pushes.", CHANGELOG),
    documented("`Legacy` and `Deprecation` announce the end of a version.", CHANGELOG),
    assumed("The days in them."),
    assumed(
        "Up to 3.5, `system` events and deleted ones are not there at all, rich messages of "
        "the template `ecommerce` cannot be sent, and filters that came later are ignored."
    ),
    assumed(
        "Fields of the Configuration API that went with a version are not there in older ones "
        "either: `avatar` of `create_agent` and `name` and `avatar` of `update_agent`, gone with "
        "3.6, are ignored; a `work_scheduler` that maps days to hours, as up to 3.4, is "
        "`validation`, and `timezone` of bots beside it is ignored. What came later, such as "
        "`filters.suspended` of `list_agents`, works in 3.4 too."
    ),
    assumed(
        "`agent_disconnected` has the reason `internal_error` up to 3.5 where 3.6 has "
        "`role_permissions_changed`."
    ),
    documented("In 3.7 the last events of a chat stand in `last_thread_info`.", CHANGELOG),
    assumed("They are those of the last thread only."),
    documented("Up to 3.5 `X-Author-Id` and `author_id` name a bot to act as.", CHANGELOG),
)

_ROUTING: Final = (
    documented(
        "Priorities are `first`, `normal`, `last`, and `supervisor`, who gets no chats.",
        CONFIGURATION_API,
    ),
    documented(
        "Manual routing, the preference of the recent agent, the limits of chats and of the "
        "queue are properties.",
        DEFAULT_PROPERTIES,
    ),
    assumed(
        "Bots that accept chats come first in their groups, whatever their priority; then "
        "priorities count, then who has the fewest chats, then who was made first."
    ),
    assumed(
        "A bot that gave a chat away gets it back in the same thread only if nobody else of "
        "the groups accepts chats."
    ),
    assumed(
        "When nobody has a place the chat waits, if queues are on; else a chat is "
        "`group_unavailable`, and a continuous one unassigned."
    ),
    assumed("A place takes 300 seconds on average: waiting times are estimated from that."),
    documented(
        "Who goes offline loses the chats, for the reasons of the system messages.", SYSTEM_MESSAGES
    ),
    assumed(
        "An agent whose last connection broke goes offline 30 seconds later, on the sandbox's"
        " clock."
    ),
)

_CHATS: Final = (
    assumed("A customer has one active chat at most, whoever starts it."),
    documented(
        "`routing.unreplied` is true as long as no agent or bot responded.", DEFAULT_PROPERTIES
    ),
    assumed("It counts in each thread, from what the customer first says on."),
    documented(
        "`chats.archive_offline_chat_after_min` archives continuous chats, "
        "`archive_chat_after_min` the others, after the last message.",
        DEFAULT_PROPERTIES,
    ),
    documented(
        "A chat ends after its customer left the site (`archived_customer_disconnected`).",
        SYSTEM_MESSAGES,
    ),
    assumed("It does so 10 minutes later, if it is not continuous."),
    documented(
        "`customer_visit` and other fields are there only if they are known.", SYSTEM_MESSAGES
    ),
    documented("Events, threads and chats have `source.client_id`.", DEFAULT_PROPERTIES),
    assumed("All customers use one application, `c5e4f61e1a6c3b1521b541bc5c5a2ac5`."),
    documented("Forms have the type `prechat` or `postchat`.", DEFAULT_PROPERTIES),
    assumed(
        "What a customer fills in before anything is said is the form before the chat; it "
        "gives name and e-mail address."
    ),
    documented("A rating is a score, 0 or 1, and a comment.", DEFAULT_PROPERTIES),
    assumed(
        "A new score does not keep the old comment. Each thread has a rating of its own, and the "
        "chat has none of them."
    ),
)

_OUTSIDE: Final = (
    assumed(
        "A changed message is pushed as `event_updated` to those in the chat and to the "
        "customer, if it is for all."
    ),
    assumed(
        "Only closed threads and chats can be deleted; a chat goes with its only thread, and is "
        "listed by the last one that is left."
    ),
    assumed("A restricted thread has no events for anybody."),
    assumed("A customer leaves a ticket only while all groups that were asked are offline."),
    assumed(
        "A customer has one greeting at most, the newest; a chat that starts from it counts it "
        "as accepted, and its thread names it in its properties."
    ),
    assumed("The survey after a chat goes to the thread that has ended."),
    assumed(
        "`customer_transferred` goes to agents who had the customer in one of their groups, and "
        "have no more."
    ),
)

_WEBHOOKS: Final = (
    documented(
        "Envelope, additional data, filters, types; status 200 in time, else up to 3 retries "
        "within a minute.",
        WEBHOOKS,
    ),
    assumed("A retry comes 5, 20 and 50 seconds after the first attempt, which has 10 seconds."),
    assumed(
        "The webhooks of a chat that one client id has registered for one URL are sent in order: a "
        "retry holds up those behind it, and no others."
    ),
    assumed("Payloads have the shape of the version that a webhook was registered with."),
    assumed("`chat_properties` has those that the client id of the webhook may read."),
    assumed(
        "A personal access token has the client id of the sandbox's own application in "
        "`requester.client_id`, and what is done with it counts as `my_client` for the filter "
        "`source_type` of that client id's webhooks. Of a bot `requester.account_id` is empty."
    ),
    documented("`user_added_to_chat` and `user_removed_from_chat` have `user_type`.", WEBHOOKS),
    assumed("It comes in all versions, though samples leave it out."),
    documented("The status of `routing_status_set` has spaces, unlike the push.", WEBHOOKS),
)

_RTM: Final = (
    documented(
        "Frames, the log-in within 30 seconds, pings, ten pending requests, the scopes of the"
        " push families, who gets the pushes of a chat, and why `agent_disconnected` comes.",
        RTM,
    ),
    assumed(
        "Any message counts as a sign of life, as does a WebSocket ping; 30 real seconds "
        "without any end the connection. Moving the sandbox's clock ends tokens, but is no "
        "silence."
    ),
    assumed(
        "A ping before the log-in gets no response and is no sign of life. Other methods are "
        "refused with `authentication`; so is a second log-in, with `validation`."
    ),
    assumed(
        "A wrong path is refused with HTTP; a wrong organization, version or region opens a "
        "connection that `agent_disconnected` ends at once. The organization is optional,"
        " as with LiveChat's SDKs."
    ),
    assumed(
        "Frames that are no requests get `validation`; one of more than 1 MB ends the "
        "connection (1009)."
    ),
    assumed("Responses come before the pushes that their requests caused."),
    assumed(
        "`agent_disconnected` comes in the version of the connection, whatever the push "
        "filter says; the connection then ends with code 1000. An unknown name or version in "
        "a push filter is `validation`."
    ),
    assumed("Pushes of the configuration, and those of the session, need no scope."),
    assumed(
        "Limits on connections are off until they are set. A newer connection evicts the "
        "oldest one."
    ),
    assumed(
        "The end or the revocation of a token, another role, a suspension or an expired "
        "license end a connection at the next request, or within a quarter of a second."
    ),
    assumed(
        "`groups_status_updated` goes to the agents of the groups that changed, and to owners and "
        "administrators, who have access to all: one push for each, with all of its groups that "
        "changed."
    ),
    documented(
        "Members and followers of a chat get all its pushes, others with access the key changes.",
        PUSHES,
    ),
)

GENERAL_RULES: Final[dict[str, tuple[Rule, ...]]] = {
    "Errors, scopes and requests": _ERRORS,
    "Versions": _VERSIONS,
    "Routing": _ROUTING,
    "Chats, customers and events": _CHATS,
    "Outside of the API": _OUTSIDE,
    "Webhooks": _WEBHOOKS,
    "RTM": _RTM,
    **CUSTOMER_RULES,
    **ACCOUNTS_RULES,
}
"""The rules by subject, in the order of the page."""
