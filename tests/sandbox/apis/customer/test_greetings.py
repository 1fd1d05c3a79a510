"""Greetings that customers respond to, predictions, and welcome messages."""

import pytest

from frontdesk.actions import BanCustomer, CreateGreeting, UpdateTranslations
from frontdesk.actions.customer import (
    AcceptGreeting,
    CancelGreeting,
    GetPredictedAgent,
    RequestWelcomeMessage,
    SendGreetingButtonClicked,
)
from frontdesk.errors import (
    CustomerBanned,
    GreetingNotFound,
    GroupNotFound,
    GroupOffline,
    GroupUnavailable,
    NotFound,
    ValidationError,
)
from frontdesk.models import (
    Ban,
    NewGreetingButton,
    NewGreetingElement,
    NewGreetingRichMessage,
)
from frontdesk.sandbox.world.people import customers, greetings

from ..._desk import SMITH
from ..._website import Tab, visitor


def show(desk, tab, greeting_id=7):
    return desk.unit(
        lambda world: greetings.show(world, customers.find(world, tab.id), greeting_id)
    )


def rich_greeting(desk):
    button = NewGreetingButton(text="Yes", type="message", value="yes", postback_id="say-yes")
    card = NewGreetingElement(title="Hats", subtitle="New ones", buttons=[button])
    return desk.call(
        CreateGreeting(
            type="normal",
            active=True,
            name="Cards",
            group=0,
            rules=[],
            rich_message=NewGreetingRichMessage(template_id="cards", elements=[card]),
        )
    ).id


def test_an_accepted_greeting_counts_as_seen_and_is_pushed_once(desk):
    ann = visitor(desk)
    unique_id = show(desk, ann)
    accept = AcceptGreeting(greeting_id=7, unique_id=unique_id)
    ann.call(accept)
    ann.call(accept)
    assert [push.unique_id for push in ann.got("greeting_accepted")] == [unique_id]
    assert ann.record.profile.statistics.greetings_accepted_count == 1
    assert Tab(desk, ann.id, "tab-2").log_in().greeting.accepted is True


def test_a_closed_greeting_is_gone(desk):
    ann = visitor(desk)
    unique_id = show(desk, ann)
    ann.call(CancelGreeting(unique_id=unique_id))
    assert [push.unique_id for push in ann.got("greeting_canceled")] == [unique_id]
    assert Tab(desk, ann.id, "tab-2").log_in(None).greeting is None
    with pytest.raises(GreetingNotFound, match="unique_id"):
        ann.call(AcceptGreeting(greeting_id=7, unique_id=unique_id))


@pytest.mark.parametrize(
    ("action", "field"),
    [
        (AcceptGreeting(greeting_id=7, unique_id="other"), "unique_id"),
        (CancelGreeting(unique_id="other"), "unique_id"),
        (
            SendGreetingButtonClicked(greeting_unique_id="other", button_id="b"),
            "greeting_unique_id",
        ),
    ],
)
def test_a_greeting_that_is_not_shown_is_not_found(desk, action, field):
    ann = visitor(desk)
    show(desk, ann)
    with pytest.raises(GreetingNotFound, match=f"`{field}`"):
        ann.call(action)


def test_the_greeting_of_an_accepted_showing_has_to_be_the_right_one(desk):
    ann = visitor(desk)
    unique_id = show(desk, ann, 7)
    with pytest.raises(GreetingNotFound, match="`greeting_id`"):
        ann.call(AcceptGreeting(greeting_id=6, unique_id=unique_id))


def test_the_greeting_of_somebody_else_is_not_found(desk):
    ann, bob = visitor(desk), visitor(desk, "Bob", "tab-2")
    unique_id = show(desk, ann)
    with pytest.raises(GreetingNotFound):
        bob.call(CancelGreeting(unique_id=unique_id))
    assert ann.record.greeting is not None


def test_buttons_of_a_greeting_are_pressed(desk):
    ann = visitor(desk)
    unique_id = show(desk, ann, rich_greeting(desk))
    (greeting,) = ann.got("incoming_greeting")
    (card,) = greeting.event.elements
    (button,) = card.buttons
    assert (greeting.event.template_id, card.title, button.text) == ("cards", "Hats", "Yes")
    desk.forget()
    ann.call(SendGreetingButtonClicked(greeting_unique_id=unique_id, button_id=button.postback_id))
    assert desk.heard == []
    with pytest.raises(ValidationError, match="`button_id`"):
        ann.call(SendGreetingButtonClicked(greeting_unique_id=unique_id, button_id="other"))


def test_the_agent_who_would_get_the_chat_is_predicted(desk):
    desk.only(SMITH)
    ann = visitor(desk)
    prediction = ann.call(GetPredictedAgent())
    assert (prediction.agent.name, prediction.agent.type, prediction.queue) == (
        "Agent Smith",
        "agent",
        False,
    )
    assert prediction.agent.is_bot is False
    assert "@" not in prediction.agent.id
    chat_id = desk.say(ann.id) and desk.chat_of(ann.id)
    assert SMITH in desk.present(chat_id)


def test_a_chat_that_would_wait_says_so(desk):
    desk.only(SMITH)
    desk.set_limit(SMITH, 0)
    ann = visitor(desk)
    prediction = ann.call(GetPredictedAgent())
    assert (prediction.agent.name, prediction.queue) == ("Agent Smith", True)


def test_nobody_is_predicted_without_somebody_who_would_get_the_chat(desk):
    ann = visitor(desk)
    desk.only(SMITH)
    desk.set_limit(SMITH, 0)
    desk.set_license("queue.enabled", value=False)
    with pytest.raises(GroupUnavailable):
        ann.call(GetPredictedAgent())
    desk.set_license("manual_routing", value=True)
    with pytest.raises(GroupUnavailable):
        ann.call(GetPredictedAgent())
    desk.only()
    with pytest.raises(GroupOffline):
        ann.call(GetPredictedAgent())


@pytest.mark.parametrize("action", [GetPredictedAgent, RequestWelcomeMessage])
def test_predictions_are_for_customers_who_are_logged_in_and_groups_that_are_there(desk, action):
    away = Tab(desk, desk.visitor())
    with pytest.raises(ValidationError, match="not logged in"):
        away.call(action())
    ann = visitor(desk)
    with pytest.raises(GroupNotFound, match="`group_id`"):
        ann.call(action(group_id=99))


def test_the_group_of_the_customer_counts_unless_another_is_named(desk):
    desk.only(SMITH)
    ann = visitor(desk, group_id=2)
    with pytest.raises(GroupOffline):
        ann.call(GetPredictedAgent())
    assert ann.call(GetPredictedAgent(group_id=1)).agent.name == "Agent Smith"


def test_a_welcome_message_comes_as_a_push_of_the_same_id(desk):
    desk.only(SMITH)
    ann, bob = visitor(desk), visitor(desk, "Bob", "tab-2")
    desk.call(UpdateTranslations(group_id=0, language="en", phrases={"Welcome_title": "Welcome!"}))
    response = ann.call(RequestWelcomeMessage())
    (message,) = ann.got("incoming_welcome_message")
    assert message.id == response.id
    assert (message.event.type, message.event.text) == ("message", "Welcome!")
    assert message.event.author_id == response.predicted_agent.id
    assert response.queue is False
    assert bob.got("incoming_welcome_message") == []


def test_a_welcome_message_comes_again(desk):
    ann = visitor(desk)
    first = ann.call(RequestWelcomeMessage())
    desk.only(SMITH)
    again = ann.call(RequestWelcomeMessage(id=first.id))
    assert again.id == first.id
    (pushed,) = ann.got("incoming_welcome_message")
    assert pushed.event.author_id == first.predicted_agent.id
    assert ann.call(RequestWelcomeMessage()).id != first.id


def test_the_welcome_message_of_somebody_else_is_not_found(desk):
    ann, bob = visitor(desk), visitor(desk, "Bob", "tab-2")
    message_id = ann.call(RequestWelcomeMessage()).id
    with pytest.raises(NotFound, match="`id`"):
        bob.call(RequestWelcomeMessage(id=message_id))


def test_bots_say_what_they_are(desk):
    bots = [agent.id for agent in desk.world.store.company.agents.values() if agent.bot]
    desk.only(*bots)
    ann = visitor(desk)
    agent = ann.call(RequestWelcomeMessage()).predicted_agent
    assert (agent.is_bot, agent.bot_type) == (True, "chatbot")


@pytest.mark.parametrize(
    "action",
    [
        AcceptGreeting(greeting_id=7, unique_id="x"),
        CancelGreeting(unique_id="x"),
        SendGreetingButtonClicked(greeting_unique_id="x", button_id="b"),
        GetPredictedAgent(),
        RequestWelcomeMessage(),
    ],
)
def test_banned_customers_are_not_greeted(desk, action):
    ann = visitor(desk)
    desk.call(BanCustomer(id=ann.id, ban=Ban(days=1)))
    with pytest.raises(CustomerBanned):
        ann.call(action)
