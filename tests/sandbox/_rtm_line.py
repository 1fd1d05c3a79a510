"""A raw RTM client: frames in, frames out, nothing clever."""

import json
from collections import deque
from itertools import count
from typing import Any

from websockets.sync.client import ClientConnection, connect

from frontdesk.sandbox import Sandbox
from frontdesk.sandbox.world.accounts import customer_tokens
from frontdesk.sandbox.world.people import customers

PATIENCE = 10
MARKS = count(1)
SMITH, JONES, BROWN = "smith@example.com", "jones@example.com", "brown@example.com"
GARCIA, MUELLER = "garcia@example.com", "mueller@example.com"


class Refused(Exception):
    """The server responded with an error."""

    def __init__(self, error: dict[str, Any]) -> None:
        self.type: str = error["type"]
        self.message: str = error["message"]
        self.data = error.get("data")
        super().__init__(f"{self.type}: {self.message}")


class Line:
    """A connection, which is logged in unless ``token`` is None.

    ``pushes`` holds the pushes that came so far; ``settle`` waits for all that were sent by now.
    """

    api = "agent"

    def __init__(
        self,
        sandbox: Sandbox,
        token: str | None = "owner",
        *,
        version: str = "3.6",
        organization_id: str | None = None,
        region: str | None = None,
        **login: Any,
    ) -> None:
        self.sandbox = sandbox
        self.pushes: deque[dict[str, Any]] = deque()
        self.calls = 0
        organization = sandbox.organization_id if organization_id is None else organization_id
        url = f"{sandbox.rtm_url}/v{version}/{self.api}/rtm/ws?organization_id={organization}"
        self.socket: ClientConnection = connect(
            url,
            proxy=None,
            compression=None,
            open_timeout=PATIENCE,
            close_timeout=0.2,
            ping_interval=None,
            additional_headers={"X-Region": region} if region else None,
        ).__enter__()
        self.login: Any = None
        if token is not None:
            self.login = self.call("login", token=sandbox.tokens.get(token, token), **login)

    def send(self, action: str, /, *, request_id: str | None = None, **payload: Any) -> None:
        frame: dict[str, Any] = {"action": action, "payload": payload}
        if request_id is not None:
            frame["request_id"] = request_id
        self.socket.send(json.dumps(frame))

    @property
    def recipients(self) -> dict[str, Any]:
        """Who gets a push that is to come to this connection."""
        return {}

    def frame(self) -> dict[str, Any]:
        """The next frame, whatever it is."""
        return json.loads(self.socket.recv(PATIENCE))

    def response(self, request_id: str) -> Any:
        """The payload of the response to a request; raises ``Refused``."""
        while True:
            frame = self.frame()
            if frame["type"] == "push":
                self.pushes.append(frame)
            elif frame.get("request_id") == request_id:
                if not frame["success"]:
                    raise Refused(frame["payload"]["error"])
                return frame["payload"]

    def call(self, action: str, /, **payload: Any) -> Any:
        self.calls += 1
        request_id = f"{action}-{self.calls}"
        self.send(action, request_id=request_id, **payload)
        return self.response(request_id)

    def push(self, name: str) -> dict[str, Any]:
        """The next push of a name; others are dropped."""
        while True:
            frame = self.pushes.popleft() if self.pushes else self.frame()
            if frame["type"] == "push" and frame["action"] == name:
                return frame

    def settle(self) -> list[dict[str, Any]]:
        """Everything that was pushed until now."""
        mark = next(MARKS)
        self.sandbox.rtm.push("frontdesk_mark", mark, **self.recipients)
        pushes = list(self.pushes)
        self.pushes.clear()
        while (frame := self.frame()).get("payload") != mark:
            pushes.append(frame)
        return [push for push in pushes if push["action"] != "frontdesk_mark"]

    def names(self) -> list[str]:
        """The names of everything that was pushed until now."""
        return [frame["action"] for frame in self.settle()]

    def ended(self) -> tuple[str | None, int | None]:
        """How the server ended the connection: the reason pushed, and the code of the goodbye."""
        from websockets.exceptions import ConnectionClosed

        reason = None
        try:
            while True:
                frame = self.frame()
                if frame["action"] == f"{self.api}_disconnected":
                    reason = frame["payload"]["reason"]
        except ConnectionClosed as closed:
            return reason, None if closed.rcvd is None else closed.rcvd.code

    def close(self) -> None:
        self.socket.close()


class CustomerLine(Line):
    """A connection of a customer, who is new unless ``customer_id`` is given."""

    api = "customer"

    def __init__(
        self,
        sandbox: Sandbox,
        customer_id: str | None = None,
        *,
        token: str | None = None,
        log_in: bool = True,
        **options: Any,
    ) -> None:
        self.customer_id = customer_id or new_customer(sandbox)
        self.token = token or customer_token(sandbox, self.customer_id)
        super().__init__(sandbox, f"Bearer {self.token}" if log_in else None, **options)

    @property
    def recipients(self) -> dict[str, Any]:
        return {"customer_ids": [self.customer_id]}


def new_customer(sandbox: Sandbox, name: str = "Ann") -> str:
    details = customers.CustomerDetails(name=name)
    return sandbox.backend.work(lambda world: customers.create(world, details).id)


def customer_token(sandbox: Sandbox, customer_id: str, **options: Any) -> str:
    return sandbox.backend.work(
        lambda world: customer_tokens.issue(world, customer_id, **options).id
    )
