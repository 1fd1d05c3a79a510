"""What happens when nobody does anything, and how time passes."""

from datetime import timedelta

from frontdesk.actions import DeactivateChat
from frontdesk.sandbox.world.people import customer_actions

from ..._desk import JONES, SMITH


def arrive(desk, **kwargs):
    customer = desk.visitor()
    desk.say(customer, **kwargs)
    return customer, desk.chat_of(customer)


def test_a_quiet_chat_becomes_idle(desk):
    chat_id = desk.start()
    desk.forget()
    desk.advance(minutes=19)
    assert desk.chat(chat_id).thread.properties["routing"]["idle"] is False
    desk.advance(minutes=2)
    thread = desk.chat(chat_id).thread
    assert thread.properties["routing"]["idle"] is True
    assert thread.events[-1].text == "Chat is idle due to 20 minutes of inactivity"
    (push,) = desk.pushed("thread_properties_updated")
    assert push.properties == {"routing": {"idle": True}}


def test_idleness_is_noted_at_its_moment(desk):
    chat_id = desk.start()
    since = desk.chat(chat_id).thread.created_at
    desk.advance(minutes=25)
    event = desk.chat(chat_id).thread.events[-1]
    assert timedelta(0) <= event.created_at - since - timedelta(minutes=20) < timedelta(seconds=1)


def test_a_message_ends_idleness(desk):
    chat_id = desk.start()
    desk.advance(minutes=21)
    desk.forget()
    desk.write(chat_id)
    assert desk.chat(chat_id).thread.properties["routing"]["idle"] is False
    assert desk.pushed("thread_properties_updated")[0].properties == {"routing": {"idle": False}}
    desk.advance(minutes=19)
    assert desk.system_messages(chat_id) == ["routing.idle"]
    desk.advance(minutes=2)
    assert desk.system_messages(chat_id) == ["routing.idle", "routing.idle"]


def test_a_quiet_chat_is_archived(desk):
    chat_id = desk.start()
    desk.advance(minutes=31)
    thread = desk.chat(chat_id).thread
    assert not thread.active
    assert thread.events[-1].text == "Chat archived due to 30 minutes of inactivity"
    (push,) = desk.pushed("chat_deactivated")
    assert push.user_id is None
    assert desk.world.store.timers.count("inactivity") == 0


def test_writing_keeps_a_chat_open(desk):
    chat_id = desk.start()
    for _ in range(10):
        desk.advance(minutes=15)
        desk.write(chat_id)
    assert desk.chat(chat_id).thread.active
    assert desk.system_messages(chat_id) == []


def test_system_messages_do_not_keep_it_open(desk):
    from frontdesk.actions import AddUserToChat

    chat_id = desk.start()
    desk.advance(minutes=19)
    desk.call(AddUserToChat(chat_id=chat_id, user_id=JONES, user_type="agent", visibility="all"))
    desk.advance(minutes=12)
    assert not desk.chat(chat_id).thread.active


def test_an_agent_who_does_not_respond_loses_the_chat(desk):
    desk.set_license("transfer_chat_after_min", 3)
    desk.only(SMITH)
    customer, chat_id = arrive(desk)
    desk.set_status(JONES, "accepting_chats")
    desk.forget()
    desk.advance(minutes=4)
    assert desk.present(chat_id) == {customer, JONES}
    assert desk.texts(chat_id)[-1] == (
        "Chat assigned to Agent Jones because Agent Smith hasn't replied in 3 minutes"
    )
    (push,) = desk.pushed("chat_transferred")
    assert (push.reason, push.transferred_to.agent_ids) == ("inactive", [JONES])


def test_a_response_keeps_the_chat_until_the_next_question(desk):
    desk.set_license("transfer_chat_after_min", 3)
    desk.only(SMITH, JONES)
    customer, chat_id = arrive(desk)
    (agent,) = desk.present(chat_id) - {customer}
    by = desk.owner if agent == SMITH else desk.agent
    desk.write(chat_id, by=by)
    desk.advance(minutes=10)
    assert agent in desk.present(chat_id)
    desk.say(customer, "and now?")
    desk.advance(minutes=2)
    assert agent in desk.present(chat_id)
    desk.advance(minutes=2)
    assert agent not in desk.present(chat_id)


def test_without_another_agent_the_silent_one_stays(desk):
    desk.set_license("transfer_chat_after_min", 3)
    desk.only(SMITH)
    customer, chat_id = arrive(desk)
    desk.advance(minutes=10)
    assert desk.present(chat_id) == {customer, SMITH}
    assert desk.system_messages(chat_id) == []


def test_closing_forgets_the_timer(desk):
    chat_id = desk.start()
    desk.call(DeactivateChat(id=chat_id))
    desk.advance(hours=2)
    assert desk.system_messages(chat_id) == ["manual_archived_agent"]


def test_a_day_passes_for_many_chats(desk):
    desk.set_license("max_agent_active_chats", 100_000)
    for _ in range(1000):
        customer = desk.unit(customers_with_chat)
        assert customer
    desk.advance(hours=24)
    assert desk.world.store.timers.count() == 0


def customers_with_chat(world):
    from frontdesk.sandbox.world.people import customers

    record = customers.create(world, customers.CustomerDetails(name="Ann"))
    customers.visit(world, record, customers.PageView(url="https://x.example"))
    customer_actions.say(world, record.id, "hello")
    return record.id


def test_a_visit_ends_when_nothing_happens(desk):
    from frontdesk.sandbox.world.people import customers

    desk.set_license("customer_timeout_after_min", 60)
    customer = desk.visitor()
    desk.advance(minutes=50)
    desk.unit(
        lambda world: customers.visit(
            world, customers.find(world, customer), customers.PageView(url="https://x.example")
        )
    )
    desk.advance(minutes=50)
    assert desk.world.store.customers.get(customer).online
    desk.forget()
    desk.advance(minutes=15)
    assert not desk.world.store.customers.get(customer).online
    assert [push.id for push in desk.pushed("customer_left")] == [customer]
