"""The Configuration API: templates of bots.

The license of the sandbox has the app of every template installed, so the bot of a template appears
on it as soon as a template is to affect the installations that there are.
"""

from typing import Any, Final

from msgspec import UNSET

from frontdesk.actions import (
    CreateBotTemplate,
    DeleteBotTemplate,
    ListBotTemplates,
    ResetBotTemplateSecret,
    UpdateBotTemplate,
)
from frontdesk.errors import AuthorizationError, LimitReached, NotFound
from frontdesk.models import BotSecret, BotTemplate, CreatedBot
from frontdesk.pushes import BotDeleted
from frontdesk.sandbox.apis.handler import handles
from frontdesk.sandbox.apis.rules import Rule, assumed, documented
from frontdesk.sandbox.store.records import AgentRecord, BotTemplateRecord
from frontdesk.sandbox.world.actor import Requester
from frontdesk.sandbox.world.staff import bots, departures
from frontdesk.sandbox.world.world import World
from frontdesk.spec.actions import Version

__all__ = [
    "create_bot_template",
    "delete_bot_template",
    "list_bot_templates",
    "reset_bot_template_secret",
    "update_bot_template",
]

LIMIT: Final = 5
"""Templates per client id."""

_AVATAR_PATH_SINCE: Final[Version] = (3, 6)

_OWNER: Final[tuple[Rule, ...]] = (
    assumed("Any client id counts as your organization's."),
    assumed(
        "The template of another client id is an `authorization` error, one that is not there "
        "`not_found`."
    ),
)


@handles(
    CreateBotTemplate,
    rules=(
        documented("At most 5 for each client id."),
        documented("Bots that are made from it have its id and secret."),
        assumed("The error for a sixth is `limit_reached`; any client id counts as one's own."),
        assumed(
            "With `affect_existing_installations` the bot appears on the license, offline, with "
            "`bot_created`: the app counts as installed."
        ),
        assumed(
            "That bot is in every group with `default_group_priority`; without that it is in "
            "group 0 as `normal`."
        ),
    ),
)
def create_bot_template(
    world: World, requester: Requester, action: CreateBotTemplate
) -> CreatedBot:
    """Make a template, and its bot."""
    license_record = world.store.company.license
    templates = license_record.bot_templates
    owned = [
        template
        for template in templates.values()
        if template.owner_client_id == action.owner_client_id
    ]
    if len(owned) >= LIMIT:
        raise LimitReached(f"`owner_client_id`: `{action.owner_client_id}` has {LIMIT} templates")
    template = BotTemplateRecord(
        id=world.ids.hex32(),
        secret=world.ids.secret(),
        owner_client_id=action.owner_client_id,
        name=action.name,
        avatar="" if action.avatar is UNSET else action.avatar,
        max_chats=bots.MAX_CHATS if action.max_chats_count is UNSET else action.max_chats_count,
        default_group_priority=(
            None if action.default_group_priority is UNSET else action.default_group_priority
        ),
        job_title="" if action.job_title is UNSET else action.job_title,
    )
    if action.affect_existing_installations is True:
        bots.add(world, _bot_of(world, template), requester)
    templates[template.id] = template
    world.store.company.save_license(license_record)
    return CreatedBot(id=template.id, secret=template.secret)


@handles(
    UpdateBotTemplate,
    rules=(
        *_OWNER,
        assumed("What is given replaces what was there."),
        assumed(
            "With `affect_existing_installations` the bot of the license that was made from it "
            "gets the same, with `bot_updated`."
        ),
    ),
)
def update_bot_template(world: World, requester: Requester, action: UpdateBotTemplate) -> None:
    """Change a template, and its bot."""
    template = _template(world, action.id, action.owner_client_id)
    values: dict[str, Any] = {
        "name": action.name,
        "avatar": action.avatar,
        "max_chats": action.max_chats_count,
        "default_group_priority": action.default_group_priority,
        "job_title": action.job_title,
    }
    values = {name: value for name, value in values.items() if value is not UNSET}
    for name, value in values.items():
        setattr(template, name, value)
    world.store.company.save_license(world.store.company.license)
    bot = world.store.company.agents.get(template.id)
    if action.affect_existing_installations is True and bot is not None:
        if action.default_group_priority is not UNSET:
            values["groups"] = bots.with_default(world, bot, action.default_group_priority)
        bots.change(world, bot, values, requester)


@handles(
    DeleteBotTemplate,
    rules=(
        *_OWNER,
        documented("The bots that were made from it stay by default."),
        assumed(
            "With `affect_existing_installations` the bot of the license is deleted as by "
            "`delete_bot`."
        ),
    ),
)
def delete_bot_template(world: World, requester: Requester, action: DeleteBotTemplate) -> None:
    """Delete a template, and its bot."""
    template = _template(world, action.id, action.owner_client_id)
    del world.store.company.license.bot_templates[template.id]
    world.store.company.save_license(world.store.company.license)
    bot = world.store.company.agents.get(template.id)
    if action.affect_existing_installations is True and bot is not None:
        departures.delete(world, bot, BotDeleted(id=bot.id), actor=requester)


@handles(
    ListBotTemplates,
    rules=(assumed("In the order in which they were made; none of a client id without any."),),
)
def list_bot_templates(
    world: World, requester: Requester, action: ListBotTemplates
) -> list[BotTemplate]:
    """List the templates of a client id."""
    return [
        _shown(template, requester.version)
        for template in world.store.company.license.bot_templates.values()
        if template.owner_client_id == action.owner_client_id
    ]


@handles(
    ResetBotTemplateSecret,
    rules=(
        *_OWNER,
        documented(
            "With `affect_existing_installations` the bots that were made from it get the new "
            "secret, too."
        ),
        assumed("Otherwise they keep theirs; tokens that were issued live on."),
    ),
)
def reset_bot_template_secret(
    world: World, _: Requester, action: ResetBotTemplateSecret
) -> BotSecret:
    """Give a template another secret, and its bot."""
    template = _template(world, action.id, action.owner_client_id)
    template.secret = world.ids.secret()
    world.store.company.save_license(world.store.company.license)
    bot = world.store.company.agents.get(template.id)
    if action.affect_existing_installations is True and bot is not None:
        bot.secret = template.secret
        world.store.company.save_agent(bot)
    return BotSecret(secret=template.secret)


def _template(world: World, template_id: str, owner: str) -> BotTemplateRecord:
    template = world.store.company.license.bot_templates.get(template_id)
    if template is None:
        raise NotFound(f"`id`: there is no bot template `{template_id}`")
    if template.owner_client_id != owner:
        raise AuthorizationError(
            f"`owner_client_id`: the bot template `{template_id}` is not one of `{owner}`"
        )
    return template


def _bot_of(world: World, template: BotTemplateRecord) -> AgentRecord:
    """Return the bot that the license gets from a template."""
    return AgentRecord(
        id=template.id,
        name=template.name,
        bot=True,
        avatar=template.avatar,
        groups=bots.memberships(world, UNSET, template.default_group_priority),
        groups_given=False,
        default_group_priority=template.default_group_priority,
        max_chats=template.max_chats,
        job_title=template.job_title,
        owner_client_id=template.owner_client_id,
        secret=template.secret,
    )


def _shown(template: BotTemplateRecord, version: Version) -> BotTemplate:
    shown = BotTemplate(
        id=template.id,
        name=template.name,
        max_chats_count=template.max_chats,
        default_group_priority=template.default_group_priority or "normal",
        job_title=template.job_title,
    )
    if version < _AVATAR_PATH_SINCE:
        shown.avatar = template.avatar or None
    else:
        # The API calls it so in responses, unlike in requests.
        shown.avatar_path = template.avatar or None
    return shown
