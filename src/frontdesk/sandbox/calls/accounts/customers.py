"""``/v2/customer`` over HTTP: its paths, cookies and bodies.

Source: https://platform.text.com/docs/authorization/customer-authorization
"""

import re
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Final

import msgspec

from frontdesk.sandbox.apis.accounts import customers
from frontdesk.sandbox.apis.accounts.customers import Browser, GivenToken
from frontdesk.sandbox.calls.accounts.call import AccountsCall
from frontdesk.sandbox.calls.accounts.names import (
    CUSTOMER_INFO,
    CUSTOMER_REVOKE,
    CUSTOMER_TOKEN,
    CUSTOMERS,
    IDENTITY_TRANSFER,
    base_path,
)
from frontdesk.sandbox.calls.accounts.parameters import read_object, read_query
from frontdesk.sandbox.calls.responses import HTTPResponse
from frontdesk.sandbox.world import World
from frontdesk.sandbox.world.accounts import customer_errors, redirect_uris
from frontdesk.sandbox.world.accounts.customer_cookies import LIFE_SECONDS, BrowserCookies
from frontdesk.sandbox.world.accounts.errors import AccountsError

__all__ = ["CustomerAccounts", "Handlers"]

Handlers = tuple[str, Mapping[str, Callable[[AccountsCall], HTTPResponse]]]
"""The name of a call, and what responds to it by the method of HTTP."""

_CID: Final = "__lc_cid"
_CST: Final = "__lc_cst"
_NO_STORE: Final = (("Cache-Control", "no-store"),)
_OF_GROUP: Final = re.compile(r"/([^/]{1,128})/([^/]{1,128})/token/?")


class CustomerAccounts:
    """Responds to requests of customers and of those who act for them.

    Args:
        world: whose customers they are.
    """

    def __init__(self, world: World) -> None:
        self._world = world

    def route(self, call: AccountsCall) -> Handlers | None:
        """Return what responds to a call, ``None`` where nothing is."""
        rest = call.path[len(CUSTOMERS) :]
        if rest == "/token" and call.verb == "DELETE":
            return CUSTOMER_REVOKE, {"DELETE": self._take_back}
        if rest == "/token":
            return CUSTOMER_TOKEN, {
                "POST": self._give,
                "GET": self._send_back,
                "DELETE": self._take_back,
            }
        if rest == "/info":
            return CUSTOMER_INFO, {"GET": self._look_at}
        if rest == "/identity_transfer":
            return IDENTITY_TRANSFER, {"POST": self._transfer}
        if _OF_GROUP.fullmatch(rest):
            return CUSTOMER_TOKEN, {"POST": self._give, "GET": self._send_back}
        return None

    def _give(self, call: AccountsCall) -> HTTPResponse:
        self._read(call)
        given = self._given(call)
        response = _json(given.info)
        response.headers = (*response.headers, *_set_cookies(call, given.cookies))
        return response

    def _send_back(self, call: AccountsCall) -> HTTPResponse:
        """Give a token to a page that cannot read responses: the window of an app on a device."""
        call.parameters = dict(read_query(call.query))
        if call.parameters.get("flow") != "button":
            raise customer_errors.invalid_request("`flow` must be `button`, or the method POST")
        redirect_uri = call.parameters.get("redirect_uri")
        if not redirect_uri:
            raise customer_errors.required("redirect_uri")
        call.parameters["grant_type"] = "cookie"
        given = self._given(call)
        fields: dict[str, str] = {
            name: str(value) for name, value in msgspec.to_builtins(given.info).items()
        }
        return HTTPResponse(
            status=HTTPStatus.FOUND,
            body=b"",
            content_type="text/plain",
            headers=(
                ("Location", redirect_uris.with_fragment(redirect_uri, fields)),
                ("Referrer-Policy", "no-referrer"),
                *_NO_STORE,
                *_set_cookies(call, given.cookies),
            ),
        )

    def _given(self, call: AccountsCall) -> GivenToken:
        place = _OF_GROUP.fullmatch(call.path[len(CUSTOMERS) :])
        browser = Browser(
            authorization=call.headers.get("authorization", ""),
            cookies=_cookies(call.headers.get("cookie", "")),
            origin=call.headers.get("origin", ""),
            place=(place[1], place[2]) if place else None,
        )
        given = customers.give_token(self._world, call.parameters, browser)
        call.requester_id = given.requester_id
        return given

    def _transfer(self, call: AccountsCall) -> HTTPResponse:
        self._read(call)
        authorization = call.headers.get("authorization", "")
        given = customers.transfer_identity(self._world, call.parameters, authorization)
        call.requester_id = given.requester_id
        return _json(given.info)

    def _look_at(self, call: AccountsCall) -> HTTPResponse:
        token = customers.bearer(call.headers.get("authorization", ""))
        token = token or read_query(call.query).get("code", "")
        call.requester_id = customers.customer_behind(self._world, token)
        return _json(customers.look_at(self._world, token))

    def _take_back(self, call: AccountsCall) -> HTTPResponse:
        token = customers.bearer(call.headers.get("authorization", ""))
        call.requester_id = customers.customer_behind(self._world, token)
        customers.take_back(self._world, token)
        return HTTPResponse(status=HTTPStatus.OK, body=b"", headers=_NO_STORE)

    def _read(self, call: AccountsCall) -> None:
        # Whatever its type: LiveChat's own client sends none, so that browsers say `text/plain`.
        try:
            call.parameters = read_object(call.body)
        except AccountsError as error:
            raise customer_errors.bad_request(error.description) from None


def _json(result: msgspec.Struct) -> HTTPResponse:
    return HTTPResponse(status=HTTPStatus.OK, body=msgspec.json.encode(result), headers=_NO_STORE)


def _cookies(header: str) -> BrowserCookies | None:
    """Return the two cookies of a header, ``None`` if it has not both.

    Read by hand, since the module of Python stops at the first odd cookie of another page.
    """
    values: dict[str, str] = {}
    for part in header.split(";"):
        name, _, value = part.strip().partition("=")
        # Browsers send the one with the longest path first.
        values.setdefault(name, value)
    cid, cst = values.get(_CID), values.get(_CST)
    return BrowserCookies(cid, cst) if cid and cst else None


def _set_cookies(call: AccountsCall, cookies: BrowserCookies | None) -> tuple[tuple[str, str], ...]:
    if cookies is None:
        return ()
    path = f"{base_path(call.headers.get('host', ''))}/v2/customer"
    rest = f"Path={path}; Max-Age={LIFE_SECONDS}; HttpOnly; Secure; SameSite=None"
    return tuple(
        ("Set-Cookie", f"{name}={value}; {rest}")
        for name, value in ((_CID, cookies.cid), (_CST, cookies.cst))
    )
