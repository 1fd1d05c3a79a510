import io
import json
import subprocess
import sys

import pytest

from frontdesk.archives.targets.lines import lines_of
from frontdesk.archives.targets.standard_output import OutputEnded, StandardOutputTarget
from frontdesk.errors import ExportError

from ... import forked
from ..rows import batches, job, page, position, thread

PRINTING = """
import sys
from frontdesk.archives.targets.standard_output import OutputEnded, StandardOutputTarget
from tests.archives.rows import job, page, position, thread
target = StandardOutputTarget()
target.open()
target.begin(job(), position())
try:
    for number in range(1, 2000):
        target.write(page(thread(number)))
except OutputEnded as error:
    print(error, file=sys.stderr)
    sys.exit(3)
"""


def test_threads_are_printed_as_lines_of_json():
    written = io.BytesIO()
    target = StandardOutputTarget(write=written.write)
    assert target.open() is None
    target.begin(job(), position())
    target.write(page(thread(1)))
    target.write(page())
    target.write(page(thread(2)))
    target.finish(position(done=True))
    target.close()
    assert written.getvalue() == b"".join(lines_of(batches(thread(1), thread(2))))
    assert [json.loads(line)["thread_id"] for line in written.getvalue().splitlines()] == [
        "T1",
        "T2",
    ]


def test_an_update_is_refused_with_those_that_can():
    target = StandardOutputTarget()
    assert (target.can_resume, target.can_update) == (False, False)
    with pytest.raises(ExportError, match=r"standard output cannot be updated.*Parquet"):
        target.begin(job(), position(is_update=True))


def test_a_reader_that_ends_is_told_apart_and_nothing_else_is_said():
    with forked.Popen(
        [sys.executable, "-c", PRINTING],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert json.loads(process.stdout.readline())["thread_id"] == "T1"
        process.stdout.close()
        assert process.stderr is not None
        assert process.stderr.read() == "nobody reads the standard output any more\n"
        assert process.wait(60) == 3


def test_a_full_disk_is_one_line():
    def refuse(data):
        raise OSError(28, "No space left on device")

    target = StandardOutputTarget(write=refuse)
    target.begin(job(), position())
    with pytest.raises(ExportError, match="cannot write to the standard output: No space left"):
        target.write(page(thread(1)))


def test_what_the_writer_raises_is_left_as_it_is():
    class Stopped(Exception):
        pass

    def refuse(data):
        raise Stopped

    target = StandardOutputTarget(write=refuse)
    with pytest.raises(Stopped):
        target.write(page(thread(1)))


def test_a_closed_pipe_is_told_apart():
    def refuse(data):
        raise BrokenPipeError

    with pytest.raises(OutputEnded):
        StandardOutputTarget(write=refuse).write(page(thread(1)))
