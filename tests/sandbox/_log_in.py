"""What the tests of the accounts server send, to an embedded sandbox or over a socket."""

import base64
import hashlib
import http.client
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from frontdesk.sandbox import RegisteredClient, Sandbox

APP = "http://localhost:3000/callback"
VERIFIER = "Verifier-of-a-test.with~all_characters-0123456789"
CHALLENGE = (
    base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
)
JONES = "jones@example.com"
SMITH = "smith@example.com"
FORM = "application/x-www-form-urlencoded"


class Received:
    """A response, with the names of its headers in lower case."""

    def __init__(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        self.status = status
        self.headers = {name.lower(): value for name, value in headers.items()}
        self.body = body

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def error(self) -> tuple[int, str]:
        return self.status, self.json["error"]


class LogIn:
    """A browser and a client of one sandbox."""

    def __init__(self, sandbox: Sandbox, *, served: bool) -> None:
        self.sandbox = sandbox
        self._served = served

    def send(
        self, verb: str, target: str, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> Received:
        """Send one request to the accounts server."""
        headers = dict(headers or {})
        if not self._served:
            lower = {name.lower(): value for name, value in headers.items()}
            response = self.sandbox.backend.respond(verb, f"/accounts{target}", lower, body)
            kind = {"content-type": response.content_type, "x-debug-id": response.debug_id}
            return Received(response.status, {**kind, **dict(response.headers)}, response.body)
        connection = http.client.HTTPConnection(urlsplit(self.sandbox.url).netloc, timeout=20)
        try:
            connection.request(verb, f"/accounts{target}", body, headers)
            response = connection.getresponse()
            return Received(response.status, dict(response.headers), response.read())
        finally:
            connection.close()

    def public(self, *uris: str, **options: Any) -> RegisteredClient:
        """A public client."""
        return self.sandbox.accounts.register_client(uris or (APP,), **options)

    def server_side(self, *uris: str, **options: Any) -> RegisteredClient:
        """A client with a secret."""
        return self.public(*uris, type="server_side", **options)

    def asked(self, client: RegisteredClient, **changed: str | None) -> dict[str, str]:
        """The parameters of an authorization; None takes one away."""
        parameters = {
            "client_id": client.client_id,
            "redirect_uri": APP,
            "response_type": "code",
            "state": "the state",
            **changed,
        }
        if client.type == "public" and changed.get("response_type", "code") == "code":
            parameters = {
                "code_challenge": CHALLENGE,
                "code_challenge_method": "S256",
                **parameters,
            }
        return {name: value for name, value in parameters.items() if value is not None}

    def page(self, client: RegisteredClient, path: str = "/", **changed: str | None) -> Received:
        """What a browser gets that a client sends to log in."""
        return self.send("GET", f"{path}?{urlencode(self.asked(client, **changed))}")

    def choose(
        self, client: RegisteredClient, agent_id: str = JONES, **changed: str | None
    ) -> Received:
        """What a browser gets after an agent was chosen."""
        form = {**self.asked(client, **changed), "account": agent_id}
        return self.send("POST", "/", urlencode(form).encode(), {"Content-Type": FORM})

    def code(self, client: RegisteredClient, agent_id: str = JONES, **changed: str | None) -> str:
        """A code that the client gets."""
        return query_of(self.choose(client, agent_id, **changed))["code"]

    def token(self, **parameters: str | None) -> Received:
        """What the client gets for these parameters; None takes one away."""
        form = {name: value for name, value in parameters.items() if value is not None}
        return self.send("POST", "/v2/token", urlencode(form).encode(), {"Content-Type": FORM})

    def exchanged(
        self, client: RegisteredClient, code_given: str, /, **changed: str | None
    ) -> Received:
        """What the client gets for a code."""
        return self.token(**{**self.for_code(client, code_given), **changed})

    def for_code(self, client: RegisteredClient, code: str) -> dict[str, str | None]:
        """The parameters that the client exchanges a code with."""
        return {
            "grant_type": "authorization_code",
            "code": code,
            "client_id": client.client_id,
            "client_secret": client.client_secret or None,
            "redirect_uri": APP,
            "code_verifier": VERIFIER if client.type == "public" else None,
        }

    def tokens(self, client: RegisteredClient, agent_id: str = JONES, **changed: str | None) -> Any:
        """The tokens of a log-in."""
        response = self.exchanged(client, self.code(client, agent_id, **changed))
        assert response.status == 200, response.body
        return response.json

    def refreshed(
        self, client: RegisteredClient, refresh_token: str, /, **changed: str | None
    ) -> Received:
        """What the client gets for a refresh token."""
        parameters = {
            "grant_type": "refresh_token",
            "refresh_token": refresh_token,
            "client_id": client.client_id,
            "client_secret": client.client_secret or None,
            **changed,
        }
        return self.token(**parameters)

    def info(self, token: str) -> Received:
        """What is known of a token."""
        return self.send("GET", "/v2/info", headers={"Authorization": f"Bearer {token}"})

    def revoked(self, token: str) -> Received:
        """What revoking a token gives."""
        return self.send("DELETE", "/v2/token", headers={"Authorization": f"Bearer {token}"})

    def works(self, token: str) -> bool:
        """Whether an access token opens the API."""
        response = self.sandbox.backend.respond(
            "POST",
            "/v3.6/agent/action/list_chats",
            {"authorization": f"Bearer {token}"},
            b"{}",
        )
        return response.status == 200


def query_of(response: Received) -> dict[str, str]:
    """The query of the address that a browser is sent to."""
    assert response.status in (302, 303), response.body
    return dict(parse_qsl(urlsplit(response.headers["location"]).query))


def exception_of(response: Received) -> tuple[str, str | None]:
    """The error that a browser is sent to the page of errors with."""
    assert urlsplit(response.headers["location"]).path == "/accounts/ooops"
    query = query_of(response)
    return query["oauth_exception"], query.get("exception_details")
