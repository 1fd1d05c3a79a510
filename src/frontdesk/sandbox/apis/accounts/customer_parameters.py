"""The parameters of a call of ``/v2/customer``, as its JSON has them."""

from collections.abc import Mapping

from frontdesk.sandbox.world.accounts.customer_errors import invalid_request

__all__ = ["integer", "text"]


def text(parameters: Mapping[str, object], name: str) -> str:
    """Return a parameter that is a text, empty if it is not there.

    Raises:
        AccountsError: It is something else.
    """
    value = parameters.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise invalid_request(f"`{name}` must be a text")
    return value


def integer(parameters: Mapping[str, object], name: str) -> int | None:
    """Return a parameter that is a whole number, ``None`` if it is not there.

    Raises:
        AccountsError: It is something else.
    """
    value = parameters.get(name)
    if value is None or type(value) is int:
        return value
    raise invalid_request(f"`{name}` must be a whole number")
