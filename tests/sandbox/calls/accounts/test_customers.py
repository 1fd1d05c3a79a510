"""``/v2/customer``: the three grants, groups, transfers, and what is said of tokens."""

import json
from typing import Any
from urllib.parse import parse_qsl, urlencode

import pytest

from frontdesk.sandbox import Sandbox
from frontdesk.sandbox.world.accounts import customer_tokens

from ....documented import SAMPLES
from ..._customers import CHALLENGE, CID, CST, PAGE, SMITH, VERIFIER, CustomerAccounts, Response
from ..._log_in import LogIn

YEARS = 63_072_000


@pytest.fixture
def accounts(sandbox: Sandbox) -> CustomerAccounts:
    return CustomerAccounts(sandbox)


def sample(name: str) -> set[str]:
    content = json.loads((SAMPLES / "customer" / "accounts" / f"{name}.json").read_text())
    return set(content)


def owner(accounts: CustomerAccounts) -> str:
    return accounts.sandbox.tokens["owner"]


class TestCookieGrant:
    def test_a_browser_without_cookies_is_a_new_customer(self, accounts: CustomerAccounts) -> None:
        response = accounts.cookie_grant()
        assert response.status == 200
        assert set(response.json) == sample("token_cookie.response")
        assert response.json["token_type"] == "Bearer"
        assert response.json["expires_in"] == 28800
        assert response.json["access_token"].startswith("dal:")
        assert response.json["organization_id"] == accounts.sandbox.organization_id
        customer = accounts.sandbox.client().get_customer(id=response.json["entity_id"])
        assert customer.name is None
        other = accounts.cookie_grant()
        assert other.json["entity_id"] != response.json["entity_id"]

    def test_the_cookies_are_those_of_a_browser(self, accounts: CustomerAccounts) -> None:
        response = accounts.cookie_grant()
        rest = f"Path=/accounts/v2/customer; Max-Age={YEARS}; HttpOnly; Secure; SameSite=None"
        cid, cst = response.set_cookies
        assert cid == f"{CID}={response.json['entity_id']}; {rest}"
        name, _, value = cst.partition("; ")[0].partition("=")
        assert (name, len(value), cst.partition("; ")[2]) == (CST, 76, rest)
        assert int(value, 16)

    def test_a_browser_with_cookies_is_the_same_customer(self, accounts: CustomerAccounts) -> None:
        first = accounts.cookie_grant()
        again = accounts.cookie_grant(first.cookies)
        assert again.json["entity_id"] == first.json["entity_id"]
        assert again.json["access_token"] != first.json["access_token"]
        assert again.cookies == first.cookies

    def test_cookies_work_among_those_of_other_pages(self, accounts: CustomerAccounts) -> None:
        first = accounts.cookie_grant()
        among = f'odd"; a=b=c; {first.cookies}; =; {CID}=of-a-shorter-path; {{}}'
        assert accounts.cookie_grant(among).json["entity_id"] == first.json["entity_id"]

    def test_cookies_live_for_two_years_from_the_last_call(
        self, accounts: CustomerAccounts
    ) -> None:
        first = accounts.cookie_grant()
        customer_id = first.json["entity_id"]
        for _ in range(3):
            accounts.sandbox.advance(YEARS - 3 * 86400)
            assert accounts.cookie_grant(first.cookies).json["entity_id"] == customer_id
        accounts.sandbox.advance(YEARS + 60)
        assert accounts.cookie_grant(first.cookies).json["entity_id"] != customer_id

    def test_forged_cookies_stand_for_nobody(self, accounts: CustomerAccounts) -> None:
        victim, other = accounts.cookie_grant(), accounts.cookie_grant()
        victims, others = victim.json["entity_id"], other.json["entity_id"]
        cst = other.cookies.partition(f"{CST}=")[2]
        for cookies in (
            f"{CID}={victims}; {CST}={cst}",
            f"{CID}={victims}; {CST}={'0' * 76}",
            f"{CID}={victims}; {CST}=",
            f"{CID}={victims}; {CST}={cst}%",
            f"{CID}={victims}",
            f"{CST}={cst}",
            f"{CID}=nobody; {CST}={cst}",
        ):
            response = accounts.cookie_grant(cookies)
            assert response.status == 200
            assert response.json["entity_id"] not in (victims, others)
            assert response.cookies != cookies

    def test_each_organization_has_its_own_customer(self, accounts: CustomerAccounts) -> None:
        own = accounts.cookie_grant()
        branch = accounts.sandbox.accounts.add_organization("Branch")
        theirs = accounts.cookie_grant(own.cookies, organization_id=branch.id)
        assert theirs.json["organization_id"] == branch.id
        assert theirs.json["entity_id"] != own.json["entity_id"]
        # And the browser, which has one pair of cookies, is both of them from then on.
        back = accounts.cookie_grant(theirs.cookies)
        assert back.json["entity_id"] == own.json["entity_id"]
        there = accounts.cookie_grant(back.cookies, organization_id=branch.id)
        assert there.json["entity_id"] == theirs.json["entity_id"]

    def test_other_apps_of_the_browser_meet_the_same_customer(
        self, accounts: CustomerAccounts
    ) -> None:
        first = accounts.cookie_grant()
        kiosk = accounts.sandbox.accounts.register_client(PAGE)
        again = accounts.cookie_grant(first.cookies, client_id=kiosk.client_id)
        assert again.json["entity_id"] == first.json["entity_id"]
        accounts.sandbox.accounts.remove_client(accounts.app.client_id)
        third = accounts.cookie_grant(first.cookies, client_id=kiosk.client_id)
        assert third.json["entity_id"] == first.json["entity_id"]

    @pytest.mark.parametrize("kind", ["", "text/plain;charset=UTF-8", "application/json", "a/b"])
    def test_the_body_is_json_whatever_it_is_called(
        self, accounts: CustomerAccounts, kind: str
    ) -> None:
        body = {
            "grant_type": "cookie",
            "client_id": accounts.app.client_id,
            "organization_id": accounts.sandbox.organization_id,
            "redirect_uri": PAGE,
        }
        assert accounts.post("/token", body, {"Content-Type": kind}).status == 200

    @pytest.mark.parametrize(
        ("registered", "requested", "works"),
        [
            (PAGE, PAGE, True),
            (PAGE, f"{PAGE}/cart/checkout", True),
            (f"{PAGE}/cart", f"{PAGE}/cart/checkout", True),
            (f"{PAGE}/cart", PAGE, False),
            (f"{PAGE}/cart", f"{PAGE}/help", False),
            (PAGE, "http://shop.example", False),
            (PAGE, "https://shop.example:8443", False),
            (PAGE, "https://shop.example.evil.example", False),
            (PAGE, f"{PAGE}/?next=1", False),
            (PAGE, f"{PAGE}/a/../b", False),
            (PAGE, "javascript:alert(1)", False),
            (PAGE, "null", False),
        ],
    )
    def test_the_page_is_one_of_the_client(
        self, accounts: CustomerAccounts, registered: str, requested: str, works: bool
    ) -> None:
        client = accounts.sandbox.accounts.register_client(registered)
        response = accounts.cookie_grant(client_id=client.client_id, redirect_uri=requested)
        if works:
            assert response.status == 200
        else:
            assert response.error == (401, "invalid_request")
            assert not response.set_cookies

    def test_the_origin_takes_the_place_of_the_page(self, accounts: CustomerAccounts) -> None:
        body = {
            "grant_type": "cookie",
            "client_id": accounts.app.client_id,
            "organization_id": accounts.sandbox.organization_id,
        }
        assert accounts.post("/token", body, Origin=PAGE).status == 200
        assert accounts.post("/token", body, Origin="null").error == (401, "invalid_request")
        assert accounts.post("/token", body).error == (401, "invalid_request")


class TestApps:
    """An app on a device, which opens a window and reads where that is sent back to."""

    BACK = "com.example.shop:/back"

    def open(self, accounts: CustomerAccounts, cookies: str = "", **changed: str) -> Response:
        client = accounts.sandbox.accounts.register_client(self.BACK, client_id="app")
        query = {
            "response_type": "token",
            "flow": "button",
            "client_id": client.client_id,
            "organization_id": accounts.sandbox.organization_id,
            "redirect_uri": self.BACK,
            "post_message_uri": "https://elsewhere.example",
            **changed,
        }
        headers = {"Cookie": cookies} if cookies else {}
        target = f"/accounts/v2/customer/token?{urlencode(query)}"
        return accounts.send("GET", target, None, headers)

    def test_it_is_sent_back_with_the_token(self, accounts: CustomerAccounts) -> None:
        response = self.open(accounts)
        assert response.status == 302
        back, _, fragment = response.headers["location"].partition("#")
        assert back == self.BACK
        token = dict(parse_qsl(fragment))
        assert (token["token_type"], token["expires_in"]) == ("Bearer", "28800")
        assert accounts.info(token["access_token"]).json["entity_id"] == token["entity_id"]
        again = self.open(accounts, response.cookies).headers["location"].partition("#")[2]
        assert dict(parse_qsl(again))["entity_id"] == token["entity_id"]

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("redirect_uri", "https://evil.example"),
            ("redirect_uri", ""),
            ("flow", "popup"),
            ("response_type", "code"),
            ("client_id", "nobody"),
            ("organization_id", "nowhere"),
        ],
    )
    def test_it_is_sent_nowhere_else(
        self, accounts: CustomerAccounts, name: str, value: str
    ) -> None:
        response = self.open(accounts, **{name: value})
        assert response.error[0] == 401
        assert "location" not in response.headers
        assert not response.set_cookies


class TestGroups:
    def path(self, accounts: CustomerAccounts, group: object, organization: str = "") -> str:
        return f"/{organization or accounts.sandbox.organization_id}/{group}/token"

    @pytest.fixture
    def apart(self, accounts: CustomerAccounts) -> CustomerAccounts:
        accounts.sandbox.set_properties({"chats": {"chat_between_groups": False}})
        return accounts

    def test_customers_are_the_same_in_all_groups_by_default(
        self, accounts: CustomerAccounts
    ) -> None:
        response = accounts.cookie_grant(path=self.path(accounts, 1))
        assert response.error == (401, "forbidden")
        assert not response.set_cookies

    def test_each_group_has_its_own_customer(self, apart: CustomerAccounts) -> None:
        own = apart.cookie_grant()
        cookies, customers = own.cookies, [own.json["entity_id"]]
        for group in (1, 2):
            response = apart.cookie_grant(cookies, self.path(apart, group))
            cookies = response.cookies
            customers.append(response.json["entity_id"])
        assert len(set(customers)) == 3
        again = apart.cookie_grant(cookies, self.path(apart, 1))
        assert again.json["entity_id"] == customers[1]
        assert apart.cookie_grant(again.cookies).json["entity_id"] == customers[0]

    def test_a_slash_may_end_the_path(self, apart: CustomerAccounts) -> None:
        first = apart.cookie_grant(path=self.path(apart, 1))
        again = apart.cookie_grant(first.cookies, f"{self.path(apart, 1)}/")
        assert again.json["entity_id"] == first.json["entity_id"]

    def test_the_body_need_not_name_the_organization(self, apart: CustomerAccounts) -> None:
        path = self.path(apart, 1)
        assert apart.cookie_grant(path=path, organization_id=None, license_id=1).status == 200
        other = apart.sandbox.accounts.add_organization("Branch")
        response = apart.cookie_grant(path=path, organization_id=other.id)
        assert response.error == (401, "invalid_request")

    @pytest.mark.parametrize("group", ["99", "-1", "1.0", "01", "%31", "one", "9" * 40, "\u0661"])
    def test_a_group_is_one_that_there_is(self, apart: CustomerAccounts, group: str) -> None:
        response = apart.cookie_grant(path=self.path(apart, group))
        assert response.error == (401, "resource_not_found")

    def test_an_organization_is_one_that_there_is(self, apart: CustomerAccounts) -> None:
        path = self.path(apart, 1, organization="nowhere")
        response = apart.cookie_grant(path=path, organization_id=None)
        assert response.error == (401, "resource_not_found")

    def test_only_cookies_tell_groups_apart(self, apart: CustomerAccounts) -> None:
        body = {"grant_type": "agent_token", "client_id": apart.app.client_id}
        response = apart.post(self.path(apart, 1), body, Authorization=owner(apart))
        assert response.error == (401, "unsupported_grant_type")


class TestAgentGrant:
    def test_an_agent_makes_a_customer(self, accounts: CustomerAccounts) -> None:
        response = accounts.agent_grant(owner(accounts))
        assert response.status == 200
        assert set(response.json) == sample("token_agent_existing.response")
        assert response.json["client_id"] == accounts.app.client_id
        assert not response.set_cookies
        accounts.sandbox.client().get_customer(id=response.json["entity_id"])

    def test_an_agent_names_a_customer(self, accounts: CustomerAccounts) -> None:
        ann = accounts.sandbox.customer("Ann")
        response = accounts.agent_grant(owner(accounts), entity_id=ann.id)
        assert response.json["entity_id"] == ann.id

    def test_the_customer_must_be_there(self, accounts: CustomerAccounts) -> None:
        response = accounts.agent_grant(owner(accounts), entity_id="nobody")
        assert response.error == (401, "resource_not_found")

    def test_the_organization_is_that_of_the_token(self, accounts: CustomerAccounts) -> None:
        branch = accounts.sandbox.accounts.add_organization("Branch")
        log_in = LogIn(accounts.sandbox, served=False)
        client = log_in.public(scopes=["customers:own"])
        token = log_in.tokens(client, SMITH, organization_id=branch.id)["access_token"]
        response = accounts.agent_grant(f"Bearer {token}")
        assert response.json["organization_id"] == branch.id

    @pytest.mark.parametrize(
        ("name", "error"),
        [
            ("agent", "forbidden"),
            ("pat", "access_denied"),
            ("bot", "forbidden"),
            ("few_scopes", "forbidden"),
            ("expired", "access_denied"),
        ],
    )
    def test_only_administrators_with_the_scope_may(
        self, accounts: CustomerAccounts, name: str, error: str
    ) -> None:
        response = accounts.agent_grant(accounts.sandbox.tokens[name])
        assert response.error == (401, error)

    def test_the_scope_counts_whatever_the_role(self, accounts: CustomerAccounts) -> None:
        sandbox = accounts.sandbox
        without = sandbox.issue_token(SMITH, scopes=["customers:rw"])
        assert accounts.agent_grant(without).error == (401, "forbidden")
        with_it = sandbox.issue_token(SMITH, scopes=["customers:own"])
        assert accounts.agent_grant(with_it).status == 200

    def test_no_personal_access_token_works_as_a_bearer_either(
        self, accounts: CustomerAccounts
    ) -> None:
        store = accounts.sandbox.backend.world.store
        (pat,) = [token.id for token in store.company.tokens.values() if token.kind == "pat"]
        assert accounts.agent_grant(f"Bearer {pat}").error == (401, "forbidden")

    @pytest.mark.parametrize(
        "header", ["", "Bearer", "Bearer ", "Bearer dal:nobody", "Basic YTpi", "dal:sandbox-owner"]
    )
    def test_without_a_token_of_an_agent_there_is_none(
        self, accounts: CustomerAccounts, header: str
    ) -> None:
        assert accounts.agent_grant(header).error == (401, "access_denied")

    def test_a_customer_makes_no_customers(self, accounts: CustomerAccounts) -> None:
        token = accounts.cookie_grant().json["access_token"]
        response = accounts.agent_grant(f"Bearer {token}")
        assert response.error == (401, "access_denied")
        assert "not of a customer" in response.json["exception_description"]


class TestIdentityTransfer:
    def code(self, accounts: CustomerAccounts, **options: Any) -> tuple[str, str]:
        """A customer, and a transfer token of it."""
        given = accounts.cookie_grant().json
        response = accounts.transfer(f"Bearer {given['access_token']}", **options)
        assert response.status == 200
        assert set(response.json) == sample("identity_transfer.response")
        assert response.json["expires_in"] == 3600
        return given["entity_id"], response.json["identity_transfer_token"]

    def test_a_customer_goes_on_at_another_device(self, accounts: CustomerAccounts) -> None:
        customer_id, code = self.code(accounts)
        response = accounts.identity_grant(code)
        assert set(response.json) == sample("token_identity.response")
        assert response.json["entity_id"] == customer_id
        assert not response.set_cookies
        assert accounts.info(response.json["access_token"]).json["entity_id"] == customer_id

    def test_it_works_once(self, accounts: CustomerAccounts) -> None:
        _, code = self.code(accounts)
        assert accounts.identity_grant(code).status == 200
        assert accounts.identity_grant(code).error == (401, "invalid_grant")

    def test_it_works_for_an_hour(self, accounts: CustomerAccounts) -> None:
        _, early = self.code(accounts)
        _, late = self.code(accounts)
        accounts.sandbox.advance(3590)
        assert accounts.identity_grant(early).status == 200
        accounts.sandbox.advance(20)
        assert accounts.identity_grant(late).error == (401, "invalid_grant")

    def test_it_is_of_one_client(self, accounts: CustomerAccounts) -> None:
        _, code = self.code(accounts)
        other = accounts.sandbox.accounts.register_client(PAGE)
        response = accounts.identity_grant(code, client_id=other.client_id)
        assert response.error == (401, "invalid_grant")
        assert accounts.identity_grant(code).status == 200

    @pytest.mark.parametrize("challenge", [CHALLENGE, "y4jtqb2noru3vc23pefs"])
    def test_a_challenge_asks_for_its_verifier(
        self, accounts: CustomerAccounts, challenge: str
    ) -> None:
        verifier = VERIFIER if challenge == CHALLENGE else challenge
        _, code = self.code(accounts, code_challenge=challenge)
        for wrong, error in (
            (None, "invalid_request"),
            ("", "invalid_request"),
            ("x" * 43, "invalid_grant"),
            (verifier[:-1], "invalid_grant"),
            ("ä" * 43, "invalid_request"),
            ("x" * 129, "invalid_request"),
        ):
            response = accounts.identity_grant(code, code_verifier=wrong)
            assert response.error == (401, error)
        assert accounts.identity_grant(code, code_verifier=verifier).status == 200

    def test_a_hash_is_no_verifier_of_itself(self, accounts: CustomerAccounts) -> None:
        _, code = self.code(accounts, code_challenge=CHALLENGE)
        response = accounts.identity_grant(code, code_verifier=CHALLENGE)
        assert response.error == (401, "invalid_grant")

    def test_a_verifier_belongs_to_a_challenge(self, accounts: CustomerAccounts) -> None:
        _, code = self.code(accounts)
        response = accounts.identity_grant(code, code_verifier=VERIFIER)
        assert response.error == (401, "invalid_grant")

    @pytest.mark.parametrize("challenge", ["x" * 129, "a b", "ä", "\n"])
    def test_a_challenge_has_the_form_of_one(
        self, accounts: CustomerAccounts, challenge: str
    ) -> None:
        token = accounts.cookie_grant().json["access_token"]
        response = accounts.transfer(f"Bearer {token}", code_challenge=challenge)
        assert response.error == (401, "invalid_request")

    def test_an_agent_hands_over_a_customer(self, accounts: CustomerAccounts) -> None:
        ann = accounts.sandbox.customer("Ann")
        response = accounts.transfer(owner(accounts), "agent", customer_id=ann.id)
        code = response.json["identity_transfer_token"]
        assert accounts.identity_grant(code).json["entity_id"] == ann.id

    def test_the_bearer_is_of_the_type_that_it_says(self, accounts: CustomerAccounts) -> None:
        customer = accounts.cookie_grant().json
        token = f"Bearer {customer['access_token']}"
        denied = (401, "access_denied")
        ann = customer["entity_id"]
        assert accounts.transfer(token, "agent", customer_id=ann).error == denied
        assert accounts.transfer(owner(accounts), "customer").error == denied
        assert accounts.transfer("", "customer").error == denied
        assert accounts.transfer("", "agent", customer_id=ann).error == denied
        for bearer_type in ("", "bot", None):
            response = accounts.transfer(token, bearer_type)  # type: ignore[arg-type]
            assert response.error == (401, "invalid_request")

    def test_a_customer_hands_over_nobody_else(self, accounts: CustomerAccounts) -> None:
        ben = accounts.sandbox.customer("Ben")
        token = accounts.cookie_grant().json["access_token"]
        response = accounts.transfer(f"Bearer {token}", customer_id=ben.id)
        assert response.error == (401, "forbidden")

    def test_an_agent_needs_what_it_needs_for_a_token(self, accounts: CustomerAccounts) -> None:
        ann = accounts.sandbox.customer("Ann")
        tokens = accounts.sandbox.tokens
        for name, error in (("agent", "forbidden"), ("pat", "access_denied"), ("bot", "forbidden")):
            response = accounts.transfer(tokens[name], "agent", customer_id=ann.id)
            assert response.error == (401, error)
        assert accounts.transfer(tokens["owner"], "agent").error == (401, "invalid_request")
        response = accounts.transfer(tokens["owner"], "agent", customer_id="nobody")
        assert response.error == (401, "resource_not_found")

    def test_it_opens_nothing_else(self, accounts: CustomerAccounts) -> None:
        _, code = self.code(accounts)
        assert accounts.info(code).error == (401, "access_denied")
        assert accounts.revoke(code).error == (401, "access_denied")
        assert accounts.identity_grant(code).status == 200

    def test_no_token_takes_its_place(self, accounts: CustomerAccounts) -> None:
        token = accounts.cookie_grant().json["access_token"]
        for code in (token, accounts.sandbox.tokens["owner"], "dal:none", "\0", "x" * 5000):
            assert accounts.identity_grant(code).error == (401, "invalid_grant")
        for none in (None, ""):
            response = accounts.identity_grant(none)  # type: ignore[arg-type]
            assert response.error == (401, "invalid_request")

    def test_the_oldest_of_too_many_ends(self, accounts: CustomerAccounts) -> None:
        token = f"Bearer {accounts.cookie_grant().json['access_token']}"
        codes = [accounts.transfer(token).json["identity_transfer_token"] for _ in range(26)]
        assert accounts.identity_grant(codes[0]).error == (401, "invalid_grant")
        assert accounts.identity_grant(codes[1]).status == 200


class TestTokens:
    def test_they_are_known_to_the_world(self, accounts: CustomerAccounts) -> None:
        given = accounts.cookie_grant().json
        record = customer_tokens.find(accounts.sandbox.backend.world, given["access_token"])
        assert record is not None
        assert (record.customer_id, record.client_id, record.organization_id) == (
            given["entity_id"],
            accounts.app.client_id,
            "",
        )

    @pytest.mark.parametrize("how", ["header", "escaped", "query"])
    def test_what_is_known_of_them(self, accounts: CustomerAccounts, how: str) -> None:
        given = accounts.cookie_grant().json
        token = given["access_token"]
        match how:
            case "header":
                response = accounts.info(token)
            case "escaped":
                response = accounts.info(token.replace(":", "%3A"))
            case _:
                response = accounts.send("GET", f"/accounts/v2/customer/info?code={token}")
        assert response.status == 200
        left = response.json.pop("expires_in")
        assert 28790 <= left <= 28800
        content = {name: value for name, value in response.json.items() if name != "expires_in"}
        given.pop("expires_in")
        assert content == {**given, "client_id": accounts.app.client_id}

    def test_they_live_as_long_as_was_asked_for(self, accounts: CustomerAccounts) -> None:
        token = accounts.agent_grant(owner(accounts), expires_in=60).json
        assert token["expires_in"] == 60
        accounts.sandbox.advance(50)
        assert accounts.info(token["access_token"]).json["expires_in"] <= 10
        accounts.sandbox.advance(11)
        assert accounts.info(token["access_token"]).error == (401, "access_denied")

    def test_they_live_as_long_as_those_of_the_client(self, accounts: CustomerAccounts) -> None:
        client = accounts.sandbox.accounts.register_client(PAGE, access_token_seconds=90)
        assert accounts.cookie_grant(client_id=client.client_id).json["expires_in"] == 90

    @pytest.mark.parametrize("seconds", [0, -1, 1.5, "60", True, [], 10**30])
    def test_a_life_is_a_number_of_seconds(
        self, accounts: CustomerAccounts, seconds: object
    ) -> None:
        response = accounts.cookie_grant(expires_in=seconds)
        assert response.error == (401, "invalid_request")
        assert "expires_in" in response.json["exception_description"]

    def test_they_are_taken_back(self, accounts: CustomerAccounts) -> None:
        token = accounts.cookie_grant().json["access_token"]
        response = accounts.revoke(token)
        assert (response.status, response.body) == (200, b"")
        assert accounts.info(token).error == (401, "access_denied")
        assert accounts.revoke(token).error == (401, "access_denied")

    def test_they_end_with_their_client(self, accounts: CustomerAccounts) -> None:
        token = accounts.cookie_grant().json["access_token"]
        accounts.sandbox.accounts.remove_client(accounts.app.client_id)
        assert accounts.info(token).error == (401, "access_denied")

    def test_those_of_agents_are_not_for_customers(self, accounts: CustomerAccounts) -> None:
        token = owner(accounts).removeprefix("Bearer ")
        assert accounts.info(token).error == (401, "access_denied")
        assert accounts.revoke(token).error == (401, "access_denied")
        assert accounts.sandbox.client().list_chats()

    def test_those_of_customers_are_not_for_agents(self, accounts: CustomerAccounts) -> None:
        token = accounts.cookie_grant().json["access_token"]
        log_in = LogIn(accounts.sandbox, served=False)
        assert log_in.info(token).error == (401, "unauthorized")
        assert log_in.revoked(token).error == (404, "not_found")
        assert not log_in.works(token)
        assert accounts.info(token).status == 200

    def test_there_may_be_those_of_very_many_customers(self, accounts: CustomerAccounts) -> None:
        tokens = [accounts.cookie_grant().json for _ in range(300)]
        assert len({token["entity_id"] for token in tokens}) == 300
        assert accounts.info(tokens[0]["access_token"]).status == 200


class TestBadInput:
    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"null",
            b"[]",
            b'"cookie"',
            b"{",
            b"grant_type=cookie",
            b"\xff\xfe",
            b'{"grant_type": "\\ud800"}',
            b"[" * 30_000,
            b'{"a":' * 10_000,
            b"1e999",
        ],
        ids=repr,
    )
    @pytest.mark.parametrize("path", ["/token", "/identity_transfer"])
    def test_no_object(self, accounts: CustomerAccounts, path: str, body: bytes) -> None:
        status, error = accounts.post(path, body).error
        assert status == 401
        assert error == ("invalid_request" if not body else "bad_request")

    @pytest.mark.parametrize("value", [1, 1.5, True, [], {}, [["x"]], {"a": {"b": 1}}])
    @pytest.mark.parametrize(
        "name", ["grant_type", "client_id", "organization_id", "redirect_uri", "response_type"]
    )
    def test_no_text(self, accounts: CustomerAccounts, name: str, value: object) -> None:
        response = accounts.cookie_grant(**{name: value})
        assert response.error == (401, "invalid_request")
        assert f"`{name}`" in response.json["exception_description"]

    @pytest.mark.parametrize("name", ["grant_type", "client_id", "organization_id"])
    def test_missing(self, accounts: CustomerAccounts, name: str) -> None:
        for none in (None, ""):
            response = accounts.cookie_grant(**{name: none})
            assert response.error == (401, "invalid_request")
            assert f"`{name}`" in response.json["exception_description"]

    @pytest.mark.parametrize(
        ("changed", "error"),
        [
            ({"grant_type": "authorization_code"}, "unsupported_grant_type"),
            ({"grant_type": "identity_transfer"}, "unsupported_grant_type"),
            ({"grant_type": "COOKIE"}, "unsupported_grant_type"),
            ({"client_id": "nobody"}, "invalid_client"),
            ({"client_id": "'; DROP TABLE customers; --"}, "invalid_client"),
            ({"organization_id": "nowhere"}, "resource_not_found"),
            ({"organization_id": "\0"}, "resource_not_found"),
            ({"response_type": "code"}, "invalid_request"),
        ],
    )
    def test_something_else(
        self, accounts: CustomerAccounts, changed: dict[str, str], error: str
    ) -> None:
        assert accounts.cookie_grant(**changed).error == (401, error)

    def test_what_is_not_documented_is_not_looked_at(self, accounts: CustomerAccounts) -> None:
        response = accounts.cookie_grant(license_id=1, whatever={"a": [1]}, code=None)
        assert response.status == 200

    @pytest.mark.parametrize(
        ("verb", "path", "allow"),
        [
            ("PUT", "/token", "POST, GET, DELETE"),
            ("HEAD", "/token", "POST, GET, DELETE"),
            ("POST", "/info", "GET"),
            ("GET", "/identity_transfer", "POST"),
            ("DELETE", "/org/1/token", "POST, GET"),
        ],
    )
    def test_another_verb(
        self, accounts: CustomerAccounts, verb: str, path: str, allow: str
    ) -> None:
        response = accounts.send(verb, f"/accounts/v2/customer{path}")
        assert response.error == (405, "invalid_request")
        assert response.headers["allow"] == allow

    @pytest.mark.parametrize(
        "path", ["", "/", "/tokens", "/token/", "/a/token", "/a/1/b/token", "/a//token", "//token"]
    )
    def test_another_path(self, accounts: CustomerAccounts, path: str) -> None:
        assert accounts.post(path, {}).error == (404, "resource_not_found")

    def test_a_request_that_fails_makes_no_customer(self, accounts: CustomerAccounts) -> None:
        store = accounts.sandbox.backend.world.store
        before = len(store.customers.page(limit=10_000))
        accounts.cookie_grant(redirect_uri="https://evil.example")
        accounts.cookie_grant(organization_id="nowhere")
        accounts.agent_grant("Bearer nobody")
        assert len(store.customers.page(limit=10_000)) == before

    def test_a_flood_meets_the_limit_that_is_set(self, accounts: CustomerAccounts) -> None:
        accounts.sandbox.limit(3, 60, method="accounts.customer_token")
        responses = [accounts.cookie_grant() for _ in range(5)]
        assert [response.status for response in responses] == [200, 200, 200, 429, 429]
        assert responses[-1].error == (429, "temporarily_unavailable")
        token = responses[0].json["access_token"]
        assert accounts.info(token).status == 200
        accounts.sandbox.advance(61)
        assert accounts.cookie_grant().status == 200

    def test_a_limit_of_all_methods_is_none_of_accounts(self, accounts: CustomerAccounts) -> None:
        accounts.sandbox.limit(1)
        assert [accounts.cookie_grant().status for _ in range(3)] == [200, 200, 200]

    def test_a_fault_has_the_envelope_of_customers(self, accounts: CustomerAccounts) -> None:
        expected = {
            "too_many_requests": (429, "temporarily_unavailable"),
            "service_unavailable": (503, "temporarily_unavailable"),
            "internal": (500, "server_error"),
        }
        for kind, error in expected.items():
            accounts.sandbox.fault(kind, "accounts.customer_token", times=1)  # type: ignore[arg-type]
            assert accounts.cookie_grant().error == error
        assert accounts.cookie_grant().status == 200
