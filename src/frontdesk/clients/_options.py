"""What the arguments of the clients mean; the same for both."""

import os
import random
import re
import time
from collections.abc import Callable, Mapping
from logging import Logger
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec
from msgspec import UNSET, UnsetType

from frontdesk._upload import Multipart
from frontdesk._version import __version__
from frontdesk.actions import Action, Spec, UploadFile
from frontdesk.auth import TokenGetter, TokenLike, as_token
from frontdesk.core.exchange import Answer, Call, Outgoing, Settings, Shared
from frontdesk.core.policy import Meter, Retry, as_retry
from frontdesk.decoding import decode
from frontdesk.errors import DecodeError, InvalidArgument, MissingToken, NotTheAPI
from frontdesk.transport import Reply

__all__ = [
    "DEFAULT_BASE_URL",
    "TokenSource",
    "changed",
    "make_settings",
    "outgoing",
    "result_of",
    "token_source",
    "upload",
]

DEFAULT_BASE_URL: Final = "https://api.livechatinc.com"
AUTHOR_ID_UNTIL: Final = (3, 5)

TokenSource = TokenLike | TokenGetter

_encode = msgspec.json.Encoder().encode


def token_source(token: TokenSource | None) -> TokenSource:
    """Return the token or getter given, else the token of the environment, checked."""
    if token is None:
        token = os.environ.get("FRONTDESK_TOKEN")
        if not token:
            raise MissingToken(
                "give the client a token, or set FRONTDESK_TOKEN "
                "(`Bearer dal:…`, `Basic …` or a bare access token)"
            )
    return token if callable(token) else as_token(token)


def make_settings(
    *,
    base_url: str | None,
    version: str,
    region: str | None,
    timeout: float,
    retry: Retry | int | None,
    budget: int | Meter | None,
    headers: Mapping[str, str] | None,
    client_id: str | None,
    author_id: str | None,
    on_call: Callable[[Call], object] | None,
    logger: Logger | None,
) -> Settings:
    """Check the arguments and put them together."""
    return Settings(
        base_url=_base_url(base_url or os.environ.get("FRONTDESK_BASE_URL") or DEFAULT_BASE_URL),
        version=_version(version),
        headers=_headers(headers, _user_agent(client_id)),
        timeout=_timeout(timeout),
        retry=as_retry(retry),
        on_call=on_call,
        logger=logger,
        clock=time.monotonic,
        rng=random.Random(),  # noqa: S311 - spreads repeats, protects nothing
        shared=Shared(budget if isinstance(budget, Meter) else Meter(budget), _region(region)),
        author_id=_author_id(author_id, _version(version)),
    )


def changed(settings: Settings, **options: Any) -> Settings:
    """Return a copy of the settings with the options given; it shares token, region and meter."""
    changes: dict[str, Any] = {"made_headers": {}}
    for name, value in options.items():
        if value is UNSET:
            continue
        match name:
            case "timeout":
                changes[name] = _timeout(value)
            case "retry":
                changes[name] = as_retry(value)
            case "headers":
                changes[name] = _headers(value, settings.headers)
            case "budget":
                shared = settings.shared
                changes["shared"] = Shared(Meter(value), shared.region)
                changes["shared"].token = shared.token
            case "author_id":
                changes[name] = _author_id(value, settings.version)
            case _:
                changes[name] = value
    return msgspec.structs.replace(settings, **changes)


def outgoing(action: Action[Any], settings: Settings) -> Outgoing:
    """Turn an action into what is sent, at the version that has it."""
    spec = action.spec
    if "web" not in spec.transports:
        raise InvalidArgument("action", f"`{spec.name}` exists over RTM only; use AgentRTM")
    if isinstance(action, UploadFile):
        return upload(Multipart(action.file), settings)
    return Outgoing(
        spec.name, _path(spec, settings.version), _encode(action), repeatable=spec.repeatable
    )


def upload(body: Multipart, settings: Settings) -> Outgoing:
    """Turn a file into what is sent."""
    spec = UploadFile.spec
    return Outgoing(
        spec.name,
        _path(spec, settings.version),
        body,
        body.content_type,
        repeatable=spec.repeatable,
    )


def _path(spec: Spec, version: tuple[int, int]) -> str:
    """Return where the method is: at the client's version, or at the last one that has it."""
    if version < spec.since:
        raise InvalidArgument(
            "version", f"must be {_dotted(spec.since)} or later for `{spec.name}`"
        )
    if spec.until is not None and version > spec.until:
        version = spec.until
    return f"/v{version[0]}.{version[1]}/{spec.api}/action/{spec.name}"


def result_of(action: type[Action[Any]], answer: Answer) -> Any:
    """Decode the answer into the method's result, or raise its error."""
    if answer.error is not None:
        raise answer.error
    spec = action.spec
    try:
        return decode(answer.reply.body, spec.returns)
    except DecodeError as error:
        raise _explained(error, answer.reply, spec.name) from None


def _explained(error: DecodeError, reply: Reply, name: str) -> DecodeError:
    kind = reply.headers.get("content-type", "")
    if kind and "json" not in kind:
        foreign = NotTheAPI(
            f"{name}: something other than the API answered ({kind}); "
            "check `base_url` and the proxy",
            excerpt=error.excerpt,
        )
        foreign.status = reply.status
        return foreign
    return DecodeError(f"{name}: {error.message}", path=error.path, excerpt=error.excerpt)


def _base_url(value: str) -> str:
    url = value.rstrip("/")
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise InvalidArgument("base_url", f"must start with https://host, not {value!r}")
    if parts.username or parts.query or parts.fragment:
        raise InvalidArgument("base_url", "must not hold an account, a query or a fragment")
    return url


def _version(value: str) -> tuple[int, int]:
    match = re.fullmatch(r"v?(\d+)\.(\d+)", value)
    if match is None:
        raise InvalidArgument("version", f"must look like `3.6`, not {value!r}")
    return int(match[1]), int(match[2])


def _dotted(version: tuple[int, int]) -> str:
    return f"{version[0]}.{version[1]}"


def _region(value: str | None) -> str | None:
    if value not in (None, "dal", "fra"):
        raise InvalidArgument("region", "must be `dal` or `fra`")
    return value


def _timeout(value: float) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not value > 0:  # pyright: ignore[reportUnnecessaryIsInstance]
        raise InvalidArgument("timeout", "must be a number of seconds above 0")
    return float(value)


def _author_id(value: str | None, version: tuple[int, int]) -> str | UnsetType:
    if value is None:
        return UNSET
    if version > AUTHOR_ID_UNTIL:
        raise InvalidArgument(
            "author_id",
            "exists up to version 3.5; from 3.6 on a bot acts with its own token (issue_bot_token)",
        )
    return value


def _user_agent(client_id: str | None) -> dict[str, str]:
    agent = f"frontdesk/{__version__}"
    return {
        "User-Agent": f"{agent} Application {client_id}" if client_id else agent,
        "Accept-Encoding": "gzip",
    }


def _headers(extra: Mapping[str, str] | None, base: Mapping[str, str]) -> dict[str, str]:
    for name, value in (extra or {}).items():
        if name.lower() == "authorization":
            raise InvalidArgument("headers", "must not hold Authorization; use `token`")
        if any(char in f"{name}{value}" for char in "\r\n\0"):
            raise InvalidArgument("headers", f"must be single lines; `{name!r}` is not")
    return {**base, **(extra or {})}
