"""A forked program is, for who started it, what ``subprocess`` starts."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from . import forked

PROGRAM = """
import os, sys
print(sys.argv[1:], os.getcwd(), sorted(os.environ.items()), __name__)
print(sys.stdin.read(), file=sys.stderr)
sys.exit(3)
"""


def both(*words: object, **options: object) -> None:
    """Assert that a program ends in the same way with both."""
    command = [sys.executable, *map(str, words)]
    here = forked.run(command, capture_output=True, text=True, **options)
    there = subprocess.run(command, capture_output=True, text=True, check=False, **options)  # type: ignore[call-overload]
    assert (here.returncode, here.stdout, here.stderr) == (
        there.returncode,
        there.stdout,
        there.stderr,
    )


def test_it_has_its_own_arguments_folder_environment_and_streams(tmp_path: Path) -> None:
    # Python itself sets a locale for a program that has none.
    environment = {"LC_CTYPE": "C.UTF-8", "NAME": "välue"}
    both("-c", PROGRAM, "a", "b c", cwd=tmp_path, env=environment, input="hello")


def test_a_script_and_a_module_are_started_as_python_does(tmp_path: Path) -> None:
    (tmp_path / "beside.py").write_text("import sys\nprint(__name__, len(sys.argv))\n")
    (tmp_path / "script.py").write_text("import beside, sys\nprint(__name__, sys.argv)\n")
    environment = {"LC_CTYPE": "C.UTF-8"}
    both(tmp_path / "script.py", "x", env=environment)
    both("-m", "beside", "x", cwd=tmp_path, env=environment)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it(number: signal.Signals) -> None:
    code = "print('ready', flush=True); import threading; threading.Event().wait()"
    with forked.Popen([sys.executable, "-c", code], stdout=-1, stderr=-1, text=True) as process:
        assert process.stdout.readline() == "ready\n"
        assert process.poll() is None
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(0)
        process.send_signal(number)
    assert process.returncode == -number


@pytest.mark.parametrize(("category", "code"), [("DeprecationWarning", 0), ("UserWarning", 1)])
def test_a_warning_is_an_error_where_it_shall_be(category: str, code: int) -> None:
    options = ["-W", "error", "-W", "ignore::DeprecationWarning"]
    program = f"import warnings; warnings.warn('old', {category})"
    ended = forked.run([sys.executable, *options, "-c", program], capture_output=True)
    assert ended.returncode == code


def test_what_python_reads_as_it_starts_is_refused() -> None:
    with pytest.raises(AssertionError, match="PYTHONHASHSEED"):
        forked.run([sys.executable, "-c", ""], env={**os.environ, "PYTHONHASHSEED": "5"})


def test_programs_do_not_hold_each_others_streams() -> None:
    wait = [sys.executable, "-c", "import sys; sys.stdin.read()"]
    with (
        forked.Popen(wait, stdin=-1, stdout=-1) as first,
        forked.Popen(wait, stdin=-1, stdout=-1) as second,
    ):
        first.communicate(timeout=20)
        assert second.poll() is None
        second.communicate(timeout=20)
    assert (first.returncode, second.returncode) == (0, 0)
