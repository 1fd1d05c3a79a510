"""What must work where frontdesk is installed without extras; runs in a fresh environment."""

import asyncio
import importlib
import socket
import sys
from importlib.metadata import requires, version
from importlib.resources import files

import frontdesk
from frontdesk import AgentClient, AsyncAgentClient
from frontdesk.errors import ConnectError, MissingDependency
from frontdesk.webhooks import Receiver


def refused_port() -> int:
    """Return a port of this machine at which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


async def call_async(url: str) -> None:
    async with AsyncAgentClient("dal:token", base_url=url) as client:
        await client.list_chats()


def main() -> None:
    expected = sys.argv[1]
    assert frontdesk.__version__ == version("frontdesk") == expected, frontdesk.__version__
    assert requires("frontdesk"), "the metadata name no dependency"
    assert files("frontdesk").joinpath("py.typed").is_file(), "py.typed is missing"
    Receiver("a-secret-of-a-registration")
    url = f"http://127.0.0.1:{refused_port()}"
    try:
        with AgentClient("dal:token", base_url=url) as client:
            client.list_chats()
        raise AssertionError("a sync call to nobody succeeded")
    except ConnectError:
        pass
    try:
        asyncio.run(call_async(url))
        raise AssertionError("an async call to nobody succeeded")
    except ConnectError:
        pass
    try:
        importlib.import_module("frontdesk.sandbox")
    except MissingDependency as error:
        missing = error.install
    else:
        missing = "nothing"
    assert missing == "frontdesk[sandbox]", f"the import of frontdesk.sandbox names {missing}"


if __name__ == "__main__":
    main()
