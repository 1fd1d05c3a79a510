"""What a chat window has to know before there is a customer; none of it needs a token."""

from typing import Annotated, ClassVar

from msgspec import Meta

from frontdesk.models.customer_chat.widget import ChatWindowConfiguration, DynamicConfiguration
from frontdesk.spec.actions import Action, Spec
from frontdesk.spec.checks import GroupId, Id
from frontdesk.spec.fields import NOT_SENT, Maybe

__all__ = ["GetConfiguration", "GetDynamicConfiguration", "GetLocalization"]


class GetDynamicConfiguration(Action[DynamicConfiguration], frozen=True, kw_only=True):
    """Get which groups are online, and the versions of configuration and localization.

    Needs no token.
    """

    spec: ClassVar[Spec] = Spec(
        name="get_dynamic_configuration",
        api="customer",
        group="configuration",
        returns=DynamicConfiguration,
        transports=("web",),
        verb="GET",
        needs_token=False,
        repeatable=True,
        since=(3, 3),
    )
    license_id: Annotated[
        Maybe[Annotated[int, Meta(ge=1)]],
        Meta(description="The license, sent instead of the client's `organization_id`."),
    ] = NOT_SENT
    group_id: Annotated[
        Maybe[GroupId], Meta(description="The group; defaults to that of the license.")
    ] = NOT_SENT
    url: Annotated[Maybe[Id], Meta(description="Address of the page, for `domain_allowed`.")] = (
        NOT_SENT
    )
    channel_type: Annotated[
        Maybe[Id], Meta(description="The channel; the values are not documented.")
    ] = NOT_SENT
    test: Annotated[
        Maybe[bool], Meta(description="True: the request is counted as a test; defaults to false.")
    ] = NOT_SENT


class GetConfiguration(Action[ChatWindowConfiguration], frozen=True, kw_only=True):
    """Get buttons, forms and properties of a group's chat window. Needs no token.

    The response stays the same for one `version`, so that it can be kept.
    """

    spec: ClassVar[Spec] = Spec(
        name="get_configuration",
        api="customer",
        group="configuration",
        returns=ChatWindowConfiguration,
        transports=("web",),
        verb="GET",
        needs_token=False,
        repeatable=True,
        since=(3, 3),
    )
    group_id: Annotated[GroupId, Meta(description="The group.")]
    version: Annotated[
        Id, Meta(description="`livechat.config_version` of `get_dynamic_configuration`.")
    ]


class GetLocalization(Action[dict[str, str]], frozen=True, kw_only=True):
    """Get the phrases of a group's chat window in a language. Needs no token.

    Some phrases hold variables, such as `%name%`.
    """

    spec: ClassVar[Spec] = Spec(
        name="get_localization",
        api="customer",
        group="localization",
        returns=dict[str, str],
        transports=("web",),
        verb="GET",
        needs_token=False,
        repeatable=True,
        since=(3, 3),
    )
    group_id: Annotated[GroupId, Meta(description="The group.")]
    language: Annotated[Id, Meta(description="The language, such as `en`.")]
    version: Annotated[
        Id, Meta(description="`livechat.localization_version` of `get_dynamic_configuration`.")
    ]
