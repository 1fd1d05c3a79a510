"""What the tests of customers' accounts send, to an embedded sandbox or over a socket."""

import http.client
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from frontdesk.sandbox import RegisteredClient, Sandbox

from ._log_in import CHALLENGE, SMITH, VERIFIER

PAGE = "https://shop.example"
CID, CST = "__lc_cid", "__lc_cst"


class Response:
    """A response of the accounts server to a customer."""

    def __init__(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        self.status = status
        self.pairs = [(name.lower(), value) for name, value in headers]
        self.headers = dict(self.pairs)
        self.body = body

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def error(self) -> tuple[int, str]:
        """The status and the name; the envelope is that of customers, and nothing else."""
        assert set(self.json) == {"oauth_exception", "exception_description"}
        return self.status, self.json["oauth_exception"]

    @property
    def set_cookies(self) -> list[str]:
        return [value for name, value in self.pairs if name == "set-cookie"]

    @property
    def cookies(self) -> str:
        """What a browser sends from then on."""
        return "; ".join(cookie.partition(";")[0] for cookie in self.set_cookies)


class CustomerAccounts:
    """A client of one sandbox that gets tokens of customers."""

    def __init__(self, sandbox: Sandbox, *, served: bool = False) -> None:
        self.sandbox = sandbox
        self.app: RegisteredClient = sandbox.accounts.register_client(PAGE)
        self._served = served

    def send(
        self,
        verb: str,
        target: str,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        """Send one request; a body that is no bytes as JSON."""
        headers = dict(headers or {})
        data = b"" if body is None else body
        data = data if isinstance(data, bytes) else json.dumps(data).encode()
        if not self._served:
            lower = {name.lower(): value for name, value in headers.items()}
            response = self.sandbox.backend.respond(verb, target, lower, data)
            return Response(response.status, list(response.headers), response.body)
        connection = http.client.HTTPConnection(urlsplit(self.sandbox.url).netloc, timeout=20)
        try:
            connection.request(verb, target, data, headers)
            answered = connection.getresponse()
            return Response(answered.status, answered.getheaders(), answered.read())
        finally:
            connection.close()

    def post(
        self, path: str, body: Any, headers: Mapping[str, str] | None = None, **more: str
    ) -> Response:
        """Send JSON to a path of customers."""
        headers = {
            **(headers or {}),
            **{name.replace("_", "-"): text for name, text in more.items()},
        }
        return self.send("POST", f"/accounts/v2/customer{path}", body, headers)

    def cookie_grant(self, cookies: str = "", path: str = "/token", **changed: Any) -> Response:
        """Ask as a browser does; ``None`` takes a parameter away."""
        body = {
            "grant_type": "cookie",
            "response_type": "token",
            "client_id": self.app.client_id,
            "organization_id": self.sandbox.organization_id,
            "redirect_uri": PAGE,
            **changed,
        }
        return self.post(path, _sent(body), {"Cookie": cookies} if cookies else {})

    def agent_grant(self, token: str, **changed: Any) -> Response:
        """Ask as the back end of an agent does."""
        body = {
            "grant_type": "agent_token",
            "response_type": "token",
            "client_id": self.app.client_id,
            **changed,
        }
        return self.post("/token", _sent(body), {"Authorization": token} if token else {})

    def identity_grant(self, code: str, **changed: Any) -> Response:
        """Ask as another device does."""
        body = {
            "grant_type": "identity_token",
            "client_id": self.app.client_id,
            "code": code,
            **changed,
        }
        return self.post("/token", _sent(body))

    def transfer(self, token: str, bearer_type: str = "customer", **changed: Any) -> Response:
        """Ask for an identity transfer token."""
        body = {"bearer_type": bearer_type, "client_id": self.app.client_id, **changed}
        headers = {"Authorization": token} if token else {}
        return self.post("/identity_transfer", _sent(body), headers)

    def info(self, token: str, **headers: str) -> Response:
        """Look at a token."""
        return self.send("GET", "/accounts/v2/customer/info", None, _bearer(token, headers))

    def revoke(self, token: str, **headers: str) -> Response:
        """Take back a token."""
        return self.send("DELETE", "/accounts/v2/customer/token", None, _bearer(token, headers))


def _bearer(token: str, headers: Mapping[str, str]) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}", **headers}


def _sent(body: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in body.items() if value is not None}


__all__ = [
    "CHALLENGE",
    "CID",
    "CST",
    "PAGE",
    "SMITH",
    "VERIFIER",
    "CustomerAccounts",
    "Response",
]
