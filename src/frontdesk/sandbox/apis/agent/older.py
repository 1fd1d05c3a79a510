"""Methods of older versions that clients still call."""

from frontdesk.actions import ChangePushNotifications, GetLicenseInfo
from frontdesk.models import LicenseInfo
from frontdesk.sandbox.apis.handler import handles
from frontdesk.sandbox.apis.rules import assumed, documented
from frontdesk.sandbox.world.actor import Requester
from frontdesk.sandbox.world.world import World

__all__ = ["change_push_notifications", "get_license_info"]


@handles(
    GetLicenseInfo,
    rules=(
        documented(
            "The license's id, when it was created and when it expires, and whether it is"
            " a trial; 3.5 only."
        ),
    ),
)
def get_license_info(world: World, _: Requester, __: GetLicenseInfo) -> LicenseInfo:
    """Return the license."""
    license = world.store.company.license
    return LicenseInfo(
        license_id=license.id,
        expires_at=license.expires_at,
        created_at=license.created_at,
        in_trial=license.in_trial,
    )


@handles(
    ChangePushNotifications,
    rules=(
        documented("A Firebase token, `ios` or `android`, and whether it is on; up to 3.4."),
        assumed("The sandbox knows no mobile devices: it notifies none."),
    ),
)
def change_push_notifications(_: World, __: Requester, ___: ChangePushNotifications) -> None:
    """Take note of nothing: the sandbox knows no mobile devices."""
