"""Events to send are valid by construction, or refused with the field and the rule."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from frontdesk.codec.decoding import decode, encode
from frontdesk.errors import InvalidArgument
from frontdesk.models import (
    Access,
    Answer,
    Custom,
    Event,
    File,
    FilledForm,
    FilledFormField,
    Form,
    FormField,
    InitialChat,
    InitialThread,
    InitialUser,
    Message,
    MulticastRecipients,
    MulticastRecipientsAgents,
    MulticastRecipientsCustomers,
    NewEvent,
    OmnichannelRequest,
    Postback,
    PostbackEcommerce,
    RichMessage,
    RichMessageButton,
    RichMessageEcommerce,
    RichMessageElement,
    RichMessageImage,
    RichMessagePostback,
    SystemMessage,
    TwilioIdentity,
    validate_event,
)


def button(**fields: Any) -> RichMessageButton:
    return RichMessageButton(**{"text": "Yes", "postback_id": "yes", **fields})


def rich(*buttons: RichMessageButton, **fields: Any) -> RichMessage:
    return RichMessage(template_id="cards", elements=[RichMessageElement(buttons=[*buttons])])


def question(**fields: Any) -> FormField:
    return FormField(**{"type": "question", "id": "1", "label": "Why?", **fields})


def filled(type: str, **response: Any) -> FilledForm:
    field = FilledFormField(type=type, id="1", label="Why?", **response)
    return FilledForm(form_id="f", fields=[field])


def on_wire(value: Any) -> Any:
    return json.loads(encode(value))


VALID: list[tuple[NewEvent, dict[str, Any]]] = [
    (Message(text="hi"), {"type": "message", "text": "hi"}),
    (
        Message(text="hi", custom_id="c", visibility="agents", properties={"test": {"n": 1}}),
        {
            "type": "message",
            "text": "hi",
            "custom_id": "c",
            "visibility": "agents",
            "properties": {"test": {"n": 1}},
        },
    ),
    (
        Message(text="", postback=Postback(id="p", thread_id="t", event_id="e")),
        {
            "type": "message",
            "text": "",
            "postback": {"id": "p", "thread_id": "t", "event_id": "e"},
        },
    ),
    (File(url="https://cdn/x"), {"type": "file", "url": "https://cdn/x"}),
    (Custom(), {"type": "custom"}),
    (Custom(content={"a": [None]}), {"type": "custom", "content": {"a": [None]}}),
    (
        SystemMessage(system_message_type="x.y", text="%a%", text_vars={"a": "b"}),
        {
            "type": "system_message",
            "system_message_type": "x.y",
            "text": "%a%",
            "text_vars": {"a": "b"},
        },
    ),
    (RichMessage(template_id="sticker"), {"type": "rich_message", "template_id": "sticker"}),
    (
        rich(button(type="webview", value="https://x", webview_height="full", user_ids=[])),
        {
            "type": "rich_message",
            "template_id": "cards",
            "elements": [
                {
                    "buttons": [
                        {
                            "text": "Yes",
                            "postback_id": "yes",
                            "type": "webview",
                            "value": "https://x",
                            "webview_height": "full",
                            "user_ids": [],
                        }
                    ]
                }
            ],
        },
    ),
    (
        Form(form_id="f", fields=[question()]),
        {
            "type": "form",
            "form_id": "f",
            "fields": [{"type": "question", "id": "1", "label": "Why?"}],
        },
    ),
    (
        filled("radio", answer=Answer(id="1", label="a")),
        {
            "type": "filled_form",
            "form_id": "f",
            "fields": [
                {
                    "type": "radio",
                    "id": "1",
                    "label": "Why?",
                    "answer": {"id": "1", "label": "a"},
                }
            ],
        },
    ),
]


@pytest.mark.parametrize(("event", "wire"), VALID)
def test_what_is_sent(event: NewEvent, wire: dict[str, Any]) -> None:
    assert on_wire(event) == wire
    assert decode(encode(event), NewEvent) == event
    validate_event(event)


@pytest.mark.parametrize(
    ("build", "field"),
    [
        (lambda: Message(text="x" * 16385), "text"),
        (lambda: Message(text="ż" * 8193), "text"),
        (lambda: Message(text=5), "text"),
        (lambda: Message(text=None), "text"),
        (lambda: Message(text="\ud800"), "text"),
        (lambda: Message(text="hi", visibility="nobody"), "visibility"),
        (lambda: Message(text="hi", custom_id=7), "custom_id"),
        (lambda: Message(text="hi", properties={"a": {"b": [1]}}), "properties.a.b"),
        (lambda: Message(text="hi", properties={"a": "b"}), "properties[...]"),
        (lambda: postback(type="message"), "postback.value"),
        (lambda: postback(value="x"), "postback.type"),
        (lambda: postback(id=""), "postback.id"),
        (lambda: postback(thread_id=""), "postback.thread_id"),
        (lambda: postback(ecommerce=PostbackEcommerce()), "postback.ecommerce.product_id"),
        (lambda: File(url=""), "url"),
        (lambda: Custom(content="text"), "content"),
        (lambda: Custom(content={"a": object()}), "content.a"),
        (lambda: SystemMessage(system_message_type=""), "system_message_type"),
        (lambda: SystemMessage(system_message_type="x", text_vars={"a": 1}), "text_vars[...]"),
        (lambda: RichMessage(template_id="carousel"), "template_id"),
        (lambda: RichMessage(template_id="cards", elements=[element()] * 11), "elements"),
        (lambda: rich(*[button()] * 14), "elements[0].buttons"),
        (lambda: rich(button(type="url")), "elements[0].buttons[0].value"),
        (lambda: rich(button(), button(value="x")), "elements[0].buttons[1].type"),
        (lambda: rich(button(type="cancel", value="x")), "elements[0].buttons[0].type"),
        (lambda: rich(button(text="")), "elements[0].buttons[0].text"),
        (lambda: rich(button(postback_id="")), "elements[0].buttons[0].postback_id"),
        (
            lambda: rich(button(type="webview", value="x")),
            "elements[0].buttons[0].webview_height",
        ),
        (lambda: rich(button(webview_height="huge")), "elements[0].buttons[0].webview_height"),
        (lambda: rich(button(target="old")), "elements[0].buttons[0].target"),
        (lambda: rich(button(user_ids="me")), "elements[0].buttons[0].user_ids"),
        (
            lambda: RichMessage(
                template_id="ecommerce",
                elements=[
                    RichMessageElement(
                        ecommerce=RichMessageEcommerce(view_type="list", product_id="p")
                    )
                ],
            ),
            "elements[0].ecommerce.view_type",
        ),
        (
            lambda: RichMessage(
                template_id="cards",
                elements=[RichMessageElement(image=RichMessageImage(url=""))],
            ),
            "elements[0].image.url",
        ),
        (lambda: Form(form_id="", fields=[]), "form_id"),
        (lambda: Form(form_id="f", fields=[question(type="date")]), "fields[0].type"),
        (lambda: Form(form_id="f", fields=[question(id="")]), "fields[0].id"),
        (
            lambda: filled("group_chooser", answer=Answer(id="1", label="a")),
            "fields[0].answer.group_id",
        ),
        (lambda: filled("name", answer=Answer(id="1", label="a")), "fields[0].answer"),
        (lambda: filled("select", answer="a"), "fields[0].answer"),
        (lambda: filled("checkbox", answer="a"), "fields[0].answer"),
        (lambda: filled("date", answer="a"), "fields[0].type"),
    ],
)
def test_what_is_refused(build: Callable[[], Any], field: str) -> None:
    with pytest.raises(InvalidArgument) as caught:
        build()
    assert caught.value.field == field


def postback(**fields: Any) -> Message:
    whole = {"id": "p", "thread_id": "t", "event_id": "e", **fields}
    return Message(text="hi", postback=Postback(**whole))


def element() -> RichMessageElement:
    return RichMessageElement(title="a")


def test_limits_are_inclusive() -> None:
    Message(text="x" * 16384)
    Message(text="ż" * 8192)
    RichMessage(template_id="cards", elements=[element()] * 10)
    rich(*[button()] * 13)


def test_the_rule_is_told() -> None:
    with pytest.raises(InvalidArgument, match="16384 bytes"):
        Message(text="x" * 20000)
    with pytest.raises(InvalidArgument, match="webview, message, url, phone"):
        rich(button(type="fax", value="1"))


@pytest.mark.parametrize(
    "event",
    [
        None,
        {"type": "message", "text": "hi"},
        "message",
        Message,
        decode(
            b'{"type":"message","id":"1","created_at":"2026-01-01T00:00:00Z","author_id":"a",'
            b'"visibility":"all","text":"hi"}',
            Event,
        ),
    ],
)
def test_only_events_to_send_are_valid(event: object) -> None:
    with pytest.raises(InvalidArgument, match="must be one of Message, File") as caught:
        validate_event(event)
    assert caught.value.field == "event"


def test_an_event_that_was_spoilt_later_is_not_valid() -> None:
    event = rich(button())
    assert event.elements
    event.elements[0].buttons = [button()] * 14
    with pytest.raises(InvalidArgument) as caught:
        validate_event(event)
    assert caught.value.field == "event.elements[0].buttons"


def test_system_events_cannot_be_sent() -> None:
    with pytest.raises(Exception, match="system"):
        decode(b'{"type":"system","source":"a"}', NewEvent)


def test_a_chat_to_start() -> None:
    chat = InitialChat(
        id="R0",
        access=Access(group_ids=[0]),
        properties={"test": {"a": True}},
        users=[InitialUser(id="ann", type="customer"), InitialUser(id="bob", type="agent")],
        thread=InitialThread(events=[Message(text="hi")], tags=["sales"]),
    )
    chat.validate()
    assert on_wire(chat) == {
        "id": "R0",
        "access": {"group_ids": [0]},
        "properties": {"test": {"a": True}},
        "users": [{"id": "ann", "type": "customer"}, {"id": "bob", "type": "agent"}],
        "thread": {"events": [{"type": "message", "text": "hi"}], "tags": ["sales"]},
    }
    assert on_wire(InitialChat()) == {}


def users(agents: int, customers: int) -> list[InitialUser]:
    everyone = ["agent"] * agents + ["customer"] * customers
    return [InitialUser(id=f"{n}", type=type) for n, type in enumerate(everyone)]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("build", "field"),
    [
        (lambda: InitialChat(users=users(6, 0)), "users"),
        (lambda: InitialChat(users=users(0, 2)), "users"),
        (lambda: InitialChat(users=users(5, 2)), "users"),
        (lambda: InitialChat(id=""), "id"),
        (lambda: InitialChat(access=Access(group_ids=["0"])), "access.group_ids[0]"),
        (lambda: InitialUser(id="a", type="bot"), "type"),
        (lambda: InitialUser(id="", type="agent"), "id"),
        (lambda: InitialThread(events=[{"type": "hologram"}]), "events[0].type"),
        (lambda: InitialThread(tags=[""]), "tags[0]"),
        (MulticastRecipients, "agents"),
        (MulticastRecipientsAgents, ""),
        (lambda: MulticastRecipientsAgents(ids=[""]), "ids[0]"),
        (lambda: MulticastRecipientsCustomers(ids=[]), "ids"),
        (lambda: TwilioIdentity(phone_number=""), "phone_number"),
        (lambda: OmnichannelRequest(twilio="+48"), "twilio"),
    ],
)
def test_other_structures_are_checked(build: Callable[[], Any], field: str) -> None:
    with pytest.raises(InvalidArgument) as caught:
        build()
    assert caught.value.field == field


def test_five_agents_may_include_the_requester() -> None:
    InitialChat(users=users(5, 1))


def test_events_of_a_chat_to_start_are_validated_again() -> None:
    event = rich(button())
    chat = InitialChat(thread=InitialThread(events=[Message(text="hi"), event]))
    assert event.elements
    event.elements[0].buttons = [button(type="url")]
    with pytest.raises(InvalidArgument) as caught:
        chat.validate()
    assert caught.value.field == "thread.events[1].elements[0].buttons[0].value"


def test_recipients_of_a_multicast() -> None:
    recipients = MulticastRecipients(
        agents=MulticastRecipientsAgents(all=True, ids=["a"], groups=[1, "2"]),
        customers=MulticastRecipientsCustomers(ids=["c"]),
    )
    assert on_wire(recipients) == {
        "agents": {"all": True, "ids": ["a"], "groups": [1, "2"]},
        "customers": {"ids": ["c"]},
    }


@pytest.mark.parametrize(
    ("postback", "field"),
    [
        (RichMessagePostback(id="", toggled=True), "postback.id"),
        (
            RichMessagePostback(id="p", toggled=True, ecommerce=PostbackEcommerce()),
            "postback.ecommerce.product_id",
        ),
    ],
)
def test_presses_of_rich_messages_are_checked(postback: RichMessagePostback, field: str) -> None:
    with pytest.raises(InvalidArgument) as caught:
        postback.validate()
    assert caught.value.field == field
    RichMessagePostback(id="p", toggled=False).validate()
