"""Registrations of a bot: who it is in each organization, and which webhooks it has there."""

from frontdesk.bots.registrations.identities import InstalledBots
from frontdesk.bots.registrations.needs import NeededWebhook, WebhookNeeds, webhooks_of
from frontdesk.bots.registrations.registrar import BotRegistrar, RegistrationStep
from frontdesk.bots.registrations.store import BotRegistration, BotRegistrations

__all__ = [
    "BotRegistrar",
    "BotRegistration",
    "BotRegistrations",
    "InstalledBots",
    "NeededWebhook",
    "RegistrationStep",
    "WebhookNeeds",
    "webhooks_of",
]
