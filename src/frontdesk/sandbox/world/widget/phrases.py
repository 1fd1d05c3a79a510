"""The phrases of the chat window: English ones, and what a group says instead.

LiveChat documents the keys that can be changed, and five more in a sample; the others, and all
texts, are the sandbox's own.

Source: https://platform.text.com/docs/messaging/customer-chat-api#get-localization
"""

from typing import Final

from frontdesk.sandbox.store.records import GroupRecord
from frontdesk.sandbox.world.world import World

__all__ = ["PHRASES", "WELCOME", "in_language", "phrases_of"]

WELCOME: Final = "Welcome_title"
"""The phrase that greets whoever has not begun a chat yet."""

PHRASES: Final[dict[str, str]] = {
    "Agents_currently_not_available": "Nobody is here to chat at the moment.",
    "Agents_not_available": "Nobody is here to chat at the moment.",
    "Agents_not_available_continuous": (
        "Nobody is here right now, but you can write to us all the same: the response will come "
        "to your e-mail address."
    ),
    "Assistly_ticket_created": "We have opened a ticket for you.",
    "Assistly_ticket_notification": "We will write to %email% when it is solved.",
    "Chat_ended": "The chat has ended.",
    "Chat_now": "Chat with us",
    "Client": "Visitor",
    "Email": "E-mail",
    "Embedded_textarea_placeholder": "Write a message…",
    "Leave_message": "Leave a message",
    "Message": "Message",
    "Name": "Name",
    "Offline_message_sent": "Thank you! Your message has reached us.",
    "Postchat_header": "How was this chat?",
    "Prechat_header": "Tell us who you are before the chat begins.",
    "Rate_bad": "Bad",
    "Rate_comment": "What could be better?",
    "Rate_good": "Good",
    "Subject": "Subject",
    "Ticket_header": "Nobody is here at the moment. Leave us a message.",
    "User_in_queue": (
        "You are number %number% in the queue. It will take about %minutes% minutes until "
        "somebody is there for you."
    ),
    WELCOME: "Hello! How can I help you?",
}


def phrases_of(group: GroupRecord, language: str) -> dict[str, str]:
    """Return all phrases of a group in a language; those that it has not changed are English."""
    return dict(sorted((PHRASES | group.translations.get(language, {})).items()))


def in_language(world: World, group_id: int, key: str) -> str:
    """Return a phrase of a group in its own language."""
    group = world.store.company.groups[group_id]
    return phrases_of(group, group.language_code)[key]
