"""What the arguments of the clients mean; the same for both."""

import os
import random
import re
import time
from collections.abc import Callable, Mapping
from logging import Logger
from typing import Any, Final
from urllib.parse import quote, urlencode, urlsplit

import msgspec
from msgspec import UNSET, UnsetType

from frontdesk.actions import Action, Spec, UploadFile
from frontdesk.auth import Token, TokenGetter, TokenLike, TokenProvider, as_token
from frontdesk.clients.names import check_version
from frontdesk.clients.uploads import Multipart
from frontdesk.codec.damage import DamageReports, OnDamage
from frontdesk.codec.decoding import decode_result, is_decodable
from frontdesk.codec.plain_text import as_object
from frontdesk.concurrency.reentry import is_inside
from frontdesk.core.call_cycle import Call, ClientSettings, MethodRoute, Outcome, Outgoing, Shared
from frontdesk.core.http_messages import MAX_RESPONSE_BYTES, Headers, Reply
from frontdesk.core.limiter import Limiter
from frontdesk.core.retry import Meter, Retry, as_meter, as_retry
from frontdesk.errors import DecodeError, InvalidArgument, MissingToken, NotTheAPI
from frontdesk.redaction import register
from frontdesk.spec.actions import dotted
from frontdesk.spec.addresses import checked_address, seconds
from frontdesk.spec.checks import encoded
from frontdesk.version import __version__

__all__ = [
    "DEFAULT_BASE_URL",
    "TokenSource",
    "asked",
    "base_url_of",
    "changed",
    "checked_type",
    "fetched",
    "make_settings",
    "outgoing",
    "paced",
    "refuse_own_client",
    "result_of",
    "seconds",
    "token_source",
    "upload",
]

DEFAULT_BASE_URL: Final = "https://api.livechatinc.com"
AUTHOR_ID_UNTIL: Final = (3, 5)
API_PATH: Final = re.compile(
    r"""
    /v(?P<version>\d+\.(?:\d+|x)) (?: /(?:agent|configuration|customer) (?:/.*)? )? $
    | (?:/v\d+)? /(?:agent|configuration|customer) /(?:action|rtm) (?:/.*)? $
    """,
    re.IGNORECASE | re.VERBOSE,
)
"""The part of an address that differs between the methods, as people copy it from the docs."""
HEADER_NAME: Final = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
RESERVED_HEADERS: Final = {
    "authorization": "; use `token`",
    "content-length": "",
    "content-type": "",
    "transfer-encoding": "",
    "x-author-id": "; use `author_id`",
    "x-region": "; use `region`",
}
"""What the client sends by itself, and the argument for it."""

TokenSource = TokenLike | TokenGetter | TokenProvider


def token_source(token: TokenSource | None) -> TokenSource:
    """Return the token or getter given, else the token of the environment, checked."""
    if token is None:
        token = os.environ.get("FRONTDESK_TOKEN")
        if not token:
            raise MissingToken(
                "give the client a token, or set FRONTDESK_TOKEN "
                "(`Bearer dal:…`, `Basic …` or a bare access token)"
            )
    if isinstance(token, TokenProvider) or callable(token):
        return token
    return as_token(token)


def asked(source: TokenSource, refused: Token | None) -> object:
    """Ask a source for a token; what an async function returns is yet to be awaited."""
    if isinstance(source, TokenProvider):
        return source.token(refused)
    return source() if callable(source) else source


def region_listener(source: TokenSource) -> Callable[[str], object] | None:
    """Return what of a token source takes note of a region, for one that keeps it."""
    listener: Any = getattr(source, "region_learned", None)
    return listener if callable(listener) else None


def fetched(value: object) -> Token:
    """Check what the user's function returned for a token."""
    try:
        return as_token(value)
    except InvalidArgument as error:
        rule = f"is not what the function for it returned: it {error.rule}"
        raise InvalidArgument("token", rule) from None
    finally:
        del value


def refuse_own_client(lock: object) -> None:
    """Refuse to wait for a token in the very function that is to return it."""
    if is_inside(lock):
        raise InvalidArgument(
            "token",
            "is a function that calls the client it is for, and would wait for itself; "
            "make the call with another client, one with a token of its own",
        )


def make_settings(
    *,
    base_url: str | None,
    version: str,
    region: str | None,
    timeout: float,
    max_response_bytes: int | None = MAX_RESPONSE_BYTES,
    retry: Retry | int | None,
    budget: int | Meter | None,
    headers: Mapping[str, str] | None,
    client_id: str | None,
    author_id: str | None,
    on_call: Callable[[Call], object] | None,
    strict: bool = False,
    on_damage: OnDamage | None = None,
    logger: Logger | None,
    limiter: Limiter | bool | None = None,
) -> ClientSettings:
    """Check the arguments and put them together."""
    checked = _version(version)
    meter = as_meter(budget)
    learning, paced = _limiter(limiter, None)
    meter.watch(learning)
    return ClientSettings(
        base_url=base_url_of(base_url),
        version=checked,
        headers=_headers(headers, _own_headers(client_id)),
        timeout=seconds("timeout", timeout),
        max_response_bytes=_max_response_bytes(max_response_bytes),
        retry=as_retry(retry),
        meter=meter,
        on_call=_on_call(on_call),
        logger=_logger(logger),
        reports=DamageReports(strict=strict, on_damage=on_damage, logger=logger),
        clock=time.monotonic,
        rng=random.SystemRandom(),
        shared=Shared(_region(region)),
        limiter=learning,
        paced=paced,
        author_id=_author_id(author_id, checked),
    )


def changed(settings: ClientSettings, **options: Any) -> ClientSettings:  # noqa: C901 - a case for each
    """Return a copy of the settings with the options given; it shares token and region."""
    changes: dict[str, Any] = {"cached_headers": {}}
    given = {name: value for name, value in options.items() if value is not UNSET}
    for name, value in given.items():
        match name:
            case "timeout":
                changes[name] = seconds(name, value)
            case "max_response_bytes":
                changes[name] = _max_response_bytes(value)
            case "retry":
                changes[name] = as_retry(value)
            case "headers":
                changes[name] = _headers(value, settings.headers)
            case "budget":
                changes["meter"] = as_meter(value)
            case "author_id":
                changes[name] = _author_id(value, settings.version)
            case "on_call":
                changes[name] = _on_call(value)
            case "strict" | "on_damage":
                """Part of the reports, below."""
            case "limiter":
                changes["limiter"], changes["paced"] = _limiter(value, settings.limiter)
            case _:
                changes["logger"] = _logger(value)
    of_reports = {name: given[name] for name in ("strict", "on_damage", "logger") if name in given}
    if of_reports:
        changes["reports"] = settings.reports.replaced(**of_reports)
    copy = msgspec.structs.replace(settings, **changes)
    copy.meter.watch(copy.limiter)
    return copy


def paced(settings: ClientSettings) -> ClientSettings:
    """Return settings for many requests in a row, which wait for the limiter unless it is off."""
    if settings.paced or settings.limiter is None:
        return settings
    return msgspec.structs.replace(settings, paced=True, cached_headers={})


def _limiter(value: Limiter | bool | None, present: Limiter | None) -> tuple[Limiter | None, bool]:
    """Return what learns the rate, and whether every single call waits for it."""
    match value:
        case Limiter():
            return value, True
        case True | None:
            return present or Limiter(), value is True
        case False:
            return None, False
        case _:
            raise InvalidArgument("limiter", "must be a Limiter, True or False")


def outgoing(action: Action[Any], settings: ClientSettings) -> Outgoing:
    """Turn an action into what is sent, at the version that has it."""
    route = settings.routes.get(action.__class__)
    if route is None:
        route = settings.routes[action.__class__] = _route(action, settings)
    if isinstance(action, UploadFile):
        return upload(Multipart(action.file), settings)
    if route.verb == "GET":
        return _query(action, route)
    if action.not_shown:
        # A server may give them back in the text of an error.
        register(*(getattr(action, name) for name in action.not_shown))
    return Outgoing(route.name, route.path, encoded(action), repeatable=route.repeatable)


def _query(action: Action[Any], route: MethodRoute) -> Outgoing:
    """Turn an action into a request without a body, with its fields in the query."""
    fields: dict[str, Any] = msgspec.to_builtins(action)
    query = urlencode(
        {
            name: str(value).lower() if isinstance(value, bool) else value
            for name, value in fields.items()
        }
    )
    path, _, organization = route.path.partition("?")
    if "license_id" in fields:
        organization = ""  # of the two, the API takes one
    query = "&".join(part for part in (organization, query) if part)
    return Outgoing(
        route.name,
        f"{path}?{query}",
        b"",
        "",
        repeatable=route.repeatable,
        verb=route.verb,
        needs_token=route.needs_token,
    )


def _route(action: Action[Any], settings: ClientSettings) -> MethodRoute:
    """Return where the client's version of the API has the method of an action."""
    if not isinstance(action, Action):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise InvalidArgument(
            "action", f"must be an action such as SendEvent(…), not {_kind(action)}"
        )
    spec = action.spec
    if (spec.api == "customer") != (settings.organization_id is not None):
        is_own = spec.api == "customer"
        whose, client = ("customers", "CustomerClient") if is_own else ("agents", "AgentClient")
        raise InvalidArgument("action", f"`{spec.name}` is a method of {whose}; call {client}")
    if "web" not in spec.transports:
        client = "CustomerRTM" if spec.api == "customer" else "AgentRTM"
        raise InvalidArgument("action", f"`{spec.name}` exists over RTM only; use {client}")
    return MethodRoute(
        spec.name,
        _path(spec, settings),
        spec.repeatable,
        spec.verb,
        spec.needs_token or settings.organization_id is None,
    )


def upload(body: Multipart, settings: ClientSettings) -> Outgoing:
    """Turn a file into what is sent."""
    spec = UploadFile.spec
    return Outgoing(
        spec.name,
        _path(spec, settings),
        body,
        body.content_type,
        repeatable=spec.repeatable,
    )


def _path(spec: Spec, settings: ClientSettings) -> str:
    """Return where the method is: at the client's version, or at the last one that has it."""
    version = settings.version
    check_version(spec, version)
    if spec.until is not None and version > spec.until:
        version = spec.until
    if settings.organization_id is None:
        return f"/v{dotted(version)}/{spec.api}/action/{spec.name}"
    query = f"organization_id={quote(settings.organization_id, safe='')}"
    return f"/v{dotted(version)}/customer/action/{spec.name}?{query}"


def checked_type(returns: Any) -> Any:
    """Return a type to decode a response into, checked before the call is paid for."""
    if returns is not None and not is_decodable(returns):
        raise InvalidArgument(
            "returns",
            f"must be a type that JSON can be decoded into, such as a msgspec.Struct, "
            f"not {returns!r}",
        )
    return returns


def result_of(
    action: type[Action[Any]], settings: ClientSettings, outcome: Outcome, *, returns: Any = None
) -> Any:
    """Decode the response into the method's result, or raise its error.

    ``returns`` is another type to decode it into.
    """
    if outcome.error is not None:
        raise outcome.error
    spec = action.spec
    body = outcome.reply.body
    if spec.returns is None and returns is None and not body.strip():
        return None
    if spec.text is not None and body.strip():
        body = as_object(body, spec.text, outcome.reply.headers.get("content-type", ""))
    try:
        return decode_result(
            body, spec.returns if returns is None else returns, settings.reports, spec.name
        )
    except DecodeError as error:
        explained = _explained(error, outcome.reply, spec.name)
    # Outside of the clause, or the frames of the decoder would hang on the error with the body.
    raise explained


def _explained(error: DecodeError, reply: Reply, name: str) -> DecodeError:
    kind = reply.headers.get("content-type", "")
    if not reply.body.strip():
        return DecodeError(f"{name}: the response is empty (HTTP {reply.status})")
    if kind and "json" not in kind:
        foreign = NotTheAPI(
            f"{name}: something other than the API responded ({kind}); "
            "check `base_url` and the proxy",
            excerpt=error.excerpt,
        )
        foreign.status = reply.status
        return foreign
    return DecodeError(f"{name}: {error.message}", path=error.path, excerpt=error.excerpt)


def base_url_of(value: str | None) -> str:
    """Return where the API is: as given, else that of the environment, else LiveChat's."""
    if value is None:
        # An empty variable counts as none. An empty argument is a setting that got lost, and a
        # client without it would call the real API.
        value = os.environ.get("FRONTDESK_BASE_URL") or DEFAULT_BASE_URL
    url = checked_address("base_url", value)
    parts = urlsplit(url)
    path = API_PATH.search(parts.path)
    if path is not None:
        mend = f'use base_url="{url[: len(url) - len(parts.path) + path.start()]}"'
        if path["version"] and path["version"][-1].isdigit():
            mend += f' and version="{path["version"]}"'
        raise InvalidArgument(
            "base_url", f"must end before {path[0]}, which frontdesk adds itself: {mend}"
        )
    return url


def _version(value: str) -> tuple[int, int]:
    match = re.fullmatch(r"v?(\d{1,3})\.(\d{1,3})", value) if isinstance(value, str) else None  # pyright: ignore[reportUnnecessaryIsInstance]
    if match is None:
        raise InvalidArgument("version", f'must look like "3.6", not {value!r}')
    return int(match[1]), int(match[2])


def _region(value: str | None) -> str | None:
    if value not in (None, "dal", "fra"):
        raise InvalidArgument("region", "must be `dal` or `fra`")
    return value


def _max_response_bytes(value: int | None) -> int | None:
    if value is not None and (type(value) is not int or value < 1):
        raise InvalidArgument("max_response_bytes", "must be a number of bytes above 0, or None")
    return value


def _on_call(value: Callable[[Call], object] | None) -> Callable[[Call], object] | None:
    if value is not None and not callable(value):
        raise InvalidArgument("on_call", "must be a function that takes a Call")
    return value


def _logger(value: Logger | None) -> Logger | None:
    if value is not None and not hasattr(value, "debug"):
        raise InvalidArgument("logger", f"must be a logging.Logger, not {type(value).__name__}")
    return value


def _author_id(value: str | None, version: tuple[int, int]) -> str | UnsetType:
    if value is None:
        return UNSET
    if version > AUTHOR_ID_UNTIL:
        raise InvalidArgument(
            "author_id",
            "exists up to version 3.5; from 3.6 on a bot acts with its own token (issue_bot_token)",
        )
    return _one_line("author_id", value)


def _own_headers(client_id: str | None) -> Headers:
    agent = f"frontdesk/{__version__}"
    if client_id is not None:
        agent += f" Application {_one_line('client_id', client_id)}"
    return Headers({"User-Agent": agent, "Accept-Encoding": "gzip"})


def _headers(extra: Mapping[str, str] | None, base: Mapping[str, str]) -> Headers:
    """Add headers; a name replaces the same name in whatever case."""
    headers = Headers(base)
    names = {name.lower(): name for name in headers}
    for name, value in (extra or {}).items():
        if not isinstance(name, str) or not HEADER_NAME.fullmatch(name):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise InvalidArgument("headers", f"must have names of letters and dashes, not {name!r}")
        lower_name = name.lower()
        if lower_name in RESERVED_HEADERS:
            raise InvalidArgument("headers", f"must not hold {name}{RESERVED_HEADERS[lower_name]}")
        headers.pop(names.get(lower_name, ""), None)
        headers[name] = _one_line(f"headers.{name}", value)
        names[lower_name] = name
    return headers


def _one_line(field: str, value: str) -> str:
    if not isinstance(value, str):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise InvalidArgument(field, f"must be a text, not {type(value).__name__}")
    if not value:
        raise InvalidArgument(field, "must not be empty")
    if not value.isascii() or not value.isprintable() or value != value.strip():
        raise InvalidArgument(field, "must be one line of printable ASCII")
    return value


def _kind(value: object) -> str:
    return f"the class {value.__name__}" if isinstance(value, type) else type(value).__name__
