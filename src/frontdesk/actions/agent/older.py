"""Methods of older versions that clients still call."""

from typing import Annotated, ClassVar, Literal

from msgspec import Meta

from frontdesk.models import LicenseInfo
from frontdesk.spec.actions import Action, Spec, no_scope
from frontdesk.spec.checks import Id

__all__ = ["ChangePushNotifications", "GetLicenseInfo"]


class GetLicenseInfo(Action[LicenseInfo], frozen=True, kw_only=True):
    """Get the license; version 3.5 only, so clients of later versions call it there.

    Over RTM, the response to the log-in has the license.
    """

    spec: ClassVar[Spec] = Spec(
        name="get_license_info",
        group="configuration",
        returns=LicenseInfo,
        scopes=no_scope,
        transports=("web",),
        repeatable=True,
        since=(3, 5),
        until=(3, 5),
    )


class ChangePushNotifications(Action[None], frozen=True, kw_only=True):
    """Switch the notifications of a mobile device on or off; up to version 3.4."""

    not_shown: ClassVar[frozenset[str]] = frozenset({"firebase_token"})
    spec: ClassVar[Spec] = Spec(
        name="change_push_notifications",
        group="status",
        scopes=no_scope,
        transports=("rtm",),
        repeatable=True,
        until=(3, 4),
    )
    firebase_token: Annotated[Id, Meta(description="Firebase token of the device.")]
    platform: Annotated[
        Literal["ios", "android"], Meta(description="What the device runs: `ios` or `android`.")
    ]
    enabled: Annotated[bool, Meta(description="True switches notifications on, false off.")]

    def __repr__(self) -> str:
        return (
            f"ChangePushNotifications(firebase_token='…', platform={self.platform!r}, "
            f"enabled={self.enabled!r})"
        )
