"""The options that commands of methods have besides the fields of the method."""

import os
from inspect import Parameter
from typing import Annotated, Any

import typer

from frontdesk.actions import Action
from frontdesk.cli.arguments.options import CUSTOMER_VARIABLE, BaseUrl, CustomerToken, Token
from frontdesk.cli.arguments.organizations import OrganizationId
from frontdesk.cli.call.irreversible import is_irreversible

__all__ = ["customer_token", "own_parameters"]

Api = Annotated[
    str | None,
    typer.Option(
        "--api",
        metavar="<agent|configuration|customer>",
        help="The API, for a method that several have; defaults to the first of them.",
    ),
]
Json = Annotated[
    str | None,
    typer.Option(
        "--json",
        metavar="JSON",
        help="The fields as a JSON object: the text, a @FILE with it, or - for the standard "
        "input. Options count before it.",
    ),
]
Raw = Annotated[
    bool, typer.Option("--raw", help="Print the body of the response as it came, unchecked.")
]
DryRun = Annotated[
    bool,
    typer.Option(
        "--dry-run", help="Print the request, without its secrets, and what it costs; send nothing."
    ),
]
All = Annotated[bool, typer.Option("--all", help="Read all pages; prints one item as JSON a line.")]
Budget = Annotated[
    int | None,
    typer.Option(
        "--budget", min=1, metavar="NUMBER", help="Make at most so many requests, for `--all`."
    ),
]
Yes = Annotated[
    bool,
    typer.Option(
        "--yes", "-y", help="Do not ask before what cannot be undone on the real service."
    ),
]
ApiVersion = Annotated[
    str | None,
    typer.Option(
        "--api-version",
        metavar="VERSION",
        help="Version of the API, such as 3.7; defaults to one with the method.",
    ),
]


def own_parameters(action: type[Action[Any]]) -> list[Parameter]:
    """Return the options that the command of a method has besides its fields.

    The names begin with ``call_`` where a method may have a field of the same name.
    """
    spec = action.spec
    is_web = "web" in spec.transports
    of_customers = spec.api == "customer"
    shown: dict[str, Any] = {"call_json": Json}
    if is_web:
        shown["call_raw"] = Raw
    shown["call_dry_run"] = DryRun
    if spec.page is not None:
        shown |= {"call_all": All, "call_budget": Budget}
    if is_irreversible(action):
        shown["call_yes"] = Yes
    shown |= {"call_api": Api, "call_api_version": ApiVersion}
    if of_customers or not is_web:
        shown["call_organization_id"] = OrganizationId
    shown["base_url"] = BaseUrl
    shown["customer_token" if of_customers else "token"] = CustomerToken if of_customers else Token
    flags = {"call_raw", "call_dry_run", "call_all", "call_yes"}
    return [
        Parameter(
            name,
            Parameter.KEYWORD_ONLY,
            default=False if name in flags else None,
            annotation=annotation,
        )
        for name, annotation in shown.items()
    ]


def customer_token(text: str | None) -> str | None:
    """Return the token of a customer, given or of the environment."""
    return text or os.environ.get(CUSTOMER_VARIABLE) or None
