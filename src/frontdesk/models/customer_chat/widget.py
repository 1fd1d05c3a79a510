"""What a chat window reads: configuration, forms, statuses of groups, previews of links.

Source: https://platform.text.com/docs/messaging/customer-chat-api#configuration
"""

from typing import Any

from frontdesk.models.base import Model, Properties, Result
from frontdesk.models.events.form import FormOption

__all__ = [
    "ChatWindowConfiguration",
    "ConfigurationButton",
    "ConfigurationProperties",
    "DynamicConfiguration",
    "FormTemplate",
    "FormTemplateField",
    "FormTemplateOption",
    "GroupAvailability",
    "GroupStatuses",
    "LiveChatConfiguration",
    "RequestedForm",
    "UpdatedCustomerPage",
    "UrlInfo",
]


class FormTemplateOption(FormOption, kw_only=True):
    """An option of a field; ``checked`` tells whether it is chosen from the start."""

    checked: bool | None = None


class FormTemplateField(Model, kw_only=True):
    """A field of a form to show.

    ``type`` is ``header``, ``checkbox``, ``email``, ``name``, ``question``, ``subject``,
    ``textarea``, ``group_chooser``, ``radio``, ``select``; also ``rating`` (with
    ``comment_label``) and ``checkbox_for_email`` (with ``checked``). Fields of ticket forms may
    lack ids.
    """

    type: str
    label: str
    id: str | None = None
    required: bool | None = None
    options: list[FormTemplateOption] | None = None
    comment_label: str | None = None
    checked: bool | None = None


class FormTemplate(Model, kw_only=True):
    """A form to show to the customer, who returns it as a ``FilledForm``.

    It is not the event ``Form``. Ticket forms may lack an id.
    """

    id: str | None = None
    fields: list[FormTemplateField]


class RequestedForm(Result, kw_only=True):
    """A survey of a group; ``form`` is there only if it is ``enabled``."""

    enabled: bool
    form: FormTemplate | None = None


class LiveChatConfiguration(Model, kw_only=True):
    """What concerns the chat window: whether it may be shown, and which versions are current.

    ``online_group_ids`` are the groups in which agents accept chats; missing when there is none.
    ``config_version`` is for ``get_configuration``, ``localization_version`` for
    ``get_localization``.
    """

    group_id: int | None = None
    client_limit_exceeded: bool | None = None
    domain_allowed: bool | None = None
    online_group_ids: list[int] | None = None
    config_version: str | None = None
    localization_version: str | None = None
    language: str | None = None


class DynamicConfiguration(Result, kw_only=True):
    """What changes of the configuration of an organization.

    ``default_widget`` is ``livechat``, ``openwidget`` or ``chatbot``; ``livechat`` is missing if
    the license is not active. Before 3.6 the fields of ``livechat`` stood at the top, from where
    it is filled.
    """

    organization_id: str
    default_widget: str | None = None
    livechat_active: bool | None = None
    livechat: LiveChatConfiguration | None = None
    group_id: int | None = None
    client_limit_exceeded: bool | None = None
    domain_allowed: bool | None = None
    online_group_ids: list[int] | None = None
    config_version: str | None = None
    localization_version: str | None = None
    language: str | None = None

    def __post_init__(self) -> None:
        if self.livechat is None and self.config_version is not None:
            self.livechat = LiveChatConfiguration(
                group_id=self.group_id,
                client_limit_exceeded=self.client_limit_exceeded,
                domain_allowed=self.domain_allowed,
                online_group_ids=self.online_group_ids,
                config_version=self.config_version,
                localization_version=self.localization_version,
                language=self.language,
            )


class ConfigurationButton(Model, kw_only=True):
    """A button that opens the chat. ``type`` is ``image`` or ``text``.

    The values are texts, or addresses of images without a scheme.
    """

    id: str
    type: str
    online_value: str | None = None
    offline_value: str | None = None


class ConfigurationProperties(Model, kw_only=True):
    """The properties of a group and of its license that customers may read."""

    group: Properties | None = None
    license: Properties | None = None


class ChatWindowConfiguration(Result, kw_only=True):
    """What the chat window of a group shows; it stays the same for one ``config_version``."""

    buttons: list[ConfigurationButton] | None = None
    ticket_form: FormTemplate | None = None
    prechat_form: FormTemplate | None = None
    integrations: dict[str, Any] | None = None
    properties: ConfigurationProperties | None = None


class GroupStatuses(Result, kw_only=True):
    """Group ids, as texts, and their statuses: ``online``, ``online_for_queue``, ``offline``.

    Groups that do not exist are not in it.
    """

    groups_status: dict[str, str]


class GroupAvailability(Model, kw_only=True):
    """``status`` is ``online``, ``online_for_queue`` (a chat would wait) or ``offline``."""

    id: int
    status: str


class UpdatedCustomerPage(Result, kw_only=True):
    """The page was taken; ``groups`` are there only if the customer belongs to others now."""

    groups: list[GroupAvailability] | None = None


class UrlInfo(Result, kw_only=True):
    """What is behind a link. ``image_url`` is a small copy of ``image_original_url``.

    Both may lack the scheme; width and height are in pixels.
    """

    url: str
    title: str | None = None
    description: str | None = None
    image_url: str | None = None
    image_original_url: str | None = None
    image_width: int | None = None
    image_height: int | None = None
