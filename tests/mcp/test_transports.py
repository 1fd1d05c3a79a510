"""The command as a process that an application starts, and the server over HTTP."""

import asyncio
import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from mcp.client.stdio import stdio_client

from frontdesk.mcp import ServerOptions, make_server, serve_http
from mcp import Client, StdioServerParameters

from ..canary import CANARY, TOKEN
from ..signals import restore
from .conftest import error_of, read


class Host:
    """Starts the command as an application does, and keeps what it says on the standard error."""

    def __init__(self, folder: Path, **variables: str) -> None:
        self._variables = {**variables, "XDG_CONFIG_HOME": str(folder)}
        self._log = folder / "stderr"

    def talk(self, words, conversation):
        parameters = StdioServerParameters(
            command=sys.executable, args=["-m", "frontdesk", "mcp", *words], env=self._variables
        )

        async def talk():
            with self._log.open("w") as log:
                async with Client(stdio_client(parameters, errlog=log)) as client:
                    return await conversation(client)

        return asyncio.run(talk())

    @property
    def said(self) -> str:
        return self._log.read_text()


@pytest.fixture
def host(served, tmp_path):
    return Host(tmp_path, FRONTDESK_TOKEN=served.tokens["owner"], FRONTDESK_BASE_URL=served.url)


class TestStandardStreams:
    def test_a_whole_conversation(self, host, served):
        async def conversation(client):
            tools = {tool.name for tool in (await client.list_tools()).tools}
            first = await client.call_tool("list_groups", {"fields": ["routing_status"]})
            second = await client.call_tool("list_routing_statuses", {})
            late = await client.call_tool("list_groups", {})
            return tools, first, second, late

        words = ["--allow", "send_event, tag_thread", "--allow", "create_tag", "--budget", "2"]
        tools, first, second, late = host.talk(words, conversation)
        assert {"get_chat", "send_event", "tag_thread", "create_tag"} <= tools
        assert "untag_thread" not in tools
        assert not first.is_error
        assert not second.is_error
        assert error_of(late)["type"] == "budget_exceeded"
        assert len(served.calls()) == 2
        talking, count = host.said.splitlines()
        assert f"talking to the sandbox at {served.url}; at most 2 requests" in talking
        assert "these change something: send_event, tag_thread, create_tag" in count

    def test_nothing_that_it_says_or_returns_has_the_token(self, served, tmp_path):
        host = Host(tmp_path, FRONTDESK_TOKEN=TOKEN, FRONTDESK_BASE_URL=served.url)

        async def conversation(client):
            await client.list_tools()
            return [
                await client.call_tool("list_chats", {}),
                await client.call_tool("get_chat", {"chat_id": "C1"}),
                await client.call_tool("no_such_tool", {"token": TOKEN}),
            ]

        results = host.talk(["--allow", "send_event"], conversation)
        assert [error_of(result)["type"] for result in results] == [
            "authentication",
            "authentication",
            "invalid_argument",
        ]
        assert CANARY not in str(results)
        assert CANARY not in host.said

    def test_a_service_that_goes_away_ends_no_conversation(self, tmp_path):
        host = Host(tmp_path, FRONTDESK_TOKEN="dal:x", FRONTDESK_BASE_URL="http://127.0.0.1:9")

        async def conversation(client):
            return await client.call_tool("list_chats", {}), await client.list_tools()

        result, tools = host.talk([], conversation)
        assert error_of(result)["type"] == "no_response"
        assert len(tools.tools) > 20

    @pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
    @pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
    def test_it_ends_at_a_signal_while_it_waits(self, served, tmp_path, number):
        with subprocess.Popen(
            [sys.executable, "-m", "frontdesk", "mcp", "--token", served.tokens["owner"]],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, "XDG_CONFIG_HOME": str(tmp_path), "FRONTDESK_BASE_URL": served.url},
            text=True,
            preexec_fn=restore,  # noqa: PLW1509 - it only sets signals
        ) as process:
            process.stdin.write('{"jsonrpc":"2.0","id":1,"method":"ping"}\n')
            process.stdin.flush()
            assert process.stdout.readline()  # so it serves, and will wait for the next line
            process.send_signal(number)
            assert process.wait(30) == 0
            assert "Traceback" not in process.stderr.read()
            assert process.stdout.read() == ""

    def test_lines_that_are_no_messages_do_not_end_it(self, served, tmp_path):
        lines = 'nonsense\n{"jsonrpc":"2.0"}\n\n{"jsonrpc":"2.0","id":7,"method":"ping"}\n'
        ended = subprocess.run(
            [sys.executable, "-m", "frontdesk", "mcp", "--token", TOKEN],
            input=lines,
            capture_output=True,
            env={**os.environ, "XDG_CONFIG_HOME": str(tmp_path), "FRONTDESK_BASE_URL": served.url},
            text=True,
            check=False,
        )
        assert ended.returncode == 0
        assert '"id":7' in ended.stdout
        assert CANARY not in ended.stdout + ended.stderr


class TestHttp:
    def talk(self, sandbox, conversation):
        async def talk():
            url = asyncio.get_running_loop().create_future()
            async with sandbox.async_client() as client:
                server = make_server(client, ServerOptions(only=("list_groups",)))
                serving = asyncio.ensure_future(serve_http(server, on_ready=url.set_result))
                try:
                    return await conversation(await url)
                finally:
                    serving.cancel()
                    await asyncio.wait([serving])

        return asyncio.run(talk())

    def test_a_whole_conversation(self, sandbox):
        async def conversation(url):
            assert url.startswith("http://127.0.0.1:")
            async with Client(url) as client:
                return await client.list_tools(), await client.call_tool("list_groups", {})

        tools, groups = self.talk(sandbox, conversation)
        assert [tool.name for tool in tools.tools] == ["list_groups"]
        assert isinstance(read(groups), list)

    @pytest.mark.parametrize("header", ["Host", "Origin"])
    def test_requests_of_pages_from_elsewhere_are_refused(self, sandbox, header):
        def post(url):
            request = urllib.request.Request(
                url,
                b'{"jsonrpc":"2.0","id":1,"method":"tools/list"}',
                {
                    "Content-Type": "application/json",
                    "Accept": "application/json, text/event-stream",
                    header: "http://evil.example" if header == "Origin" else "evil.example",
                },
            )
            with pytest.raises(urllib.error.HTTPError) as raised:
                urllib.request.urlopen(request)
            with raised.value:
                return raised.value.code

        async def conversation(url):
            return await asyncio.to_thread(post, url)

        assert self.talk(sandbox, conversation) in (403, 421)
