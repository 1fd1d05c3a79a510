"""The Configuration API: channels, the plan and the company behind the license."""

from typing import Annotated, ClassVar, Literal

from msgspec import Meta

from frontdesk.models import Channel, CompanyDetails, PlanLimitExcess, ProductSource
from frontdesk.spec.actions import Action, Spec, any_of
from frontdesk.spec.checks import Id
from frontdesk.spec.fields import NOT_SENT, Maybe

__all__ = [
    "CheckProductLimitsForPlan",
    "GetCompanyDetails",
    "GetProductSource",
    "ListChannels",
    "ReactivateEmail",
    "UpdateCompanyDetails",
]


class ListChannels(Action[list[Channel]], frozen=True, kw_only=True):
    """List where chats have come from: web sites, links and integrations."""

    spec: ClassVar[Spec] = Spec(
        name="list_channels",
        api="configuration",
        group="other",
        returns=list[Channel],
        transports=("web",),
        repeatable=True,
        since=(3, 5),
    )


class CheckProductLimitsForPlan(Action[list[PlanLimitExcess]], frozen=True, kw_only=True):
    """List the limits of a plan that the license is over; none: it fits.

    LiveChat gives `subscription.lc:rw` to its own application only.
    """

    spec: ClassVar[Spec] = Spec(
        name="check_product_limits_for_plan",
        errors=("ValidationError",),
        api="configuration",
        group="other",
        returns=list[PlanLimitExcess],
        scopes=any_of("subscription.lc:rw"),
        transports=("web",),
        repeatable=True,
        since=(3, 5),
    )
    plan: Annotated[
        Literal["starter", "team", "enterprise", "enterpriseplus"],
        Meta(description="The plan to compare with."),
    ]


class GetProductSource(Action[ProductSource], frozen=True, kw_only=True):
    """Get where the license came from."""

    spec: ClassVar[Spec] = Spec(
        name="get_product_source",
        api="configuration",
        group="other",
        returns=ProductSource,
        transports=("web",),
        repeatable=True,
        since=(3, 5),
    )


class ReactivateEmail(Action[None], frozen=True, kw_only=True):
    """Send e-mails again to an agent whose address bounced."""

    spec: ClassVar[Spec] = Spec(
        name="reactivate_email",
        errors=("NotFound",),
        api="configuration",
        group="other",
        scopes=any_of("agents--all:rw"),
        transports=("web",),
        repeatable=True,
        since=(3, 6),
    )
    agent_id: Annotated[Id, Meta(description="The agent.")]


class UpdateCompanyDetails(Action[None], frozen=True, kw_only=True):
    """Change what is known of the company; for the owner."""

    spec: ClassVar[Spec] = Spec(
        name="update_company_details",
        errors=("AuthorizationError",),
        api="configuration",
        group="other",
        scopes=any_of("organization--my:rw"),
        transports=("web",),
        repeatable=True,
        since=(3, 6),
    )
    enrich: Annotated[
        Maybe[bool],
        Meta(description="True: empty fields are looked up by the company's domain."),
    ] = NOT_SENT
    audience: Annotated[Maybe[str], Meta(description="Whom the company serves.")] = NOT_SENT
    chat_purpose: Annotated[Maybe[str], Meta(description="What it chats for.")] = NOT_SENT
    city: Annotated[Maybe[str], Meta(description="The city.")] = NOT_SENT
    company: Annotated[Maybe[str], Meta(description="Its name.")] = NOT_SENT
    company_size: Annotated[Maybe[str], Meta(description="How many people it has.")] = NOT_SENT
    country: Annotated[Maybe[str], Meta(description="The country.")] = NOT_SENT
    invoice_email: Annotated[Maybe[str], Meta(description="Where invoices go.")] = NOT_SENT
    invoice_name: Annotated[Maybe[str], Meta(description="The name on invoices.")] = NOT_SENT
    nip: Annotated[Maybe[str], Meta(description="The tax or employer number.")] = NOT_SENT
    postal_code: Annotated[Maybe[str], Meta(description="The postal code.")] = NOT_SENT
    state: Annotated[Maybe[str], Meta(description="The state.")] = NOT_SENT
    street: Annotated[Maybe[str], Meta(description="Street and number.")] = NOT_SENT
    phone: Annotated[Maybe[str], Meta(description="A phone number.")] = NOT_SENT
    province: Annotated[Maybe[str], Meta(description="The province.")] = NOT_SENT
    url: Annotated[Maybe[str], Meta(description="Its web site.")] = NOT_SENT


class GetCompanyDetails(Action[CompanyDetails], frozen=True, kw_only=True):
    """Get what is known of the company. LiveChat's own Python client has it, its docs do not."""

    spec: ClassVar[Spec] = Spec(
        name="get_company_details",
        api="configuration",
        group="other",
        returns=CompanyDetails,
        transports=("web",),
        repeatable=True,
        since=(3, 6),
        documented=False,
    )
