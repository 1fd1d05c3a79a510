"""A server over the sandbox, and calls to it through the library's own client."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest
from mcp.types import CallToolResult

from frontdesk import AsyncAgentClient
from frontdesk.mcp import ServerOptions, make_server
from frontdesk.sandbox import Sandbox
from mcp import Client

Ask = Callable[..., list[CallToolResult]]


@pytest.fixture(params=["legacy", "auto"], ids=["handshake", "without handshake"])
def mode(request: Any) -> str:
    return request.param


@pytest.fixture
def ask(sandbox: Sandbox, mode: str) -> Ask:
    """Call tools one after another: names with arguments."""

    def ask(
        *calls: tuple[str, dict[str, Any]], client: AsyncAgentClient | None = None, **options: Any
    ) -> list[CallToolResult]:
        async def conversation() -> list[CallToolResult]:
            async with client or sandbox.async_client() as own:
                server = make_server(own, ServerOptions(**options))
                async with Client(server, mode=mode) as host:
                    return [await host.call_tool(name, given) for name, given in calls]

        return asyncio.run(conversation())

    return ask


def read(result: CallToolResult) -> Any:
    """The JSON of a result."""
    return json.loads(result.content[0].text)


def error_of(result: CallToolResult) -> dict[str, str]:
    assert result.is_error, result
    return read(result)["error"]
