"""The handlers of the Agent Chat API, a module per subject.

``HANDLERS`` names each of them: a new method goes there too.
"""

from typing import Final

from frontdesk.sandbox.apis.agent import (
    chat_access,
    chat_users,
    chats,
    customer_listing,
    customers,
    events,
    files,
    indicators,
    listing,
    multicast,
    older,
    properties,
    session,
    status,
    thread_summaries,
    thread_tags,
)
from frontdesk.sandbox.apis.handler import MethodHandler

__all__ = ["HANDLERS"]

HANDLERS: Final[tuple[MethodHandler, ...]] = (
    chat_access.list_agents_for_transfer,
    chat_access.transfer_chat,
    chat_users.add_user_to_chat,
    chat_users.remove_user_from_chat,
    chats.deactivate_chat,
    chats.follow_chat,
    chats.get_chat,
    chats.resume_chat,
    chats.start_chat,
    chats.unfollow_chat,
    customer_listing.list_customers,
    customers.ban_customer,
    customers.create_customer,
    customers.follow_customer,
    customers.get_customer,
    customers.subscribe_customers,
    customers.unfollow_customer,
    customers.unsubscribe_customers,
    customers.update_customer,
    events.mark_events_as_seen,
    events.send_event,
    events.send_event_preview,
    events.send_rich_message_postback,
    files.upload_file,
    indicators.send_thinking_indicator,
    indicators.send_typing_indicator,
    listing.list_archives,
    listing.list_chats,
    listing.list_threads,
    multicast.multicast,
    older.change_push_notifications,
    older.get_license_info,
    properties.delete_chat_properties,
    properties.delete_event_properties,
    properties.delete_thread_properties,
    properties.update_chat_properties,
    properties.update_event_properties,
    properties.update_thread_properties,
    session.login,
    session.logout,
    session.set_away_status,
    session.update_session,
    status.list_routing_statuses,
    status.set_routing_status,
    thread_summaries.get_thread_transcript,
    thread_summaries.request_thread_summary,
    thread_tags.tag_thread,
    thread_tags.untag_thread,
)
