"""What calls are called, in the record of calls, for faults and for rate limits."""

from typing import Final

from frontdesk.actions import ACTIONS, CONFIGURATION_ACTIONS
from frontdesk.actions.customer import CUSTOMER_ACTIONS

__all__ = ["METHODS", "call_name"]


def call_name(api: str, method: str) -> str:
    """Return what the calls of a method are called.

    Those of customers have a prefix, as in ``customer.send_event``: agents have methods of the same
    names.
    """
    return f"customer.{method}" if api == "customer" else method


METHODS: Final = (
    *ACTIONS,
    *CONFIGURATION_ACTIONS,
    *(call_name("customer", method) for method in CUSTOMER_ACTIONS),
)
"""The calls of every method of every API."""
