"""How threads end."""

from frontdesk.actions import (
    DeactivateChat,
)
from frontdesk.sandbox.world.people import customer_actions

from ..._desk import SMITH


def test_closing_unpins_unless_the_customer_leaves_an_unassigned_chat(desk):
    desk.only(SMITH)
    desk.set_limit(SMITH, 0)
    pinned, chats = [], []
    for close in ("agent", "customer"):
        customer = desk.visitor()
        desk.say(customer)
        chat_id = desk.chat_of(customer)
        if close == "agent":
            desk.call(DeactivateChat(id=chat_id, ignore_requester_presence=True))
        else:
            desk.unit(customer_actions.close_chat, customer)
        pinned.append(desk.chat(chat_id).thread.properties["routing"]["pinned"])
        chats.append(desk.chat(chat_id).properties["routing"]["pinned"])
    assert pinned == chats == [False, True]
