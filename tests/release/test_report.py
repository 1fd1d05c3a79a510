"""What a run prints fits 80 columns, and its exit code says whether all of it worked."""

from tools.release.report import WIDTH, Report


def test_a_run_without_failures(capsys):
    report = Report()
    report.heading("Contents")
    report.check("all is there", [])
    report.skip("Python 3.12: this machine has none that can make environments.")
    assert report.end() == 0
    assert capsys.readouterr().out.splitlines() == [
        "",
        "Contents",
        "  ok      all is there",
        "",
        "Not tried",
        "  note    Python 3.12: this machine has none that can make environments.",
        "",
        "All passed",
    ]


def test_every_problem_is_a_failure(capsys):
    report = Report()
    report.check("all is there", ["the wheel lacks a.py", "the wheel lacks b.py"])
    assert report.end() == 1
    lines = capsys.readouterr().out.splitlines()
    assert "  FAILED  the wheel lacks b.py" in lines
    assert lines[-1] == "2 failed"


def test_of_what_a_program_printed_the_end_is_shown(capsys):
    report = Report()
    report.failed("pip ended with 1", "".join(f"line {number}\n" for number in range(50)))
    out = capsys.readouterr().out
    assert "line 49" in out
    assert "line 3\n" not in out


def test_lines_fit_the_terminal(capsys):
    report = Report()
    report.ok("word " * 60)
    report.failed("a failure " * 20, "x" * 500)
    assert max(map(len, capsys.readouterr().out.splitlines())) <= WIDTH
