"""Who may import whom: the rules that keep the parts apart, over the graph of all imports.

Imports for type checkers count like others, as do those inside functions. What does not keep a rule
yet is named; such a list is there to shrink.
"""

from collections.abc import Iterator
from pathlib import Path

import grimp
import pytest

import frontdesk

SANDBOX = "frontdesk.sandbox"
NETWORK = {"aiohttp", "httptools", "select", "socket", "urllib3", "uvicorn", "uvloop", "websockets"}

FORBIDDEN = [
    ("store", "world apis calls control describe seeds serve webhooks backend sandbox tokens"),
    ("world", "apis calls control describe seeds serve webhooks backend sandbox tokens"),
    ("apis", "calls control describe seeds serve webhooks backend sandbox tokens"),
    ("calls", "control describe seeds serve store webhooks backend sandbox tokens"),
    ("webhooks", "apis calls control describe seeds serve backend sandbox tokens"),
    ("control", "describe seeds store sandbox"),
    ("serve", "describe seeds store sandbox"),
]
"""Parts of the sandbox, and those that they must not import."""

NETWORK_ELSEWHERE = {
    "frontdesk.testing.network_guard",  # refuses connections, and makes none
    "frontdesk.testing.network_guard_loops",
    "frontdesk.testing.network_rules",
    "frontdesk.cli.bots.serving",  # serves a bot with aiohttp
    "frontdesk.cli.demo",  # serves a receiver with aiohttp
    "frontdesk.cli.webhooks",  # serves the receiver with aiohttp
    "frontdesk.webhooks.adapters.aiohttp",  # the adapter for aiohttp's own applications
}
"""Modules outside transport/ and sandbox/serve/ that use network libraries all the same."""

MOST_MODULES = 16


@pytest.fixture(scope="module")
def graph() -> grimp.ImportGraph:
    return grimp.build_graph("frontdesk", include_external_packages=True, cache_dir=None)


def imports(graph: grimp.ImportGraph) -> Iterator[tuple[str, str]]:
    for module in sorted(graph.modules):
        for imported in sorted(graph.find_modules_directly_imported_by(module)):
            yield module, imported


def within(module: str, package: str) -> bool:
    return module == package or module.startswith(f"{package}.")


def circles(graph: grimp.ImportGraph) -> list[set[str]]:
    """The sets of modules that reach each other (Tarjan's algorithm)."""
    order: dict[str, int] = {}
    lowest: dict[str, int] = {}
    path: list[str] = []
    found: list[set[str]] = []

    def visit(module: str) -> None:
        order[module] = lowest[module] = len(order)
        path.append(module)
        for imported in graph.find_modules_directly_imported_by(module):
            if imported not in order:
                visit(imported)
                lowest[module] = min(lowest[module], lowest[imported])
            elif imported in path:
                lowest[module] = min(lowest[module], order[imported])
        if lowest[module] == order[module]:
            start = path.index(module)
            circle = set(path[start:])
            del path[start:]
            if len(circle) > 1:
                found.append(circle)

    for module in sorted(graph.modules):
        if module not in order:
            visit(module)
    return found


def test_no_modules_import_each_other(graph):
    assert [sorted(circle) for circle in circles(graph)] == []


@pytest.mark.parametrize(("part", "others"), FORBIDDEN, ids=[part for part, _ in FORBIDDEN])
def test_parts_of_the_sandbox_import_only_what_lies_below_them(graph, part, others):
    forbidden = [f"{SANDBOX}.{other}" for other in others.split()]
    assert [
        (module, imported)
        for module, imported in imports(graph)
        if within(module, f"{SANDBOX}.{part}")
        and any(within(imported, package) for package in forbidden)
    ] == []


def test_the_folders_of_the_rules_exist(graph):
    """A folder that gets another name would otherwise be bound by no rule."""
    parts = {part for part, _ in FORBIDDEN}.union(*(others.split() for _, others in FORBIDDEN))
    assert {f"{SANDBOX}.{part}" for part in parts} <= graph.modules


def test_network_libraries_are_used_in_transport_and_in_the_server_only(graph):
    allowed = ("frontdesk.transport", f"{SANDBOX}.serve")
    assert {
        module
        for module, imported in imports(graph)
        if imported.partition(".")[0] in NETWORK
        and not any(within(module, package) for package in allowed)
    } <= NETWORK_ELSEWHERE


def test_the_core_moves_no_bytes(graph):
    others = ("frontdesk.transport", "frontdesk.clients", "frontdesk.cli", SANDBOX)
    libraries = NETWORK | {"asyncio", "ssl", "subprocess", "threading", "time"}
    assert [
        (module, imported)
        for module, imported in imports(graph)
        if within(module, "frontdesk.core")
        and (imported in libraries or any(within(imported, package) for package in others))
    ] == []


def test_private_modules_are_imported_in_their_own_package_only(graph):
    foreign = set()
    for module, imported in imports(graph):
        steps = imported.split(".")
        for position, step in enumerate(steps):
            package = ".".join(steps[:position])
            own = package in (module, module.rpartition(".")[0])
            if step.startswith("_") and step != "__main__" and not own:
                foreign.add(imported)
    assert {name for name in foreign if within(name, "frontdesk")} == set()


def test_folders_are_small_enough_to_be_read_at_a_glance():
    root = Path(frontdesk.__file__).parent
    full = {
        str(folder.relative_to(root))
        for folder in [root, *(path for path in root.rglob("*") if path.is_dir())]
        if len([path for path in folder.glob("*.py") if path.name != "__init__.py"]) > MOST_MODULES
    }
    assert full == set()
