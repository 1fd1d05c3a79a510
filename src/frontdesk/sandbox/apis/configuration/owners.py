"""Whose a bot, template, property or webhook is: the client id of an application."""

from msgspec import UNSET, UnsetType

from frontdesk.errors import ValidationError
from frontdesk.sandbox.world.actor import Requester

__all__ = ["owner_client_id"]


def owner_client_id(requester: Requester, given: str | UnsetType) -> str:
    """Return the client id that a request is about: the given one, or the bearer token's.

    Raises:
        ValidationError: A personal access token needs to name one.
    """
    if given is not UNSET:
        return given
    if requester.personal:
        raise ValidationError("`owner_client_id` is required with a personal access token")
    return requester.client_id
