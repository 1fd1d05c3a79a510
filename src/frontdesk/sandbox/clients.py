"""The clients of a sandbox: made with its address and its tokens, and closed with it."""

import ssl
import threading
from pathlib import Path
from typing import Any, Final, Protocol

from frontdesk.auth import AsyncOAuth, BearerToken, OAuth, Token
from frontdesk.clients.options import TokenSource
from frontdesk.errors import InvalidArgument
from frontdesk.rendered.agent import AgentClient
from frontdesk.rendered.agent_rtm import AgentRTM
from frontdesk.rendered.async_agent import AsyncAgentClient
from frontdesk.rendered.async_agent_rtm import AsyncAgentRTM
from frontdesk.rendered.async_configuration import AsyncConfigurationClient
from frontdesk.rendered.async_customer import AsyncCustomerClient
from frontdesk.rendered.async_customer_rtm import AsyncCustomerRTM
from frontdesk.rendered.configuration import ConfigurationClient
from frontdesk.rendered.customer import CustomerClient
from frontdesk.rendered.customer_rtm import CustomerRTM
from frontdesk.sandbox.arguments import checks_arguments
from frontdesk.sandbox.backend import Backend
from frontdesk.sandbox.control.accounts.accounts import SandboxAccounts
from frontdesk.sandbox.serve.embedded import AsyncDirectTransport, DirectTransport
from frontdesk.sandbox.tokens import SECONDS, customer_or_new, issue_to_customer
from frontdesk.sandbox.world import World
from frontdesk.transport.failures import EMBEDDED

__all__ = ["SandboxClients"]

EMBEDDED_URL: Final = f"http://{EMBEDDED}"
REDIRECT_URI: Final = "http://127.0.0.1:8765/callback"
"""That of `frontdesk login`."""


class _Closes(Protocol):
    """A sync client."""

    def close(self) -> None: ...


class _ClosesAsync(Protocol):
    """An async client."""

    async def close(self) -> None: ...


class _CustomerToken:
    """The token of a customer of a sandbox: a new one as soon as one is refused."""

    def __init__(self, backend: Backend, customer_id: str | None) -> None:
        self._backend = backend
        self._customer_id = customer_id
        self._lock = threading.Lock()
        self._present: Token | None = None

    def token(self, refused: Token | None = None) -> Token:
        """Return a token that works."""
        with self._lock:
            if self._present is None or self._present == refused:
                self._present = BearerToken(self._backend.work(self._issue))
            return self._present

    async def token_async(self, refused: Token | None = None) -> Token:
        """Return a token that works."""
        return self.token(refused)

    def _issue(self, world: World) -> str:
        self._customer_id = customer_or_new(world, self._customer_id)
        return issue_to_customer(world, self._customer_id)

    def __repr__(self) -> str:
        return f"<token of the customer {self._customer_id}>"


@checks_arguments
class SandboxClients:
    """Makes the clients of a sandbox, for agents and for customers."""

    def __init__(self, backend: Backend) -> None:
        self.backend: Backend = backend
        self.url: str = EMBEDDED_URL
        self.ca_path: Path | None = None
        self._embedded = True
        self._clients: list[_Closes] = []
        self._async_clients: list[_ClosesAsync] = []
        self._rtm_clients: list[_Closes] = []
        self._async_rtm_clients: list[_ClosesAsync] = []

    @property
    def tokens(self) -> dict[str, str]:
        """Name -> token: ``owner``, ``agent``, ``pat``, ``bot``, ``few_scopes``, ``expired``."""
        return self.backend.tokens()

    def client(self, token: TokenSource = "owner", **options: Any) -> AgentClient:  # noqa: S107
        """A client of this sandbox.

        Args:
            token: one of the names of ``tokens``, or whatever ``AgentClient`` takes.
            options: those of ``AgentClient``.
        """
        client = AgentClient(
            self._token(token), base_url=self.url, **self._connection(options, sync=True)
        )
        self._clients.append(client)
        return client

    def async_client(
        self,
        token: TokenSource = "owner",  # noqa: S107
        **options: Any,
    ) -> AsyncAgentClient:
        """An async client of this sandbox; otherwise as ``client``."""
        client = AsyncAgentClient(
            self._token(token), base_url=self.url, **self._connection(options, sync=False)
        )
        self._async_clients.append(client)
        return client

    def configuration_client(
        self,
        token: TokenSource = "owner",  # noqa: S107
        **options: Any,
    ) -> ConfigurationClient:
        """A client of this sandbox's Configuration API; otherwise as ``client``."""
        client = ConfigurationClient(
            self._token(token), base_url=self.url, **self._connection(options, sync=True)
        )
        self._clients.append(client)
        return client

    def async_configuration_client(
        self,
        token: TokenSource = "owner",  # noqa: S107
        **options: Any,
    ) -> AsyncConfigurationClient:
        """An async client of this sandbox's Configuration API; otherwise as ``client``."""
        client = AsyncConfigurationClient(
            self._token(token), base_url=self.url, **self._connection(options, sync=False)
        )
        self._async_clients.append(client)
        return client

    def rtm_client(self, token: TokenSource = "owner", **options: Any) -> AgentRTM:  # noqa: S107
        """An RTM client of this sandbox, for a ``with`` block.

        RTM needs a socket: the first such client has an embedded sandbox served on this machine,
        while everything else goes on without.

        Args:
            token: one of the names of ``tokens``, or whatever ``AgentRTM`` takes.
            options: those of ``AgentRTM``.
        """
        client = AgentRTM(self._token(token), **self._rtm_connection(options))
        self._rtm_clients.append(client)
        return client

    def async_rtm_client(
        self,
        token: TokenSource = "owner",  # noqa: S107
        **options: Any,
    ) -> AsyncAgentRTM:
        """An async RTM client of this sandbox; otherwise as ``rtm_client``."""
        client = AsyncAgentRTM(self._token(token), **self._rtm_connection(options))
        self._async_rtm_clients.append(client)
        return client

    def customer_token(self, customer_id: str | None = None, *, seconds: float = SECONDS) -> str:
        """A token of a customer, with its scheme.

        Args:
            customer_id: whose it is; defaults to a new customer.
            seconds: how long it lives, on the sandbox's clock.

        Raises:
            NotFound: There is no such customer.
        """
        return self.backend.work(
            lambda world: issue_to_customer(
                world, customer_or_new(world, customer_id), seconds=seconds
            )
        )

    def customer_client(
        self,
        customer_id: str | None = None,
        *,
        token: TokenSource | None = None,
        **options: Any,
    ) -> CustomerClient:
        """A client of one of this sandbox's customers, whose token renews itself.

        Args:
            customer_id: which customer, such as ``sandbox.customer("Ann").id``; defaults to a new
                one.
            token: whatever ``CustomerClient`` takes, in the place of a token of the sandbox.
            options: those of ``CustomerClient``.

        Raises:
            NotFound: There is no such customer.
        """
        client = CustomerClient(
            self._customer(customer_id, token), **self._customers_at(options, sync=True)
        )
        self._clients.append(client)
        return client

    def async_customer_client(
        self,
        customer_id: str | None = None,
        *,
        token: TokenSource | None = None,
        **options: Any,
    ) -> AsyncCustomerClient:
        """An async client of a customer; otherwise as ``customer_client``."""
        client = AsyncCustomerClient(
            self._customer(customer_id, token), **self._customers_at(options, sync=False)
        )
        self._async_clients.append(client)
        return client

    def customer_rtm(
        self,
        customer_id: str | None = None,
        *,
        token: TokenSource | None = None,
        **options: Any,
    ) -> CustomerRTM:
        """An RTM client of a customer, for a ``with`` block; otherwise as ``customer_client``.

        As for agents, RTM needs a socket: see ``rtm_client``.
        """
        client = CustomerRTM(self._customer(customer_id, token), **self._rtm_connection(options))
        self._rtm_clients.append(client)
        return client

    def async_customer_rtm(
        self,
        customer_id: str | None = None,
        *,
        token: TokenSource | None = None,
        **options: Any,
    ) -> AsyncCustomerRTM:
        """An async RTM client of a customer; otherwise as ``customer_rtm``."""
        client = AsyncCustomerRTM(
            self._customer(customer_id, token), **self._rtm_connection(options)
        )
        self._async_rtm_clients.append(client)
        return client

    @property
    def accounts(self) -> SandboxAccounts:
        """The accounts server: to register clients, to add organizations, to log in."""
        return SandboxAccounts(self.backend, self.url)

    @property
    def accounts_url(self) -> str:
        """Where clients log in: the base URL of the accounts server."""
        return self.accounts.url

    @property
    def organization_id(self) -> str:
        """The organization that RTM connections name."""
        self.backend.check_open()
        return self.backend.world.store.company.license.organization_id

    def oauth(self, redirect_uri: str = REDIRECT_URI, **options: Any) -> OAuth:
        """A log-in with a client that is registered for it at this sandbox.

        ``accounts.authorize`` takes the place of a person at the address of ``start_login``.

        Args:
            redirect_uri: where the browser comes back to.
            options: those of ``accounts.register_client``, such as ``type`` and ``scopes``.
        """
        oauth = OAuth(**self._app(redirect_uri, options), **self._connection({}, sync=True))
        self._clients.append(oauth)
        return oauth

    def async_oauth(self, redirect_uri: str = REDIRECT_URI, **options: Any) -> AsyncOAuth:
        """The same for async programs; otherwise as ``oauth``."""
        oauth = AsyncOAuth(**self._app(redirect_uri, options), **self._connection({}, sync=False))
        self._async_clients.append(oauth)
        return oauth

    def _app(self, redirect_uri: str, options: dict[str, Any]) -> dict[str, Any]:
        app = self.accounts.register_client(redirect_uri, **options)
        return {
            "client_id": app.client_id,
            "client_secret": app.client_secret or None,
            "redirect_uri": redirect_uri,
            "accounts_url": self.accounts_url,
        }

    def _token(self, token: TokenSource) -> TokenSource:
        return self.tokens.get(token, token) if isinstance(token, str) else token

    def _connection(self, options: dict[str, Any], *, sync: bool) -> dict[str, Any]:
        self.backend.check_open()
        if "transport" in options:
            return options
        if self._embedded:
            kind = DirectTransport if sync else AsyncDirectTransport
            return {**options, "transport": kind(self.backend, self.url)}
        return self._over_socket(options)

    def _over_socket(self, options: dict[str, Any]) -> dict[str, Any]:
        if self.ca_path is not None and "ssl_context" not in options:
            options["ssl_context"] = ssl.create_default_context(cafile=self.ca_path)
        return {"proxy": "", **options}

    def _rtm_connection(self, options: dict[str, Any]) -> dict[str, Any]:
        where = {"base_url": self._server_url(), "organization_id": self.organization_id}
        return {**where, **self._over_socket(options)}

    def _customer(self, customer_id: str | None, token: TokenSource | None) -> TokenSource:
        self.backend.check_open()
        if token is not None:
            if customer_id is not None:
                raise InvalidArgument("token", "must not be given with a customer_id")
            return token
        source = _CustomerToken(self.backend, customer_id)
        # Here, so that a customer who is not there is told at once.
        source.token()
        return source

    def _customers_at(self, options: dict[str, Any], *, sync: bool) -> dict[str, Any]:
        where = {"base_url": self.url, "organization_id": self.organization_id}
        return {**where, **self._connection(options, sync=sync)}

    def _server_url(self) -> str:
        """Where the sandbox is served, which it is from then on."""
        raise NotImplementedError

    def _close_clients(self) -> None:
        for client in (*self._rtm_clients, *self._clients):
            client.close()

    async def _aclose_clients(self) -> None:
        for client in (*self._async_rtm_clients, *self._async_clients):
            await client.close()
