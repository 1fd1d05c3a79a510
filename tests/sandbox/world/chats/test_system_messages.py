"""The texts of the messages that the server writes."""

import pytest

from frontdesk.sandbox.world.chats import system_messages

from ....documented import spec


def write(desk, chat_id, message_type, **kwargs):
    desk.unit(
        lambda world: system_messages.write(
            world, world.store.chats.get(chat_id), message_type, **kwargs
        )
    )
    return desk.chat(chat_id).thread.events[-1]


def test_the_texts_are_those_that_are_documented():
    documented = spec("structures")["system_message_types"]
    # Whose text is in six variants, is of another type, or which the sandbox has no cause for.
    others = {"customer_updated", "routing.assigned_other", "customer_removed"}
    texts = {name: text for name, (text, _) in documented.items() if name not in others}
    ours = dict(system_messages.TEMPLATES)
    assert ours.pop("routing.assigned_other") == "Chat assigned to %agent_added%"
    assert ours == texts


def test_variables_are_filled_in_and_kept(desk):
    event = write(desk, desk.start(), "agent_added", initiator="Ann", agent="%agent%")
    assert event.text == "Ann added %agent% to the chat"
    assert event.text_vars == {"initiator": "Ann", "agent": "%agent%"}
    assert (event.system_message_type, event.visibility) == ("agent_added", "all")


def test_a_variable_without_a_value_stays():
    assert system_messages.fill_in("%a% and %b%", {"a": "1"}) == "1 and %b%"


@pytest.mark.parametrize(
    ("changes", "initiator", "text"),
    [
        ({"name": "Ann"}, "Bob", "Bob has changed customer's name to Ann"),
        ({"email": "a@b.c"}, "Bob", "Bob has changed customer's email to a@b.c"),
        (
            {"name": "Ann", "email": "a@b.c"},
            "Bob",
            "Bob has changed customer's name to Ann and email to a@b.c",
        ),
        ({"name": "Ann"}, None, "Customer's name has been changed to Ann"),
        (
            {"name": "Ann", "email": "a@b.c"},
            None,
            "Customer's name and email have been changed to Ann and a@b.c",
        ),
    ],
)
def test_a_changed_customer_is_reported_to_agents(desk, changes, initiator, text):
    chat_id = desk.start()
    values = {"name": None, "email": None, **changes}
    desk.unit(
        lambda world: system_messages.customer_updated(
            world, world.store.chats.get(chat_id), initiator=initiator, **values
        )
    )
    event = desk.chat(chat_id).thread.events[-1]
    assert (event.text, event.visibility) == (text, "agents")
