"""Who calls, and at which data centre."""

import base64
import json

import pytest


@pytest.mark.parametrize(
    ("token", "part"),
    [
        (None, "`Authorization` is required"),
        ("Bearer nobody", "not valid"),
        ("Basic !!", "Base64"),
        ("Digest x", "must begin with Bearer or Basic"),
        ("expired", "has expired"),
    ],
)
def test_nobody_gets_in_without_a_valid_token(http, token, part):
    status, type_, message = http.error("start_chat", token=token)
    assert (status, type_) == (401, "authentication")
    assert part in message


@pytest.mark.parametrize("token", ["owner", "agent", "pat", "bot", "Bearer dal%3Asandbox-owner"])
def test_each_kind_of_token_gets_in(http, token):
    chat = {"continuous": True}
    assert http.ok("start_chat", chat, token=token)["chat_id"]


def test_basic_is_account_and_personal_access_token(http):
    pair = base64.b64decode(http.sandbox.tokens["pat"].removeprefix("Basic ")).decode()
    account, _, token = pair.partition(":")
    assert account
    assert token.startswith("dal:")


def test_wrong_region_names_the_right_one(http):
    response = http("start_chat", headers={"x-region": "fra"})
    assert response.status == 421
    assert json.loads(response.body)["error"] == {
        "type": "misdirected_request",
        "message": "Wrong region",
        "data": {"region": "dal"},
    }


@pytest.mark.parametrize("region", ["dal", ""])
def test_right_region_or_none_is_fine(http, region):
    assert http.ok("start_chat", headers={"x-region": region})


def test_unheard_of_region_is_a_validation_error(http):
    assert http.error("start_chat", headers={"x-region": "mars"}) == (
        400,
        "validation",
        "`X-Region` must be `dal` or `fra`",
    )
