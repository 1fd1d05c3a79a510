"""What a customer is pushed of itself: its data, and the greeting that it is shown.

The response to each log-in has both, so that nothing needs to be read.
"""

from collections.abc import Iterator
from typing import Any, Final

from msgspec import UNSET
from msgspec.structs import replace

from frontdesk.models.customer_chat.greetings import ShownGreeting
from frontdesk.models.customer_chat.session import CustomerLoginResponse
from frontdesk.pushes import Push
from frontdesk.pushes.customer_chat import (
    CustomerDetailsUpdated,
    GreetingAccepted,
    GreetingCanceled,
    IncomingGreeting,
)

__all__ = ["OwnDetails"]

DATA: Final = (
    "name",
    "email",
    "email_verified",
    "avatar",
    "phone_number",
    "session_fields",
    "omnichannel",
    "address",
)
"""What is told when it changes; the statistics count each log-in anyway."""


class OwnDetails:
    """The customer and its greeting, as the last log-in and the pushes since have left them."""

    def __init__(self) -> None:
        self._data: dict[str, Any] = {}
        self._greeting: ShownGreeting | None = None

    def logged_in(self, login: CustomerLoginResponse) -> None:
        """Take note of the first log-in: who has it needs no pushes."""
        self._data = _data_of(login)
        self._greeting = login.greeting

    def apply(self, push: Push) -> None:
        """Take note of a push that was delivered."""
        match push:
            case CustomerDetailsUpdated():
                for name in DATA:
                    if (value := getattr(push, name)) is not UNSET:
                        self._data[name] = value
            case IncomingGreeting():
                self._greeting = push.greeting
            case GreetingAccepted() if self._shows(push.unique_id):
                assert self._greeting is not None
                self._greeting = replace(self._greeting, accepted=True)
            case GreetingCanceled() if self._shows(push.unique_id):
                self._greeting = None
            case _:
                """Tells nothing that is kept here."""

    def changes(self, login: CustomerLoginResponse) -> Iterator[Push]:
        """Yield the pushes that lead to what another log-in shows.

        Data that the response lacks may merely not be shown, and so count as unchanged.
        """
        now = _data_of(login)
        changed = {name: value for name, value in now.items() if self._data.get(name) != value}
        if changed and login.customer.id:
            yield CustomerDetailsUpdated(id=login.customer.id, recovered=True, **changed)
        yield from self._greetings(login.greeting)

    def _greetings(self, shown: ShownGreeting | None) -> Iterator[Push]:
        before = self._greeting
        if shown is None:
            # It was accepted or closed elsewhere: nothing says which.
            return
        if before is None or before.unique_id != shown.unique_id:
            if before is not None and not before.accepted:
                yield GreetingCanceled(unique_id=before.unique_id, recovered=True)
            yield IncomingGreeting(greeting=shown, recovered=True)
            before = None
        if shown.accepted and (before is None or not before.accepted):
            yield GreetingAccepted(unique_id=shown.unique_id, recovered=True)

    def _shows(self, unique_id: str) -> bool:
        return self._greeting is not None and self._greeting.unique_id == unique_id


def _data_of(login: CustomerLoginResponse) -> dict[str, Any]:
    data = {name: getattr(login.customer, name) for name in DATA}
    return {name: value for name, value in data.items() if value is not None}
