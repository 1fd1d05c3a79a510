"""Change the code in small ways, one at a time, and see whether the tests notice.

``make mutants AREAS="core auth" N=300 SEED=8`` takes a random sample (the same one for the same
seed and code), prints how many changes were detected, and the diff of each one that was not.
docs/design/testing.md says how to read it.

mutmut makes the changes. It does not run them here: its own runner takes no sample, and neither
module constants, class bodies nor properties. Each mutant runs in a fork of one process that has
the libraries loaded already, with the tests that reach its function, those of its line first; its
source is handed to the import system, so that no file is touched.

Each mutant that is not detected is printed as soon as that is known. ``--resume FILE`` keeps in
the file which ones were detected, and leaves those aside in the next run: after adding a test, only
the survivors run again.
"""

import argparse
import ast
import difflib
import functools
import hashlib
import importlib
import importlib.abc
import importlib.util
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from importlib.metadata import entry_points
from itertools import islice
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src"
STATED = ROOT / "tools" / "equivalent_mutants.toml"

AREAS = {
    "core": (["core/*.py"], ["core/*.py", "clients/*.py", "auth/*.py", "concurrency/*.py"]),
    "decoding": (["codec/decoding.py"], ["codec/*.py", "models/*.py", "core/*.py", "clients/*.py"]),
    "upload": (["clients/uploads.py"], ["clients/test_uploads.py", "core/*.py"]),
    "auth": (["auth/**/*.py"], ["auth/*.py", "clients/*.py", "core/*.py"]),
    "rtm": (["core/rtm/**/*.py"], ["core/rtm/**/*.py", "clients/rtm/*.py"]),
    "recovery": (["core/rtm/recovery/*.py"], ["core/rtm/recovery/*.py"]),
    # Without the tests that need a socket: they take a hundred times as long.
    "session": (["core/rtm/*.py"], ["core/rtm/*.py", "pushes/*.py"]),
    "executor": (["concurrency/ordered_executor.py"], ["concurrency/test_ordered_executor.py"]),
    "webhooks": (["webhooks/**/*.py"], ["webhooks/**/*.py"]),
    "models": (
        ["bots/models/*.py", "clients/tool*.py", "spec/tools.py", "readable.py"],
        ["bots/models/*.py", "clients/test_tools.py", "spec/test_tools.py"],
    ),
    "world": (["sandbox/world/**/*.py"], ["sandbox/**/*.py"]),
    "store": (["sandbox/store/**/*.py"], ["sandbox/**/*.py"]),
    "deliveries": (["sandbox/webhooks/**/*.py"], ["sandbox/**/*.py"]),
}
"""What is changed, below src/frontdesk, and which tests, below tests, are to notice."""
ELSEWHERE = ("_endings.py", "_kills.py")
"""How tests end that run the code in other processes, where no change is seen."""

PYTEST = [
    "-x", "-q", "--no-header", "--tb=no", "-p", "no:randomly",
    "-p", "no:cacheprovider", "--assert=plain",
]  # fmt: skip
UNUSED = 70
"""Exit code of a run that did not get as far as the change."""
USAGE_ERROR = 4
"""Exit code of pytest when a test or a conftest file cannot be imported."""
DETECTED = "detected"
HANGS = f"{DETECTED}: hangs"
CACHED = type(functools.cache(len))
"""What functions are that remember their results."""
FIRST = 2
"""Files of tests that are run before the others."""
LEAST_TIMEOUT = 20.0
"""Seconds that the tests of a mutant may take at least, before they count as hanging."""


@dataclass(frozen=True)
class Mutant:
    """One changed file."""

    path: Path
    lines: tuple[int, int]
    """First and last line of the statement."""
    scope: tuple[int, int]
    """The same of the function around it."""
    source: str = field(repr=False)

    @property
    def module(self) -> str:
        parts = self.path.relative_to(SOURCE).with_suffix("").parts
        return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

    @property
    def diff(self) -> str:
        before = self.path.read_text().splitlines()
        name = str(self.path.relative_to(ROOT))
        lines = difflib.unified_diff(before, self.source.splitlines(), name, name, "", "", 1, "")
        return "\n".join(lines)

    @property
    def change(self) -> tuple[str, str, str]:
        """The file, the lines that went and those that came, without their indentation."""
        lines = self.diff.splitlines()[2:]
        went, came = (
            "\n".join(line[1:].strip() for line in lines if line[0] == sign) for sign in "-+"
        )
        return str(self.path.relative_to(ROOT)), went, came

    @property
    def digest(self) -> str:
        """What tells it from all other mutants, and from the same change of other code."""
        return hashlib.sha256(f"{self.path.relative_to(ROOT)}\n{self.source}".encode()).hexdigest()


class Changes:
    """All changes of a file, in its order."""

    def __init__(self, path: Path) -> None:
        from libcst.metadata import PositionProvider

        self.path = path
        self.source = path.read_text()
        self.wrapper, self.mutations = _mutations(path, self.source)
        self.positions = self.wrapper.resolve(PositionProvider)
        nodes = ast.walk(ast.parse(self.source))
        self.statements = [node for node in nodes if isinstance(node, ast.stmt)]

    def __len__(self) -> int:
        return len(self.mutations)

    def mutant(self, number: int) -> Mutant | None:
        """Make a change; ``None`` if Python refuses it or takes it for the same code."""
        mutation = self.mutations[number]
        module = self.wrapper.module
        changed = module.deep_replace(mutation.original_node, mutation.mutated_node).code
        try:
            if _meaning(changed) == _meaning(self.source):
                return None
        except (SyntaxError, ValueError):
            return None
        lines = _lines(self.statements, self.positions[mutation.original_node])
        return Mutant(self.path, lines, _scope(self.statements, lines), changed)


def draw(sources: Sequence[Path], size: int, seed: int) -> tuple[int, list[Mutant]]:
    """Return how many changes there are, and a random sample of those that are valid."""
    files = [Changes(path) for path in sources]
    every = [(file, number) for file in files for number in range(len(file))]
    random.Random(seed).shuffle(every)
    drawn = (file.mutant(number) for file, number in every)
    valid = (mutant for mutant in drawn if mutant is not None)
    return len(every), list(islice(valid, size))


def _mutations(path: Path, source: str) -> tuple[Any, list[Any]]:
    import libcst
    from libcst.metadata import MetadataWrapper
    from mutmut.mutation.file_mutation import MutationVisitor
    from mutmut.mutation.mutators import mutation_operators, operator_string
    from mutmut.mutation.pragma_handling import get_ignored_lines

    def first_text(node: Any) -> Iterator[Any]:
        # The further ones change nothing but its case.
        yield from list(operator_string(node))[:1]

    class Visitor(MutationVisitor):
        def _skip_node_and_children(self, node: Any) -> bool:
            # mutmut cannot run changes of decorated functions; here they run like any other.
            if isinstance(node, libcst.FunctionDef):
                node = node.with_changes(decorators=())
            return super()._skip_node_and_children(node) or _is_never_noticed(node)

    wrapper = MetadataWrapper(libcst.parse_module(source))
    operators = [
        (kind, first_text if operator is operator_string else operator)
        for kind, operator in mutation_operators
    ]
    visitor = Visitor(operators, get_ignored_lines(str(path), source, wrapper))
    wrapper.visit(visitor)
    return wrapper, visitor.mutations


def _scope(statements: list[ast.stmt], lines: tuple[int, int]) -> tuple[int, int]:
    """Return the lines of the outermost function around a statement, or its own."""
    around = [
        (node.lineno, node.end_lineno or node.lineno)
        for node in statements
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.lineno <= lines[0] <= (node.end_lineno or node.lineno)
    ]
    return min(around, default=lines)


def _lines(statements: list[ast.stmt], where: Any) -> tuple[int, int]:
    """Return the lines of the statement at a place, of a compound one those of its head.

    Python notes only some lines of a statement as run.
    """
    line = where.start.line
    around = [node for node in statements if node.lineno <= line <= (node.end_lineno or line)]
    if not around:
        return line, where.end.line
    inner = max(around, key=lambda node: node.lineno)
    last = inner.end_lineno or line
    body = getattr(inner, "body", None)
    if body:
        last = max(line, body[0].lineno - 1)
    return inner.lineno, last


def _is_never_noticed(node: Any) -> bool:
    """Whether a node is about names and types only: ``__all__``, type variables, type checking."""
    import libcst.matchers as m

    return m.matches(
        node,
        m.Assign(targets=[m.AssignTarget(m.Name("__all__"))])
        | m.Assign(value=m.Call(func=m.Name("TypeVar") | m.Name("ContextVar")))
        | m.AnnAssign(annotation=m.Annotation(m.Name("TypeAlias")))
        | m.If(test=m.Name("TYPE_CHECKING")),
    )


def _meaning(source: str) -> str:
    return ast.dump(ast.parse(source))


class Changed(importlib.abc.MetaPathFinder, importlib.abc.SourceLoader):
    """Gives one module another source."""

    def __init__(self, mutant: Mutant) -> None:
        self.mutant = mutant
        self.used = False

    def find_spec(self, fullname: str, path: object, target: object = None) -> Any:
        if fullname != self.mutant.module:
            return None
        package = self.mutant.path.name == "__init__.py"
        spec = importlib.util.spec_from_file_location(
            fullname,
            self.mutant.path,
            loader=self,
            submodule_search_locations=[str(self.mutant.path.parent)] if package else None,
        )
        if spec is not None:
            spec.cached = None
        return spec

    def get_filename(self, fullname: str) -> str:
        return str(self.mutant.path)

    def get_data(self, path: str | bytes) -> bytes:
        self.used = True
        return self.mutant.source.encode()

    def path_stats(self, path: str | bytes) -> Any:
        raise OSError


class Chosen:
    """A pytest plugin that keeps the tests chosen, in their order."""

    def __init__(self, tests: Iterable[str]) -> None:
        self.ranks = {name: rank for rank, name in enumerate(tests)}

    def pytest_collection_modifyitems(self, items: list[Any]) -> None:
        items[:] = [item for item in items if _test(item.nodeid) in self.ranks]
        items.sort(key=lambda item: self.ranks[_test(item.nodeid)])


def _mirror(path: Path) -> str:
    """Return the file of the tests of a module, as far as its name says."""
    below = path.relative_to(SOURCE / "frontdesk")
    return str(Path("tests") / below.parent / f"test_{below.name}")


def _test(nodeid: str) -> str:
    return nodeid.partition("[")[0]


def record(sources: Sequence[Path], tests: Sequence[str], target: Path) -> None:
    """Run the tests once, and write down how long each takes and which lines it reaches."""
    import coverage
    import pytest

    measured = coverage.Coverage(data_file=None, include=[str(path) for path in sources])
    seconds: dict[str, float] = {}

    class Recorder:
        @pytest.hookimpl(wrapper=True)
        def pytest_runtest_protocol(self, item: Any) -> Any:
            _forget_results()
            measured.switch_context(_test(item.nodeid))
            started = time.monotonic()
            try:
                return (yield)
            finally:
                name = _test(item.nodeid)
                seconds[name] = seconds.get(name, 0.0) + time.monotonic() - started
                measured.switch_context("")

    measured.start()
    code = pytest.main([*PYTEST, *tests], plugins=[Recorder()])
    measured.stop()
    data = measured.get_data()
    reached = {}
    for path in data.measured_files():
        lines = data.contexts_by_lineno(path)
        reached[path] = {line: sorted(filter(None, names)) for line, names in lines.items()}
    modules = sorted(name for name, module in sys.modules.items() if _is_library(name, module))
    result = {"code": int(code), "seconds": seconds, "reached": reached, "modules": modules}
    target.write_text(json.dumps(result))


def _forget_results() -> None:
    """Empty the caches of functions, or only the first test to ask would reach them."""
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] == "frontdesk":
            for value in list(vars(module).values()):
                if isinstance(value, CACHED):
                    value.cache_clear()


def _is_library(name: str, module: Any) -> bool:
    file = getattr(module, "__file__", None) or ""
    return "site-packages" in file and not name.startswith(("_pytest", "pytest", "coverage"))


class Baseline:
    """What a run of the unchanged code showed."""

    def __init__(self, sources: Sequence[Path], tests: Sequence[str]) -> None:
        with tempfile.TemporaryDirectory() as folder:
            target = Path(folder) / "baseline.json"
            command = [sys.executable, __file__, "--record", str(target), *tests, "--", *sources]
            subprocess.run([str(part) for part in command], check=True, cwd=ROOT)
            result = json.loads(target.read_text())
        if result["code"] != 0:
            raise SystemExit("the tests fail before anything is changed")
        self.seconds: dict[str, float] = result["seconds"]
        self.reached: dict[str, dict[str, list[str]]] = result["reached"]
        self.modules: list[str] = result["modules"]

    def tests_of(self, mutant: Mutant) -> dict[str, float]:
        """Return the tests that reach a mutant, the best ones first, and how long they take."""
        reached = self.reached.get(str(mutant.path), {})

        def reaching(first: int, last: int) -> set[str]:
            lines = range(first, last + 1)
            return {name for line in lines for name in reached.get(str(line), ())}

        mirror = _mirror(mutant.path)
        near = reaching(*mutant.lines)
        # Python 3.11 shows no lines of a generator after `throw`: the function is what counts.
        names = near | reaching(*mutant.scope)
        if not names and str(mutant.lines[0]) in reached:
            # Run by the import alone: whoever uses the module depends on it. A test of classes
            # that have no functions reaches no line anywhere.
            here, anywhere = (
                {name for lines in files for tests in lines.values() for name in tests}
                for files in ([reached], self.reached.values())
            )
            own = {name for name in self.seconds if name.partition("::")[0] == mirror}
            names = here | own | (self.seconds.keys() - anywhere)

        def rank(name: str) -> tuple[bool, bool, float]:
            return name not in near, name.partition("::")[0] != mirror, self.seconds[name]

        ordered = sorted(names, key=rank)
        return {name: self.seconds[name] for name in ordered}

    def stages_of(self, mutant: Mutant) -> list[dict[str, float]]:
        """Return the tests that reach a mutant: first those of the best files, then the rest.

        To collect what is in a hundred files takes longer than most mutants live.
        """
        seconds = self.tests_of(mutant)
        files = list(dict.fromkeys(name.partition("::")[0] for name in seconds))
        first = {
            name: took for name, took in seconds.items() if name.partition("::")[0] in files[:FIRST]
        }
        rest = {name: took for name, took in seconds.items() if name not in first}
        return [stage for stage in (first, rest) if stage]

    def load_libraries(self) -> None:
        """Import what the tests import, but for the project and the plugins of pytest."""
        plugins = {point.module.partition(".")[0] for point in entry_points(group="pytest11")}
        # Its plugin warns, which is an error here, when it was at work before.
        plugins.add("hypothesis")
        for name in self.modules:
            if name.partition(".")[0] not in plugins:
                with suppress(Exception):
                    importlib.import_module(name)


def start(mutant: Mutant, seconds: dict[str, float], folder: str) -> int:
    """Run the tests of a mutant in a child process, and return its id."""
    pid = os.fork()
    if pid:
        return pid
    code = UNUSED
    try:
        os.setsid()
        os.chdir(ROOT)
        null = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(null, stream)
        os.environ["HYPOTHESIS_STORAGE_DIRECTORY"] = f"{folder}/{os.getpid()}"
        changed = Changed(mutant)
        sys.meta_path.insert(0, changed)
        import pytest

        files = sorted({name.partition("::")[0] for name in seconds})
        code = int(pytest.main([*PYTEST, *files], plugins=[Chosen(seconds)]))
        if not changed.used:
            code = UNUSED
    finally:
        os._exit(code)
    raise AssertionError


def run(
    sample: list[Mutant], baseline: Baseline, jobs: int, resumed: Path | None
) -> dict[int, str]:
    """Run a sample and return how each mutant ended, by its position.

    Those not detected are printed at once, and so are those that hang: on a busy machine they may
    only have been slow. ``resumed`` is the file of those detected before, and how.
    """
    lines = resumed.read_text().splitlines() if resumed and resumed.exists() else []
    # A file of before has the digests alone.
    earlier = {
        digest: end or DETECTED for digest, _, end in (line.partition(" ") for line in lines)
    }
    ends = {
        position: earlier[mutant.digest]
        for position, mutant in enumerate(sample)
        if mutant.digest in earlier
    }

    def note(position: int, end: str) -> None:
        ends[position] = end
        mutant = sample[position]
        if end == HANGS or not end.startswith(DETECTED):
            print(f"\n{end}:\n{mutant.diff}", flush=True)
        if end.startswith(DETECTED) and resumed is not None:
            with resumed.open("a") as file:
                file.write(f"{mutant.digest} {end}\n")
        _show_progress(len(ends), len(sample))

    running: dict[int, tuple[int, float]] = {}
    waiting = [position for position in range(len(sample)) if position not in ends][::-1]
    stages: dict[int, list[dict[str, float]]] = {}
    with tempfile.TemporaryDirectory() as folder:
        while waiting or running:
            while waiting and len(running) < jobs:
                position = waiting.pop()
                mutant = sample[position]
                if position not in stages:
                    stages[position] = baseline.stages_of(mutant)
                if not stages[position]:
                    note(position, "no test reaches it")
                    continue
                seconds = stages[position].pop(0)
                deadline = time.monotonic() + LEAST_TIMEOUT + 5 * sum(seconds.values())
                running[start(mutant, seconds, folder)] = position, deadline
            time.sleep(0.02)
            for pid, (position, deadline) in list(running.items()):
                done, status = os.waitpid(pid, os.WNOHANG)
                if done:
                    end = _verdict(status)
                elif time.monotonic() > deadline:
                    end = HANGS
                else:
                    continue
                del running[pid]
                with suppress(ProcessLookupError):
                    os.killpg(pid, signal.SIGKILL)
                if not done:
                    os.waitpid(pid, 0)
                if end == "survived" and stages[position]:
                    waiting.append(position)
                else:
                    note(position, end)
    return ends


def _verdict(status: int) -> str:
    if os.WIFSIGNALED(status):
        return "detected: crashes"
    code = os.WEXITSTATUS(status)
    if code == USAGE_ERROR:
        # The tests were found before, so it is the changed module that cannot be imported.
        return "detected: cannot be imported"
    return "survived" if code == 0 else "broken run" if code in (5, UNUSED) else "detected"


def _show_progress(done: int, total: int) -> None:
    if sys.stderr.isatty() or done % 20 == 0 or done == total:
        end = "\r" if sys.stderr.isatty() and done < total else "\n"
        print(f"{done} of {total}", end=end, file=sys.stderr, flush=True)


def stated_equivalent() -> dict[tuple[str, str, str], str]:
    """Return the changes that are known to change nothing, and why."""
    stated = tomllib.loads(STATED.read_text())["mutant"] if STATED.exists() else []
    return {(entry["file"], entry["went"], entry["came"]): entry["why"] for entry in stated}


def report(sample: list[Mutant], ends: dict[int, str], equivalent: int) -> bool:
    """Print the share of mutants that were detected; return whether all of them were."""
    detected = sum(end.startswith(DETECTED) for end in ends.values())
    share = 100 * detected / max(1, len(sample))
    hanging = sum(end == HANGS for end in ends.values())
    print(f"\n{detected} of {len(sample)} mutants detected, {share:.1f} %", end="")
    print(f", {hanging} of them by hanging" if hanging else "", end="")
    print(f"; {equivalent} stated to be equivalent were left aside" if equivalent else "")
    return detected == len(sample)


def tests_of(areas: Iterable[str]) -> list[str]:
    """Return the files of the tests that are to notice changes in some areas."""
    patterns = [pattern for area in areas for pattern in AREAS[area][1]]
    files = [path for pattern in patterns for path in sorted((ROOT / "tests").glob(pattern))]
    return [
        str(path.relative_to(ROOT))
        for path in dict.fromkeys(files)
        if path.name.startswith("test_") and not path.name.endswith(ELSEWHERE)
    ]


def main() -> int:
    if sys.argv[1:2] == ["--record"]:
        split = sys.argv.index("--")
        record([Path(name) for name in sys.argv[split + 1 :]], sys.argv[3:split], Path(sys.argv[2]))
        return 0
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("areas", nargs="+", choices=sorted(AREAS))
    parser.add_argument("-n", type=int, default=300, help="size of the sample (300)")
    parser.add_argument("--seed", type=int, default=8, help="which sample (8)")
    parser.add_argument("-j", "--jobs", type=int, default=1, help="processes (1)")
    parser.add_argument("--at-least", type=float, help="fail below this percentage")
    parser.add_argument("--resume", type=Path, help="file of those detected, to go on with")
    options = parser.parse_args()

    patterns = [pattern for area in options.areas for pattern in AREAS[area][0]]
    sources = sorted({path for p in patterns for path in (SOURCE / "frontdesk").glob(p)})
    tests = tests_of(options.areas)
    every, sample = draw(sources, options.n, options.seed)
    known = stated_equivalent()
    chosen = [mutant for mutant in sample if mutant.change not in known]
    print(f"{every} mutants of {len(sources)} files, {len(sample)} in the sample", flush=True)

    baseline = Baseline(sources, tests)
    baseline.load_libraries()
    ends = run(chosen, baseline, options.jobs, options.resume)
    complete = report(chosen, ends, len(sample) - len(chosen))
    if options.at_least is None:
        return 0 if complete else 1
    detected = sum(end.startswith(DETECTED) for end in ends.values())
    return 0 if 100 * detected >= options.at_least * len(chosen) else 1


if __name__ == "__main__":
    sys.exit(main())
