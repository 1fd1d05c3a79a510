"""The license that an RTM connection logged in to."""

from datetime import datetime
from typing import Any

from msgspec import NODEFAULT

from frontdesk.models.base import Model, Result, in_utc

__all__ = ["License", "LicenseInfo"]


class License(Model, kw_only=True):
    """A license. Timestamps are unix seconds, ``website_last_activity`` is a date.

    ``id`` and ``organization_id`` are empty if the server sent none that can be read.
    """

    id: str
    organization_id: str
    plan: str | None = None
    expiration_timestamp: int | None = None
    creation_timestamp: int | None = None
    in_trial: bool | None = None
    website_last_activity: str | None = None

    @classmethod
    def placeholder(cls, name: str, fields: dict[str, Any]) -> Any:
        """Take an empty text: a session works without it."""
        return "" if name in ("id", "organization_id") else NODEFAULT


class LicenseInfo(Result, kw_only=True):
    """What ``get_license_info`` of version 3.5 tells of the license."""

    license_id: str
    expires_at: datetime | None = None
    created_at: datetime | None = None
    in_trial: bool | None = None

    def __post_init__(self) -> None:
        self.expires_at = in_utc(self.expires_at)
        self.created_at = in_utc(self.created_at)
