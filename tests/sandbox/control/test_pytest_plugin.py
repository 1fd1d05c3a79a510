"""frontdesk's pytest plugin, run by pytest itself on tests such as users write."""

import subprocess
import sys

import pytest

from frontdesk.sandbox import Sandbox

pytest_plugins = ["pytester"]


@pytest.fixture
def users(pytester):
    """A project of a user."""
    return pytester


def run(users, *options):
    return users.runpytest_inprocess("-p", "no:randomly", "-p", "no:cacheprovider", *options)


def test_the_fixtures(users):
    users.makepyfile(
        """
        import asyncio

        def test_agent(sandbox, agent_client, customer):
            customer.say("hello")
            assert agent_client.get_chat(chat_id=customer.chat_id).thread.events
            sandbox.assert_called("get_chat", times=1, chat_id=customer.chat_id)

        def test_async(async_agent_client):
            assert asyncio.run(async_agent_client.start_chat()).chat_id
        """
    )
    run(users).assert_outcomes(passed=2)


def test_each_test_has_a_fresh_world(users):
    users.makepyfile(
        """
        import pytest

        @pytest.mark.parametrize("n", range(3))
        def test_first(n, sandbox, agent_client):
            assert sandbox.calls() == []
            assert agent_client.start_chat().chat_id == "CHAT_ID"
        """.replace("CHAT_ID", _first_chat_id())
    )
    run(users).assert_outcomes(passed=3)


def _first_chat_id():
    with Sandbox() as sandbox:
        return sandbox.client().start_chat().chat_id


def test_marks_and_settings_choose_the_world(users):
    users.makeini("[pytest]\nfrontdesk_seed = empty\nfrontdesk_random_seed = 3\n")
    users.makepyfile(
        """
        import pytest

        def test_setting(sandbox):
            assert (sandbox.backend.seed, sandbox.backend.random_seed) == ("empty", 3)

        @pytest.mark.frontdesk(seed="demo", random_seed=9)
        def test_mark(sandbox):
            assert (sandbox.backend.seed, sandbox.backend.random_seed) == ("demo", 9)
        """
    )
    run(users, "--strict-markers").assert_outcomes(passed=2)


def test_a_failing_assertion_lists_the_calls(users):
    users.makepyfile(
        """
        def test_fails(sandbox, agent_client):
            agent_client.start_chat()
            sandbox.assert_called("send_event", times=2)
        """
    )
    result = run(users)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "*send_event() should have been called 2 times*",
            "*#1 start_chat {} by smith@example.com*",
        ]
    )


REACHES_OUT = """
    import asyncio
    import socket
    import urllib.request

    import pytest
    from frontdesk import AgentClient, AsyncAgentClient, ConnectError
    from frontdesk.pytest_plugin import RealNetworkRefused

    def test_sync_client(%(fixture)s):
        with pytest.raises((RealNetworkRefused, ConnectError), match="tried to reach api.live"):
            AgentClient("dal:x", proxy="").start_chat()

    def test_async_client(%(fixture)s):
        async def call():
            async with AsyncAgentClient("dal:x", proxy="") as client:
                await client.start_chat()
        with pytest.raises((RealNetworkRefused, ConnectError), match="tried to reach api.live"):
            asyncio.run(call())

    def test_addresses(%(fixture)s):
        for family, address in ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1")):
            with socket.socket(family) as connection:
                with pytest.raises(RealNetworkRefused, match="agent_client"):
                    connection.connect((address, 443))
                with pytest.raises(RealNetworkRefused):
                    connection.connect_ex((address, 443))

    def test_other_libraries(%(fixture)s):
        with pytest.raises(RealNetworkRefused):
            urllib.request.urlopen("http://example.com/")

    def test_loopback(%(fixture)s):
        with socket.create_server(("127.0.0.1", 0)) as server:
            socket.create_connection(("localhost", server.getsockname()[1])).close()
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", 1))
"""


def test_the_guard_of_one_test(users):
    users.makepyfile(REACHES_OUT % {"fixture": "refuse_network"})
    run(users).assert_outcomes(passed=5)


def test_the_guard_of_all_tests(users):
    users.makeini("[pytest]\nfrontdesk_refuse_network = true\n")
    users.makepyfile(
        REACHES_OUT % {"fixture": ""}
        + """
    @pytest.mark.frontdesk_network
    def test_allowed():
        with socket.socket() as connection:
            connection.settimeout(0.01)
            with pytest.raises(OSError):
                connection.connect(("192.0.2.1", 443))
        """
    )
    run(users).assert_outcomes(passed=6)


def test_without_the_guard_nothing_is_patched(users):
    users.makepyfile(
        """
        import socket

        def test_free():
            assert socket.getaddrinfo.__module__ == "socket"
        """
    )
    run(users).assert_outcomes(passed=1)


def test_loading_the_plugin_loads_nothing_of_the_sandbox():
    code = (
        "import sys, frontdesk.pytest_plugin\n"
        "print([name for name in sys.modules if name.partition('.')[0] in "
        "('aiohttp', 'asyncio', 'msgspec', 'uvicorn', 'urllib3', 'sqlite3', 'rich', 'typer') "
        "or name.startswith('frontdesk.') and name != 'frontdesk.pytest_plugin'])"
    )
    shown = subprocess.run(
        [sys.executable, "-c", f"import pytest, sys; before = set(sys.modules)\n{code}"],
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = eval(shown.stdout)
    assert [name for name in loaded if name != "asyncio"] in ([], ["frontdesk._version"])
