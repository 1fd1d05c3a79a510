"""The license that an RTM connection logged in to."""

from frontdesk.models._base import Model

__all__ = ["License"]


class License(Model, kw_only=True):
    """A license. Timestamps are unix seconds, ``website_last_activity`` is a date."""

    id: str
    organization_id: str
    plan: str | None = None
    expiration_timestamp: int | None = None
    creation_timestamp: int | None = None
    in_trial: bool | None = None
    website_last_activity: str | None = None
