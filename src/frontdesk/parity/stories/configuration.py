"""Stories of the Configuration API: what they make nobody uses, and they take it away again.

Groups have no members but bots of the story, tags fit no chat, properties stay private, and bots
stay offline and take no chats. Agents, existing groups and what customers see stay as they are.
"""

from typing import Final

from frontdesk.actions import (
    CreateBot,
    CreateGroup,
    CreateTag,
    DeleteBot,
    DeleteGroup,
    DeleteGroupProperties,
    DeleteTag,
    GetAgent,
    GetBot,
    GetGroup,
    ListAgents,
    ListBots,
    ListChannels,
    ListGroups,
    ListGroupsProperties,
    ListLicenseProperties,
    ListProperties,
    ListRoutingStatuses,
    ListTags,
    ListWebhookNames,
    ListWebhooks,
    RegisterProperty,
    RegisterWebhook,
    UnregisterProperty,
    UnregisterWebhook,
    UpdateBot,
    UpdateGroup,
    UpdateGroupProperties,
    UpdateTag,
)
from frontdesk.models import (
    AgentsFilters,
    GroupMembership,
    NewPropertyAccess,
    NewUsersAccess,
    NewWorkScheduler,
    RoutingStatusesFilters,
    TagsFilters,
    WebhookFilters,
)
from frontdesk.parity.marks import MARK
from frontdesk.parity.stories.desk import Desk
from frontdesk.parity.stories.story import Story
from frontdesk.parity.stories.things import NO_AGENT, NO_BOT, NO_GROUP, NO_URL

__all__ = ["CONFIGURATION_STORIES"]

NO_ZONE: Final = "Parity/Nowhere"


def _reading(desk: Desk) -> None:
    desk(ListAgents(fields=["groups", "max_chats_count", "suspended", "awaiting_approval"]))
    desk(ListAgents(filters=AgentsFilters(group_ids=[NO_GROUP])))
    desk(ListGroups())
    desk(ListLicenseProperties(namespace="limits"))
    desk(ListChannels())


def _webhook_names(desk: Desk) -> None:
    desk(ListWebhookNames())
    for version in ("3.4", "3.5", "3.6"):
        desk(ListWebhookNames(version=version))
    desk.refused(ListWebhookNames(version="1.0"))


def _groups(desk: Desk) -> None:
    name = desk.name("group")
    first = desk(CreateGroup(name=name, agent_priorities={})).id
    second = desk(CreateGroup(name=name, agent_priorities={}, language_code="de")).id
    desk(GetGroup(id=first, fields=["agent_priorities", "routing_status"]))
    desk(GetGroup(id=second))
    desk(UpdateGroup(id=first, name=desk.name("renamed group")))
    desk(UpdateGroup(id=first, language_code="pl"))
    desk(ListGroups(fields=["agent_priorities"]))
    desk.refused(CreateGroup(name=name, agent_priorities={NO_BOT: "normal"}))
    desk.refused(UpdateGroup(id=NO_GROUP, name=name))
    desk(DeleteGroup(id=first))
    desk(DeleteGroup(id=second))
    desk.refused(GetGroup(id=first))
    desk.refused(UpdateGroup(id=first, name=name))
    desk.refused(DeleteGroup(id=first))


def _tags(desk: Desk) -> None:
    name, other = desk.name("tag"), desk.name("other tag")
    group_id = desk(CreateGroup(name=desk.name("group"), agent_priorities={})).id
    # In a group that nobody is in, so that a token for own groups alone is told at once.
    desk(CreateTag(name=name, group_ids=[group_id]))
    desk(CreateTag(name=other))
    desk(ListTags())
    desk(ListTags(filters=TagsFilters(group_ids=[group_id])))
    desk(ListTags(filters=TagsFilters(group_ids=[NO_GROUP])))
    desk.refused(CreateTag(name=name))
    desk.refused(CreateTag(name=name.upper()))
    desk.refused(CreateTag(name=desk.name("tag of no group"), group_ids=[NO_GROUP]))
    desk(UpdateTag(name=name))
    desk(ListTags(filters=TagsFilters(group_ids=[group_id])))
    desk.refused(UpdateTag(name=name, group_ids=[NO_GROUP]))
    desk.refused(UpdateTag(name=name.upper(), group_ids=[]))
    desk(UpdateTag(name=name, group_ids=[]))
    desk(ListTags(filters=TagsFilters(group_ids=[group_id])))
    desk.refused(DeleteTag(name=name.upper()))
    desk(DeleteTag(name=name))
    desk(DeleteTag(name=other))
    desk.refused(DeleteTag(name=name))
    desk.refused(UpdateTag(name=name, group_ids=[]))
    desk(DeleteGroup(id=group_id))


def _bots(desk: Desk) -> None:
    group_id = desk(CreateGroup(name=desk.name("group"), agent_priorities={})).id
    membership = GroupMembership(id=group_id, priority="last")
    name = desk.name("bot")
    made = desk(
        CreateBot(name=name, max_chats_count=0, job_title=f"{MARK}: job", groups=[membership])
    )
    desk(GetBot(id=made.id))
    desk(GetBot(id=made.id, fields=["job_title", "work_scheduler"]))
    desk(ListBots(all=True, fields=["groups"]))
    desk(GetGroup(id=group_id, fields=["agent_priorities"]))
    desk(ListAgents(filters=AgentsFilters(group_ids=[group_id])))
    desk(ListRoutingStatuses(filters=RoutingStatusesFilters(group_ids=[group_id])))
    for agent_id in (made.id, NO_AGENT):
        desk.refused(GetAgent(id=agent_id))
    desk(UpdateBot(id=made.id, name=desk.name("renamed bot"), type="parity", groups=[]))
    desk(GetBot(id=made.id))
    twice, nowhere = [membership, membership], [GroupMembership(id=NO_GROUP, priority="last")]
    desk.refused(CreateBot(name=name, max_chats_count=0, groups=twice))
    desk.refused(CreateBot(name=name, max_chats_count=0, groups=nowhere))
    zone = NewWorkScheduler(timezone=NO_ZONE, schedule=[])
    desk.refused(CreateBot(name=name, max_chats_count=0, work_scheduler=zone))
    for refused in (GetBot(id=NO_BOT), UpdateBot(id=NO_BOT, name=name), DeleteBot(id=NO_BOT)):
        desk.refused(refused)
    desk(DeleteBot(id=made.id))
    desk.refused(GetBot(id=made.id))
    desk(DeleteGroup(id=group_id))


def _properties(desk: Desk) -> None:
    owner, name = desk.client_id(), desk.property_name("property")
    access = NewPropertyAccess(
        license=NewUsersAccess(agent=["read"]), group=NewUsersAccess(agent=["read", "write"])
    )
    definition = RegisterProperty(
        name=name,
        owner_client_id=owner,
        type="string",
        access=access,
        description=desk.name("description"),
        default_value=f"{MARK}: default",
    )
    group_id = desk(CreateGroup(name=desk.name("group"), agent_priorities={})).id
    values = ListGroupsProperties(group_ids=[group_id], namespace=owner, name_prefix=name)
    desk(definition)
    desk(ListProperties(owner_client_id=owner))
    desk(ListLicenseProperties(namespace=owner, name_prefix=name))
    desk(values)
    desk.refused(definition)

    def setting(**others: str | int) -> UpdateGroupProperties:
        return UpdateGroupProperties(group_id=group_id, properties={owner: {**others}})

    unsetting = DeleteGroupProperties(id=group_id, properties={owner: [name]})
    desk(setting(**{name: f"{MARK}: set"}))
    desk(values)
    desk.refused(setting(**{name: 1}))
    unknown = desk.property_name("unknown")
    desk.refused(setting(**{name: f"{MARK}: set again", unknown: f"{MARK}: unknown"}))
    desk(values)
    desk(unsetting)
    desk(values)
    desk(unsetting)
    desk.refused(ListGroupsProperties(group_ids=[NO_GROUP]))
    desk(setting(**{name: f"{MARK}: set once more"}))
    desk(UnregisterProperty(name=name, owner_client_id=owner))
    desk(values)
    desk.refused(UnregisterProperty(name=name, owner_client_id=owner))
    desk.refused(setting(**{name: f"{MARK}: gone"}))
    desk(DeleteGroup(id=group_id))


def _webhooks(desk: Desk) -> None:
    owner = desk.client_id()
    # It would be sent while a bot of the client id is not offline, to where nobody is.
    registration = RegisterWebhook(
        action="thread_untagged",
        url=NO_URL,
        secret_key=desk.name("secret"),
        owner_client_id=owner,
        type="bot",
        description=desk.name("webhook"),
        filters=WebhookFilters(source_type=["my_client"]),
    )
    ids = [desk(registration).id for _ in range(3)]
    desk.refused(registration)
    desk(ListWebhooks(owner_client_id=owner))
    for webhook_id in ids:
        desk(UnregisterWebhook(id=webhook_id, owner_client_id=owner))
    desk.refused(UnregisterWebhook(id=ids[0], owner_client_id=owner))
    desk(ListWebhooks(owner_client_id=owner))


CONFIGURATION_STORIES: Final = (
    Story(
        name="config-reading",
        title="agents, groups, limits and channels are read",
        run=_reading,
        makes=(),
        calls=5,
        methods=(
            "list_agents",
            "list_groups",
            "list_license_properties",
            "list_channels",
        ),
        needs=("agents--all:ro", "groups--all:ro", "properties.license.value--all:ro"),
        covers=(("list_license_properties", "LiveChat's own count as public"),),
    ),
    Story(
        name="config-webhook-names",
        title="the webhooks of each version are listed",
        run=_webhook_names,
        makes=(),
        calls=5,
        methods=("list_webhook_names",),
        covers=(
            ("list_webhook_names", "No token is needed; `version` defaults"),
            ("list_webhook_names", "Every webhook but `agent_deleted`"),
            ("list_webhook_names", "The filters of older versions' webhooks"),
        ),
    ),
    Story(
        name="config-groups",
        title="two groups without members are made, read, changed and deleted",
        run=_groups,
        makes=("group", "group"),
        calls=14,
        spare=1,
        methods=("create_group", "get_group", "list_groups", "update_group", "delete_group"),
        needs=("groups--all:rw",),
        covers=(
            ("create_group", "Names need not be unique"),
            ("create_group", "`language_code` defaults"),
            ("create_group", "`not_found` is the error for an agent or bot"),
            ("list_groups", "In the order of the ids"),
            ("get_group", "`group_not_found` is the error"),
            ("update_group", "`group_not_found` is the error"),
            ("delete_group", "`group_not_found` is the error"),
        ),
    ),
    Story(
        name="config-tags",
        title="two tags are made, listed, changed and deleted, in a group that nobody is in",
        run=_tags,
        makes=("group", "tag", "tag"),
        calls=21,
        spare=2,
        methods=(
            "create_group",
            "create_tag",
            "list_tags",
            "update_tag",
            "delete_tag",
            "delete_group",
        ),
        needs=("groups--all:rw", "tags--all:rw"),
        covers=(
            ("create_tag", "A tag is unique whatever the case"),
            ("create_tag", "The errors are `already_exists`"),
            ("list_tags", "The newest first"),
            ("list_tags", "A group that is not there"),
            ("update_tag", "A tag cannot be renamed"),
            ("update_tag", "`group_ids` replaces the groups"),
            ("delete_tag", "The case of the letters counts"),
            ("delete_tag", "`not_found` is the error"),
        ),
    ),
    Story(
        name="config-bots",
        title="a bot that stays offline is made, read, changed and deleted",
        run=_bots,
        makes=("group", "bot"),
        calls=21,
        spare=3,
        needs_client_id=True,
        methods=(
            "create_group",
            "create_bot",
            "get_bot",
            "list_bots",
            "get_group",
            "list_agents",
            "list_routing_statuses",
            "get_agent",
            "update_bot",
            "delete_bot",
            "delete_group",
        ),
        needs=("groups--all:rw", "agents-bot--all:rw", "agents--all:ro"),
        covers=(
            ("create_bot", "The bot is offline until"),
            ("create_bot", "The secret is returned here"),
            ("create_bot", "Every bot is in group 0"),
            ("create_bot", "A time zone that there is not"),
            ("get_bot", "The secret is not returned"),
            ("get_bot", "`groups` and `max_chats_count` are returned"),
            ("get_bot", "`not_found` is the error"),
            ("list_bots", "Without the owner and the default priority"),
            ("list_agents", "Without bots"),
            ("get_agent", "`not_found` is the error"),
            ("update_bot", "What is given replaces"),
            ("delete_bot", "`not_found` is the error"),
        ),
    ),
    Story(
        name="config-properties",
        title="a private property is registered, set in a group that nobody is in, and removed",
        run=_properties,
        makes=("bot", "group", "property"),
        calls=24,
        needs_client_id=True,
        methods=(
            "create_bot",
            "get_bot",
            "delete_bot",
            "create_group",
            "register_property",
            "list_properties",
            "list_license_properties",
            "list_groups_properties",
            "update_group_properties",
            "delete_group_properties",
            "unregister_property",
            "delete_group",
        ),
        needs=(
            "agents-bot--my:rw",
            "groups--all:rw",
            "properties.configuration:rw",
            "properties.license.value--my:ro",
            "properties.group.value--all:rw",
        ),
        covers=(
            ("register_property", "`already_exists` is the error"),
            ("list_properties", "Private and published ones"),
            ("list_license_properties", "A property without a value"),
            ("list_groups_properties", "A property without a value"),
            ("list_groups_properties", "Each group that is asked for"),
            ("list_groups_properties", "`group_not_found` is the error"),
            ("update_group_properties", "`validation` is the error"),
            ("delete_group_properties", "Defaults count again"),
            ("delete_group_properties", "A property that has no value is no error"),
            ("unregister_property", "The values go with it"),
            ("unregister_property", "`not_found` is the error"),
        ),
    ),
    Story(
        name="config-webhooks",
        title="three webhooks to a host that is nowhere are registered, and unregistered",
        run=_webhooks,
        makes=("bot", "webhook", "webhook", "webhook"),
        calls=13,
        spare=1,
        needs_client_id=True,
        methods=(
            "create_bot",
            "get_bot",
            "delete_bot",
            "register_webhook",
            "list_webhooks",
            "unregister_webhook",
        ),
        needs=("agents-bot--my:rw", "webhooks.configuration:rw"),
        covers=(
            ("register_webhook", "At most 3 for each action"),
            ("register_webhook", "`limit_reached` is the error"),
            ("list_webhooks", "Without secrets"),
            ("unregister_webhook", "`not_found` is the error"),
        ),
    ),
)
