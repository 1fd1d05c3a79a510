"""What there is of a customer's token: its cookies, what hands it over, what is known of it."""

import re
from typing import ClassVar, Final

from frontdesk.auth.grants import Hiding
from frontdesk.errors import InvalidArgument

__all__ = ["CustomerCookies", "CustomerTokenInfo", "IdentityTransfer"]

COOKIE_VALUE: Final = re.compile(r"[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]+")


class CustomerCookies(Hiding, frozen=True, kw_only=True):
    """The two cookies that stand for a customer, to be kept where nobody else reads them.

    Whoever has them is the customer. They live for two years, anew with each token.
    """

    not_shown: ClassVar[frozenset[str]] = frozenset({"cst"})
    cid: str
    """The value of ``__lc_cid``: the id of the customer."""
    cst: str
    """The value of ``__lc_cst``, a secret."""

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in ("cid", "cst"):
            value: object = getattr(self, name)
            if not isinstance(value, str) or not COOKIE_VALUE.fullmatch(value):
                raise InvalidArgument(name, "must be the value of a cookie, without its name")


class IdentityTransfer(Hiding, frozen=True, kw_only=True):
    """A token with which the customer goes on at another device, as ``CustomerToken`` there."""

    not_shown: ClassVar[frozenset[str]] = frozenset({"code"})
    code: str
    """The identity transfer token."""
    expires_in: float
    """Seconds that it lives."""


class CustomerTokenInfo(Hiding, frozen=True, kw_only=True):
    """What the accounts server says of the token of a customer."""

    not_shown: ClassVar[frozenset[str]] = frozenset({"access_token"})
    access_token: str = ""
    customer_id: str | None = None
    organization_id: str | None = None
    client_id: str | None = None
    expires_in: float | None = None
    """Seconds that the token has left."""
    token_type: str = "Bearer"  # noqa: S105 - the scheme
