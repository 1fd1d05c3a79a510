"""Where a package is missing, an error says how to install it, and nothing else breaks.

Each program here runs in an interpreter of its own, in which the packages of the extras and the web
frameworks cannot be imported: as if they were not there, or because a hook refuses them.
"""

import os
import pickle
import pkgutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import typer

import frontdesk
from frontdesk.cli._app import app
from frontdesk.errors import FrontdeskError, MissingDependency
from frontdesk.extras import EXTRAS, importing_extra, importing_package

ROOT = Path(__file__).resolve().parents[1]
FRAMEWORKS = ("django", "flask", "starlette", "fastapi")
OF_EXTRAS = tuple(module for packages in EXTRAS.values() for module in packages)

WITHOUT = """\
import sys
names = {names!r}
if {absent}:
    sys.modules.update(dict.fromkeys(names))
else:
    class Refuse:
        def find_spec(self, name, path=None, target=None):
            if name.partition(".")[0] in names:
                raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
    sys.meta_path.insert(0, Refuse())
{code}
"""


def run(code, *, missing=(*OF_EXTRAS, *FRAMEWORKS), absent=True, cwd=None):
    """Run a program without some packages."""
    script = WITHOUT.format(names=missing, absent=absent, code=code)
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", script],
        capture_output=True,
        text=True,
        check=False,
        cwd=cwd,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
    )


ways = pytest.mark.parametrize("absent", [True, False], ids=["absent", "refused"])


@ways
@pytest.mark.parametrize(
    "code",
    [
        "from frontdesk.sandbox import Sandbox",
        "import frontdesk.sandbox.sandbox",
        "import frontdesk.sandbox.serve.server",
        "from frontdesk.sandbox.backend import Backend",
    ],
)
def test_the_sandbox_names_its_extra(code, absent):
    ended = run(code, absent=absent)
    assert ended.returncode == 1
    assert ended.stderr.splitlines()[-1] == (
        "frontdesk.errors.base.MissingDependency: frontdesk.sandbox needs uvicorn, httptools, "
        "python-multipart and trustme, which are not installed; "
        "run: pip install 'frontdesk[sandbox]'"
    )


@pytest.mark.parametrize("module", EXTRAS["sandbox"])
def test_each_package_of_the_sandbox_is_named(module):
    ended = run("import frontdesk.sandbox", missing=(module,))
    assert ended.stderr.splitlines()[-1].endswith(
        f"frontdesk.sandbox needs {EXTRAS['sandbox'][module]}, which is not installed; "
        "run: pip install 'frontdesk[sandbox]'"
    )


def every_command(command, words=()):
    yield words
    for name, below in getattr(command, "commands", {}).items():
        yield from every_command(below, (*words, name))


MIGRATING = "from frontdesk.cli import main; main(['migrate', '.'])"
COMMANDS = list(every_command(typer.main.get_command(app)))


def check_names_its_extra(words, line):
    user = f"the command `frontdesk {words[0]}`" if words else "the command line"
    assert line.startswith(f"frontdesk: {user} needs typer and rich")
    if words[:1] in [("demo",), ("parity",), ("sandbox",)]:
        assert line.endswith("run: pip install 'frontdesk[sandbox]'")
    elif words[:1] in [("mcp",), ("migrate",), ("report",)]:
        assert line.endswith(f"run: pip install 'frontdesk[{words[0]}]'")
    else:
        assert "pip install 'frontdesk[cli]'" in line


@ways
@pytest.mark.parametrize(
    "words",
    [(), ("demo",), ("migrate",), ("webhooks", "listen")],
    ids=lambda words: " ".join(words) or "frontdesk",
)
def test_a_command_names_its_extra(words, absent):
    ended = run(f"from frontdesk.cli import main; main({list(words)})", absent=absent)
    assert ended.returncode == 1
    assert ended.stdout == ""
    (line,) = ended.stderr.splitlines()
    check_names_its_extra(words, line)


EACH_COMMAND = """\
from frontdesk.cli import main
for words in {commands}:
    try:
        main(words)
    except SystemExit as ended:
        assert ended.code == 1, words
"""


@ways
def test_every_command_names_its_extra(absent):
    """All in one interpreter, for each of them fails before it has loaded anything."""
    code = EACH_COMMAND.format(commands=[list(words) for words in COMMANDS])
    ended = run(code, absent=absent)
    assert (ended.returncode, ended.stdout) == (0, ""), ended.stderr
    for words, line in zip(COMMANDS, ended.stderr.splitlines(), strict=True):
        check_names_its_extra(words, line)


@pytest.mark.parametrize("code", ["import frontdesk.migrate", MIGRATING])
def test_the_migration_names_its_extra(code):
    ended = run(code, missing=("libcst",))
    assert ended.returncode == 1
    assert ended.stderr.splitlines()[-1].endswith(
        "needs libcst, which is not installed; run: pip install 'frontdesk[migrate]'"
    )


@ways
@pytest.mark.parametrize(("extra", "package"), [("mcp", "mcp"), ("otel", "opentelemetry-api")])
def test_what_watches_and_what_serves_name_their_extras(extra, package, absent):
    ended = run(f"import frontdesk.{extra}", absent=absent)
    assert ended.stderr.splitlines()[-1] == (
        f"frontdesk.errors.base.MissingDependency: frontdesk.{extra} needs {package}, which is not "
        f"installed; run: pip install 'frontdesk[{extra}]'"
    )


def test_a_command_that_serves_tools_names_its_extra():
    code = "from frontdesk.cli import main; main(['mcp', '--token', 'dal:x'])"
    ended = run(code, missing=("mcp",))
    assert ended.returncode == 1
    assert ended.stderr.splitlines()[-1] == (
        "frontdesk: frontdesk.mcp needs mcp, which is not installed; "
        "run: pip install 'frontdesk[mcp]'"
    )


def test_nothing_of_the_extras_is_loaded_where_nobody_asks_for_it():
    code = (
        "import frontdesk, frontdesk.bots, frontdesk.webhooks, frontdesk.cli._app\n"
        "loaded = {name.partition('.')[0] for name in sys.modules}\n"
        "assert not loaded & {'mcp', 'opentelemetry'}, loaded"
    )
    ended = run(code, missing=())
    assert (ended.returncode, ended.stderr) == (0, "")


def test_a_command_that_has_only_the_command_line_names_the_sandbox():
    code = "from frontdesk.cli import main; main(['sandbox', '--port', '0'])"
    ended = run(code, missing=tuple(EXTRAS["sandbox"]))
    assert ended.returncode == 1
    (line,) = ended.stderr.splitlines()
    assert line.startswith("frontdesk: frontdesk.sandbox needs uvicorn")
    assert line.endswith("pip install 'frontdesk[sandbox]'")


FIXTURES = """\
import pytest

@pytest.mark.parametrize("name", [
    f"frontdesk_{scope}{kind}"
    for scope in ("", "module_", "session_")
    for kind in ("sandbox", "client", "async_client", "customer")
])
def test_fixture(request, name):
    request.getfixturevalue(name)

def test_network(frontdesk_refuse_network):
    pass
"""


@ways
def test_the_fixtures_name_the_extra(tmp_path, absent):
    (tmp_path / "test_fixtures.py").write_text(FIXTURES)
    code = (
        "import pytest\n"
        "sys.exit(pytest.main(['-q', '-p', 'no:cacheprovider', '-p', 'no:randomly', "
        "'-p', 'no:asyncio', '-p', 'no:schemathesis', '-p', 'no:xdist', '-rf']))"
    )
    ended = run(code, missing=OF_EXTRAS, absent=absent, cwd=tmp_path)
    lines = ended.stdout.splitlines()
    assert lines[-1].startswith("12 failed, 1 passed"), ended.stdout
    shown = [line for line in lines if "pip install 'frontdesk[sandbox]'" in line]
    assert len(shown) >= 12
    assert "Traceback" not in ended.stdout
    assert "another exception" not in ended.stdout


@ways
@pytest.mark.parametrize("framework", ["Django", "Flask", "Starlette"])
def test_the_adapters_name_their_framework(framework, absent):
    name = framework.lower()
    ended = run(f"import frontdesk.webhooks.adapters.{name}", absent=absent)
    assert ended.stderr.splitlines()[-1] == (
        f"frontdesk.errors.base.MissingDependency: frontdesk.webhooks.adapters.{name} needs "
        f"{framework}, which is not installed; run: pip install '{name}'"
    )


def base_modules():
    """The modules that the base has to be enough for."""
    prefixes = (
        "frontdesk.sandbox",
        "frontdesk.cli.",
        "frontdesk.migrate",
        "frontdesk.archives",
        "frontdesk.mcp",
        "frontdesk.otel",
        "frontdesk.parity",
        "frontdesk.installations.adapters.",
        "frontdesk.webhooks.adapters.",
    )
    # The tests of a bot talk to it in a sandbox.
    others = ("frontdesk.testing.plugin", "frontdesk.bots.testing", "frontdesk.__main__")
    for module in pkgutil.walk_packages(frontdesk.__path__, "frontdesk."):
        if not module.name.startswith((*prefixes, *others)):
            yield module.name
    yield from (f"frontdesk.installations.adapters.{name}" for name in ("asgi", "wsgi"))
    yield from (f"frontdesk.webhooks.adapters.{name}" for name in ("aiohttp", "asgi", "wsgi"))


@ways
def test_the_base_needs_no_extra(absent):
    code = "".join(f"import {name}\n" for name in base_modules())
    code += "from frontdesk import AgentClient, AsyncAgentClient\nAgentClient('dal:x').close()\n"
    ended = run(code, missing=(*OF_EXTRAS, *FRAMEWORKS, "uvloop", "pytest"), absent=absent)
    assert (ended.returncode, ended.stderr) == (0, "")


def test_the_extras_are_those_of_the_package():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    declared = {
        extra: {requirement.partition(">")[0] for requirement in requirements}
        for extra, requirements in project["optional-dependencies"].items()
    }
    everything = (
        "frontdesk[sandbox,migrate,archives,delta,duckdb,dlt,report,keyring,redis,nats,mcp,otel]"
    )
    assert declared.pop("all") == {everything}
    # uvloop does not exist on every system.
    declared["sandbox"].remove("uvloop")
    own = {
        extra: {requirement for requirement in requirements if "frontdesk" not in requirement}
        for extra, requirements in declared.items()
    }
    assert own == {extra: set(packages.values()) for extra, packages in EXTRAS.items()}
    assert declared["sandbox"] - own["sandbox"] == {"frontdesk[cli]"}
    assert declared["archives"] - own["archives"] == {"frontdesk[cli]"}


def test_the_error_is_one_of_a_missing_module_and_keeps_its_facts():
    error = MissingDependency("the demo", ["uvicorn", "trustme"], "frontdesk[sandbox]")
    assert isinstance(error, (FrontdeskError, ModuleNotFoundError))
    assert str(error) == (
        "the demo needs uvicorn and trustme, which are not installed; "
        "run: pip install 'frontdesk[sandbox]'"
    )
    again = pickle.loads(pickle.dumps(error))
    assert (again.name, again.packages, again.install) == (
        "uvicorn",
        ("uvicorn", "trustme"),
        "frontdesk[sandbox]",
    )
    assert str(again) == str(error)


def test_a_module_of_ours_that_is_missing_is_no_matter_of_extras():
    with pytest.raises(ModuleNotFoundError) as raised, importing_extra("cli", "this test"):
        import frontdesk.nothing
    assert not isinstance(raised.value, MissingDependency)
    with pytest.raises(ModuleNotFoundError) as raised, importing_package("Django", "this test"):
        import frontdesk.nothing  # noqa: F401
    assert not isinstance(raised.value, MissingDependency)
