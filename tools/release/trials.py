"""Distributions installed into fresh environments, and used there as people use them."""

import signal
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tools.release.running import Failure, clean_environment, run

PROGRAMS: Final = Path(__file__).parent / "programs"
_START: Final = 120
_STOP: Final = 30


@dataclass(frozen=True)
class Environment:
    """A virtual environment of one interpreter, in a folder of its own."""

    folder: Path

    @classmethod
    def make(cls, python: Path, folder: Path) -> "Environment":
        """Make an environment that has nothing but pip."""
        folder.mkdir(parents=True)
        run([python, "-m", "venv", folder / "venv"], cwd=folder)
        return cls(folder)

    def program(self, name: str) -> Path:
        return self.folder / "venv" / "bin" / name

    def install(self, distribution: Path, extras: str) -> None:
        """Install a distribution as a user does, with the newest of what it needs."""
        requirement = f"{distribution}[{extras}]" if extras else str(distribution)
        run([self.program("pip"), "install", "--quiet", requirement], cwd=self.folder)
        run([self.program("pip"), "check"], cwd=self.folder)

    def run(self, *words: str, code: int = 0) -> str:
        """Run a program of this environment."""
        return run([self.program(words[0]), *words[1:]], cwd=self.folder, code=code)

    def program_file(self, name: str, *arguments: str, warnings: bool = True) -> str:
        """Run one of the programs beside this file, with warnings as errors."""
        strict = ["-W", "error"] if warnings else []
        # -I: neither this folder nor the user's packages are on the path.
        return self.run("python", "-I", *strict, str(PROGRAMS / f"{name}.py"), *arguments)


def try_base(environment: Environment, distribution: Path, version: str) -> str:
    """Try the clients alone: what is there works, and what is missing says how to get it."""
    environment.install(distribution, "")
    environment.program_file("base", version)
    output = environment.run("frontdesk", "--version", code=1)
    if "pip install 'frontdesk[cli]'" not in output:
        raise Failure("`frontdesk --version` does not name the extra that it needs", output)
    return "imports, refused connections, missing extras named"


def try_sandbox(environment: Environment, distribution: Path, version: str) -> str:
    """Try the commands and the sandbox: the demo, and calls to a served one."""
    environment.install(distribution, "sandbox")
    output = environment.run("frontdesk", "--version").strip()
    if output != f"frontdesk {version}":
        raise Failure(f"`frontdesk --version` does not print frontdesk {version}", output)
    environment.run("frontdesk", "demo")
    with served(environment) as url:
        environment.program_file("sandbox", url)
    return "demo, the sandbox served, calls by HTTP, RTM and in process"


def try_all(environment: Environment, distribution: Path, version: str) -> str:
    """Try every extra at once: each module can be imported, and the demo ends with a report."""
    environment.install(distribution, "all")
    modules = environment.program_file("everything", version, warnings=False).strip()
    output = environment.run("frontdesk", "demo")
    for command in ("export", "report", "mcp", "migrate", "bot"):
        environment.run("frontdesk", command, "--help")
    if "frontdesk[" in output:
        raise Failure("the demo misses an extra though all are installed", output)
    return f"{modules} imported, demo with export and report, help of commands"


TRIALS: Final[dict[str, Callable[[Environment, Path, str], str]]] = {
    "": try_base,
    "sandbox": try_sandbox,
    "all": try_all,
}
"""By the extra, in an order in which each one contains those before it."""


@contextmanager
def served(environment: Environment) -> Iterator[str]:
    """Serve a sandbox at a free port while a block runs; it must end by itself when asked to."""
    lines: list[str] = []
    with subprocess.Popen(
        [environment.program("frontdesk"), "sandbox", "--port", "0"],
        cwd=environment.folder,
        env=clean_environment({"PYTHONUNBUFFERED": "1"}),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        # Ends the wait for a line that never comes.
        watchdog = threading.Timer(_START, process.kill)
        watchdog.start()
        try:
            assert process.stdout is not None
            for line in process.stdout:
                lines.append(line)
                if line.startswith("ready "):
                    break
            else:
                raise Failure("the sandbox did not become ready", "".join(lines))
            watchdog.cancel()
            yield lines[-1].removeprefix("ready ").strip()
            process.send_signal(signal.SIGTERM)
            try:
                rest, _ = process.communicate(timeout=_STOP)
            except subprocess.TimeoutExpired:
                raise Failure(f"the sandbox did not end within {_STOP} seconds") from None
            if process.returncode:
                raise Failure(f"the sandbox ended with {process.returncode}", rest)
        finally:
            watchdog.cancel()
            process.kill()  # does nothing to one that has ended
