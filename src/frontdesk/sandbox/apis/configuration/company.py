"""The Configuration API: channels, limits of plans, and the company behind the license."""

from msgspec import UNSET, structs

from frontdesk.actions import (
    CheckProductLimitsForPlan,
    GetCompanyDetails,
    GetProductSource,
    ListChannels,
    ReactivateEmail,
    UpdateCompanyDetails,
)
from frontdesk.errors import AuthorizationError, NotFound
from frontdesk.models import Channel, CompanyDetails, PlanLimitExcess, ProductSource
from frontdesk.sandbox.apis.handler import handles
from frontdesk.sandbox.apis.rules import PYTHON_SDK, assumed, documented, seen
from frontdesk.sandbox.world.actor import Requester
from frontdesk.sandbox.world.properties import plans
from frontdesk.sandbox.world.world import World

__all__ = [
    "check_product_limits_for_plan",
    "get_company_details",
    "get_product_source",
    "list_channels",
    "reactivate_email",
    "update_company_details",
]


class _WholeSource(ProductSource, kw_only=True, omit_defaults=False):
    """As the API sends it: with the fields that are empty."""


@handles(
    ListChannels,
    rules=(
        documented("No scope is needed; the subtype of an `integration` is its client id."),
        assumed("A channel shows once its first chat has come through it; the oldest come first."),
        assumed(
            "What customers start is `code`, or `direct_link` from a page of direct.lc.chat; what "
            "agents and bots start is the `integration` of their client id."
        ),
    ),
)
def list_channels(world: World, _: Requester, __: ListChannels) -> list[Channel]:
    """List the channels that chats have come through."""
    channels = world.store.company.license.channels
    return [
        Channel(
            channel_type=channel.type,
            channel_subtype=channel.subtype,
            first_activity_timestamp=channel.first_activity_at,
        )
        for channel in sorted(channels, key=lambda channel: channel.first_activity_at)
    ]


@handles(
    CheckProductLimitsForPlan,
    rules=(
        documented("Only what the license has too much of; agents count with bots."),
        assumed(
            "`enterprise` is the plan that was once called Business, `enterpriseplus` Enterprise; "
            "the numbers are those of LiveChat's page of limits."
        ),
        assumed(
            "Suspended agents and those who wait for approval do not count, group 0 counts as a "
            "group but not as one of an agent's; queues are what waits now. The sandbox has no "
            "group chooser."
        ),
    ),
)
def check_product_limits_for_plan(
    world: World, _: Requester, action: CheckProductLimitsForPlan
) -> list[PlanLimitExcess]:
    """Return by how much the license is over the limits of a plan."""
    return plans.excesses(world, action.plan)


@handles(
    GetProductSource,
    rules=(
        documented("No scope is needed."),
        assumed("The source is that of the sample; it never changes."),
    ),
)
def get_product_source(world: World, _: Requester, __: GetProductSource) -> ProductSource:
    """Return where the license came from."""
    return _WholeSource(**structs.asdict(world.store.company.license.source))


@handles(
    ReactivateEmail,
    rules=(
        documented("For an agent whose address bounced."),
        assumed("`not_found` is the error for an agent that is not there, and for a bot."),
        assumed("Nothing else happens: the sandbox sends no e-mails."),
    ),
)
def reactivate_email(world: World, _: Requester, action: ReactivateEmail) -> None:
    """Check that there is such an agent."""
    agent = world.store.company.agents.get(action.agent_id)
    if agent is None or agent.bot:
        raise NotFound(f"`agent_id`: there is no agent `{action.agent_id}`")


@handles(
    UpdateCompanyDetails,
    rules=(
        documented("Only the owner may do it."),
        assumed("The error for others is `authorization`."),
        assumed("It keeps what it is given, and the other fields stay; `enrich` does nothing."),
    ),
)
def update_company_details(
    world: World, requester: Requester, action: UpdateCompanyDetails
) -> None:
    """Change what is known of the company."""
    if requester.role != "owner":
        raise AuthorizationError(
            f"only the owner changes the details of the company, not a {requester.role} agent"
        )
    license = world.store.company.license
    fields = structs.asdict(action)
    del fields["enrich"]
    changes = {name: value for name, value in fields.items() if value is not UNSET}
    if changes:
        license.company = structs.replace(license.company, **changes)
        world.store.company.save_license(license)


@handles(
    GetCompanyDetails,
    rules=(
        seen("The method is there, with no parameters.", PYTHON_SDK),
        assumed("It returns the fields that `update_company_details` takes, those that are set."),
        assumed("No scope is needed."),
    ),
)
def get_company_details(world: World, _: Requester, __: GetCompanyDetails) -> CompanyDetails:
    """Return what is known of the company."""
    return world.store.company.license.company
