"""Where the command line keeps what bots log in with, and whom it registers them for."""

from pathlib import Path
from typing import Annotated, Any, Final

import typer

from frontdesk.auth import FileTokenStore
from frontdesk.auth.stores.base import RecordStore
from frontdesk.cli.accounts.profiles import Profiles
from frontdesk.cli.arguments.command_calls import call_of
from frontdesk.cli.arguments.options import organization_option
from frontdesk.cli.output.services import is_local
from frontdesk.errors import InvalidArgument

__all__ = ["ClientId", "OrganizationId", "StorePath", "app_of", "store_at"]

VARIABLE: Final = "FRONTDESK_BOT_STORE"
FILE: Final = "bots.json"

StorePath = Annotated[
    Path | None,
    typer.Option(
        "--store",
        metavar="FILE",
        envvar=VARIABLE,
        help="Where the credentials of bots are kept, readable by you alone; defaults to bots.json "
        "in frontdesk's folder of your settings.",
    ),
]
ClientId = Annotated[
    str | None,
    typer.Option(
        "--owner-client-id",
        metavar="ID",
        envvar="FRONTDESK_CLIENT_ID",
        help="Client id of the app that owns the bot; defaults to that of the profile.",
    ),
]
OrganizationId = Annotated[
    str | None, organization_option("The organization; defaults to that of the profile.")
]


def store_at(path: Path | None) -> RecordStore:
    """Return the store of bots at a path; the user's own by default."""
    if path is not None and path.is_dir():
        raise InvalidArgument("--store", f"must be a file, and {path} is a folder")
    if path is not None:
        return FileTokenStore(path)
    folder = Profiles().folder
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return FileTokenStore(folder / FILE)


def app_of(
    context: typer.Context,
    client_id: str | None,
    organization_id: str | None,
    base_url: str | None,
) -> tuple[str, str]:
    """Return the client id and the organization: as given, else of the profile or a sandbox.

    Raises:
        InvalidArgument: One of them is nowhere.
    """
    grant: Any = None
    if not (client_id and organization_id):
        grant = _grant_of(context)
    client_id = client_id or getattr(grant, "client_id", None)
    organization_id = organization_id or getattr(grant, "organization_id", None)
    if is_local(base_url) and not (client_id and organization_id):
        from frontdesk.sandbox.seeds.company import CLIENT_ID, ORGANIZATION_ID

        client_id, organization_id = client_id or CLIENT_ID, organization_id or ORGANIZATION_ID
    if not client_id:
        raise InvalidArgument(
            "--owner-client-id", "is required, here or as FRONTDESK_CLIENT_ID: that of your app"
        )
    if not organization_id:
        raise InvalidArgument(
            "--organization-id",
            "is required, here or as FRONTDESK_ORGANIZATION_ID; `frontdesk whoami` shows it",
        )
    return client_id, organization_id


def _grant_of(context: typer.Context) -> Any:
    """Return the log-in of the profile whose token is used, if one is."""
    name = call_of(context).profile
    profile = None if name is None else Profiles().get(name)
    return None if profile is None else profile.grant()
