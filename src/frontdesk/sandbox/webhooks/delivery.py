"""A webhook on its way, and the attempts to deliver it."""

from datetime import datetime, timedelta
from typing import Any, Final, Literal

import msgspec
from msgspec import Struct

__all__ = ["RETRIES", "USER_AGENT", "Attempt", "Delivery"]

USER_AGENT: Final = "frontdesk-sandbox"
"""The header ``User-Agent`` of webhooks, by which the controls of every sandbox refuse them."""

RETRIES: Final = (5, 20, 50)
"""Seconds from the first attempt to each retry."""
OVERHEAD: Final = 4096
"""Bytes of memory that a webhook takes besides its body, most of it while it waits."""


class Attempt(Struct, frozen=True, kw_only=True, gc=False):
    """One attempt to deliver a webhook: the status of the response, or why there is none."""

    at: datetime
    status: int | None = None
    error: str | None = None


class Delivery(Struct, kw_only=True):
    """A webhook on its way. ``body`` is what is sent, its secret included.

    Those of one chat (``ordering_key``) that one client id has registered for one URL keep their
    order, whatever their actions. The callbacks of ``request_email_verification`` are among them,
    without a webhook id, an owner and retries (``once``).
    """

    number: int
    webhook_id: str
    action: str
    url: str
    ordering_key: str
    created_at: datetime
    body: bytes
    state: Literal["waiting", "delivered", "dead"] = "waiting"
    attempts: list[Attempt] = []
    owner_client_id: str = ""
    once: bool = False

    @property
    def retries(self) -> tuple[int, ...]:
        """Seconds from the first attempt to each retry."""
        return () if self.once else RETRIES

    @property
    def cost(self) -> int:
        """The memory that it takes, in bytes: what is sent, and what sending it needs."""
        return len(self.body) + OVERHEAD

    @property
    def next_attempt_at(self) -> datetime | None:
        """When the next retry is due on the sandbox's clock; ``None`` if none is waited for.

        A webhook whose first attempt is still to come has none either: it is made as soon as those
        before it allow.
        """
        made = len(self.attempts)
        if self.state != "waiting" or not 0 < made <= len(self.retries):
            return None
        return self.attempts[0].at + timedelta(seconds=self.retries[made - 1])

    @property
    def webhook(self) -> dict[str, Any]:
        """What is sent, without its secret."""
        content: dict[str, Any] = msgspec.json.decode(self.body)
        content.pop("secret_key", None)
        return content

    def __repr__(self) -> str:
        return (
            f"Delivery({self.number}, {self.action!r} to {self.url!r}, {self.state}, "
            f"{len(self.attempts)} attempts)"
        )
