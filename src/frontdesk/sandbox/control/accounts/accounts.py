"""The accounts server in Python: clients, organizations, and log-ins without a browser."""

from collections.abc import Iterable
from typing import Final
from urllib.parse import urlencode, urljoin, urlsplit

from msgspec import Struct

from frontdesk.errors import InternalError, InvalidArgument, NotFound
from frontdesk.sandbox.arguments import checks_arguments
from frontdesk.sandbox.backend import Backend
from frontdesk.sandbox.calls.accounts.names import ACCOUNTS
from frontdesk.sandbox.world import World
from frontdesk.sandbox.world.accounts import clients, organizations
from frontdesk.sandbox.world.accounts.clients import ACCESS_SECONDS, ClientType

__all__ = ["RegisteredClient", "SandboxAccounts", "SandboxOrganization"]

_FORM: Final = {"content-type": "application/x-www-form-urlencoded"}


class RegisteredClient(Struct, frozen=True, kw_only=True):
    """A client of the sandbox's accounts server; its fields are those of ``register_client``.

    ``client_secret`` is empty for public clients.
    """

    client_id: str
    client_secret: str
    type: ClientType
    name: str
    redirect_uris: tuple[str, ...]
    scopes: tuple[str, ...]
    access_token_seconds: int
    accounts_sdk_challenge: bool

    def __repr__(self) -> str:
        return (
            f"RegisteredClient(client_id={self.client_id!r}, name={self.name!r}, "
            f"type={self.type!r})"
        )


class SandboxOrganization(Struct, frozen=True, kw_only=True):
    """An organization of the sandbox; ``accounts`` is agent id -> account id."""

    id: str
    name: str
    accounts: dict[str, str]


@checks_arguments
class SandboxAccounts:
    """The accounts server of a sandbox: whom agents log in to, and how.

    Args:
        backend: whose it is.
        base_url: the address of the sandbox.
    """

    def __init__(self, backend: Backend, base_url: str) -> None:
        self._backend = backend
        self.url: str = f"{base_url}{ACCOUNTS}"
        """What clients take as the base URL of the accounts server."""

    def register_client(
        self,
        redirect_uris: str | Iterable[str],
        *,
        name: str = "",
        type: ClientType = "public",
        client_id: str | None = None,
        client_secret: str | None = None,
        scopes: Iterable[str] | None = None,
        access_token_seconds: int = ACCESS_SECONDS,
        accounts_sdk_challenge: bool = False,
    ) -> RegisteredClient:
        """Register a client, or change the one that has the id already.

        Args:
            redirect_uris: where browsers may be sent back to: http, https, or a scheme such as
                ``com.example.app``. A requested address has the same scheme, host and port, and
                begins with the path.
            name: what people read where they log in; defaults to the id.
            type: ``public``, or ``server_side`` for one that has a secret.
            client_id: defaults to a new one.
            client_secret: of a server-side client; defaults to a new one.
            scopes: what its tokens may grant; defaults to what every agent may have. An agent whose
                role allows less cannot log in (``invalid_scope``).
            access_token_seconds: how long its access tokens live, on the sandbox's clock.
            accounts_sdk_challenge: accept, besides the challenges of RFC 7636, the different ones
                that LiveChat's accounts SDK sends as ``S256``: Base64url of the decimal numbers
                that the hash is made of. LiveChat's docs do not have them.

        Raises:
            InvalidArgument: Something does not fit.
        """
        uris = (redirect_uris,) if isinstance(redirect_uris, str) else redirect_uris
        record = self._backend.work(
            lambda world: clients.register(
                world,
                uris,
                name=name,
                type=type,
                client_id=client_id,
                client_secret=client_secret,
                scopes=scopes,
                access_token_seconds=access_token_seconds,
                accounts_sdk_challenge=accounts_sdk_challenge,
            )
        )
        return _client(record)

    def remove_client(self, client_id: str) -> None:
        """Remove a client; its codes and tokens end.

        Raises:
            NotFound: There is no such client.
        """
        self._backend.work(lambda world: clients.remove(world, client_id))

    @property
    def clients(self) -> list[RegisteredClient]:
        """The clients that are registered."""
        with self._backend.lock:
            self._backend.check_open()
            return [_client(record) for record in self._backend.world.store.accounts.clients]

    def add_organization(
        self,
        name: str = "",
        *,
        organization_id: str | None = None,
        agent_ids: Iterable[str] | None = None,
    ) -> SandboxOrganization:
        """Add an organization that agents can log in to, with an account of its own for each.

        It shares the license, and with it agents and chats, with the sandbox's own organization:
        tokens of both do the same, and say which organization they are of.

        Args:
            name: what people read where they log in.
            organization_id: defaults to a new one.
            agent_ids: the agents with an account in it; defaults to all there are.

        Raises:
            InvalidArgument: The id is taken, or is none.
            NotFound: There is no such agent.
        """
        record = self._backend.work(
            lambda world: organizations.add(
                world, name, organization_id=organization_id, agent_ids=agent_ids
            )
        )
        return SandboxOrganization(id=record.id, name=record.name, accounts=dict(record.accounts))

    @property
    def organizations(self) -> list[SandboxOrganization]:
        """All organizations; the first is the license's own."""
        with self._backend.lock:
            self._backend.check_open()
            return list(map(self._organization, organizations.all_ids(self._backend.world)))

    def authorize(self, url: str, agent_id: str, *, organization_id: str = "") -> str:
        """Log in without a browser, as if an agent were chosen on the page at an address.

        Args:
            url: the address that a client sends a browser to.
            agent_id: whose account is chosen.
            organization_id: in which organization; defaults to the one that the address names, or
                to the license's own.

        Returns:
            Where the browser is sent: back to the client with a code or a token, or to a page of
            the accounts server that says what is wrong.

        Raises:
            NotFound: There is no such agent.
        """
        query = urlsplit(url).query
        if not query:
            raise InvalidArgument("url", "must be the address of an authorization, with a query")
        self._backend.work(lambda world: _check_agent(world, agent_id))
        choice = f"{organization_id} {agent_id}" if organization_id else agent_id
        body = urlencode({"account": choice}).encode()
        response = self._backend.respond("POST", f"{ACCOUNTS}/?{query}", _FORM, body)
        location = dict(response.headers).get("Location")
        if location is None:
            raise InternalError(f"the accounts server responded with {response.status}")
        return urljoin(f"{self.url}/", location)

    def _organization(self, organization_id: str) -> SandboxOrganization:
        world = self._backend.world
        return SandboxOrganization(
            id=organization_id,
            name=organizations.name_of(world, organization_id),
            accounts={
                account.agent.id: account.id
                for account in organizations.accounts_of(world, organization_id)
            },
        )

    def __repr__(self) -> str:
        return f"<SandboxAccounts at {self.url}>"


def _check_agent(world: World, agent_id: str) -> None:
    agent = world.store.company.agents.get(agent_id)
    if agent is None or agent.bot:
        raise NotFound(f"`agent_id`: there is no agent `{agent_id[:64]}`")


def _client(record: clients.OAuthClientRecord) -> RegisteredClient:
    return RegisteredClient(
        client_id=record.id,
        client_secret=record.secret,
        type=record.type,
        name=record.name,
        redirect_uris=tuple(record.redirect_uris),
        scopes=tuple(record.scopes),
        access_token_seconds=record.access_token_seconds,
        accounts_sdk_challenge=record.accounts_sdk_challenge,
    )
