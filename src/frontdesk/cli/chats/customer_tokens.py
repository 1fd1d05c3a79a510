"""Tokens of customers, made with the token of an agent: ``frontdesk customers token``."""

import json
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from frontdesk.cli.arguments.options import AccountsUrl, BaseUrl, Token, accounts_url_of
from frontdesk.cli.output.services import is_local, service
from frontdesk.cli.output.terminal import print_line, printable, say
from frontdesk.core.http_messages import Headers, Request
from frontdesk.errors import FrontdeskError, InvalidArgument, OAuthError

if TYPE_CHECKING:
    from frontdesk.auth import CustomerToken

__all__ = ["customer_token", "token"]

SANDBOX_APP: Final = "frontdesk-command-line"
"""The app that is registered at a sandbox, where nobody has to have one."""
SECONDS: Final = 10
ERROR: Final = 400


def customer_token(
    agent_token: Any,
    base_url: str | None,
    *,
    customer_id: str | None,
    client_id: str | None = None,
    accounts_url: str | None = None,
) -> "CustomerToken":
    """Return the token of a customer, which an agent may ask for.

    Args:
        agent_token: with the scope ``customers:own``.
        base_url: where the API is.
        customer_id: the customer; ``None`` makes a new one.
        client_id: the app; defaults to one that is registered at the sandbox.
        accounts_url: where the accounts server is; defaults to that of the API.

    Raises:
        InvalidArgument: There is no app, or nobody gave a token.
        OAuthError: The accounts server refuses it.
    """
    from frontdesk.auth import CustomerToken
    from frontdesk.clients.options import base_url_of, token_source

    if client_id is None:
        if not is_local(base_url):
            raise InvalidArgument("--client-id", "is required: the app that the token is of")
        client_id = _registered(base_url_of(base_url))
    return CustomerToken.with_agent_token(
        token_source(agent_token),
        client_id=client_id,
        customer_id=customer_id,
        accounts_url=accounts_url_of(accounts_url, base_url),
    )


def token(
    customer_id: Annotated[
        str | None,
        typer.Argument(metavar="ID", help="The customer; defaults to a new one."),
    ] = None,
    client_id: Annotated[
        str | None,
        typer.Option(
            metavar="ID",
            envvar="FRONTDESK_CLIENT_ID",
            help="The app that the token is of; required except at a sandbox.",
        ),
    ] = None,
    base_url: BaseUrl = None,
    accounts_url: AccountsUrl = None,
    token: Token = None,
) -> None:
    """Print a token of a customer.

    It is for `frontdesk call customer.METHOD` and for tests. The token of the agent needs the scope
    customers:own. Set what is printed as the variable FRONTDESK_CUSTOMER_TOKEN; it lives for eight
    hours.
    """
    say(f"frontdesk: talking to {service(base_url)}")
    app = None if is_local(base_url) else client_id
    made = customer_token(
        token, base_url, customer_id=customer_id, client_id=app, accounts_url=accounts_url
    )
    try:
        value: Any = made.token(None)
    except OAuthError as error:
        # What the accounts server calls the argument of this command.
        raise FrontdeskError(str(error).replace("`entity_id`", "`ID`")) from error
    print_line(value.authorization)
    say(f"frontdesk: that is the customer {printable(str(made.customer_id))}")


def _registered(base_url: str) -> str:
    """Register the app of the command line at a sandbox, and return its id.

    Raises:
        InvalidArgument: That is no sandbox, or one whose controls are not reached.
    """
    from frontdesk.transport.urllib3 import Urllib3Transport

    body = {"client_id": SANDBOX_APP, "redirect_uris": ["http://localhost"]}
    request = Request(
        f"{base_url.rstrip('/')}/__sandbox__/clients",
        Headers({"Content-Type": "application/json"}),
        json.dumps(body).encode(),
        SECONDS,
    )
    transport = Urllib3Transport(base_url)
    try:
        reply = transport.send(request)
    finally:
        transport.close()
    if reply.status >= ERROR:
        raise InvalidArgument("--base-url", "must be that of a sandbox, with its controls")
    return SANDBOX_APP
