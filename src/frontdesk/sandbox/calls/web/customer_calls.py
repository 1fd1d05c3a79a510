"""Calls of customers over HTTP: each names the organization, and some are GET requests.

Source: https://platform.text.com/docs/messaging/customer-chat-api
"""

import re
from collections.abc import Callable, Mapping
from functools import cache, partial
from typing import Any, ClassVar, Final
from urllib.parse import parse_qsl

import msgspec

from frontdesk.actions import Action
from frontdesk.codec.plain import is_object
from frontdesk.errors import (
    AuthenticationError,
    AuthorizationError,
    LicenseNotFound,
    ValidationError,
)
from frontdesk.sandbox.calls.decoding import refusal_of
from frontdesk.sandbox.calls.identification import check_region
from frontdesk.sandbox.calls.routes import Route
from frontdesk.sandbox.calls.web.calls import WebCall
from frontdesk.sandbox.world import Identities, World
from frontdesk.sandbox.world.accounts.organizations import all_ids, further
from frontdesk.sandbox.world.actor import Actor, CustomerActor
from frontdesk.spec.checks import read

__all__ = ["CustomerWebCall", "is_customers"]

_PATH: Final = re.compile(r"(?:/v(\d{1,3}\.\d{1,3}))?/(customer)/action/([^/]+)/?")
_ORGANIZATION: Final = "organization_id"
_LICENSE: Final = "license_id"


def is_customers(path: str) -> bool:
    """Return whether a path, with or without a query, is of the Customer Chat API."""
    return "/customer/action/" in path


class CustomerWebCall(WebCall):
    """A request of a customer over HTTP; ``path`` has its query behind it.

    ``address`` is where it comes from, empty where there is no socket; the rest is as for others.
    """

    pattern: ClassVar[re.Pattern[str]] = _PATH
    example: ClassVar[str] = "/v3.6/customer/action/<method>?organization_id=<id>"

    def __init__(
        self,
        routes: dict[str, Route],
        verb: str,
        path: str,
        headers: Mapping[str, str],
        body: bytes,
        *,
        address: str = "",
    ) -> None:
        self._address = address
        path, _, query = path.partition("?")
        super().__init__(routes, verb, path, headers, body)
        self._query = dict(parse_qsl(query, keep_blank_values=True)) if query else {}

    @property
    def recorded_body(self) -> bytes:
        """The body, or the query of a GET request, as JSON."""
        if self.route is None or self.route.handler.action.spec.verb == "POST":
            return super().recorded_body
        return msgspec.json.encode(self._request())

    def authenticate(self, world: World, identities: Identities) -> Actor:
        """The customer whose token the header ``Authorization`` holds; nobody where none is needed.

        Raises ``LicenseNotFound`` for an organization that is not there, and ``AuthorizationError``
        for a token of another one.
        """
        organization_id = further(world, self._organization_id(world))
        assert self.route is not None, "the route is found first"
        if not self.route.handler.action.spec.needs_token:
            return CustomerActor("", organization_id=organization_id)
        authorization = self._headers.get("authorization")
        if not authorization:
            raise AuthenticationError("`Authorization` is required: Bearer and a customer token")
        customer = identities.customer(authorization, address=self._address)
        if customer.organization_id != organization_id:
            raise AuthorizationError("`organization_id`: the token is of another organization")
        check_region(world, customer, self._headers.get("x-region"))
        return customer

    def _organization_id(self, world: World) -> str:
        own = world.store.company.license
        organization_id = self._query.get(_ORGANIZATION)
        if not organization_id:
            if self._by_license and self._query.get(_LICENSE) == str(own.id):
                return own.organization_id
            instead = " (or `license_id`)" if self._by_license else ""
            if self._by_license and self._query.get(_LICENSE):
                raise LicenseNotFound("`license_id`: there is no such license")
            raise ValidationError(f"`organization_id`{instead} is required in the query")
        if organization_id not in all_ids(world):
            raise LicenseNotFound("`organization_id`: there is no such organization")
        return organization_id

    @property
    def _by_license(self) -> bool:
        """Whether the license may be named instead of the organization."""
        return self.route is not None and _LICENSE in self.route.handler.action.__struct_fields__

    def decode(self, route: Route) -> Any:
        """The action that JSON, the file of a form, or the query of a GET request asks for."""
        if route.handler.action.spec.verb == "POST":
            return super().decode(route)
        action, request = route.handler.action, self._request()
        try:
            return read(_converter(action), request)
        except msgspec.ValidationError as error:
            raise refusal_of(action, msgspec.json.encode(request), error) from None

    def _request(self) -> dict[str, Any]:
        """The arguments of a GET request; LiveChat's JavaScript SDK sends them in a body."""
        body: Any = None
        if self.body:
            try:
                body = msgspec.json.decode(self.body)
            except (msgspec.DecodeError, UnicodeError, RecursionError):
                body = None
        given: dict[str, Any] = {**body, **self._query} if is_object(body) else self._query
        assert self.route is not None
        names = self.route.handler.action.__struct_encode_fields__
        return {name: value for name, value in given.items() if name in names}


@cache
def _converter(action: type[Action[Any]]) -> Callable[[Any], Action[Any]]:
    """What reads a query: numbers and truth values are texts in it."""
    return partial(msgspec.convert, type=action, strict=False)
