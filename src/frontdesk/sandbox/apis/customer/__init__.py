"""The handlers of the Customer Chat API, a module per subject.

Each gets the ``CustomerActor`` who calls. ``HANDLERS`` names each of them: a new method goes there
too.
"""

from typing import Final

from frontdesk.sandbox.apis.customer import (
    chats,
    customers,
    events,
    greetings,
    other,
    properties,
    session,
    status,
    widget,
)
from frontdesk.sandbox.apis.handler import MethodHandler

__all__ = ["HANDLERS"]

HANDLERS: Final[tuple[MethodHandler, ...]] = (
    session.login,
    chats.list_chats,
    chats.list_threads,
    chats.get_chat,
    chats.start_chat,
    chats.resume_chat,
    chats.deactivate_chat,
    events.send_event,
    events.delete_event,
    events.upload_file,
    events.send_rich_message_postback,
    events.send_sneak_peek,
    events.mark_events_as_seen,
    properties.update_chat_properties,
    properties.delete_chat_properties,
    properties.update_thread_properties,
    properties.delete_thread_properties,
    properties.update_event_properties,
    properties.delete_event_properties,
    properties.list_license_properties,
    properties.list_group_properties,
    status.list_group_statuses,
    customers.get_customer,
    customers.update_customer,
    customers.update_customer_page,
    customers.set_customer_session_fields,
    greetings.accept_greeting,
    greetings.cancel_greeting,
    greetings.send_greeting_button_clicked,
    greetings.get_predicted_agent,
    greetings.request_welcome_message,
    widget.get_dynamic_configuration,
    widget.get_configuration,
    widget.get_localization,
    other.check_goals,
    other.get_form,
    other.get_url_info,
    other.request_email_verification,
)
