"""How the figures of a report are formed where LiveChat's documentation is silent.

LiveChat's Reports API names its figures and defines almost none of them. Each reading below is one
constant, is given to the queries as a variable of the same name in lower case, and stands on the
page beside the figures that it decides on.
"""

from typing import Any, Final

from msgspec import Struct

__all__ = ["ASSUMPTIONS", "Assumption", "variables"]

BOTS_ARE_AGENTS: Final = True
"""Whether bots count where LiveChat says agent."""
QUEUE_TIME_IS_RESPONSE_TIME: Final = True
"""Whether the time in the queue is part of the first response time."""
END_MESSAGES: Final = (
    "manual_archived_",
    "archived_customer_disconnected",
    "routing.archived_",
    "customer_banned",
    "system_archived",
)
"""How the types of system messages begin that end a chat."""
RATED_MESSAGE: Final = "rating.chat_rated"
"""The type of the system message that says that a customer rated the chat."""
NO_RESPONSES: Final = ("system_message", "system")
"""Types of events that are no responses, whoever sent them."""
WELCOME_PROPERTY: Final = "welcome_message"
"""The property in `lc2` that an automatic welcome message has."""
GREETING_PROPERTY: Final = "greeting_id"
"""The property in `lc2` that a greeting has."""
RANKING_Z: Final = 2.69
"""The width of the interval in the score of the ranking."""
REPEATED_FROM: Final = 2
"""With how many chats in a period a customer is a repeated one."""


class Assumption(Struct, frozen=True):
    """A reading of a definition, in plain words."""

    name: str
    text: str


def _assumption(name: str, text: str) -> tuple[str, Assumption]:
    return name, Assumption(name, text)


ASSUMPTIONS: Final[dict[str, Assumption]] = dict(
    [
        _assumption(
            "CHAT",
            "A chat is one thread of LiveChat's archives: a conversation from its start to its "
            "end. A customer who comes back starts another one.",
        ),
        _assumption(
            "START",
            "A chat belongs to the day and hour in which it started, in the time zone of the "
            "report.",
        ),
        _assumption(
            "CLOSED",
            "Chats that had ended when they were exported count; those that were still open do "
            "not.",
        ),
        _assumption(
            "BOTS_ARE_AGENTS",
            "Bots and AI agents count as agents in every figure; what bots and people did is "
            "compared in a section of its own."
            if BOTS_ARE_AGENTS
            else "Bots and AI agents do not count as agents, but in the section about them.",
        ),
        _assumption(
            "RESPONSE",
            "A response is what an agent sent and the customer could see: no system message, no "
            "automatic welcome message, no greeting.",
        ),
        _assumption(
            "CLOCK",
            "The clock starts with the first thing that the customer sent in the chat, and stops "
            "with the first response after it. Chats without such a response have no response "
            "time; they may be among the missed ones.",
        ),
        _assumption(
            "TURN",
            "What a customer sends until the next response is one turn; its response time runs "
            "from the first message of the turn. A last turn without a response does not count.",
        ),
        _assumption(
            "QUEUE_TIME_IS_RESPONSE_TIME",
            "The time in the queue is part of the response time."
            if QUEUE_TIME_IS_RESPONSE_TIME
            else "The time in the queue at the start is not part of the first response time.",
        ),
        _assumption(
            "AVERAGE",
            "Each chat has one value, the mean of its turns; mean, median and 90th percentile are "
            "those of the chats. 90 of 100 chats have the 90th percentile or less.",
        ),
        _assumption(
            "END",
            "A chat ends with the last message of LiveChat that it was closed; without one, with "
            "its last event. Its length is the time from its start to then.",
        ),
        _assumption(
            "ARRIVAL",
            "The archives do not say when an agent entered a chat. After a wait in the queue it is "
            "the end of the wait, or the agent's first message if that came earlier; else it is "
            "the agent's first message. Chats in which no agent can be placed do not count.",
        ),
        _assumption(
            "QUEUED",
            "A customer was queued if the chat has a time in queues; several waits in one chat are "
            "summed up. A customer left the queue if no agent was ever in the chat.",
        ),
        _assumption(
            "MISSED",
            "A chat was missed if LiveChat says that nobody responded (`routing.unreplied`), where "
            "a bot's response counts; where it says nothing, if there is no response in it.",
        ),
        _assumption(
            "RATING",
            "A rating counts on the day of the chat, as it was when the chats were exported.",
        ),
        _assumption(
            "RATED_AGENT",
            "A rating counts for the agent who was the last to send something before it, or, if "
            "LiveChat does not say when it was given, the last in the chat.",
        ),
        _assumption(
            "SCORE",
            "The score is that of LiveChat's ranking of agents: from 0 to 1, lower where there are "
            f"few ratings (a confidence bound with z = {RANKING_Z}).",
        ),
        _assumption(
            "TAG",
            "Tags are those that a chat had in the end. A chat with several tags counts once for "
            "each.",
        ),
        _assumption(
            "GROUP",
            "Groups are those that had access to the chat in the end. A chat in several groups "
            "counts once for each; groups that it was transferred away from do not.",
        ),
        _assumption(
            "AGENT",
            "An agent had a chat who was in it, however briefly, supervisors too. So a chat of two "
            "agents counts for both.",
        ),
        _assumption(
            "COUNTRY", "The country is that of the customer's visit in which the chat started."
        ),
        _assumption(
            "REPEATED_FROM",
            f"A repeated customer has at least {REPEATED_FROM} chats in the period. Somebody "
            "without cookies who comes back is another customer for LiveChat.",
        ),
    ]
)
"""Each reading by its name; queries name those that they rely on."""


def variables() -> dict[str, Any]:
    """Return the readings that the queries take as variables."""
    return {
        "bots_are_agents": BOTS_ARE_AGENTS,
        "queue_time_is_response_time": QUEUE_TIME_IS_RESPONSE_TIME,
        "end_messages": "|".join(prefix.replace(".", r"\.") for prefix in END_MESSAGES),
        "rated_message": RATED_MESSAGE,
        "no_responses": list(NO_RESPONSES),
        "welcome_property": f"$.lc2.{WELCOME_PROPERTY}",
        "greeting_property": f"$.lc2.{GREETING_PROPERTY}",
        "ranking_z": RANKING_Z,
        "repeated_from": REPEATED_FROM,
    }
