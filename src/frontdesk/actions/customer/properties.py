"""Properties as far as customers may read and write them."""

from typing import Annotated, ClassVar, Final

from msgspec import Meta

from frontdesk.actions.agent import properties as agent_properties
from frontdesk.actions.customer.shared import for_customers
from frontdesk.models import Properties
from frontdesk.spec.actions import Action, Spec
from frontdesk.spec.checks import GroupId, Id
from frontdesk.spec.fields import NOT_SENT, Maybe

__all__ = [
    "DeleteChatProperties",
    "DeleteEventProperties",
    "DeleteThreadProperties",
    "ListGroupProperties",
    "ListLicenseProperties",
    "UpdateChatProperties",
    "UpdateEventProperties",
    "UpdateThreadProperties",
]

ERRORS: Final = ("AuthorizationError", "ValidationError", "NotFound")


class UpdateChatProperties(agent_properties.UpdateChatProperties, frozen=True, kw_only=True):
    """Set properties of a chat, those that customers may write."""

    spec: ClassVar[Spec] = for_customers(agent_properties.UpdateChatProperties.spec, errors=ERRORS)


class DeleteChatProperties(agent_properties.DeleteChatProperties, frozen=True, kw_only=True):
    """Delete properties of a chat, those that customers may write."""

    spec: ClassVar[Spec] = for_customers(agent_properties.DeleteChatProperties.spec, errors=ERRORS)


class UpdateThreadProperties(agent_properties.UpdateThreadProperties, frozen=True, kw_only=True):
    """Set properties of a thread; those of the namespace `rating` rate it.

    `{"rating": {"score": 1, "comment": "Thanks!"}}`: the score is 0 or 1.
    """

    spec: ClassVar[Spec] = for_customers(
        agent_properties.UpdateThreadProperties.spec, errors=ERRORS
    )


class DeleteThreadProperties(agent_properties.DeleteThreadProperties, frozen=True, kw_only=True):
    """Delete properties of a thread; `{"rating": ["score"]}` takes a rating back."""

    spec: ClassVar[Spec] = for_customers(
        agent_properties.DeleteThreadProperties.spec, errors=ERRORS
    )


class UpdateEventProperties(agent_properties.UpdateEventProperties, frozen=True, kw_only=True):
    """Set properties of an event, those that customers may write."""

    spec: ClassVar[Spec] = for_customers(agent_properties.UpdateEventProperties.spec, errors=ERRORS)


class DeleteEventProperties(agent_properties.DeleteEventProperties, frozen=True, kw_only=True):
    """Delete properties of an event, those that customers may write."""

    spec: ClassVar[Spec] = for_customers(agent_properties.DeleteEventProperties.spec, errors=ERRORS)


class ListLicenseProperties(Action[Properties], frozen=True, kw_only=True):
    """List the properties of the license that customers may read. Needs no token."""

    spec: ClassVar[Spec] = Spec(
        name="list_license_properties",
        api="customer",
        group="properties",
        returns=Properties,
        transports=("web",),
        verb="GET",
        needs_token=False,
        repeatable=True,
    )
    namespace: Annotated[Maybe[Id], Meta(description="Only this namespace; defaults to all.")] = (
        NOT_SENT
    )
    name: Annotated[Maybe[Id], Meta(description="Only this name; defaults to all.")] = NOT_SENT


class ListGroupProperties(Action[Properties], frozen=True, kw_only=True):
    """List the properties of a group that customers may read. Needs no token."""

    spec: ClassVar[Spec] = Spec(
        name="list_group_properties",
        api="customer",
        errors=("GroupNotFound",),
        group="properties",
        returns=Properties,
        transports=("web",),
        verb="GET",
        needs_token=False,
        repeatable=True,
    )
    id: Annotated[GroupId, Meta(description="The group.")]
    namespace: Annotated[Maybe[Id], Meta(description="Only this namespace; defaults to all.")] = (
        NOT_SENT
    )
    name: Annotated[Maybe[Id], Meta(description="Only this name; defaults to all.")] = NOT_SENT
