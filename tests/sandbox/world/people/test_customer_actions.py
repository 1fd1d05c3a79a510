"""What customers do in chats."""

import pytest

from frontdesk.actions import DeactivateChat, ListArchives, SendEvent
from frontdesk.errors import ChatInactive, GroupsOffline, NotFound, ValidationError
from frontdesk.models import (
    ArchivesFilters,
    FilledForm,
    FilledFormField,
    FormFilter,
    InitialChat,
    InitialThread,
    Message,
    PropertyFilter,
    RichMessage,
    RichMessageButton,
    RichMessageElement,
    RichMessagePostback,
)
from frontdesk.sandbox.world.actor import CustomerActor
from frontdesk.sandbox.world.people import customer_actions

from ..._desk import JONES, SMITH


@pytest.fixture
def ann(desk):
    desk.only(SMITH)
    customer = desk.visitor("Ann")
    desk.forget()
    return customer


def test_saying_something_starts_a_chat(desk, ann):
    event = desk.say(ann, "hello")
    assert (event.text, event.author_id, event.visibility) == ("hello", ann, "all")
    chat = desk.chat(desk.chat_of(ann))
    assert [user.id for user in chat.users] == [ann, SMITH]
    assert "customer_client_id" in chat.properties["source"]
    (pushed,) = desk.pushed("incoming_chat")
    assert pushed.requester_id is None
    assert [user.id for user in pushed.chat.users] == [ann, SMITH]
    assert pushed.chat.thread.events[0].text == "hello"
    assert desk.pushed("user_added_to_chat") == []


def test_saying_more_stays_in_the_chat(desk, ann):
    desk.say(ann, "one")
    desk.forget()
    desk.say(ann, "two")
    assert desk.texts(desk.chat_of(ann)) == ["one", "two"]
    (effect,) = desk.effects("incoming_event")
    assert effect.author_type == "customer"
    assert effect.actor == CustomerActor(ann)


def test_coming_back_resumes_the_chat(desk, ann):
    desk.say(ann, "one")
    chat_id = desk.chat_of(ann)
    desk.call(DeactivateChat(id=chat_id))
    desk.say(ann, "two")
    assert desk.chat_of(ann) == chat_id
    assert desk.texts(chat_id) == ["two"]
    assert desk.chat(chat_id).thread.previous_thread_id


def test_a_second_start_is_refused(desk, ann):
    desk.unit(customer_actions.open_chat, ann)
    with pytest.raises(ValidationError, match="active chat already"):
        desk.unit(customer_actions.open_chat, ann)


def test_sending_needs_an_active_chat(desk, ann):
    with pytest.raises(ChatInactive):
        desk.unit(customer_actions.send_event, ann, Message(text="x"))


def test_nobody_cannot_speak(desk):
    with pytest.raises(NotFound, match="customer_id"):
        desk.say("nobody")


def test_a_chat_may_begin_with_a_form(desk, ann):
    fields = [FilledFormField(type="name", id="1", label="Name", answer="Ann")]
    form = FilledForm(form_id="f", fields=fields, properties={"lc2": {"form_type": "prechat"}})
    begun = InitialChat(thread=InitialThread(events=[form, Message(text="hi")]))
    desk.unit(customer_actions.open_chat, ann, begun)
    filled, message = desk.chat(desk.chat_of(ann)).thread.events
    assert (filled.type, filled.form_type, filled.author_id) == ("filled_form", "prechat", ann)
    assert message.text == "hi"


def test_customers_write_only_their_properties(desk, ann):
    from frontdesk.errors import AuthorizationError

    with pytest.raises(AuthorizationError, match="customers"):
        resolved = InitialThread(properties={"chats": {"resolved": True}})
        desk.unit(customer_actions.open_chat, ann, InitialChat(thread=resolved))


def test_sneak_peeks(desk, ann):
    desk.say(ann)
    desk.forget()
    desk.unit(customer_actions.sneak_peek, ann, "typi")
    (effect,) = desk.heard
    assert (effect.push, effect.webhook) == ("incoming_sneak_peek", None)
    peek = effect.payload.sneak_peek
    assert (peek.text, peek.author_id) == ("typi", ann)
    assert peek.timestamp == int(effect.at.timestamp())
    assert SMITH in effect.recipients.agent_ids


def test_rating(desk, ann):
    desk.say(ann)
    desk.forget()
    desk.unit(customer_actions.rate, ann, 1, "nice")
    chat = desk.chat(desk.chat_of(ann))
    assert chat.thread.properties["rating"] == {"score": 1, "comment": "nice"}
    assert [event.text for event in chat.thread.events[1:]] == [
        "Ann rated the chat as good",
        "Ann left the following comment: nice",
    ]
    (pushed,) = desk.pushed("thread_properties_updated")
    assert pushed.properties == {"rating": {"score": 1, "comment": "nice"}}


def test_taking_a_rating_back(desk, ann):
    desk.say(ann)
    with pytest.raises(ValidationError, match="not rated"):
        desk.unit(customer_actions.cancel_rating, ann)
    desk.unit(customer_actions.rate, ann, 0)
    desk.unit(customer_actions.cancel_rating, ann)
    chat = desk.chat(desk.chat_of(ann))
    assert "rating" not in chat.thread.properties
    assert chat.thread.events[-1].text == "Ann canceled the chat rating"
    assert desk.pushed("thread_properties_deleted")[0].properties == {"rating": ["score"]}


@pytest.mark.parametrize("score", [2, -1])
def test_a_score_is_good_or_bad(desk, ann, score):
    desk.say(ann)
    with pytest.raises(ValidationError, match=r"rating.score.*0, 1"):
        desk.unit(customer_actions.rate, ann, score)


def test_rating_after_the_end(desk, ann):
    desk.say(ann)
    chat_id = desk.chat_of(ann)
    desk.call(DeactivateChat(id=chat_id))
    desk.unit(customer_actions.rate, ann, 1)
    thread = desk.chat(chat_id).thread
    assert thread.properties["rating"] == {"score": 1}
    assert thread.events[-1].system_message_type == "manual_archived_agent"


def test_ending_the_chat(desk, ann):
    desk.say(ann)
    chat_id = desk.chat_of(ann)
    desk.unit(customer_actions.close_chat, ann)
    thread = desk.chat(chat_id).thread
    assert not thread.active
    assert thread.events[-1].text == "Ann archived the chat"
    (pushed,) = desk.pushed("chat_deactivated")
    assert pushed.user_id == ann


def test_seeing(desk, ann):
    desk.say(ann)
    chat_id = desk.chat_of(ann)
    desk.write(chat_id)
    desk.unit(customer_actions.mark_seen, ann)
    chat = desk.chat(chat_id)
    assert chat.users[0].events_seen_up_to > chat.thread.events[-1].created_at
    assert desk.pushed("events_marked_as_seen")[0].user_id == ann


def test_pressing_a_button_sends_its_value(desk, ann):
    desk.say(ann)
    chat_id = desk.chat_of(ann)
    button = RichMessageButton(text="Yes", postback_id="y", type="message", value="Yes, please")
    rich = RichMessage(template_id="quick_replies", elements=[RichMessageElement(buttons=[button])])
    event_id = desk.call(SendEvent(chat_id=chat_id, event=rich)).event_id
    desk.unit(customer_actions.press, ann, event_id, RichMessagePostback(id="y", toggled=True))
    thread = desk.chat(chat_id).thread
    assert thread.events[1].elements[0].buttons[0].user_ids == [ann]
    response = thread.events[2]
    assert (response.text, response.author_id) == ("Yes, please", ann)
    assert (response.postback.id, response.postback.event_id) == ("y", event_id)
    assert desk.pushed("incoming_rich_message_postback")[0].user_id == ann


def test_a_customer_sees_what_is_for_all(desk, ann):
    from frontdesk.sandbox.world.chats import events

    desk.say(ann, "hello")
    chat_id = desk.chat_of(ann)
    desk.call(SendEvent(chat_id=chat_id, event=Message(text="psst", visibility="agents")))
    deleted = desk.write(chat_id, "oops")
    desk.write(chat_id, "hi Ann")
    desk.unit(
        lambda world: events.delete(
            world,
            world.store.chats.get(chat_id),
            world.store.threads.get(world.store.chats.get(chat_id).last_thread.id),
            deleted,
        )
    )
    assert [event.text for event in desk.unit(customer_actions.transcript, ann)] == [
        "hello",
        "hi Ann",
    ]


def test_someone_without_a_chat_has_no_transcript(desk, ann):
    assert desk.unit(customer_actions.transcript, ann) == []


def test_the_customer_is_not_a_place_for_agents_only(desk, ann):
    desk.say(ann)
    desk.start_with(desk.visitor("Bob"), JONES)
    assert desk.world.store.chats.loads()[JONES] == 1


def test_a_transcript_is_sent_when_the_chat_ends(desk, ann):
    desk.say(ann)
    chat_id = desk.chat_of(ann)
    desk.unit(customer_actions.request_transcript, ann, "ann@example.com")
    desk.call(DeactivateChat(id=chat_id))
    assert desk.texts(chat_id)[1:] == [
        "Ann requested the chat transcript to be sent to ann@example.com",
        "Agent Smith archived the chat",
        "Ann sent the chat transcript to ann@example.com",
    ]


def test_a_new_rating_does_not_keep_the_old_comment(desk, ann):
    desk.say(ann)
    chat_id = desk.chat_of(ann)
    desk.unit(customer_actions.rate, ann, 1, "nice")
    desk.forget()
    desk.unit(customer_actions.rate, ann, 0)
    shown = desk.chat(chat_id)
    assert shown.thread.properties["rating"] == {"score": 0}
    assert "rating" not in shown.properties
    (deleted,) = desk.pushed("thread_properties_deleted")
    assert deleted.properties == {"rating": ["comment"]}
    desk.unit(customer_actions.rate, ann, None, "slow")
    assert desk.chat(chat_id).thread.properties["rating"] == {"score": 0, "comment": "slow"}
    desk.unit(customer_actions.rate, ann, 1, "better")
    assert desk.chat(chat_id).thread.properties["rating"] == {"score": 1, "comment": "better"}


def test_the_rating_of_another_thread_is_another_one(desk, ann):
    desk.say(ann)
    chat_id = desk.chat_of(ann)
    desk.unit(customer_actions.rate, ann, 1, "nice")
    first = desk.chat(chat_id).thread.id
    desk.unit(customer_actions.close_chat, ann)
    desk.say(ann, "again")
    desk.unit(customer_actions.rate, ann, 0)
    shown = desk.chat(chat_id)
    assert shown.thread.properties["rating"] == {"score": 0}
    before = desk.chat(chat_id, first).thread.properties["rating"]
    assert before == {"score": 1, "comment": "nice"}
    desk.unit(customer_actions.close_chat, ann)

    def found(score):
        filters = ArchivesFilters(
            chat_ids=[chat_id],
            properties={"rating": {"score": PropertyFilter(values=[score])}},
        )
        return [chat.thread.id for chat in desk.call(ListArchives(filters=filters)).chats]

    assert found(1) == [first]
    assert found(0) == [shown.thread.id]


SURVEY = FilledForm(
    form_id="after",
    fields=[FilledFormField(type="textarea", id="1", label="Comment:", answer="Very kind")],
)


def test_the_survey_comes_after_the_chat(desk, ann):
    desk.say(ann, "hello")
    with pytest.raises(ValidationError, match="active still"):
        desk.unit(customer_actions.fill_survey, ann, SURVEY)
    chat_id = desk.chat_of(ann)
    desk.call(DeactivateChat(id=chat_id))
    desk.forget()
    desk.unit(customer_actions.fill_survey, ann, SURVEY)
    survey = desk.chat(chat_id).thread.events[-1]
    assert (survey.type, survey.form_type, survey.author_id) == ("filled_form", "postchat", ann)
    assert desk.chat(chat_id).thread.active is False
    (push,) = desk.pushed("incoming_event")
    assert push.event.id == survey.id
    for kind, found in (("pre_chat", 0), ("post_chat", 1)):
        forms = ArchivesFilters(chat_ids=[chat_id], forms=[FormFilter(type=kind, exists=True)])
        assert desk.call(ListArchives(filters=forms)).found_chats == found


def test_nobody_fills_a_survey_without_a_chat(desk, ann):
    with pytest.raises(ChatInactive):
        desk.unit(customer_actions.fill_survey, ann, SURVEY)


@pytest.mark.parametrize("groups", [{}, {"group_ids": [2]}])
def test_a_chat_that_nobody_could_take_is_refused_by_name(desk, groups):
    desk.only()
    with pytest.raises(GroupsOffline) as refused:
        desk.unit(customer_actions.open_chat, desk.visitor(), **groups)
    assert refused.value.message == (
        "no group of `group_ids` is online; send `continuous` true to start anyway"
    )
