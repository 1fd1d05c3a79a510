"""What the tests of the world say and hear."""

import json
from functools import cached_property

from frontdesk.actions import GetChat, SendEvent, StartChat
from frontdesk.codec.decoding import decode, encode
from frontdesk.models import InitialChat, InitialThread, InitialUser, Message
from frontdesk.pushes import Push
from frontdesk.sandbox import apis
from frontdesk.sandbox.calls.faults import Faults
from frontdesk.sandbox.calls.pipeline import Pipeline
from frontdesk.sandbox.calls.rate_limits import RateLimits
from frontdesk.sandbox.calls.recording import Recorder
from frontdesk.sandbox.calls.web.api import WebApi
from frontdesk.sandbox.seeds.company import (
    AGENT_TOKEN,
    BOT_TOKEN,
    FEW_SCOPES_TOKEN,
    OWNER_TOKEN,
)
from frontdesk.sandbox.world import Identities
from frontdesk.sandbox.world.people import customer_actions, customers, names
from frontdesk.sandbox.world.people.customers import CustomerDetails, PageView
from frontdesk.sandbox.world.staff import statuses

SMITH = "smith@example.com"
JONES = "jones@example.com"
BROWN = "brown@example.com"
MUELLER = "mueller@example.com"
GARCIA = "garcia@example.com"
NOWAK = "nowak@example.com"


def as_received(action, result):
    """A result as a client decodes it."""
    return None if result is None else decode(encode(result), action.spec.returns)


def payload(effect):
    """The payload of an effect, as a client decodes it if it is a structure."""
    if isinstance(effect.payload, Push):
        return decode(effect.json, type(effect.payload))
    return effect.payload


def call_web(desk, method, body, version="3.6", token=OWNER_TOKEN, api="agent"):
    """The response over HTTP to JSON as any client may send it."""
    pipeline = Pipeline(desk.world, Faults(), RateLimits(), Recorder())
    try:
        return WebApi(pipeline).respond(
            "POST",
            f"/v{version}/{api}/action/{method}",
            {"authorization": f"Bearer {token}"},
            body if isinstance(body, bytes) else json.dumps(body).encode(),
        )
    finally:
        desk.world.commit()


class Desk:
    def __init__(self, world):
        self.world = world
        self.heard = []
        world.subscribe(self.heard.extend)
        self.identities = Identities(world)
        self.owner = self.identities.requester(f"Bearer {OWNER_TOKEN}")

    @cached_property
    def agent(self):
        return self.identities.requester(f"Bearer {AGENT_TOKEN}")

    @cached_property
    def bot(self):
        return self.identities.requester(f"Bearer {BOT_TOKEN}")

    @cached_property
    def reader(self):
        return self.identities.requester(f"Bearer {FEW_SCOPES_TOKEN}")

    def call(self, action, by=None):
        try:
            return as_received(action, apis.call(self.world, by or self.owner, action))
        finally:
            self.world.commit()

    def unit(self, work, *args, **kwargs):
        try:
            return self.world.unit(lambda: work(self.world, *args, **kwargs))
        finally:
            self.world.commit()

    def advance(self, *, minutes=0, seconds=0, hours=0, days=0):
        self.world.advance(((days * 24 + hours) * 60 + minutes) * 60 + seconds)
        self.world.commit()

    def pushed(self, name):
        """Payloads of the pushes of a name since the last ``forget``."""
        return [payload(effect) for effect in self.heard if effect.push == name]

    def effects(self, name):
        return [effect for effect in self.heard if name in (effect.push, effect.webhook)]

    def names(self):
        return [effect.push or effect.webhook for effect in self.heard]

    def forget(self):
        self.heard.clear()

    def start(self, by=None, **kwargs):
        """Start a chat; its id."""
        return self.call(StartChat(**kwargs), by).chat_id

    def start_with(self, customer_id, *agents, by=None, text=None, **kwargs):
        users = [InitialUser(id=customer_id, type="customer")]
        users += [InitialUser(id=agent, type="agent") for agent in agents]
        thread = {"thread": InitialThread(events=[Message(text=text)])} if text else {}
        return self.start(by, chat=InitialChat(users=users, **thread, **kwargs))

    def chat(self, chat_id, thread_id=None, by=None):
        extra = {"thread_id": thread_id} if thread_id else {}
        return self.call(GetChat(chat_id=chat_id, **extra), by)

    def write(self, chat_id, text="hello", by=None):
        return self.call(SendEvent(chat_id=chat_id, event=Message(text=text)), by).event_id

    def texts(self, chat_id):
        return [getattr(event, "text", None) for event in self.chat(chat_id).thread.events]

    def system_messages(self, chat_id):
        return [
            event.system_message_type
            for event in self.chat(chat_id).thread.events
            if event.type == "system_message"
        ]

    def present(self, chat_id):
        return {user.id for user in self.chat(chat_id).users if user.present}

    def customer(self, name="Ann", **kwargs):
        return self.unit(customers.create, CustomerDetails(name=name, **kwargs)).id

    def visitor(self, name="Ann", **kwargs):
        """A customer who is on the website."""
        customer_id = self.customer(name, **kwargs)
        self.unit(
            lambda world: customers.visit(
                world,
                customers.find(world, customer_id),
                PageView(url="https://shop.example/", title="Shop"),
            )
        )
        return customer_id

    def leave_site(self, customer_id):
        self.unit(lambda world: customers.leave_site(world, customers.find(world, customer_id)))

    def say(self, customer_id, text="hello", **kwargs):
        return self.unit(customer_actions.say, customer_id, text, **kwargs)

    def chat_of(self, customer_id):
        """Id of the customer's last chat."""
        return self.world.store.chats.of_customer(customer_id)[-1]

    def set_status(self, agent_id, value, **kwargs):
        self.unit(
            lambda world: statuses.change(
                world, world.store.company.agents[agent_id], value, **kwargs
            )
        )

    def only(self, *agent_ids):
        """Nobody but these agents accepts chats."""
        for agent in list(self.world.store.company.agents.values()):
            if agent.id in agent_ids:
                self.set_status(agent.id, "accepting_chats")
            elif agent.status == "accepting_chats":
                self.set_status(agent.id, "not_accepting_chats")
        self.forget()

    def set_license(self, name, value, namespace="chats"):
        license = self.world.store.company.license
        license.properties.setdefault(namespace, {})[name] = value
        self.unit(lambda world: world.store.company.save_license(license))

    def set_limit(self, agent_id, chats):
        agent = self.world.store.company.agents[agent_id]
        agent.max_chats = chats
        self.unit(lambda world: world.store.company.save_agent(agent))

    def requester(self, agent_id, *scopes, **kwargs):
        """Somebody with other scopes than the fixed tokens have."""
        from frontdesk.sandbox.store.records import TokenRecord

        token = TokenRecord(
            id=f"dal:{agent_id}:{','.join(scopes)}",
            kind="bearer",
            user_id=agent_id,
            client_id=kwargs.pop("client_id", self.owner.client_id),
            scopes=list(scopes),
        )
        self.unit(lambda world: world.store.company.save_token(token))
        return self.identities.requester(f"Bearer {token.id}", **kwargs)

    def name(self, user_id):
        return names.name_of(self.world, user_id)
