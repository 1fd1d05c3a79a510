"""The chat window of a customer, as the tests of the customers' methods use it."""

import msgspec
from msgspec.structs import replace

from frontdesk.actions import customer as actions
from frontdesk.codec.decoding import encode
from frontdesk.models import InitialChat, InitialThread, Message
from frontdesk.sandbox import apis
from frontdesk.sandbox.world.actor import CustomerActor
from frontdesk.sandbox.world.chats import customer_views
from frontdesk.sandbox.world.login_sessions import CustomerSession


class Window:
    """A customer on the website, who is connected; ``pushes`` are what the connection gets."""

    def __init__(self, desk, name="Ann", **details):
        self.desk = desk
        self.id = desk.visitor(name, **details)
        self.actor = CustomerActor(self.id, connection_id=f"of {self.id}", request_id="r1")
        session = CustomerSession(connection_id=self.actor.connection_id, customer=self.actor)
        desk.world.customer_sessions[session.connection_id] = session
        self.pushes = []
        desk.world.subscribe(self._hear)

    def _hear(self, effects):
        world = self.desk.world
        for effect in effects:
            payload, name = None, effect.push
            if effect.customer_push is not None:
                if effect.customer_ids is None or self.id in effect.customer_ids:
                    payload, name = effect.payload, effect.customer_push
            elif effect.to_customer and self._concerns(effect.chat_id):
                payload = customer_views.show_push(world, effect)
            if payload is not None:
                self.pushes.append((name, msgspec.json.decode(encode(payload))))

    def _concerns(self, chat_id):
        if chat_id is None:
            return True
        chat = self.desk.world.store.chats.read(chat_id)
        return chat is not None and chat.customer_id == self.id

    def call(self, action):
        return self.desk.call(action, self.actor)

    def raw(self, action, **changes):
        """The JSON of a response, to the actor with some changes."""
        actor = replace(self.actor, **changes)
        try:
            return encode(apis.call(self.desk.world, actor, action))
        finally:
            self.desk.world.commit()

    def got(self, name):
        """The payloads of the pushes of a name."""
        return [payload for push, payload in self.pushes if push == name]

    def names(self):
        return [name for name, _ in self.pushes]

    def forget(self):
        self.pushes.clear()
        self.desk.forget()

    def start(self, text=None, **kwargs):
        thread = {"thread": InitialThread(events=[Message(text=text)])} if text else {}
        chat = InitialChat(**thread, **kwargs.pop("chat", {}))
        return self.call(actions.StartChat(chat=chat, **kwargs))

    def write(self, chat_id, text="hello"):
        return self.call(actions.SendEvent(chat_id=chat_id, event=Message(text=text))).event_id

    def chat(self, chat_id, **kwargs):
        return self.call(actions.GetChat(chat_id=chat_id, **kwargs))

    def texts(self, chat_id):
        return [getattr(event, "text", None) for event in self.chat(chat_id).thread.events]
