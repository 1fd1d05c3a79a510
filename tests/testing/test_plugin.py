"""frontdesk's pytest plugin, run by pytest itself on tests such as users write."""

import subprocess
import sys

import pytest

from frontdesk.sandbox import Sandbox

from .. import forked

pytest_plugins = ["pytester"]
pytestmark = pytest.mark.usefixtures("small_heap")


@pytest.fixture
def users(pytester):
    """A project of a user."""
    return pytester


def run(users, *options):
    return users.runpytest_inprocess("-p", "no:randomly", "-p", "no:asyncio", *options)


def run_apart(users, *plugins):
    """Run it in a process of its own, warnings as errors, without plugins that have no part in it.

    Those that are installed beside the plugin take most of the time otherwise.
    """
    loaded = [word for name in ("frontdesk.testing.plugin", *plugins) for word in ("-p", name)]
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
        ended = forked.run(
            [sys.executable, "-W", "error", "-m", "pytest", "-p", "no:cacheprovider", *loaded],
            cwd=users.path, capture_output=True, text=True,
        )  # fmt: skip
    return pytest.RunResult(
        ended.returncode, ended.stdout.splitlines(), ended.stderr.splitlines(), 0.0
    )


def test_the_fixtures(users):
    users.makepyfile(
        """
        import asyncio

        def test_agent(frontdesk_sandbox, frontdesk_client, frontdesk_customer):
            frontdesk_customer.say("hello")
            chat_id = frontdesk_customer.chat_id
            assert frontdesk_client.get_chat(chat_id=chat_id).thread.events
            frontdesk_sandbox.assert_called("get_chat", times=1, chat_id=chat_id)

        def test_async(frontdesk_async_client):
            assert asyncio.run(frontdesk_async_client.start_chat()).chat_id

        def test_customer(frontdesk_customer, frontdesk_customer_client, frontdesk_client):
            chat = frontdesk_customer_client.start_chat()
            assert chat.chat_id == frontdesk_customer.chat_id
            assert frontdesk_client.get_chat(chat_id=chat.chat_id).thread.active

        def test_async_customer(frontdesk_customer, frontdesk_async_customer_client):
            customer = asyncio.run(frontdesk_async_customer_client.get_customer())
            assert customer.id == frontdesk_customer.id
        """
    )
    run(users).assert_outcomes(passed=4)


def test_each_test_has_a_fresh_world(users):
    users.makepyfile(
        """
        import pytest

        @pytest.mark.parametrize("n", range(3))
        def test_first(n, frontdesk_sandbox, frontdesk_client):
            assert frontdesk_sandbox.calls() == []
            assert frontdesk_client.start_chat().chat_id == "CHAT_ID"
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

        def test_setting(frontdesk_sandbox):
            sandbox = frontdesk_sandbox
            assert (sandbox.backend.seed, sandbox.backend.random_seed) == ("empty", 3)

        @pytest.mark.frontdesk(seed="demo", random_seed=9)
        def test_mark(frontdesk_sandbox):
            sandbox = frontdesk_sandbox
            assert (sandbox.backend.seed, sandbox.backend.random_seed) == ("demo", 9)
        """
    )
    run(users, "--strict-markers").assert_outcomes(passed=2)


def test_a_failing_assertion_lists_the_calls(users):
    users.makepyfile(
        """
        def test_fails(frontdesk_sandbox, frontdesk_client):
            frontdesk_client.start_chat()
            frontdesk_sandbox.assert_called("send_event", times=2)
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


def test_old_and_mistakable_names_are_gone(users):
    users.makepyfile(
        """
        import pytest

        @pytest.mark.parametrize(
            "name", ["sandbox", "client", "agent_client", "async_agent_client", "customer"]
        )
        def test_name(name, request):
            with pytest.raises(pytest.FixtureLookupError):
                request.getfixturevalue(name)
        """
    )
    run(users).assert_outcomes(passed=5)


SCOPES = """
    import pytest

    pytestmark = pytest.mark.frontdesk(random_seed=5)

    @pytest.mark.parametrize("n", range(3))
    def test_module(
        n, frontdesk_module_sandbox, frontdesk_module_client, frontdesk_module_customer
    ):
        # One world for all three.
        assert len(frontdesk_module_sandbox.calls()) == n
        frontdesk_module_client.start_chat()
        assert frontdesk_module_customer.chat_id is None
        assert frontdesk_module_sandbox.backend.random_seed == 5

    @pytest.mark.parametrize("n", range(2))
    def test_session(n, request, frontdesk_session_sandbox, frontdesk_session_client):
        seen = request.config.stash.setdefault(KEY, [])
        assert len(frontdesk_session_sandbox.calls()) == len(seen)
        frontdesk_session_client.start_chat()
        seen.append(frontdesk_session_sandbox)
        assert all(one is frontdesk_session_sandbox for one in seen)
        # A session has no marks; its settings are those of pytest.
        assert frontdesk_session_sandbox.backend.random_seed == 0

    def test_they_are_three(
        frontdesk_sandbox, frontdesk_module_sandbox, frontdesk_session_sandbox
    ):
        worlds = {frontdesk_sandbox, frontdesk_module_sandbox, frontdesk_session_sandbox}
        assert len(worlds) == 3
        assert frontdesk_sandbox.calls() == []

    def test_customers(frontdesk_session_customer, frontdesk_customer):
        frontdesk_session_customer.say("hello")
        assert frontdesk_customer.chat_id is None
"""


def test_wider_scopes(users):
    first = "import pytest\n\nKEY = pytest.StashKey()\n"
    users.makeconftest(first)
    body = SCOPES.replace("import pytest", "import pytest\n    from conftest import KEY", 1)
    users.makepyfile(test_one=body, test_two=body)
    run(users).assert_outcomes(passed=14)


ASYNC = """
    import asyncio
    import pytest

    pytestmark = pytest.mark.asyncio(%(arguments)s)

    @pytest.mark.parametrize("n", range(3))
    async def test_function(n, frontdesk_async_client, frontdesk_sandbox):
        assert (await frontdesk_async_client.start_chat()).chat_id
        assert len(frontdesk_sandbox.calls()) == 1

    @pytest.mark.parametrize("n", range(3))
    async def test_module(n, frontdesk_module_async_client, frontdesk_module_sandbox):
        await asyncio.gather(*(frontdesk_module_async_client.start_chat() for _ in range(2)))
        assert len(frontdesk_module_sandbox.calls()) == 2 * (n + 1)

    @pytest.mark.parametrize("n", range(3))
    async def test_session(n, frontdesk_session_async_client, frontdesk_refuse_network):
        assert (await frontdesk_session_async_client.start_chat()).chat_id

    @pytest.mark.frontdesk(served=True)
    async def test_served(frontdesk_async_client, frontdesk_refuse_network):
        assert (await frontdesk_async_client.start_chat()).chat_id
"""


@pytest.mark.parametrize("arguments", ["", "loop_scope='module'", "loop_scope='session'"])
def test_pytest_asyncio(users, arguments):
    users.makeini("[pytest]\nasyncio_default_fixture_loop_scope = function\n")
    users.makepyfile(ASYNC % {"arguments": arguments})
    run_apart(users, "pytest_asyncio.plugin").assert_outcomes(passed=10)


def test_pytest_asyncio_with_uvloop(users):
    pytest.importorskip("uvloop")
    users.makeconftest(
        """
        import pytest, uvloop

        def pytest_asyncio_loop_factories(config, item):
            return {"uvloop": uvloop.new_event_loop}
        """
    )
    users.makeini("[pytest]\nasyncio_default_fixture_loop_scope = function\n")
    users.makepyfile(ASYNC % {"arguments": ""})
    run_apart(users, "pytest_asyncio.plugin").assert_outcomes(passed=10)


def test_xdist(users):
    users.makeini(
        "[pytest]\nfrontdesk_refuse_network = true\nfrontdesk_random_seed = 4\naddopts = -n 2\n"
    )
    users.makepyfile(
        """
        import socket
        import pytest
        from frontdesk.testing.plugin import RealNetworkRefused

        @pytest.mark.parametrize("n", range(12))
        def test_each(n, frontdesk_sandbox, frontdesk_client, frontdesk_session_client):
            assert frontdesk_sandbox.backend.random_seed == 4
            assert frontdesk_sandbox.calls() == []
            frontdesk_client.start_chat()
            frontdesk_session_client.start_chat()
            with pytest.raises(RealNetworkRefused):
                socket.create_connection(("192.0.2.1", 443))

        @pytest.mark.frontdesk(served=True)
        @pytest.mark.parametrize("n", range(4))
        def test_served(n, frontdesk_client):
            frontdesk_client.start_chat()
        """
    )
    run_apart(users, "xdist.plugin").assert_outcomes(passed=16)


@pytest.mark.parametrize(
    ("mark", "message"),
    [
        ("frontdesk(sed='empty')", "*frontdesk has no argument `sed`; did you mean `seed`?*"),
        ("frontdesk(colour=1)", "*frontdesk has no argument `colour`; there are seed, *"),
        ("frontdesk(seed='emtpy')", "*@pytest.mark.frontdesk: *emtpy*"),
        ("frontdesk(start=5)", "*@pytest.mark.frontdesk: `start` must be a datetime, not 5*"),
        ("frontdesk(seed=5)", "*@pytest.mark.frontdesk: `seed` must be a text, not 5*"),
        ("frontdesk(served='no')", "*frontdesk: `served` must be true or false, not 'no'*"),
        ("frontdesk('empty')", "*test_it: @pytest.mark.frontdesk takes named arguments only*"),
        ("frontdesk_network('x')", "*test_it: @pytest.mark.frontdesk_network takes no arguments*"),
        ("frontdesk_netwrok", "*there is no mark `frontdesk_netwrok`; did you mean `frontdesk_n*"),
        ("frontdesk_seed('x')", "*there is no mark `frontdesk_seed`*"),
    ],
)
def test_a_wrong_mark_names_itself(users, mark, message):
    users.makepyfile(
        f"""
        import pytest

        @pytest.mark.{mark}
        def test_it(frontdesk_sandbox):
            pass
        """
    )
    result = run(users, "-W", "ignore::pytest.PytestUnknownMarkWarning")
    assert result.ret != 0
    output = pytest.LineMatcher([*result.outlines, *result.errlines])
    output.fnmatch_lines([message])
    assert "Traceback" not in str(output)
    assert "testing/plugin.py" not in str(output)


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("frontdesk_sed = empty", "*no setting `frontdesk_sed`; did you mean `frontdesk_seed`?*"),
        (
            "frontdesk_seed = emtpy",
            "*`frontdesk_seed` must be demo, quiet, empty or bulk:N, not 'emtpy'*",
        ),
        ("frontdesk_random_seed = x", "*`frontdesk_random_seed` must be a whole number, not 'x'*"),
        ("frontdesk_refuse_network = maybe", "*`frontdesk_refuse_network` must be true or false*"),
    ],
)
def test_a_wrong_setting_names_itself(users, setting, message):
    users.makeini(f"[pytest]\n{setting}\n")
    users.makepyfile("def test_it(): pass")
    result = run(users)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([message])
    assert "Traceback" not in str(result.stderr)


@pytest.mark.parametrize("seed", ["empty", "demo", "bulk:3"])
def test_every_seed_can_be_set(users, seed):
    users.makeini(f"[pytest]\nfrontdesk_seed = {seed}\nfrontdesk_random_seed = -7\n")
    users.makepyfile(
        "def test_it(frontdesk_sandbox): "
        f"assert frontdesk_sandbox.backend.seed == {seed!r} and "
        "frontdesk_sandbox.backend.random_seed == -7"
    )
    run(users).assert_outcomes(passed=1)


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
        "import sys, frontdesk.testing.plugin\n"
        "print([name for name in sys.modules if name.partition('.')[0] in "
        "('aiohttp', 'asyncio', 'msgspec', 'uvicorn', 'urllib3', 'sqlite3', 'rich', 'typer') "
        "or name.startswith('frontdesk.') and name != 'frontdesk.testing.plugin'])"
    )
    shown = subprocess.run(
        [sys.executable, "-c", f"import pytest, sys; before = set(sys.modules)\n{code}"],
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = eval(shown.stdout)
    assert set(loaded) <= {
        "frontdesk.testing",
        "frontdesk.testing.network_guard",
        "frontdesk.testing.network_rules",
        "frontdesk.version",
    }


def test_recordings_are_replayed(users, sandbox):
    from frontdesk.recordings import Recorder, RecordingTransport
    from frontdesk.sandbox.serve.embedded import DirectTransport

    with Recorder(users.path / "traffic.jsonl") as recorder:
        transport = RecordingTransport(DirectTransport(sandbox.backend, sandbox.url), recorder)
        sandbox.client(transport=transport).start_chat(continuous=True)
    users.makepyfile(
        """
        import pytest

        @pytest.mark.frontdesk_replay("traffic.jsonl", repeat=True)
        def test_replay(frontdesk_replay):
            with frontdesk_replay.client() as client:
                first = client.start_chat(continuous=True)
                assert client.start_chat(continuous=True) == first
            assert frontdesk_replay.left == []

        @pytest.mark.frontdesk_replay("other.jsonl")
        def test_missing(frontdesk_replay):
            pass

        def test_unmarked(frontdesk_replay):
            pass
        """
    )
    result = run(users)
    result.assert_outcomes(passed=1, errors=2)
    result.stdout.fnmatch_lines(["*other.jsonl cannot be read*"])
    result.stdout.fnmatch_lines(["*name the recording*"])


def test_a_mark_of_a_recording_names_a_file(users):
    users.makepyfile(
        """
        import pytest

        @pytest.mark.frontdesk_replay
        def test_replay(frontdesk_replay):
            pass
        """
    )
    run(users).stderr.fnmatch_lines(["*takes the file of a recording*"])
