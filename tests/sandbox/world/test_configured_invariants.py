"""Random commands while the company itself changes: agents, bots, groups, settings come and go."""

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule

from frontdesk.actions import (
    AddAutoAccess,
    CreateAgent,
    CreateBot,
    CreateGroup,
    CreateTag,
    DeleteAgent,
    DeleteBot,
    DeleteGroup,
    DeleteTag,
    SetRoutingStatus,
    SuspendAgent,
    UnsuspendAgent,
    UpdateAgent,
    UpdateBot,
    UpdateGroup,
    UpdateLicenseProperties,
)
from frontdesk.sandbox.world import access

from .._desk import SMITH
from .test_invariants import AGENTS, FLAGS, GROUPS, RECENT, Life

PRIORITIES = st.sampled_from(["first", "normal", "last", "supervisor"])


class Company(Life):
    """Chats as in ``Life``, while the owner changes the company."""

    def __init__(self):
        super().__init__()
        self.bots = []
        self.groups = [1, 2, 3]
        self.new_agents = 0
        self.reach = {}

    @initialize()
    def begin(self):
        """As ever, with a chat in each group, so that something is there to lose it."""
        super().begin()
        for group_id in self.groups:
            self.people.append(self.desk.visitor())
            self.start([group_id], SMITH, True, False, 0, False)

    @property
    def company(self):
        return self.desk.world.store.company

    def group_at(self, number):
        return self.groups[-1 - number % len(self.groups)] if self.groups else 1

    def members(self, groups, priority):
        return [{"id": group_id, "priority": priority} for group_id in groups]

    @rule(groups=GROUPS, priority=PRIORITIES)
    def create_agent(self, groups, priority):
        self.new_agents += 1
        agent_id = f"new{self.new_agents}@example.com"
        made = self.attempt(
            CreateAgent(
                id=agent_id,
                name="New",
                groups=self.members(groups, priority),
                awaiting_approval=False,
                max_chats_count=2,
            )
        )
        if made:
            self.desk.set_status(agent_id, "accepting_chats", cause="signed_out")

    @rule(agent=AGENTS, groups=GROUPS, priority=PRIORITIES, limit=st.integers(0, 3))
    def update_agent(self, agent, groups, priority, limit):
        self.attempt(
            UpdateAgent(id=agent, groups=self.members(groups, priority), max_chats_count=limit)
        )

    @rule(agent=AGENTS, suspended=FLAGS)
    def suspend(self, agent, suspended):
        self.attempt((SuspendAgent if suspended else UnsuspendAgent)(id=agent))

    @rule(agent=AGENTS, sure=RECENT)
    def delete_agent(self, agent, sure):
        if sure == 0:
            self.attempt(DeleteAgent(id=agent))

    @rule(agents=st.lists(AGENTS, unique=True, max_size=3), priority=PRIORITIES)
    def create_group(self, agents, priority):
        made = self.attempt(
            CreateGroup(name="New", agent_priorities=dict.fromkeys(agents, priority))
        )
        if made:
            self.groups.append(made.id)

    @rule(group=RECENT, agents=st.lists(AGENTS, unique=True, max_size=3), priority=PRIORITIES)
    def update_group(self, group, agents, priority):
        agents = dict.fromkeys(agents, priority)
        self.attempt(UpdateGroup(id=self.group_at(group), agent_priorities=agents))

    @rule(group=RECENT, sure=RECENT)
    def delete_group(self, group, sure):
        if sure:
            return
        group_id = self.group_at(group)
        self.attempt(DeleteGroup(id=group_id))
        if group_id not in self.company.groups and group_id in self.groups:
            self.groups.remove(group_id)

    @rule(groups=GROUPS, priority=PRIORITIES)
    def create_bot(self, groups, priority):
        made = self.attempt(
            CreateBot(name="Bot", groups=self.members(groups, priority), max_chats_count=1)
        )
        if made:
            self.bots.append(made.id)

    @rule(bot=RECENT, groups=GROUPS, priority=PRIORITIES, accepts=FLAGS)
    def update_bot(self, bot, groups, priority, accepts):
        if self.bots:
            bot_id = self.bots[-1 - bot % len(self.bots)]
            self.attempt(UpdateBot(id=bot_id, groups=self.members(groups, priority)))
            status = "accepting_chats" if accepts else "offline"
            self.attempt(SetRoutingStatus(agent_id=bot_id, status=status))

    @rule(bot=RECENT)
    def delete_bot(self, bot):
        if self.bots:
            self.attempt(DeleteBot(id=self.bots.pop(-1 - bot % len(self.bots))))

    @rule(groups=GROUPS, path=st.sampled_from(["/", "/orders"]))
    def add_auto_access(self, groups, path):
        self.attempt(
            AddAutoAccess(
                access={"groups": groups}, conditions={"url": {"values": [{"value": path}]}}
            )
        )

    @rule(groups=GROUPS, name=st.sampled_from(["one", "two"]), delete=FLAGS)
    def tag(self, groups, name, delete):
        self.attempt(DeleteTag(name=name) if delete else CreateTag(name=name, group_ids=groups))

    @rule(queue=FLAGS, manual=FLAGS, limit=st.integers(1, 3))
    def change_settings(self, queue, manual, limit):
        values = {
            "queue.enabled": queue,
            "manual_routing": manual,
            "max_agent_active_chats": limit,
        }
        self.attempt(UpdateLicenseProperties(properties={"chats": values}))

    @invariant()
    def nobody_who_left_has_a_chat(self):
        if not hasattr(self, "desk"):
            return
        for chat_id in self.known:
            chat = self.desk.world.store.chats.get(chat_id)
            if not chat.active:
                continue
            for user in chat.present_agents():
                agent = self.company.agents.get(user.id)
                assert agent is not None, (chat_id, user.id)
                assert not agent.suspended, (chat_id, user.id)

    @invariant()
    def deleted_groups_are_nowhere(self):
        if not hasattr(self, "desk"):
            return
        there = set(self.company.groups)
        for agent in self.company.agents.values():
            assert there.issuperset(agent.groups), agent.id
        for tag in self.company.tags.values():
            assert there.issuperset(tag.group_ids), tag.name
        for rule_ in self.company.license.auto_accesses:
            assert there.issuperset(rule_.group_ids)
        for chat_id in self.known:
            chat = self.desk.world.store.chats.get(chat_id)
            assert there.issuperset(chat.group_ids), chat_id
            for thread in self.desk.world.store.threads.of_chat(chat.num):
                assert there.issuperset(thread.group_ids), thread.id

    @invariant()
    def pushes_are_for_those_who_have_access_or_had_it(self):
        """Who loses access with what happens still learns of it, and nobody else."""
        if not hasattr(self, "desk"):
            return
        for effect in self.desk.heard:
            if effect.push and effect.chat_id and effect.recipients.agent_ids:
                allowed = self.reach.get(effect.chat_id, set()) | self.reached_by(effect.chat_id)
                assert set(effect.recipients.agent_ids) <= allowed, effect
        self.desk.forget()
        self.reach = {chat_id: self.reached_by(chat_id) for chat_id in self.known}

    def reached_by(self, chat_id):
        """Who is in a chat or follows it, was in it, or shares a group with it."""
        chat = self.desk.world.store.chats.get(chat_id)
        if chat is None:
            return set()
        agents = self.company.agents.values()
        shared = {agent.id for agent in agents if access.agent_shares(agent, chat.group_ids)}
        return shared | {user.id for user in chat.users} | set(chat.followers)


TestCompany = Company.TestCase
TestCompany.settings = settings(
    max_examples=25,
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
