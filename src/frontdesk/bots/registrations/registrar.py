"""Registering a bot in an organization: the bot, its webhooks, its properties."""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from typing import Any, Final, Literal

import msgspec
from msgspec import Struct

from frontdesk.actions import RegisterProperty
from frontdesk.actions.configuration.webhooks import check_url
from frontdesk.auth.bot_tokens import BotToken
from frontdesk.auth.stores.base import RecordStore
from frontdesk.bots.bot import Bot
from frontdesk.bots.registrations.needs import NeededWebhook, webhooks_of
from frontdesk.bots.registrations.store import BotRegistration, BotRegistrations
from frontdesk.clients.options import DEFAULT_BASE_URL
from frontdesk.errors import AuthorizationError, FrontdeskError, InvalidArgument, NotFound
from frontdesk.models import BotConfig, WebhookRegistration
from frontdesk.rendered.agent import AgentClient
from frontdesk.rendered.configuration import ConfigurationClient

__all__ = ["BotRegistrar", "RegistrationStep"]

Verb = Literal["create", "enable", "keep", "renew", "register", "remove", "set", "warn"]
FINGERPRINT: Final = 8
CHANGES: Final = frozenset({"create", "enable", "renew", "register", "remove", "set"})


class RegistrationStep(Struct, frozen=True):
    """Something that a registration does, or finds done."""

    verb: Verb
    """``create``, ``enable``, ``keep``, ``renew``, ``register``, ``remove``, ``set``, or ``warn``
    for what a person has to look at."""
    subject: Literal["bot", "secret", "webhook", "webhooks", "property", "status"]
    """``bot``, ``secret``, ``webhook``, ``webhooks`` for all of the license, ``property`` or
    ``status``."""
    name: str
    """Which one."""
    id: str = ""
    """Its id; empty where there is none yet."""

    @property
    def is_change(self) -> bool:
        """Whether something is different after it."""
        return self.verb in CHANGES

    def __str__(self) -> str:
        return f"{self.verb} {self.subject} {self.name}" + (f" ({self.id})" if self.id else "")


class _Step(Struct, frozen=True):
    """A step, and what carries it out: that returns the id of what it made."""

    shown: RegistrationStep
    do: Callable[[], str] | None = None


class BotRegistrar:
    """Registers a bot in an organization, and unregisters it.

    ``register`` may be called again at any time: what is there as it should be stays, what is
    missing is made, and webhooks that the handlers need no more are removed. Each step is stored
    before the next one begins; after a failure half-way, call it again, and it goes on.

    Args:
        bot: The bot: its handlers say which webhooks it needs.
        client: A client with the scopes ``agents-bot--my:rw``, ``webhooks.configuration:rw`` and
            ``webhooks.state:rw`` (and ``properties.configuration:rw`` for properties).
        store: Where the credentials of the bot are kept: a store for tokens.
        organization_id: The organization.
        client_id: The client id of the app that owns the bot and its webhooks.
        url: Where LiveChat reaches the bot; empty for a bot without webhooks, such as one on RTM.
        name: The name of the bot; defaults to that of ``Bot(name=…)``.
        base_url: Where the API is; defaults to LiveChat's.
        bot_secret: The secret of a bot that there is already. Without it, the secret of a bot of
            that name is replaced, since no method tells it.
        webhook_secret: The ``secret_key`` of the webhooks. Defaults to that of the bot's other
            organizations, else to a random one.
        accepts_chats: Whether chats are to be assigned to the bot, instead of only those that it
            joins.

    Raises:
        InvalidArgument: An argument does not fit.
    """

    def __init__(
        self,
        bot: Bot,
        client: ConfigurationClient,
        store: RecordStore,
        *,
        organization_id: str,
        client_id: str,
        url: str = "",
        name: str | None = None,
        base_url: str | None = None,
        bot_secret: str | None = None,
        webhook_secret: str | None = None,
        accepts_chats: bool = False,
    ) -> None:
        name = name or bot.name
        if not name:
            raise InvalidArgument("name", "is needed: what customers read, or Bot(name=…)")
        if url:
            check_url(url)
        if not client_id:
            raise InvalidArgument("client_id", "is needed: that of the app that owns the bot")
        self.name: str = name
        self._bot = bot
        self._client = client
        self._registrations = BotRegistrations(store, name)
        self._organization_id = organization_id
        self._client_id = client_id
        self._url = url
        self._base_url = (base_url or DEFAULT_BASE_URL).rstrip("/")
        self._bot_secret = bot_secret
        self._webhook_secret = webhook_secret
        self._accepts_chats = accepts_chats

    def plan(self) -> list[RegistrationStep]:
        """Return what ``register`` would do at present; asks the API, and changes nothing.

        Raises:
            APIError: The token may not ask, or the API fails.
            TokenStoreError: The store cannot be used.
            InvalidArgument: There are several bots of that name.
        """
        return [step.shown for step in self._steps(self._registration())]

    def register(
        self,
        on_step: Callable[[RegistrationStep], object] | None = None,
        on_failure: Callable[[list[RegistrationStep]], object] | None = None,
    ) -> BotRegistration:
        """Register the bot, or bring its registration up to date.

        Args:
            on_step: Called with each step that is done.
            on_failure: Called when a step fails: with it, and those that were still to come.

        Returns:
            The registration, as it is stored.

        Raises:
            APIError: The API refuses a step. What was done before it is stored.
            TokenStoreError: The store cannot be used: nothing was asked of the API.
            InvalidArgument: There are several bots of that name.
        """
        # Stored first, so that a store which cannot be written is noticed before anything is made
        # whose secret would be lost.
        registration = self._registrations.change(self._organization_id, self._begun)
        self._carry_out(self._steps(registration), on_step, on_failure)
        done = self._registrations.load(self._organization_id)
        assert done is not None
        return done

    def unregister(
        self,
        on_step: Callable[[RegistrationStep], object] | None = None,
        on_failure: Callable[[list[RegistrationStep]], object] | None = None,
    ) -> None:
        """Remove the webhooks, the bot if it was made here, and forget the registration.

        Properties stay, since their values would be lost. What is gone already does no harm.

        Args:
            on_step: Called with each step that is done.
            on_failure: Called when a step fails: with it, and those that were still to come.

        Raises:
            APIError: The API refuses a step; call it again after that.
            InvalidArgument: The bot is not registered.
        """
        self._carry_out(list(self._removals()), on_step, on_failure)
        self._registrations.remove(self._organization_id)

    def removal_plan(self) -> list[RegistrationStep]:
        """Return what ``unregister`` would do at present; asks the API, and changes nothing."""
        return [step.shown for step in self._removals()]

    def _carry_out(
        self,
        steps: list[_Step],
        on_step: Callable[[RegistrationStep], object] | None,
        on_failure: Callable[[list[RegistrationStep]], object] | None,
    ) -> None:
        for position, step in enumerate(steps):
            shown = step.shown
            if step.do is not None:
                try:
                    shown = msgspec.structs.replace(shown, id=step.do())
                except FrontdeskError:
                    if on_failure is not None:
                        on_failure([step.shown for step in steps[position:]])
                    raise
            if on_step is not None:
                on_step(shown)

    def _registration(self) -> BotRegistration:
        return self._begun(self._registrations.load(self._organization_id))

    def _begun(self, present: BotRegistration | None) -> BotRegistration:
        if present is None:
            return BotRegistration(
                name=self.name,
                organization_id=self._organization_id,
                client_id=self._client_id,
                base_url=self._base_url,
                webhook_secret=self._webhook_secret or self._registrations.new_secret(),
            )
        if present.base_url != self._base_url:
            raise InvalidArgument(
                "base_url",
                f"must be {present.base_url}, where {self.name!r} is registered in this store; "
                "unregister it there, or keep this one in another store",
            )
        if present.client_id != self._client_id:
            raise InvalidArgument(
                "client_id",
                f"must be {present.client_id}, which {self.name!r} is registered with; unregister "
                "it first",
            )
        return msgspec.structs.replace(
            present, webhook_secret=self._webhook_secret or present.webhook_secret
        )

    def _change(self, **fields: Any) -> None:
        def changed(present: BotRegistration | None) -> BotRegistration:
            return msgspec.structs.replace(self._begun(present), **fields)

        self._registrations.change(self._organization_id, changed)

    def _steps(self, registration: BotRegistration) -> list[_Step]:
        return [
            *self._bot_steps(registration),
            *self._webhook_steps(registration),
            *self._state_steps(),
            *self._property_steps(),
            *self._status_steps(),
        ]

    def _bot_steps(self, registration: BotRegistration) -> Iterator[_Step]:
        bots = [bot for bot in self._client.list_bots() if self._is_own(bot)]
        ids = {bot.id for bot in bots}
        if registration.bot_id in ids and (self._bot_secret or registration.bot_secret):
            do = None
            if self._bot_secret not in (None, registration.bot_secret):
                do = partial(self._store_bot, registration.bot_id, self._bot_secret)
            yield _Step(RegistrationStep("keep", "bot", self.name, registration.bot_id), do)
            return
        same = [bot.id for bot in bots if bot.name == self.name]
        if registration.bot_id in ids:
            same = [registration.bot_id]
        if len(same) > 1:
            raise InvalidArgument(
                "name",
                f"is that of {len(same)} bots ({', '.join(same)}); delete or rename all but one",
            )
        if not same:
            yield _Step(RegistrationStep("create", "bot", self.name), self._create_bot)
            return
        (bot_id,) = same
        yield _Step(RegistrationStep("keep", "bot", self.name, bot_id))
        if self._bot_secret is None:
            yield _Step(
                RegistrationStep("renew", "secret", f"of bot {self.name}", bot_id),
                partial(self._renew_secret, bot_id),
            )
        else:
            yield _Step(
                RegistrationStep("set", "secret", f"of bot {self.name}", bot_id),
                partial(self._store_bot, bot_id, self._bot_secret),
            )

    def _is_own(self, bot: BotConfig) -> bool:
        return bot.owner_client_id in (None, self._client_id)

    def _create_bot(self) -> str:
        created = self._client.create_bot(name=self.name, owner_client_id=self._client_id)
        self._change(bot_id=created.id, bot_secret=created.secret, is_own_bot=True)
        return created.id

    def _renew_secret(self, bot_id: str) -> str:
        renewed = self._client.reset_bot_secret(id=bot_id, owner_client_id=self._client_id)
        return self._store_bot(bot_id, renewed.secret)

    def _store_bot(self, bot_id: str, secret: str | None) -> str:
        def changed(present: BotRegistration | None) -> BotRegistration:
            begun = self._begun(present)
            return msgspec.structs.replace(
                begun,
                bot_id=bot_id,
                bot_secret=secret or "",
                is_own_bot=begun.is_own_bot and begun.bot_id == bot_id,
            )

        self._registrations.change(self._organization_id, changed)
        return bot_id

    def _webhook_steps(self, registration: BotRegistration) -> Iterator[_Step]:
        needs = webhooks_of(self._bot)
        needed = needs.webhooks if self._url else ()
        present = [
            webhook
            for webhook in self._client.list_webhooks(owner_client_id=self._client_id)
            if webhook.id in registration.webhooks.values() or webhook.url == self._url
        ]
        kept: dict[str, str] = {}
        for need in needed:
            webhook = next((each for each in present if self._fits(each, need, registration)), None)
            if webhook is None:
                shown = RegistrationStep("register", "webhook", str(need))
                yield _Step(shown, partial(self._register_webhook, need, registration))
            else:
                kept[need.action] = webhook.id
                yield _Step(
                    RegistrationStep("keep", "webhook", str(need), webhook.id),
                    partial(self._note_webhook, need.action, webhook.id),
                )
        # Last, so that nothing is missed in between.
        for webhook in present:
            if webhook.id not in kept.values():
                yield _Step(
                    RegistrationStep("remove", "webhook", webhook.action, webhook.id),
                    partial(self._remove_webhook, webhook.id),
                )
        for name in needs.rtm_only:
            yield _Step(
                RegistrationStep("warn", "webhook", f"for {name}: there is none, only RTM has it")
            )

    def _fits(
        self, webhook: WebhookRegistration, need: NeededWebhook, registration: BotRegistration
    ) -> bool:
        return (
            webhook.action == need.action
            and webhook.url == self._url
            and webhook.type == "license"
            and not webhook.additional_data
            and webhook.description == self._description(registration)
            and need.fits(webhook.filters)
        )

    def _description(self, registration: BotRegistration) -> str:
        """Describe a webhook such that one whose secret is another's, or an old one, is known."""
        digest = hashlib.sha256(registration.webhook_secret.encode()).hexdigest()[:FINGERPRINT]
        return f"frontdesk bot {self.name} {digest}"

    def _register_webhook(self, need: NeededWebhook, registration: BotRegistration) -> str:
        registered = self._client.register_webhook(
            action=need.action,
            url=self._url,
            secret_key=registration.webhook_secret,
            owner_client_id=self._client_id,
            type="license",
            description=self._description(registration),
            filters=need.filters,
        )
        return self._note_webhook(need.action, registered.id)

    def _note_webhook(self, action: str, webhook_id: str) -> str:
        def changed(present: BotRegistration | None) -> BotRegistration:
            begun = self._begun(present)
            previous = begun.webhooks.get(action)
            webhooks = {**begun.webhooks, action: webhook_id}
            if previous not in (None, webhook_id):
                # Still to be removed; under a name that no action has.
                webhooks[f"{action} {previous}"] = previous
            return msgspec.structs.replace(begun, url=self._url, webhooks=webhooks)

        self._registrations.change(self._organization_id, changed)
        return webhook_id

    def _remove_webhook(self, webhook_id: str) -> str:
        with suppress(NotFound):
            self._client.unregister_webhook(id=webhook_id, owner_client_id=self._client_id)

        def changed(present: BotRegistration | None) -> BotRegistration:
            begun = self._begun(present)
            webhooks = {name: id for name, id in begun.webhooks.items() if id != webhook_id}
            return msgspec.structs.replace(begun, webhooks=webhooks)

        self._registrations.change(self._organization_id, changed)
        return webhook_id

    def _state_steps(self) -> Iterator[_Step]:
        """Look whether webhooks of the license are sent at all: switched off, none of them is."""
        if not self._url:
            return
        try:
            state = self._client.get_license_webhooks_state(owner_client_id=self._client_id)
        except AuthorizationError:
            yield _Step(
                RegistrationStep(
                    "warn",
                    "webhooks",
                    "of the license: they may be switched off, and the token may not ask (it needs "
                    "webhooks.state:ro)",
                )
            )
            return
        if not state.license_webhooks_enabled:
            yield _Step(
                RegistrationStep("enable", "webhooks", "of the license, which are switched off"),
                self._enable_webhooks,
            )

    def _enable_webhooks(self) -> str:
        self._client.enable_license_webhooks(owner_client_id=self._client_id)
        return ""

    def _property_steps(self) -> Iterator[_Step]:
        if not self._bot.properties:
            return
        present = self._client.list_properties(owner_client_id=self._client_id)
        for declared in self._bot.properties:
            definition = present.get(declared.name)
            if definition is None:
                yield _Step(
                    RegistrationStep("register", "property", declared.name),
                    partial(self._register_property, declared),
                )
            elif definition.type != declared.type:
                yield _Step(
                    RegistrationStep(
                        "warn",
                        "property",
                        f"{declared.name}: it is registered as {definition.type}, not "
                        f"{declared.type}, which cannot be changed",
                    )
                )
            else:
                yield _Step(RegistrationStep("keep", "property", declared.name))

    def _register_property(self, declared: RegisterProperty) -> str:
        self._client(msgspec.structs.replace(declared, owner_client_id=self._client_id))
        return ""

    def _status_steps(self) -> Iterator[_Step]:
        if self._accepts_chats:
            shown = RegistrationStep("set", "status", "accepting chats")
            yield _Step(shown, self._accept_chats)

    def _accept_chats(self) -> str:
        registration = self._registrations.load(self._organization_id)
        assert registration is not None
        token = BotToken(
            bot_id=registration.bot_id,
            client_id=self._client_id,
            bot_secret=registration.bot_secret,
            organization_id=self._organization_id,
            base_url=self._base_url,
        )
        try:
            with AgentClient(token, base_url=self._base_url) as client:
                client.set_routing_status(status="accepting_chats", agent_id=registration.bot_id)
        finally:
            token.close()
        return registration.bot_id

    def _removals(self) -> Iterator[_Step]:
        registration = self._registrations.load(self._organization_id)
        if registration is None:
            raise InvalidArgument(
                "name", f"is that of no bot which is registered here: {self.name!r}"
            )
        registration = self._begun(registration)
        for name, webhook_id in registration.webhooks.items():
            yield _Step(
                RegistrationStep("remove", "webhook", name.partition(" ")[0], webhook_id),
                partial(self._remove_webhook, webhook_id),
            )
        if registration.is_own_bot:
            yield _Step(
                RegistrationStep("remove", "bot", self.name, registration.bot_id),
                partial(self._delete_bot, registration.bot_id),
            )
        elif registration.bot_id:
            yield _Step(RegistrationStep("keep", "bot", self.name, registration.bot_id))

    def _delete_bot(self, bot_id: str) -> str:
        with suppress(NotFound):
            self._client.delete_bot(id=bot_id)
        self._change(bot_id="", bot_secret="", is_own_bot=False)
        return bot_id
