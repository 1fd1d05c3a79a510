"""The organization of a command: as given, else that of the profile, else a sandbox's own."""

from collections.abc import Iterable
from typing import Annotated, Any, Final

import typer

from frontdesk.cli.arguments.command_calls import call_of
from frontdesk.cli.output.services import is_local
from frontdesk.errors import InvalidArgument
from frontdesk.well_known import ORGANIZATION_ID

__all__ = ["OrganizationId", "fill_organization", "grant_of", "required_organization"]

_OPTION: Final = "--organization-id"
OrganizationId = Annotated[
    str | None,
    typer.Option(
        _OPTION,
        metavar="ID",
        envvar="FRONTDESK_ORGANIZATION_ID",
        help="The organization; defaults to that of the profile. No sandbox needs one.",
    ),
]


def fill_organization(context: typer.Context, parameters: Iterable[Any]) -> None:
    """Give a command that takes an organization, and got none, that of the profile.

    It is the one that the token of the profile is of; of other tokens it is not known.
    """
    for parameter in parameters:
        if _OPTION in parameter.opts and not context.params.get(parameter.name):
            context.params[parameter.name] = getattr(grant_of(context), "organization_id", None)


def required_organization(organization_id: str | None, base_url: str | None) -> str:
    """Return the organization, for what cannot do without: at a sandbox its own by default.

    Raises:
        InvalidArgument: There is none.
    """
    if organization_id:
        return organization_id
    if is_local(base_url):
        return ORGANIZATION_ID
    raise InvalidArgument(
        _OPTION,
        "is required, here or as FRONTDESK_ORGANIZATION_ID; `frontdesk whoami` shows that of an "
        "agent's token, and `frontdesk login` keeps it in a profile",
    )


def grant_of(context: typer.Context) -> Any:
    """Return the log-in of the profile that the command uses; ``None`` without one."""
    name = call_of(context).profile
    if name is None:
        return None
    from frontdesk.cli.accounts.profiles import Profiles

    profile = Profiles().get(name)
    return None if profile is None else profile.grant()
