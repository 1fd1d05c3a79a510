"""Logging in with LiveChat, in sync and async programs."""

import os
import secrets
import ssl
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from types import TracebackType
from typing import Any, Final, Generic, Self, TypeVar

from frontdesk.auth._tokens import Token
from frontdesk.auth.grants import LoginAttempt, TokenGrant, TokenInfo, now_in_utc
from frontdesk.auth.keeper import GrantKeeper
from frontdesk.auth.protocol import (
    Accounts,
    Callback,
    Pkce,
    check_redirect_uri,
    check_scopes,
    check_verifier,
    code_of,
    is_bare,
)
from frontdesk.auth.renewal import AsyncRenewedToken, RenewedToken
from frontdesk.auth.steps import Steps, StoreWork, carry_out, carry_out_async, sent
from frontdesk.auth.stores.base import TokenStore
from frontdesk.auth.stores.memory import MemoryTokenStore
from frontdesk.concurrency.forks import ForkSafeLock
from frontdesk.core.http_messages import Reply, Request
from frontdesk.core.retry import Retry, as_retry
from frontdesk.errors import ClientClosed, InvalidArgument
from frontdesk.redaction import SecretText, register
from frontdesk.spec.addresses import checked_address, seconds
from frontdesk.transport.base import AsyncTransport, Transport

__all__ = ["AsyncOAuth", "AsyncOAuthToken", "OAuth", "OAuthToken"]

R = TypeVar("R")
T = TypeVar("T")

DEFAULT_ACCOUNTS_URL: Final = "https://accounts.livechat.com"
DEFAULT_KEY: Final = "default"
"""What a grant is stored under where a store has only one."""
RENEW_BEFORE: Final = 300.0


class OAuthToken(RenewedToken):
    """An access token that renews itself; what ``OAuth.token_source`` makes.

    Give it to any number of clients in place of a token, sync and async ones, Web and RTM. It is
    renewed before it ends and when a server refuses it, once for all who wait for it, in all
    processes that share its store.
    """

    def __init__(self, carry_out: Callable[[Steps[Any]], Any], keeper: GrantKeeper) -> None:
        super().__init__()
        self._carry_out = carry_out
        self._keeper = keeper

    def revoke(self) -> bool:
        """Log out: revoke the token and the refresh token at the server, and delete them.

        Returns:
            Whether the server still had them.
        """
        revoked: bool = self._carry_out(self._keeper.forget())
        self._present = None
        return revoked

    def _renewed(self, refused: Token | None) -> Token:
        token: Token = self._carry_out(self._keeper.token(refused))
        return token


class AsyncOAuthToken(AsyncRenewedToken):
    """An access token that renews itself; what ``AsyncOAuth.token_source`` makes.

    As ``OAuthToken``, for async clients only.
    """

    def __init__(
        self, carry_out: Callable[[Steps[Any]], Awaitable[Any]], keeper: GrantKeeper
    ) -> None:
        super().__init__()
        self._carry_out = carry_out
        self._keeper = keeper

    def token(self, refused: Token | None = None) -> Token:
        """Refuse to serve a sync client.

        Raises:
            InvalidArgument: Always.
        """
        raise InvalidArgument(
            "token", "must not be of AsyncOAuth here; make it with OAuth, or use an async client"
        )

    async def revoke(self) -> bool:
        """Log out; otherwise as ``OAuthToken.revoke``."""
        revoked: bool = await self._carry_out(self._keeper.forget())
        self._present = None
        return revoked

    async def _renewed_async(self, refused: Token | None) -> Token:
        token: Token = await self._carry_out(self._keeper.token(refused))
        return token


class LoginBase(Generic[T]):
    """What both kinds of ``OAuth`` share; ``T`` is the transport."""

    def __init__(
        self,
        client_id: str,
        client_secret: str | None = None,
        *,
        redirect_uri: str | None = None,
        accounts_url: str | None = None,
        timeout: float = 10.0,
        retry: Retry | int | None = Retry(),  # noqa: B008 - immutable
        proxy: str | None = None,
        ssl_context: ssl.SSLContext | None = None,
        transport: T | None = None,
    ) -> None:
        """Name the app; nothing is sent yet.

        Arguments:

        - ``client_id``: of the app, as the Developer Console shows it.
        - ``client_secret``: of a server-side app. An app of the kind JavaScript has none, and its
          refresh tokens are good for one use each.
        - ``redirect_uri``: where the browser comes back to; the default of the methods below.
        - ``accounts_url``: where the accounts server is. Defaults to ``FRONTDESK_ACCOUNTS_URL``,
          else LiveChat's.
        - ``timeout``: seconds for one request.
        - ``retry``: a ``Retry``, a number of attempts, or ``None`` for a single one. What may have
          used up a code or a refresh token is not sent twice.
        - ``proxy``, ``ssl_context``: as for the clients.
        - ``transport``: something else than HTTP over urllib3 (sync) or aiohttp (async).

        Raises:
            InvalidArgument: An argument does not fit.
        """
        secret = None if client_secret is None else _secret("client_secret", client_secret)
        del client_secret
        if accounts_url is None:
            accounts_url = os.environ.get("FRONTDESK_ACCOUNTS_URL") or DEFAULT_ACCOUNTS_URL
        if redirect_uri is not None:
            check_redirect_uri(redirect_uri)
        if transport is not None and not callable(getattr(transport, "send", None)):
            raise InvalidArgument("transport", "must have `send` and `close`, as Transport says")
        self._accounts = Accounts(
            url=checked_address("accounts_url", accounts_url),
            client_id=_line("client_id", client_id),
            client_secret=secret,
            timeout=seconds("timeout", timeout),
            now=now_in_utc,
        )
        self._redirect_uri = redirect_uri
        self._retry = as_retry(retry)
        self._proxy = proxy
        self._ssl_context = ssl_context
        self._lock = ForkSafeLock()
        self._transport: T | None = transport
        self._closed = False

    def authorization_url(
        self,
        redirect_uri: str | None = None,
        *,
        state: str,
        scopes: Sequence[str] = (),
        pkce: Pkce | None = None,
        code_verifier: str | None = None,
        prompt: str | None = None,
    ) -> str:
        """Return where to send the browser; for those who keep state and verifier themselves.

        ``start_login`` makes and keeps both.

        Args:
            redirect_uri: where the browser comes back to; defaults to that of the constructor.
            state: a text that nobody can guess, which the callback has to bring back.
            scopes: what to ask for; all scopes of the app if empty.
            pkce: ``S256`` or ``plain``; defaults to ``S256`` if there is a verifier.
            code_verifier: the secret of PKCE, 43 to 128 characters.
            prompt: ``consent`` asks the user again, for tests.

        Raises:
            InvalidArgument: An argument does not fit.
        """
        _line("state", state)
        if pkce is not None and code_verifier is None:
            raise InvalidArgument("code_verifier", "is needed for PKCE; `start_login` makes one")
        if code_verifier is not None:
            check_verifier(code_verifier)
        return self._accounts.authorization_url(
            self._redirect(redirect_uri),
            state=state,
            scopes=check_scopes(scopes),
            pkce=_pkce(pkce or "S256") if code_verifier is not None else None,
            code_verifier=code_verifier,
            prompt=None if prompt is None else _line("prompt", prompt),
        )

    def start_login(
        self,
        redirect_uri: str | None = None,
        *,
        scopes: Sequence[str] = (),
        pkce: Pkce | None = "S256",
        prompt: str | None = None,
    ) -> LoginAttempt:
        """Begin a log-in; nothing is sent yet.

        Args:
            redirect_uri: where the browser comes back to; defaults to that of the constructor.
            scopes: what to ask for; all scopes of the app if empty.
            pkce: ``S256``, ``plain``, or ``None`` for no PKCE.
            prompt: ``consent`` asks the user again, for tests.

        Returns:
            The attempt: send the browser to its ``url``, and keep it for ``exchange``.

        Raises:
            InvalidArgument: An argument does not fit.
        """
        state = secrets.token_urlsafe(32)
        code_verifier = None if pkce is None else secrets.token_urlsafe(48)
        redirect_uri, scopes = self._redirect(redirect_uri), check_scopes(scopes)
        url = self.authorization_url(
            redirect_uri,
            state=state,
            scopes=scopes,
            pkce=pkce,
            code_verifier=code_verifier,
            prompt=prompt,
        )
        return LoginAttempt(
            url=url,
            client_id=self._accounts.client_id,
            redirect_uri=redirect_uri,
            state=state,
            code_verifier=code_verifier,
            scopes=tuple(scopes),
        )

    def _code_request(
        self,
        callback: Callback,
        attempt: LoginAttempt | None,
        state: str | None,
        redirect_uri: str | None,
        code_verifier: str | None,
    ) -> Request:
        """Check a callback, and return the request for the token of its code."""
        if attempt is not None:
            if attempt.client_id != self._accounts.client_id:
                raise InvalidArgument("attempt", "is a log-in of another client id")
            state, redirect_uri = SecretText(attempt.state), attempt.redirect_uri
            code_verifier = attempt.code_verifier
        elif state is None and not (isinstance(callback, str) and is_bare(callback)):
            raise InvalidArgument("state", "must be that of the log-in; or give its `attempt`")
        redirect_uri = self._redirect(redirect_uri)
        if code_verifier is not None:
            code_verifier = SecretText(check_verifier(code_verifier))
        code = code_of(callback, redirect_uri=redirect_uri, state=state)
        return self._accounts.exchange(code, redirect_uri, code_verifier)

    def _exchanging(
        self, request: Request, store: TokenStore | None, key: str
    ) -> Steps[TokenGrant]:
        """Get the token of a code, and store it."""
        keeper = None if store is None else self._keeper(store, key, RENEW_BEFORE)
        if keeper is not None:
            # A code is good for one use: it is not spent where its token cannot be kept.
            yield StoreWork(partial(keeper.store.load, key))
        reply = yield from self._sent(request)
        grant = self._accounts.grant_of(reply)
        return grant if keeper is None else (yield from keeper.put(grant))

    def _refreshing(self, refresh_token: str | TokenGrant) -> Steps[TokenGrant]:
        previous = refresh_token if isinstance(refresh_token, TokenGrant) else None
        text = previous.refresh_token if previous is not None else refresh_token
        request = self._accounts.refresh(_secret("refresh_token", text))
        reply = yield from self._sent(request)
        return self._accounts.grant_of(reply, previous)

    def _revoking(self, token: str | Token | TokenGrant) -> Steps[bool]:
        request = self._accounts.revoke(_bare(token, refresh=True))
        reply = yield from self._sent(request, repeatable=True)
        return self._accounts.revoked(reply)

    def _introspecting(self, token: str | Token | TokenGrant) -> Steps[TokenInfo]:
        request = self._accounts.introspect(_bare(token, refresh=False))
        reply = yield from self._sent(request, repeatable=True)
        return self._accounts.info_of(reply)

    def _sent(self, request: Request, *, repeatable: bool = False) -> Steps[Reply]:
        return sent(request, self._accounts.error_of, self._retry, repeatable=repeatable)

    def _keeper_of(
        self, source: TokenGrant | TokenStore, key: str, renew_before: float
    ) -> GrantKeeper:
        if isinstance(source, TokenGrant):
            store = MemoryTokenStore()
            store.replace(key, source, None)
            return self._keeper(store, key, renew_before)
        if not isinstance(source, TokenStore):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise InvalidArgument("source", "must be a TokenGrant, or a store that has one")
        return self._keeper(source, key, renew_before)

    def _keeper(self, store: TokenStore, key: str, renew_before: float) -> GrantKeeper:
        if not isinstance(store, TokenStore):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise InvalidArgument("store", "must be a TokenStore, such as a FileTokenStore")
        return GrantKeeper(
            self._accounts,
            store,
            _line("key", key),
            retry=self._retry,
            renew_before=seconds("renew_before", renew_before),
            clock=time.monotonic,
        )

    def _redirect(self, redirect_uri: str | None) -> str:
        if redirect_uri is None and self._redirect_uri is None:
            raise InvalidArgument("redirect_uri", "must be given, here or to the constructor")
        return check_redirect_uri(redirect_uri or self._redirect_uri)

    def __repr__(self) -> str:
        accounts: Accounts | None = self.__dict__.get("_accounts")
        if accounts is None:
            return f"<{type(self).__name__}>"
        return f"<{type(self).__name__} client_id={accounts.client_id!r} {accounts.url}>"


class OAuth(LoginBase[Transport]):
    """Logs people in with LiveChat, and gets access tokens for an app; for sync programs.

    Its ``token_source`` serves async clients as well. Safe to share between threads.
    Source: https://platform.text.com/docs/authorization
    """

    def exchange(
        self,
        callback: str | Mapping[str, str],
        attempt: LoginAttempt | None = None,
        *,
        state: str | None = None,
        redirect_uri: str | None = None,
        code_verifier: str | None = None,
        store: TokenStore | None = None,
        key: str = DEFAULT_KEY,
    ) -> TokenGrant:
        """Finish a log-in: check the callback, and get the token of its code.

        Args:
            callback: the address that the browser came back to, the parameters of its query (for
                an app behind a proxy that changes addresses), or the bare code.
            attempt: what ``start_login`` returned.
            state: what ``authorization_url`` was given, without an attempt.
            redirect_uri: the same, defaults to that of the constructor.
            code_verifier: the same.
            store: keeps the token before it is returned.
            key: what it is stored under, such as an organization's id.

        Returns:
            The token, and what is to know of it.

        Raises:
            StateMismatch: The callback belongs to another log-in.
            RedirectMismatch: It came to another address, or the server says so.
            AccessDenied: The user did not let the app in.
            InvalidGrant: The code was used before, has expired, or its verifier is wrong.
            OAuthError: The server refuses, for another reason.
            TokenStoreError: The store cannot be used; the code is not, if that shows in time.
            TransportError: There is no response. The code may be spent: start another log-in.
        """
        if isinstance(callback, str):
            callback = SecretText(callback)
        request = self._code_request(callback, attempt, state, redirect_uri, code_verifier)
        return self._carried_out(self._exchanging(request, store, key))

    def refresh(self, refresh_token: str | TokenGrant) -> TokenGrant:
        """Get another access token. ``token_source`` does so by itself, and keeps what it gets.

        Args:
            refresh_token: of a grant, or the grant itself. It may be good for this one use.

        Raises:
            LoginRequired: The refresh token is not accepted any more.
            OAuthError: The server refuses, for another reason.
            TransportError: There is no response. The refresh token may be spent.
        """
        if isinstance(refresh_token, str):
            refresh_token = SecretText(refresh_token)
        return self._carried_out(self._refreshing(refresh_token))

    def revoke(self, token: str | Token | TokenGrant) -> bool:
        """End an access token or a refresh token, and with it the one that it came with.

        Returns:
            Whether the server had it.

        Raises:
            OAuthError: The server refuses.
            TransportError: There is no response.
        """
        if isinstance(token, str):
            token = SecretText(token)
        return self._carried_out(self._revoking(token))

    def introspect(self, token: str | Token | TokenGrant) -> TokenInfo:
        """Ask the server what it knows of an access token.

        Raises:
            TokenRejected: The token is expired, revoked, or not one at all.
            OAuthError: The server refuses, for another reason.
            TransportError: There is no response.
        """
        if isinstance(token, str):
            token = SecretText(token)
        return self._carried_out(self._introspecting(token))

    def token_source(
        self,
        source: TokenGrant | TokenStore,
        *,
        key: str = DEFAULT_KEY,
        renew_before: float = RENEW_BEFORE,
    ) -> OAuthToken:
        """Return what clients take in place of a token, and what renews itself.

        Args:
            source: where the grant is: a store, or the grant itself, which is kept in memory then.
            key: what the grant is stored under.
            renew_before: seconds before its end at which a token is renewed, at most a fifth of its
                life.
        """
        return OAuthToken(self._carried_out, self._keeper_of(source, key, renew_before))

    def close(self) -> None:
        """Close all connections; those that were made for this object, or were given to it."""
        self._closed = True
        if self._transport is not None:
            self._transport.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _carried_out(self, steps: Steps[R]) -> R:
        return carry_out(steps, self._connected())

    def _connected(self) -> Transport:
        with self._lock:
            if self._closed:
                raise ClientClosed("this is closed; make a new one")
            if self._transport is None:
                from frontdesk.transport.urllib3 import Urllib3Transport

                self._transport = Urllib3Transport(
                    self._accounts.url, proxy=self._proxy, ssl_context=self._ssl_context
                )
            return self._transport


class AsyncOAuth(LoginBase[AsyncTransport]):
    """Logs people in with LiveChat, and gets access tokens for an app; for async programs.

    Otherwise as ``OAuth``. Its ``token_source`` serves async clients only.
    """

    async def exchange(
        self,
        callback: str | Mapping[str, str],
        attempt: LoginAttempt | None = None,
        *,
        state: str | None = None,
        redirect_uri: str | None = None,
        code_verifier: str | None = None,
        store: TokenStore | None = None,
        key: str = DEFAULT_KEY,
    ) -> TokenGrant:
        """Finish a log-in; as ``OAuth.exchange``."""
        if isinstance(callback, str):
            callback = SecretText(callback)
        request = self._code_request(callback, attempt, state, redirect_uri, code_verifier)
        return await self._carried_out(self._exchanging(request, store, key))

    async def refresh(self, refresh_token: str | TokenGrant) -> TokenGrant:
        """Get another access token; as ``OAuth.refresh``."""
        if isinstance(refresh_token, str):
            refresh_token = SecretText(refresh_token)
        return await self._carried_out(self._refreshing(refresh_token))

    async def revoke(self, token: str | Token | TokenGrant) -> bool:
        """End a token, and the one that it came with; as ``OAuth.revoke``."""
        if isinstance(token, str):
            token = SecretText(token)
        return await self._carried_out(self._revoking(token))

    async def introspect(self, token: str | Token | TokenGrant) -> TokenInfo:
        """Ask the server what it knows of an access token; as ``OAuth.introspect``."""
        if isinstance(token, str):
            token = SecretText(token)
        return await self._carried_out(self._introspecting(token))

    def token_source(
        self,
        source: TokenGrant | TokenStore,
        *,
        key: str = DEFAULT_KEY,
        renew_before: float = RENEW_BEFORE,
    ) -> AsyncOAuthToken:
        """Return what async clients take in place of a token; as ``OAuth.token_source``."""
        return AsyncOAuthToken(self._carried_out, self._keeper_of(source, key, renew_before))

    async def close(self) -> None:
        """Close all connections; those that were made for this object, or were given to it."""
        self._closed = True
        if self._transport is not None:
            await self._transport.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()

    async def _carried_out(self, steps: Steps[R]) -> R:
        return await carry_out_async(steps, self._connected())

    def _connected(self) -> AsyncTransport:
        with self._lock:
            if self._closed:
                raise ClientClosed("this is closed; make a new one")
            if self._transport is None:
                from frontdesk.transport.aiohttp import AiohttpTransport

                self._transport = AiohttpTransport(
                    self._accounts.url, proxy=self._proxy, ssl_context=self._ssl_context
                )
            return self._transport


def _line(name: str, value: object) -> str:
    """Refuse what is no line of printable ASCII."""
    if not isinstance(value, str):
        raise InvalidArgument(name, f"must be a text, not {type(value).__name__}")
    if not value or not value.isascii() or not value.isprintable() or value != value.strip():
        raise InvalidArgument(name, "must be one line of printable ASCII")
    return value


def _secret(name: str, value: object) -> SecretText:
    if not isinstance(value, str):
        raise InvalidArgument(name, f"must be a text, not {type(value).__name__}")
    register(value.strip())
    return SecretText(_line(name, SecretText(value.strip())))


def _pkce(value: object) -> Pkce:
    if value not in ("S256", "plain"):
        raise InvalidArgument("pkce", "must be `S256`, `plain` or None")
    return value


def _bare(token: str | Token | TokenGrant, *, refresh: bool) -> SecretText:
    """Return a token without its scheme; of a grant, the refresh token if that is to end, too."""
    if isinstance(token, TokenGrant):
        token = (token.refresh_token if refresh else None) or token.access_token
    text = token.authorization if isinstance(token, Token) else token
    secret = _secret("token", text)
    scheme, _, rest = secret.partition(" ")
    if scheme.lower() == "basic":
        raise InvalidArgument("token", "must be of OAuth, not a personal access token")
    return SecretText(rest.strip() if scheme.lower() == "bearer" else secret)
