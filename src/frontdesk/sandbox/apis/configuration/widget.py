"""The Configuration API, since 3.7: where the chat widget may be, and its phrases."""

import re
from typing import Final

from frontdesk.actions import (
    AddAllowedDomain,
    DeleteAllowedDomain,
    ListAllowedDomains,
    ListTranslations,
    UpdateTranslations,
)
from frontdesk.errors import AlreadyExists, GroupNotFound, NotFound, ValidationError
from frontdesk.models import AllowedDomains, Translations
from frontdesk.sandbox.apis.handler import handles
from frontdesk.sandbox.apis.rules import assumed, documented
from frontdesk.sandbox.store.records import GroupRecord
from frontdesk.sandbox.world.actor import Requester
from frontdesk.sandbox.world.world import World

__all__ = [
    "add_allowed_domain",
    "delete_allowed_domain",
    "list_allowed_domains",
    "list_translations",
    "update_translations",
]

DOMAIN: Final = re.compile(r"(\*\.)?[^\s/?#@:*]+(:\d{1,5})?")


@handles(
    AddAllowedDomain,
    rules=(
        documented("At most 255 characters."),
        assumed("The case of the letters does not count; the error for one listed already is "
                "`already_exists`."),
        assumed("A domain may begin with `*.` and end with a port; one with a scheme, a path or "
                "spaces is a `validation` error."),
        assumed("The customers of the sandbox chat from any page all the same."),
    ),
)  # fmt: skip
def add_allowed_domain(world: World, _: Requester, action: AddAllowedDomain) -> None:
    """Put a domain on the list."""
    license = world.store.company.license
    if not DOMAIN.fullmatch(action.domain):
        raise ValidationError(
            "`domain` must be a domain such as `example.com`, without a scheme and a path"
        )
    listed = _listed(license.allowed_domains, action.domain)
    if listed is not None:
        raise AlreadyExists(f"`domain`: `{listed}` is allowed already")
    license.allowed_domains.append(action.domain)
    world.store.company.save_license(license)


@handles(
    DeleteAllowedDomain,
    rules=(
        assumed("`not_found` is the error for one that is not listed; case does not count."),
    ),
)  # fmt: skip
def delete_allowed_domain(world: World, _: Requester, action: DeleteAllowedDomain) -> None:
    """Take a domain off the list."""
    license = world.store.company.license
    listed = _listed(license.allowed_domains, action.domain)
    if listed is None:
        raise NotFound(f"`domain`: `{action.domain}` is not one of the allowed domains")
    license.allowed_domains.remove(listed)
    world.store.company.save_license(license)


@handles(
    ListAllowedDomains,
    rules=(assumed("In the order in which they were added; a new license has none."),),
)
def list_allowed_domains(world: World, _: Requester, __: ListAllowedDomains) -> AllowedDomains:
    """List the domains that may embed the chat widget."""
    return AllowedDomains(domains=list(world.store.company.license.allowed_domains))


@handles(
    UpdateTranslations,
    rules=(
        documented("The six keys that the method takes."),
        assumed("Phrases that are not given stay; any text counts as a language."),
        assumed("The error for an unknown group is `group_not_found`."),
    ),
)
def update_translations(world: World, _: Requester, action: UpdateTranslations) -> None:
    """Change phrases of a group and a language."""
    group = _group(world, action.group_id)
    phrases = {str(key): phrase for key, phrase in action.phrases.items()}
    before = group.translations.get(action.language, {})
    if phrases.items() - before.items():
        group.translations = {**group.translations, action.language: {**before, **phrases}}
        world.store.company.save_group(group)


@handles(
    ListTranslations,
    rules=(
        assumed("The phrases that were changed for this group and this language, and no others."),
        assumed("The error for an unknown group is `group_not_found`."),
    ),
)
def list_translations(world: World, _: Requester, action: ListTranslations) -> Translations:
    """List the phrases of a group and a language that were changed."""
    group = _group(world, action.group_id)
    return Translations(phrases=dict(group.translations.get(action.language, {})))


def _listed(domains: list[str], domain: str) -> str | None:
    """Return a domain as it stands on the list, whatever the case of its letters."""
    return next((listed for listed in domains if listed.lower() == domain.lower()), None)


def _group(world: World, group_id: int) -> GroupRecord:
    group = world.store.company.groups.get(group_id)
    if group is None:
        raise GroupNotFound(f"`group_id`: there is no group {group_id}")
    return group
