"""The customer itself, its pages, greetings, forms, groups, and the window's configuration."""

import pytest

from frontdesk import errors
from frontdesk.pushes.customer_chat import GreetingAccepted, GreetingCanceled, IncomingGreeting


def test_a_customer_is_read_and_changed(window):
    window.update_customer(name="Anna", email="anna@example.com", phone_number="+48123456789")
    own = window.get_customer()
    assert (own.id, own.name, own.email) == (window.customer.id, "Anna", "anna@example.com")
    assert own.statistics is not None
    assert window.desk.get_customer(id=window.customer.id).name == "Anna"


def test_session_fields_keep_their_order(window):
    fields = [{"plan": "gold"}, {"age": "7"}, {"plan": "again"}]
    window.set_customer_session_fields(session_fields=fields)
    assert window.get_customer().session_fields == fields
    assert window.desk.get_customer(id=window.customer.id).session_fields == fields


def test_groups_have_statuses(window):
    groups = window.list_group_statuses(all=True)
    assert groups.groups_status
    assert set(groups.groups_status.values()) <= {"online", "offline", "online_for_queue"}
    some = window.list_group_statuses(group_ids=[0])
    assert list(some.groups_status) in (["0"], [0])


def test_forms_are_to_be_filled_in(window):
    for form_type in ("prechat", "postchat"):
        form = window.get_form(group_id=0, type=form_type)
        assert form.enabled in (True, False)
        if form.enabled:
            assert form.form.fields


@pytest.mark.parametrize("answer", ["accept", "cancel"])
def test_greetings_are_accepted_and_closed(window, answer):
    window.customer.visit("https://example.com/pricing", "Pricing")
    before = window.get_customer().statistics.greetings_accepted_count
    hear = window.stream(IncomingGreeting, GreetingAccepted, GreetingCanceled)
    unique_id = window.customer.see_greeting(1)
    if hear is not None:
        shown = hear().greeting
        assert (shown.id, shown.unique_id) == (1, unique_id)
    if answer == "accept":
        window.accept_greeting(greeting_id=1, unique_id=unique_id)
    else:
        window.cancel_greeting(unique_id=unique_id)
    if hear is not None:
        kind = GreetingAccepted if answer == "accept" else GreetingCanceled
        assert hear() == kind(unique_id=unique_id, version="3.6")
    accepted = window.get_customer().statistics.greetings_accepted_count - before
    assert accepted == (answer == "accept")


@pytest.mark.web_only
def test_the_configuration_needs_no_token(window):
    dynamic = window.get_dynamic_configuration(group_id=0, url="https://example.com")
    versions = dynamic.livechat
    assert window.get_configuration(group_id=0, version=versions.config_version)
    localization = window.get_localization(
        group_id=0, version=versions.localization_version, language="en"
    )
    assert localization


@pytest.mark.web_only
def test_license_properties_are_those_that_customers_may_read(window):
    assert isinstance(window.list_license_properties(), dict)


def test_links_are_looked_at(window):
    with pytest.raises(errors.APIError):
        window.get_url_info(url="not an address")
