"""The handlers of the Configuration API, a module per subject.

``_SINGLE`` names each of them: a new method goes there too. Those of the batch methods follow from
the others.
"""

from typing import Final

from frontdesk.sandbox.apis.batches import batches_of
from frontdesk.sandbox.apis.configuration import (
    auto_access,
    bot_templates,
    bots,
    canned_responses,
    company,
    greetings,
    groups,
    properties,
    tags,
    webhooks,
    widget,
)
from frontdesk.sandbox.apis.handler import MethodHandler

__all__ = ["HANDLERS"]

_SINGLE: Final[tuple[MethodHandler, ...]] = (
    auto_access.add_auto_access,
    auto_access.delete_auto_access,
    auto_access.list_auto_accesses,
    auto_access.update_auto_access,
    canned_responses.create_canned_response,
    canned_responses.delete_canned_response,
    canned_responses.list_canned_responses,
    canned_responses.update_canned_response,
    company.get_company_details,
    company.get_product_source,
    company.list_channels,
    company.reactivate_email,
    company.update_company_details,
    bot_templates.create_bot_template,
    bot_templates.delete_bot_template,
    bot_templates.list_bot_templates,
    bot_templates.reset_bot_template_secret,
    bot_templates.update_bot_template,
    bots.create_bot,
    bots.delete_bot,
    bots.get_bot,
    bots.issue_bot_token,
    bots.list_bots,
    bots.reset_bot_secret,
    bots.update_bot,
    greetings.create_greeting,
    greetings.delete_greeting,
    greetings.get_greeting,
    greetings.list_greetings,
    greetings.update_greeting,
    groups.create_group,
    groups.delete_group,
    groups.get_group,
    groups.list_groups,
    groups.update_group,
    properties.delete_group_properties,
    properties.delete_license_properties,
    properties.list_groups_properties,
    properties.list_license_properties,
    properties.list_properties,
    properties.publish_property,
    properties.register_property,
    properties.unregister_property,
    properties.update_group_properties,
    properties.update_license_properties,
    tags.create_tag,
    tags.delete_tag,
    tags.list_tags,
    tags.update_tag,
    webhooks.disable_license_webhooks,
    webhooks.enable_license_webhooks,
    webhooks.get_license_webhooks_state,
    webhooks.list_webhook_names,
    webhooks.list_webhooks,
    webhooks.register_webhook,
    webhooks.unregister_webhook,
    widget.add_allowed_domain,
    widget.delete_allowed_domain,
    widget.list_allowed_domains,
    widget.list_translations,
    widget.update_translations,
)

HANDLERS: Final[tuple[MethodHandler, ...]] = (*_SINGLE, *batches_of(_SINGLE))
