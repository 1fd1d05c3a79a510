"""The accounts server: authorizations, tokens and what is known of them.

It has paths, errors and statuses of its own; see ``errors`` for their shape.
"""

import logging
from collections.abc import Callable, Mapping
from functools import partial
from http import HTTPStatus
from http.cookies import CookieError, SimpleCookie
from typing import Final
from urllib.parse import unquote, urlencode

import msgspec

from frontdesk.errors import StoreError, TooManyRequests
from frontdesk.sandbox.apis.accounts import authorize, tokens
from frontdesk.sandbox.apis.accounts.authorize import Redirect
from frontdesk.sandbox.calls.accounts.call import AccountsCall
from frontdesk.sandbox.calls.accounts.customers import CustomerAccounts
from frontdesk.sandbox.calls.accounts.envelope import error_response, fault_error
from frontdesk.sandbox.calls.accounts.names import (
    ACCOUNTS,
    AUTHORIZE,
    INFO,
    REVOKE,
    TOKEN,
    is_for_customers,
)
from frontdesk.sandbox.calls.accounts.page import choice_page, error_page
from frontdesk.sandbox.calls.accounts.parameters import read_body, read_query, shown
from frontdesk.sandbox.calls.faults import BEFORE_THE_WORK, Faults
from frontdesk.sandbox.calls.rate_limits import RateLimits
from frontdesk.sandbox.calls.recording import RecordedCall, Recorder
from frontdesk.sandbox.calls.responses import EMPTY, HTTPResponse
from frontdesk.sandbox.world import World
from frontdesk.sandbox.world.accounts.errors import (
    AccountsError,
    AuthorizeError,
    IdentityError,
    invalid_request,
    missing,
)

__all__ = ["AccountsServer"]

COOKIE: Final = "frontdesk_login"
OOOPS: Final = f"{ACCOUNTS}/ooops"
_PAGES: Final = frozenset((ACCOUNTS, f"{ACCOUNTS}/", f"{ACCOUNTS}/signin", f"{ACCOUNTS}/signup"))
_ASKING: Final = frozenset((f"{ACCOUNTS}/signin", f"{ACCOUNTS}/signup"))
"""The pages that ask a browser that has logged in, too."""
_NO_STORE: Final = (("Cache-Control", "no-store"),)
_LOG: Final = logging.getLogger("frontdesk.sandbox")


class AccountsServer:
    """Responds to requests to the accounts server.

    Args:
        world: whose accounts they are.
        faults: what is to go wrong.
        limits: the rate limits.
        recorder: keeps the calls.
        debug_id: the id of the response to a request with these headers.
    """

    def __init__(
        self,
        world: World,
        faults: Faults,
        limits: RateLimits,
        recorder: Recorder,
        debug_id: Callable[[Mapping[str, str]], str],
    ) -> None:
        self._world = world
        self._faults = faults
        self._limits = limits
        self._recorder = recorder
        self._debug_id = debug_id
        self._customers = CustomerAccounts(world)

    @staticmethod
    def reads_body(verb: str) -> bool:
        """Whether the response to a request depends on its body."""
        return verb == "POST"

    def respond(
        self, verb: str, target: str, headers: Mapping[str, str], body: bytes
    ) -> HTTPResponse:
        """Respond to one request. Never raises.

        Args:
            verb: the method of HTTP.
            target: the path with its query.
            headers: the headers; their names are in lower case.
            body: the body.
        """
        path, _, query = target.partition("?")
        call = AccountsCall(verb, path, headers, query, body, self._debug_id(headers))
        try:
            response = self._route(call)
        except AccountsError as error:
            call.error = error.error
            response = error_response(error, call.debug_id, call.path)
        except AuthorizeError as error:
            call.error = error.oauth_exception
            response = _redirect(call, _ooops(error))
        except IdentityError as error:
            call.error = error.identity_exception
            response = _redirect(call, _back_to_page(call, error))
        except Exception as error:  # noqa: BLE001 - a defect must not end the server
            if not isinstance(error, StoreError):
                _LOG.exception("the accounts server failed; this is a defect of the sandbox")
            text = str(error) if isinstance(error, StoreError) else "Internal server error"
            failure = AccountsError("server_error", text, HTTPStatus.INTERNAL_SERVER_ERROR)
            call.error = failure.error
            response = error_response(failure, call.debug_id, call.path)
        response.debug_id = call.debug_id
        response.fault = call.fault
        response.for_pages = self._is_for_pages(call)
        self._record(call, response)
        return response

    def _route(self, call: AccountsCall) -> HTTPResponse:
        if call.path in _PAGES:
            return self._serve(call, AUTHORIZE, {"GET": self._show, "POST": self._choose})
        if call.path == f"{ACCOUNTS}/v2/token":
            if call.verb == "DELETE":
                return self._serve(call, REVOKE, {"DELETE": self._take_back})
            return self._serve(call, TOKEN, {"POST": self._give, "DELETE": self._take_back})
        if call.path == f"{ACCOUNTS}/v2/info":
            return self._serve(call, INFO, {"GET": self._look_at})
        if is_for_customers(call.path):
            served = self._customers.route(call)
            if served is not None:
                return self._serve(call, *served)
        if call.path == OOOPS and call.verb in ("GET", "HEAD"):
            return error_page(read_query(call.query))
        raise AccountsError("not_found", "there is nothing here", HTTPStatus.NOT_FOUND)

    def _serve(
        self,
        call: AccountsCall,
        name: str,
        handlers: Mapping[str, Callable[[AccountsCall], HTTPResponse]],
    ) -> HTTPResponse:
        call.name = name
        handler = handlers.get(call.verb)
        if handler is None:
            verbs = ", ".join(handlers)
            error = AccountsError(
                "invalid_request",
                f"this takes {verbs}, not {call.verb}",
                HTTPStatus.METHOD_NOT_ALLOWED,
            )
            call.error = error.error
            response = error_response(error, call.debug_id, call.path)
            response.headers = (*response.headers, ("Allow", verbs))
            return response
        if self._faults:
            call.fault = self._faults.strike_named(name)
            if call.fault is not None and call.fault.kind in BEFORE_THE_WORK:
                raise fault_error(call.fault)
        try:
            self._limits.count_named(name, self._world.clock.peek())
        except TooManyRequests as error:
            raise AccountsError(
                "temporarily_unavailable", error.message, HTTPStatus.TOO_MANY_REQUESTS
            ) from None
        return handler(call)

    def _show(self, call: AccountsCall) -> HTTPResponse:
        call.parameters = _read_for_page(call.query)
        result = authorize.show(
            self._world,
            call.parameters,
            _cookie(call.headers),
            asks_again=call.path in _ASKING,
        )
        if isinstance(result, Redirect):
            call.requester_id = result.agent_id
            return _redirect(call, result.location)
        return choice_page(result, call.parameters, f"{ACCOUNTS}/")

    def _choose(self, call: AccountsCall) -> HTTPResponse:
        form = read_body(call.headers.get("content-type", ""), call.body)
        call.parameters = {**_read_for_page(call.query), **form}
        if form.get("deny"):
            raise authorize.deny(self._world, call.parameters)
        organization_id, space, agent_id = form.get("account", "").partition(" ")
        if not space:
            organization_id, agent_id = "", organization_id
        redirect = authorize.choose(self._world, call.parameters, agent_id, organization_id)
        call.requester_id = redirect.agent_id
        response = _redirect(call, redirect.location)
        cookie = f"{COOKIE}={redirect.login_id}; Path={ACCOUNTS}; HttpOnly; SameSite=Lax"
        response.headers = (*response.headers, ("Set-Cookie", cookie))
        return response

    def _give(self, call: AccountsCall) -> HTTPResponse:
        call.parameters = read_body(call.headers.get("content-type", ""), call.body)
        call.client_id = call.parameters.get("client_id", "")
        result = tokens.give(self._world, call.parameters)
        call.requester_id = self._holder(result.access_token)
        return _json(msgspec.json.encode(result))

    def _take_back(self, call: AccountsCall) -> HTTPResponse:
        token = self._token_of(call)
        call.requester_id = self._holder(token)
        tokens.take_back(self._world, token)
        return _json(EMPTY)

    def _look_at(self, call: AccountsCall) -> HTTPResponse:
        token = self._token_of(call)
        call.requester_id = self._holder(token)
        return _json(msgspec.json.encode(tokens.look_at(self._world, token)))

    def _token_of(self, call: AccountsCall) -> str:
        """The token that a call is about, of its header or of its query."""
        header = call.headers.get("authorization", "")
        scheme, _, token = header.strip().partition(" ")
        if header and scheme.lower() != "bearer":
            raise invalid_request("`Authorization` must begin with Bearer")
        # The colon of a token may be written as `%3A`.
        token = unquote(token.strip()) or read_query(call.query).get("code", "")
        if not token:
            raise missing("code")
        call.client_id = self._client_of(token)
        return token

    def _client_of(self, token_id: str) -> str:
        store = self._world.store
        token = store.company.tokens.get(token_id) or store.accounts.refresh_tokens.get(token_id)
        return token.client_id if token else ""

    def _holder(self, token_id: str) -> str | None:
        store = self._world.store
        token = store.company.tokens.get(token_id) or store.accounts.refresh_tokens.get(token_id)
        return token.user_id if token else None

    def _is_for_pages(self, call: AccountsCall) -> bool:
        """Whether web pages of other origins may read the response: not of clients with a secret.

        Customers get their tokens by web pages, whose client has none.
        """
        if is_for_customers(call.path):
            return True
        if call.name in ("", AUTHORIZE):
            return False
        client = self._world.store.accounts.clients.get(call.client_id)
        return client is None or client.type == "public"

    def _record(self, call: AccountsCall, response: HTTPResponse) -> None:
        number = self._recorder.next_number()
        if self._world.writing:
            self._world.undo_with(partial(self._recorder.refuse, number))
        self._recorder.add(
            RecordedCall(
                number=number,
                action=call.name or call.path[:200],
                version="2",
                micros=self._world.clock.peek(),
                status=response.status,
                requester_id=call.requester_id,
                error=call.error,
                fault=call.fault.kind if call.fault else None,
                request_body=shown(call.parameters),
            )
        )


def _read_for_page(query: str) -> dict[str, str]:
    try:
        return read_query(query)
    except AccountsError as error:
        raise AuthorizeError(error.error, error.description) from None


def _redirect(call: AccountsCall, location: str) -> HTTPResponse:
    """Send a browser elsewhere; after a form with the status that makes it a GET."""
    status = HTTPStatus.SEE_OTHER if call.verb == "POST" else HTTPStatus.FOUND
    return HTTPResponse(
        status=status,
        body=b"",
        content_type="text/plain",
        headers=(("Location", location), ("Referrer-Policy", "no-referrer"), *_NO_STORE),
    )


def _ooops(error: AuthorizeError) -> str:
    query = {"oauth_exception": error.oauth_exception}
    if error.exception_details:
        query["exception_details"] = error.exception_details
    return f"{OOOPS}?{urlencode({**query, 'error_description': error.description})}"


def _back_to_page(call: AccountsCall, error: IdentityError) -> str:
    own = {
        name: value
        for name, value in call.parameters.items()
        if name not in ("account", "deny", "identity_exception")
    }
    query = urlencode({**own, "identity_exception": error.identity_exception})
    return f"{ACCOUNTS}/signin?{query}"


def _json(body: bytes) -> HTTPResponse:
    return HTTPResponse(status=HTTPStatus.OK, body=body, headers=_NO_STORE)


def _cookie(headers: Mapping[str, str]) -> str:
    try:
        cookie = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
    except CookieError:
        return ""
    return cookie.value if cookie else ""
