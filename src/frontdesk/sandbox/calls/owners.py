"""Whose a bot template, property or webhook is, where the request does not say.

The docs require ``owner_client_id``; for methods of the same kind they say that it is needed with a
personal access token only, as it was for these until August 2024. So a bearer token's client id
stands for one that is missing.
"""

from functools import cache
from typing import Any

import msgspec

from frontdesk.actions import Action
from frontdesk.codec.plain import is_object
from frontdesk.sandbox.world import Requester

__all__ = ["with_owner"]

_FIELD = "owner_client_id"
_decode = msgspec.json.Decoder().decode
_encode = msgspec.json.Encoder().encode


def with_owner(action: type[Action[Any]], body: bytes, requester: Requester) -> bytes:
    """Return the body of a request with the client id of the bearer token, if it names none."""
    if requester.personal or not _needs_owner(action):
        return body
    try:
        request = _decode(body or b"{}")
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        # Whoever decodes it next says what is wrong.
        return body
    if not is_object(request) or request.get(_FIELD) not in (None, ""):
        return body
    return _encode({**request, _FIELD: requester.client_id})


@cache
def _needs_owner(action: type[Action[Any]]) -> bool:
    return any(
        field.encode_name == _FIELD and field.required for field in msgspec.structs.fields(action)
    )
