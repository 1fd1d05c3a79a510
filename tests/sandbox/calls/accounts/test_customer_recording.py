"""Requests of customers are recorded as other calls are, without their secrets."""

import logging

import pytest

from frontdesk.sandbox import Fault, Sandbox
from frontdesk.sandbox.calls.accounts.names import NAMES

from ..._customers import CST, SMITH, VERIFIER, CustomerAccounts


@pytest.fixture
def accounts(sandbox: Sandbox) -> CustomerAccounts:
    return CustomerAccounts(sandbox)


def test_they_are_recorded(accounts: CustomerAccounts) -> None:
    owner = accounts.sandbox.tokens["owner"]
    ann = accounts.cookie_grant().json
    token = f"Bearer {ann['access_token']}"
    code = accounts.transfer(token).json["identity_transfer_token"]
    accounts.transfer(owner, "agent", customer_id=ann["entity_id"])
    accounts.identity_grant(code)
    accounts.agent_grant(owner, entity_id=ann["entity_id"], expires_in=60)
    accounts.info(ann["access_token"])
    accounts.revoke(ann["access_token"])
    accounts.revoke(ann["access_token"])
    calls = [(call.action, call.requester_id, call.error) for call in accounts.sandbox.calls()]
    customer = ann["entity_id"]
    assert calls == [
        ("accounts.customer_token", customer, None),
        ("accounts.identity_transfer", customer, None),
        ("accounts.identity_transfer", SMITH, None),
        ("accounts.customer_token", customer, None),
        ("accounts.customer_token", SMITH, None),
        ("accounts.customer_info", customer, None),
        ("accounts.customer_revoke", customer, None),
        ("accounts.customer_revoke", None, "access_denied"),
    ]
    accounts.sandbox.assert_called(
        "accounts.customer_token", times=1, grant_type="agent_token", expires_in=60
    )


def test_no_record_log_repr_or_error_shows_a_secret(
    accounts: CustomerAccounts, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    lines: list[str] = []
    recorder = accounts.sandbox.backend.recorder
    recorder.on_call = lambda call: lines.append(f"{call} {call!r}")
    owner = accounts.sandbox.tokens["owner"]
    given = accounts.cookie_grant()
    token = given.json["access_token"]
    transfer = accounts.transfer(f"Bearer {token}", code_challenge=VERIFIER)
    code = transfer.json["identity_transfer_token"]
    failures = [
        accounts.identity_grant(code, code_verifier="x" * 43),
        accounts.identity_grant(code, code_verifier=VERIFIER, client_id=token),
        accounts.cookie_grant(given.cookies, redirect_uri=f"https://evil.example/{token}"),
        accounts.cookie_grant(grant_type=token),
        accounts.cookie_grant(organization_id=token),
        accounts.agent_grant(f"Basic {token}"),
        accounts.agent_grant(owner, entity_id=token),
        accounts.transfer(f"Bearer {code}", bearer_type=token),
        accounts.info(code),
        accounts.send("GET", f"/accounts/v2/customer/info?code={code}&code={token}"),
        accounts.send("GET", f"/accounts/v2/customer/info?x={token}"),
    ]
    answered = accounts.identity_grant(code, code_verifier=VERIFIER)
    used_again = accounts.identity_grant(code, code_verifier=VERIFIER)
    accounts.send("GET", f"/accounts/v2/customer/info?code={token}")
    secret = given.cookies.partition(f"{CST}=")[2]
    secrets = {token, code, VERIFIER, secret, answered.json["access_token"]}
    assert len(secrets) == 5
    assert all(response.error[0] == 401 for response in (*failures, used_again))
    responses = "".join(response.body.decode() for response in (*failures, used_again))
    calls = accounts.sandbox.calls()
    store = accounts.sandbox.backend.world.store.customer_credentials
    customer_id = given.json["entity_id"]
    records = [
        *store.tokens.of_customer(customer_id),
        *store.cookies.of_customer(customer_id),
        *store.transfers.of_customer(customer_id),
    ]
    assert len(records) == 4
    bodies = [(call.request_body, call.response_body) for call in calls]
    text = "".join((repr(records), repr(bodies), *map(str, calls), *lines, caplog.text, responses))
    assert [secret for secret in secrets if secret in text] == []


def test_their_names_are_those_of_calls(accounts: CustomerAccounts) -> None:
    for name in NAMES:
        accounts.sandbox.assert_not_called(name)
    Fault(kind="internal", methods=NAMES)


def test_a_fault_reaches_the_call_that_it_names(accounts: CustomerAccounts) -> None:
    accounts.sandbox.fault("internal", "accounts.customer_info")
    token = accounts.cookie_grant().json["access_token"]
    assert accounts.info(token).error == (500, "server_error")
    assert accounts.revoke(token).status == 200
