"""The token of a customer against the sandbox: three grants, sync and async, with and without a
socket.
"""

import asyncio
import base64
import hashlib
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from frontdesk import AsyncCustomerClient, CustomerClient, errors
from frontdesk.auth import BearerToken, CustomerCookies, CustomerToken, IdentityTransfer
from frontdesk.core.http_messages import Reply, Request
from frontdesk.sandbox import RegisteredClient, Sandbox
from frontdesk.sandbox.serve.embedded import AsyncDirectTransport, DirectTransport

PAGE = "https://shop.example"
NIGHT = 9 * 3600
VERIFIER = "a-verifier-of-a-test-that-is-long-enough-0123456789"
CHALLENGE = (
    base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
)


class Shop:
    """An app with the customers of one sandbox."""

    def __init__(self, sandbox: Sandbox, *, is_served: bool, is_async: bool) -> None:
        self.sandbox = sandbox
        self.is_served = is_served
        self.is_async = is_async
        self.app: RegisteredClient = sandbox.accounts.register_client(PAGE)

    @property
    def options(self) -> dict[str, Any]:
        where = {"client_id": self.app.client_id, "accounts_url": self.sandbox.accounts_url}
        if self.is_served:
            return {**where, "proxy": ""}
        return {**where, "transport": DirectTransport(self.sandbox.backend, self.sandbox.url)}

    def by_cookies(self, **options: Any) -> CustomerToken:
        return CustomerToken.with_cookies(
            organization_id=self.sandbox.organization_id,
            redirect_uri=f"{PAGE}/cart",
            **self.options,
            **options,
        )

    def by_agent(self, agent_token: Any = None, **options: Any) -> CustomerToken:
        agent_token = agent_token or self.sandbox.tokens["owner"]
        return CustomerToken.with_agent_token(agent_token, **self.options, **options)

    def by_transfer(self, code: Any, **options: Any) -> CustomerToken:
        return CustomerToken.with_identity_token(code, **self.options, **options)

    def who(self, token: CustomerToken) -> str:
        """The customer that the API takes the token for."""
        if self.is_async:
            return asyncio.run(self._who(token))
        options: dict[str, Any] = {} if self.is_served else self.options
        options = {"proxy": ""} if self.is_served else {"transport": options["transport"]}
        with CustomerClient(
            token,
            base_url=self.sandbox.url,
            organization_id=self.sandbox.organization_id,
            **options,
        ) as client:
            return client.get_customer().id

    async def _who(self, token: CustomerToken) -> str:
        transport = AsyncDirectTransport(self.sandbox.backend, self.sandbox.url)
        options: dict[str, Any] = {"proxy": ""} if self.is_served else {"transport": transport}
        async with AsyncCustomerClient(
            token,
            base_url=self.sandbox.url,
            organization_id=self.sandbox.organization_id,
            **options,
        ) as client:
            return (await client.get_customer()).id

    def do(
        self, sync: Callable[[], Any], asynchronous: Callable[[], Coroutine[Any, Any, Any]]
    ) -> Any:
        return asyncio.run(asynchronous()) if self.is_async else sync()

    def transfer(self, token: CustomerToken, **options: Any) -> IdentityTransfer:
        transfer: IdentityTransfer = self.do(
            lambda: token.transfer_identity(**options),
            lambda: token.transfer_identity_async(**options),
        )
        return transfer


@pytest.fixture(params=["embedded", "served"])
def place(request: pytest.FixtureRequest) -> tuple[Sandbox, bool]:
    is_served = request.param == "served"
    return request.getfixturevalue("served" if is_served else "sandbox"), is_served


@pytest.fixture(params=["sync", "async"])
def shop(place: tuple[Sandbox, bool], request: pytest.FixtureRequest) -> Shop:
    sandbox, is_served = place
    return Shop(sandbox, is_served=is_served, is_async=request.param == "async")


def test_cookies_are_one_customer_for_good(shop: Shop) -> None:
    token = shop.by_cookies()
    ann = shop.who(token)
    assert (token.customer_id, token.organization_id) == (ann, shop.sandbox.organization_id)
    assert token.cookies is not None
    assert token.cookies.cid == ann
    shop.sandbox.advance(NIGHT)
    assert shop.who(token) == ann
    # A later process, which kept the cookies.
    again = shop.by_cookies(cookies=token.cookies)
    assert shop.who(again) == ann
    assert again.cookies == token.cookies
    assert shop.who(shop.by_cookies()) != ann


def test_cookies_that_nobody_gave_are_a_new_customer(shop: Shop) -> None:
    victim = shop.by_cookies()
    ann = shop.who(victim)
    thief = shop.by_cookies(cookies=CustomerCookies(cid=ann, cst="0" * 76))
    assert shop.who(thief) != ann
    assert thief.cookies != victim.cookies


def test_each_group_may_have_its_own_customer(shop: Shop) -> None:
    token = shop.by_cookies(group_id=1)
    with pytest.raises(errors.OAuthError, match="chat_between_groups"):
        token.token()
    shop.sandbox.set_properties({"chats": {"chat_between_groups": False}})
    support = shop.who(token)
    assert shop.who(shop.by_cookies(group_id=2, cookies=token.cookies)) != support
    assert shop.who(shop.by_cookies(group_id=1, cookies=token.cookies)) == support


def test_an_agent_makes_one_customer_and_keeps_it(shop: Shop) -> None:
    token = shop.by_agent()
    ann = shop.who(token)
    assert (token.customer_id, token.cookies) == (ann, None)
    shop.sandbox.advance(NIGHT)
    assert shop.who(token) == ann


def test_an_agent_names_a_customer(shop: Shop) -> None:
    ann = shop.sandbox.customer("Ann").id
    assert shop.who(shop.by_agent(customer_id=ann)) == ann
    with pytest.raises(errors.OAuthError, match="entity_id"):
        shop.by_agent(customer_id="nobody").token()


def test_the_token_of_the_agent_is_renewed_too(shop: Shop) -> None:
    issue = shop.sandbox.issue_token
    token = shop.by_agent(lambda: issue("smith@example.com"))
    ann = shop.who(token)
    shop.sandbox.advance(NIGHT)
    assert shop.who(token) == ann
    fixed = shop.by_agent(issue("smith@example.com", seconds=60), customer_id=ann)
    shop.sandbox.advance(61)
    with pytest.raises(errors.OAuthError, match="expired"):
        fixed.token()


@pytest.mark.parametrize("name", ["agent", "bot", "few_scopes"])
def test_only_administrators_act_for_customers(shop: Shop, name: str) -> None:
    with pytest.raises(errors.OAuthError) as caught:
        shop.by_agent(shop.sandbox.tokens[name]).token()
    assert caught.value.error == "forbidden"


def test_a_customer_goes_on_at_another_device(shop: Shop) -> None:
    token = shop.by_cookies()
    transfer = shop.transfer(token)
    assert transfer.expires_in == 3600
    other = shop.by_transfer(transfer.code)
    assert shop.who(other) == shop.who(token)
    with pytest.raises(errors.OAuthError, match="used already"):
        shop.by_transfer(transfer.code).token()
    # One code gives one token, which ends for good.
    shop.sandbox.advance(NIGHT)
    with pytest.raises(errors.OAuthError):
        shop.who(other)


def test_codes_from_a_function_renew_the_token(shop: Shop) -> None:
    token = shop.by_agent()
    other = shop.by_transfer(lambda: token.transfer_identity().code)
    ann = shop.who(other)
    shop.sandbox.advance(NIGHT)
    assert shop.who(other) == ann == token.customer_id


@pytest.mark.parametrize("is_known", [True, False])
def test_an_agent_hands_a_customer_over(shop: Shop, is_known: bool) -> None:
    customer_id = shop.sandbox.customer("Ann").id if is_known else None
    token = shop.by_agent(customer_id=customer_id)
    transfer = shop.transfer(token, bearer_type="agent", code_challenge=CHALLENGE)
    other = shop.by_transfer(transfer.code, code_verifier=VERIFIER)
    assert shop.who(other) == token.customer_id
    (call,) = shop.sandbox.calls("accounts.identity_transfer")
    assert (call.requester_id, call.request["bearer_type"]) == ("smith@example.com", "agent")
    # Of a customer that is known, no token is made for it.
    given = shop.sandbox.calls("accounts.customer_token", grant_type="agent_token")
    assert len(given) == (0 if is_known else 1)


def test_the_agent_that_hands_over_may_get_a_new_token(shop: Shop) -> None:
    tokens = ["Bearer dal:ended", shop.sandbox.tokens["owner"]]
    token = shop.by_agent(lambda: tokens.pop(0), customer_id=shop.sandbox.customer("Ann").id)
    transfer = shop.transfer(token, bearer_type="agent")
    assert shop.who(shop.by_transfer(transfer.code)) == token.customer_id


def test_pkce_ties_a_code_to_the_device(shop: Shop) -> None:
    token = shop.by_cookies()
    transfer = shop.transfer(token, code_challenge=CHALLENGE)
    for verifier in (None, "x" * 43, CHALLENGE):
        with pytest.raises(errors.OAuthError, match="code_verifier"):
            shop.by_transfer(transfer.code, code_verifier=verifier).token()
    right = shop.by_transfer(transfer.code, code_verifier=VERIFIER)
    assert shop.who(right) == token.customer_id


def test_the_server_says_what_it_knows(shop: Shop) -> None:
    token = shop.by_cookies()
    other = shop.by_transfer(shop.transfer(token).code)
    info = shop.do(other.introspect, other.introspect_async)
    assert info.customer_id == token.customer_id
    assert info.client_id == shop.app.client_id
    assert info.organization_id == other.organization_id == shop.sandbox.organization_id
    assert info.expires_in == pytest.approx(28_800, abs=30)
    assert info.token_type == "Bearer"
    assert other.token() == BearerToken(info.access_token)
    assert info.access_token not in repr(info)


def test_a_token_is_asked_for_anew_after_it_was_taken_back(shop: Shop) -> None:
    token = shop.by_cookies()
    ann, first = shop.who(token), token.token()
    assert shop.do(token.revoke, token.revoke_async) is True
    assert shop.who(token) == ann
    assert token.token() != first


def test_what_another_token_would_mend_is_asked_with_another(shop: Shop) -> None:
    token = shop.by_cookies()
    first = token.token()
    shop.sandbox.advance(NIGHT)
    assert shop.do(token.introspect, token.introspect_async).customer_id == token.customer_id
    assert token.token() != first
    with pytest.raises(errors.OAuthError, match="code_challenge"):
        shop.transfer(token, code_challenge="not one")
    shop.sandbox.assert_called("accounts.identity_transfer", times=1)


def test_a_life_may_be_asked_for(shop: Shop) -> None:
    token = shop.by_agent(expires_in=600)
    token.token()
    assert token.introspect().expires_in == pytest.approx(600, abs=30)


def test_one_organization_is_no_other(shop: Shop) -> None:
    branch = shop.sandbox.accounts.add_organization("Branch")
    token = shop.by_cookies()
    ann = shop.who(token)
    theirs = CustomerToken.with_cookies(
        organization_id=branch.id, redirect_uri=PAGE, cookies=token.cookies, **shop.options
    )
    theirs.token()
    assert (theirs.customer_id == ann, theirs.organization_id) == (False, branch.id)
    for wrong in ({"organization_id": "nowhere"}, {"redirect_uri": "https://evil.example"}):
        right: dict[str, Any] = {"organization_id": branch.id, "redirect_uri": PAGE}
        refused = CustomerToken.with_cookies(**{**right, **wrong}, **shop.options)
        with pytest.raises(errors.OAuthError, match=next(iter(wrong))):
            refused.token()


@pytest.mark.parametrize("bearer_type", ["bot", "", None, "agent"])
def test_who_hands_over_is_checked_before_anything_is_sent(bearer_type: Any) -> None:
    class Silent:
        def send(self, request: Request) -> Reply:
            raise AssertionError(request)

        def close(self) -> None: ...

    token = CustomerToken.with_cookies(client_id="app", organization_id="org", transport=Silent())
    with pytest.raises(errors.InvalidArgument) as caught:
        token.transfer_identity(bearer_type=bearer_type)
    assert caught.value.field == "bearer_type"
