"""What the doctor finds."""

from typing import Literal, TypeAlias

from msgspec import Struct

__all__ = ["Finding", "Verdict"]

Verdict: TypeAlias = Literal["ok", "warning", "failed", "unknown"]


class Finding(Struct, frozen=True, kw_only=True):
    """The result of one check, in plain words; it never holds a secret.

    ``requests`` were sent for it, of which ``billed`` cost money on the real service.
    """

    check: str
    verdict: Verdict
    text: str
    requests: int = 0
    billed: int = 0
