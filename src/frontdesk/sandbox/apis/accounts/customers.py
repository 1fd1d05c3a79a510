"""``/v2/customer``: tokens of customers are given, looked at, taken back, and handed over.

Source: https://platform.text.com/docs/authorization/customer-authorization
"""

from collections.abc import Mapping
from typing import Final

from msgspec import Struct

from frontdesk.errors import APIError
from frontdesk.sandbox.apis.accounts.customer_parameters import integer, text
from frontdesk.sandbox.store import to_micros
from frontdesk.sandbox.store.credentials.customers import CustomerTokenRecord
from frontdesk.sandbox.store.records import OAuthClientRecord
from frontdesk.sandbox.world import Identities, Requester, World
from frontdesk.sandbox.world.accounts import (
    customer_cookies,
    customer_errors,
    customer_tokens,
    identity_transfers,
    redirect_uris,
)
from frontdesk.sandbox.world.accounts.customer_cookies import BrowserCookies, Place
from frontdesk.sandbox.world.accounts.organizations import all_ids
from frontdesk.sandbox.world.people import customers
from frontdesk.sandbox.world.people.customers import CustomerDetails
from frontdesk.sandbox.world.properties.rules import license_value

__all__ = [
    "GRANTS",
    "Browser",
    "CustomerTokenInfo",
    "GivenToken",
    "GivenTransfer",
    "IdentityTransferToken",
    "bearer",
    "customer_behind",
    "give_token",
    "look_at",
    "take_back",
    "transfer_identity",
]

GRANTS: Final = ("agent_token", "cookie", "identity_token")
OWN_CUSTOMERS: Final = "customers:own"
"""The scope of agents who act for customers."""


class CustomerTokenInfo(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is said of a customer's token, when it is given and when it is looked at."""

    access_token: str
    client_id: str = ""
    entity_id: str
    expires_in: int
    organization_id: str = ""
    token_type: str

    def __repr__(self) -> str:
        return f"CustomerTokenInfo(entity_id={self.entity_id!r})"


class IdentityTransferToken(Struct, frozen=True, kw_only=True):
    """An identity transfer token, and how many seconds it lives."""

    identity_transfer_token: str
    expires_in: int = identity_transfers.SECONDS

    def __repr__(self) -> str:
        return f"IdentityTransferToken(expires_in={self.expires_in!r})"


class Browser(Struct, frozen=True):
    """Who asks for a token: the header ``Authorization``, the cookies, and the page's ``Origin``.

    ``place`` is the organization and the group of the path, ``None`` where it names none.
    """

    authorization: str
    cookies: BrowserCookies | None
    origin: str
    place: tuple[str, str] | None = None

    def __repr__(self) -> str:
        return f"Browser(origin={self.origin!r})"


class GivenToken(Struct, frozen=True):
    """A token that was given; ``cookies`` are those that the browser is to have from then on.

    ``requester_id`` is who asked: the customer, or the agent who acts for it.
    """

    info: CustomerTokenInfo
    requester_id: str
    cookies: BrowserCookies | None = None


class GivenTransfer(Struct, frozen=True):
    """An identity transfer token that was given; ``requester_id`` is who asked."""

    info: IdentityTransferToken
    requester_id: str


def give_token(world: World, parameters: Mapping[str, object], browser: Browser) -> GivenToken:
    """Give a token of a customer.

    Raises:
        AccountsError: The client, the grant, or what it needs does not fit.
    """
    return world.unit(_give_token, world, parameters, browser)


def _give_token(world: World, parameters: Mapping[str, object], browser: Browser) -> GivenToken:
    grant_type = text(parameters, "grant_type")
    if not grant_type:
        raise customer_errors.required("grant_type")
    if grant_type not in GRANTS or (browser.place is not None and grant_type != "cookie"):
        known = "`cookie`" if browser.place is not None else f"one of {', '.join(GRANTS)}"
        raise customer_errors.unsupported_grant_type(f"`grant_type` must be {known}")
    client = _client(world, parameters)
    if text(parameters, "response_type") not in ("", "token"):
        raise customer_errors.invalid_request("`response_type` must be `token`")
    seconds = integer(parameters, "expires_in")
    if seconds is not None and not 1 <= seconds <= customer_tokens.LONGEST:
        raise customer_errors.invalid_request(
            "`expires_in` must be seconds: at least 1, at most those of a hundred years"
        )
    seconds = client.access_token_seconds if seconds is None else seconds
    match grant_type:
        case "cookie":
            return _by_cookies(world, parameters, browser, client, seconds)
        case "agent_token":
            return _by_agent(world, parameters, browser, client, seconds)
        case _:
            return _by_transfer(world, parameters, client, seconds)


def look_at(world: World, token: str) -> CustomerTokenInfo:
    """Return what there is to know of a token.

    Raises:
        AccountsError: It is none, or has expired.
    """
    return _describe(world, _find(world, token))


def customer_behind(world: World, token: str) -> str | None:
    """Return the customer of a token, ``None`` if there is no such token."""
    record = customer_tokens.find(world, token)
    return record.customer_id if record else None


def take_back(world: World, token: str) -> None:
    """Take back a token.

    Raises:
        AccountsError: It is none, or has expired.
    """
    record = _find(world, token)
    world.unit(customer_tokens.revoke, world, record.id)


def transfer_identity(
    world: World, parameters: Mapping[str, object], authorization: str
) -> GivenTransfer:
    """Give an identity transfer token of the customer who asks, or for whom an agent asks.

    Raises:
        AccountsError: The bearer, the client or the customer does not fit.
    """
    return world.unit(_transfer_identity, world, parameters, authorization)


def _transfer_identity(
    world: World, parameters: Mapping[str, object], authorization: str
) -> GivenTransfer:
    bearer_type = text(parameters, "bearer_type")
    if bearer_type not in ("agent", "customer"):
        raise customer_errors.invalid_request("`bearer_type` must be `agent` or `customer`")
    client = _client(world, parameters)
    customer_id = text(parameters, "customer_id")
    if bearer_type == "agent":
        agent = _agent(world, authorization)
        if not customer_id:
            raise customer_errors.required("customer_id")
        organization_id, requester_id = agent.organization_id, agent.id
        _check_customer(world, customer_id, "customer_id")
    else:
        token = _find(world, bearer(authorization))
        if customer_id not in ("", token.customer_id):
            raise customer_errors.forbidden("`customer_id` is for the bearer type `agent`")
        customer_id, organization_id = token.customer_id, token.organization_id
        requester_id = customer_id
    transfer = identity_transfers.give(
        world,
        customer_id,
        client_id=client.id,
        organization_id=organization_id,
        code_challenge=text(parameters, "code_challenge"),
    )
    return GivenTransfer(IdentityTransferToken(identity_transfer_token=transfer.id), requester_id)


def bearer(authorization: str) -> str:
    """Return the token of a header; empty if there is none."""
    scheme, _, token = authorization.strip().partition(" ")
    if authorization.strip() and scheme.lower() != "bearer":
        raise customer_errors.access_denied("`Authorization` must begin with Bearer")
    return token.strip().replace("%3A", ":").replace("%3a", ":")


def _by_cookies(
    world: World,
    parameters: Mapping[str, object],
    browser: Browser,
    client: OAuthClientRecord,
    seconds: int,
) -> GivenToken:
    place = _place(world, parameters, browser)
    redirect_uri = text(parameters, "redirect_uri") or browser.origin
    if not redirect_uri:
        raise customer_errors.invalid_request(
            "`redirect_uri` is required where no page sends its `Origin`"
        )
    if not redirect_uris.allowed(redirect_uri, client.redirect_uris):
        raise customer_errors.invalid_request("`redirect_uri` is none of those of the client")
    cookies = customer_cookies.recognize(world, client.id, place, browser.cookies)
    token = customer_tokens.issue(
        world,
        cookies.cid,
        client_id=client.id,
        organization_id=place.organization_id,
        expires_in=seconds,
    )
    return GivenToken(_describe(world, token, without="client_id"), cookies.cid, cookies)


def _by_agent(
    world: World,
    parameters: Mapping[str, object],
    browser: Browser,
    client: OAuthClientRecord,
    seconds: int,
) -> GivenToken:
    agent = _agent(world, browser.authorization)
    customer_id = text(parameters, "entity_id")
    if customer_id:
        _check_customer(world, customer_id, "entity_id")
    else:
        customer_id = customers.create(world, CustomerDetails(), agent).id
    token = customer_tokens.issue(
        world,
        customer_id,
        client_id=client.id,
        organization_id=agent.organization_id,
        expires_in=seconds,
    )
    return GivenToken(_describe(world, token), agent.id)


def _by_transfer(
    world: World, parameters: Mapping[str, object], client: OAuthClientRecord, seconds: int
) -> GivenToken:
    code = text(parameters, "code")
    if not code:
        raise customer_errors.required("code")
    transfer = identity_transfers.use(world, client.id, code, text(parameters, "code_verifier"))
    token = customer_tokens.issue(
        world,
        transfer.customer_id,
        client_id=client.id,
        organization_id=transfer.organization_id,
        expires_in=seconds,
    )
    return GivenToken(_describe(world, token, without="organization_id"), transfer.customer_id)


def _client(world: World, parameters: Mapping[str, object]) -> OAuthClientRecord:
    client_id = text(parameters, "client_id")
    if not client_id:
        raise customer_errors.required("client_id")
    client = world.store.accounts.clients.get(client_id)
    if client is None:
        raise customer_errors.invalid_client("`client_id`: there is no such client")
    return client


def _place(world: World, parameters: Mapping[str, object], browser: Browser) -> Place:
    """Return the organization, and the group if customers are others in each."""
    organization_id = text(parameters, "organization_id")
    group: str | None = None
    if browser.place is not None:
        of_path, group = browser.place
        if organization_id not in ("", of_path):
            raise customer_errors.invalid_request("`organization_id` is not the one of the path")
        organization_id = of_path
    if not organization_id:
        raise customer_errors.required("organization_id")
    ids = all_ids(world)
    if organization_id not in ids:
        raise customer_errors.not_found("`organization_id`: there is no such organization")
    further = "" if organization_id == ids[0] else organization_id
    if group is None:
        return Place(further, None)
    if license_value(world, "chats", "chat_between_groups", default=True):
        raise customer_errors.forbidden(
            "customers are the same in all groups, unless the license property "
            "`chats.chat_between_groups` is false"
        )
    for group_id in world.store.company.groups:
        if str(group_id) == group:
            return Place(further, group_id)
    raise customer_errors.not_found("`group_id`: there is no such group")


def _agent(world: World, authorization: str) -> Requester:
    """Return the agent who acts for customers."""
    token = bearer(authorization)
    if not token:
        raise customer_errors.access_denied("`Authorization` must have the token of an agent")
    if customer_tokens.find(world, token) is not None:
        raise customer_errors.access_denied("this takes the token of an agent, not of a customer")
    try:
        requester = Identities(world).requester(f"Bearer {token}")
    except APIError as error:
        raise customer_errors.access_denied(error.message) from None
    if requester.personal:
        raise customer_errors.forbidden("a personal access token cannot act for customers")
    if requester.role == "normal" or requester.bot:
        raise customer_errors.forbidden("only administrators act for customers")
    if OWN_CUSTOMERS not in requester.scopes:
        raise customer_errors.forbidden(f"the token has no scope `{OWN_CUSTOMERS}`")
    return requester


def _check_customer(world: World, customer_id: str, field: str) -> None:
    if world.store.customers.read(customer_id) is None:
        raise customer_errors.not_found(f"`{field}`: there is no such customer")


def _find(world: World, token: str) -> CustomerTokenRecord:
    if not token:
        raise customer_errors.access_denied("`Authorization` must have the token of a customer")
    record = customer_tokens.find(world, token)
    if record is None:
        if token in world.store.company.tokens:
            raise customer_errors.access_denied(
                "this takes the token of a customer, not of an agent"
            )
        raise customer_errors.access_denied("the access token is not valid")
    if record.expires_at <= world.clock.now():
        raise customer_errors.access_denied("the access token has expired")
    return record


def _describe(world: World, token: CustomerTokenRecord, *, without: str = "") -> CustomerTokenInfo:
    # Rounded up: a new token lives as long as was asked for.
    left = -((world.clock.peek() - to_micros(token.expires_at)) // 1_000_000)
    own = world.store.company.license.organization_id
    return CustomerTokenInfo(
        access_token=token.id,
        client_id="" if without == "client_id" else token.client_id,
        entity_id=token.customer_id,
        expires_in=left,
        organization_id="" if without == "organization_id" else token.organization_id or own,
        token_type="Bearer",  # noqa: S106 - the name of the scheme
    )
