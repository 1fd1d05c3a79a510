"""Welcome messages: what customers read before they start a chat, which may become part of it.

Source: https://platform.text.com/docs/messaging/customer-chat-api#request-welcome-message
"""

from frontdesk.errors import NotFound
from frontdesk.models.customer_chat.greetings import EventPreview, WelcomeMessage
from frontdesk.pushes.customer_chat import IncomingWelcomeMessage
from frontdesk.sandbox.store.records import CustomerRecord, WelcomeRecord
from frontdesk.sandbox.world.actor import Actor
from frontdesk.sandbox.world.chats import customer_views
from frontdesk.sandbox.world.routing import predictions
from frontdesk.sandbox.world.widget import phrases
from frontdesk.sandbox.world.world import World

__all__ = ["find", "request"]


def request(
    world: World,
    record: CustomerRecord,
    group_id: int,
    message_id: str | None = None,
    actor: Actor | None = None,
) -> WelcomeMessage:
    """Welcome a customer: the message comes as a push.

    Args:
        world: Where it happens.
        record: The customer.
        group_id: Whose welcome it is.
        message_id: The welcome message that the customer has already, which comes again.
        actor: Who asks for it.

    Raises:
        GroupOffline: Nobody of the group accepts chats.
        GroupUnavailable: Nobody of the group would get a chat now.
        NotFound: The customer has another welcome message than that one, or none.
    """
    agent, must_wait = predictions.predict(world, group_id)
    if message_id is not None:
        welcome = find(record, message_id, "id")
        writer = world.store.company.agents.get(welcome.agent_id)
        agent = agent if writer is None else writer
    else:
        welcome = record.welcome = WelcomeRecord(
            id=world.ids.uuid4(),
            group_id=group_id,
            agent_id=agent.id,
            text=phrases.in_language(world, group_id, phrases.WELCOME),
            created_at=world.clock.now(),
        )
    world.push_to_customers(
        IncomingWelcomeMessage(
            id=welcome.id,
            event=EventPreview(
                type="message",
                author_id=customer_views.shown_id(world, welcome.agent_id),
                created_at=welcome.created_at,
                text=welcome.text,
            ),
        ),
        (record.id,),
        actor=actor,
    )
    return WelcomeMessage(
        id=welcome.id,
        predicted_agent=predictions.show_predicted(world, agent, with_bot_type=True),
        queue=must_wait,
    )


def find(
    record: CustomerRecord, message_id: str, field: str = "welcome_message_id"
) -> WelcomeRecord:
    """Return the welcome message of an id, which the customer got last.

    Raises:
        NotFound: It is not that one; the message names the field of the request.
    """
    welcome = record.welcome
    if welcome is None or welcome.id != message_id:
        raise NotFound(f"`{field}`: the customer has no welcome message `{message_id}`")
    return welcome
