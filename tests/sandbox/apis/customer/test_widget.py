"""What a chat window asks for before there is a customer."""

import pytest

from frontdesk.actions import AddAllowedDomain, UpdateTranslations
from frontdesk.actions.customer import (
    GetConfiguration,
    GetDynamicConfiguration,
    GetLocalization,
)
from frontdesk.codec.decoding import encode
from frontdesk.errors import GroupNotFound, LicenseNotFound
from frontdesk.sandbox.world.actor import CustomerActor
from frontdesk.sandbox.world.properties import settings

from ..._desk import SMITH

NOBODY = CustomerActor("")


def dynamic(desk, **query):
    return desk.call(GetDynamicConfiguration(**query), by=NOBODY)


def configuration(desk, group_id=0):
    return desk.call(GetConfiguration(group_id=group_id, version="1"), by=NOBODY)


def phrases(desk, group_id=0, language="en"):
    action = GetLocalization(group_id=group_id, language=language, version="1")
    return desk.call(action, by=NOBODY)


def test_the_dynamic_configuration_says_who_is_there(desk):
    license = desk.world.store.company.license
    desk.only(SMITH)
    shown = dynamic(desk)
    assert (shown.organization_id, shown.default_widget) == (license.organization_id, "livechat")
    assert shown.livechat_active is True
    assert (shown.livechat.group_id, shown.livechat.online_group_ids) == (0, [0, 1])
    assert shown.livechat.client_limit_exceeded is False
    desk.only()
    assert dynamic(desk).livechat.online_group_ids is None


def test_a_license_that_is_over_has_no_chat_window(desk):
    desk.advance(days=400 * 40)
    shown = dynamic(desk)
    assert (shown.livechat_active, shown.livechat) == (False, None)


def test_the_license_may_be_named_by_its_number(desk):
    license_id = desk.world.store.company.license.id
    assert dynamic(desk, license_id=int(license_id)).livechat_active
    with pytest.raises(LicenseNotFound, match="`license_id`"):
        dynamic(desk, license_id=int(license_id) + 1)


@pytest.mark.parametrize(
    ("domain", "url", "allowed"),
    [
        ("shop.example", "https://shop.example/hats", True),
        ("Shop.Example", "https://SHOP.example/", True),
        ("shop.example", "https://www.shop.example/", False),
        ("*.shop.example", "https://www.shop.example/", True),
        ("*.shop.example", "https://shop.example/", False),
        ("*.shop.example", "https://evilshop.example/", False),
        ("shop.example", "https://shop.example.evil.example/", False),
        ("shop.example:8080", "http://shop.example:8080/", True),
        ("shop.example:8080", "http://shop.example/", False),
        ("shop.example:443", "https://shop.example/", True),
        ("shop.example", "http://[broken", False),
        ("shop.example", "http://shop.example:99999/", False),
        ("shop.example", "shop.example/hats", True),
    ],
)
def test_the_page_has_to_be_on_an_allowed_domain(desk, domain, url, allowed):
    assert dynamic(desk, url=url).livechat.domain_allowed
    desk.call(AddAllowedDomain(domain=domain))
    assert dynamic(desk, url=url).livechat.domain_allowed is allowed
    assert dynamic(desk).livechat.domain_allowed


def test_as_many_chats_as_the_license_allows(desk):
    desk.set_license("concurrent_chats.base", 1, namespace="limits")
    desk.say(desk.visitor())
    assert dynamic(desk).livechat.client_limit_exceeded


def test_the_versions_change_with_the_content_and_only_then(desk):
    first = dynamic(desk).livechat
    assert dynamic(desk).livechat == first
    desk.call(UpdateTranslations(group_id=0, language="en", phrases={"Client": "Guest"}))
    after = dynamic(desk).livechat
    assert after.localization_version != first.localization_version
    assert after.config_version == first.config_version
    settings_of = {"smart_actions": {"greeting.hide_when_offline": True}}
    desk.unit(lambda world: settings.set_group(world, 0, settings_of, "groups.0"))
    assert dynamic(desk).livechat.config_version != first.config_version


def test_the_configuration_has_buttons_forms_and_readable_properties(desk):
    settings_of = {"smart_actions": {"greeting.hide_when_offline": True}}
    desk.unit(lambda world: settings.set_group(world, 1, settings_of, "groups.1"))
    shown = configuration(desk, 1)
    (button,) = shown.buttons
    assert (button.type, bool(button.online_value), bool(button.offline_value)) == (
        "text",
        True,
        True,
    )
    assert shown.prechat_form.fields
    assert shown.ticket_form.fields
    assert shown.properties.group == settings_of


def test_properties_that_customers_may_not_read_are_not_shown(desk):
    shown = configuration(desk)
    assert shown.properties.license is None or "limits" not in shown.properties.license
    text = encode(shown).decode() + encode(dynamic(desk)).decode()
    assert "@" not in text
    assert "manual_routing" not in text


def test_phrases_are_those_of_the_group_and_the_language(desk):
    desk.call(UpdateTranslations(group_id=1, language="de", phrases={"Client": "Gast"}))
    assert phrases(desk, 1, "de")["Client"] == "Gast"
    assert phrases(desk, 1, "en")["Client"] == phrases(desk, 0, "de")["Client"] == "Visitor"
    assert "%email%" in phrases(desk)["Assistly_ticket_notification"]


def test_a_group_that_is_not_there_is_named(desk):
    for ask in (lambda: dynamic(desk, group_id=99), lambda: configuration(desk, 99)):
        with pytest.raises(GroupNotFound, match="`group_id`"):
            ask()
    with pytest.raises(GroupNotFound, match="`group_id`"):
        phrases(desk, 99)
