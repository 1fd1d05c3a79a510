"""What the Customer Chat API says in 3.5 and 3.7."""

import json
from pathlib import Path

import pytest

from frontdesk.actions import SendEvent as SendAsAgent
from frontdesk.actions import customer as actions
from frontdesk.codec.decoding import encode
from frontdesk.models import Address, Custom, RichMessage
from frontdesk.pushes.customer_chat import CustomerDetailsUpdated
from frontdesk.sandbox.calls.versions import converted, encode_for

from ..._samples import load
from .._desk import JONES
from ..apis.customer._window import Window


def sample(path):
    return load(Path(__file__).parents[2] / "samples" / "customer" / path)


def as_in(version, content, push=None):
    data = converted(version, json.dumps(content).encode(), push, "customer")
    return None if data is None else json.loads(data)


def test_the_sample_of_3_6_is_that_of_3_7():
    older, newer = sample("responses/list_chats.json"), sample("v3.7/responses/list_chats.json")
    assert as_in((3, 7), older) == newer
    assert as_in((3, 5), older) == as_in((3, 6), older) == older


def test_a_chat_without_threads_has_no_last_one():
    page = {"chats_summary": [{"id": "C", "users": [], "active": False}], "total_chats": 1}
    assert as_in((3, 7), page)["chats_info"] == page["chats_summary"]


def test_rich_messages_of_3_7_have_all_that_it_promises():
    rich = {"id": "T_1", "type": "rich_message", "template_id": "sticker"}
    custom = {"id": "T_2", "type": "custom", "content": {**rich}}
    thread = {"threads": [{"id": "T", "events": [rich, custom]}]}
    shown = as_in((3, 7), thread)["threads"][0]["events"]
    assert shown == [{**rich, "elements": [], "visibility": "all"}, custom]
    assert as_in((3, 7), {"event": rich}, "incoming_event")["event"]["visibility"] == "all"
    assert json.loads(converted((3, 7), json.dumps(thread).encode(), None)) == thread


def test_customers_of_3_5_have_no_address():
    customer = {"id": "c", "type": "customer", "name": "Ann", "address": {"city": "Oslo"}}
    assert as_in((3, 5), customer) == {"id": "c", "type": "customer", "name": "Ann"}
    assert as_in((3, 5), {"users": [customer]})["users"] == [as_in((3, 5), customer)]


@pytest.mark.parametrize("type", [{}, {"type": "customer"}])
def test_a_push_of_what_3_5_does_not_know_does_not_come(type):
    push = CustomerDetailsUpdated(id="c", address=Address(city="Oslo"), **type)
    content = json.loads(encode(push))
    assert as_in((3, 5), content, "customer_updated") is None
    named = {**content, "name": "Ann"}
    assert as_in((3, 5), named, "customer_updated") == {"id": "c", **type, "name": "Ann"}


def test_the_configuration_of_3_5_is_flat():
    newer = {
        "organization_id": "o", "livechat_active": True, "default_widget": "livechat",
        "livechat": {"group_id": 0, "config_version": "1", "language": "en"},
    }  # fmt: skip
    livechat = newer["livechat"]
    rest = {name: value for name, value in newer.items() if name != "livechat"}
    assert as_in((3, 5), newer) == {**rest, **livechat}
    assert as_in((3, 6), newer) == newer


def test_a_page_that_is_opened_tells_groups_since_3_6():
    groups = {"groups": [{"id": 0, "status": "online"}]}
    assert as_in((3, 5), groups) == {}
    assert as_in((3, 5), groups, "groups_status_updated") == groups
    assert as_in((3, 7), groups) == groups


def test_what_applications_send_stays_in_all_versions(desk):
    content = {
        "type": "rich_message", "template_id": "cards", "chats_summary": [{"last_thread_id": "x"}],
        "groups": [], "postback": {"button_type": "x"}, "visibility": "agents",
    }  # fmt: skip
    desk.only(JONES)
    ann = Window(desk)
    started = ann.start("hello")
    event = Custom(content=content)
    ann.call(actions.SendEvent(chat_id=started.chat_id, event=event))
    chat = ann.chat(started.chat_id)
    for version in ((3, 5), (3, 6), (3, 7)):
        shown = json.loads(encode_for(version, chat, "customer"))
        assert shown["thread"]["events"][-1]["content"] == content


def test_pushes_come_in_the_version_of_the_customer(desk):
    desk.only(JONES)
    ann = Window(desk)
    started = ann.start("hello")
    event = RichMessage(template_id="sticker")
    desk.call(SendAsAgent(chat_id=started.chat_id, event=event), desk.agent)
    (push,) = ann.got("incoming_event")
    assert "visibility" not in as_in((3, 6), push, "incoming_event")["event"]
    assert as_in((3, 7), push, "incoming_event")["event"]["visibility"] == "all"
