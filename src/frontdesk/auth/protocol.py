"""OAuth as LiveChat's accounts server speaks it: addresses, forms and responses, without any I/O.

It differs from RFC 6749 where that matters: scopes are separated by commas, tokens are revoked with
``DELETE /v2/token``, and errors have a ``sub_error`` and a ``request_id``.
Source: https://platform.text.com/docs/authorization
"""

import base64
import hashlib
import re
import secrets
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final, Literal, TypeAlias
from urllib.parse import SplitResult, parse_qsl, urlencode, urlsplit

import msgspec
from msgspec import Struct

from frontdesk.auth.grants import TokenGrant, TokenInfo, as_seconds
from frontdesk.core.http_messages import Headers, Reply, Request
from frontdesk.core.responses import error_of, retry_after
from frontdesk.errors import (
    AccessDenied,
    DecodeError,
    FrontdeskError,
    InvalidArgument,
    InvalidClient,
    InvalidGrant,
    InvalidOAuthRequest,
    InvalidScope,
    LoginRequired,
    NotTheAPI,
    OAuthError,
    RedirectMismatch,
    StateMismatch,
    TemporarilyUnavailable,
    TokenRejected,
    TooManyRedirects,
    UnauthorizedClient,
)
from frontdesk.redaction import SecretText, excerpt, register
from frontdesk.version import __version__

__all__ = ["Accounts", "Pkce"]

Pkce: TypeAlias = Literal["S256", "plain"]
Callback: TypeAlias = str | Mapping[str, str]

VERIFIER: Final = re.compile(r"[A-Za-z0-9._~-]{43,128}")
SCOPE: Final = re.compile(r"[\x21\x23-\x2b\x2d-\x5b\x5d-\x7e]+")
"""What a scope may consist of: any printable ASCII but quotes, backslashes, and the comma."""
DEFAULT_LIFE: Final = 28_800.0
"""Seconds an access token lives if the response does not say."""
FORM: Final = "application/x-www-form-urlencoded"
TOLD: Final = ("access_token", "account_id", "client_id", "organization_id", "scope")
"""What the server says of a token, one of them at least."""
SECRETS: Final = ("access_token", "refresh_token")
EXCERPT: Final = 120
OK: Final = range(200, 300)
NOT_FOUND: Final = 404
FORBIDDEN: Final = 403
TOO_MANY_REQUESTS: Final = 429
REFUSALS: Final = (401, 403, 404)
DEFAULT_PORTS: Final = {"http": 80, "https": 443}

ERRORS: Final[dict[str, type[OAuthError]]] = {
    "access_denied": AccessDenied,
    "bad_request": InvalidOAuthRequest,
    "client_id_not_found": InvalidClient,
    "identity_lost": LoginRequired,
    "invalid_client": InvalidClient,
    "invalid_grant": InvalidGrant,
    "invalid_redirect_uri": RedirectMismatch,
    "invalid_request": InvalidOAuthRequest,
    "invalid_scope": InvalidScope,
    "invalid_token": TokenRejected,
    "missing_grant": InvalidOAuthRequest,
    "redirect_uri_mismatch": RedirectMismatch,
    "redirect_uri_not_set": RedirectMismatch,
    "server_error": TemporarilyUnavailable,
    "temporarily_unavailable": TemporarilyUnavailable,
    "too_many_redirects": TooManyRedirects,
    "unauthorized": LoginRequired,
    "unauthorized_client": UnauthorizedClient,
    "unsupported_grant_type": InvalidOAuthRequest,
    "unsupported_response_type": InvalidOAuthRequest,
}
"""The class of an error by its name on the wire; a more exact ``sub_error`` counts before it."""
EXACT: Final = (RedirectMismatch, TooManyRedirects, InvalidClient)


class Accounts(Struct, frozen=True, kw_only=True):
    """The accounts server as one app sees it: makes requests, and reads the responses."""

    url: str
    client_id: str
    client_secret: SecretText | None
    timeout: float
    now: Callable[[], datetime]

    def authorization_url(
        self,
        redirect_uri: str,
        *,
        state: str,
        scopes: Sequence[str] = (),
        pkce: Pkce | None = None,
        code_verifier: str | None = None,
        prompt: str | None = None,
    ) -> str:
        """Return where a log-in begins."""
        query = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": redirect_uri,
            "state": state,
        }
        if scopes:
            query["scope"] = ",".join(scopes)
        if pkce is not None and code_verifier is not None:
            query["code_challenge"] = challenge(code_verifier, pkce)
            query["code_challenge_method"] = pkce
        if prompt is not None:
            query["prompt"] = prompt
        return f"{self.url}/?{urlencode(query)}"

    def exchange(self, code: str, redirect_uri: str, code_verifier: str | None) -> Request:
        """Return the request for the token of a code."""
        register(code, code_verifier or "")
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri}
        if code_verifier is not None:
            form["code_verifier"] = code_verifier
        return self._token_request(form)

    def refresh(self, refresh_token: str) -> Request:
        """Return the request for another access token."""
        register(refresh_token)
        return self._token_request({"grant_type": "refresh_token", "refresh_token": refresh_token})

    def revoke(self, token: str) -> Request:
        """Return the request that ends a token and the one that it came with."""
        return self.request("DELETE", "/v2/token", authorization=f"Bearer {token}")

    def introspect(self, token: str) -> Request:
        """Return the request for what the server says of an access token."""
        return self.request("GET", "/v2/info", authorization=f"Bearer {token}")

    def grant_of(self, reply: Reply, previous: TokenGrant | None = None) -> TokenGrant:
        """Read the response to ``exchange`` or ``refresh``; raises its error.

        What a refresh does not repeat, such as the refresh token of an app with a secret, is that
        of the grant before it.
        """
        error = self._error_for_certain(reply)
        if error is not None:
            if previous is not None and type(error) is OAuthError and reply.status == FORBIDDEN:
                raise _of_class(LoginRequired, error)
            raise error
        fields = _fields(reply, "the token")
        issued_at = server_date(reply) or self.now()
        life = as_seconds(fields.get("expires_in"), DEFAULT_LIFE)
        grant = TokenGrant(
            access_token=_required(fields, "access_token"),
            refresh_token=_text(fields, "refresh_token"),
            scopes=_scopes(fields),
            account_id=_text(fields, "account_id"),
            organization_id=_text(fields, "organization_id"),
            client_id=self.client_id,
            issued_at=issued_at,
            expires_in=DEFAULT_LIFE if life is None else life,
            id=secrets.token_hex(8),
        )
        grant.bearer()  # refuses what is no token before it is stored
        if previous is None:
            return grant
        return msgspec.structs.replace(
            grant,
            refresh_token=grant.refresh_token or previous.refresh_token,
            scopes=grant.scopes or previous.scopes,
            account_id=grant.account_id or previous.account_id,
            organization_id=grant.organization_id or previous.organization_id,
            generation=previous.generation + 1,
        )

    def revoked(self, reply: Reply) -> bool:
        """Read the response to ``revoke``: whether there was anything to revoke."""
        error = self.error_of(reply)
        if error is None:
            return True
        if reply.status == NOT_FOUND and isinstance(error, OAuthError):
            return False
        raise error

    def info_of(self, reply: Reply) -> TokenInfo:
        """Read the response to ``introspect``; raises its error."""
        error = self._error_for_certain(reply)
        if error is not None:
            refused = isinstance(error, OAuthError) and reply.status in REFUSALS
            raise _of_class(TokenRejected, error) if refused else error
        fields = _fields(reply, "what is to know of the token")
        if not any(_text(fields, name) for name in TOLD):
            raise self._foreign(reply)  # the JSON of another service
        return TokenInfo(
            access_token=_text(fields, "access_token") or "",
            refresh_token=_text(fields, "refresh_token"),
            account_id=_text(fields, "account_id"),
            organization_id=_text(fields, "organization_id"),
            client_id=_text(fields, "client_id"),
            scopes=_scopes(fields),
            expires_in=as_seconds(fields.get("expires_in"), None),
            token_type=_text(fields, "token_type") or "Bearer",
        )

    def error_of(self, reply: Reply) -> FrontdeskError | None:
        """Return the error that a response tells, ``None`` for a good one."""
        fields = _object(reply.body)
        name = fields.get("error") if fields is not None else None
        if isinstance(name, dict):
            # An envelope of the APIs: something other than the accounts server responded.
            return error_of(reply, "accounts")
        if fields is not None and isinstance(name, str) and name:
            error = oauth_error(
                name,
                description=_text(fields, "error_description") or "",
                sub_error=_text(fields, "sub_error") or "",
                status=reply.status,
                request_id=_text(fields, "request_id"),
            )
        elif reply.status in OK:
            return None
        elif reply.status == TOO_MANY_REQUESTS:
            error = TemporarilyUnavailable(
                "something in front of the server limits the rate", status=reply.status
            )
        elif reply.status == NOT_FOUND and fields is not None:
            error = OAuthError("not found", error="not_found", status=reply.status)
        else:
            return self._foreign(reply)
        if isinstance(error, TemporarilyUnavailable):
            error.retry_after = retry_after(reply, self.now)
        return error

    def _error_for_certain(self, reply: Reply) -> FrontdeskError | None:
        """Return the error of a response to what the server has a response for: never a 404."""
        error = self.error_of(reply)
        is_missing = reply.status == NOT_FOUND and type(error) is OAuthError
        return self._foreign(reply) if is_missing else error

    def _foreign(self, reply: Reply) -> NotTheAPI:
        kind = reply.headers.get("content-type", "no content type")
        foreign = NotTheAPI(
            f"something other than the accounts server responded with HTTP {reply.status} "
            f"({kind}); check `accounts_url` and the proxy",
            excerpt=excerpt(reply.body, EXCERPT),
        )
        foreign.status = reply.status
        return foreign

    def _token_request(self, form: dict[str, str]) -> Request:
        form["client_id"] = self.client_id
        if self.client_secret is not None:
            form["client_secret"] = self.client_secret
        return self.request("POST", "/v2/token", body=urlencode(form).encode())

    def request(
        self,
        verb: str,
        path: str,
        *,
        body: bytes = b"",
        content_type: str = FORM,
        authorization: str | None = None,
        cookie: str | None = None,
    ) -> Request:
        """Return a request of the app; ``authorization`` and ``cookie`` are whole headers."""
        headers = Headers({"User-Agent": f"frontdesk/{__version__} Application {self.client_id}"})
        headers["Accept"] = "application/json"
        if body:
            headers["Content-Type"] = content_type
        if authorization is not None:
            headers["Authorization"] = authorization
        if cookie is not None:
            headers["Cookie"] = cookie
        return Request(self.url + path, headers, body, self.timeout, verb=verb)

    def __repr__(self) -> str:
        return f"Accounts({self.url!r}, client_id={self.client_id!r})"


def challenge(code_verifier: str, pkce: Pkce) -> str:
    """Return the challenge that belongs to a verifier (RFC 7636)."""
    if pkce == "plain":
        return code_verifier
    digest = hashlib.sha256(code_verifier.encode("ascii")).digest()
    return base64.urlsafe_b64encode(digest).decode("ascii").rstrip("=")


def check_verifier(code_verifier: object) -> str:
    """Refuse what is no verifier of PKCE; raises ``InvalidArgument``."""
    if not isinstance(code_verifier, str) or not VERIFIER.fullmatch(code_verifier):
        raise InvalidArgument(
            "code_verifier", "must have 43 to 128 letters, digits and signs of `-._~`"
        )
    register(code_verifier)
    return code_verifier


def check_scopes(scopes: object) -> tuple[str, ...]:
    """Return scopes given as a list, or as one text with commas or blanks between them."""
    if isinstance(scopes, str):
        scopes = [part for part in re.split(r"[,\s]+", scopes) if part]
    if not isinstance(scopes, Sequence):
        raise InvalidArgument("scopes", "must be a list of scopes, such as `chats--all:ro`")
    checked: list[str] = []
    for scope in scopes:  # pyright: ignore[reportUnknownVariableType]
        if not isinstance(scope, str) or not SCOPE.fullmatch(scope):
            raise InvalidArgument("scopes", "must be texts without commas and blanks")
        checked.append(scope)
    return tuple(dict.fromkeys(checked))


def check_redirect_uri(value: object) -> str:
    """Refuse what LiveChat takes for no redirect URI; raises ``InvalidArgument``."""
    name = "redirect_uri"
    if not isinstance(value, str) or not value:
        raise InvalidArgument(name, "must be an address, such as https://app.example/callback")
    try:
        parts = urlsplit(value)
        usable = bool(parts.scheme and (parts.netloc or parts.path)) and parts.port != 0
    except ValueError:
        parts, usable = urlsplit(""), False
    if not usable or not value.isascii() or not value.isprintable() or " " in value:
        raise InvalidArgument(name, "must be an address, such as https://app.example/callback")
    if parts.query or parts.fragment or ".." in parts.path.split("/"):
        raise InvalidArgument(name, "must hold neither a query, nor a fragment, nor `..`")
    return value


def code_of(callback: Callback, *, redirect_uri: str | None, state: str | None) -> SecretText:
    """Return the code of a callback: of its address, its query, or the bare code.

    Raises:
        RedirectMismatch: It is not the address of ``redirect_uri``.
        StateMismatch: Its state is another one.
        OAuthError: The server sent an error instead of a code.
    """
    if isinstance(callback, str) and is_bare(callback):
        register(callback.strip())
        return SecretText(callback.strip())
    parameters, is_own = _parameters_of(callback, redirect_uri)
    if not is_own:
        error = _error_of_callback(parameters)
        raise error or RedirectMismatch("the callback came to another address than the log-in's")
    if state is not None:
        given = parameters.get("state", "")
        if not secrets.compare_digest(given.encode(), state.encode()):
            what = "another state than the log-in" if given else "no state"
            raise StateMismatch(f"the callback has {what}")
    error = _error_of_callback(parameters)
    if error is not None:
        raise error
    register(parameters.get("code", ""))
    if not parameters.get("code"):
        raise InvalidOAuthRequest(
            "the callback holds no code; give the whole address that the browser came back to"
        )
    return SecretText(parameters["code"])


def error_of_redirect(location: str) -> OAuthError | None:
    """Return the error that the server sends a browser to, in place of its page for log-ins."""
    try:
        pairs = parse_qsl(urlsplit(location).query, max_num_fields=50)
    except ValueError:
        return None
    return _error_of_callback({name: SecretText(value) for name, value in pairs})


def oauth_error(
    name: str,
    *,
    description: str = "",
    sub_error: str = "",
    status: int = 0,
    request_id: str | None = None,
) -> OAuthError:
    """Make the error that the names on the wire stand for."""
    kind = ERRORS.get(name, OAuthError)
    exact = ERRORS.get(sub_error)
    if exact is not None and exact in EXACT:
        kind = exact
    elif status == TOO_MANY_REQUESTS and kind is OAuthError:
        kind = TemporarilyUnavailable
    return kind(description, error=name, sub_error=sub_error, status=status, request_id=request_id)


def server_date(reply: Reply) -> datetime | None:
    """Return the time of day on the server when it responded."""
    from email.utils import parsedate_to_datetime

    try:
        date = parsedate_to_datetime(reply.headers.get("date", ""))
    except (TypeError, ValueError, IndexError, OverflowError):
        return None
    return date.replace(tzinfo=UTC) if date.tzinfo is None else date.astimezone(UTC)


def is_bare(callback: str) -> bool:
    """Tell whether it is a code alone, and neither an address nor a query."""
    return not any(sign in callback for sign in "?=&/#")


def _parameters_of(
    callback: Callback, redirect_uri: str | None
) -> tuple[dict[str, SecretText], bool]:
    """Return the parameters, and whether the address, if there is one, is the redirect URI."""
    if not isinstance(callback, str):
        return {name: SecretText(str(value)) for name, value in callback.items()}, True
    text = callback.strip()
    try:
        parts = urlsplit(text)
        query = parts.query
        if not query and not parts.netloc and "/" not in text:
            query = text  # a query alone
            parts = urlsplit("")
        pairs = parse_qsl(query, keep_blank_values=True, max_num_fields=50)
        own = redirect_uri is None or _is_same(parts, urlsplit(redirect_uri))
    except ValueError:
        raise InvalidOAuthRequest("the callback is no address") from None
    parameters = {name: SecretText(value) for name, value in pairs}
    if len(parameters) < len(pairs):
        raise InvalidOAuthRequest("the callback has a parameter twice")
    return parameters, own


def _is_same(parts: SplitResult, own: SplitResult) -> bool:
    """Tell whether an address is the app's own; a path alone counts as being on its host."""
    if parts.netloc or parts.scheme:
        host = (parts.scheme, parts.hostname, parts.port or DEFAULT_PORTS.get(parts.scheme))
        if host != (own.scheme, own.hostname, own.port or DEFAULT_PORTS.get(own.scheme)):
            return False
    elif not parts.path:
        return True
    return (parts.path or "/") == (own.path or "/")


def _error_of_callback(parameters: Mapping[str, str]) -> OAuthError | None:
    for member in ("error", "oauth_exception", "identity_exception"):
        name = parameters.get(member)
        if name:
            return oauth_error(
                str(name),
                description=str(parameters.get("error_description", "")),
                sub_error=str(parameters.get("exception_details", "")),
            )
    return None


def _of_class(kind: type[OAuthError], error: FrontdeskError) -> OAuthError:
    assert isinstance(error, OAuthError)
    return kind(
        error.description,
        error=error.error,
        sub_error=error.sub_error,
        status=error.status,
        request_id=error.request_id,
    )


def _object(body: bytes) -> dict[str, Any] | None:
    try:
        value = msgspec.json.decode(body, type=dict[str, Any])
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        return None
    for name in SECRETS:
        if isinstance(value.get(name), str):
            register(value[name])
            value[name] = SecretText(value[name])
    return value


def _fields(reply: Reply, what: str) -> dict[str, Any]:
    fields = _object(reply.body)
    if fields is None:
        raise DecodeError(f"the response with {what} is no JSON object; check `accounts_url`")
    return fields


def _text(fields: Mapping[str, Any], name: str) -> str | None:
    value = fields.get(name)
    # A structure takes plain texts only.
    return str(value) if isinstance(value, str) and value else None


def _required(fields: Mapping[str, Any], name: str) -> str:
    if not _text(fields, name):
        raise DecodeError(f"the response with the token has no `{name}`", path=f"$.{name}")
    kind = fields.get("token_type", "Bearer")
    if not isinstance(kind, str) or kind.lower() != "bearer":
        raise DecodeError("the token is of another type than Bearer", path="$.token_type")
    return str(fields[name])


def _scopes(fields: Mapping[str, Any]) -> tuple[str, ...]:
    value = fields.get("scope")
    if isinstance(value, str):
        return tuple(part for part in re.split(r"[,\s]+", value) if part)
    if isinstance(value, list):
        return tuple(part for part in value if isinstance(part, str))  # pyright: ignore[reportUnknownVariableType]
    return ()
