"""What stands in for items that frontdesk cannot type, so that they never cost the whole answer."""

from typing import Any, Self

from frontdesk.models._base import Model

__all__ = ["Fallback"]


class Fallback(Model, kw_only=True):
    """Base of the stand-ins in a tagged union.

    The tag of a stand-in begins with ``frontdesk.``, which the API never sends: ``claim`` makes
    one of what the API sent, ``release`` gives back what the API sent.
    """

    @classmethod
    def claim(cls, raw: dict[str, Any]) -> Self | None:
        """Stand in for an item of the API, or ``None`` when this class is not meant for it."""
        raise NotImplementedError

    @classmethod
    def release(cls, wrapped: dict[str, Any]) -> dict[str, Any]:
        """Turn an encoded stand-in back into the item that the API sent."""
        raise NotImplementedError
