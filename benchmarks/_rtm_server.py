"""A fixed RTM server in a process of its own: responds at once, and floods on demand."""

import asyncio
import signal

import msgspec
from websockets.asyncio.server import ServerConnection, serve

LOGIN = {
    "license": {"id": "104130623", "organization_id": "390e44e6", "plan": "enterprise"},
    "my_profile": {
        "id": "smith@example.com",
        "type": "agent",
        "name": "Agent Smith",
        "email": "smith@example.com",
    },
    "chats_summary": [],
}
RESPONSES = {
    "login": msgspec.json.encode(LOGIN),
    "send_event": b'{"event_id":"K600PKZON8_1"}',
}
PUSH = (
    b'{"version":"3.6","action":"incoming_event","type":"push","payload":{"chat_id":"PJ0MRSHTDG",'
    b'"thread_id":"K600PKZON8","event":{"id":"K600PKZON8_%d","created_at":'
    b'"2026-03-01T09:00:%02d.%06dZ","visibility":"all","type":"message",'
    b'"text":"Hello there, how can I help you today?","author_id":"b7eff798"}}}'
)
BATCH = 200


async def respond(connection: ServerConnection) -> None:
    protocol = connection.protocol
    async for message in connection:
        frame = msgspec.json.decode(message)
        action = frame["action"]
        if action == "multicast":
            await flood(connection, int(frame["payload"]["content"]))
        protocol.send_text(
            b'{"request_id":"%b","action":"%b","type":"response","success":true,"payload":%b}'
            % (frame["request_id"].encode(), action.encode(), RESPONSES.get(action, b"{}"))
        )
        connection.send_data()
        await connection.drain()


async def flood(connection: ServerConnection, count: int) -> None:
    """Send that many pushes, as fast as the client takes them."""
    for start in range(0, count, BATCH):
        for number in range(start, min(start + BATCH, count)):
            second, micro = divmod(number, 1_000_000)
            connection.protocol.send_text(PUSH % (number, second % 60, micro))
        connection.transport.write(b"".join(connection.protocol.data_to_send()))
        await connection.drain()


async def main() -> None:
    async with serve(
        respond, "127.0.0.1", 0, compression=None, ping_interval=None, max_queue=None
    ) as server:
        print(server.sockets[0].getsockname()[1], flush=True)
        stopped = asyncio.Event()
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopped.set)
        await stopped.wait()


if __name__ == "__main__":
    asyncio.run(main())
