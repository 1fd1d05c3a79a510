"""Properties of the namespace ``routing``, of chats and of their last threads."""

from frontdesk.sandbox.world.chats import threads


def set_routing(desk, chat_id, which, **values):
    desk.forget()
    desk.unit(lambda world: which(world, world.store.chats.get(chat_id), **values))


def test_of_a_thread_what_differs_is_set_and_pushed(desk):
    chat_id = desk.start()
    set_routing(desk, chat_id, threads.set_thread_routing, idle=True, unassigned=False)
    (push,) = desk.pushed("thread_properties_updated")
    assert push.properties == {"routing": {"idle": True}}
    assert push.thread_id == desk.chat(chat_id).thread.id
    assert desk.chat(chat_id).thread.properties["routing"]["idle"] is True
    assert desk.pushed("chat_properties_updated") == []


def test_of_a_chat_what_differs_is_set_and_pushed(desk):
    chat_id = desk.start()
    set_routing(desk, chat_id, threads.set_chat_routing, pinned=True)
    (push,) = desk.pushed("chat_properties_updated")
    assert push.properties == {"routing": {"pinned": True}}
    assert desk.chat(chat_id).properties["routing"]["pinned"] is True
    assert desk.pushed("thread_properties_updated") == []


def test_what_is_so_already_is_not_pushed(desk):
    chat_id = desk.start()
    set_routing(desk, chat_id, threads.set_thread_routing, idle=False)
    assert desk.names() == []
    set_routing(desk, chat_id, threads.set_chat_routing, pinned=False)
    assert desk.names() == []
