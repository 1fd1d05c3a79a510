"""What the arguments of the clients of customers mean."""

import os
import ssl
from collections.abc import Callable, Mapping
from logging import Logger
from typing import NoReturn, TypedDict

from frontdesk.auth import Token
from frontdesk.clients.options import TokenSource, token_source
from frontdesk.codec.damage import OnDamage
from frontdesk.core.call_cycle import Call
from frontdesk.core.limiter import Limiter
from frontdesk.core.retry import Meter, Retry
from frontdesk.errors import FrontdeskError, InvalidArgument, MissingToken
from frontdesk.spec.arguments import check_text

__all__ = ["CustomerOptions", "customer_token_source", "organization_of"]

TOKEN_VARIABLE = "FRONTDESK_CUSTOMER_TOKEN"  # noqa: S105 - the name of a variable
ORGANIZATION_VARIABLE = "FRONTDESK_ORGANIZATION_ID"


class CustomerOptions(TypedDict, total=False):
    """The options of the clients of customers, which are those of the clients of agents."""

    base_url: str | None
    version: str
    region: str | None
    timeout: float
    max_response_bytes: int | None
    retry: Retry | int | None
    budget: int | Meter | None
    headers: Mapping[str, str] | None
    client_id: str | None
    proxy: str | None
    ssl_context: ssl.SSLContext | None
    limiter: Limiter | bool | None
    on_call: Callable[[Call], object] | None
    strict: bool
    on_damage: OnDamage | None
    logger: Logger | None


def customer_token_source(token: TokenSource | None, *, needed: bool = False) -> TokenSource:
    """Return the token or source given, else the token of the environment.

    Without one, a source that raises, unless a token is ``needed``: some methods need none.
    ``FRONTDESK_TOKEN`` is an agent's, which customers cannot use.
    """
    try:
        if token is None:
            token = os.environ.get(TOKEN_VARIABLE) or (_no_token() if needed else _no_token)
        source = token_source(token)
        if isinstance(source, Token) and source.authorization.startswith("Basic "):
            raise InvalidArgument(
                "token",
                "must be the token of a customer, such as a CustomerToken; personal access tokens "
                "are for agents",
            )
    except FrontdeskError as error:
        # The frames that are cut, and this one, would show the token in a traceback.
        raise error.with_traceback(None) from None
    finally:
        del token
    return source


def organization_of(organization_id: str | None) -> str:
    """Return the organization given, else that of the environment, checked."""
    value = organization_id or os.environ.get(ORGANIZATION_VARIABLE)
    if value is None:
        raise InvalidArgument(
            "organization_id",
            f"is required; give it, or set {ORGANIZATION_VARIABLE} (`frontdesk sandbox` prints "
            "that of a sandbox, `frontdesk whoami` that of an agent's token)",
        )
    if not isinstance(value, str):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise InvalidArgument("organization_id", f"must be a text, not {type(value).__name__}")
    check_text("organization_id", value)
    return value


def _no_token() -> NoReturn:
    raise MissingToken(
        f"give the client the token of a customer, such as a CustomerToken, or set {TOKEN_VARIABLE}"
    )
