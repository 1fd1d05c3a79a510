"""The Configuration API, since 3.7: where the chat widget may be, and its phrases."""

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal, TypeAlias

from msgspec import Meta

from frontdesk.models import AllowedDomains, Translations
from frontdesk.spec.actions import Action, Spec, any_of
from frontdesk.spec.checks import GroupId, Id
from frontdesk.spec.fields import From

__all__ = [
    "AddAllowedDomain",
    "DeleteAllowedDomain",
    "ListAllowedDomains",
    "ListTranslations",
    "UpdateTranslations",
]

PhraseKey: TypeAlias = Literal[
    "Welcome_title",
    "Agents_not_available_continuous",
    "User_in_queue",
    "Client",
    "Embedded_textarea_placeholder",
    "Offline_message_sent",
]
DOMAINS = any_of("domain_manage")


class AddAllowedDomain(Action[None], frozen=True, kw_only=True):
    """Let a domain embed the chat widget; once there is one, others may not."""

    spec: ClassVar[Spec] = Spec(
        name="add_allowed_domain",
        errors=("AlreadyExists",),
        api="configuration",
        group="allowed_domains",
        scopes=DOMAINS,
        transports=("web",),
        since=(3, 7),
    )
    domain: Annotated[
        str, Meta(min_length=1, max_length=255, description="The domain, at most 255 characters.")
    ]


class ListAllowedDomains(Action[AllowedDomains], frozen=True, kw_only=True):
    """List the domains that may embed the chat widget."""

    spec: ClassVar[Spec] = Spec(
        name="list_allowed_domains",
        api="configuration",
        group="allowed_domains",
        returns=AllowedDomains,
        scopes=DOMAINS,
        transports=("web",),
        repeatable=True,
        since=(3, 7),
    )


class DeleteAllowedDomain(Action[None], frozen=True, kw_only=True):
    """Take a domain off the list of those that may embed the chat widget."""

    spec: ClassVar[Spec] = Spec(
        name="delete_allowed_domain",
        errors=("NotFound",),
        api="configuration",
        group="allowed_domains",
        scopes=DOMAINS,
        transports=("web",),
        since=(3, 7),
    )
    domain: Annotated[Id, Meta(description="The domain.")]


class UpdateTranslations(Action[None], frozen=True, kw_only=True):
    """Change phrases of the chat widget, for one group and language."""

    spec: ClassVar[Spec] = Spec(
        name="update_translations",
        errors=("GroupNotFound", "ValidationError"),
        api="configuration",
        group="translations",
        scopes=any_of("languages_write"),
        transports=("web",),
        repeatable=True,
        since=(3, 7),
    )
    group_id: Annotated[GroupId, Meta(description="The group.")]
    language: Annotated[Id, Meta(description="The language, such as `en`.")]
    phrases: Annotated[
        From[dict[PhraseKey, str], Mapping[PhraseKey, str]],
        Meta(description="Phrases by their keys."),
    ]


class ListTranslations(Action[Translations], frozen=True, kw_only=True):
    """List the changed phrases of one group and language."""

    spec: ClassVar[Spec] = Spec(
        name="list_translations",
        errors=("GroupNotFound",),
        api="configuration",
        group="translations",
        returns=Translations,
        scopes=any_of("languages_read"),
        transports=("web",),
        repeatable=True,
        since=(3, 7),
    )
    group_id: Annotated[GroupId, Meta(description="The group.")]
    language: Annotated[Id, Meta(description="The language, such as `en`.")]
