"""What sends the call of a command: a client of its API, or an RTM session."""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from msgspec import UNSET

from frontdesk.actions import Action, UploadFile
from frontdesk.cli.call.method_commands import set_fields
from frontdesk.cli.call.requests import Draft, Recorder, frame, http
from frontdesk.clients.options import DEFAULT_BASE_URL, base_url_of
from frontdesk.core.http_messages import Reply
from frontdesk.errors import InvalidArgument, MissingToken
from frontdesk.transport.anonymous import UNSENT_TOKEN, AnonymousTransport

__all__ = ["Caller", "caller_of"]

PLACEHOLDER: Final = "Bearer not-the-token"
"""In the place of the token where nothing is sent."""
ORGANIZATION: Final = "ORGANIZATION_ID"
"""In the place of the organization where nothing is sent and none is given."""


class Caller(AbstractContextManager["Caller"]):
    """Sends one action, or shows what would be sent.

    Args:
        token: as clients take it; ``None`` without one.
        base_url: where the API is; defaults to LiveChat.
        version: of the API.
        organization_id: for RTM and for customers.
        budget: how many requests may be made; ``None`` is no limit.
    """

    def __init__(
        self,
        action: Action[Any],
        *,
        token: Any,
        base_url: str | None,
        version: str,
        organization_id: str | None,
        budget: int | None,
    ) -> None:
        self._spec = action.spec
        self._token = token
        self._base_url = base_url
        self._version = version
        self._organization_id = organization_id
        self._budget = budget
        self._stack = ExitStack()
        self._client: Any = None

    @property
    def scheme(self) -> str | None:
        """How the token is sent, such as ``Bearer``; ``None`` without one."""
        if self._token is None:
            return None
        is_basic = isinstance(self._token, str) and self._token.startswith("Basic ")
        return "Basic" if is_basic else "Bearer"

    @property
    def requests(self) -> int:
        """How many requests were made."""
        requests: int = self._client.meter.requests
        return requests

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._stack.close()

    def call(self, action: Action[Any], file: Path | None = None) -> Any:
        """Send an action and return its result."""
        raise NotImplementedError

    def draft(self, action: Action[Any], cost: Mapping[str, Any], file: str) -> Draft:
        """Return the request that would be sent."""
        raise NotImplementedError

    def raw(self, action: Action[Any]) -> Reply:
        """Send an action and return the response as it came."""
        raise NotImplementedError

    def items(self, action: Action[Any]) -> Iterator[Any]:
        """Iterate over the items of all pages."""
        raise NotImplementedError

    def _needed(self) -> None:
        """Raise ``MissingToken`` unless there is a token for customers."""
        if self._token is None and self._spec.api == "customer" and self._spec.needs_token:
            raise MissingToken(CUSTOMERS)


CUSTOMERS: Final = (
    "a token of a customer is required; set FRONTDESK_CUSTOMER_TOKEN, or give `--token`; "
    "`frontdesk customers token` makes one"
)


class WebCaller(Caller):
    """Sends actions over HTTP."""

    def call(self, action: Action[Any], file: Path | None = None) -> Any:
        """Send an action and return its result."""
        client = self._opened()
        if isinstance(action, UploadFile) and file is not None:
            # The client sends the name and the type of the file along.
            return client.upload_file(file)
        return client(action)

    def raw(self, action: Action[Any]) -> Reply:
        """Send an action and return the response as it came."""
        reply: Reply = self._opened().raw(action)
        return reply

    def items(self, action: Action[Any]) -> Iterator[Any]:
        """Iterate over the items of all pages."""
        fields = set_fields(action)
        if "page_id" in fields:
            raise InvalidArgument("--page-id", "cannot be given together with `--all`")
        name = f"iter_{action.spec.name.removeprefix('list_')}"
        yield from getattr(self._opened(), name)(**fields)

    def draft(self, action: Action[Any], cost: Mapping[str, Any], file: str) -> Draft:
        """Return the request that would be sent."""
        recorder = Recorder()
        with self._new_client(PLACEHOLDER, transport=recorder, draft=True) as client:
            client.raw(action)
        if recorder.request is None:
            raise MissingToken(CUSTOMERS)
        sends_token = self._spec.needs_token or self._token is not None
        scheme = (self.scheme or "Bearer") if sends_token else None
        return http(action, recorder.request, scheme, cost, file)

    def _opened(self) -> Any:
        self._needed()
        token, transport = self._token, None
        if token is None and not self._spec.needs_token and self._spec.api != "customer":
            from frontdesk.transport.urllib3 import Urllib3Transport

            # A client cannot do without a token, so it is taken off again.
            token = UNSENT_TOKEN
            transport = AnonymousTransport(Urllib3Transport(self._base_url or DEFAULT_BASE_URL))
        self._client = self._stack.enter_context(self._new_client(token, transport=transport))
        return self._client

    def _new_client(self, token: Any, *, transport: Any, draft: bool = False) -> Any:
        options: dict[str, Any] = {
            "base_url": self._base_url,
            "version": self._version,
            "budget": self._budget,
            "transport": transport,
        }
        if self._spec.api == "customer":
            from frontdesk import CustomerClient

            organization = self._organization_id or (ORGANIZATION if draft else None)
            return CustomerClient(token, organization_id=organization, **options)
        if self._spec.api == "configuration":
            from frontdesk import ConfigurationClient

            return ConfigurationClient(token, **options)
        from frontdesk import AgentClient

        return AgentClient(token, **options)


class RTMCaller(Caller):
    """Sends actions over an RTM connection, which logs in first."""

    def call(self, action: Action[Any], file: Path | None = None) -> Any:
        """Send an action and return its result; that of a log-in is what the session got."""
        self._needed()
        login = self._login(action)
        client = self._stack.enter_context(self._new_client(self._token, login))
        if action.spec.name == "login":
            return client.login_response
        return client(action)

    def draft(self, action: Action[Any], cost: Mapping[str, Any], file: str) -> Draft:
        """Return the call that would be sent."""
        api = "customer" if self._spec.api == "customer" else "agent"
        organization = self._organization_id or ORGANIZATION
        base_url = base_url_of(self._base_url).rstrip("/")
        url = f"{base_url}/v{self._version}/{api}/rtm/ws?organization_id={organization}"
        return frame(action, url, self._version, cost)

    def _login(self, action: Action[Any]) -> dict[str, Any]:
        """Return what the log-in says: the fields of the action if it is one."""
        of_customers = self._spec.api == "customer"
        login: dict[str, Any] = {} if of_customers else {"away": True}
        if self._spec.name == "login":
            login |= {
                name: value
                for name in action.__struct_fields__
                if name != "token" and (value := getattr(action, name)) is not UNSET
            }
        return login

    def _new_client(self, token: Any, login: dict[str, Any]) -> Any:
        options: dict[str, Any] = {
            "organization_id": self._organization_id,
            "base_url": self._base_url,
            "version": self._version,
            "reconnect": False,
            **login,
        }
        if self._spec.api == "customer":
            from frontdesk import CustomerRTM

            return CustomerRTM(token, **options)
        from frontdesk import AgentRTM

        # Nothing that the agent's other sessions would notice.
        return AgentRTM(token, **options, recover=False, logout=False)


def caller_of(action: Action[Any], **options: Any) -> Caller:
    """Return what sends an action: over Web where it can be, else over RTM."""
    kind = WebCaller if "web" in action.spec.transports else RTMCaller
    return kind(action, **options)
