"""What a log-in has stored."""

from pathlib import Path

from frontdesk.auth import FileTokenStore, TokenGrant


def stored(settings: Path, name: str = "default") -> TokenGrant | None:
    return FileTokenStore(settings / "frontdesk" / "tokens.json").load(name)


def end_access_token(served, grant: TokenGrant) -> None:
    """Have the server end the access token of a log-in, and nothing else."""
    served.revoke_token(f"Bearer {grant.access_token}")
