"""Rendered from the declarations by ``make render``; not to be edited by hand."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

from frontdesk.actions.configuration.agents import (
    ApproveAgent,
    CreateAgent,
    DeleteAgent,
    GetAgent,
    ListAgents,
    RequestAgentUnsuspension,
    SuspendAgent,
    UnsuspendAgent,
    UpdateAgent,
)
from frontdesk.actions.configuration.auto_access import (
    AddAutoAccess,
    DeleteAutoAccess,
    ListAutoAccesses,
    UpdateAutoAccess,
)
from frontdesk.actions.configuration.batch import (
    BatchApproveAgents,
    BatchCreateAgents,
    BatchCreateBots,
    BatchDeleteAgents,
    BatchDeleteBots,
    BatchSuspendAgents,
    BatchUnsuspendAgents,
    BatchUpdateAgents,
    BatchUpdateBots,
    BatchUpdateTranslations,
)
from frontdesk.actions.configuration.bot_templates import (
    CreateBotTemplate,
    DeleteBotTemplate,
    ListBotTemplates,
    ResetBotTemplateSecret,
    UpdateBotTemplate,
)
from frontdesk.actions.configuration.bots import (
    CreateBot,
    DeleteBot,
    GetBot,
    IssueBotToken,
    ListBots,
    ResetBotSecret,
    UpdateBot,
)
from frontdesk.actions.configuration.canned_responses import (
    CreateCannedResponse,
    DeleteCannedResponse,
    ListCannedResponses,
    UpdateCannedResponse,
)
from frontdesk.actions.configuration.company import (
    CheckProductLimitsForPlan,
    GetCompanyDetails,
    GetProductSource,
    ListChannels,
    ReactivateEmail,
    UpdateCompanyDetails,
)
from frontdesk.actions.configuration.customer_bans import (
    BanCustomerOrIp,
    ListCustomerBans,
    UnbanCustomer,
)
from frontdesk.actions.configuration.greetings import (
    CreateGreeting,
    DeleteGreeting,
    GetGreeting,
    ListGreetings,
    UpdateGreeting,
)
from frontdesk.actions.configuration.groups import (
    CreateGroup,
    DeleteGroup,
    GetGroup,
    ListGroups,
    UpdateGroup,
)
from frontdesk.actions.configuration.properties import (
    DeleteGroupProperties,
    DeleteLicenseProperties,
    ListGroupsProperties,
    ListLicenseProperties,
    ListProperties,
    PublishProperty,
    RegisterProperty,
    UnregisterProperty,
    UpdateGroupProperties,
    UpdateLicenseProperties,
)
from frontdesk.actions.configuration.tags import CreateTag, DeleteTag, ListTags, UpdateTag
from frontdesk.actions.configuration.webhooks import (
    DisableLicenseWebhooks,
    EnableLicenseWebhooks,
    GetLicenseWebhooksState,
    ListWebhookNames,
    ListWebhooks,
    RegisterWebhook,
    UnregisterWebhook,
)
from frontdesk.actions.configuration.widget import (
    AddAllowedDomain,
    DeleteAllowedDomain,
    ListAllowedDomains,
    ListTranslations,
    UpdateTranslations,
)
from frontdesk.clients.pages import Pages
from frontdesk.clients.sync_web import SyncDriver
from frontdesk.core.pages import full_pages
from frontdesk.models import (
    AgentConfig,
    AgentsFilters,
    AllowedDomains,
    AutoAccess,
    AutoAccessConditions,
    AutoAccessGroups,
    BatchOfAgents,
    BatchOfBots,
    BatchOfChanges,
    BotConfig,
    BotSecret,
    BotTemplate,
    CannedResponse,
    CannedResponsesPage,
    Channel,
    CompanyDetails,
    CreatedAgent,
    CreatedAutoAccess,
    CreatedBot,
    CreatedCannedResponse,
    CreatedGreeting,
    CreatedGroup,
    CustomerBan,
    Greeting,
    GreetingProperties,
    GreetingRichMessage,
    GreetingRule,
    GreetingsPage,
    GroupConfig,
    GroupMembership,
    GroupPriority,
    GroupProperties,
    IssuedBotToken,
    LicenseWebhooksState,
    NewAutoAccessConditions,
    NewAutoAccessGroups,
    NewGreetingProperties,
    NewGreetingRichMessage,
    NewGreetingRule,
    NewPropertyAccess,
    NewPropertyRange,
    NewWorkScheduler,
    PlanLimitExcess,
    ProductSource,
    PropertyDefinition,
    PropertyRange,
    RegisteredFilters,
    RegisteredWebhook,
    TagConfig,
    TagsFilters,
    Translations,
    WebhookAction,
    WebhookFilters,
    WebhookName,
    WebhookRegistration,
    WorkScheduler,
)

__all__ = ["ConfigurationClient"]


class ConfigurationClient(SyncDriver):
    """The Configuration API: one method per API method, each waits for its response."""

    def create_agent(
        self,
        *,
        id: str,
        name: str,
        role: Literal["viceowner", "administrator", "normal"] | None = None,
        login_status: Literal["accepting chats", "not accepting chats"] | None = None,
        job_title: str | None = None,
        mobile: str | None = None,
        max_chats_count: int | None = None,
        awaiting_approval: bool | None = None,
        groups: Sequence[GroupMembership | GroupPriority | Mapping[str, Any]] | None = None,
        notifications: Sequence[
            Literal[
                "new_visitor",
                "incoming_chat",
                "returning_visitor",
                "queued_visitor",
                "visitor_is_typing",
                "new_goal",
                "unassigned_chats",
                "unassigned_chat_messages",
                "ticket",
                "inactive_notifications",
                "mute_all_sounds",
                "repeat_sound_notifications",
                "ticket_notifications",
                "incoming_message_for_focused_chat",
            ]
            | str
        ]
        | None = None,
        email_subscriptions: Sequence[Literal["daily_summary", "weekly_summary"] | str]
        | None = None,
        work_scheduler: NewWorkScheduler | WorkScheduler | Mapping[str, Any] | None = None,
    ) -> CreatedAgent:
        """Make an agent, who has to be approved unless `awaiting_approval` is false.

        A new agent is offline, and in group 0 besides the groups given.

        Args:
            id: The e-mail address, which is the agent's id.
            name: The name that customers see.
            role: Defaults to `normal`.
            login_status: The status after logging in; defaults to `not accepting chats`.
            job_title: What the agent does in the company.
            mobile: A phone number.
            max_chats_count: Chats at a time, 0 to 20; defaults to 6.
            awaiting_approval: False makes an agent who need not be approved; needs further
                scopes.
            groups: The groups to be in, each with a priority.
            notifications: What LiveChat's application notifies the agent of.
            email_subscriptions: Which summaries the agent gets by e-mail.
            work_scheduler: When the agent works.

        Returns:
            `CreatedAgent`: the agent is made; ``id`` is the e-mail address.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error, typically `AlreadyExists`,
                `LimitReached`, `GroupNotFound`, `AuthorizationError`, `ValidationError`.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: accounts--all:rc; accounts--all:rw and subscription.lc:rw for
        `awaiting_approval` false; accounts.roles.lc--all:rw for a role above `normal`.
        Source: https://platform.text.com/docs/management/configuration-api#create-agent
        """
        return self(
            CreateAgent(
                id=id,
                name=name,
                role=role,
                login_status=login_status,
                job_title=job_title,
                mobile=mobile,
                max_chats_count=max_chats_count,
                awaiting_approval=awaiting_approval,
                groups=groups,
                notifications=notifications,
                email_subscriptions=email_subscriptions,
                work_scheduler=work_scheduler,
            )
        )

    def get_agent(
        self,
        *,
        id: str,
        fields: Sequence[
            Literal[
                "work_scheduler",
                "groups",
                "email_subscriptions",
                "notifications",
                "job_title",
                "mobile",
                "max_chats_count",
                "suspended",
                "awaiting_approval",
                "last_logout",
            ]
        ]
        | None = None,
    ) -> AgentConfig:
        """Get an agent; a bot is not one. With `agents--my:ro`, oneself.

        Args:
            id: The agent's id, an e-mail address.
            fields: What to return besides the id, account, name, avatar, role and log-in
                status; defaults to nothing more.

        Returns:
            `AgentConfig`: an agent; ``role`` is ``owner``, ``viceowner``, ``administrator``
            or ``normal``.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error, typically `NotFound`,
                `ValidationError`.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: agents--my:ro or agents--all:ro.
        Source: https://platform.text.com/docs/management/configuration-api#get-agent
        """
        return self(GetAgent(id=id, fields=fields))

    def list_agents(
        self,
        *,
        filters: AgentsFilters | Mapping[str, Any] | None = None,
        fields: Sequence[
            Literal[
                "work_scheduler",
                "groups",
                "email_subscriptions",
                "notifications",
                "job_title",
                "mobile",
                "max_chats_count",
                "suspended",
                "awaiting_approval",
                "last_logout",
            ]
        ]
        | None = None,
    ) -> list[AgentConfig]:
        """List the agents of the license, without bots; all at once.

        Args:
            filters: By group, and by whether they are suspended; defaults to all agents.
            fields: What to return besides the id, account, name, avatar, role and log-in
                status; defaults to nothing more.

        Returns:
            `list[AgentConfig]`.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error, typically `ValidationError`.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: agents--all:ro.
        Source: https://platform.text.com/docs/management/configuration-api#list-agents
        """
        return self(ListAgents(filters=filters, fields=fields))

    def update_agent(
        self,
        *,
        id: str,
        role: Literal["viceowner", "administrator", "normal"] | None = None,
        login_status: Literal["accepting chats", "not accepting chats"] | None = None,
        job_title: str | None = None,
        mobile: str | None = None,
        max_chats_count: int | None = None,
        groups: Sequence[GroupMembership | GroupPriority | Mapping[str, Any]] | None = None,
        notifications: Sequence[
            Literal[
                "new_visitor",
                "incoming_chat",
                "returning_visitor",
                "queued_visitor",
                "visitor_is_typing",
                "new_goal",
                "unassigned_chats",
                "unassigned_chat_messages",
                "ticket",
                "inactive_notifications",
                "mute_all_sounds",
                "repeat_sound_notifications",
                "ticket_notifications",
                "incoming_message_for_focused_chat",
            ]
            | str
        ]
        | None = None,
        email_subscriptions: Sequence[Literal["daily_summary", "weekly_summary"] | str]
        | None = None,
        work_scheduler: NewWorkScheduler | WorkScheduler | Mapping[str, Any] | None = None,
    ) -> None:
        """Change an agent: what is given replaces what was there, lists as a whole.

        The name and avatar belong to LiveChat's Accounts service. A change of groups counts for chats
        to come; running ones stay. `agents--my:rw` is for oneself.

        Args:
            id: The agent's id, an e-mail address.
            role: Ownership cannot be given here.
            login_status: The status after logging in.
            job_title: What the agent does in the company.
            mobile: A phone number.
            max_chats_count: Chats at a time, 0 to 20.
            groups: All groups to be in from now on; everybody stays in group 0.
            notifications: What LiveChat's application notifies the agent of.
            email_subscriptions: Which summaries the agent gets by e-mail.
            work_scheduler: When the agent works.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error, typically `NotFound`,
                `GroupNotFound`, `LimitReached`, `AuthorizationError`, `ValidationError`.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: agents--my:rw or agents--all:rw; accounts.roles.lc--all:rw for another role.
        Source: https://platform.text.com/docs/management/configuration-api#update-agent
        """
        self(
            UpdateAgent(
                id=id,
                role=role,
                login_status=login_status,
                job_title=job_title,
                mobile=mobile,
                max_chats_count=max_chats_count,
                groups=groups,
                notifications=notifications,
                email_subscriptions=email_subscriptions,
                work_scheduler=work_scheduler,
            )
        )

    def delete_agent(
        self,
        *,
        id: str,
    ) -> None:
        """Delete an agent; active chats go to others, or are closed. The owner cannot be deleted.

        Args:
            id: The agent to delete.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error, typically `NotFound`,
                `AuthorizationError`.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: agents--my:rw and accounts--my:rw; agents--all:rw and accounts--all:rw for
        another agent.
        Source: https://platform.text.com/docs/management/configuration-api#delete-agent
        """
        self(DeleteAgent(id=id))

    def suspend_agent(
        self,
        *,
        id: str,
    ) -> None:
        """Suspend an agent, who can log in no more; the seat becomes free.

        LiveChat gives `sessions--all:rw` to its own application only.

        Args:
            id: The agent to suspend.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error, typically `NotFound`,
                `AuthorizationError`.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: agents--all:rw and sessions--all:rw.
        Source: https://platform.text.com/docs/management/configuration-api#suspend-agent
        """
        self(SuspendAgent(id=id))

    def unsuspend_agent(
        self,
        *,
        id: str,
    ) -> None:
        """End the suspension of an agent, who is offline until the next log-in.

        LiveChat gives `subscription.lc:rw` to its own application only.

        Args:
            id: The suspended agent.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error, typically `NotFound`, `LimitReached`.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: agents--all:rw and accounts--all:rw and subscription.lc:rw.
        Source: https://platform.text.com/docs/management/configuration-api#unsuspend-agent
        """
        self(UnsuspendAgent(id=id))

    def request_agent_unsuspension(
        self,
    ) -> None:
        """Ask the owner and the vice owners, by e-mail, to end one's own suspension.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error, typically `AuthorizationError`.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: none.
        Source: https://platform.text.com/docs/management/configuration-api#request-agent-unsuspension
        """
        self(RequestAgentUnsuspension())

    def approve_agent(
        self,
        *,
        id: str,
    ) -> None:
        """Approve an agent who waits for it, and can log in from then on.

        LiveChat gives `subscription.lc:rw` to its own application only.

        Args:
            id: The agent who waits for approval.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error, typically `NotFound`, `LimitReached`.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: agents--all:rw and accounts--all:rw and subscription.lc:rw.
        Source: https://platform.text.com/docs/management/configuration-api#approve-agent
        """
        self(ApproveAgent(id=id))

    def add_auto_access(
        self,
        *,
        access: NewAutoAccessGroups | AutoAccessGroups | Mapping[str, Any],
        conditions: NewAutoAccessConditions | AutoAccessConditions | Mapping[str, Any],
        description: str | None = None,
        next_id: str | None = None,
    ) -> CreatedAutoAccess:
        """Add an access rule. The first rule that applies counts; without any it is group 0.

        The rules are asked when a customer arrives or goes to another page, for the chats that he or
        she starts then.

        Args:
            access: The groups that the threads of such chats get: `{"groups": […]}`.
            conditions: When the rule applies: `url`, `domain`, `geolocation`; all given
                must hold.
            description: A text for people.
            next_id: The rule before which it goes; defaults to the end.

        Returns:
            `CreatedAutoAccess`: the access rule is made.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error, typically `LimitReached`,
                `GroupNotFound`, `NotFound`, `ValidationError`.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: access_rules:rw.
        Source: https://platform.text.com/docs/management/configuration-api#add-auto-access
        """
        return self(
            AddAutoAccess(
                access=access, conditions=conditions, description=description, next_id=next_id
            )
        )

    def list_auto_accesses(
        self,
    ) -> list[AutoAccess]:
        """List the access rules in their order.

        Returns:
            `list[AutoAccess]`.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: access_rules:ro.
        Source: https://platform.text.com/docs/management/configuration-api#list-auto-accesses
        """
        return self(ListAutoAccesses())

    def delete_auto_access(
        self,
        *,
        id: str,
    ) -> None:
        """Delete an access rule; chats that got their groups from it keep them.

        Args:
            id: The rule to delete.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error, typically `NotFound`.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: access_rules:rw.
        Source: https://platform.text.com/docs/management/configuration-api#delete-auto-access
        """
        self(DeleteAutoAccess(id=id))

    def update_auto_access(
        self,
        *,
        id: str,
        access: NewAutoAccessGroups | AutoAccessGroups | Mapping[str, Any] | None = None,
        conditions: NewAutoAccessConditions
        | AutoAccessConditions
        | Mapping[str, Any]
        | None = None,
        description: str | None = None,
        next_id: str | None = None,
    ) -> None:
        """Change or move an access rule: what is given replaces what was there as a whole.

        Args:
            id: The rule to change.
            access: The groups that the threads of such chats get: `{"groups": […]}`.
            conditions: When the rule applies: `url`, `domain`, `geolocation`; all given
                must hold.
            description: A text for people.
            next_id: Moves it before this rule, an empty text to the end.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error, typically `NotFound`,
                `GroupNotFound`, `ValidationError`.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: access_rules:rw.
        Source: https://platform.text.com/docs/management/configuration-api#update-auto-access
        """
        self(
            UpdateAutoAccess(
                id=id,
                access=access,
                conditions=conditions,
                description=description,
                next_id=next_id,
            )
        )

    def create_bot(
        self,
        *,
        name: str,
        avatar: str | None = None,
        max_chats_count: int | None = None,
        default_group_priority: Literal["first", "normal", "last", "supervisor"] | None = None,
        job_title: str | None = None,
        groups: Sequence[GroupMembership | GroupPriority | Mapping[str, Any]] | None = None,
        type: str | None = None,
        work_scheduler: NewWorkScheduler | WorkScheduler | Mapping[str, Any] | None = None,
        owner_client_id: str | None = None,
    ) -> CreatedBot:
        """Make a bot, which is offline until `set_routing_status` says otherwise.

        The secret that is returned is shown only here: `issue_bot_token` takes it. Without `groups`
        the bot is in every group with `default_group_priority`, and without that in group 0.

        Args:
            name: The name that customers see.
            avatar: The address of a picture.
            max_chats_count: Chats at a time, 0 to 500; defaults to 6.
            default_group_priority: The priority in groups for which none is given.
            job_title: What customers read below the name.
            groups: The groups to be in, each with a priority.
            type: A word to sort bots by, such as `ai_agent`. Defaults to `chatbot`.
            work_scheduler: When the bot works; `timezone` is required.
            owner_client_id: The client id that owns the bot, one of your organization's.
                Required with a personal access token; defaults to that of a bearer token.

        Returns:
            `CreatedBot`: the bot or bot template is made, with its ``id`` and ``secret``.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error, typically `LimitReached`,
                `GroupNotFound`, `AuthorizationError`, `ValidationError`.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: agents-bot--my:rw.
        Source: https://platform.text.com/docs/management/configuration-api#create-bot
        """
        return self(
            CreateBot(
                name=name,
                avatar=avatar,
                max_chats_count=max_chats_count,
                default_group_priority=default_group_priority,
                job_title=job_title,
                groups=groups,
                type=type,
                work_scheduler=work_scheduler,
                owner_client_id=owner_client_id,
            )
        )

    def delete_bot(
        self,
        *,
        id: str,
    ) -> None:
        """Delete a bot; its active chats go to others, or are closed.

        `agents-bot--my:rw` is for bots of the token's client id.

        Args:
            id: The bot to delete.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error, typically `NotFound`,
                `AuthorizationError`.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: agents-bot--my:rw or agents-bot--all:rw.
        Source: https://platform.text.com/docs/management/configuration-api#delete-bot
        """
        self(DeleteBot(id=id))

    def update_bot(
        self,
        *,
        id: str,
        name: str | None = None,
        avatar: str | None = None,
        max_chats_count: int | None = None,
        groups: Sequence[GroupMembership | GroupPriority | Mapping[str, Any]] | None = None,
        default_group_priority: Literal["first", "normal", "last", "supervisor"] | None = None,
        job_title: str | None = None,
        type: str | None = None,
        work_scheduler: NewWorkScheduler | WorkScheduler | Mapping[str, Any] | None = None,
    ) -> None:
        """Change a bot: what is given replaces what was there, lists as a whole.

        The status is set by `set_routing_status`; the owner stays. `agents-bot--my:rw` is for bots of
        the token's client id.

        Args:
            id: The bot to change.
            name: The name that customers see.
            avatar: The address of a picture.
            max_chats_count: Chats at a time, 0 to 500.
            groups: All groups to be in from now on.
            default_group_priority: The priority in groups for which none is given.
            job_title: What customers read below the name.
            type: A word to sort bots by, such as `ai_agent`.
            work_scheduler: When the bot works; `timezone` is required.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error, typically `NotFound`,
                `GroupNotFound`, `AuthorizationError`, `ValidationError`.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: agents-bot--my:rw or agents-bot--all:rw.
        Source: https://platform.text.com/docs/management/configuration-api#update-bot
        """
        self(
            UpdateBot(
                id=id,
                name=name,
                avatar=avatar,
                max_chats_count=max_chats_count,
                groups=groups,
                default_group_priority=default_group_priority,
                job_title=job_title,
                type=type,
                work_scheduler=work_scheduler,
            )
        )

    def list_bots(
        self,
        *,
        all: bool | None = None,
        fields: Sequence[
            Literal["groups", "work_scheduler", "job_title", "max_chats_count", "timezone"]
        ]
        | None = None,
    ) -> list[BotConfig]:
        """List bots: the requester's, or all of the license.

        The requester's are those made through the app of the token, or with any personal access token
        where that is what calls.

        Args:
            all: True: every bot of the license, which takes `agents-bot--all:ro`.
            fields: What to return besides what always is; defaults to nothing more.

        Returns:
            `list[BotConfig]`.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error, typically `AuthorizationError`.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: agents-bot--my:ro or agents-bot--all:ro.
        Source: https://platform.text.com/docs/management/configuration-api#list-bots
        """
        return self(ListBots(all=all, fields=fields))

    def get_bot(
        self,
        *,
        id: str,
        fields: Sequence[
            Literal["groups", "work_scheduler", "job_title", "max_chats_count", "timezone"]
        ]
        | None = None,
    ) -> BotConfig:
        """Get a bot, without its secret.

        Args:
            id: The bot.
            fields: What to return besides what always is; defaults to nothing more.

        Returns:
            `BotConfig`: A bot. ``id`` are 32 hex digits; ``type`` is free, ``chatbot`` by
            default (since 3.6).

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error, typically `NotFound`,
                `AuthorizationError`.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: agents-bot--my:ro or agents-bot--all:ro.
        Source: https://platform.text.com/docs/management/configuration-api#get-bot
        """
        return self(GetBot(id=id, fields=fields))

    def issue_bot_token(
        self,
        *,
        bot_id: str,
        client_id: str,
        bot_secret: str,
        organization_id: str,
    ) -> IssuedBotToken:
        """Get a bearer token of a bot, valid for 24 hours; it cannot be revoked.

        Its scopes are `chats--access:rw`, `agents-bot--my:rw` and `customers:rw`.

        Args:
            bot_id: The bot.
            client_id: The client id that owns it.
            bot_secret: What `create_bot` or `reset_bot_secret` returned.
            organization_id: Your organization.

        Returns:
            `IssuedBotToken`: A bearer token of a bot, valid for 24 hours. It cannot be
            revoked; no ``repr`` shows it.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error, typically `AuthenticationError`,
                `NotFound`.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: none.
        Source: https://platform.text.com/docs/management/configuration-api#issue-bot-token
        """
        return self(
            IssueBotToken(
                bot_id=bot_id,
                client_id=client_id,
                bot_secret=bot_secret,
                organization_id=organization_id,
            )
        )

    def reset_bot_secret(
        self,
        *,
        id: str,
        owner_client_id: str | None = None,
    ) -> BotSecret:
        """Replace the secret of a bot; tokens that were issued with the old one stay valid.

        Args:
            id: The bot.
            owner_client_id: The client id that owns the bot, one of your organization's.
                Required with a personal access token; defaults to that of a bearer token.

        Returns:
            `BotSecret`: A new secret of a bot or bot template, with which
            ``issue_bot_token`` gives tokens.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error, typically `NotFound`,
                `AuthorizationError`.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: agents-bot--my:rw.
        Source: https://platform.text.com/docs/management/configuration-api#reset-bot-secret
        """
        return self(ResetBotSecret(id=id, owner_client_id=owner_client_id))

    def add_allowed_domain(
        self,
        *,
        domain: str,
    ) -> None:
        """Let a domain embed the chat widget; once there is one, others may not.

        Args:
            domain: The domain, at most 255 characters.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error, typically `AlreadyExists`.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: domain_manage.
        Source: https://platform.text.com/docs/management/configuration-api#add-allowed-domain
        """
        self(AddAllowedDomain(domain=domain))

    def list_allowed_domains(
        self,
    ) -> AllowedDomains:
        """List the domains that may embed the chat widget.

        Returns:
            `AllowedDomains`: the domains that may embed the chat widget.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: domain_manage.
        Source: https://platform.text.com/docs/management/configuration-api#list-allowed-domains
        """
        return self(ListAllowedDomains())

    def delete_allowed_domain(
        self,
        *,
        domain: str,
    ) -> None:
        """Take a domain off the list of those that may embed the chat widget.

        Args:
            domain: The domain.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error, typically `NotFound`.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: domain_manage.
        Source: https://platform.text.com/docs/management/configuration-api#delete-allowed-domain
        """
        self(DeleteAllowedDomain(domain=domain))

    def update_translations(
        self,
        *,
        group_id: int,
        language: str,
        phrases: Mapping[
            Literal[
                "Welcome_title",
                "Agents_not_available_continuous",
                "User_in_queue",
                "Client",
                "Embedded_textarea_placeholder",
                "Offline_message_sent",
            ],
            str,
        ],
    ) -> None:
        """Change phrases of the chat widget, for one group and language.

        Args:
            group_id: The group.
            language: The language, such as `en`.
            phrases: Phrases by their keys.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error, typically `GroupNotFound`,
                `ValidationError`.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: languages_write.
        Source: https://platform.text.com/docs/management/configuration-api#update-translations
        """
        self(UpdateTranslations(group_id=group_id, language=language, phrases=phrases))

    def list_translations(
        self,
        *,
        group_id: int,
        language: str,
    ) -> Translations:
        """List the changed phrases of one group and language.

        Args:
            group_id: The group.
            language: The language, such as `en`.

        Returns:
            `Translations`: the phrases of the chat widget that are not the default ones.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error, typically `GroupNotFound`.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: languages_read.
        Source: https://platform.text.com/docs/management/configuration-api#list-translations
        """
        return self(ListTranslations(group_id=group_id, language=language))

    def batch_create_agents(
        self,
        *,
        requests: Sequence[CreateAgent | Mapping[str, Any]],
    ) -> BatchOfAgents:
        """Make agents, as `create_agent` does with each; those that fail have an `error`.

        Args:
            requests: The requests, each as `create_agent` takes it.

        Returns:
            `BatchOfAgents`: what became of each request to make an agent, in their order.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: accounts--all:rc; accounts--all:rw and subscription.lc:rw for
        `awaiting_approval` false; accounts.roles.lc--all:rw for a role above `normal`.
        Source: https://platform.text.com/docs/management/configuration-api#batch-create-agents
        """
        return self(BatchCreateAgents(requests=requests))

    def batch_update_agents(
        self,
        *,
        requests: Sequence[UpdateAgent | Mapping[str, Any]],
    ) -> BatchOfChanges:
        """Change agents, as `update_agent` does with each; those that fail have an `error`.

        Args:
            requests: The requests, each as `update_agent` takes it.

        Returns:
            `BatchOfChanges`: what became of each request, in their order.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: agents--my:rw or agents--all:rw; accounts.roles.lc--all:rw for another role.
        Source: https://platform.text.com/docs/management/configuration-api#batch-update-agents
        """
        return self(BatchUpdateAgents(requests=requests))

    def batch_delete_agents(
        self,
        *,
        requests: Sequence[DeleteAgent | Mapping[str, Any]],
    ) -> BatchOfChanges:
        """Delete agents, as `delete_agent` does with each; those that fail have an `error`.

        Args:
            requests: The requests, each as `delete_agent` takes it.

        Returns:
            `BatchOfChanges`: what became of each request, in their order.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: agents--my:rw and accounts--my:rw; agents--all:rw and accounts--all:rw for
        another agent.
        Source: https://platform.text.com/docs/management/configuration-api#batch-delete-agents
        """
        return self(BatchDeleteAgents(requests=requests))

    def batch_suspend_agents(
        self,
        *,
        requests: Sequence[SuspendAgent | Mapping[str, Any]],
    ) -> BatchOfChanges:
        """Suspend agents, as `suspend_agent` does with each; those that fail have an `error`.

        Args:
            requests: The requests, each as `suspend_agent` takes it.

        Returns:
            `BatchOfChanges`: what became of each request, in their order.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: agents--all:rw and sessions--all:rw.
        Source: https://platform.text.com/docs/management/configuration-api#batch-suspend-agents
        """
        return self(BatchSuspendAgents(requests=requests))

    def batch_unsuspend_agents(
        self,
        *,
        requests: Sequence[UnsuspendAgent | Mapping[str, Any]],
    ) -> BatchOfChanges:
        """End suspensions, as `unsuspend_agent` does with each; those that fail have an `error`.

        Args:
            requests: The requests, each as `unsuspend_agent` takes it.

        Returns:
            `BatchOfChanges`: what became of each request, in their order.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: agents--all:rw and accounts--all:rw and subscription.lc:rw.
        Source: https://platform.text.com/docs/management/configuration-api#batch-unsuspend-agents
        """
        return self(BatchUnsuspendAgents(requests=requests))

    def batch_approve_agents(
        self,
        *,
        requests: Sequence[ApproveAgent | Mapping[str, Any]],
    ) -> BatchOfChanges:
        """Approve agents, as `approve_agent` does with each; those that fail have an `error`.

        Args:
            requests: The requests, each as `approve_agent` takes it.

        Returns:
            `BatchOfChanges`: what became of each request, in their order.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: agents--all:rw and accounts--all:rw and subscription.lc:rw.
        Source: https://platform.text.com/docs/management/configuration-api#batch-approve-agents
        """
        return self(BatchApproveAgents(requests=requests))

    def batch_create_bots(
        self,
        *,
        requests: Sequence[CreateBot | Mapping[str, Any]],
    ) -> BatchOfBots:
        """Make bots, as `create_bot` does with each; those that fail have an `error`.

        Args:
            requests: The requests, each as `create_bot` takes it.

        Returns:
            `BatchOfBots`: what became of each request to make a bot, in their order.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: agents-bot--my:rw.
        Source: https://platform.text.com/docs/management/configuration-api#batch-create-bots
        """
        return self(BatchCreateBots(requests=requests))

    def batch_update_bots(
        self,
        *,
        requests: Sequence[UpdateBot | Mapping[str, Any]],
    ) -> BatchOfChanges:
        """Change bots, as `update_bot` does with each; those that fail have an `error`.

        Args:
            requests: The requests, each as `update_bot` takes it.

        Returns:
            `BatchOfChanges`: what became of each request, in their order.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: agents-bot--my:rw or agents-bot--all:rw.
        Source: https://platform.text.com/docs/management/configuration-api#batch-update-bots
        """
        return self(BatchUpdateBots(requests=requests))

    def batch_delete_bots(
        self,
        *,
        requests: Sequence[DeleteBot | Mapping[str, Any]],
    ) -> BatchOfChanges:
        """Delete bots, as `delete_bot` does with each; those that fail have an `error`.

        Args:
            requests: The requests, each as `delete_bot` takes it.

        Returns:
            `BatchOfChanges`: what became of each request, in their order.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: agents-bot--my:rw or agents-bot--all:rw.
        Source: https://platform.text.com/docs/management/configuration-api#batch-delete-bots
        """
        return self(BatchDeleteBots(requests=requests))

    def batch_update_translations(
        self,
        *,
        requests: Sequence[UpdateTranslations | Mapping[str, Any]],
    ) -> BatchOfChanges:
        """Change phrases, as `update_translations` does with each; those that fail have an `error`.

        Args:
            requests: The requests, each as `update_translations` takes it.

        Returns:
            `BatchOfChanges`: what became of each request, in their order.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: languages_write.
        Source: https://platform.text.com/docs/management/configuration-api#batch-update-translations
        """
        return self(BatchUpdateTranslations(requests=requests))

    def create_bot_template(
        self,
        *,
        name: str,
        owner_client_id: str,
        avatar: str | None = None,
        max_chats_count: int | None = None,
        default_group_priority: Literal["first", "normal", "last", "supervisor"] | None = None,
        job_title: str | None = None,
        affect_existing_installations: bool | None = None,
    ) -> CreatedBot:
        """Make a template, at most 5 for a client id; the bots made from it have its id and secret.

        Args:
            name: The name that customers see.
            owner_client_id: The client id of the app; it must be your organization's.
            avatar: The address of a picture.
            max_chats_count: Chats at a time, 0 to 500; defaults to 6.
            default_group_priority: The priority of the bots in every group.
            job_title: What customers read below the name.
            affect_existing_installations: True: also where the app is installed already;
                defaults to false.

        Returns:
            `CreatedBot`: the bot or bot template is made, with its ``id`` and ``secret``.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error, typically `LimitReached`,
                `AuthorizationError`.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: bots.templates:rw.
        Source: https://platform.text.com/docs/management/configuration-api#create-bot-template
        """
        return self(
            CreateBotTemplate(
                name=name,
                owner_client_id=owner_client_id,
                avatar=avatar,
                max_chats_count=max_chats_count,
                default_group_priority=default_group_priority,
                job_title=job_title,
                affect_existing_installations=affect_existing_installations,
            )
        )

    def update_bot_template(
        self,
        *,
        id: str,
        owner_client_id: str,
        name: str | None = None,
        avatar: str | None = None,
        max_chats_count: int | None = None,
        default_group_priority: Literal["first", "normal", "last", "supervisor"] | None = None,
        job_title: str | None = None,
        affect_existing_installations: bool | None = None,
    ) -> None:
        """Change a template: what is given replaces what was there.

        Args:
            id: The template.
            owner_client_id: The client id of the app; it must be your organization's.
            name: The name that customers see.
            avatar: The address of a picture.
            max_chats_count: Chats at a time, 0 to 500.
            default_group_priority: The priority of the bots in every group.
            job_title: What customers read below the name.
            affect_existing_installations: True: the bots made from it change too.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error, typically `NotFound`,
                `AuthorizationError`.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: bots.templates:rw.
        Source: https://platform.text.com/docs/management/configuration-api#update-bot-template
        """
        self(
            UpdateBotTemplate(
                id=id,
                owner_client_id=owner_client_id,
                name=name,
                avatar=avatar,
                max_chats_count=max_chats_count,
                default_group_priority=default_group_priority,
                job_title=job_title,
                affect_existing_installations=affect_existing_installations,
            )
        )

    def delete_bot_template(
        self,
        *,
        id: str,
        owner_client_id: str,
        affect_existing_installations: bool | None = None,
    ) -> None:
        """Delete a template; the bots made from it stay unless told otherwise.

        Args:
            id: The template.
            owner_client_id: The client id of the app; it must be your organization's.
            affect_existing_installations: True: the bots made from it are deleted too.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error, typically `NotFound`,
                `AuthorizationError`.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: bots.templates:rw.
        Source: https://platform.text.com/docs/management/configuration-api#delete-bot-template
        """
        self(
            DeleteBotTemplate(
                id=id,
                owner_client_id=owner_client_id,
                affect_existing_installations=affect_existing_installations,
            )
        )

    def list_bot_templates(
        self,
        *,
        owner_client_id: str,
    ) -> list[BotTemplate]:
        """List the templates of a client id.

        Args:
            owner_client_id: The client id of the app; it must be your organization's.

        Returns:
            `list[BotTemplate]`.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error, typically `AuthorizationError`.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: bots.templates:rw.
        Source: https://platform.text.com/docs/management/configuration-api#list-bot-templates
        """
        return self(ListBotTemplates(owner_client_id=owner_client_id))

    def reset_bot_template_secret(
        self,
        *,
        id: str,
        owner_client_id: str,
        affect_existing_installations: bool | None = None,
    ) -> BotSecret:
        """Replace the secret of a template.

        Args:
            id: The template.
            owner_client_id: The client id of the app; it must be your organization's.
            affect_existing_installations: True: the bots made from it get the new secret
                too.

        Returns:
            `BotSecret`: A new secret of a bot or bot template, with which
            ``issue_bot_token`` gives tokens.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error, typically `NotFound`,
                `AuthorizationError`.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: bots.templates:rw.
        Source: https://platform.text.com/docs/management/configuration-api#reset-bot-template-secret
        """
        return self(
            ResetBotTemplateSecret(
                id=id,
                owner_client_id=owner_client_id,
                affect_existing_installations=affect_existing_installations,
            )
        )

    def create_canned_response(
        self,
        *,
        text: str,
        tags: Sequence[str],
        group_id: int,
        is_private: bool | None = None,
    ) -> CreatedCannedResponse:
        """Make a canned response of a group.

        Args:
            text: The text; what is empty once its markup is removed is refused.
            tags: The short words by which agents call it up.
            group_id: The group.
            is_private: True: for its author only.

        Returns:
            `CreatedCannedResponse`: the canned response is made.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error, typically `GroupNotFound`,
                `ValidationError`.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: canned_responses_write.
        Source: https://platform.text.com/docs/management/configuration-api#create-canned-response
        """
        return self(
            CreateCannedResponse(text=text, tags=tags, group_id=group_id, is_private=is_private)
        )

    def update_canned_response(
        self,
        *,
        id: int,
        text: str | None = None,
        tags: Sequence[str] | None = None,
        group_id: int | None = None,
        is_private: bool | None = None,
    ) -> None:
        """Change a canned response; the requester becomes its author.

        Args:
            id: The canned response.
            text: The text; what is empty once its markup is removed is refused.
            tags: The short words by which agents call it up.
            group_id: Another group.
            is_private: True: for its author only.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error, typically `NotFound`,
                `GroupNotFound`, `AuthorizationError`, `ValidationError`.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: canned_responses--groups:rw or canned_responses--all:rw.
        Source: https://platform.text.com/docs/management/configuration-api#update-canned-response
        """
        self(
            UpdateCannedResponse(
                id=id, text=text, tags=tags, group_id=group_id, is_private=is_private
            )
        )

    def list_canned_responses(
        self,
        *,
        group_ids: Sequence[int] | None = None,
        include_private: bool | None = None,
        include_all_private: bool | None = None,
        limit: int | None = None,
        page_id: str | None = None,
    ) -> CannedResponsesPage:
        """List canned responses.

        Args:
            group_ids: Defaults to the groups that the requester has access to.
            include_private: True: with the requester's private ones.
            include_all_private: True: with everybody's private ones.
            limit: Canned responses a page, at most 100,000; defaults to 100.
            page_id: The page, from `next_page_id`.

        Returns:
            `CannedResponsesPage`: A page of canned responses. ``found_canned_responses``
            counts those of all pages.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error, typically `AuthorizationError`,
                `ValidationError`.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: canned_responses--groups:ro; canned_responses--all:ro for
        `include_all_private` true.
        Source: https://platform.text.com/docs/management/configuration-api#list-canned-responses
        """
        return self(
            ListCannedResponses(
                group_ids=group_ids,
                include_private=include_private,
                include_all_private=include_all_private,
                limit=limit,
                page_id=page_id,
            )
        )

    def iter_canned_responses(
        self,
        *,
        group_ids: Sequence[int] | None = None,
        include_private: bool | None = None,
        include_all_private: bool | None = None,
        limit: int | None = None,
        page_id: str | None = None,
    ) -> Pages[CannedResponse]:
        """Iterate over all pages of `list_canned_responses`.

        Follows `next_page_id` to the end (`for item in client.iter_canned_responses(…)`) and keeps one page in
        memory. Sends the filters with the first request only.

        Args:
            group_ids: Defaults to the groups that the requester has access to.
            include_private: True: with the requester's private ones.
            include_all_private: True: with everybody's private ones.
            limit: Canned responses a page, at most 100,000; defaults to 100.
            page_id: The page, from `next_page_id`.

        Returns:
            `Pages[CannedResponse]`: an iterator over the items.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error, typically `AuthorizationError`,
                `ValidationError`.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: canned_responses--groups:ro; canned_responses--all:ro for
        `include_all_private` true.
        Source: https://platform.text.com/docs/management/configuration-api#list-canned-responses
        """
        return self._pages(
            full_pages(
                ListCannedResponses(
                    group_ids=group_ids,
                    include_private=include_private,
                    include_all_private=include_all_private,
                    limit=limit,
                    page_id=page_id,
                )
            )
        )

    def delete_canned_response(
        self,
        *,
        id: int,
    ) -> None:
        """Delete a canned response.

        Args:
            id: The canned response to delete.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error, typically `NotFound`,
                `AuthorizationError`.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: canned_responses--groups:rw or canned_responses--all:rw.
        Source: https://platform.text.com/docs/management/configuration-api#delete-canned-response
        """
        self(DeleteCannedResponse(id=id))

    def list_channels(
        self,
    ) -> list[Channel]:
        """List where chats have come from: web sites, links and integrations.

        Returns:
            `list[Channel]`.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: none.
        Source: https://platform.text.com/docs/management/configuration-api#list-channels
        """
        return self(ListChannels())

    def check_product_limits_for_plan(
        self,
        *,
        plan: Literal["starter", "team", "enterprise", "enterpriseplus"],
    ) -> list[PlanLimitExcess]:
        """List the limits of a plan that the license is over; none: it fits.

        LiveChat gives `subscription.lc:rw` to its own application only.

        Args:
            plan: The plan to compare with.

        Returns:
            `list[PlanLimitExcess]`.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error, typically `ValidationError`.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: subscription.lc:rw.
        Source: https://platform.text.com/docs/management/configuration-api#check-product-limits-for-plan
        """
        return self(CheckProductLimitsForPlan(plan=plan))

    def get_product_source(
        self,
    ) -> ProductSource:
        """Get where the license came from.

        Returns:
            `ProductSource`: where the license came from.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: none.
        Source: https://platform.text.com/docs/management/configuration-api#get-product-source
        """
        return self(GetProductSource())

    def reactivate_email(
        self,
        *,
        agent_id: str,
    ) -> None:
        """Send e-mails again to an agent whose address bounced.

        Args:
            agent_id: The agent.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error, typically `NotFound`.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: agents--all:rw.
        Source: https://platform.text.com/docs/management/configuration-api#reactivate-email
        """
        self(ReactivateEmail(agent_id=agent_id))

    def update_company_details(
        self,
        *,
        enrich: bool | None = None,
        audience: str | None = None,
        chat_purpose: str | None = None,
        city: str | None = None,
        company: str | None = None,
        company_size: str | None = None,
        country: str | None = None,
        invoice_email: str | None = None,
        invoice_name: str | None = None,
        nip: str | None = None,
        postal_code: str | None = None,
        state: str | None = None,
        street: str | None = None,
        phone: str | None = None,
        province: str | None = None,
        url: str | None = None,
    ) -> None:
        """Change what is known of the company; for the owner.

        Args:
            enrich: True: empty fields are looked up by the company's domain.
            audience: Whom the company serves.
            chat_purpose: What it chats for.
            city: The city.
            company: Its name.
            company_size: How many people it has.
            country: The country.
            invoice_email: Where invoices go.
            invoice_name: The name on invoices.
            nip: The tax or employer number.
            postal_code: The postal code.
            state: The state.
            street: Street and number.
            phone: A phone number.
            province: The province.
            url: Its web site.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error, typically `AuthorizationError`.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: organization--my:rw.
        Source: https://platform.text.com/docs/management/configuration-api#update-company-details
        """
        self(
            UpdateCompanyDetails(
                enrich=enrich,
                audience=audience,
                chat_purpose=chat_purpose,
                city=city,
                company=company,
                company_size=company_size,
                country=country,
                invoice_email=invoice_email,
                invoice_name=invoice_name,
                nip=nip,
                postal_code=postal_code,
                state=state,
                street=street,
                phone=phone,
                province=province,
                url=url,
            )
        )

    def get_company_details(
        self,
    ) -> CompanyDetails:
        """Get what is known of the company. LiveChat's own Python client has it, its docs do not.

        Returns:
            `CompanyDetails`: the company that has the license.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: none.
        Source: https://platform.text.com/docs/management/configuration-api#get-company-details
        """
        return self(GetCompanyDetails())

    def list_customer_bans(
        self,
    ) -> list[CustomerBan]:
        """List the bans that are in force, the newest first; all at once.

        Returns:
            `list[CustomerBan]`.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: banlist_read.
        Source: https://platform.text.com/docs/management/configuration-api#list-customer-bans
        """
        return self(ListCustomerBans())

    def unban_customer(
        self,
        *,
        ip: str | None = None,
        customer_id: str | None = None,
    ) -> None:
        """End the bans of an IP address or of a customer: one of the two.

        Args:
            ip: The banned address.
            customer_id: The banned customer.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error, typically `NotFound`,
                `ValidationError`.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: banlist_write.
        Source: https://platform.text.com/docs/management/configuration-api#unban-customer
        """
        self(UnbanCustomer(ip=ip, customer_id=customer_id))

    def ban_customer(
        self,
        *,
        seconds: int,
        ip: str | None = None,
        customer_id: str | None = None,
    ) -> None:
        """Ban a customer, an IP address, or both; `ban_customer` of the Agent Chat API takes days.

        The address must not match the license property `monitoring.ip_mask`.

        Args:
            seconds: How long, in seconds.
            ip: The address to ban.
            customer_id: The customer to ban.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error, typically `LimitReached`, `NotFound`,
                `ValidationError`.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: banlist_write.
        Source: https://platform.text.com/docs/management/configuration-api#ban-customer
        """
        self(BanCustomerOrIp(seconds=seconds, ip=ip, customer_id=customer_id))

    def create_greeting(
        self,
        *,
        type: Literal["normal", "announcement"],
        active: bool,
        name: str,
        group: int,
        rules: Sequence[NewGreetingRule | GreetingRule | Mapping[str, Any]],
        active_from: datetime | None = None,
        active_until: datetime | None = None,
        properties: NewGreetingProperties | GreetingProperties | Mapping[str, Any] | None = None,
        rich_message: NewGreetingRichMessage
        | GreetingRichMessage
        | Mapping[str, Any]
        | None = None,
    ) -> CreatedGreeting:
        """Make a greeting of a group.

        Args:
            type: `normal`, or `announcement` for one that takes more of the page.
            active: Whether it is shown.
            name: A name for people.
            group: The group whose chats it starts.
            rules: When to show it, at most 10 rules.
            active_from: When it begins to be shown; defaults to at once.
            active_until: When it is shown no more; defaults to never.
            properties: Settings, all of them texts.
            rich_message: What it shows.

        Returns:
            `CreatedGreeting`: the greeting is made.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error, typically `GroupNotFound`,
                `LimitReached`, `ValidationError`.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: greetings:rw.
        Source: https://platform.text.com/docs/management/configuration-api#create-greeting
        """
        return self(
            CreateGreeting(
                type=type,
                active=active,
                name=name,
                group=group,
                rules=rules,
                active_from=active_from,
                active_until=active_until,
                properties=properties,
                rich_message=rich_message,
            )
        )

    def update_greeting(
        self,
        *,
        id: int,
        type: Literal["normal", "announcement"] | None = None,
        active: bool | None = None,
        active_from: datetime | None = None,
        active_until: datetime | None = None,
        name: str | None = None,
        rules: Sequence[NewGreetingRule | GreetingRule | Mapping[str, Any]] | None = None,
        properties: NewGreetingProperties | GreetingProperties | Mapping[str, Any] | None = None,
        rich_message: NewGreetingRichMessage
        | GreetingRichMessage
        | Mapping[str, Any]
        | None = None,
    ) -> None:
        """Change a greeting: what is given replaces what was there as a whole; the group stays.

        Args:
            id: The greeting.
            type: `normal`, or `announcement` for one that takes more of the page.
            active: Whether it is shown.
            active_from: When it begins to be shown.
            active_until: When it is shown no more.
            name: A name for people.
            rules: When to show it, at most 10 rules.
            properties: Settings, all of them texts.
            rich_message: What it shows; a button without `button_id` is a new one.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error, typically `NotFound`, `LimitReached`,
                `ValidationError`.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: greetings:rw.
        Source: https://platform.text.com/docs/management/configuration-api#update-greeting
        """
        self(
            UpdateGreeting(
                id=id,
                type=type,
                active=active,
                active_from=active_from,
                active_until=active_until,
                name=name,
                rules=rules,
                properties=properties,
                rich_message=rich_message,
            )
        )

    def delete_greeting(
        self,
        *,
        id: int,
    ) -> None:
        """Delete a greeting.

        Args:
            id: The greeting to delete.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error, typically `NotFound`.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: greetings:rw.
        Source: https://platform.text.com/docs/management/configuration-api#delete-greeting
        """
        self(DeleteGreeting(id=id))

    def list_greetings(
        self,
        *,
        groups: Sequence[int] | None = None,
        page_id: str | None = None,
        limit: int | None = None,
    ) -> GreetingsPage:
        """List the greetings of groups, by their ids.

        Args:
            groups: Defaults to all groups that the requester has access to.
            page_id: The page, from `next_page_id`; excludes the other parameters.
            limit: Greetings a page, at most 100; defaults to 100.

        Returns:
            `GreetingsPage`: A page of greetings. ``found_greetings`` counts those of all
            pages.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error, typically `ValidationError`.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: greetings:ro.
        Source: https://platform.text.com/docs/management/configuration-api#list-greetings
        """
        return self(ListGreetings(groups=groups, page_id=page_id, limit=limit))

    def iter_greetings(
        self,
        *,
        groups: Sequence[int] | None = None,
        page_id: str | None = None,
        limit: int | None = None,
    ) -> Pages[Greeting]:
        """Iterate over all pages of `list_greetings`.

        Follows `next_page_id` to the end (`for item in client.iter_greetings(…)`) and keeps one page in
        memory. Sends the filters with the first request only.

        Args:
            groups: Defaults to all groups that the requester has access to.
            page_id: The page, from `next_page_id`; excludes the other parameters.
            limit: Greetings a page, at most 100; defaults to 100.

        Returns:
            `Pages[Greeting]`: an iterator over the items.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error, typically `ValidationError`.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: greetings:ro.
        Source: https://platform.text.com/docs/management/configuration-api#list-greetings
        """
        return self._pages(full_pages(ListGreetings(groups=groups, page_id=page_id, limit=limit)))

    def get_greeting(
        self,
        *,
        id: int,
    ) -> Greeting:
        """Get a greeting.

        Args:
            id: The greeting.

        Returns:
            `Greeting`: A greeting of one group; ``type`` is ``normal`` or ``announcement``.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error, typically `NotFound`.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: greetings:ro.
        Source: https://platform.text.com/docs/management/configuration-api#get-greeting
        """
        return self(GetGreeting(id=id))

    def create_group(
        self,
        *,
        name: str,
        agent_priorities: Mapping[str, Literal["first", "normal", "last", "supervisor"] | str],
        language_code: str | None = None,
    ) -> CreatedGroup:
        """Make a group. Its id is never used again; names need not be unique.

        Args:
            name: The name, at most 180 characters.
            agent_priorities: The agents and bots of the group, by id, and their priorities.
            language_code: The language of the chat widget, such as `en`.

        Returns:
            `CreatedGroup`: the group is made.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error, typically `LimitReached`, `NotFound`,
                `ValidationError`.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: groups--all:rw.
        Source: https://platform.text.com/docs/management/configuration-api#create-group
        """
        return self(
            CreateGroup(name=name, agent_priorities=agent_priorities, language_code=language_code)
        )

    def update_group(
        self,
        *,
        id: int,
        name: str | None = None,
        language_code: str | None = None,
        agent_priorities: Mapping[str, Literal["first", "normal", "last", "supervisor"] | str]
        | None = None,
    ) -> None:
        """Change a group. With `groups--my:rw`, one that the requester is in.

        Args:
            id: The group.
            name: A new name, at most 180 characters.
            language_code: The language of the chat widget, such as `en`.
            agent_priorities: All agents and bots of the group from now on; others leave it.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error, typically `GroupNotFound`,
                `NotFound`, `LimitReached`, `AuthorizationError`, `ValidationError`.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: groups--my:rw or groups--all:rw.
        Source: https://platform.text.com/docs/management/configuration-api#update-group
        """
        self(
            UpdateGroup(
                id=id, name=name, language_code=language_code, agent_priorities=agent_priorities
            )
        )

    def delete_group(
        self,
        *,
        id: int,
    ) -> None:
        """Delete a group; group 0 cannot be. With `groups--my:rw`, one that the requester is in.

        Args:
            id: The group to delete.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error, typically `GroupNotFound`,
                `AuthorizationError`, `ValidationError`.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: groups--my:rw or groups--all:rw.
        Source: https://platform.text.com/docs/management/configuration-api#delete-group
        """
        self(DeleteGroup(id=id))

    def list_groups(
        self,
        *,
        fields: Sequence[Literal["agent_priorities", "routing_status"]] | None = None,
    ) -> list[GroupConfig]:
        """List all groups of the license.

        Args:
            fields: What to return besides id, name and language; defaults to nothing more.

        Returns:
            `list[GroupConfig]`.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error, typically `ValidationError`.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: groups--all:ro.
        Source: https://platform.text.com/docs/management/configuration-api#list-groups
        """
        return self(ListGroups(fields=fields))

    def get_group(
        self,
        *,
        id: int,
        fields: Sequence[Literal["agent_priorities", "routing_status"]] | None = None,
    ) -> GroupConfig:
        """Get a group. With `groups--my:ro`, one that the requester is in.

        Args:
            id: The group.
            fields: What to return besides id, name and language; defaults to nothing more.

        Returns:
            `GroupConfig`: A group; ``agent_priorities`` maps ids of agents and bots to
            priorities.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error, typically `GroupNotFound`,
                `AuthorizationError`.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: groups--my:ro or groups--all:ro.
        Source: https://platform.text.com/docs/management/configuration-api#get-group
        """
        return self(GetGroup(id=id, fields=fields))

    def register_property(
        self,
        *,
        name: str,
        owner_client_id: str,
        type: Literal["int", "string", "bool", "tokenized_string"],
        access: NewPropertyAccess | Mapping[str, Any],
        description: str | None = None,
        domain: Sequence[str | int | bool] | None = None,
        range: NewPropertyRange | PropertyRange | Mapping[str, Any] | None = None,
        default_value: str | int | bool | None = None,
    ) -> None:
        """Register a property: its type, and where who may read and write it.

        It is private, for tokens of the owner, until `publish_property`. A registration cannot be
        changed: unregister it and register another.

        Args:
            name: The name, without the namespace.
            owner_client_id: The client id that owns it, one of your organization's; it is
                the namespace.
            type: The type of its values; `int` has 32 bits.
            access: Where it can be set, and who may do what there.
            description: A text for people.
            domain: The values allowed; defaults to all of the type.
            range: The numbers allowed, both ends included; for `int` only.
            default_value: What is returned where none is set; of licenses and groups only.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error, typically `AlreadyExists`,
                `AuthorizationError`, `ValidationError`.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: properties.configuration:rw.
        Source: https://platform.text.com/docs/management/configuration-api#register-property
        """
        self(
            RegisterProperty(
                name=name,
                owner_client_id=owner_client_id,
                type=type,
                access=access,
                description=description,
                domain=domain,
                range=range,
                default_value=default_value,
            )
        )

    def unregister_property(
        self,
        *,
        name: str,
        owner_client_id: str,
    ) -> None:
        """Remove a private property, with the values it has; a published one stays.

        Args:
            name: The name, without the namespace.
            owner_client_id: The client id that owns it, one of your organization's; it is
                the namespace.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error, typically `NotFound`,
                `ValidationError`.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: properties.configuration:rw.
        Source: https://platform.text.com/docs/management/configuration-api#unregister-property
        """
        self(UnregisterProperty(name=name, owner_client_id=owner_client_id))

    def publish_property(
        self,
        *,
        name: str,
        owner_client_id: str,
        access_type: Sequence[Literal["read", "write"] | str],
    ) -> None:
        """Open a property to other client ids, never beyond its registered access.

        This cannot be undone, and the property cannot be unregistered afterwards.

        Args:
            name: The name, without the namespace.
            owner_client_id: The client id that owns it, one of your organization's; it is
                the namespace.
            access_type: What other client ids may do.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error, typically `NotFound`,
                `AuthorizationError`.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: properties.configuration:rw.
        Source: https://platform.text.com/docs/management/configuration-api#publish-property
        """
        self(PublishProperty(name=name, owner_client_id=owner_client_id, access_type=access_type))

    def list_properties(
        self,
        *,
        owner_client_id: str,
    ) -> dict[str, PropertyDefinition]:
        """List the properties that a client id has registered, by name.

        Args:
            owner_client_id: The client id that owns it, one of your organization's; it is
                the namespace.

        Returns:
            `dict[str, PropertyDefinition]`.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error, typically `AuthorizationError`.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: properties.configuration:rw.
        Source: https://platform.text.com/docs/management/configuration-api#list-properties
        """
        return self(ListProperties(owner_client_id=owner_client_id))

    def update_license_properties(
        self,
        *,
        properties: Mapping[str, Mapping[str, str | int | bool]],
    ) -> None:
        """Set properties of the license.

        `properties.license.value--my:rw` is for the namespace of the token's client id.

        Args:
            properties: Namespace, name and value of each; others keep their values.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error, typically `AuthorizationError`,
                `ValidationError`.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: properties.license.value--my:rw or properties.license.value--all:rw.
        Source: https://platform.text.com/docs/management/configuration-api#update-license-properties
        """
        self(UpdateLicenseProperties(properties=properties))

    def list_license_properties(
        self,
        *,
        namespace: str | None = None,
        name_prefix: str | None = None,
    ) -> dict[str, dict[str, Any]]:
        """List properties of the license, with defaults where nothing is set.

        `properties.license.value--my:ro` is for the namespace of the token's client id.

        Args:
            namespace: Only this namespace; defaults to all.
            name_prefix: Only names that begin like this; defaults to all.

        Returns:
            `dict[str, dict[str, Any]]`.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: properties.license.value--my:ro or properties.license.value--all:ro.
        Source: https://platform.text.com/docs/management/configuration-api#list-license-properties
        """
        return self(ListLicenseProperties(namespace=namespace, name_prefix=name_prefix))

    def delete_license_properties(
        self,
        *,
        properties: Mapping[str, Sequence[str]],
    ) -> None:
        """Unset properties of the license; their defaults count again.

        Args:
            properties: Namespaces and the names to unset.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error, typically `AuthorizationError`,
                `ValidationError`.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: properties.license.value--my:rw or properties.license.value--all:rw.
        Source: https://platform.text.com/docs/management/configuration-api#delete-license-properties
        """
        self(DeleteLicenseProperties(properties=properties))

    def update_group_properties(
        self,
        *,
        group_id: int,
        properties: Mapping[str, Mapping[str, str | int | bool]],
    ) -> None:
        """Set properties of a group.

        `properties.group.value--my:rw` is for the namespace of the token's client id.

        Args:
            group_id: The group.
            properties: Namespace, name and value of each; others keep their values.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error, typically `GroupNotFound`,
                `AuthorizationError`, `ValidationError`.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: properties.group.value--my:rw or properties.group.value--all:rw.
        Source: https://platform.text.com/docs/management/configuration-api#update-group-properties
        """
        self(UpdateGroupProperties(group_id=group_id, properties=properties))

    def list_groups_properties(
        self,
        *,
        group_ids: Sequence[int],
        namespace: str | None = None,
        name_prefix: str | None = None,
    ) -> list[GroupProperties]:
        """List properties of groups, with defaults where nothing is set.

        Args:
            group_ids: The groups; an empty list stands for all.
            namespace: Only this namespace; defaults to all.
            name_prefix: Only names that begin like this; defaults to all.

        Returns:
            `list[GroupProperties]`.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error, typically `GroupNotFound`.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: properties.group.value--all:ro.
        Source: https://platform.text.com/docs/management/configuration-api#list-groups-properties
        """
        return self(
            ListGroupsProperties(group_ids=group_ids, namespace=namespace, name_prefix=name_prefix)
        )

    def delete_group_properties(
        self,
        *,
        id: int,
        properties: Mapping[str, Sequence[str]],
    ) -> None:
        """Unset properties of a group; their defaults count again.

        Args:
            id: The group.
            properties: Namespaces and the names to unset.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error, typically `GroupNotFound`,
                `AuthorizationError`, `ValidationError`.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: properties.group.value--my:rw or properties.group.value--all:rw.
        Source: https://platform.text.com/docs/management/configuration-api#delete-group-properties
        """
        self(DeleteGroupProperties(id=id, properties=properties))

    def create_tag(
        self,
        *,
        name: str,
        group_ids: Sequence[int] | None = None,
    ) -> None:
        """Make a tag. With `tags--groups:rw`, for groups that the requester is in.

        Args:
            name: The tag, unique whatever the case of its letters.
            group_ids: The groups whose threads may have it; defaults to none.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error, typically `AlreadyExists`,
                `LimitReached`, `GroupNotFound`, `AuthorizationError`.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: tags--all:rw or tags--groups:rw.
        Source: https://platform.text.com/docs/management/configuration-api#create-tag
        """
        self(CreateTag(name=name, group_ids=group_ids))

    def delete_tag(
        self,
        *,
        name: str,
    ) -> None:
        """Delete a tag; threads that have it keep it. With `tags--groups:rw`, one of own groups.

        Args:
            name: The tag, in the case of its letters.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error, typically `NotFound`,
                `AuthorizationError`.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: tags--all:rw or tags--groups:rw.
        Source: https://platform.text.com/docs/management/configuration-api#delete-tag
        """
        self(DeleteTag(name=name))

    def list_tags(
        self,
        *,
        filters: TagsFilters | Mapping[str, Any] | None = None,
    ) -> list[TagConfig]:
        """List tags, newest first. With `tags--groups:ro`, those of groups the requester is in.

        Args:
            filters: By group; defaults to all tags.

        Returns:
            `list[TagConfig]`.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: tags--all:ro or tags--groups:ro.
        Source: https://platform.text.com/docs/management/configuration-api#list-tags
        """
        return self(ListTags(filters=filters))

    def update_tag(
        self,
        *,
        name: str,
        group_ids: Sequence[int] | None = None,
    ) -> None:
        """Change the groups of a tag, which cannot be renamed; threads keep their tags.

        Args:
            name: The tag, in the case of its letters.
            group_ids: All groups from now on; defaults to those it has.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error, typically `NotFound`,
                `GroupNotFound`, `AuthorizationError`.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: tags--all:rw or tags--groups:rw.
        Source: https://platform.text.com/docs/management/configuration-api#update-tag
        """
        self(UpdateTag(name=name, group_ids=group_ids))

    def register_webhook(
        self,
        *,
        action: WebhookAction,
        url: str,
        secret_key: str,
        owner_client_id: str,
        type: Literal["license", "bot"],
        additional_data: Sequence[Literal["chat_properties", "chat_presence_user_ids"] | str]
        | None = None,
        description: str | None = None,
        filters: WebhookFilters | RegisteredFilters | Mapping[str, Any] | None = None,
    ) -> RegisteredWebhook:
        """Register a webhook for a client id, at most 3 per action.

        A registration cannot be changed: unregister it and register another. It takes effect
        within 2 minutes. A `license` webhook is about the whole license; a `bot` webhook is sent
        while a bot of the client id is not offline, so create the bot, register, and then set its
        routing status.

        Args:
            action: What to be notified of.
            url: Where to send it: an `https` or `http` address of at most 500 characters.
            secret_key: A secret text that comes with every webhook, to know it by.
            owner_client_id: The client id that owns the webhook; it must be your
                organization's.
            type: `license` for the whole license, `bot` for the bots of the client id.
            additional_data: What of the chat to send along.
            description: A text for people.
            filters: When to send it; defaults to always.

        Returns:
            `RegisteredWebhook`: the webhook is registered; ``id`` is the ``webhook_id`` of
            what it sends.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error, typically `LimitReached`,
                `AuthorizationError`, `ValidationError`.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: webhooks.configuration:rw.
        Source: https://platform.text.com/docs/management/configuration-api#register-webhook
        """
        return self(
            RegisterWebhook(
                action=action,
                url=url,
                secret_key=secret_key,
                owner_client_id=owner_client_id,
                type=type,
                additional_data=additional_data,
                description=description,
                filters=filters,
            )
        )

    def list_webhooks(
        self,
        *,
        owner_client_id: str,
    ) -> list[WebhookRegistration]:
        """List the webhooks that a client id has registered; without their secrets.

        Args:
            owner_client_id: The client id that owns the webhook; it must be your
                organization's.

        Returns:
            `list[WebhookRegistration]`.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error, typically `AuthorizationError`.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: webhooks.configuration:rw.
        Source: https://platform.text.com/docs/management/configuration-api#list-webhooks
        """
        return self(ListWebhooks(owner_client_id=owner_client_id))

    def unregister_webhook(
        self,
        *,
        id: str,
        owner_client_id: str,
    ) -> None:
        """Remove a registration.

        Args:
            id: What `register_webhook` returned.
            owner_client_id: The client id that owns the webhook; it must be your
                organization's.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error, typically `NotFound`,
                `AuthorizationError`.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: webhooks.configuration:rw.
        Source: https://platform.text.com/docs/management/configuration-api#unregister-webhook
        """
        self(UnregisterWebhook(id=id, owner_client_id=owner_client_id))

    def list_webhook_names(
        self,
        *,
        version: str | None = None,
    ) -> list[WebhookName]:
        """List the webhooks that can be registered, with the filters and additional data they take.

        Args:
            version: A version such as `3.6`; defaults to the stable one.

        Returns:
            `list[WebhookName]`.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: none.
        Source: https://platform.text.com/docs/management/configuration-api#list-webhook-names
        """
        return self(ListWebhookNames(version=version))

    def enable_license_webhooks(
        self,
        *,
        owner_client_id: str | None = None,
    ) -> None:
        """Send the license webhooks of a client id for this license again.

        Needed only after `disable_license_webhooks`: they are enabled when an app is installed.

        Args:
            owner_client_id: The client id whose webhooks are meant. Required with a
                personal access token; with a bearer token it takes the place of the token's
                own.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: webhooks.state:rw.
        Source: https://platform.text.com/docs/management/configuration-api#enable-license-webhooks
        """
        self(EnableLicenseWebhooks(owner_client_id=owner_client_id))

    def disable_license_webhooks(
        self,
        *,
        owner_client_id: str | None = None,
    ) -> None:
        """Send the license webhooks of a client id for this license no more.

        They stay off even when the app is installed again.

        Args:
            owner_client_id: The client id whose webhooks are meant. Required with a
                personal access token; with a bearer token it takes the place of the token's
                own.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: webhooks.state:rw.
        Source: https://platform.text.com/docs/management/configuration-api#disable-license-webhooks
        """
        self(DisableLicenseWebhooks(owner_client_id=owner_client_id))

    def get_license_webhooks_state(
        self,
        *,
        owner_client_id: str | None = None,
    ) -> LicenseWebhooksState:
        """Get whether the license webhooks of a client id are sent for this license.

        Args:
            owner_client_id: The client id whose webhooks are meant. Required with a
                personal access token; with a bearer token it takes the place of the token's
                own.

        Returns:
            `LicenseWebhooksState`: whether the license webhooks of the client id are sent
            for this license.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: webhooks.state:ro.
        Source: https://platform.text.com/docs/management/configuration-api#get-license-webhooks-state
        """
        return self(GetLicenseWebhooksState(owner_client_id=owner_client_id))
