"""Each push of RTM, with the call or the control that causes it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from frontdesk.models import (
    Ban,
    Message,
    RichMessage,
    RichMessageButton,
    RichMessageElement,
    RichMessagePostback,
    Target,
)
from frontdesk.pushes import PUSHES
from frontdesk.sandbox import Sandbox

from ..._rtm_line import GARCIA, JONES, MUELLER, SMITH, Line

TEST = {"test": {"int_property": 7}}
NEW = {"id": "new@example.com", "name": "New"}


class Scene:
    """A chat of Ann's with Smith, and the clients to change things with.

    ``line`` is the connection that is to get the pushes.
    """

    def __init__(self, sandbox: Sandbox, dial: Callable[..., Line]) -> None:
        self.sandbox = sandbox
        self._dial = dial
        self.log_in()
        self.client = sandbox.client()
        self.configuration = sandbox.configuration_client()
        self.preview = sandbox.configuration_client(version="3.7")
        self.ann = sandbox.customer("Ann")
        self.ann.visit("https://www.example.com/")
        self.chat = self.ann.start_chat(Message("Hello"))
        thread_id = self.ann.thread_id
        assert thread_id
        self.thread = thread_id
        self.event = self.ann.transcript()[-1].id
        if SMITH not in self.users:
            self.client.add_user_to_chat(
                chat_id=self.chat, user_id=SMITH, user_type="agent", visibility="all"
            )

    def log_in(self) -> None:
        self.line = self._dial(version="3.7", customer_monitoring_level="online")

    @property
    def users(self) -> list[str]:
        chat = self.client.get_chat(chat_id=self.chat)
        return [user.id for user in chat.users or () if user.present]

    def rich_message(self) -> str:
        button = RichMessageButton(text="Yes", postback_id="yes", user_ids=[])
        element = RichMessageElement(title="Sure?", buttons=[button])
        event = RichMessage(template_id="quick_replies", elements=[element])
        return self.client.send_event(chat_id=self.chat, event=event).event_id

    def new_agent(self, **more: Any) -> str:
        self.configuration.create_agent(**NEW, **more)
        return NEW["id"]

    def new_bot(self) -> str:
        return self.configuration.create_bot(name="Robo").id

    def new_group(self) -> int:
        return self.configuration.create_group(name="New", agent_priorities={}).id

    def canned(self) -> int:
        return self.preview.create_canned_response(
            text="Hi", tags=["hi"], group_id=0, is_private=False
        ).id


def accept_no_chats(scene: Scene) -> None:
    """Have every agent and bot accept no more chats."""
    for agent in scene.client.list_routing_statuses():
        if agent.status == "accepting_chats":
            scene.client.set_routing_status(agent_id=agent.agent_id, status="not_accepting_chats")


def queue_a_chat(scene: Scene) -> None:
    accept_no_chats(scene)
    scene.sandbox.customer("Bill").start_chat(Message("Hello"), group_ids=(1,), continuous=True)


def close_the_chat(scene: Scene) -> None:
    scene.client.deactivate_chat(id=scene.chat)


def leave_a_ticket(scene: Scene) -> str:
    """Leave a ticket with a group whose agents have gone."""
    for agent_id in (GARCIA, MUELLER):
        line = Line(scene.sandbox, scene.sandbox.issue_token(agent_id))
        line.call("logout")
        line.close()
    return scene.sandbox.customer("Bill").leave_ticket(group_ids=(3,))


def summarise_nothing(scene: Scene) -> None:
    started = scene.client.start_chat()
    scene.client.request_thread_summary(chat_id=started.chat_id, thread_id=started.thread_id)
    scene.sandbox.advance(timedelta(seconds=5))


def press_a_button(scene: Scene) -> None:
    scene.ann.press(scene.rich_message(), RichMessagePostback(id="yes", toggled=True))


def subscribe(scene: Scene) -> None:
    """Name the customers of a subscription, of which there are more than its limit."""
    scene.line.call("subscribe_customers", limit=1)
    for name in ("Bill", "Carla", "Dan"):
        scene.sandbox.customer(name).visit("https://www.example.com/")
    scene.sandbox.advance(timedelta(seconds=11))


CAUSES: dict[str, Callable[[Scene], Any]] = {
    # Chats
    "incoming_chat": lambda s: s.sandbox.customer("Bill").start_chat(Message("Hello")),
    "chat_deactivated": lambda s: s.client.deactivate_chat(id=s.chat),
    "chat_deleted": lambda s: (close_the_chat(s), s.sandbox.delete_chat(s.chat)),
    "thread_deleted": lambda s: (close_the_chat(s), s.sandbox.delete_thread(s.thread)),
    "threads_deleted": lambda s: s.sandbox.delete_threads(date_to=s.sandbox.now),
    "chat_access_updated": lambda s: s.client.transfer_chat(
        id=s.chat, target=Target(type="group", ids=[1]), ignore_agents_availability=True
    ),
    "chat_transferred": lambda s: s.client.transfer_chat(
        id=s.chat, target=Target(type="agent", ids=[JONES]), ignore_agents_availability=True
    ),
    "user_added_to_chat": lambda s: s.client.add_user_to_chat(
        chat_id=s.chat, user_id=JONES, user_type="agent", visibility="agents"
    ),
    "user_removed_from_chat": lambda s: s.client.remove_user_from_chat(
        chat_id=s.chat, user_id=SMITH, user_type="agent"
    ),
    "chat_unfollowed": lambda s: (
        s.client.remove_user_from_chat(chat_id=s.chat, user_id=SMITH, user_type="agent"),
        s.client.follow_chat(id=s.chat),
        s.client.unfollow_chat(id=s.chat),
    ),
    "queue_positions_updated": queue_a_chat,
    # Events
    "incoming_event": lambda s: s.ann.say("More"),
    "event_updated": lambda s: s.sandbox.update_event(s.event, "Other words"),
    "event_deleted": lambda s: s.sandbox.delete_event(s.event),
    "incoming_rich_message_postback": press_a_button,
    "events_marked_as_seen": lambda s: (
        s.client.send_event(chat_id=s.chat, event=Message("Hi")),
        s.ann.see(),
    ),
    "incoming_sneak_peek": lambda s: s.ann.type("Hel"),
    "incoming_typing_indicator": lambda s: s.client.send_typing_indicator(
        chat_id=s.chat, is_typing=True
    ),
    "incoming_thinking_indicator": lambda s: s.client.send_thinking_indicator(
        chat_id=s.chat, title="Hm"
    ),
    "incoming_multicast": lambda s: s.client.multicast(
        recipients={"agents": {"all": True}}, content="x"
    ),
    # Threads: tags, summaries, properties
    "thread_tagged": lambda s: s.client.tag_thread(
        chat_id=s.chat, thread_id=s.thread, tag="support"
    ),
    "thread_untagged": lambda s: (
        s.client.tag_thread(chat_id=s.chat, thread_id=s.thread, tag="support"),
        s.client.untag_thread(chat_id=s.chat, thread_id=s.thread, tag="support"),
    ),
    "thread_summary_set": lambda s: (
        close_the_chat(s),
        s.client.request_thread_summary(chat_id=s.chat, thread_id=s.thread),
        s.sandbox.advance(timedelta(seconds=5)),
    ),
    "incoming_error": summarise_nothing,
    "chat_properties_updated": lambda s: s.client.update_chat_properties(
        id=s.chat, properties=TEST
    ),
    "chat_properties_deleted": lambda s: (
        s.client.update_chat_properties(id=s.chat, properties=TEST),
        s.client.delete_chat_properties(id=s.chat, properties={"test": ["int_property"]}),
    ),
    "thread_properties_updated": lambda s: s.client.update_thread_properties(
        chat_id=s.chat, thread_id=s.thread, properties=TEST
    ),
    "thread_properties_deleted": lambda s: (
        s.client.update_thread_properties(chat_id=s.chat, thread_id=s.thread, properties=TEST),
        s.client.delete_thread_properties(
            chat_id=s.chat, thread_id=s.thread, properties={"test": ["int_property"]}
        ),
    ),
    "event_properties_updated": lambda s: s.client.update_event_properties(
        chat_id=s.chat, thread_id=s.thread, event_id=s.event, properties=TEST
    ),
    "event_properties_deleted": lambda s: (
        s.client.update_event_properties(
            chat_id=s.chat, thread_id=s.thread, event_id=s.event, properties=TEST
        ),
        s.client.delete_event_properties(
            chat_id=s.chat,
            thread_id=s.thread,
            event_id=s.event,
            properties={"test": ["int_property"]},
        ),
    ),
    # Customers
    "incoming_customer": lambda s: s.sandbox.customer("Bill").visit("https://www.example.com/"),
    "incoming_customers": lambda s: s.log_in(),
    "subscribed_customers_totals_updated": subscribe,
    "customer_page_updated": lambda s: s.ann.visit("https://www.example.com/other"),
    "customer_statistics_updated": lambda s: s.ann.see_greeting(),
    "customer_transferred": lambda s: s.ann.transfer(3),
    "customer_updated": lambda s: s.client.update_customer(id=s.ann.id, name="Anna"),
    "customer_banned": lambda s: s.client.ban_customer(id=s.ann.id, ban=Ban(days=1)),
    "customer_left": lambda s: s.ann.leave(),
    "ticket_created": leave_a_ticket,
    "ticket_deleted": lambda s: s.sandbox.customer("Bill").delete_ticket(leave_a_ticket(s)),
    # Agents and bots
    "routing_status_set": lambda s: s.client.set_routing_status(
        agent_id=JONES, status="not_accepting_chats"
    ),
    "groups_status_updated": accept_no_chats,
    "agent_disconnected": lambda s: s.sandbox.revoke_token("owner"),
    "agent_created": lambda s: s.new_agent(),
    "agent_approved": lambda s: s.configuration.approve_agent(
        id=s.new_agent(awaiting_approval=True)
    ),
    "agent_updated": lambda s: s.configuration.update_agent(id=JONES, job_title="Clerk"),
    "agent_suspended": lambda s: s.configuration.suspend_agent(id=JONES),
    "agent_unsuspended": lambda s: (
        s.configuration.suspend_agent(id=JONES),
        s.configuration.unsuspend_agent(id=JONES),
    ),
    "agent_deleted": lambda s: s.configuration.delete_agent(id=JONES),
    "bot_created": lambda s: s.new_bot(),
    "bot_updated": lambda s: s.configuration.update_bot(id=s.new_bot(), name="Robby"),
    "bot_deleted": lambda s: s.configuration.delete_bot(id=s.new_bot()),
    # Configuration
    "group_created": lambda s: s.new_group(),
    "group_updated": lambda s: s.configuration.update_group(id=s.new_group(), name="Old"),
    "group_deleted": lambda s: s.configuration.delete_group(id=s.new_group()),
    "tag_created": lambda s: s.configuration.create_tag(name="new"),
    "tag_updated": lambda s: s.configuration.update_tag(name="support", group_ids=[1]),
    "tag_deleted": lambda s: s.configuration.delete_tag(name="support"),
    "auto_accesses_updated": lambda s: s.configuration.add_auto_access(
        access={"groups": [1]}, conditions={"url": {"values": [{"value": "/help"}]}}
    ),
    "license_properties_updated": lambda s: s.configuration.update_license_properties(
        properties={"chats": {"max_agent_active_chats": 3}}
    ),
    "group_properties_updated": lambda s: s.configuration.update_group_properties(
        group_id=1, properties={"chats": {"queue.enabled.override": 1}}
    ),
    "canned_response_created": lambda s: s.canned(),
    "canned_response_updated": lambda s: s.preview.update_canned_response(
        id=s.canned(), text="Hey"
    ),
    "canned_response_deleted": lambda s: s.preview.delete_canned_response(id=s.canned()),
}
"""How each push is caused."""


def test_none_is_missing() -> None:
    assert set(CAUSES) == set(PUSHES)


@pytest.mark.parametrize("name", sorted(PUSHES))
def test_each_push_is_caused(dial: Callable[..., Line], served: Sandbox, name: str) -> None:
    scene = Scene(served, dial)
    scene.line.settle()
    CAUSES[name](scene)
    assert scene.line.push(name)
