"""Identity transfer tokens, with which a customer goes on at another device.

Source: https://platform.text.com/docs/authorization/customer-authorization
"""

import hmac
import re
from datetime import timedelta
from typing import Final

from msgspec.structs import replace

from frontdesk.sandbox.store.credentials.customers import IdentityTransferRecord
from frontdesk.sandbox.world.accounts import customer_errors, pkce
from frontdesk.sandbox.world.world import World

__all__ = ["MOST_TRANSFERS", "SECONDS", "give", "use"]

SECONDS: Final = 3600
"""How long one lives."""
MOST_TRANSFERS: Final = 25
"""Identity transfer tokens of a customer; the oldest of more ends."""
_PKCE: Final = re.compile(r"[A-Za-z0-9\-._~]{1,128}")
_S256: Final = 43
"""The length of a challenge of the method ``S256``: 32 bytes in Base64url."""


def give(
    world: World,
    customer_id: str,
    *,
    client_id: str,
    organization_id: str = "",
    code_challenge: str = "",
) -> IdentityTransferRecord:
    """Give an identity transfer token of a customer.

    Args:
        world: Where that happens.
        customer_id: Whose it is.
        client_id: The application that may use it.
        organization_id: Empty for the license's own organization.
        code_challenge: That of PKCE, empty without.

    Raises:
        AccountsError: The challenge is none.
    """
    if code_challenge and not _PKCE.fullmatch(code_challenge):
        raise customer_errors.invalid_request(
            "`code_challenge` must have 1 to 128 characters: letters, digits, `-`, `.`, `_`, `~`"
        )
    credentials = world.store.customer_credentials
    credentials.remove_expired(world.clock.peek())
    others = credentials.transfers.of_customer(customer_id)
    for record in others[: max(0, len(others) - MOST_TRANSFERS + 1)]:
        credentials.transfers.remove(record.id)
    now = world.clock.now()
    transfer = IdentityTransferRecord(
        id=f"{world.store.company.license.region}:{world.ids.secret()}",
        customer_id=customer_id,
        client_id=client_id,
        organization_id=organization_id,
        code_challenge=code_challenge,
        created_at=now,
        expires_at=now + timedelta(seconds=SECONDS),
    )
    credentials.transfers.save(transfer)
    return transfer


def use(world: World, client_id: str, code: str, code_verifier: str) -> IdentityTransferRecord:
    """Use an identity transfer token up, and return what it stands for.

    Args:
        world: Where that happens.
        client_id: The application that asks.
        code: The token.
        code_verifier: That of PKCE, empty without.

    Raises:
        AccountsError: It is none, or has been used, or has expired, or is of another application,
            or the verifier is not that of the challenge.
    """
    transfers = world.store.customer_credentials.transfers
    record = transfers.find(code)
    if record is None or record.client_id != client_id:
        raise customer_errors.invalid_grant("`code`: this client has no such transfer token")
    if record.used:
        raise customer_errors.invalid_grant("`code` has been used already")
    if record.expires_at <= world.clock.now():
        raise customer_errors.invalid_grant("`code` has expired")
    _check_verifier(record.code_challenge, code_verifier)
    transfers.save(replace(record, used=True))
    return record


def _check_verifier(challenge: str, verifier: str) -> None:
    if not challenge:
        if verifier:
            raise customer_errors.invalid_grant(
                "`code_verifier`: the transfer had no `code_challenge`"
            )
        return
    if not verifier:
        raise customer_errors.required("code_verifier")
    if not _PKCE.fullmatch(verifier):
        raise customer_errors.invalid_request(
            "`code_verifier` must have 1 to 128 characters: letters, digits, `-`, `.`, `_`, `~`"
        )
    # No parameter names the method. A hash is never taken for a plain challenge: whoever saw it
    # could use it as its own verifier.
    expected = pkce.s256_challenge(verifier) if len(challenge) == _S256 else verifier
    if not hmac.compare_digest(expected, challenge):
        raise customer_errors.invalid_grant(
            "`code_verifier` is not the one of the `code_challenge`"
        )
