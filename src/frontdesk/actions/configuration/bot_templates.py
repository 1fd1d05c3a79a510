"""The Configuration API: templates of bots, made into bots where an app is installed."""

from typing import Annotated, ClassVar

from msgspec import Meta

from frontdesk.actions.configuration.bots import Avatar, JobTitle, MaxChats
from frontdesk.models import BotSecret, BotTemplate, CreatedBot, Priority
from frontdesk.spec.actions import Action, Spec, any_of
from frontdesk.spec.checks import Id
from frontdesk.spec.fields import NOT_SENT, Maybe

__all__ = [
    "CreateBotTemplate",
    "DeleteBotTemplate",
    "ListBotTemplates",
    "ResetBotTemplateSecret",
    "UpdateBotTemplate",
]

SCOPES = any_of("bots.templates:rw")
DefaultPriority = Annotated[
    Maybe[Priority], Meta(description="The priority of the bots in every group.")
]
OwnerClientId = Annotated[
    Id, Meta(description="The client id of the app; it must be your organization's.")
]


class CreateBotTemplate(Action[CreatedBot], frozen=True, kw_only=True):
    """Make a template, at most 5 for a client id; the bots made from it have its id and secret."""

    spec: ClassVar[Spec] = Spec(
        name="create_bot_template",
        errors=("LimitReached", "AuthorizationError"),
        api="configuration",
        group="bots",
        returns=CreatedBot,
        scopes=SCOPES,
        transports=("web",),
        since=(3, 5),
    )
    name: Annotated[Id, Meta(description="The name that customers see.")]
    avatar: Avatar = NOT_SENT
    max_chats_count: Annotated[
        Maybe[MaxChats], Meta(description="Chats at a time, 0 to 500; defaults to 6.")
    ] = NOT_SENT
    default_group_priority: DefaultPriority = NOT_SENT
    job_title: JobTitle = NOT_SENT
    owner_client_id: OwnerClientId
    affect_existing_installations: Annotated[
        Maybe[bool],
        Meta(description="True: also where the app is installed already; defaults to false."),
    ] = NOT_SENT


class UpdateBotTemplate(Action[None], frozen=True, kw_only=True):
    """Change a template: what is given replaces what was there."""

    spec: ClassVar[Spec] = Spec(
        name="update_bot_template",
        errors=("NotFound", "AuthorizationError"),
        api="configuration",
        group="bots",
        scopes=SCOPES,
        transports=("web",),
        repeatable=True,
        since=(3, 5),
    )
    id: Annotated[Id, Meta(description="The template.")]
    name: Annotated[Maybe[Id], Meta(description="The name that customers see.")] = NOT_SENT
    avatar: Avatar = NOT_SENT
    max_chats_count: Annotated[Maybe[MaxChats], Meta(description="Chats at a time, 0 to 500.")] = (
        NOT_SENT
    )
    default_group_priority: DefaultPriority = NOT_SENT
    job_title: JobTitle = NOT_SENT
    owner_client_id: OwnerClientId
    affect_existing_installations: Annotated[
        Maybe[bool], Meta(description="True: the bots made from it change too.")
    ] = NOT_SENT


class DeleteBotTemplate(Action[None], frozen=True, kw_only=True):
    """Delete a template; the bots made from it stay unless told otherwise."""

    spec: ClassVar[Spec] = Spec(
        name="delete_bot_template",
        errors=("NotFound", "AuthorizationError"),
        api="configuration",
        group="bots",
        scopes=SCOPES,
        transports=("web",),
        since=(3, 5),
    )
    id: Annotated[Id, Meta(description="The template.")]
    owner_client_id: OwnerClientId
    affect_existing_installations: Annotated[
        Maybe[bool], Meta(description="True: the bots made from it are deleted too.")
    ] = NOT_SENT


class ListBotTemplates(Action[list[BotTemplate]], frozen=True, kw_only=True):
    """List the templates of a client id."""

    spec: ClassVar[Spec] = Spec(
        name="list_bot_templates",
        errors=("AuthorizationError",),
        api="configuration",
        group="bots",
        returns=list[BotTemplate],
        scopes=SCOPES,
        transports=("web",),
        repeatable=True,
        since=(3, 5),
    )
    owner_client_id: OwnerClientId


class ResetBotTemplateSecret(Action[BotSecret], frozen=True, kw_only=True):
    """Replace the secret of a template."""

    spec: ClassVar[Spec] = Spec(
        name="reset_bot_template_secret",
        errors=("NotFound", "AuthorizationError"),
        api="configuration",
        group="bots",
        returns=BotSecret,
        scopes=SCOPES,
        transports=("web",),
        since=(3, 5),
    )
    id: Annotated[Id, Meta(description="The template.")]
    owner_client_id: OwnerClientId
    affect_existing_installations: Annotated[
        Maybe[bool], Meta(description="True: the bots made from it get the new secret too.")
    ] = NOT_SENT
