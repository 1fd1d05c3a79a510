"""Who may call a served sandbox: programs, and no web page that nobody allowed.

A page that a developer has open can send requests to every address of the developer's machine. What
gives it away are headers that no page can set:

- ``Host`` names the page's own site when that had its name point to this machine (DNS rebinding);
- ``Origin`` names the site of the page whose script sends the request;
- ``Sec-Fetch-Site`` is there when a page has its browser load something without a script.

All of this is checked before a body is read.

Source: https://developer.mozilla.org/docs/Web/HTTP/Reference/Headers/Sec-Fetch-Site
"""

from collections.abc import Mapping, Sequence
from typing import Final

from msgspec import Struct

from frontdesk.errors import AuthorizationError
from frontdesk.hosts import is_loopback
from frontdesk.sandbox.serve.options import (
    ServerOptions,
    host_name,
    normal_address,
    normal_origin,
)
from frontdesk.sandbox.webhooks.delivery import USER_AGENT

__all__ = ["Caller", "CallerRules"]

_MOST_KNOWN: Final = 1000
_SHOWN: Final = 100
_FOREIGN_SITES: Final = ("cross-site", "same-site")
"""``same-site`` is foreign too: all ports of localhost are one site."""


class Caller(Struct, frozen=True, gc=False):
    """A request, as far as it tells who calls.

    Args:
        headers: the headers by their names in lower case.
        hosts: all ``Host`` headers.
        origins: all ``Origin`` headers.
        address: of the machine that calls, empty if it is not known.
        local: the address of this machine that was called.
    """

    headers: Mapping[str, str]
    hosts: Sequence[str]
    origins: Sequence[str]
    address: str = ""
    local: str = ""


class CallerRules:
    """Which callers a sandbox serves.

    Args:
        options: where and to whom it is served.
    """

    def __init__(self, options: ServerOptions | None = None) -> None:
        options = options or ServerOptions()
        self._scheme = "https" if options.tls else "http"
        self._open = options.open_control
        bound = normal_address(options.host) or options.host.lower().removesuffix(".")
        self._names = {*options.allow_hosts, bound}
        self._parents = tuple(name for name in options.allow_hosts if name.startswith("."))
        self._origins = {normal_origin(origin) for origin in options.allow_origins}
        self._known: set[str] = set()

    def knows(self, headers: Mapping[str, str]) -> bool:
        """Whether a request without repeated headers is from a program that has called before."""
        return (
            "origin" not in headers
            and "sec-fetch-site" not in headers
            and headers.get("user-agent") != USER_AGENT
            and headers.get("host") in self._known
        )

    def check(self, caller: Caller, *, reads: bool = False) -> str | None:
        """Check a call of the API.

        Args:
            caller: who calls.
            reads: whether the request can only read, as GET does.

        Returns the origin of the web page that is to see the response, None if no page calls.
        Raises ``AuthorizationError``.
        """
        if caller.headers.get("user-agent") == USER_AGENT:
            # Behind a forwarded port it cannot tell that an address is its own.
            raise AuthorizationError("webhooks of a sandbox are not for a sandbox")
        host = self._check_host(caller)
        if caller.origins:
            return self._check_origin(caller, host)
        site = caller.headers.get("sec-fetch-site", "")
        if site in _FOREIGN_SITES and not self._may_load(caller, reads=reads):
            raise AuthorizationError(
                "this sandbox is not for web pages of other sites; `--allow-origin` allows one"
            )
        return None

    def check_control(self, caller: Caller) -> None:
        """Check a call of the controls, which are for no page but those of the sandbox itself.

        Raises ``AuthorizationError``.
        """
        if not self._open and not is_loopback(caller.address):
            raise AuthorizationError("the controls are for callers on the same machine only")
        if caller.headers.get("user-agent") == USER_AGENT:
            raise AuthorizationError("the controls are not for webhooks of a sandbox")
        host = self._check_host(caller)
        foreign = caller.headers.get("sec-fetch-site") in _FOREIGN_SITES
        if foreign or (caller.origins and not self._is_own(caller, host)):
            raise AuthorizationError("the controls are not for web pages of other sites")

    def check_page(self, caller: Caller, *, reads: bool) -> None:
        """Check a call of the page where an account is chosen, for which nobody needs a password.

        So it is for those whom the controls are for, but other pages may lead to it.

        Args:
            caller: who calls.
            reads: whether the request is a GET.

        Raises ``AuthorizationError``.
        """
        if not self._open and not is_loopback(caller.address):
            raise AuthorizationError("logging in is for callers on the same machine only")
        if caller.headers.get("user-agent") == USER_AGENT:
            raise AuthorizationError("logging in is not for webhooks of a sandbox")
        host = self._check_host(caller)
        foreign = caller.headers.get("sec-fetch-site") in _FOREIGN_SITES
        follows = (
            reads
            and caller.headers.get("sec-fetch-mode") == "navigate"
            and caller.headers.get("sec-fetch-dest", "document") == "document"
        )
        if (foreign and not follows) or (caller.origins and not self._is_own(caller, host)):
            raise AuthorizationError("web pages of other sites may lead to this one, and no more")

    def _check_host(self, caller: Caller) -> str:
        header = caller.hosts[0] if len(caller.hosts) == 1 else ""
        if header not in self._known:
            name = host_name(header)
            if name is None or not self._is_served(name, caller.local):
                shown = f"`{header[:_SHOWN]}`" if header else "none or several"
                raise AuthorizationError(
                    f"`Host` must be this machine, or a name given by `--allow-host`, not {shown}"
                )
            if len(self._known) < _MOST_KNOWN:
                self._known.add(header)
        return header

    def _is_served(self, name: str, local: str) -> bool:
        return (
            is_loopback(name)
            or name in self._names
            or name == normal_address(local.partition("%")[0])
            or (bool(self._parents) and name.endswith(self._parents))
        )

    def _is_own(self, caller: Caller, host: str) -> bool:
        origin = normal_origin(caller.origins[0]) if len(caller.origins) == 1 else None
        return origin is not None and origin == normal_origin(f"{self._scheme}://{host}")

    def _check_origin(self, caller: Caller, host: str) -> str | None:
        if self._is_own(caller, host):
            return None
        origin = caller.origins[0]
        normal = normal_origin(origin) if len(caller.origins) == 1 else None
        if normal is None or normal not in self._origins:
            raise AuthorizationError(
                f"`Origin` must be this sandbox's own, or given by `--allow-origin`, "
                f"not `{origin[:_SHOWN]}`"
            )
        return origin

    def _may_load(self, caller: Caller, *, reads: bool) -> bool:
        """Whether a page may have its browser load something: a link, a picture of one allowed."""
        if not reads:
            return False
        if caller.headers.get("sec-fetch-mode") == "navigate":
            return True
        scheme, _, rest = caller.headers.get("referer", "").partition("://")
        page = normal_origin(f"{scheme}://{rest.partition('/')[0]}")
        return page is not None and page in self._origins
