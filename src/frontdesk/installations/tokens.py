"""The token of an organization: one that tells when an installation has ended."""

from collections.abc import Awaitable, Callable
from typing import TypeAlias

from frontdesk.auth import Token
from frontdesk.auth.oauth import AsyncOAuthToken, OAuthToken
from frontdesk.errors import InstallationEnded, InvalidArgument, LoginRequired, NotInstalled

__all__ = ["AsyncInstallationToken", "InstallationToken", "ended_error"]

OnEnd: TypeAlias = Callable[[str, LoginRequired], NotInstalled]
OnEndAsync: TypeAlias = Callable[[str, LoginRequired], Awaitable[NotInstalled]]
OnRegion: TypeAlias = Callable[[str, str], None]


class InstallationToken:
    """A ``TokenProvider`` for sync and async clients.

    Args:
        organization_id: whose token it is.
        source: what keeps the token fresh.
        on_end: is told that there is no token any more, and returns the error to raise.
        on_region: is told which data centre the organization is in, when a server says so.
    """

    def __init__(
        self, organization_id: str, source: OAuthToken, on_end: OnEnd, on_region: OnRegion
    ) -> None:
        self._organization_id = organization_id
        self.source: OAuthToken = source
        self._on_end = on_end
        self._on_region = on_region

    def token(self, refused: Token | None = None) -> Token:
        """Return a token that is fit for use; as ``OAuthToken.token``."""
        try:
            return self.source.token(refused)
        except LoginRequired as error:
            failure = self._on_end(self._organization_id, error)
        raise failure

    def region_learned(self, region: str) -> None:
        """Keep the data centre that a server has named with the installation."""
        self._on_region(self._organization_id, region)

    async def token_async(self, refused: Token | None = None) -> Token:
        """Refuse to serve an async client.

        Raises:
            InvalidArgument: Always.
        """
        raise InvalidArgument("token", "must be of AsyncClients for an async client")

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self._organization_id}>"


class AsyncInstallationToken:
    """As ``InstallationToken``, for async clients only."""

    def __init__(
        self,
        organization_id: str,
        source: AsyncOAuthToken,
        on_end: OnEndAsync,
        on_region: OnRegion,
    ) -> None:
        self._organization_id = organization_id
        self.source: AsyncOAuthToken = source
        self._on_end = on_end
        self._on_region = on_region

    def region_learned(self, region: str) -> None:
        """Keep the data centre that a server has named with the installation."""
        self._on_region(self._organization_id, region)

    def token(self, refused: Token | None = None) -> Token:
        """Refuse to serve a sync client.

        Raises:
            InvalidArgument: Always.
        """
        return self.source.token(refused)

    async def token_async(self, refused: Token | None = None) -> Token:
        """Return a token that is fit for use; as ``AsyncOAuthToken.token_async``."""
        try:
            return await self.source.token_async(refused)
        except LoginRequired as error:
            failure = await self._on_end(self._organization_id, error)
        raise failure

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self._organization_id}>"


def ended_error(organization_id: str, reason: str, error: LoginRequired | None) -> NotInstalled:
    """Make the error of an installation that has ended, with what the server said."""
    description = f"the installation of the organization {organization_id} has ended"
    if reason:
        description += f": {reason}"
    failure = InstallationEnded(
        description,
        error=error.error if error else "",
        sub_error=error.sub_error if error else "",
        status=error.status if error else 0,
        request_id=error.request_id if error else None,
    )
    failure.organization_id = organization_id
    return failure
