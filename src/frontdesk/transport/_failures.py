"""What can go wrong on the way, in the same words for every transport."""

from types import TracebackType
from typing import Final, TypeVar
from urllib.parse import urlsplit

from frontdesk.errors import ConnectError, ConnectionClosed, RequestTimeout

__all__ = ["Failures", "without_library_frames"]

E = TypeVar("E", bound=BaseException)

LIBRARIES: Final = frozenset({"aiohttp", "asyncio", "http", "socket", "ssl", "urllib3"})


class Failures:
    """The errors of requests to one address."""

    def __init__(self, base_url: str) -> None:
        self._host = urlsplit(base_url).netloc

    def unreachable(self, reason: object) -> ConnectError:
        """No connection was made."""
        return ConnectError(
            f"no connection to {self._host}: {reason}; check `base_url`, the network and the proxy"
        )

    def unknown_host(self) -> ConnectError:
        """No address belongs to the name."""
        return ConnectError(
            f"the host name {self._host} cannot be resolved; check `base_url` and the network"
        )

    def not_trusted(self, reason: object) -> ConnectError:
        """The TLS handshake failed."""
        return ConnectError(
            f"the TLS connection to {self._host} failed: {reason}; "
            "check the clock, the host name and the certificate authorities"
        )

    def slow_to_connect(self, timeout: float) -> ConnectError:
        """No connection was made in time."""
        return self.unreachable(f"nothing answered within {timeout:g} s")

    def no_answer(self, timeout: float) -> RequestTimeout:
        """The request went out, and no whole answer came in time."""
        return RequestTimeout(
            f"no whole answer from {self._host} within {timeout:g} s; the work may have been done, "
            "so look before you repeat it"
        )

    def lost(self, reason: object) -> ConnectionClosed:
        """The connection broke after something had been sent."""
        return ConnectionClosed(
            f"the connection to {self._host} ended before the answer did ({reason}); "
            "the work may have been done, so look before you repeat it"
        )


def without_library_frames(error: E) -> E:
    """Cut the frames of network libraries out of an error and of what caused it.

    Their variables hold the headers, and so the token, which some tools print with a traceback.
    """
    seen: set[int] = set()
    rest: list[BaseException | None] = [error]
    while rest:
        link = rest.pop()
        if link is not None and id(link) not in seen:
            seen.add(id(link))
            link.__traceback__ = _own_frames(link.__traceback__)
            rest += [link.__cause__, link.__context__]
    return error


def _own_frames(traceback: TracebackType | None) -> TracebackType | None:
    kept: list[TracebackType] = []
    while traceback is not None:
        if traceback.tb_frame.f_globals.get("__name__", "").partition(".")[0] not in LIBRARIES:
            kept.append(traceback)
        traceback = traceback.tb_next
    for place, following in zip(kept, [*kept[1:], None], strict=False):
        place.tb_next = following
    return kept[0] if kept else None
