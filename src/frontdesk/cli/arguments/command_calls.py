"""What is known of the command that runs: where its token and its addresses come from."""

import typer

__all__ = ["CommandCall", "Given", "call_of"]


class Given:
    """A value, and what messages call the place where it was given.

    ``name`` is an option, a variable or a profile; empty for a default, which nobody gave.
    """

    def __init__(self, value: str | None = None, name: str = "") -> None:
        self.value: str | None = value
        self.name: str = name

    def __repr__(self) -> str:
        return f"Given({self.value!r}, {self.name!r})"


class CommandCall:
    """One call of the command line, as its messages need it."""

    def __init__(self) -> None:
        self.token: Given = Given()
        """Where the token comes from; its value is not kept."""
        self.profile: str | None = None
        """The profile whose token is used, or that is logged in."""
        self.base_url: Given = Given()
        self.accounts_url: Given = Given()
        self.redirect_uri: str | None = None
        """Where a log-in comes back to."""
        self.has_secret: bool = False
        """Whether a log-in has the secret of its app."""

    def __repr__(self) -> str:
        return f"CommandCall(token={self.token!r})"


def call_of(context: typer.Context) -> CommandCall:
    """Return what is known of the command that runs in a context."""
    call: CommandCall = context.ensure_object(CommandCall)
    return call
