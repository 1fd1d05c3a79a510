"""Profiles: log-ins of the command line, each under a name, in the user's folder for settings.

The tokens are in one file with the rights 0600, or in the keyring of the system. Beside a token is
what it takes to renew it: the secret of its app, if any, and the address of the accounts server.
"""

import logging
import os
import re
import secrets
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from frontdesk.auth import FileTokenStore, KeyringTokenStore, OAuth, Token, TokenGrant
from frontdesk.auth.oauth import DEFAULT_ACCOUNTS_URL
from frontdesk.auth.stores.base import Record, RecordStore
from frontdesk.cli.accounts.counting import CountedTransport
from frontdesk.clients.options import DEFAULT_BASE_URL
from frontdesk.errors import InvalidArgument, TokenStoreDamaged, TokenStoreError
from frontdesk.redaction import register
from frontdesk.suggestions import did_you_mean
from frontdesk.transport.base import Transport

__all__ = ["DEFAULT_PROFILE", "App", "Profile", "ProfileToken", "Profiles", "check_profile"]

DEFAULT_PROFILE: Final = "default"
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_KEYRING: Final = "keyring/"
"""Begins the key, in the file, of a profile whose token is in the keyring."""
log: Final = logging.getLogger("frontdesk")
_encode = msgspec.json.Encoder().encode


class App(Struct, frozen=True, kw_only=True):
    """The app that a profile logs in with, and where."""

    client_id: str
    client_secret: str | None = None
    accounts_url: str
    base_url: str | None = None
    """Where the API is, as it was given at the log-in."""
    region: str | None = None
    """The data centre that the API has named, if it is not that of the token."""

    @property
    def api_url(self) -> str | None:
        """Where the API is; ``None`` if nothing tells."""
        if self.base_url is not None:
            return self.base_url
        if self.accounts_url == DEFAULT_ACCOUNTS_URL:
            return DEFAULT_BASE_URL
        # As a sandbox has it.
        root = self.accounts_url.removesuffix("/accounts")
        return root if root != self.accounts_url else None

    def __post_init__(self) -> None:
        register(self.client_secret or "")

    def __repr__(self) -> str:
        return f"App({self.client_id!r}, {self.accounts_url!r})"

    def oauth(
        self, redirect_uri: str | None = None, *, transport: Transport | None = None
    ) -> OAuth:
        """Return what talks to the accounts server; to be closed."""
        return OAuth(
            self.client_id,
            self.client_secret,
            redirect_uri=redirect_uri,
            accounts_url=self.accounts_url,
            transport=transport,
        )


class Profile:
    """A log-in that is stored.

    ``store`` has its token under ``name``; ``in_keyring`` says which store that is.
    """

    def __init__(self, name: str, store: RecordStore, *, in_keyring: bool) -> None:
        self.name = name
        self.store = store
        self.in_keyring = in_keyring

    def grant(self) -> TokenGrant | None:
        """Return the token as it is stored, and what is to know of it.

        Raises:
            TokenStoreError: The store cannot be used.
        """
        return self.store.load(self.name)

    def app(self) -> App:
        """Return the app that the token was issued to.

        Raises:
            InvalidArgument: There is no such log-in any more.
            TokenStoreError: The store cannot be used.
        """
        grant = self.grant()
        record = None
        if grant is not None and grant.client_id:
            record = self.store.read(_app_key(self.name, grant.client_id))
        if record is None:
            raise InvalidArgument("--profile", f"has no log-in called {self.name!r} any more")
        try:
            return msgspec.json.decode(record.text, type=App)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            pass
        raise TokenStoreDamaged(
            f"what {self.store.place()} has of the profile {self.name!r} is damaged; log in again"
        )

    def remember(self, app: App) -> None:
        """Store an app. The token of another one stays usable until it is replaced."""
        key = _app_key(self.name, app.client_id)
        written = False
        while not written:
            present = self.store.read(key)
            record = Record(secrets.token_hex(8), _encode(app).decode())
            written = self.store.write(key, record, None if present is None else present.version)

    def forget(self, *, but: str | None = None) -> None:
        """Delete the apps, but the one with that client id; without one, the token as well."""
        if but is None:
            self.store.delete(self.name)
        kept = None if but is None else _app_key(self.name, but)
        for key in list(self.store.keys()):
            if key.startswith(_app_key(self.name, "")) and key != kept:
                self.store.remove(key)


class ProfileToken:
    """The token of a profile, which renews itself: a ``TokenProvider``.

    It goes to the data centre that the API has named, and keeps what the API names.
    """

    def __init__(self, profile: Profile, app: App) -> None:
        self._profile = profile
        self._app = app
        self._transport = CountedTransport(app.accounts_url)
        self._oauth = app.oauth(transport=self._transport)
        self._source = self._oauth.token_source(profile.store, key=profile.name)

    @property
    def requests(self) -> int:
        """How many requests were sent to renew it; none of them is billed."""
        return self._transport.requests

    def token(self, refused: Token | None = None) -> Token:
        """Return a token that is fit for use; as ``OAuthToken.token``."""
        return self._in_region(self._source.token(refused))

    async def token_async(self, refused: Token | None = None) -> Token:
        """Return a token that is fit for use; as ``OAuthToken.token_async``."""
        return self._in_region(await self._source.token_async(refused))

    def region_learned(self, region: str) -> None:
        """Keep the data centre that the API has named for the next command."""
        self._app = msgspec.structs.replace(self._app, region=region)
        try:
            self._profile.remember(self._app)
        except TokenStoreError as error:
            log.warning("the region of %r could not be stored: %s", self._profile.name, error)

    def close(self) -> None:
        """Close the connections."""
        self._oauth.close()

    def _in_region(self, token: Token) -> Token:
        if self._app.region in (None, token.region):
            return token
        return Token(
            token.authorization,
            self._app.region,
            expires_at=token.expires_at,
            renew_at=token.renew_at,
        )

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._profile.name!r}>"


class Profiles:
    """The log-ins of the user.

    Args:
        folder: where they are kept; defaults to ``frontdesk`` in the user's folder for settings
            (``XDG_CONFIG_HOME``, ``APPDATA`` on Windows, else ``~/.config``).
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.folder: Path = folder or _settings() / "frontdesk"
        self._file = FileTokenStore(self.folder / "tokens.json")

    def names(self) -> list[str]:
        """Return the names of all profiles, in order.

        Raises:
            TokenStoreError: The file cannot be used.
        """
        keys = self._file.keys()
        names = {key for key in keys if "/" not in key}
        return sorted(names | {key.removeprefix(_KEYRING) for key in keys if _marks(key)})

    def get(self, name: str) -> Profile | None:
        """Return a profile; ``None`` if there is none of that name."""
        check_profile(name)
        keys = self._file.keys()
        if _KEYRING + name in keys:
            return Profile(name, KeyringTokenStore(), in_keyring=True)
        return Profile(name, self._file, in_keyring=False) if name in keys else None

    def required(self, name: str, argument: str = "--profile") -> Profile:
        """Return a profile.

        Raises:
            InvalidArgument: There is none of that name.
            TokenStoreError: The file cannot be used.
        """
        profile = self.get(name)
        if profile is not None:
            return profile
        hint = did_you_mean(name, self.names())
        login = "" if name == DEFAULT_PROFILE else f" --profile {name}"
        raise InvalidArgument(
            argument,
            f"names {name!r}, which has no log-in{hint}; `frontdesk login{login}` makes it",
        )

    def new(self, name: str, *, in_keyring: bool) -> Profile:
        """Return a place for a log-in; ``settle`` makes it the profile of that name."""
        check_profile(name)
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        store = KeyringTokenStore() if in_keyring else self._file
        return Profile(name, store, in_keyring=in_keyring)

    def settle(self, profile: Profile, client_id: str) -> None:
        """Make the log-in of a profile the only one of its name, after it was stored."""
        mark = _KEYRING + profile.name
        profile.forget(but=client_id)
        if profile.in_keyring:
            present = self._file.read(mark)
            record = Record(secrets.token_hex(8), "keyring")
            self._file.write(mark, record, None if present is None else present.version)
            Profile(profile.name, self._file, in_keyring=False).forget()
        elif self._file.read(mark) is not None:
            self._file.remove(mark)
            Profile(profile.name, KeyringTokenStore(), in_keyring=True).forget()

    def remove(self, profile: Profile) -> None:
        """Forget a profile."""
        profile.forget()
        self._file.remove(_KEYRING + profile.name)


def check_profile(name: str) -> str:
    """Refuse what is no name of a profile; raises ``InvalidArgument``."""
    if not _NAME.fullmatch(name):
        raise InvalidArgument(
            "--profile", "must be letters, digits and `._-`, such as `work`, 64 at most"
        )
    return name


def _app_key(name: str, client_id: str) -> str:
    return f"app/{name}/{client_id}"


def _marks(key: str) -> bool:
    return key.startswith(_KEYRING)


def _settings() -> Path:
    """Return where the user's programs keep their settings."""
    folder = os.environ.get("XDG_CONFIG_HOME") or os.environ.get("APPDATA")
    return Path(folder) if folder else Path.home() / ".config"
