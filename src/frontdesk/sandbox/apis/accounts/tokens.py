"""``/v2/token`` and ``/v2/info``: tokens are given, taken back and looked at."""

from collections.abc import Mapping
from http import HTTPStatus

from frontdesk.sandbox.world import World
from frontdesk.sandbox.world.accounts import clients, grants
from frontdesk.sandbox.world.accounts.errors import AccountsError, ReplayError, missing
from frontdesk.sandbox.world.accounts.grants import TokenInfo

__all__ = ["CODE_GRANTS", "give", "look_at", "take_back"]

CODE_GRANTS = ("authorization_code", "code")
"""What a code is exchanged with; the second is the name that LiveChat's OpenAPI file has."""


def give(world: World, parameters: Mapping[str, str]) -> TokenInfo:
    """Give tokens for a code, or for a refresh token.

    Raises:
        AccountsError: The client, the code or the refresh token does not fit.
    """
    grant_type = parameters.get("grant_type", "")
    if not grant_type:
        raise missing("grant_type")
    if grant_type not in (*CODE_GRANTS, "refresh_token"):
        raise AccountsError(
            "unsupported_grant_type",
            "`grant_type` must be `authorization_code` or `refresh_token`",
            HTTPStatus.UNAUTHORIZED,
        )
    client = clients.authenticate(
        world, parameters.get("client_id", ""), parameters.get("client_secret", "")
    )
    try:
        if grant_type == "refresh_token":
            return world.unit(grants.refresh, world, client, parameters.get("refresh_token", ""))
        return world.unit(
            grants.exchange,
            world,
            client,
            parameters.get("code", ""),
            parameters.get("redirect_uri", ""),
            parameters.get("code_verifier", ""),
        )
    except ReplayError as error:
        # In a unit of its own: the other one is undone.
        world.unit(grants.end_grant, world, error.grant_id)
        raise


def take_back(world: World, token: str) -> None:
    """Take back a token, and the one that makes a pair with it.

    Raises:
        AccountsError: There is no such token.
    """
    world.unit(grants.revoke, world, token)


def look_at(world: World, token: str) -> TokenInfo:
    """Return what there is to know of an access token.

    Raises:
        AccountsError: It is none, or has expired.
    """
    return grants.info(world, token)
