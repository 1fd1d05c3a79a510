"""Access tokens of customers: given, found, taken back.

Source: https://platform.text.com/docs/authorization/customer-authorization
"""

from typing import Final

from msgspec.structs import replace

from frontdesk.errors import InvalidArgument, NotFound
from frontdesk.sandbox.store import from_micros
from frontdesk.sandbox.store.credentials.customers import CustomerTokenRecord
from frontdesk.sandbox.world.actor import CUSTOMER_CLIENT_ID
from frontdesk.sandbox.world.world import World

__all__ = [
    "LONGEST",
    "MOST_TOKENS",
    "SECONDS",
    "CustomerTokenRecord",
    "expire",
    "find",
    "issue",
    "revoke",
]

SECONDS: Final = 28800
"""How long a token lives, by default."""
LONGEST: Final = 36500 * 86400
MOST_TOKENS: Final = 25
"""Tokens of a client and a customer; the oldest of more ends."""


def issue(
    world: World,
    customer_id: str,
    *,
    client_id: str = CUSTOMER_CLIENT_ID,
    organization_id: str = "",
    expires_in: float = SECONDS,
) -> CustomerTokenRecord:
    """Give a token of a customer.

    Args:
        world: Where that happens.
        customer_id: Whose it is.
        client_id: The application that it is given to.
        organization_id: Empty for the license's own organization.
        expires_in: Seconds that it lives, on the sandbox's clock.

    Raises:
        NotFound: There is no such customer.
        InvalidArgument: The life is none, or of more than a hundred years.
    """
    if world.store.customers.read(customer_id) is None:
        raise NotFound(f"`customer_id`: there is no customer `{customer_id[:64]}`")
    if not 0 < expires_in <= LONGEST:
        raise InvalidArgument("expires_in", "must be more than 0, and at most a hundred years")
    credentials = world.store.customer_credentials
    now = world.clock.now()
    credentials.remove_expired(world.clock.peek())
    others = [
        record
        for record in credentials.tokens.of_customer(customer_id)
        if record.client_id == client_id
    ]
    # Those that have ended come first: they take no place of one that works.
    others.sort(key=lambda record: record.expires_at > now)
    for record in others[: max(0, len(others) - MOST_TOKENS + 1)]:
        credentials.tokens.remove(record.id)
    region = world.store.company.license.region
    token = CustomerTokenRecord(
        id=f"{region}:{world.ids.secret()}",
        customer_id=customer_id,
        client_id=client_id,
        organization_id=organization_id,
        region=region,
        created_at=now,
        expires_at=from_micros(world.clock.after(expires_in)),
    )
    credentials.tokens.save(token)
    return token


def find(world: World, token: str) -> CustomerTokenRecord | None:
    """Return the record of a token; ``None`` for none, and for one that ended long ago.

    One whose ``expires_at`` has passed lately is there still, for the caller to refuse as such.
    """
    return world.store.customer_credentials.tokens.find(token)


def expire(world: World, token: CustomerTokenRecord) -> None:
    """End the life of a token now."""
    credentials = world.store.customer_credentials
    credentials.tokens.save(replace(token, expires_at=world.clock.now()))
    # Whoever remembers it knows another end.
    credentials.distrust()


def revoke(world: World, token: str) -> bool:
    """Take back a token; returns whether there was one."""
    tokens = world.store.customer_credentials.tokens
    if tokens.find(token) is None:
        return False
    tokens.remove(token)
    return True
