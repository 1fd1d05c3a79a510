"""Who would get the chat of a customer who has none yet.

Source: https://platform.text.com/docs/messaging/customer-chat-api#get-predicted-agent
"""

from frontdesk.errors import GroupOffline, GroupUnavailable
from frontdesk.models.customer_chat.greetings import PredictedAgent
from frontdesk.sandbox.store.records import AgentRecord
from frontdesk.sandbox.world.chats import customer_views
from frontdesk.sandbox.world.routing import assignment, queueing
from frontdesk.sandbox.world.staff import statuses
from frontdesk.sandbox.world.world import World

__all__ = ["greeter", "predict", "show_predicted"]


def predict(world: World, group_id: int) -> tuple[AgentRecord, bool]:
    """Return who would get a chat of a group now, and whether the chat would have to wait.

    Raises:
        GroupOffline: Nobody of the group accepts chats.
        GroupUnavailable: Agents pick the chats of the group themselves, or nobody has a place and
            no chat may wait.
    """
    if statuses.group_status(world, group_id) != "accepting_chats":
        raise GroupOffline(f"nobody of the group {group_id} accepts chats")
    if not assignment.picks_by_hand(world, (group_id,)):
        agent = assignment.pick(world, (group_id,))
        if agent is not None:
            return agent, False
        agent = assignment.pick(world, (group_id,), busy=True)
        if agent is not None and queueing.allows(world, (group_id,)):
            return agent, True
    raise GroupUnavailable(f"nobody of the group {group_id} would get the chat now")


def greeter(world: World, group_id: int) -> AgentRecord:
    """Return who greets the customers of a group: who would get the chat, else its first agent."""
    agent = assignment.pick(world, (group_id,), busy=True)
    if agent is not None:
        return agent
    agents = sorted(world.store.company.agents.values(), key=lambda agent: agent.number)
    people = [agent for agent in agents if not agent.bot] or agents
    return next((agent for agent in people if group_id in agent.groups), people[0])


def show_predicted(
    world: World, agent: AgentRecord, *, with_bot_type: bool = False
) -> PredictedAgent:
    """Return an agent or a bot as customers see who would respond to them."""
    return PredictedAgent(
        id=customer_views.shown_id(world, agent.id),
        name=agent.name,
        type="agent",
        avatar=agent.avatar or None,
        job_title=agent.job_title or None,
        is_bot=agent.bot,
        bot_type=agent.bot_type if with_bot_type and agent.bot else None,
    )
