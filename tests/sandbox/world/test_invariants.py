"""Random commands: whatever is done, some things must hold."""

from datetime import UTC, datetime

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from frontdesk.actions import (
    AddUserToChat,
    BanCustomer,
    DeactivateChat,
    FollowChat,
    GetChat,
    RemoveUserFromChat,
    RequestThreadSummary,
    ResumeChat,
    SendEvent,
    StartChat,
    TagThread,
    TransferChat,
    UnfollowChat,
    UpdateChatProperties,
)
from frontdesk.errors import APIError, ChatInactive, CustomerBanned
from frontdesk.models import Access, Ban, InitialChat, InitialUser, Message, Target
from frontdesk.sandbox.seeds import new_world
from frontdesk.sandbox.world import Clock, access
from frontdesk.sandbox.world.people import customer_actions, customers

from .._desk import BROWN, GARCIA, JONES, MUELLER, SMITH, Desk

AGENTS = st.sampled_from([SMITH, JONES, BROWN, GARCIA, MUELLER])
GROUPS = st.lists(st.sampled_from([0, 1, 2, 3]), min_size=1, max_size=2, unique=True)
STATUSES = st.sampled_from(
    ["accepting_chats", "accepting_chats", "accepting_chats", "not_accepting_chats", "offline"]
)
FLAGS = st.booleans()
RECENT = st.integers(0, 3)
"""Which of the latest chats or customers; few of them, so that commands meet."""
WAITS = st.sampled_from([1, 1, 1, 1, 2, 2, 5, 5, 11, 21, 31, 2 * 24 * 60])
SCOPES = ("chats--access:rw", "customers:rw", "customers.ban:rw", "agents--my:rw")


class Life(RuleBasedStateMachine):
    @initialize()
    def begin(self):
        clock = Clock(datetime(2026, 3, 2, 9, tzinfo=UTC), running=False)
        self.desk = Desk(new_world("quiet", clock=clock))
        self.agents = {
            agent_id: self.desk.requester(agent_id, *SCOPES)
            for agent_id in (SMITH, JONES, BROWN, GARCIA, MUELLER)
        }
        self.heard_events = {}
        self.banned_until = {}
        self.known = []
        self.people = [self.desk.visitor() for _ in range(3)]
        for agent_id in self.agents:
            self.desk.set_limit(agent_id, 2)

    def teardown(self):
        if hasattr(self, "desk"):
            self.desk.world.store.close()

    def attempt(self, action, by=None):
        """Do it, or be refused by an error of the API."""
        if by and not self.works(by):
            return None
        try:
            return self.desk.call(action, self.agents.get(by, self.desk.owner))
        except APIError:
            return None

    def works(self, agent_id):
        """Whether the tokens of an agent are accepted."""
        agent = self.desk.world.store.company.agents.get(agent_id)
        return agent is not None and not agent.suspended

    def customer_does(self, work, customer, *args, **kwargs):
        banned = self.banned_until.get(customer)
        try:
            result = self.desk.unit(work, customer, *args, **kwargs)
        except CustomerBanned:
            assert banned is not None
            return None
        except APIError:
            return None
        assert banned is None or banned <= self.desk.world.clock.now()
        return result

    def chat_at(self, number):
        return self.known[-1 - number % len(self.known)]

    def person_at(self, number):
        return self.people[-1 - number % len(self.people)]

    def someone_in(self, chat_id, number, otherwise):
        """An agent of the chat, or another when the number is odd or nobody is there."""
        there = [one.id for one in self.desk.world.store.chats.get(chat_id).present_agents()]
        return there[number % len(there)] if there and number % 2 == 0 else otherwise

    @rule()
    def arrive(self):
        self.people.append(self.desk.visitor())

    @rule(groups=GROUPS, agent=AGENTS, active=FLAGS, continuous=FLAGS, person=RECENT, alone=FLAGS)
    def start(self, groups, agent, active, continuous, person, alone):
        users = [] if alone else [InitialUser(id=self.person_at(person), type="customer")]
        started = self.attempt(
            StartChat(
                chat=InitialChat(access=Access(group_ids=groups), users=users),
                active=active,
                continuous=continuous,
            ),
            agent,
        )
        if started:
            self.known.append(started.chat_id)

    @rule(person=RECENT, groups=GROUPS, continuous=st.sampled_from([None, True, False]))
    def open_chat(self, person, groups, continuous):
        chat = self.customer_does(
            customer_actions.open_chat,
            self.person_at(person),
            group_ids=groups,
            continuous=continuous,
        )
        if chat is not None and chat.id not in self.known:
            self.known.append(chat.id)

    @rule(person=RECENT)
    def say(self, person):
        self.customer_does(
            customer_actions.send_event, self.person_at(person), Message(text="hello")
        )

    @rule(person=RECENT)
    def close_as_customer(self, person):
        self.customer_does(customer_actions.close_chat, self.person_at(person))

    @rule(person=RECENT, score=st.sampled_from([0, 1]))
    def rate(self, person, score):
        self.customer_does(customer_actions.rate, self.person_at(person), score)

    @rule(person=RECENT)
    def leave_site(self, person):
        self.desk.leave_site(self.person_at(person))

    @rule(person=RECENT)
    def come_back(self, person):
        def visit(world, customer_id):
            customers.visit(
                world,
                customers.find(world, customer_id),
                customers.PageView(url="https://x.example"),
            )

        self.customer_does(visit, self.person_at(person))

    @rule(person=RECENT, agent=AGENTS, days=st.integers(1, 3), sure=RECENT)
    def ban(self, person, agent, days, sure):
        if sure < 3 or not self.works(agent):
            return
        person = self.person_at(person)
        before = self.desk.world.clock.now()
        try:
            self.desk.call(BanCustomer(id=person, ban=Ban(days=days)), self.agents[agent])
        except APIError:
            return
        self.banned_until[person] = self.desk.world.store.customers.get(person).banned_until
        assert self.banned_until[person] > before

    @precondition(lambda self: self.known)
    @rule(chat=RECENT, agent=AGENTS, for_agents=FLAGS, who=RECENT)
    def write(self, chat, agent, for_agents, who):
        chat = self.chat_at(chat)
        agent = self.someone_in(chat, who, agent)
        visibility = "agents" if for_agents else "all"
        event = Message(text="hi", visibility=visibility)
        sent = self.attempt(SendEvent(chat_id=chat, event=event), agent)
        record = self.desk.world.store.chats.get(chat)
        if sent:
            assert record.active
            assert record.present_user(agent)
            thread_id, number = sent.event_id.split("_")
            assert int(number) > self.heard_events.get(thread_id, 0)
            self.heard_events[thread_id] = int(number)

    @precondition(lambda self: self.known)
    @rule(chat=RECENT, agent=AGENTS, other=AGENTS, for_agents=FLAGS, ignore=FLAGS)
    def add(self, chat, agent, other, for_agents, ignore):
        chat = self.chat_at(chat)
        self.attempt(
            AddUserToChat(
                chat_id=chat,
                user_id=other,
                user_type="agent",
                visibility="agents" if for_agents else "all",
                ignore_requester_presence=ignore,
            ),
            agent,
        )

    @precondition(lambda self: self.known)
    @rule(chat=RECENT, agent=AGENTS, other=AGENTS, ignore=FLAGS, who=RECENT)
    def remove(self, chat, agent, other, ignore, who):
        chat = self.chat_at(chat)
        other = self.someone_in(chat, who, other)
        self.attempt(
            RemoveUserFromChat(
                chat_id=chat, user_id=other, user_type="agent", ignore_requester_presence=ignore
            ),
            agent,
        )

    @precondition(lambda self: self.known)
    @rule(chat=RECENT, agent=AGENTS, ignore=FLAGS)
    def deactivate(self, chat, agent, ignore):
        chat = self.chat_at(chat)
        self.attempt(DeactivateChat(id=chat, ignore_requester_presence=ignore), agent)

    @precondition(lambda self: self.known)
    @rule(chat=RECENT, agent=AGENTS, groups=GROUPS, active=FLAGS)
    def resume(self, chat, agent, groups, active):
        chat = self.chat_at(chat)
        was_active = self.desk.world.store.chats.get(chat).active
        resumed = self.attempt(
            ResumeChat(chat=InitialChat(id=chat, access=Access(group_ids=groups)), active=active),
            agent,
        )
        assert not (resumed and was_active)

    @precondition(lambda self: self.known)
    @rule(chat=RECENT, agent=AGENTS, groups=GROUPS, wait=FLAGS, ignore=FLAGS)
    def transfer_to_groups(self, chat, agent, groups, wait, ignore):
        chat = self.chat_at(chat)
        self.attempt(
            TransferChat(
                id=chat,
                target=Target(type="group", ids=list(groups)),
                ignore_agents_availability=wait,
                ignore_requester_presence=ignore,
            ),
            agent,
        )

    @precondition(lambda self: self.known)
    @rule(chat=RECENT, agent=AGENTS, other=AGENTS, wait=FLAGS)
    def transfer_to_agent(self, chat, agent, other, wait):
        chat = self.chat_at(chat)
        self.attempt(
            TransferChat(
                id=chat,
                target=Target(type="agent", ids=[other]),
                ignore_agents_availability=wait,
                ignore_requester_presence=True,
            ),
            agent,
        )

    @precondition(lambda self: self.known)
    @rule(chat=RECENT, agent=AGENTS)
    def transfer_within(self, chat, agent):
        chat = self.chat_at(chat)
        self.attempt(TransferChat(id=chat, ignore_requester_presence=True), agent)

    @precondition(lambda self: self.known)
    @rule(chat=RECENT, agent=AGENTS, follow=FLAGS)
    def follow(self, chat, agent, follow):
        chat = self.chat_at(chat)
        self.attempt((FollowChat if follow else UnfollowChat)(id=chat), agent)

    @precondition(lambda self: self.known)
    @rule(chat=RECENT, agent=AGENTS)
    def tag_and_summarise(self, chat, agent):
        chat = self.chat_at(chat)
        last = self.desk.world.store.chats.get(chat).last_thread
        ids = {"chat_id": chat, "thread_id": last.id}
        self.attempt(TagThread(**ids, tag="refund"), agent)
        self.attempt(RequestThreadSummary(**ids), agent)
        self.attempt(UpdateChatProperties(id=chat, properties={"test": {"int_property": 1}}), agent)

    @rule(agent=AGENTS, value=STATUSES)
    def set_status(self, agent, value):
        if self.works(agent):
            self.desk.set_status(agent, value, cause="signed_out")

    @rule(minutes=WAITS)
    def wait(self, minutes):
        self.desk.advance(minutes=minutes)

    @rule()
    def take_back(self):
        """A snapshot and its restoration change nothing."""
        store = self.desk.world.store
        before = store.chats.count(), store.events.count(), store.queue.count()
        store.restore(store.snapshot())
        assert (store.chats.count(), store.events.count(), store.queue.count()) == before

    @invariant()
    def threads_agree(self):
        store = getattr(self, "desk", None) and self.desk.world.store
        for chat_id in self.known if store else ():
            chat = store.chats.get(chat_id)
            threads = store.threads.of_chat(chat.num)
            active = [thread for thread in threads if thread.active]
            assert len(active) == int(chat.active)
            assert threads[-1].id == chat.last_thread.id
            assert all(not thread.active for thread in threads[:-1])
            assert [one.next_id for one in threads] == [one.id for one in threads[1:]] + [None]
            assert threads[-1].group_ids == chat.group_ids
            rows = store.events.of_thread(chat.last_thread.num)
            assert [row.n for row in rows] == list(range(1, chat.last_thread.events + 1))
            times = [row.created_at for row in rows]
            assert times == sorted(times)

    @invariant()
    def places_and_queue_agree(self):
        if not hasattr(self, "desk"):
            return
        store = self.desk.world.store
        taken = {}
        waiting = 0
        for chat_id in self.known:
            chat = store.chats.get(chat_id)
            if chat.active and chat.customer_id is not None:
                for user in chat.present_agents():
                    if user.visibility == "all":
                        taken[user.id] = taken.get(user.id, 0) + 1
            thread = store.threads.get(chat.last_thread.id)
            assert (thread.queued_at is not None) == chat.last_thread.queued
            waiting += chat.last_thread.queued
            if chat.last_thread.queued:
                assert chat.active
                assert not any(one.visibility == "all" for one in chat.present_agents())
        assert {key: value for key, value in store.chats.loads().items() if value} == taken
        assert store.queue.count() == waiting

    @invariant()
    def active_chats_have_a_timer(self):
        if not hasattr(self, "desk"):
            return
        store = self.desk.world.store
        active = sum(store.chats.get(chat_id).active for chat_id in self.known)
        assert store.timers.count("inactivity") == active

    @invariant()
    def access_is_never_wider_than_groups(self):
        if not hasattr(self, "desk"):
            return
        for chat_id in self.known[-3:]:
            chat = self.desk.world.store.chats.get(chat_id)
            for agent_id, requester in self.agents.items():
                if not self.works(agent_id):
                    continue
                agent = self.desk.world.store.company.agents[agent_id]
                allowed = access.agent_shares(agent, chat.group_ids) or chat.present_user(agent_id)
                seen = self.attempt(GetChat(chat_id=chat_id), agent_id)
                assert (seen is not None) == bool(allowed), (chat.group_ids, agent_id)
                assert requester.id == agent_id

    @invariant()
    def banned_customers_are_silent(self):
        if not hasattr(self, "desk"):
            return
        now = self.desk.world.clock.now()
        for person, until in self.banned_until.items():
            if until <= now:
                continue
            assert not customers.active_chats(self.desk.world, person)
            try:
                self.desk.say(person)
            except (CustomerBanned, ChatInactive):
                continue
            raise AssertionError("a banned customer spoke")


TestLife = Life.TestCase
TestLife.settings = settings(
    max_examples=25,
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
