"""The operations of the OpenAPI documents, and a sandbox that they are called in."""

import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from frontdesk.models import Message
from frontdesk.sandbox.describe.openapi import openapi
from frontdesk.sandbox.seeds.company import CLIENT_ID
from frontdesk.sandbox.serve.asgi import App

from .._rtm_line import customer_token, new_customer

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
DOCUMENT = openapi()
CUSTOMER_DOCUMENT = openapi("customer")
schema = schemathesis.openapi.from_dict(DOCUMENT)
customer_schema = schemathesis.openapi.from_dict(CUSTOMER_DOCUMENT)


QUICKLY = settings(
    max_examples=5, deadline=None, database=None, suppress_health_check=list(HealthCheck)
)


def app_of(sandbox):
    """Return the sandbox as an application without a lifespan.

    Schemathesis ends lifespans with the process, and what runs in the background would outlive the
    sandbox.
    """
    app = App(sandbox.backend)

    async def without_lifespan(scope, receive, send):
        if scope["type"] == "lifespan":
            raise NotImplementedError("it has none")
        await app(scope, receive, send)

    return without_lifespan


class Known:
    """A sandbox with some life in it, and the ids of what lives there."""

    def __init__(self, sandbox):
        self.app = app_of(sandbox)
        self.token = sandbox.tokens["owner"]
        customer = sandbox.customer("Ann")
        customer.say("hello")
        client = sandbox.client()
        chat = client.start_chat(continuous=True)
        sent = client.send_event(chat_id=chat.chat_id, event=Message(text="hi"))
        self.ids = {
            "chat_id": chat.chat_id,
            "thread_id": chat.thread_id,
            "event_id": sent.event_id,
            "user_id": "jones@example.com",
            "agent_id": "smith@example.com",
            "tag": "support",
        }
        self.chat_id = chat.chat_id
        self.customer_id = customer.id

    def call(self, case):
        headers = dict(case.headers or {})
        if headers.get("X-Region") != "dal":
            headers.pop("X-Region", None)
        case.headers = {**headers, "Authorization": self.token}
        if isinstance(case.body, dict) and case.method == "POST":
            ids = {name: value for name, value in self.ids.items() if name in case.body}
            if "id" in case.body:
                ids["id"] = self.customer_id if "customer" in case.path else self.chat_id
            if "owner_client_id" in case.body:
                ids["owner_client_id"] = CLIENT_ID
            case.body = {**case.body, **ids}
        return case.call_and_validate(app=self.app, checks=CHECKS).status_code


class KnownToCustomer:
    """A sandbox with a customer in it who chats, and the ids that the customer knows."""

    def __init__(self, sandbox):
        self.app = app_of(sandbox)
        self.organization_id = sandbox.organization_id
        self.customer_id = new_customer(sandbox)
        self.token = f"Bearer {customer_token(sandbox, self.customer_id)}"
        sandbox.customer(self.customer_id).say("hello")
        chat = sandbox.client().list_chats(filters={"active": True}).chats_summary[0]
        self.ids = {"chat_id": chat.id}

    def call(self, case):
        headers = dict(case.headers or {})
        if headers.get("X-Region") != "dal":
            headers.pop("X-Region", None)
        case.headers = {**headers, "Authorization": self.token}
        case.query = {**(case.query or {}), "organization_id": self.organization_id}
        if isinstance(case.body, dict):
            ids = {name: value for name, value in self.ids.items() if name in case.body}
            if "id" in case.body:
                ids["id"] = self.ids["chat_id"]
            case.body = {**case.body, **ids}
        return case.call_and_validate(app=self.app, checks=CHECKS).status_code
