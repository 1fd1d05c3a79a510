"""The verification of customers' e-mail addresses.

No e-mail leaves the sandbox: whoever plays the customer follows its link with a control. The
requests then get their callbacks, which are sent as webhooks are.

Source: https://platform.text.com/docs/messaging/customer-chat-api#request-email-verification
"""

from datetime import timedelta
from typing import Final

from frontdesk.errors import ValidationError
from frontdesk.sandbox.store.records import CustomerRecord, EmailRequest
from frontdesk.sandbox.world.actor import CustomerActor
from frontdesk.sandbox.world.effects import Effect
from frontdesk.sandbox.world.people import customers
from frontdesk.sandbox.world.world import World

__all__ = ["KEPT_REQUESTS", "LIFETIME", "request", "verify"]

KEPT_REQUESTS: Final = 10
"""How many requests count: the latest ones."""
LIFETIME: Final = timedelta(days=7)
"""How long they do, from the last of them."""


def request(world: World, record: CustomerRecord, callback_uri: str) -> None:
    """Ask for the verification of the customer's e-mail address.

    One that is verified needs no e-mail: its callback is due at once.

    Raises:
        ValidationError: The customer has no e-mail address.
    """
    email = record.profile.email
    if not email:
        raise ValidationError("the customer has no e-mail address to verify")
    if record.profile.email_verified:
        _call_back(world, callback_uri, email)
        return
    asked = EmailRequest(callback_uri, world.clock.now(), email)
    record.email_requests = [*_in_force(world, record), asked][-KEPT_REQUESTS:]


def verify(world: World, record: CustomerRecord) -> None:
    """Follow the link of the e-mail: the address is verified from now on.

    Raises:
        ValidationError: No verification of the present address was asked for, or the last request
            has lapsed.
    """
    requests = _in_force(world, record)
    if not requests:
        raise ValidationError("no verification of the e-mail address was asked for")
    record.email_requests = []
    customers.update(world, record, {"email_verified": True}, CustomerActor(record.id))
    for asked in requests:
        _call_back(world, asked.callback_uri, asked.email)


def _in_force(world: World, record: CustomerRecord) -> list[EmailRequest]:
    """Return the requests that count, oldest first: all of them as long as the last one does.

    Those for an address that the customer has no more went there.
    """
    email = record.profile.email
    requests = [asked for asked in record.email_requests if asked.email == email]
    if not requests or world.clock.now() - requests[-1].requested_at > LIFETIME:
        return []
    return requests


def _call_back(world: World, callback_uri: str, email: str) -> None:
    world.emit(Effect(payload={"email": email}, callback=callback_uri))
