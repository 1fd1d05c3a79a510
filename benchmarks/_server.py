"""A server that responds to every POST with the same bytes: it measures clients, not itself."""

import asyncio
import signal
import ssl
import sys
import tempfile

import trustme


class Fixed(asyncio.Protocol):
    """Reads one request at a time and responds with the bytes given for its path."""

    def __init__(self, responses: dict[bytes, bytes]) -> None:
        self.responses = responses
        self.buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        while True:
            head, found, rest = self.buffer.partition(b"\r\n\r\n")
            if not found:
                return
            length = 0
            for line in head.split(b"\r\n")[1:]:
                name, _, value = line.partition(b":")
                if name.lower() == b"content-length":
                    length = int(value)
            if len(rest) < length:
                return
            self.buffer = rest[length:]
            path = head.split(b" ", 2)[1].rpartition(b"/")[2]
            self.transport.write(self.responses.get(path, self.responses[b""]))


def response(body: bytes) -> bytes:
    return (
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
        % len(body)
    ) + body


async def main(*, tls: bool) -> None:
    responses = {
        b"": response(b"{}"),
        b"send_event": response(b'{"event_id":"Q20N9CKRX2_1"}'),
    }
    loop = asyncio.get_running_loop()
    with tempfile.TemporaryDirectory() as folder:
        context, authority = None, ""
        if tls:
            context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            issuer = trustme.CA()
            issuer.issue_cert("127.0.0.1", "localhost").configure_cert(context)
            authority = f"{folder}/authority.pem"
            issuer.cert_pem.write_to_path(authority)
        server = await loop.create_server(lambda: Fixed(responses), "127.0.0.1", 0, ssl=context)
        print(server.sockets[0].getsockname()[1], authority, flush=True)
        stopped = asyncio.Event()
        loop.add_signal_handler(signal.SIGTERM, stopped.set)
        await stopped.wait()


if __name__ == "__main__":
    asyncio.run(main(tls="tls" in sys.argv))
