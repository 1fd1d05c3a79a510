"""Challenges and the verifiers that fit them."""

import pytest

from frontdesk.sandbox.world.accounts import pkce
from frontdesk.sandbox.world.accounts.errors import AccountsError, AuthorizeError

VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
"""The example of RFC 7636, appendix B."""
OF_RFC = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
OF_ACCOUNTS_SDK = (
    "MzMyNjAzMDMwLDQzNzk2NzA4NCw3OTAwMTYyNjgsMTI4NTA0MTY3MiwxOTkwNzUyNDI5LDE4NDQ1MjgyMTQs"
    "MTg2MDI3NDUwNiwtODgxNzg4NDc3"
)
"""What JavaScript makes of the hash as eight signed numbers: ``btoa(numbers)``."""


def test_the_challenge_is_that_of_the_standard() -> None:
    assert pkce.s256_challenge(VERIFIER) == OF_RFC
    assert pkce.fits(VERIFIER, OF_RFC, "S256")
    assert not pkce.fits(VERIFIER, VERIFIER, "S256")
    assert pkce.fits(VERIFIER, VERIFIER, "plain")
    assert not pkce.fits(VERIFIER, OF_RFC, "plain")


def test_that_of_the_accounts_sdk_is_accepted_where_it_is_allowed() -> None:
    assert pkce.accounts_sdk_challenge(VERIFIER) == OF_ACCOUNTS_SDK
    assert pkce.check_challenge(OF_ACCOUNTS_SDK, "S256") == (OF_ACCOUNTS_SDK, "S256")
    assert pkce.fits(VERIFIER, OF_ACCOUNTS_SDK, "S256", accounts_sdk=True)
    assert pkce.fits(VERIFIER, OF_RFC, "S256", accounts_sdk=True)
    assert not pkce.fits(VERIFIER, OF_ACCOUNTS_SDK, "S256")
    assert not pkce.fits(VERIFIER, OF_ACCOUNTS_SDK, "plain", accounts_sdk=True)


@pytest.mark.parametrize("text", ["x" * 43, "x" * 128, "a-._~Z9" * 7])
def test_texts_of_43_to_128_characters_fit(text: str) -> None:
    assert pkce.check_challenge(text, "") == (text, "plain")
    assert pkce.fits(text, text, "plain")


@pytest.mark.parametrize("text", ["x" * 42, "x" * 129, "x" * 42 + "é", "x" * 43 + "\n", "+" * 43])
def test_other_texts_do_not(text: str) -> None:
    with pytest.raises(AuthorizeError, match="43 to 128"):
        pkce.check_challenge(text, "plain")
    with pytest.raises(AccountsError, match="43 to 128"):
        pkce.fits(text, text, "plain")
