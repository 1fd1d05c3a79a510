"""Options that several commands have."""

from typing import Annotated

import typer

__all__ = ["BaseUrl", "Token"]

BaseUrl = Annotated[
    str | None,
    typer.Option(
        metavar="URL",
        envvar="FRONTDESK_BASE_URL",
        help="Where the API is, such as a sandbox; defaults to LiveChat.",
    ),
]
Token = Annotated[
    str | None,
    typer.Option(
        metavar="TOKEN",
        envvar="FRONTDESK_TOKEN",
        help="Token of an agent or a bot. Other users of this machine can see it here, so rather "
        "set the variable.",
    ),
]
