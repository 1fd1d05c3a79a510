"""The token of a customer: three grants, renewed in the same way, and always the same customer."""

import asyncio
import json
import traceback
from typing import Any

import pytest

from frontdesk import AsyncCustomerClient, CustomerClient, errors
from frontdesk.auth import BearerToken, CustomerCookies, CustomerToken, Token
from frontdesk.core.http_messages import Reply, ReplyHeaders, Request
from frontdesk.redaction import redacted

from .._samples import load
from ..documented import SAMPLES

ACCOUNTS = SAMPLES / "customer" / "accounts"
CLIENT_ID = "9cbf3a968289727cb3cdfe83ab1d9836"
ORGANIZATION = "390e44e6-f1e6-0368c-z6ddb-74g14508c2ex"
CUSTOMER = "bf18d1a8-1afe-4a3e-4cc0-a3148f1143db"
SECRET = "0fe1" * 19
HIDDEN = "HttpOnly; Secure; SameSite=None"
DATE = "Expires=Thu, 25 Nov 2028 10:00:00 GMT; Max-Age=63072000"
SET_COOKIE = [
    ("Set-Cookie", f"__lc_cid={CUSTOMER}; Path=/v2/customer; {DATE}; {HIDDEN}"),
    ("Set-Cookie", f"__lc_cst={SECRET}; Path=/v2/customer; {HIDDEN}"),
]


def sample(name: str) -> Any:
    return load(ACCOUNTS / f"{name}.json")


class Server:
    """The accounts server, and the API behind it: hands out tokens, and keeps what was sent."""

    def __init__(self, response: str = "token_cookie.response", **changes: Any) -> None:
        self.response = {**sample(response), **changes}
        self.requests: list[Request] = []
        self.failures: list[Any] = []
        self.headers: list[tuple[str, str]] = []

    def send(self, request: Request) -> Reply:
        if "/action/" in request.url:
            return Reply(200, {}, b'{"id": "c", "type": "customer"}')
        self.requests.append(request)
        if self.failures:
            failure = self.failures.pop(0)
            if isinstance(failure, Exception):
                raise failure
            status, body = failure
            return Reply(status, ReplyHeaders.of([]), json.dumps(body).encode())
        body = {**self.response, "access_token": f"dal:customer_{len(self.requests)}"}
        return Reply(200, ReplyHeaders.of(self.headers), json.dumps(body).encode())

    def close(self) -> None: ...

    def body(self, number: int = -1) -> Any:
        body = self.requests[number].body
        assert isinstance(body, bytes)
        return json.loads(body)


def by_cookies(server: Server, **options: Any) -> CustomerToken:
    return CustomerToken.with_cookies(
        client_id=CLIENT_ID, organization_id=ORGANIZATION,
        redirect_uri="https://my-application.com", transport=server, **options,
    )  # fmt: skip


def by_agent(server: Server, agent_token: Any = "dal:of_an_agent", **options: Any) -> CustomerToken:
    return CustomerToken.with_agent_token(
        agent_token, client_id=CLIENT_ID, transport=server, **options
    )


def test_cookies_make_a_customer_and_then_stand_for_it() -> None:
    server = Server()
    server.headers = SET_COOKIE
    token = by_cookies(server)
    assert (token.customer_id, token.cookies) == (None, None)
    first = token.token()
    assert first.authorization == "Bearer dal:customer_1"
    assert first.region == "dal"
    request = server.requests[0]
    assert (request.verb, request.url) == (
        "POST",
        "https://accounts.livechat.com/v2/customer/token",
    )
    assert server.body() == {**sample("token_cookie.request"), "response_type": "token"}
    assert "Cookie" not in request.headers
    assert "Authorization" not in request.headers
    assert token.cookies == CustomerCookies(cid=CUSTOMER, cst=SECRET)
    assert (token.customer_id, token.organization_id) == (CUSTOMER, ORGANIZATION)
    assert token.token(first) != first
    assert server.requests[1].headers["Cookie"] == f"__lc_cid={CUSTOMER}; __lc_cst={SECRET}"


def test_cookies_of_an_earlier_process_are_sent() -> None:
    server = Server()
    cookies = CustomerCookies(cid=CUSTOMER, cst=SECRET)
    token = by_cookies(server, cookies=cookies, group_id=3, expires_in=600)
    assert token.customer_id == CUSTOMER
    token.token()
    request = server.requests[0]
    assert request.url.endswith(f"/v2/customer/{ORGANIZATION}/3/token")
    assert request.headers["Cookie"] == f"__lc_cid={CUSTOMER}; __lc_cst={SECRET}"
    assert server.body()["expires_in"] == 600
    assert token.cookies == cookies, "the response has none: they stay"


def test_an_agent_makes_a_customer_once() -> None:
    server = Server("token_agent_existing.response")
    token = by_agent(server)
    first = token.token()
    assert server.body() == {
        key: value for key, value in sample("token_agent_existing.request").items()
        if key != "entity_id"
    }  # fmt: skip
    assert server.requests[0].headers["Authorization"] == "Bearer dal:of_an_agent"
    assert token.token(first) != first
    assert server.body() == sample("token_agent_existing.request"), "the same customer again"


def test_an_agent_names_a_customer() -> None:
    server = Server("token_agent_existing.response")
    token = by_agent(server, customer_id=CUSTOMER)
    token.token()
    assert server.body() == sample("token_agent_existing.request")
    other = by_agent(Server("token_agent_existing.response"), customer_id="somebody-else")
    with pytest.raises(errors.DecodeError, match="another customer"):
        other.token()


def test_another_device_goes_on_as_the_customer() -> None:
    server = Server("token_identity.response")
    token = CustomerToken.with_identity_token(
        "dal:test_SZhSSbShcZxrv580FA", client_id=CLIENT_ID, transport=server
    )
    token.token()
    assert server.body() == sample("token_identity.request")
    assert token.customer_id == CUSTOMER
    codes = iter(["dal:code_number_one", "dal:code_number_two"])
    again = CustomerToken.with_identity_token(
        lambda: next(codes), client_id=CLIENT_ID, code_verifier="v" * 43, transport=server
    )
    again.token(again.token())
    assert [server.body(number)["code"] for number in (1, 2)] == [
        "dal:code_number_one", "dal:code_number_two",
    ]  # fmt: skip
    assert server.body()["code_verifier"] == "v" * 43


def test_a_customer_is_handed_over() -> None:
    server = Server()
    token = by_cookies(server)
    token.token()
    server.response = sample("identity_transfer.response")
    server.failures = [(200, server.response)] * 2
    transfer = token.transfer_identity(code_challenge="c" * 43)
    assert transfer.code == server.response["identity_transfer_token"]
    assert transfer.expires_in == 28_800
    request = server.requests[-1]
    assert request.url == "https://accounts.livechat.com/v2/customer/identity_transfer"
    assert request.headers["Authorization"] == "Bearer dal:customer_1"
    assert server.body() == {
        "bearer_type": "customer", "client_id": CLIENT_ID, "code_challenge": "c" * 43,
    }  # fmt: skip
    assert asyncio.run(token.transfer_identity_async()) == transfer
    assert transfer.code not in repr(transfer)


def test_a_token_is_revoked_and_fetched_anew() -> None:
    server = Server()
    token = by_cookies(server)
    assert token.revoke() is False
    first = token.token()
    server.failures = [(200, {})]
    assert token.revoke() is True
    request = server.requests[-1]
    assert (request.verb, request.body) == ("DELETE", b"")
    assert request.headers["Authorization"] == first.authorization
    assert "Cookie" not in request.headers
    assert token.token() != first


def test_it_serves_both_kinds_of_clients_and_is_fetched_once() -> None:
    server = Server()
    token = by_cookies(server)

    class AsyncServer:
        async def send(self, request: Request) -> Reply:
            return server.send(request)

        async def close(self) -> None: ...

    async def main() -> None:
        async with AsyncCustomerClient(
            token, organization_id=ORGANIZATION, transport=AsyncServer()
        ) as client:
            await asyncio.gather(*(client.get_customer() for _ in range(20)))

    with CustomerClient(token, organization_id=ORGANIZATION, transport=server) as client:
        client.get_customer()
    asyncio.run(main())
    assert len(server.requests) == 1


def test_it_is_renewed_before_its_eight_hours_are_over() -> None:
    server = Server()
    now = 0.0
    token = by_cookies(server, renew_before=600)
    token._clock = lambda: now
    first = token.token()
    assert first.renew_at == 28_800 - 600
    now = 28_199.0
    assert token.token() == first
    now = 28_201.0
    assert token.token().renew_at == pytest.approx(28_201 + 28_800 - 600)
    assert len(server.requests) == 2


def test_a_short_life_is_renewed_in_its_last_fifth() -> None:
    token = by_cookies(Server(expires_in="100"))
    token._clock = lambda: 0.0
    assert token.token().renew_at == 80


def test_while_none_can_be_had_the_present_one_serves() -> None:
    server = Server()
    now = 0.0
    token = by_cookies(server, retry=1)
    token._clock = lambda: now
    first = token.token()
    now = 28_700.0
    server.failures = [errors.RequestTimeout("slow"), (500, {"oauth_exception": "server_error"})]
    assert token.token() == first
    now += 11
    assert token.token() == first
    now += 11
    assert token.token() != first
    now += 28_790
    server.failures = [(401, {"oauth_exception": "invalid_client"})]
    with pytest.raises(errors.InvalidClient):
        token.token()


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("bad_request", errors.InvalidOAuthRequest),
        ("invalid_request", errors.InvalidOAuthRequest),
        ("unauthorized_client", errors.UnauthorizedClient),
        ("access_denied", errors.AccessDenied),
        ("server_error", errors.TemporarilyUnavailable),
        ("temporarily_unavailable", errors.TemporarilyUnavailable),
        ("unsupported_grant_type", errors.InvalidOAuthRequest),
        ("invalid_grant", errors.InvalidGrant),
        ("invalid_client", errors.InvalidClient),
        ("forbidden", errors.OAuthError),
        ("conflict", errors.OAuthError),
        ("resource_not_found", errors.OAuthError),
        ("of_next_year", errors.OAuthError),
    ],
)
@pytest.mark.parametrize("key", ["oauth_exception", "identity_exception"])
@pytest.mark.parametrize("status", [200, 401, 500])
def test_errors_have_an_envelope_of_their_own(
    name: str, kind: type[errors.OAuthError], key: str, status: int
) -> None:
    server = Server()
    server.failures = [(status, {key: name, "exception_description": "not this time"})]
    with pytest.raises(errors.OAuthError) as caught:
        by_cookies(server, retry=1).token()
    assert type(caught.value) is kind
    assert (caught.value.error, caught.value.status) == (name, status)
    assert caught.value.description == "not this time"


def test_what_is_no_accounts_server_is_told_as_such() -> None:
    server = Server()
    server.failures = [(404, ["<html>"]), (200, ["no object"]), (200, {"entity_id": "c"}),
                       (200, {"access_token": "dal:lonely_token", "entity_id": ""})]  # fmt: skip
    token = by_cookies(server, retry=1)
    with pytest.raises(errors.NotTheAPI):
        token.token()
    for what in ("no JSON object", "access_token", "entity_id"):
        with pytest.raises(errors.DecodeError, match=what) as caught:
            token.token()
        assert "lonely_token" not in str(caught.value)


def test_what_would_make_two_customers_is_not_sent_twice() -> None:
    server = Server()
    server.failures = [errors.RequestTimeout("slow")]
    with pytest.raises(errors.RequestTimeout):
        by_cookies(server, retry=3).token()
    assert len(server.requests) == 1
    server.failures = [errors.RequestTimeout("slow")]
    cookies = CustomerCookies(cid=CUSTOMER, cst=SECRET)
    from frontdesk import Retry

    quick = Retry(attempts=3, first_pause=0.0, longest_pause=0.0)
    by_cookies(server, cookies=cookies, retry=quick).token()
    assert len(server.requests) == 3


class Agent:
    """A source of tokens of an agent that knows which one was refused."""

    def __init__(self, *tokens: str) -> None:
        self.tokens = list(tokens)
        self.refused: list[Token | None] = []

    def token(self, refused: Token | None = None) -> Token:
        self.refused.append(refused)
        return BearerToken(self.tokens.pop(0))

    async def token_async(self, refused: Token | None = None) -> Token:
        return self.token(refused)


def test_the_token_of_the_agent_is_renewed_as_well() -> None:
    server = Server("token_agent_existing.response")
    server.failures = [(401, {"oauth_exception": "invalid_request"})]
    agent = Agent("dal:agent_token_one", "dal:agent_token_two")
    by_agent(server, agent).token()
    assert agent.refused == [None, BearerToken("dal:agent_token_one")]
    assert server.requests[1].headers["Authorization"] == "Bearer dal:agent_token_two"
    server.failures = [(401, {"oauth_exception": "invalid_request"})] * 3
    with pytest.raises(errors.InvalidOAuthRequest):
        by_agent(server, lambda: "dal:agent_token_same").token()
    assert len(server.requests) == 3


@pytest.mark.parametrize(
    ("make", "field"),
    [
        (lambda: by_agent(Server(), "Basic YWNjb3VudDpzZWNyZXRfcGF0"), "agent_token"),
        (lambda: by_agent(Server(), 17), "agent_token"),
        (lambda: by_agent(Server(), customer_id=""), "customer_id"),
        (lambda: by_cookies(Server(), cookies="__lc_cid=x"), "cookies"),
        (lambda: by_cookies(Server(), group_id=-1), "group_id"),
        (lambda: by_cookies(Server(), group_id=True), "group_id"),
        (lambda: by_cookies(Server(), expires_in=0), "expires_in"),
        (lambda: by_cookies(Server(), renew_before=-1), "renew_before"),
        (lambda: by_cookies(Server(), accounts_url="ftp://x"), "accounts_url"),
        (lambda: by_cookies(Server(), time_out=3), "time_out"),
        (lambda: CustomerCookies(cid="a; b", cst="c"), "cid"),
        (lambda: CustomerCookies(cid="a", cst="c\r\nX: y"), "cst"),
        (lambda: CustomerToken.with_identity_token("", client_id="c"), "code"),
        (lambda: CustomerToken.with_cookies(client_id="", organization_id="o"), "client_id"),
        (lambda: CustomerToken.with_cookies(client_id="c", organization_id="o",
                                            redirect_uri="nowhere"), "redirect_uri"),
        (lambda: CustomerToken({"type": "cookie"}, "c"), "grant"),
    ],
)  # fmt: skip
def test_arguments_are_checked(make: Any, field: str) -> None:
    with pytest.raises(errors.InvalidArgument) as caught:
        make()
    assert caught.value.field == field


def test_no_secret_is_shown() -> None:
    secrets = ("Basic YWNjb3VudDpzZWNyZXRfcGF0", "dal:identity_code_secret", SECRET)
    server = Server()
    server.failures = [(401, {"oauth_exception": "invalid_grant", "exception_description":
                              f"{secrets[1]} is over"})]  # fmt: skip
    token = CustomerToken.with_identity_token(secrets[1], client_id="c", transport=server)
    with pytest.raises(errors.InvalidGrant) as refused:
        token.token()
    with pytest.raises(errors.InvalidArgument) as wrong:
        by_agent(server, secrets[0])
    cookies = CustomerCookies(cid=CUSTOMER, cst=SECRET)
    shown = repr(token) + repr(cookies) + repr(by_cookies(server, cookies=cookies))
    for caught in (refused.value, wrong.value):
        shown += str(caught)
        formatted = traceback.TracebackException.from_exception(caught, capture_locals=True)
        frames = [frame for frame in formatted.stack if "/src/frontdesk/" in frame.filename]
        shown += "".join(str(frame.locals) for frame in frames)
    for secret in secrets:
        assert secret not in shown
        assert secret.removeprefix("Basic ") not in shown
    assert redacted(f"x {SECRET} y") == "x … y"
