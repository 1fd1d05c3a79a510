"""An event loop for the servers of tests, which leaves no connection behind."""

import asyncio


class ServerLoop(asyncio.SelectorEventLoop):
    """Closes the connections that are still open when it is closed.

    A client may connect in the very turn in which a server stops. The task that would look after
    that connection is then cancelled before its first step, and the collector reports the
    connection as a leak of whatever test runs by then.
    """

    def close(self) -> None:
        if not self.is_closed():
            # asyncio has no public list of them.
            for transport in list(self._transports.values()):  # type: ignore[attr-defined]
                transport.abort()
            self.run_until_complete(asyncio.sleep(0))
        super().close()


def stop_accepting(server: asyncio.Server) -> None:
    """Take no more connections, so that the server can be closed once those it took are settled.

    A server that is closed before refuses the transport of a connection that it took in its last
    turn, which is half made then and reported as a leak.
    """
    for listener in server.sockets:
        server.get_loop().remove_reader(listener.fileno())


async def settle() -> None:
    """Let the connections that were accepted in the last turn get their transports."""
    for _ in range(5):
        await asyncio.sleep(0)
