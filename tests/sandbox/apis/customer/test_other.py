"""Goals, forms, previews of links, and the verification of e-mail addresses."""

import struct

import pytest
from msgspec.structs import replace

from frontdesk.actions import BanCustomer
from frontdesk.actions.customer import (
    CheckGoals,
    GetCustomer,
    GetForm,
    GetUrlInfo,
    RequestEmailVerification,
)
from frontdesk.errors import CustomerBanned, GroupNotFound, LimitReached, ValidationError
from frontdesk.models import Ban
from frontdesk.models.customer_chat.widget import FormTemplate, FormTemplateField
from frontdesk.sandbox.world.chats import uploaded_files
from frontdesk.sandbox.world.people import customers, email_verification

from ..._website import SHOP, Tab, visitor

CALLBACK = "https://shop.example/verified"


def verify(desk, tab):
    desk.unit(lambda world: email_verification.verify(world, customers.find(world, tab.id)))


def goals(**changes):
    return CheckGoals(**({"session_fields": [], "group_id": 0, "page_url": SHOP} | changes))


def test_goals_are_for_customers_who_are_not_connected(desk):
    away = Tab(desk, desk.customer())
    assert away.call(goals(session_fields=[{"plan": "gold"}])) is None
    away.log_in()
    with pytest.raises(ValidationError, match="logged in"):
        away.call(goals())


def test_goals_are_checked_as_other_requests_are(desk):
    ann = Tab(desk, desk.customer())
    with pytest.raises(GroupNotFound, match="`group_id`"):
        ann.call(goals(group_id=99))
    with pytest.raises(LimitReached, match="`session_fields`"):
        ann.call(goals(session_fields=[{f"key{number}": "x"} for number in range(101)]))
    desk.call(BanCustomer(id=ann.id, ban=Ban(days=1)))
    with pytest.raises(CustomerBanned):
        ann.call(goals())


@pytest.mark.parametrize(
    ("form_type", "types"),
    [
        ("prechat", ["header", "name", "email"]),
        ("postchat", ["header", "radio", "textarea"]),
        ("ticket", ["header", "name", "email", "subject", "textarea"]),
    ],
)
def test_a_group_has_plain_forms(desk, form_type, types):
    response = visitor(desk).call(GetForm(group_id=0, type=form_type))
    assert response.enabled
    assert [field.type for field in response.form.fields] == types
    assert all(field.label for field in response.form.fields)


def test_forms_have_ids_and_ticket_forms_have_none(desk):
    ann = visitor(desk)
    form = ann.call(GetForm(group_id=0, type="prechat")).form
    ids = [form.id, *(field.id for field in form.fields)]
    assert len(set(ids)) == len(ids)
    assert form == ann.call(GetForm(group_id=0, type="prechat")).form
    assert form.id != ann.call(GetForm(group_id=1, type="prechat")).form.id
    ticket = ann.call(GetForm(group_id=0, type="ticket")).form
    assert [ticket.id, *(field.id for field in ticket.fields)] == [None] * 6


def test_a_group_may_have_forms_of_its_own_or_none(desk):
    ann = visitor(desk)
    own = FormTemplate(id="1", fields=[FormTemplateField(type="question", label="Why?", id="2")])
    group = desk.world.store.company.groups[1]
    changed = replace(group, forms={"prechat": own, "postchat": None})
    desk.unit(lambda world: world.store.company.save_group(changed))
    assert ann.call(GetForm(group_id=1, type="prechat")).form == own
    off = ann.call(GetForm(group_id=1, type="postchat"))
    assert (off.enabled, off.form) == (False, None)
    assert ann.call(GetForm(group_id=0, type="postchat")).enabled


def test_a_form_of_a_group_that_is_not_there(desk):
    with pytest.raises(GroupNotFound, match="`group_id`"):
        visitor(desk).call(GetForm(group_id=99, type="prechat"))


@pytest.mark.parametrize(
    ("url", "address", "title"),
    [
        ("https://shop.example/hats/", "https://shop.example/hats/", "shop.example/hats"),
        ("shop.example", "https://shop.example", "shop.example"),
        ("http://localhost:8080/x?y=1", "http://localhost:8080/x?y=1", "localhost/x"),
    ],
)
def test_what_is_known_of_a_web_address(desk, url, address, title):
    info = visitor(desk).call(GetUrlInfo(url=url))
    assert (info.url, info.title, info.image_url) == (address, title, None)


@pytest.mark.parametrize(
    "url",
    [
        "hello",
        "javascript:alert(1)",
        "data:text/html,<b>",
        "file:///etc/passwd",
        "ftp://shop.example/",
        "https://",
        "https://[broken",
        "https://shop.example:99999/",
        "https://user:secret@shop.example/",
        "https://shop.example/\r\nSet-Cookie: a=b",
        "https://shop.example\\@other.example",
        " ",
    ],
)
def test_what_is_no_web_address_is_refused_by_its_name(desk, url):
    ann = visitor(desk, customer={"email": "ann@example.com"})
    with pytest.raises(ValidationError, match="`url`"):
        ann.call(GetUrlInfo(url=url))
    with pytest.raises(ValidationError, match="`callback_uri`"):
        ann.call(RequestEmailVerification(callback_uri=url))


def test_an_uploaded_image_is_known(desk):
    ann = visitor(desk)
    picture = b"\x89PNG\r\n\x1a\n" + b"\0" * 8 + struct.pack(">II", 30, 20)
    file = desk.unit(uploaded_files.upload, name="hat.png", content=picture, uploaded_by=ann.id)
    info = ann.call(GetUrlInfo(url=file.url))
    assert (info.title, info.image_original_url) == ("hat.png", file.url)
    assert (info.image_width, info.image_height) == (30, 20)
    desk.advance(days=2)
    assert ann.call(GetUrlInfo(url=file.url)).image_url is None


def test_an_address_is_verified_by_the_link_that_was_asked_for(desk):
    ann = visitor(desk, customer={"email": "ann@example.com"})
    with pytest.raises(ValidationError, match="asked for"):
        verify(desk, ann)
    ann.call(RequestEmailVerification(callback_uri=CALLBACK))
    verify(desk, ann)
    assert ann.call(GetCustomer()).email_verified is True
    assert [push.email_verified for push in ann.got("customer_updated")] == [True]


def test_requests_lapse_a_week_after_the_last_one(desk):
    ann = visitor(desk, customer={"email": "ann@example.com"})
    ann.call(RequestEmailVerification(callback_uri=CALLBACK))
    desk.advance(days=6)
    ann.call(RequestEmailVerification(callback_uri=CALLBACK))
    desk.advance(days=6)
    assert len(ann.record.email_requests) == 2
    desk.advance(days=2)
    with pytest.raises(ValidationError):
        verify(desk, ann)


def test_the_latest_ten_requests_count(desk):
    ann = visitor(desk, customer={"email": "ann@example.com"})
    for number in range(12):
        ann.call(RequestEmailVerification(callback_uri=f"{CALLBACK}/{number}"))
    kept = [request.callback_uri for request in ann.record.email_requests]
    assert kept == [f"{CALLBACK}/{number}" for number in range(2, 12)]


def test_a_customer_without_an_address_has_none_to_verify(desk):
    with pytest.raises(ValidationError, match="no e-mail address"):
        visitor(desk).call(RequestEmailVerification(callback_uri=CALLBACK))
