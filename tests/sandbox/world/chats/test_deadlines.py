"""When something is due in a quiet chat."""

from frontdesk.sandbox.world.people import customer_actions


def arrive(desk, **kwargs):
    customer = desk.visitor()
    desk.say(customer, **kwargs)
    return customer, desk.chat_of(customer)


def test_minutes_are_properties_of_the_license(desk):
    desk.set_license("chat_inactive_after_min", 2)
    desk.set_license("archive_chat_after_min", 0)
    chat_id = desk.start()
    desk.advance(hours=48)
    assert desk.chat(chat_id).thread.active
    assert desk.texts(chat_id) == ["Chat is idle due to 2 minutes of inactivity"]


def test_a_chat_whose_customer_left_the_site_ends(desk):
    customer, chat_id = arrive(desk)
    desk.leave_site(customer)
    desk.advance(minutes=9)
    assert desk.chat(chat_id).thread.active
    desk.advance(minutes=2)
    assert desk.texts(chat_id)[-1] == "Ann left the chat"
    assert desk.system_messages(chat_id) == ["archived_customer_disconnected"]


def test_a_customer_who_comes_back_in_time_keeps_the_chat(desk):
    from frontdesk.sandbox.world.people import customers

    customer, chat_id = arrive(desk)
    desk.leave_site(customer)
    desk.advance(minutes=5)
    desk.unit(
        lambda world: customers.visit(
            world, customers.find(world, customer), customers.PageView(url="https://x.example")
        )
    )
    desk.advance(minutes=10)
    assert desk.chat(chat_id).thread.active


def test_a_continuous_chat_outlives_the_visit(desk):
    desk.set_license("archive_offline_chat_after_min", 60)
    customer = desk.visitor()
    desk.unit(customer_actions.open_chat, customer, continuous=True)
    desk.leave_site(customer)
    desk.advance(minutes=59)
    assert desk.chat(desk.chat_of(customer)).thread.active


def test_continuous_chats_are_archived_by_a_property_of_their_own(desk):
    desk.set_license("archive_chat_after_min", 5)
    desk.set_license("archive_offline_chat_after_min", 40)
    continuous = desk.start(continuous=True)
    live = desk.start()
    desk.advance(minutes=6)
    assert not desk.chat(live).thread.active
    desk.advance(minutes=33)
    assert desk.chat(continuous).thread.active
    desk.advance(minutes=2)
    assert desk.texts(continuous)[-1] == "Chat archived due to 40 minutes of inactivity"


def test_the_property_of_continuous_chats_ends_no_other_whose_customer_left(desk):
    desk.set_license("archive_offline_chat_after_min", 2)
    customer, chat_id = arrive(desk)
    desk.leave_site(customer)
    desk.advance(minutes=5)
    assert desk.chat(chat_id).thread.active
