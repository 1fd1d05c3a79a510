"""The token of a customer, which renews itself.

Three grants give one: cookies, as a browser has them; the token of an agent, as a back end has it;
and an identity transfer token, with which a customer goes on at another device.
Source: https://platform.text.com/docs/authorization/customer-authorization
"""

import os
import re
import ssl
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Final, Literal, Self, TypedDict, Unpack
from urllib.parse import quote

import msgspec
from msgspec import Struct

from frontdesk.auth._tokens import (
    BearerToken,
    Token,
    TokenGetter,
    TokenLike,
    TokenProvider,
    as_token,
)
from frontdesk.auth.customer_grants import CustomerCookies, CustomerTokenInfo, IdentityTransfer
from frontdesk.auth.grants import as_seconds, now_in_utc
from frontdesk.auth.protocol import Accounts, check_redirect_uri, oauth_error
from frontdesk.auth.renewal import TRY_AGAIN, RenewedToken, margin_of
from frontdesk.auth.steps import Steps, carry_out, sent, to_its_end
from frontdesk.concurrency.forks import ForkSafeLock
from frontdesk.core.http_messages import Reply, Request
from frontdesk.core.retry import Retry, as_retry
from frontdesk.errors import (
    DecodeError,
    FrontdeskError,
    InvalidArgument,
    TemporarilyUnavailable,
    TransportError,
)
from frontdesk.redaction import SecretText, register
from frontdesk.spec.addresses import checked_address, seconds
from frontdesk.spec.arguments import check_text, refuse_awaitable
from frontdesk.transport.base import Transport

__all__ = ["CustomerToken", "CustomerTokenOptions"]

DEFAULT_ACCOUNTS_URL: Final = "https://accounts.livechat.com"
PATH: Final = "/v2/customer"
LIFE: Final = 28_800.0
"""Seconds that a token lives if the response does not say."""
TRANSFER_LIFE: Final = 3_600.0
RENEW_BEFORE: Final = 300.0
OK: Final = range(200, 300)
UNAUTHORIZED: Final = 401
COOKIE: Final = re.compile(r"(?:^|[,;]\s*)__lc_(cid|cst)=([^;,\s]+)")
"""A cookie in a header ``Set-Cookie``, or in several of them that were joined by commas."""
OF_THE_REQUEST: Final = frozenset(
    ("bad_request", "forbidden", "invalid_client", "invalid_request", "resource_not_found")
)
"""The errors with the status 401 that no other token would mend."""
EXCEPTIONS: Final = ("identity_exception", "oauth_exception")
"""The keys of an error, the first of which counts, whatever the HTTP status."""

BearerType = Literal["customer", "agent"]
AgentToken = TokenLike | TokenGetter | TokenProvider


class CustomerTokenOptions(TypedDict, total=False):
    """What all grants take.

    ``accounts_url`` is where the accounts server is; it defaults to ``FRONTDESK_ACCOUNTS_URL``,
    else LiveChat's. ``expires_in`` asks for a life in seconds. ``renew_before`` are the seconds
    before its end at which the token is renewed. ``timeout``, ``retry``, ``proxy`` and
    ``ssl_context`` are as for the clients. ``transport`` is something else than HTTP over urllib3:
    a sync one, also for async clients, which wait for it in a thread.
    """

    accounts_url: str | None
    expires_in: int | None
    renew_before: float
    timeout: float
    retry: Retry | int | None
    proxy: str | None
    ssl_context: ssl.SSLContext | None
    transport: Transport | None


class _Grant(Struct):
    """What is sent for a token."""

    type: str
    path: str
    body: dict[str, Any]
    secrets: dict[str, str | Callable[[], object]] = {}
    """What of the body is secret, or is asked for each time."""
    agent: AgentToken | None = None

    def __repr__(self) -> str:
        return f"Grant({self.type!r})"


class CustomerToken(RenewedToken):
    """The token of a customer, renewed before its 8 hours are over; a ``TokenProvider``.

    Make one with ``with_cookies``, ``with_agent_token`` or ``with_identity_token``, and give it to
    any number of clients of customers in place of a token, sync and async ones. It is fetched with
    their first call, and again when a server refuses it, once for all who wait for it. A new
    customer stays the same customer from then on.
    """

    def __init__(self, grant: Any, client_id: str, **options: Unpack[CustomerTokenOptions]) -> None:
        """Use one of the class methods; nothing is sent yet."""
        super().__init__()
        if not isinstance(grant, _Grant):
            raise InvalidArgument(
                "grant", "cannot be made; call with_cookies, with_agent_token or "
                "with_identity_token"
            )  # fmt: skip
        self._grant = grant
        self.client_id: str = _text("client_id", client_id)
        """The app."""
        self.customer_id: str | None = grant.body.get("entity_id")
        """The id of the customer; ``None`` until there is a token, if it was not given."""
        self.organization_id: str | None = grant.body.get("organization_id")
        """The organization; ``None`` until there is a token, if it was not given."""
        self.cookies: CustomerCookies | None = None
        """The cookies of the customer, to be kept for later processes; cookies grant only."""
        accounts_url = options.get("accounts_url")
        if accounts_url is None:
            accounts_url = os.environ.get("FRONTDESK_ACCOUNTS_URL") or DEFAULT_ACCOUNTS_URL
        accounts_url = checked_address("accounts_url", accounts_url)
        expires_in = options.get("expires_in")
        if expires_in is not None and (type(expires_in) is not int or expires_in < 1):
            raise InvalidArgument("expires_in", "must be a number of seconds above 0")
        self._expires_in = expires_in
        self._renew_before = seconds("renew_before", options.get("renew_before", RENEW_BEFORE))
        self._accounts = Accounts(
            url=accounts_url,
            client_id=self.client_id,
            client_secret=None,
            timeout=seconds("timeout", options.get("timeout", 20.0)),
            now=now_in_utc,
        )
        self._retry = as_retry(options.get("retry", Retry()))
        self._proxy = options.get("proxy")
        self._ssl_context = options.get("ssl_context")
        transport = options.get("transport")
        if transport is not None and not callable(getattr(transport, "send", None)):
            raise InvalidArgument("transport", "must have `send` and `close`, as Transport says")
        unknown = sorted(set(options) - set(CustomerTokenOptions.__annotations__))
        if unknown:
            raise InvalidArgument(unknown[0], "is not an argument of CustomerToken")
        self._transport = transport
        self._connecting = ForkSafeLock()
        self._issued: tuple[BearerToken, float] | None = None
        """The last token, and when it ends, in the clock's time."""

    @classmethod
    def with_cookies(
        cls,
        *,
        client_id: str,
        organization_id: str,
        redirect_uri: str | None = None,
        cookies: CustomerCookies | None = None,
        group_id: int | None = None,
        **options: Unpack[CustomerTokenOptions],
    ) -> Self:
        """Be a customer as a browser is one: without an agent, by cookies.

        Args:
            client_id: The app.
            organization_id: The organization to chat with.
            redirect_uri: A redirect URI of the app; the server asks for one.
            cookies: Those of an earlier ``CustomerToken``. Without them, or if the server does not
                know them any more, a new customer is made with the first token.
            group_id: Be another customer in each group, which the license has to allow.
            options: See ``CustomerTokenOptions``.

        Raises:
            InvalidArgument: An argument does not fit.
        """
        organization_id = _text("organization_id", organization_id)
        path = f"{PATH}/token"
        if group_id is not None:
            if type(group_id) is not int or group_id < 0:
                raise InvalidArgument("group_id", "must be the id of a group")
            path = f"{PATH}/{quote(organization_id, safe='')}/{group_id}/token"
        body = {"organization_id": organization_id, "response_type": "token"}
        if redirect_uri is not None:
            body["redirect_uri"] = check_redirect_uri(redirect_uri)
        made = cls(_Grant("cookie", path, body), client_id, **options)
        if cookies is not None:
            if not isinstance(cookies, CustomerCookies):  # pyright: ignore[reportUnnecessaryIsInstance]
                raise InvalidArgument("cookies", "must be CustomerCookies")
            made.cookies = cookies
            made.customer_id = cookies.cid
        return made

    @classmethod
    def with_agent_token(
        cls,
        agent_token: AgentToken,
        *,
        client_id: str,
        customer_id: str | None = None,
        **options: Unpack[CustomerTokenOptions],
    ) -> Self:
        """Be a customer of the organization of an agent, as a back end does.

        Args:
            agent_token: An access token with the scope ``customers:own``, or a source of one, such
                as ``OAuth.token_source``; no personal access token.
            client_id: The app.
            customer_id: An existing customer. Without it, a new one is made with the first token.
            options: See ``CustomerTokenOptions``.

        Raises:
            InvalidArgument: An argument does not fit.
        """
        try:
            if not isinstance(agent_token, TokenProvider) and not callable(agent_token):
                agent_token = _agents(agent_token)
            body: dict[str, Any] = {"response_type": "token"}
            if customer_id is not None:
                body["entity_id"] = _text("customer_id", customer_id)
            grant = _Grant("agent_token", f"{PATH}/token", body, agent=agent_token)
            return cls(grant, client_id, **options)
        except InvalidArgument as error:
            # The frames that are cut, and this one, would show the token in a traceback.
            raise error.with_traceback(None) from None
        finally:
            del agent_token

    @classmethod
    def with_identity_token(
        cls,
        code: str | Callable[[], str],
        *,
        client_id: str,
        code_verifier: str | None = None,
        **options: Unpack[CustomerTokenOptions],
    ) -> Self:
        """Be the customer of another device.

        Args:
            code: ``IdentityTransfer.code`` of the other device, or a function that returns one: it
                lives for an hour, and the token of a customer for eight, so that a fixed one does
                not renew the token.
            client_id: The app.
            code_verifier: The secret of PKCE, if the transfer had a ``code_challenge``.
            options: See ``CustomerTokenOptions``.

        Raises:
            InvalidArgument: An argument does not fit.
        """
        try:
            secrets: dict[str, Any] = {"code": code if callable(code) else _secret("code", code)}
            if code_verifier is not None:
                secrets["code_verifier"] = _secret("code_verifier", code_verifier)
            grant = _Grant("identity_token", f"{PATH}/token", {}, secrets)
            return cls(grant, client_id, **options)
        except InvalidArgument as error:
            raise error.with_traceback(None) from None
        finally:
            del code, code_verifier

    def transfer_identity(
        self, *, code_challenge: str | None = None, bearer_type: BearerType = "customer"
    ) -> IdentityTransfer:
        """Get a token with which the customer goes on at another device.

        Args:
            code_challenge: The challenge of PKCE; the other device needs its verifier then.
            bearer_type: Who asks: the customer, or with ``agent`` the agent of
                ``with_agent_token``.

        Raises:
            InvalidArgument: There is no agent.
            OAuthError: The server refuses.
            TransportError: There is no response.
        """
        body: dict[str, Any] = {"bearer_type": bearer_type, "client_id": self.client_id}
        if code_challenge is not None:
            body["code_challenge"] = _text("code_challenge", code_challenge)
        match bearer_type:
            case "customer":
                reply = self._sent_as_customer("POST", f"{PATH}/identity_transfer", body)
            case "agent" if self._grant.agent is not None:
                if self.customer_id is None:
                    # There is one after the first token.
                    self.token()
                body["customer_id"] = self.customer_id
                steps = self._sending_as_agent(f"{PATH}/identity_transfer", body, repeatable=True)
                reply = carry_out(steps, self._connected())
            case "agent":
                raise InvalidArgument("bearer_type", "can be `agent` after with_agent_token only")
            case _:
                raise InvalidArgument("bearer_type", "must be `customer` or `agent`")
        fields = self._fields(reply)
        code = fields.get("identity_transfer_token")
        if not isinstance(code, str) or not code:
            raise DecodeError(
                "the response has no `identity_transfer_token`", path="$.identity_transfer_token"
            )
        register(code)
        life = as_seconds(fields.get("expires_in"), TRANSFER_LIFE)
        return IdentityTransfer(code=code, expires_in=TRANSFER_LIFE if life is None else life)

    async def transfer_identity_async(
        self, *, code_challenge: str | None = None, bearer_type: BearerType = "customer"
    ) -> IdentityTransfer:
        """As ``transfer_identity``, without keeping the event loop from its work."""
        call = partial(
            self.transfer_identity, code_challenge=code_challenge, bearer_type=bearer_type
        )
        transfer: IdentityTransfer = await to_its_end(call)
        return transfer

    def introspect(self) -> CustomerTokenInfo:
        """Ask the server what it knows of the present token, such as its organization.

        Raises:
            OAuthError: The server refuses.
            TransportError: There is no response.
        """
        fields = self._fields(self._sent_as_customer("GET", f"{PATH}/info", None))
        names = ("access_token", "client_id", "organization_id", "token_type")
        texts = {name: str(fields[name]) for name in names if isinstance(fields.get(name), str)}
        customer_id = fields.get("entity_id")
        info = CustomerTokenInfo(
            **texts,
            customer_id=customer_id if isinstance(customer_id, str) else None,
            expires_in=as_seconds(fields.get("expires_in"), None),
        )
        # The response with the token of another device does not say it.
        self.organization_id = info.organization_id or self.organization_id
        return info

    async def introspect_async(self) -> CustomerTokenInfo:
        """As ``introspect``, without keeping the event loop from its work."""
        info: CustomerTokenInfo = await to_its_end(self.introspect)
        return info

    def revoke(self) -> bool:
        """End the present token; the next call of a client fetches another one.

        Returns:
            False if there is no token yet, and so nothing to end.

        Raises:
            OAuthError: The server refuses.
            TransportError: There is no response.
        """
        if self._issued is None:
            return False
        token, _ = self._issued
        reply = self._sent("DELETE", f"{PATH}/token", None, token)
        error = self._error_of(reply)
        if error is not None:
            raise error
        with self._lock:
            if self._present == token:
                self._present = None
        return True

    async def revoke_async(self) -> bool:
        """As ``revoke``, without keeping the event loop from its work."""
        ended: bool = await to_its_end(self.revoke)
        return ended

    def close(self) -> None:
        """Close all connections."""
        if self._transport is not None:
            self._transport.close()

    def _renewed(self, refused: Token | None) -> Token:
        try:
            return carry_out(self._issuing(), self._connected())
        except FrontdeskError as error:
            last, end = self._issued or (None, 0.0)
            left = end - self._clock()
            is_passing = isinstance(error, (TransportError, TemporarilyUnavailable))
            if last is None or last == refused or left <= 0 or not is_passing:
                raise
            return self._token(last.authorization, end, renew_in=min(TRY_AGAIN, left))

    def _issuing(self) -> Steps[Token]:
        grant = self._grant
        # Without a customer, each request makes one, and a code may be good for one use.
        is_repeatable = grant.type != "identity_token" and self.customer_id is not None
        sent_at = self._clock()
        reply = yield from self._sending_as_agent(grant.path, self._body, repeatable=is_repeatable)
        return self._taken(reply, sent_at)

    def _sending_as_agent(
        self, path: str, body: dict[str, Any] | Callable[[], dict[str, Any]], *, repeatable: bool
    ) -> Steps[Reply]:
        """Send a request with the token of the agent, if there is one: with a new one if need be.

        A function makes the body each time.
        """
        agent = self._agent_token(None)
        while True:
            content = body() if callable(body) else body
            request = self._request("POST", path, content, agent)
            reply = yield from sent(request, self._error_of, self._retry, repeatable=repeatable)
            error = self._error_of(reply)
            if error is None:
                return reply
            refused = agent if getattr(error, "status", 0) == UNAUTHORIZED else None
            agent = self._agent_token(refused) if refused is not None else None
            if agent is None or agent == refused:
                raise error

    def _sent_as_customer(self, verb: str, path: str, body: dict[str, Any] | None) -> Reply:
        """Send a request with the token of the customer: with a new one if it is refused."""
        token = self.token()
        reply = self._sent(verb, path, body, token)
        error = self._error_of(reply)
        if reply.status == UNAUTHORIZED and getattr(error, "error", "") not in OF_THE_REQUEST:
            return self._sent(verb, path, body, self.token(token))
        return reply

    def _sent(self, verb: str, path: str, body: dict[str, Any] | None, token: Token) -> Reply:
        request = self._request(verb, path, body, token)
        steps = sent(request, self._error_of, self._retry, repeatable=True)
        return carry_out(steps, self._connected())

    def _body(self) -> dict[str, Any]:
        grant = self._grant
        body = {"grant_type": grant.type, "client_id": self.client_id, **grant.body}
        for name, value in grant.secrets.items():
            body[name] = _secret(name, value() if callable(value) else value)
        if grant.type == "agent_token" and self.customer_id is not None:
            # Or the next token would be that of another new customer.
            body["entity_id"] = self.customer_id
        if self._expires_in is not None:
            body["expires_in"] = self._expires_in
        return body

    def _taken(self, reply: Reply, sent_at: float) -> Token:
        """Take the token of a response, and who it stands for."""
        fields = self._fields(reply)
        access_token, customer_id = fields.get("access_token"), fields.get("entity_id")
        for name, value in (("access_token", access_token), ("entity_id", customer_id)):
            if not isinstance(value, str) or not value:
                raise DecodeError(f"the response with the token has no `{name}`", path=f"$.{name}")
        if self._grant.type == "agent_token" and self.customer_id not in (None, customer_id):
            raise DecodeError("the token is that of another customer", path="$.entity_id")
        self.customer_id = str(customer_id)
        organization_id = fields.get("organization_id")
        if isinstance(organization_id, str) and organization_id:
            self.organization_id = organization_id
        cookies = dict(COOKIE.findall(reply.headers.get("set-cookie", "")))
        if self._grant.type == "cookie" and {"cid", "cst"} <= set(cookies):
            self.cookies = CustomerCookies(cid=cookies["cid"], cst=cookies["cst"])
        life = as_seconds(fields.get("expires_in"), LIFE) or LIFE
        renew_in = life - margin_of(life, self._renew_before)
        return self._token(f"Bearer {access_token}", sent_at + life, renew_in=renew_in)

    def _token(self, authorization: str, end: float, *, renew_in: float) -> Token:
        now = self._clock()
        token = BearerToken(
            authorization,
            expires_at=datetime.now(UTC) + timedelta(seconds=end - now),
            renew_at=now + renew_in,
        )
        self._issued = (token, end)
        return token

    def _agent_token(self, refused: Token | None) -> Token | None:
        source = self._grant.agent
        if source is None or isinstance(source, Token):
            return source
        if isinstance(source, TokenProvider):
            return _agents(source.token(refused))
        if not callable(source):
            return _agents(source)
        value = source()
        refuse_awaitable("agent_token", value, "; it is called in a thread")
        return _agents(value)

    def _error_of(self, reply: Reply) -> FrontdeskError | None:
        """Return the error that a response tells, in the envelope of customers' accounts."""
        fields = _object(reply)
        for key in EXCEPTIONS:
            name = fields.get(key)
            if isinstance(name, str) and name:
                description = fields.get("exception_description")
                return oauth_error(
                    name,
                    description=description if isinstance(description, str) else "",
                    status=reply.status,
                )
        # Otherwise it is a gateway, the accounts server for agents, or something else altogether.
        return self._accounts.error_of(reply)

    def _fields(self, reply: Reply) -> Mapping[str, Any]:
        error = self._error_of(reply)
        if error is not None:
            raise error
        fields = _object(reply)
        if not fields:
            raise DecodeError("the response is no JSON object; check `accounts_url`")
        return fields

    def _request(
        self, verb: str, path: str, body: dict[str, Any] | None, token: Token | None
    ) -> Request:
        cookie: str | None = None
        if self.cookies is not None and path.endswith("/token") and verb == "POST":
            cookie = f"__lc_cid={self.cookies.cid}; __lc_cst={self.cookies.cst}"
        return self._accounts.request(
            verb,
            path,
            body=b"" if body is None else msgspec.json.encode(body, enc_hook=str),
            content_type="application/json",
            authorization=None if token is None else token.authorization,
            cookie=cookie,
        )

    def _connected(self) -> Transport:
        with self._connecting:
            if self._transport is None:
                from frontdesk.transport.urllib3 import Urllib3Transport

                self._transport = Urllib3Transport(
                    self._accounts.url, proxy=self._proxy, ssl_context=self._ssl_context
                )
            return self._transport

    def __repr__(self) -> str:
        grant: _Grant | None = self.__dict__.get("_grant")
        if grant is None:
            return "<CustomerToken>"
        return f"<CustomerToken {grant.type} customer_id={self.__dict__.get('customer_id')!r}>"


def _object(reply: Reply) -> dict[str, Any]:
    try:
        fields = msgspec.json.decode(reply.body, type=dict[str, Any])
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        return {}
    token = fields.get("access_token")
    if isinstance(token, str):
        register(token)
        fields["access_token"] = SecretText(token)
    return fields


def _agents(value: object) -> Token:
    """Check the token of an agent."""
    try:
        token = as_token(value)
    except InvalidArgument as error:
        rule = error.rule
    else:
        if not token.authorization.startswith("Basic "):
            return token
        rule = "must be an access token with scope customers:own, not a personal access token"
    finally:
        # A traceback would show the token.
        del value
    raise InvalidArgument("agent_token", rule)


def _text(name: str, value: object) -> str:
    if not isinstance(value, str):
        raise InvalidArgument(name, f"must be a text, not {type(value).__name__}")
    if not value:
        raise InvalidArgument(name, "must not be empty")
    check_text(name, value)
    return value


def _secret(name: str, value: object) -> SecretText:
    if isinstance(value, str):
        register(value)
    return SecretText(_text(name, value))
