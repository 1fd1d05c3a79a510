"""Sending events of every type."""

import pytest

from frontdesk.actions import (
    AddUserToChat,
    DeactivateChat,
    MarkEventsAsSeen,
    SendEvent,
    SendEventPreview,
    TransferChat,
)
from frontdesk.errors import (
    AuthorizationError,
    ChatInactive,
    InvalidArgument,
    ValidationError,
)
from frontdesk.models import (
    Custom,
    FilledForm,
    FilledFormField,
    Form,
    FormField,
    InitialChat,
    InitialUser,
    Message,
    RichMessage,
    RichMessageButton,
    RichMessageElement,
    SystemMessage,
    Target,
)
from frontdesk.sandbox.world.actor import CUSTOMER_CLIENT_ID, CustomerActor
from frontdesk.sandbox.world.chats import events
from frontdesk.sandbox.world.login_sessions import CustomerSession
from frontdesk.sandbox.world.people import customer_actions

from ..._desk import GARCIA, JONES, SMITH, payload


def send(desk, chat_id, event, by=None, **kwargs):
    return desk.call(SendEvent(chat_id=chat_id, event=event, **kwargs), by)


def test_events_are_numbered_and_kept_in_order(desk):
    chat_id = desk.start()
    thread_id = desk.chat(chat_id).thread.id
    ids = [desk.write(chat_id, str(number)) for number in range(12)]
    assert ids == [f"{thread_id}_{number}" for number in range(1, 13)]
    shown = desk.chat(chat_id).thread.events
    assert [event.text for event in shown] == [str(number) for number in range(12)]
    times = [event.created_at for event in shown]
    assert times == sorted(set(times))


def test_a_message_keeps_all_it_was_sent_with(desk):
    chat_id = desk.start()
    properties = {"test": {"string_property": "x"}, "chats": {"formatting": "commonmark"}}
    send(
        desk,
        chat_id,
        Message(text="hi", custom_id="c1", visibility="agents", properties=properties),
    )
    (event,) = desk.chat(chat_id).thread.events
    assert (event.text, event.custom_id, event.visibility) == ("hi", "c1", "agents")
    source = {"source": {"client_id": desk.owner.client_id}}
    assert (event.author_id, event.properties) == (SMITH, properties | source)


def test_events_say_which_application_sent_them(desk):
    desk.only(SMITH)
    customer = desk.visitor()
    desk.say(customer)
    chat_id = desk.chat_of(customer)
    desk.write(chat_id)
    by_client = {
        event.author_id: event.properties["source"]["client_id"]
        for event in desk.chat(chat_id).thread.events
        if event.type == "message"
    }
    assert by_client == {customer: CUSTOMER_CLIENT_ID, SMITH: desk.owner.client_id}
    (pushed,) = desk.pushed("incoming_event")[-1:]
    assert pushed.event.properties == {"source": {"client_id": desk.owner.client_id}}


def test_visibility_is_all_by_default(desk):
    chat_id = desk.start()
    desk.write(chat_id)
    assert desk.chat(chat_id).thread.events[0].visibility == "all"


def test_a_form_and_a_filled_form(desk):
    chat_id = desk.start()
    fields = [FormField(type="name", id="1", label="Name")]
    send(desk, chat_id, Form(form_id="f", fields=fields))
    filled = [FilledFormField(type="name", id="1", label="Name", answer="Ann")]
    send(desk, chat_id, FilledForm(form_id="f", fields=filled))
    form, filled = desk.chat(chat_id).thread.events
    assert (form.form_id, form.fields[0].label) == ("f", "Name")
    assert filled.fields[0].answer == "Ann"


def test_a_custom_event(desk):
    chat_id = desk.start()
    send(desk, chat_id, Custom(content={"a": [1, {"b": None}]}))
    assert desk.chat(chat_id).thread.events[0].content == {"a": [1, {"b": None}]}


def test_a_system_message_has_no_author(desk):
    chat_id = desk.start()
    send(desk, chat_id, SystemMessage(system_message_type="mine", text="%a%", text_vars={"a": "b"}))
    (event,) = desk.chat(chat_id).thread.events
    assert (event.system_message_type, event.author_id) == ("mine", None)
    assert event.text_vars == {"a": "b"}


def rich():
    buttons = [
        RichMessageButton(text="yes", postback_id="yes", user_ids=["forged"]),
        RichMessageButton(text="no", postback_id="no"),
    ]
    return RichMessage(
        template_id="cards", elements=[RichMessageElement(title="Well?", buttons=buttons)]
    )


def test_buttons_of_a_rich_message_begin_without_users(desk):
    chat_id = desk.start()
    send(desk, chat_id, rich())
    (event,) = desk.chat(chat_id).thread.events
    assert [button.user_ids for button in event.elements[0].buttons] == [[], []]


def test_an_outsider_cannot_write(desk):
    with pytest.raises(AuthorizationError, match="add_user_to_chat"):
        desk.write(desk.start(), by=desk.agent)


def test_an_inactive_chat_takes_no_events(desk):
    chat_id = desk.start()
    desk.call(DeactivateChat(id=chat_id))
    with pytest.raises(ChatInactive, match=chat_id):
        desk.write(chat_id)


def test_older_clients_may_attach_to_the_last_thread(desk):
    chat_id = desk.start()
    desk.call(DeactivateChat(id=chat_id))
    send(desk, chat_id, Message(text="late"), attach_to_last_thread=True)
    assert desk.texts(chat_id)[-1] == "late"
    assert not desk.chat(chat_id).thread.active


def test_someone_who_is_there_for_agents_cannot_speak_to_all(desk):
    chat_id = desk.start()
    desk.call(AddUserToChat(chat_id=chat_id, user_id=JONES, user_type="agent", visibility="agents"))
    for event in (Message(text="x"), Message(text="x", visibility="all")):
        with pytest.raises(ValidationError, match=r"`event.visibility` must be `agents`"):
            send(desk, chat_id, event, desk.agent)
    send(desk, chat_id, Message(text="psst", visibility="agents"), desk.agent)
    assert desk.texts(chat_id)[-1] == "psst"


def test_writing_marks_everything_as_seen(desk):
    users = [InitialUser(id=JONES, type="agent")]
    chat_id = desk.start(chat=InitialChat(users=users))
    desk.write(chat_id, by=desk.agent)
    desk.write(chat_id)
    chat = desk.chat(chat_id)
    seen = {user.id: user.events_seen_up_to for user in chat.users}
    assert seen[SMITH] == chat.thread.events[1].created_at
    assert seen[JONES] == chat.thread.events[0].created_at


def test_seen_can_be_moved_forward_but_not_back(desk):
    chat_id = desk.start()
    desk.write(chat_id)
    later = desk.world.clock.now()
    desk.call(MarkEventsAsSeen(chat_id=chat_id, seen_up_to=later))
    earlier = desk.chat(chat_id).thread.created_at
    desk.call(MarkEventsAsSeen(chat_id=chat_id, seen_up_to=earlier))
    assert desk.chat(chat_id).users[0].events_seen_up_to == later
    assert [pushed.seen_up_to for pushed in desk.pushed("events_marked_as_seen")] == [
        later,
        earlier,
    ]
    with pytest.raises(AuthorizationError):
        desk.call(MarkEventsAsSeen(chat_id=chat_id, seen_up_to=later), desk.agent)


def test_properties_that_agents_may_not_write_are_refused(desk):
    chat_id = desk.start()
    with pytest.raises(AuthorizationError, match=r"`event.properties.rating.score`"):
        send(desk, chat_id, Message(text="x", properties={"rating": {"score": 1}}))
    assert desk.texts(chat_id) == []


def test_a_preview_reaches_the_customer_only_and_is_not_kept(desk):
    ann = desk.visitor("Ann")
    chat_id = desk.start_with(ann)
    desk.world.customer_sessions["c"] = CustomerSession(
        connection_id="c", customer=CustomerActor(ann)
    )
    desk.forget()
    desk.call(SendEventPreview(chat_id=chat_id, event=Message(text="typ", custom_id="c")))
    (effect,) = desk.heard
    assert (effect.push, effect.webhook) == (None, None)
    assert (effect.customer_push, effect.customer_ids) == ("incoming_event_preview", (ann,))
    assert (effect.payload.event.text, effect.payload.event.custom_id) == ("typ", "c")
    assert "@" not in effect.payload.event.author_id
    assert desk.texts(chat_id) == []
    with pytest.raises(AuthorizationError):
        desk.call(SendEventPreview(chat_id=chat_id, event=Message(text="typ")), desk.agent)
    with pytest.raises(InvalidArgument):
        SendEventPreview(chat_id=chat_id, event=Message(text="typ", visibility="agents"))


def test_deleted_events_are_shown_in_full_to_higher_roles_only(desk):
    users = [InitialUser(id=JONES, type="agent")]
    chat_id = desk.start(chat=InitialChat(users=users))
    event_id = send(desk, chat_id, Message(text="oops", custom_id="c")).event_id
    desk.write(chat_id, "fine")

    def delete(world):
        chat = world.store.chats.get(chat_id)
        events.delete(world, chat, world.store.threads.get(chat.last_thread.id), event_id)

    desk.unit(delete)
    full, _ = desk.chat(chat_id).thread.events
    assert (full.text, full.deleted) == ("oops", True)
    trace, fine = desk.chat(chat_id, by=desk.agent).thread.events
    assert (trace.id, trace.original_type, trace.deleted) == (event_id, "message", True)
    assert (trace.author_id, trace.custom_id) == (SMITH, "c")
    assert not hasattr(trace, "text")
    assert fine.text == "fine"
    (pushed,) = desk.pushed("event_deleted")
    assert pushed.event_id == event_id
    with pytest.raises(ValidationError, match="deleted already"):
        desk.unit(delete)


def test_a_chat_that_arrives_shows_no_deleted_text_to_normal_agents(desk):
    chat_id = desk.start_with(desk.customer())
    event_id = send(desk, chat_id, Message(text="oops")).event_id

    def delete(world):
        chat = world.store.chats.get(chat_id)
        events.delete(world, chat, world.store.threads.get(chat.last_thread.id), event_id)

    desk.unit(delete)
    desk.forget()
    target = Target(type="agent", ids=[GARCIA])
    desk.call(TransferChat(id=chat_id, target=target))
    (effect,) = desk.effects("incoming_chat")
    (trace, *_) = payload(effect).chat.thread.events
    assert (trace.id, trace.deleted) == (event_id, True)
    assert b"oops" not in effect.json


def test_bots_speak_as_themselves(desk):
    chat_id = desk.start(by=desk.bot)
    desk.write(chat_id, "beep", by=desk.bot)
    chat = desk.chat(chat_id)
    assert chat.thread.events[0].author_id == desk.bot.id
    assert (chat.users[0].name, chat.users[0].email) == ("Helper Bot", None)


def test_what_is_added_to_an_archived_thread_is_found(desk):
    from frontdesk.actions import ListArchives
    from frontdesk.models import ArchivesFilters

    chat_id = desk.start()
    desk.call(DeactivateChat(id=chat_id))

    def found():
        response = desk.call(ListArchives(filters=ArchivesFilters(query="zebra")))
        return [one.id for one in response.chats]

    assert found() == []
    send(desk, chat_id, Message(text="a late zebra"), attach_to_last_thread=True)
    assert found() == [chat_id]


def unreplied(desk, chat_id):
    return desk.chat(chat_id).thread.properties["routing"]["unreplied"]


def test_a_thread_is_unreplied_until_somebody_responds_to_the_customer(desk):
    desk.only(SMITH)
    customer = desk.visitor()
    desk.say(customer)
    chat_id = desk.chat_of(customer)
    assert unreplied(desk, chat_id) is True
    send(desk, chat_id, Message(text="for agents", visibility="agents"))
    assert unreplied(desk, chat_id) is True
    desk.forget()
    desk.write(chat_id)
    assert unreplied(desk, chat_id) is False
    (push,) = desk.pushed("thread_properties_updated")
    assert push.properties == {"routing": {"unreplied": False}}
    desk.say(customer, "one more question")
    assert unreplied(desk, chat_id) is False
    desk.call(DeactivateChat(id=chat_id))
    desk.say(customer, "back again")
    assert unreplied(desk, chat_id) is True


def test_what_an_agent_says_first_is_no_response(desk):
    customer = desk.visitor()
    chat_id = desk.start_with(customer, text="How can I help?")
    assert unreplied(desk, chat_id) is False
    desk.say(customer, "With my order")
    assert unreplied(desk, chat_id) is True
    desk.write(chat_id)
    assert unreplied(desk, chat_id) is False


@pytest.mark.parametrize("visibility", ["all", "agents", None])
@pytest.mark.parametrize("kind", [Message, Custom])
def test_what_a_customer_sends_is_for_all(desk, kind, visibility):
    customer_id = desk.visitor()
    desk.say(customer_id)
    content = {"text": "hello"} if kind is Message else {"content": {"a": 1}}
    new = kind(**content, **({"visibility": visibility} if visibility else {}))
    desk.forget()
    sent = desk.unit(customer_actions.send_event, customer_id, new)
    (push,) = desk.pushed("incoming_event")
    assert desk.effects("incoming_event")[0].webhook == "incoming_event"
    shown = desk.chat(desk.chat_of(customer_id)).thread.events[-1]
    assert sent.visibility == push.event.visibility == shown.visibility == "all"
    assert sent.id in {event.id for event in desk.unit(customer_actions.transcript, customer_id)}
