"""What all commands have in common: plain help, and a profile beside each token."""

import re
from typing import Any, Final

from typer.core import TyperCommand

from frontdesk.cli.arguments.options import profile_option
from frontdesk.cli.arguments.organizations import fill_organization

__all__ = ["PlainCommand"]

_TYPE: Final = re.compile(r" <[^>]*>$")


class PlainCommand(TyperCommand):
    """A command whose help names its arguments without their types, such as ``<list[str]>``.

    One that takes a token takes a profile as well.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        names = [parameter.name for parameter in self.params]
        tokens = [names.index(name) for name in ("token", "customer_token") if name in names]
        if tokens and "profile" not in names:
            self.params.insert(tokens[0], profile_option())

    def invoke(self, ctx: Any) -> Any:
        """Run the command."""
        fill_organization(ctx, self.params)
        return super().invoke(ctx)

    def get_params(self, ctx: Any) -> list[Any]:
        """Return the parameters, the arguments among them with plain help."""
        return [_plain(parameter) for parameter in super().get_params(ctx)]


def _plain(parameter: Any) -> Any:
    if parameter.param_type_name == "argument" and "get_help_record" not in vars(parameter):
        whole = parameter.get_help_record

        def get_help_record(ctx: Any) -> tuple[str, str] | None:
            record = whole(ctx)
            return None if record is None else (_TYPE.sub("", record[0]), record[1])

        parameter.get_help_record = get_help_record
    return parameter
