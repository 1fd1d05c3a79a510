"""The verification of customers' e-mail addresses.

No e-mail leaves the sandbox: whoever plays the customer follows its link with a control.

Source: https://platform.text.com/docs/messaging/customer-chat-api#request-email-verification
"""

from datetime import timedelta
from typing import Final

from frontdesk.errors import ValidationError
from frontdesk.sandbox.store.records import CustomerRecord, EmailRequest
from frontdesk.sandbox.world.actor import CustomerActor
from frontdesk.sandbox.world.people import customers
from frontdesk.sandbox.world.world import World

__all__ = ["KEPT_REQUESTS", "LIFETIME", "request", "verify"]

KEPT_REQUESTS: Final = 10
"""How many requests count: the latest ones."""
LIFETIME: Final = timedelta(days=7)
"""How long they do, from the last of them."""


def request(world: World, record: CustomerRecord, callback_uri: str) -> None:
    """Ask for the verification of the customer's e-mail address; a verified one needs none.

    Raises:
        ValidationError: The customer has no e-mail address.
    """
    if not record.profile.email:
        raise ValidationError("the customer has no e-mail address to verify")
    if record.profile.email_verified:
        return
    now = world.clock.now()
    requests = [*_in_force(world, record), EmailRequest(callback_uri, now)]
    record.email_requests = requests[-KEPT_REQUESTS:]


def verify(world: World, record: CustomerRecord) -> None:
    """Follow the link of the e-mail: the address is verified from now on.

    Raises:
        ValidationError: No verification was asked for, or the last request has lapsed.
    """
    if not _in_force(world, record):
        raise ValidationError("no verification of the e-mail address was asked for")
    record.email_requests = []
    customers.update(world, record, {"email_verified": True}, CustomerActor(record.id))


def _in_force(world: World, record: CustomerRecord) -> list[EmailRequest]:
    """Return the requests that count, oldest first: all of them as long as the last one does."""
    requests = record.email_requests
    if not requests or world.clock.now() - requests[-1].requested_at > LIFETIME:
        return []
    return list(requests)
