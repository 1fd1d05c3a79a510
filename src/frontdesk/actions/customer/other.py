"""Goals, forms, previews of links, and the verification of e-mail addresses."""

from collections.abc import Mapping, Sequence
from typing import Annotated, ClassVar, Literal

from msgspec import Meta

from frontdesk.models.customer_chat.widget import RequestedForm, UrlInfo
from frontdesk.spec.actions import Action, Spec
from frontdesk.spec.checks import GroupId, Id
from frontdesk.spec.fields import From

__all__ = ["CheckGoals", "GetForm", "GetUrlInfo", "RequestEmailVerification"]


class CheckGoals(Action[None], frozen=True, kw_only=True):
    """Have goals checked for a customer who is not logged in over RTM.

    It is for customers who cannot log in, since too many are online.
    """

    spec: ClassVar[Spec] = Spec(
        name="check_goals",
        api="customer",
        group="other",
        transports=("web",),
        repeatable=True,
    )
    session_fields: Annotated[
        From[list[dict[str, str]], Sequence[Mapping[str, str]]],
        Meta(description="Session fields, each item one key and its value; the order is kept."),
    ]
    group_id: Annotated[GroupId, Meta(description="The group of the customer.")]
    page_url: Annotated[Id, Meta(description="Address of the page that the customer has opened.")]


class GetForm(Action[RequestedForm], frozen=True, kw_only=True):
    """Get a form of a group, to be shown to the customer.

    Filled in, it goes to the chat as a `FilledForm` of `start_chat` or `send_event`.
    """

    spec: ClassVar[Spec] = Spec(
        name="get_form",
        api="customer",
        errors=("GroupNotFound",),
        group="other",
        returns=RequestedForm,
        repeatable=True,
    )
    group_id: Annotated[GroupId, Meta(description="The group.")]
    type: Annotated[
        Literal["prechat", "postchat", "ticket"],
        Meta(description="`prechat`, `postchat`, or `ticket`, which is documented for RTM only."),
    ]


class GetUrlInfo(Action[UrlInfo], frozen=True, kw_only=True):
    """Get the title, the description and an image of a web page."""

    spec: ClassVar[Spec] = Spec(
        name="get_url_info",
        api="customer",
        group="other",
        returns=UrlInfo,
        repeatable=True,
    )
    url: Annotated[Id, Meta(description="Address of the page.")]


class RequestEmailVerification(Action[None], frozen=True, kw_only=True):
    """Send the customer an e-mail with a link that confirms the address.

    A verified address goes to `callback_uri` at once, without an e-mail. After the confirmation the
    10 most recent requests get their callback; it lapses 7 days after the last of them.
    """

    spec: ClassVar[Spec] = Spec(
        name="request_email_verification",
        api="customer",
        group="other",
        transports=("web",),
        since=(3, 3),
    )
    callback_uri: Annotated[
        Id,
        Meta(
            description="Gets one `POST` with the verified address, without retries; has to "
            "respond with 200."
        ),
    ]
