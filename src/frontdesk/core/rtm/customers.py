"""Subscriptions of customers, which end with their connection and are made again on the next.

The server gives each a new id. Whoever subscribed goes on to use the one that it got first.
"""

from typing import Any, Final

from msgspec.structs import replace

from frontdesk.actions import Action, SubscribeCustomers, UnsubscribeCustomers
from frontdesk.models import CustomersSubscription
from frontdesk.pushes import Push, SubscribedCustomersTotalsUpdated

__all__ = ["OF_CUSTOMERS", "TOTALS", "CustomerSubscriptions"]

OF_CUSTOMERS: Final = frozenset({"subscribe_customers", "unsubscribe_customers"})
"""The methods whose effect lasts as long as the connection."""
TOTALS: Final = SubscribedCustomersTotalsUpdated.spec.name


class CustomerSubscriptions:
    """The subscriptions of a session, by the id that each got first."""

    def __init__(self) -> None:
        self._actions: dict[str, SubscribeCustomers] = {}
        self._current: dict[str, str] = {}

    def __len__(self) -> int:
        return len(self._actions)

    def outgoing(self, action: Action[Any]) -> Action[Any]:
        """Return an action with the id that the server knows."""
        if isinstance(action, UnsubscribeCustomers):
            current = self._current.get(action.subscription_id, action.subscription_id)
            if current != action.subscription_id:
                return UnsubscribeCustomers(subscription_id=current)
        return action

    def done(self, action: Action[Any], response: Any) -> None:
        """Take note of a subscription that was made, or ended."""
        match action:
            case SubscribeCustomers() if isinstance(response, CustomersSubscription):
                self._actions[response.subscription_id] = action
                self._current[response.subscription_id] = response.subscription_id
            case UnsubscribeCustomers():
                self.forget(action.subscription_id)
            case _:
                """Concerns no subscription."""

    def forget(self, subscription_id: str) -> None:
        """Make a subscription no more; the id is the first or the present one."""
        for first, current in list(self._current.items()):
            if subscription_id in (first, current):
                self._actions.pop(first, None)
                del self._current[first]

    def to_renew(self) -> list[tuple[str, SubscribeCustomers]]:
        """Return what to ask for on a new connection, with the first ids."""
        return list(self._actions.items())

    def renewed(self, first: str, response: CustomersSubscription) -> None:
        """Take note that a subscription goes on under another id."""
        if first in self._actions:
            self._current[first] = response.subscription_id

    def incoming(self, push: Push) -> Push:
        """Return a push with the ids that subscribers know."""
        if not self._actions or not isinstance(push, SubscribedCustomersTotalsUpdated):
            return push
        first = {current: first for first, current in self._current.items()}
        totals = {first.get(key, key): total for key, total in push.totals.items()}
        return replace(push, totals=totals)
