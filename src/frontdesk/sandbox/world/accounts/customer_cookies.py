"""The cookies of browsers, by which customers are known again.

``__lc_cst`` is a secret of the browser, ``__lc_cid`` the customer that it was last. A browser is a
customer of its own for each organization, and, where groups are apart, for each group.

Source: https://platform.text.com/docs/authorization/customer-authorization
"""

import hmac
import re
from datetime import timedelta
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from frontdesk.sandbox.store.credentials.customers import CustomerCookieRecord
from frontdesk.sandbox.world.people import customers
from frontdesk.sandbox.world.people.customers import CustomerDetails
from frontdesk.sandbox.world.world import World

__all__ = ["LIFE_SECONDS", "BrowserCookies", "Place", "recognize"]

LIFE_SECONDS: Final = 63_072_000
"""How long the cookies live: two years, anew with each call."""
_RENEWED_AFTER: Final = timedelta(days=1)
_SECRET: Final = re.compile(r"[0-9a-f]{76}")


class BrowserCookies(Struct, frozen=True):
    """The values of ``__lc_cid`` and ``__lc_cst``."""

    cid: str
    cst: str

    def __repr__(self) -> str:
        return f"BrowserCookies({self.cid!r})"


class Place(Struct, frozen=True):
    """Where a browser is a customer.

    ``organization_id`` is empty for the license's own organization, ``group_id`` is ``None`` where
    customers are the same in all groups.
    """

    organization_id: str
    group_id: int | None


def recognize(
    world: World, client_id: str, place: Place, cookies: BrowserCookies | None
) -> BrowserCookies:
    """Return the cookies of the customer that a browser is at a place, a new one if need be.

    Args:
        world: Where that is.
        client_id: The application that asks.
        place: The organization, and the group if they are apart.
        cookies: What the browser has; those that nobody gave count as none.
    """
    shelf = world.store.customer_credentials.cookies
    secret = cookies.cst if cookies is not None and _are_known(world, cookies) else ""
    now = world.clock.now()
    ends = now + timedelta(seconds=LIFE_SECONDS)
    record = shelf.find(_record_id(secret, place)) if secret else None
    if record is None or record.expires_at <= now:
        secret = secret or f"{world.ids.secret()}{world.ids.secret()}{world.ids.secret()[:12]}"
        groups = (0,) if place.group_id is None else (place.group_id,)
        record = CustomerCookieRecord(
            id=_record_id(secret, place),
            secret=secret,
            customer_id=customers.create(world, CustomerDetails(group_ids=groups)).id,
            client_id=client_id,
            organization_id=place.organization_id,
            group_id=place.group_id,
            created_at=now,
            expires_at=ends,
        )
        shelf.save(record)
    elif ends - record.expires_at > _RENEWED_AFTER:
        # Not at each call, which would write each time.
        shelf.save(replace(record, expires_at=ends))
    return BrowserCookies(record.customer_id, record.secret)


def _are_known(world: World, cookies: BrowserCookies) -> bool:
    """Whether a browser was given both cookies, wherever."""
    if not _SECRET.fullmatch(cookies.cst):
        return False
    now = world.clock.now()
    return any(
        hmac.compare_digest(record.secret, cookies.cst) and record.expires_at > now
        for record in world.store.customer_credentials.cookies.of_customer(cookies.cid)
    )


def _record_id(secret: str, place: Place) -> str:
    group = "" if place.group_id is None else place.group_id
    return f"{secret}/{place.organization_id}/{group}"
