"""Events over the Customer Chat API: send, delete, files, buttons, sneak peeks, seen."""

from datetime import timedelta

import pytest

from frontdesk.actions import BanCustomer, MarkEventsAsSeen, SendEventPreview
from frontdesk.actions import SendEvent as SendAsAgent
from frontdesk.actions import UploadFile as UploadAsAgent
from frontdesk.actions import customer as actions
from frontdesk.errors import (
    AuthorizationError,
    ChatInactive,
    CustomerBanned,
    EntityTooLarge,
    NotFound,
    ValidationError,
)
from frontdesk.models import (
    Ban,
    Custom,
    File,
    FilledForm,
    FilledFormField,
    Message,
    RichMessage,
    RichMessageButton,
    RichMessageElement,
    RichMessagePostback,
    SystemMessage,
)
from frontdesk.sandbox.world.chats import customer_views, outside_api

from ..._desk import JONES, call_web

NOWHERE = "PJ0MRSHTDG"
HOSTILE = "</script>\u2028\x00'; DROP TABLE events;-- \ud7ff\uffff \U0001f600 {{7*7}} %s"


@pytest.fixture
def chat(ann):
    """The ids of Ann's chat with Jones."""
    started = ann.start("hello")
    ann.forget()
    return {"chat_id": started.chat_id, "thread_id": started.thread_id}


def send(window, chat, event, **kwargs):
    action = actions.SendEvent(chat_id=chat["chat_id"], event=event, **kwargs)
    return window.call(action).event_id


def from_agent(desk, chat, event):
    action = SendAsAgent(chat_id=chat["chat_id"], event=event)
    return desk.call(action, desk.agent).event_id


# send


def test_an_event_reaches_both_sides(desk, ann, chat):
    event_id = send(ann, chat, Message(text="how are you", custom_id="c1"))
    (push,) = ann.got("incoming_event")
    assert push["event"]["id"] == event_id
    assert (push["event"]["author_id"], push["event"]["custom_id"]) == (ann.id, "c1")
    (effect,) = desk.effects("incoming_event")
    assert (effect.webhook, effect.author_type) == ("incoming_event", "customer")
    assert JONES in effect.recipients.agent_ids
    assert effect.payload.event.visibility == "all"


def test_sending_counts_as_seeing(desk, ann, chat):
    desk.write(chat["chat_id"], "hi", by=desk.agent)
    send(ann, chat, Message(text="ok"))
    shown = ann.chat(chat["chat_id"])
    assert shown.users[0].events_seen_up_to == shown.thread.events[-1].created_at


def test_a_chat_that_is_closed_takes_events_only_if_they_are_to_be_attached(ann, chat):
    ann.call(actions.DeactivateChat(id=chat["chat_id"]))
    with pytest.raises(ChatInactive):
        send(ann, chat, Message(text="late"))
    with pytest.raises(ChatInactive):
        send(ann, chat, Message(text="late"), attach_to_last_thread=False)
    ann.forget()
    event_id = send(ann, chat, Message(text="late"), attach_to_last_thread=True)
    assert ann.got("incoming_event")[0]["event"]["id"] == event_id
    assert ann.chat(chat["chat_id"]).thread.active is False
    assert ann.texts(chat["chat_id"])[-1] == "late"


FIELDS = [FilledFormField(type="email", id="1", label="E-mail", answer="new@example.com")]


def test_a_form_before_the_chat_introduces_the_customer(desk, ann, chat):
    send(ann, chat, FilledForm(form_id="f", fields=FIELDS))
    assert ann.chat(chat["chat_id"]).users[0].email == "ann@example.com"
    before = {"lc2": {"form_type": "prechat"}}
    send(ann, chat, FilledForm(form_id="f", fields=FIELDS, properties=before))
    assert ann.chat(chat["chat_id"]).users[0].email == "new@example.com"


def test_what_is_filled_in_after_the_chat_is_its_survey(desk, ann, chat):
    ann.call(actions.DeactivateChat(id=chat["chat_id"]))
    send(ann, chat, FilledForm(form_id="f", fields=FIELDS), attach_to_last_thread=True)
    survey = ann.chat(chat["chat_id"]).thread.events[-1]
    assert (survey.type, survey.form_type) == ("filled_form", "postchat")


def test_the_old_name_of_visibility_is_ignored(desk, ann, chat):
    response = call_customer(
        desk, ann, "send_event", chat, {"type": "message", "text": "x", "recipients": "all"}
    )
    assert response.status == 200
    assert ann.texts(chat["chat_id"])[-1] == "x"


def call_customer(desk, window, method, chat, event):
    from frontdesk.sandbox.world.accounts import customer_tokens

    token = desk.unit(customer_tokens.issue, window.id).id
    organization_id = desk.world.store.company.license.organization_id
    return call_web(
        desk,
        f"{method}?organization_id={organization_id}",
        {"chat_id": chat["chat_id"], "event": event},
        token=token,
        api="customer",
    )


@pytest.mark.parametrize(
    "extra", [{"visibility": "agents"}, {"visibility": "all"}, {"author_id": JONES}]
)
def test_customers_neither_whisper_nor_write_for_others(desk, ann, chat, extra):
    response = call_customer(
        desk, ann, "send_event", chat, {"type": "message", "text": "x", **extra}
    )
    assert (response.status, b'"validation"' in response.body) == (400, True)
    assert ann.texts(chat["chat_id"]) == ["hello"]


@pytest.mark.parametrize(
    "event",
    [
        None, [], "x", {}, {"type": "message"}, {"type": "message", "text": None},
        {"type": "message", "text": 7}, {"type": "message", "text": "x" * (16 * 1024 + 1)},
        {"type": "system", "subtype": "x"}, {"type": "new"},
        {"type": "file", "url": "https://elsewhere.example/x.png"},
        {"type": "file", "url": "file:///etc/passwd"},
        {"type": "message", "text": "x", "properties": {"chats": {"resolved": True}}},
        {"type": "message", "text": "x", "properties": {"nowhere": {"n": 1}}},
        {"type": "message", "text": "x", "properties": {"lc2": {"file_safety_confirmation": True}}},
    ],
)  # fmt: skip
def test_odd_events_are_refused_with_the_documented_type(desk, ann, chat, event):
    response = call_customer(desk, ann, "send_event", chat, event)
    assert response.status in (400, 403)
    assert b'"validation"' in response.body or b'"authorization"' in response.body
    assert ann.texts(chat["chat_id"]) == ["hello"]


def test_hostile_texts_come_back_as_they_were(desk, ann, chat):
    event = Custom(content={"visibility": "agents", "author_id": HOSTILE, HOSTILE: [HOSTILE]})
    send(ann, chat, Message(text=HOSTILE, custom_id='","visibility":"agents'))
    send(ann, chat, event)
    message, custom = ann.chat(chat["chat_id"]).thread.events[-2:]
    assert (message.text, message.custom_id) == (HOSTILE, '","visibility":"agents')
    assert custom.content == event.content
    assert ann.got("incoming_event")[1]["event"]["content"] == event.content
    assert desk.texts(chat["chat_id"])[1] == HOSTILE


def test_chats_of_others_take_nothing(desk, ann, bob, chat):
    for chat_id in (chat["chat_id"], NOWHERE):
        attempts = [
            actions.SendEvent(chat_id=chat_id, event=Message(text="x")),
            actions.DeleteEvent(
                chat_id=chat_id, thread_id=chat["thread_id"], event_id=f"{chat['thread_id']}_1"
            ),
            actions.SendSneakPeek(chat_id=chat_id, sneak_peek_text="x"),
            actions.MarkEventsAsSeen(chat_id=chat_id, seen_up_to=desk.world.clock.now()),
            actions.SendRichMessagePostback(
                chat_id=chat_id,
                thread_id=chat["thread_id"],
                event_id=f"{chat['thread_id']}_1",
                postback=RichMessagePostback(id="y", toggled=True),
            ),
        ]
        for action in attempts:
            with pytest.raises(NotFound) as refused:
                bob.call(action)
            assert refused.value.message == f"`chat_id`: there is no chat `{chat_id}`"
    assert desk.heard == []


def test_banned_customers_do_nothing(desk, ann, chat):
    desk.call(BanCustomer(id=ann.id, ban=Ban(days=1)))
    ids, first = {"chat_id": chat["chat_id"]}, {**chat, "event_id": f"{chat['thread_id']}_1"}
    values = {"properties": {"rating": {"score": 1}}}
    attempts = [
        actions.SendEvent(**ids, event=Message(text="x"), attach_to_last_thread=True),
        actions.DeleteEvent(**first),
        actions.SendSneakPeek(**ids, sneak_peek_text="x"),
        actions.MarkEventsAsSeen(**ids, seen_up_to=desk.world.clock.now()),
        actions.UploadFile(file=b"x"),
        actions.DeactivateChat(id=chat["chat_id"]),
        actions.UpdateThreadProperties(**chat, **values),
        actions.UpdateChatProperties(id=chat["chat_id"], **values),
        actions.UpdateEventProperties(**first, **values),
        actions.DeleteEventProperties(**first, properties={"rating": ["score"]}),
    ]
    for action in attempts:
        with pytest.raises(CustomerBanned):
            ann.call(action)
    assert ann.call(actions.ListChats()).total_chats == 1


# delete


def test_what_is_deleted_leaves_a_trace_for_agents_only(desk, ann, chat):
    event_id = send(ann, chat, Message(text="oops"))
    ann.forget()
    ann.call(actions.DeleteEvent(**chat, event_id=event_id))
    assert ann.got("event_deleted") == [{**chat, "event_id": event_id}]
    (effect,) = desk.effects("event_deleted")
    assert (effect.webhook, effect.actor) == ("event_deleted", ann.actor)
    assert ann.texts(chat["chat_id"]) == ["hello"]
    of_owner, of_agent = (desk.chat(chat["chat_id"], by=by) for by in (desk.owner, desk.agent))
    assert (of_owner.thread.events[-1].text, of_owner.thread.events[-1].deleted) == ("oops", True)
    assert of_agent.thread.events[-1].type == "deleted"
    with pytest.raises(NotFound):
        ann.call(actions.DeleteEvent(**chat, event_id=event_id))


def test_customers_delete_their_own_events(desk, ann, chat):
    by_agent = desk.write(chat["chat_id"], "mine", by=desk.agent)
    system = send(ann, chat, SystemMessage(system_message_type="x", text="system"))
    for event_id in (by_agent, system):
        with pytest.raises(AuthorizationError):
            ann.call(actions.DeleteEvent(**chat, event_id=event_id))
    ann.call(actions.DeactivateChat(id=chat["chat_id"]))
    ann.call(actions.DeleteEvent(**chat, event_id=f"{chat['thread_id']}_1"))
    assert "hello" not in ann.texts(chat["chat_id"])


def test_events_that_are_not_seen_are_not_there(desk, ann, chat):
    hidden = from_agent(desk, chat, Message(text="secret", visibility="agents"))
    deleted = desk.write(chat["chat_id"], "wrong", by=desk.agent)
    desk.unit(outside_api.delete_event, deleted)
    values = {"properties": {"status": {"delivered": True}}}
    postback = RichMessagePostback(id="y", toggled=True)
    for event_id in (hidden, deleted, f"{chat['thread_id']}_99", "x", "_1", ""):
        if not event_id:
            continue
        place = {**chat, "event_id": event_id}
        for action in (
            actions.DeleteEvent(**place),
            actions.UpdateEventProperties(**place, **values),
            actions.DeleteEventProperties(**place, properties={"status": ["delivered"]}),
            actions.SendRichMessagePostback(**place, postback=postback),
        ):
            with pytest.raises(NotFound) as refused:
                ann.call(action)
            assert refused.value.message == (
                f"`event_id`: there is no event `{event_id}` in the thread `{chat['thread_id']}`"
            )


# files

PNG = b"\x89PNG\r\n\x1a\n" + b"\0\0\0\rIHDR" + b"\0\0\0\x02\0\0\0\x03"


def test_a_file_goes_from_the_upload_to_the_chat(desk, ann, chat):
    url = ann.call(actions.UploadFile(file=PNG)).url
    send(ann, chat, File(url=url, alternative_text="two by three"))
    file = ann.chat(chat["chat_id"]).thread.events[-1]
    assert (file.url, file.type) == (url, "file")
    desk.advance(hours=25)
    send(ann, chat, File(url=url), attach_to_last_thread=True)


@pytest.mark.parametrize("content", [b"MZ\x90", b"#!/bin/sh", b""])
def test_executables_and_nothing_are_refused(ann, content):
    with pytest.raises(ValidationError):
        ann.call(actions.UploadFile(file=content))


def test_a_file_has_ten_megabytes_at_most(ann):
    with pytest.raises(EntityTooLarge):
        ann.call(actions.UploadFile(file=b"x" * (10 * 2**20 + 1)))


def test_files_of_others_are_as_if_they_were_not(desk, ann, bob, chat):
    urls = [
        bob.call(actions.UploadFile(file=PNG)).url,
        desk.call(UploadAsAgent(file=PNG)).url,
        f"{desk.world.files_url}{desk.world.store.company.license.id}/{'0' * 32}/file",
    ]
    messages = set()
    for url in urls:
        with pytest.raises(ValidationError) as refused:
            send(ann, chat, File(url=url))
        messages.add(refused.value.message)
    assert messages == {"`event.url` is not an uploaded file, or it has expired"}
    assert desk.world.store.files.get(urls[0].split("/")[-2]).expires_at is not None


def test_an_upload_expires(desk, ann, chat):
    url = ann.call(actions.UploadFile(file=PNG)).url
    desk.advance(hours=24)
    with pytest.raises(ValidationError, match="expired"):
        send(ann, chat, File(url=url), attach_to_last_thread=True)


# buttons


def rich(desk, chat, **kwargs):
    button = RichMessageButton(text="Yes", postback_id="y", type="message", value="Yes, please")
    element = RichMessageElement(buttons=[button])
    event = RichMessage(template_id="quick_replies", elements=[element], **kwargs)
    return from_agent(desk, chat, event)


def test_a_button_is_pressed_and_released(desk, ann, chat):
    place = {**chat, "event_id": rich(desk, chat)}
    ann.forget()
    for toggled, user_ids in ((True, [ann.id]), (False, [])):
        postback = RichMessagePostback(id="y", toggled=toggled)
        ann.call(actions.SendRichMessagePostback(**place, postback=postback))
        (button,) = ann.chat(chat["chat_id"]).thread.events[-1].elements[0].buttons
        assert button.user_ids == user_ids
    assert [push["user_id"] for push in ann.got("incoming_rich_message_postback")] == [ann.id] * 2
    assert desk.effects("incoming_rich_message_postback")[0].webhook
    # Sending the value of the button is up to the client.
    assert ann.texts(chat["chat_id"]) == ["hello", None]
    ann.call(actions.DeactivateChat(id=chat["chat_id"]))
    ann.forget()
    postback = RichMessagePostback(id="y", toggled=True)
    ann.call(actions.SendRichMessagePostback(**place, postback=postback))
    assert ann.names() == []


def test_only_buttons_of_rich_messages_are_pressed(desk, ann, chat):
    event_id = rich(desk, chat)
    with pytest.raises(NotFound, match=r"postback\.id"):
        postback = RichMessagePostback(id="other", toggled=True)
        ann.call(actions.SendRichMessagePostback(**chat, event_id=event_id, postback=postback))
    with pytest.raises(ValidationError, match="no rich message"):
        postback = RichMessagePostback(id="y", toggled=True)
        event_id = f"{chat['thread_id']}_1"
        ann.call(actions.SendRichMessagePostback(**chat, event_id=event_id, postback=postback))


# what is not kept


def test_agents_see_what_is_being_typed(desk, ann, chat):
    peek = {"chat_id": chat["chat_id"], "sneak_peek_text": "typi"}
    ann.call(actions.SendSneakPeek(**peek))
    (effect,) = desk.heard
    assert (effect.push, effect.webhook, effect.to_customer) == ("incoming_sneak_peek", None, False)
    assert (effect.payload.sneak_peek.text, effect.payload.sneak_peek.author_id) == ("typi", ann.id)
    assert ann.names() == []
    ann.call(actions.SendSneakPeek(chat_id=chat["chat_id"], sneak_peek_text=""))
    ann.call(actions.DeactivateChat(id=chat["chat_id"]))
    with pytest.raises(ChatInactive):
        ann.call(actions.SendSneakPeek(**peek))


def test_a_preview_comes_to_the_customer_alone(desk, ann, bob, chat):
    event = Message(text="I am look", custom_id="c")
    desk.call(SendEventPreview(chat_id=chat["chat_id"], event=event), desk.agent)
    (preview,) = ann.got("incoming_event_preview")
    assert (preview["chat_id"], preview["thread_id"]) == (chat["chat_id"], chat["thread_id"])
    assert (preview["event"]["text"], preview["event"]["custom_id"]) == ("I am look", "c")
    assert preview["event"]["author_id"] == customer_views.shown_id(desk.world, JONES)
    assert bob.names() == []
    assert ann.texts(chat["chat_id"]) == ["hello"]


def test_both_sides_learn_what_the_other_has_seen(desk, ann, chat):
    now = desk.world.clock.now()
    ann.call(actions.MarkEventsAsSeen(chat_id=chat["chat_id"], seen_up_to=now))
    (effect,) = desk.effects("events_marked_as_seen")
    assert (effect.webhook, effect.payload.user_id) == ("events_marked_as_seen", ann.id)
    assert ann.got("events_marked_as_seen")[0]["user_id"] == ann.id
    early = now - timedelta(days=1)
    ann.call(actions.MarkEventsAsSeen(chat_id=chat["chat_id"], seen_up_to=early))
    assert ann.chat(chat["chat_id"]).users[0].events_seen_up_to == now
    ann.forget()
    desk.call(MarkEventsAsSeen(chat_id=chat["chat_id"], seen_up_to=now), desk.agent)
    assert len(ann.got("events_marked_as_seen")[0]["user_id"]) == 32
