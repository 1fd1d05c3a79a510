"""Customers who are connected to the world of a desk: what they call, and what they get."""

from frontdesk.actions.customer import Login
from frontdesk.codec.decoding import decode
from frontdesk.pushes.base import CUSTOMER_PUSHES
from frontdesk.sandbox.world.actor import CustomerActor
from frontdesk.sandbox.world.people import customer_sessions

SHOP = "https://shop.example/"


class Tab:
    """A page of a customer's browser, with a connection of its own."""

    def __init__(self, desk, customer_id, name="tab-1"):
        self.desk = desk
        self.actor = CustomerActor(customer_id, connection_id=name)
        self.id = customer_id

    def call(self, action):
        return self.desk.call(action, by=self.actor)

    def log_in(self, url=SHOP, **login):
        page = {} if url is None else {"customer_page": {"url": url}}
        return self.call(Login(token="Bearer dal:x", **page, **login))

    def close(self):
        self.desk.unit(customer_sessions.close, self.actor.connection_id)

    @property
    def record(self):
        return self.desk.world.store.customers.read(self.id)

    def got(self, name):
        """The customer's own pushes of a name since the last ``forget``, as a client reads them."""
        return [
            decode(effect.json, CUSTOMER_PUSHES[name])
            if CUSTOMER_PUSHES[name].spec.root is None
            else effect.payload
            for effect in self.desk.heard
            if effect.customer_push == name
            and (effect.customer_ids is None or self.id in effect.customer_ids)
        ]


def visitor(desk, name="Ann", tab="tab-1", url=SHOP, **login):
    """A customer who is logged in."""
    customer = Tab(desk, desk.customer(name), tab)
    customer.log_in(url, **login)
    desk.forget()
    return customer
