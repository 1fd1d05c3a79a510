"""Where the command line keeps what bots log in with, and whom it registers them for."""

from pathlib import Path
from typing import Annotated, Final

import typer

from frontdesk.auth import FileTokenStore
from frontdesk.auth.stores.base import RecordStore
from frontdesk.cli.accounts.profiles import Profiles
from frontdesk.cli.arguments.organizations import OrganizationId, grant_of, required_organization
from frontdesk.cli.output.services import is_local
from frontdesk.errors import InvalidArgument
from frontdesk.well_known import CLIENT_ID

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
    client_id = client_id or getattr(grant_of(context), "client_id", None)
    if not client_id and is_local(base_url):
        client_id = CLIENT_ID
    if not client_id:
        raise InvalidArgument(
            "--owner-client-id", "is required, here or as FRONTDESK_CLIENT_ID: that of your app"
        )
    return client_id, required_organization(organization_id, base_url)
