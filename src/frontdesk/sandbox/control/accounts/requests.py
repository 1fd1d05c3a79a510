"""The controls of the accounts server over HTTP.

========================== ============================================================
``GET clients``            the registered clients, without secrets
``POST clients``           ``{redirect_uris, type?, …}``: registers one, and shows it all
``DELETE clients/ID``      removes one, and its tokens
``GET organizations``      the organizations with their accounts
``POST organizations``     ``{name?, organization_id?, agent_ids?}``: adds one
``POST authorize``         ``{url, agent_id, organization_id?}``: a log-in without a browser
========================== ============================================================
"""

from typing import Annotated, Any
from urllib.parse import urljoin

from msgspec import Meta, to_builtins

from frontdesk.errors import ValidationError
from frontdesk.sandbox.backend import Backend
from frontdesk.sandbox.control.accounts.accounts import SandboxAccounts
from frontdesk.sandbox.control.request import ControlRequest
from frontdesk.sandbox.world.accounts.clients import ACCESS_SECONDS, ClientType
from frontdesk.spec.checks import Checked, Id

__all__ = ["AccountsControl"]


class NewClient(Checked, frozen=True, kw_only=True):
    """A client to register."""

    redirect_uris: tuple[str, ...]
    name: str = ""
    type: ClientType = "public"
    client_id: Id | None = None
    client_secret: Id | None = None
    scopes: tuple[Id, ...] | None = None
    access_token_seconds: Annotated[int, Meta(ge=1)] = ACCESS_SECONDS
    accounts_sdk_challenge: bool = False

    def __repr__(self) -> str:
        return f"NewClient(name={self.name!r}, type={self.type!r})"


class NewOrganization(Checked, frozen=True, kw_only=True):
    """An organization to add."""

    name: str = ""
    organization_id: Id | None = None
    agent_ids: tuple[Id, ...] | None = None


class LogIn(Checked, frozen=True, kw_only=True):
    """An authorization, and whose account is chosen."""

    url: Id
    agent_id: Id
    organization_id: str = ""

    def __repr__(self) -> str:
        return f"LogIn(agent_id={self.agent_id!r})"


class AccountsControl:
    """Registers clients, adds organizations and logs in; see the module.

    Args:
        backend: whose accounts server it is.
    """

    def __init__(self, backend: Backend) -> None:
        # The address of the sandbox is the caller's to know.
        self._accounts = SandboxAccounts(backend, "")

    def list_clients(self, _: ControlRequest) -> Any:
        """The clients, without their secrets."""
        shown = [to_builtins(client) for client in self._accounts.clients]
        for client in shown:
            del client["client_secret"]
        return {"clients": shown}

    def register_client(self, request: ControlRequest) -> Any:
        """Register a client."""
        if request.parts:
            raise ValidationError("`client_id` belongs in the body")
        new = request.read(NewClient)
        fields = {name: getattr(new, name) for name in new.__struct_fields__}
        return self._accounts.register_client(**fields)

    def remove_client(self, request: ControlRequest) -> None:
        """Remove a client."""
        if not request.parts:
            raise ValidationError("`clients/ID` names the client to remove")
        self._accounts.remove_client(request.parts[0])

    def list_organizations(self, _: ControlRequest) -> Any:
        """The organizations."""
        return {"organizations": self._accounts.organizations}

    def add_organization(self, request: ControlRequest) -> Any:
        """Add an organization."""
        new = request.read(NewOrganization)
        return self._accounts.add_organization(
            new.name, organization_id=new.organization_id, agent_ids=new.agent_ids
        )

    def authorize(self, request: ControlRequest) -> Any:
        """Log in without a browser."""
        order = request.read(LogIn)
        location = self._accounts.authorize(
            order.url, order.agent_id, organization_id=order.organization_id
        )
        # Where errors end is a page of the accounts server that the browser was sent to.
        return {"location": urljoin(order.url, location)}
