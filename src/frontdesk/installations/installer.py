"""Installing and uninstalling an app: the log-in, the webhooks, and what the user does with it."""

import asyncio
import time
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from functools import partial
from logging import getLogger
from typing import Any, ClassVar, Final, Generic, TypeAlias, TypeVar
from urllib.parse import parse_qsl, urlsplit

import msgspec
from msgspec import Struct

from frontdesk.actions import RegisterWebhook, UnregisterWebhook
from frontdesk.auth.grants import Hiding, TokenGrant, TokenInfo
from frontdesk.auth.steps import SERVER_ERROR, StoreWork, to_its_end
from frontdesk.concurrency.stepwise import drive, drive_async
from frontdesk.errors import (
    APIError,
    BudgetExceeded,
    DecodeError,
    FrontdeskError,
    InvalidArgument,
    LoginRequired,
    NotFound,
    TemporarilyUnavailable,
    TransportError,
)
from frontdesk.installations.attempts import Attempts, signing_keys
from frontdesk.installations.clients import AsyncClients, Clients, called
from frontdesk.installations.pages import (
    InstallResponse,
    failed,
    installed,
    is_callback,
    refused_method,
    sent_to,
)
from frontdesk.installations.store import Installation
from frontdesk.redaction import SecretText, log_failure
from frontdesk.spec.arguments import check_count, check_function, check_handler

__all__ = ["AsyncInstaller", "Installer", "LoginStart"]

R = TypeVar("R")
K = TypeVar("K", Clients, AsyncClients)
Callback: TypeAlias = str | Mapping[str, str]
Webhooks: TypeAlias = (
    Iterable[RegisterWebhook] | Callable[[Installation], Iterable[RegisterWebhook]]
)

LIFETIME: Final = 600
logger: Final = getLogger("frontdesk")


class LoginStart(Hiding, frozen=True, kw_only=True):
    """A log-in that was begun: redirect the browser to ``url``, and set the cookie."""

    not_shown: ClassVar[frozenset[str]] = frozenset({"cookie"})
    url: str
    """Where to send the browser."""
    cookie: str
    """The value of the header ``Set-Cookie``."""


class Ask(Struct, frozen=True):
    """Call a method of a client or of ``OAuth``; those of async ones are awaited."""

    call: Callable[[], Any]


class Tell(Struct, frozen=True):
    """Call a function of the user's."""

    function: Callable[..., object]
    installation: Installation


class Progress:
    """How far a log-in has come; ``may_go_on``: what it needs is unspent, so it can be retried."""

    def __init__(self) -> None:
        self.may_go_on: bool = False


Steps: TypeAlias = Generator[Ask | Tell | StoreWork, Any, R]


class InstallerBase(Generic[K]):
    """What both kinds of ``Installer`` share."""

    def __init__(
        self,
        clients: K,
        *,
        secret: str | Iterable[str],
        redirect_uri: str | None = None,
        scopes: Sequence[str] = (),
        prompt: str | None = None,
        webhooks: Webhooks = (),
        on_installed: Callable[[Installation], object] | None = None,
        on_uninstalled: Callable[[Installation], object] | None = None,
        after: str | Callable[[Installation], str] | None = None,
        lifetime: int = LIFETIME,
    ) -> None:
        """Say how the app is installed; nothing is sent yet.

        Arguments:

        - ``clients``: of the app; their store gets the installations.
        - ``secret``: signs the cookies of log-ins: a random text of 16 characters or more, the same
          in all processes, and none that is used elsewhere; several while you rotate it.
        - ``redirect_uri``: where the browser comes back to, which is also where the app is
          installed from; defaults to that of the ``OAuth`` of the clients.
        - ``scopes``: what to ask for; all scopes of the app if empty.
        - ``prompt``: ``consent`` asks the user again, for tests.
        - ``webhooks``: what to register for each organization that installs the app, or a function
          that returns it for an installation. Those of an earlier installation are unregistered.
        - ``on_installed``, ``on_uninstalled``: called with the installation afterwards.
        - ``after``: where the browser is sent to once the app is installed, or a function that
          returns it for an installation; a plain page says so by default.
        - ``lifetime``: seconds that a log-in may take.

        Raises:
            InvalidArgument: An argument does not fit.
        """
        keys = signing_keys(secret)
        del secret
        self._check_clients(clients)
        check_count("lifetime", lifetime)
        self._check_functions(on_installed=on_installed, on_uninstalled=on_uninstalled)
        if after is not None and not isinstance(after, str):
            check_function("after", after, instead=": nothing would await it")
        if not callable(webhooks):
            webhooks = tuple(webhooks)
        # Refuses what does not fit; its state is not used.
        probe = clients.oauth.start_login(redirect_uri, scopes=scopes, prompt=prompt)
        if not callable(webhooks):
            check_webhooks(webhooks, probe.client_id)
        self._clients: K = clients
        self._scopes = probe.scopes
        self._prompt = prompt
        self._webhooks = webhooks
        self._on_installed = on_installed
        self._on_uninstalled = on_uninstalled
        self._after = after
        self.attempts: Attempts = Attempts(
            keys, probe.client_id, probe.redirect_uri, lifetime, time.time
        )

    @property
    def redirect_uri(self) -> str:
        """Where the app is installed from, and where the browser comes back to."""
        return self.attempts.redirect_uri

    def begin(self) -> LoginStart:
        """Begin a log-in; nothing is sent yet.

        Returns:
            Where to send the browser, and the cookie that it has to bring back to ``finish``.
        """
        attempt, cookie = self.attempts.begin()
        url = self._clients.oauth.authorization_url(
            attempt.redirect_uri,
            state=attempt.state,
            scopes=self._scopes,
            pkce="S256",
            code_verifier=attempt.code_verifier,
            prompt=self._prompt,
        )
        return LoginStart(url=url, cookie=cookie)

    @staticmethod
    def _check_clients(clients: Any) -> None:
        raise NotImplementedError

    @staticmethod
    def _check_functions(**functions: Callable[..., object] | None) -> None:
        for name, function in functions.items():
            if function is not None:
                check_handler(name, function)

    def _finishing(
        self, callback: Callback, cookies: str, progress: "Progress"
    ) -> Steps[Installation]:
        clients, store = self._clients, self._clients.store
        attempt = self.attempts.find(state_of(callback), cookies)
        # A code is good for one use: it is not spent where its token cannot be kept.
        progress.may_go_on = True
        yield StoreWork(store.check)
        try:
            grant: TokenGrant = yield Ask(partial(clients.oauth.exchange, callback, attempt))
        except BaseException as error:
            progress.may_go_on = leaves_the_code(error)
            raise
        progress.may_go_on = False
        organization_id = grant.organization_id
        if organization_id is None:
            info: TokenInfo = yield Ask(partial(clients.oauth.introspect, grant))
            organization_id = info.organization_id
        if organization_id is None:
            raise DecodeError("the token does not tell its organization; check `accounts_url`")
        installation: Installation = yield StoreWork(partial(store.add, grant, organization_id))
        clients.refresh(organization_id)
        current = yield from self._with_webhooks(installation)
        if current is None:
            # Another log-in of the organization was finished meanwhile, and does the rest.
            later: Installation | None = yield StoreWork(partial(store.load, organization_id))
            return later or installation
        clients.refresh(organization_id)
        if self._on_installed is not None:
            yield Tell(self._on_installed, current)
        return current

    def _with_webhooks(self, installation: Installation) -> Steps[Installation | None]:
        """Register the webhooks of an installation in place of those of the one before it."""
        actions = self._webhooks(installation) if callable(self._webhooks) else self._webhooks
        actions = check_webhooks(actions, self.attempts.client_id)
        if not actions and not installation.webhook_ids:
            return installation
        client: Any = yield Ask(partial(self._clients.of, installation.organization_id))
        configuration = client.configuration()
        current: Installation | None = installation
        for webhook_id in installation.webhook_ids:
            yield from _unregistering(configuration, webhook_id, installation)
            current = yield self._changing(installation, webhook_id, added=False)
        for action in actions:
            if current is None:
                break
            registered = yield Ask(partial(configuration, action))
            current = yield self._changing(installation, registered.id, added=True)
            if current is None:
                yield from _unregistering(configuration, registered.id, installation)
        return current

    def _changing(self, installation: Installation, webhook_id: str, *, added: bool) -> StoreWork:
        def changed(present: Installation) -> Installation:
            kept: list[str] = [each for each in present.webhook_ids if each != webhook_id]
            if added:
                kept.append(webhook_id)
            return msgspec.structs.replace(present, webhook_ids=tuple(kept))

        return StoreWork(partial(self._clients.store.change, installation, changed))

    def _uninstalling(self, organization_id: str) -> Steps[bool]:
        clients, store = self._clients, self._clients.store
        installation: Installation | None = yield StoreWork(partial(store.load, organization_id))
        if installation is None:
            return False
        try:
            if installation.webhook_ids:
                client: Any = yield Ask(partial(clients.of, organization_id))
                configuration = client.configuration()
                for webhook_id in installation.webhook_ids:
                    yield from _unregistering(configuration, webhook_id, installation)
        except (APIError, BudgetExceeded, LoginRequired) as error:
            # Without a good token nobody can unregister them; they are refused from now on.
            logger.warning("webhooks of %s stay registered: %s", organization_id, error)
        yield Ask(partial(clients.revoke, organization_id))
        yield StoreWork(partial(store.remove, organization_id))
        clients.refresh(organization_id)
        if self._on_uninstalled is not None:
            yield Tell(self._on_uninstalled, installation)
        return True

    def _responding(self, method: str, query: str, cookies: str) -> Steps[InstallResponse]:
        if method != "GET":
            return refused_method()
        if not is_callback(query):
            start = self.begin()
            return sent_to(start.url, start.cookie)
        cookie = self._end_of(query)
        progress = Progress()
        try:
            installation = yield from self._finishing(SecretText(query), cookies, progress)
            url = self._after(installation) if callable(self._after) else self._after
        except FrontdeskError as error:
            logger.warning("the app was not installed: %s: %s", type(error).__name__, error)
            if progress.may_go_on:
                # The cookie stays, so that the same address can be opened again.
                return failed(error, self.redirect_uri, None, is_reusable=True)
            return failed(error, self.redirect_uri, cookie)
        except Exception as error:  # noqa: BLE001 - of the user's functions; it is logged
            log_failure(logger, "`on_installed` or `after` failed", error=error)
            return failed(error, self.redirect_uri, cookie)
        return installed(cookie) if url is None else sent_to(url, cookie)

    def _end_of(self, query: str) -> str | None:
        """Return what deletes the cookie of a callback, or a reload would send its code again.

        The server takes that for theft, and ends the tokens that the code was exchanged for.
        """
        try:
            return self.attempts.end(state_of(query))
        except FrontdeskError:
            return None

    def __repr__(self) -> str:
        attempts: Attempts | None = self.__dict__.get("attempts")
        return f"<{type(self).__name__} {attempts.redirect_uri if attempts else ''}>"


class Installer(InstallerBase[Clients]):
    """Installs an app for the organizations that log in to it, and uninstalls it.

    ::

        installer = Installer(clients, secret=os.environ["COOKIE_SECRET"], on_installed=welcome)

    One address does it all: opened in a browser, ``redirect_uri`` sends it to LiveChat to log in,
    and there it comes back to. ``frontdesk.installations.adapters`` has handlers for WSGI and
    Django; ``AsyncInstaller`` is for ASGI.
    """

    def finish(self, callback: Callback, cookies: str) -> Installation:
        """Finish a log-in: check it, and install the app for the organization of the user.

        Args:
            callback: the address that the browser came back to, its query, or the parameters.
            cookies: the header ``Cookie`` of the request.

        Returns:
            The installation; its tokens are stored, its webhooks registered.

        Raises:
            StateMismatch: The callback belongs to no log-in of this browser.
            RedirectMismatch: It came to another address, or the server says so.
            AccessDenied: The user did not let the app in.
            InvalidGrant: The code was used before, or has expired.
            OAuthError: The accounts server refuses, for another reason.
            TokenStoreError: The store cannot be used. Where that shows before the code is spent,
                the same callback can be finished later.
            APIError: A webhook was refused; the app is installed without it.
            TransportError: There is no response.
        """
        if isinstance(callback, str):
            callback = SecretText(callback)
        return run(self._finishing(callback, cookies, Progress()))

    def uninstall(self, organization_id: str) -> bool:
        """Unregister the webhooks of an organization, revoke its tokens, and forget it.

        Returns:
            Whether it had installed the app.

        Raises:
            OAuthError: The accounts server refuses to revoke; the app stays installed.
            TransportError: There is no response; call it again.
            TokenStoreError: The store cannot be used.
        """
        return run(self._uninstalling(organization_id))

    def respond(self, method: str, query: str, cookies: str) -> InstallResponse:
        """Respond to a request for ``redirect_uri``; what the adapters call.

        Args:
            method: the HTTP method.
            query: the query of the address, without its question mark.
            cookies: the header ``Cookie``; empty without one.
        """
        return run(self._responding(method, SecretText(query), cookies))

    @staticmethod
    def _check_clients(clients: Any) -> None:
        if not isinstance(clients, Clients):
            raise InvalidArgument("clients", "must be Clients; AsyncInstaller takes AsyncClients")

    @staticmethod
    def _check_functions(**functions: Callable[..., object] | None) -> None:
        for name, function in functions.items():
            if function is not None:
                check_function(name, function, instead=": use AsyncInstaller")


class AsyncInstaller(InstallerBase[AsyncClients]):
    """Installs an app for many organizations; as ``Installer``, for async programs.

    ``on_installed`` and ``on_uninstalled`` may be async; those that are not run in threads.
    """

    async def finish(self, callback: Callback, cookies: str) -> Installation:
        """Finish a log-in; as ``Installer.finish``."""
        if isinstance(callback, str):
            callback = SecretText(callback)
        return await run_whole(self._finishing(callback, cookies, Progress()))

    async def uninstall(self, organization_id: str) -> bool:
        """Unregister the webhooks, revoke the tokens, forget; as ``Installer.uninstall``."""
        return await run_whole(self._uninstalling(organization_id))

    async def respond(self, method: str, query: str, cookies: str) -> InstallResponse:
        """Respond to a request for ``redirect_uri``; as ``Installer.respond``."""
        return await run_whole(self._responding(method, SecretText(query), cookies))

    @staticmethod
    def _check_clients(clients: Any) -> None:
        if not isinstance(clients, AsyncClients):
            raise InvalidArgument("clients", "must be AsyncClients; Installer takes Clients")


def _unregistering(configuration: Any, webhook_id: str, installation: Installation) -> Steps[None]:
    """Unregister a webhook, if it is there."""
    action = UnregisterWebhook(id=webhook_id, owner_client_id=installation.client_id or "-")
    try:
        yield Ask(partial(configuration, action))
    except NotFound:
        """Somebody else has unregistered it."""


def check_webhooks(webhooks: Iterable[object], client_id: str) -> tuple[RegisterWebhook, ...]:
    """Refuse what cannot be registered, and unregistered again; raises ``InvalidArgument``."""
    actions: list[RegisterWebhook] = []
    for action in webhooks:
        if not isinstance(action, RegisterWebhook):
            raise InvalidArgument("webhooks", "must be RegisterWebhook actions")
        if action.owner_client_id != client_id:
            raise InvalidArgument(
                "webhooks", f"must have the app's client id, {client_id}, as `owner_client_id`"
            )
        actions.append(action)
    return tuple(actions)


def leaves_the_code(error: BaseException) -> bool:
    """Tell whether the code of a log-in is certainly unspent after an exchange failed."""
    match error:
        case TransportError():
            return not error.maybe_sent
        case TemporarilyUnavailable():
            # With `server_error` it failed halfway, for all that is known.
            return error.error != SERVER_ERROR
        case _:
            return False


def state_of(callback: Callback) -> str:
    """Return the state that a callback brought back; empty without one."""
    if not isinstance(callback, str):
        return SecretText(callback.get("state", ""))
    try:
        parts = urlsplit(callback)
        query = parts.query or ("" if parts.netloc else callback)
        return SecretText(dict(parse_qsl(query, max_num_fields=50)).get("state", ""))
    except ValueError:
        return ""


def run(steps: Steps[R]) -> R:
    """Do what an installer asks for, in this thread."""

    def do(step: Any) -> Any:
        return step.function(step.installation) if isinstance(step, Tell) else step.call()

    return drive(steps, do)


async def run_async(steps: Steps[R]) -> R:
    """Do what an installer asks for, in this task; work on the store in threads."""

    async def do(step: Any) -> Any:
        match step:
            case Tell():
                return await called(step.function, step.installation)
            case StoreWork():
                return await to_its_end(step.call)
            case _:
                return await step.call()

    return await drive_async(steps, do)


_running: set["asyncio.Task[Any]"] = set()


async def run_whole(steps: Steps[R]) -> R:
    """Do as ``run_async``, to the end even if this task is cancelled: a browser that goes away.

    A code that was exchanged is worth an installation; half of one helps nobody.
    """
    task = asyncio.create_task(run_async(steps))
    _running.add(task)
    task.add_done_callback(_ended)
    return await asyncio.shield(task)


def _ended(task: "asyncio.Task[Any]") -> None:
    _running.discard(task)
    if not task.cancelled():
        task.exception()  # seen, or the loop would complain that nobody did
