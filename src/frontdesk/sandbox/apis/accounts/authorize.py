"""The page where an account is chosen, and what follows from the choice."""

from collections.abc import Mapping

from msgspec import Struct

from frontdesk.sandbox.world import World
from frontdesk.sandbox.world.accounts.authorizations import (
    Authorization,
    authorize,
    log_in,
    read_authorization,
    remembered,
)
from frontdesk.sandbox.world.accounts.errors import AuthorizeError
from frontdesk.sandbox.world.accounts.organizations import (
    Account,
    accounts_of,
    all_ids,
    find_account,
    name_of,
)

__all__ = ["AccountsOfOrganization", "Choice", "Redirect", "choose", "deny", "show"]


class AccountsOfOrganization(Struct, frozen=True):
    """An organization with the accounts that can be chosen."""

    id: str
    name: str
    accounts: list[Account]


class Choice(Struct, frozen=True):
    """What the page shows."""

    asked: Authorization
    organizations: list[AccountsOfOrganization]


class Redirect(Struct, frozen=True):
    """Where a browser goes; ``login_id`` is what its cookie holds from then on, if that changes."""

    location: str
    agent_id: str
    login_id: str = ""

    def __repr__(self) -> str:
        return f"Redirect(agent_id={self.agent_id!r})"


def show(
    world: World, parameters: Mapping[str, str], login_id: str, *, asks_again: bool
) -> Choice | Redirect:
    """Return what the page shows, or where the browser goes that has logged in before.

    Args:
        world: Whose accounts they are.
        parameters: The query of the page.
        login_id: What the cookie of the browser holds.
        asks_again: Whether the account is to be chosen although the browser has logged in.

    Raises:
        AuthorizeError: The client asks for something that it cannot have.
    """
    asked = read_authorization(world, parameters)
    account = None if asks_again or not login_id else remembered(world, asked, login_id)
    if account is not None:
        return Redirect(world.unit(authorize, world, asked, account), account.agent.id)
    chosen = [asked.organization_id] if asked.organization_id else all_ids(world)
    return Choice(
        asked,
        [
            AccountsOfOrganization(each, name_of(world, each), list(accounts_of(world, each)))
            for each in chosen
        ],
    )


def choose(
    world: World, parameters: Mapping[str, str], agent_id: str, organization_id: str = ""
) -> Redirect:
    """Have an account log in, and return where its browser goes.

    Args:
        world: Whose account it is.
        parameters: Those of the page.
        agent_id: Whose account is chosen.
        organization_id: In which organization; defaults to the one that is asked for, or to the
            license's own.

    Raises:
        AuthorizeError: The client asks for something that it cannot have.
        IdentityError: The account cannot log in.
    """

    def work() -> Redirect:
        asked = read_authorization(world, parameters)
        organization = organization_id or asked.organization_id or all_ids(world)[0]
        account = find_account(world, agent_id, organization)
        location = authorize(world, asked, account)
        return Redirect(location, agent_id, log_in(world, account))

    return world.unit(work)


def deny(world: World, parameters: Mapping[str, str]) -> AuthorizeError:
    """Return the error of an authorization that the account does not want."""
    read_authorization(world, parameters)
    return AuthorizeError("access_denied", "the account did not agree")
