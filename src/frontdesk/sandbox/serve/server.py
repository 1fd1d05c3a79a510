"""Serving the sandbox over HTTP with uvicorn: in the foreground, or on a thread."""

import asyncio
import errno
import logging
import shutil
import signal
import socket
import sys
import tempfile
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any, Final

import uvicorn

from frontdesk.errors import ServerError
from frontdesk.sandbox.backend import Backend
from frontdesk.sandbox.serve.asgi import App
from frontdesk.sandbox.serve.callers import CallerRules
from frontdesk.sandbox.serve.http import HTTPProtocol, ServerConnection, connections_of, sweep
from frontdesk.sandbox.serve.options import ServerOptions, is_unspecified, normal_address
from frontdesk.sandbox.serve.rtm.protocol import RTMProtocol
from frontdesk.sandbox.serve.tls import make_certificate

__all__ = ["Server"]

DRAIN: Final = 0.3
"""Seconds that calls under way get to end when the server stops; they take milliseconds, so only
those of slow clients are cut."""
ABORT_SECONDS: Final = 0.1
"""Seconds for the connections that are cut to end."""
TICK: Final = 0.01
TICKS_PER_SWEEP: Final = 3
KEEP_ALIVE: Final = 75
_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)


class Server:
    """Serves a backend.

    Args:
        backend: what responds.
        options: where and to whom; defaults to this machine, at a free port.

    ``url`` is its address as this machine reaches it; ``authority`` is the certificate authority
    that clients must trust, None without TLS.

    Raises ``ServerError`` when the address cannot be listened at.
    """

    def __init__(self, backend: Backend, options: ServerOptions | None = None) -> None:
        options = options or ServerOptions()
        self._socket = _bind(options.host, options.port)
        bound: int = self._socket.getsockname()[1]
        self.url: str = _url(options, bound)
        self.app: App = App(backend, CallerRules(options))
        self.app.files_follow_host = is_unspecified(options.host)
        self.authority: Path | None = None
        self._folder: Path | None = None
        protocol = partial(RTMProtocol, self.app.rtm, self.app.callers)
        config_options: dict[str, Any] = {"ws": protocol}
        if options.tls:
            self._folder = Path(tempfile.mkdtemp(prefix="frontdesk-tls-"))
            names = [name for name in options.allow_hosts if not name.startswith(".")]
            certificate = make_certificate(self._folder, options.host, *names)
            self.authority = certificate.authority
            config_options |= {"ssl_certfile": certificate.chain, "ssl_keyfile": certificate.key}
        config = uvicorn.Config(
            self.app,  # pyright: ignore[reportArgumentType] - plain dictionaries are ASGI enough
            http=HTTPProtocol,
            lifespan="on",
            log_config=None,
            log_level=logging.WARNING,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            timeout_keep_alive=KEEP_ALIVE,
            timeout_graceful_shutdown=1,
            backlog=2048,
            **config_options,
        )
        self._uvicorn = _Uvicorn(config, self.app.stop)
        self._thread: threading.Thread | None = None
        backend.serve_at(self.url)
        backend.expose(
            options.host,
            bound,
            local=options.local,
            fixed_tokens=options.fixed_tokens,
            is_own_address=_own_addresses(self._socket),
        )

    def run(self, on_ready: Callable[[], object]) -> None:
        """Serve until SIGINT or SIGTERM, then finish the calls under way.

        ``on_ready`` is called once calls are accepted.
        """
        self._uvicorn.on_ready = on_ready
        try:
            with asyncio.Runner(loop_factory=_loop_factory()) as runner:
                runner.run(self._serve(stop_by_signal=True))
        finally:
            self._clean_up()

    def start(self) -> None:
        """Serve on a thread; returns once calls are accepted."""
        ready = threading.Event()
        failures: list[BaseException] = []

        def serve() -> None:
            try:
                with asyncio.Runner(loop_factory=_loop_factory()) as runner:
                    runner.run(self._serve(stop_by_signal=False))
            except BaseException as error:  # noqa: BLE001 - raised where somebody waits
                failures.append(error)
            finally:
                ready.set()

        self._uvicorn.on_ready = ready.set
        self._thread = threading.Thread(target=serve, name="frontdesk-sandbox", daemon=True)
        self._thread.start()
        ready.wait()
        if failures:
            self._clean_up()
            raise ServerError(f"the sandbox could not be served: {failures[0]}") from failures[0]

    def stop(self) -> None:
        """Finish the calls under way and end the thread."""
        self._uvicorn.should_exit = True
        if self._thread is not None:
            self._thread.join()
        self._clean_up()

    async def _serve(self, *, stop_by_signal: bool) -> None:
        if stop_by_signal:
            loop = asyncio.get_running_loop()
            for number in _SIGNALS:
                with suppress(NotImplementedError):
                    loop.add_signal_handler(number, self._uvicorn.exit_soon)
        await self._uvicorn.serve(sockets=[self._socket])

    def _clean_up(self) -> None:
        self._socket.close()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)


class _Uvicorn(uvicorn.Server):
    """Says when it is ready, stops in a second, and leaves signals to whoever runs it."""

    def __init__(self, config: uvicorn.Config, stop: Callable[[], object]) -> None:
        super().__init__(config)
        self.on_ready: Callable[[], object] = _do_nothing
        self._stop = stop
        self._unsent: dict[ServerConnection, int] = {}

    async def on_tick(self, counter: int) -> bool:
        """Look after the connections, and whether to stop."""
        if counter % TICKS_PER_SWEEP == 0:
            now = asyncio.get_running_loop().time()
            self._unsent = sweep(self._connections, now, self._unsent)
        return await super().on_tick(counter)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End the calls under way and the connections; what does not end by itself is cut."""
        for server in self.servers:
            server.close()
        self._stop()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        await self._until_idle(DRAIN)
        for slow in self._connections:
            slow.abort()
        await self._until_idle(ABORT_SECONDS)
        await super().shutdown(sockets)

    @property
    def _is_busy(self) -> bool:
        return bool(self.server_state.connections or self.server_state.tasks)

    @property
    def _connections(self) -> list[ServerConnection]:
        return connections_of(self.server_state)

    async def _until_idle(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                # uvicorn tells nobody when a connection or a task has ended.
                while self._is_busy and not self.force_exit:  # noqa: ASYNC110
                    await asyncio.sleep(TICK)

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        yield

    def exit_soon(self) -> None:
        """Stop; a second time without waiting for calls under way."""
        self.force_exit = self.should_exit
        self.should_exit = True

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        if self.started:
            self.on_ready()


def _do_nothing() -> None:
    """Stand for a function that nobody has given."""


def _url(options: ServerOptions, port: int) -> str:
    host = options.host
    if is_unspecified(host):
        # Nobody can connect to it everywhere, while this machine is among those that it stands for.
        host = "::1" if ":" in host else "127.0.0.1"
    scheme = "https" if options.tls else "http"
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"


def _bind(host: str, port: int) -> socket.socket:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        bound = socket.socket(family, kind, protocol)
    except OSError as error:
        raise ServerError(f"cannot listen at {host!r}: {error.strerror or error}") from None
    except ValueError:
        # A name that cannot be written in the form that name servers take.
        raise ServerError(f"cannot listen at {host!r}: this is not a host name") from None
    try:
        if sys.platform != "win32":
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(address)
        bound.listen(2048)
        bound.setblocking(False)
    except OSError as error:
        bound.close()
        if error.errno == errno.EADDRINUSE:
            raise ServerError(
                f"port {port} of {host} is taken; stop what uses it, or choose another port "
                "(0 picks a free one)"
            ) from None
        raise ServerError(f"cannot listen at {host}:{port}: {error.strerror or error}") from None
    return bound


def _own_addresses(listening: socket.socket) -> Callable[[str], bool]:
    """Return what tells whether a socket listens at an address."""
    bound = normal_address(str(listening.getsockname()[0]).partition("%")[0])
    if bound is not None and not is_unspecified(bound):
        return lambda address: normal_address(address.partition("%")[0]) == bound
    return _is_of_this_machine


def _is_of_this_machine(address: str) -> bool:
    """Return whether an address is one of this machine: one that a socket can have."""
    try:
        family, kind, protocol, _, place = socket.getaddrinfo(
            address, 0, type=socket.SOCK_DGRAM, flags=socket.AI_NUMERICHOST
        )[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.bind(place)
    except OSError:
        return False
    return True


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop
