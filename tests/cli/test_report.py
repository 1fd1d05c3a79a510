"""``frontdesk report``: what it prints and writes, and its errors."""

import csv
import datetime as dt
import errno
import json
import os
import re
import sys

import msgspec
import pytest

from frontdesk.cli import main

from ..archives.report._exports import BOT, Export, worked_example

START = dt.datetime(2026, 5, 4, 10, tzinfo=dt.UTC)
HELD = {
    "since": dt.datetime(2026, 3, 1, tzinfo=dt.UTC),
    "until": dt.datetime(2026, 6, 1, tzinfo=dt.UTC),
}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    export = Export()
    worked_example(export, START)
    export.thread(START, (0, "customer"), (1, BOT), tags=["a\x1b[31mred\nline"], country="DE")
    export.thread(START - dt.timedelta(days=30), (0, "customer"), rating_score=1, customer="C2")
    export.user(START.date(), "C1", "Grace Hopper", email="grace@example.org")
    return export.write(tmp_path / "chats", **HELD)


@pytest.fixture
def run(capsys):
    def run(*words):
        with pytest.raises(SystemExit) as ended:
            main(["report", *map(str, words)])
        captured = capsys.readouterr()
        return ended.value.code, captured.out, captured.err

    return run


def test_a_report_is_figures_on_the_screen_and_a_page(folder, run, tmp_path):
    code, out, err = run("chats", "--timezone", "Europe/Berlin")
    assert (code, err) == (0, "written: report.html\n")
    lines = out.splitlines()
    assert lines[0] == "May 2026"
    assert max(map(len, lines)) <= 80
    assert "\x1b" not in out
    assert re.search(r"Chats +2 +\+100 % +1 before", out)
    assert re.search(r"First response time +2 +26 s +26 s +45 s", out)
    assert "a [31mred line" in out
    assert "Grace" not in out
    assert (tmp_path / "report.html").read_text().startswith("<!DOCTYPE html>")


def test_json_is_the_output_and_words_are_not(folder, run):
    code, out, err = run("chats", "--timezone", "UTC", "--json", "--no-html")
    assert (code, err) == (0, "")
    report = json.loads(out)
    assert report["period"] == {
        "since": "2026-05-01T00:00:00Z",
        "until": "2026-06-01T00:00:00Z",
        "label": "May 2026",
    }
    figures = report["figures"]
    assert figures["chats"]["rows"] == [{"chats": 2, "continuous_chats": 0}]
    assert figures["chats"]["before"] == [{"chats": 1, "continuous_chats": 0}]
    assert figures["response_time"]["rows"][0]["mean_seconds"] == 20.5
    assert set(figures["response_time"]["assumptions"]) <= set(report["assumptions"])
    assert not (folder.parent / "report.html").exists()
    assert "Grace" not in out


def test_csv_is_a_file_or_a_folder(folder, run, tmp_path):
    assert run("chats", "--timezone", "UTC", "--csv", "figures", "--names")[0] == 0
    with (tmp_path / "figures" / "duration.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["period"], row["chats"], float(row["mean_seconds"])) for row in rows] == [
        ("this", "2", 150.5),
        ("before", "1", 0.0),
    ]
    assert run("chats", "--timezone", "UTC", "--csv", "all.csv", "--no-html")[0] == 0
    with (tmp_path / "all.csv").open(encoding="utf-8-sig", newline="") as file:
        values = {tuple(row.values())[:4]: row["value"] for row in csv.DictReader(file)}
    assert values["chats", "this", "", "chats"] == "2"
    assert values["chats_per_day", "before", "2026-04-04", "chats"] == "1"
    assert values["chats_per_hour", "this", "1 10:00", "chats"] == "2"
    assert values["agents", "this", "ada@example.com", "first_response_mean_seconds"] == "50.0"


def test_what_a_spreadsheet_would_run_is_text(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    export = Export()
    export.thread(START, tags=["=cmd|' /C calc'!A0", "-1+1", "@SUM(A1)"])
    export.write(tmp_path / "chats", **HELD)
    assert run("chats", "--timezone", "UTC", "--csv", "out")[0] == 0
    text = (tmp_path / "out" / "tags.csv").read_text(encoding="utf-8-sig")
    assert not re.search(r'(^|,)"?[=@-]', text, re.MULTILINE)
    assert "'=cmd|' /C calc'!A0" in text


def test_names_are_shown_when_they_are_asked_for(folder, run):
    export = Export()
    export.thread(START, (0, "customer"), customer="C1", queues_duration=61)
    export.user(START.date(), "C1", "Grace Hopper", email="grace@example.org")
    export.write("left", **HELD)
    out = run("left", "--timezone", "UTC", "--names", "--no-html")[1]
    assert re.search(r"2026-05-04 10:00 +Grace Hopper +grace@example.org +1 min 1 s", out)


def test_groups_are_those_that_were_asked_for(folder, run):
    code, out, _ = run("chats", "--timezone", "UTC", "--group", "1", "--group", "9", "--no-html")
    assert code == 0
    assert "Only chats of group 1, 9." in out
    code, _, err = run("chats", "--timezone", "UTC", "--group", "9", "--no-html")
    assert code == 1
    assert err == (
        "frontdesk: there are no chats in group 9 in the period May 2026 (UTC) in chats\n"
    )


def test_the_machines_time_zone_is_named_as_such(folder, run, monkeypatch):
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    out = run("chats", "--no-html")[1]
    assert "Asia/Tokyo, this machine's time zone" in out
    assert "this machine's" not in run("chats", "--timezone", "Asia/Tokyo", "--no-html")[1]


def test_queries_can_be_taken_away_changed_and_added(folder, run, tmp_path):
    code, out, err = run("--write-queries", "sql")
    assert (code, out) == (0, "")
    assert err.startswith("27 files written to sql") or re.match(r"\d+ files written to sql", err)
    query = tmp_path / "sql" / "tags.sql"
    query.write_text(
        "-- My tags\n--\n-- None at all.\n\nSELECT 'this' AS period, 'x' AS tag, 7 AS chats"
    )
    own = tmp_path / "sql" / "forms.sql"
    own.write_text("-- Forms\n\nSELECT 'this' AS period, count(*) AS forms FROM events")
    assert run("--write-queries", "sql")[2].startswith("0 files written")
    code, out, err = run("chats", "--timezone", "UTC", "--queries", "sql")
    assert code == 0
    assert re.search(r"More figures\n +This period", out)
    assert "My tags" in (tmp_path / "report.html").read_text()


def test_a_page_that_no_report_made_is_not_replaced(folder, run, tmp_path):
    (tmp_path / "report.html").write_text("<p>mine")
    code, out, err = run("chats", "--timezone", "UTC")
    assert (code, out) == (2, "")
    assert (
        err == "frontdesk: `--html` is required: report.html is there already, and is no report\n"
    )
    assert run("chats", "--timezone", "UTC", "--html", "report.html")[0] == 0
    assert run("chats", "--timezone", "UTC")[0] == 0


def state_of(folder, **changes):
    path = folder / "_frontdesk" / "state.json"
    state = msgspec.json.decode(path.read_bytes())
    state.update(changes)
    path.write_bytes(msgspec.json.encode(state))


@pytest.mark.parametrize(
    ("words", "code", "text"),
    [
        ((), 2, "`EXPORT` is required"),
        (("nowhere",), 1, "there is no export at nowhere"),
        (("empty",), 1, "empty holds no export"),
        (("notes.txt",), 2, "notes.txt is no DuckDB database"),
        (("lines.jsonl",), 2, "lines.jsonl is no DuckDB database; give an export to Parquet, "),
        (("rows.csv",), 2, "rows.csv is no DuckDB database; give an export to Parquet, Delta or "),
        (("chats", "--timezone", "Mars/Olympus"), 2, "`--timezone` must be an IANA time zone"),
        (("chats", "--since", "May"), 2, "`--since` must be a day such as 2026-03-31"),
        (
            ("chats", "--since", "2026-05-02", "--until", "2026-05-01"),
            2,
            "`--since` must be before the end of the period, `--until`",
        ),
        (("chats", "--since", "2020-01-01"), 2, "`--since` must lie in what the export holds"),
        (("chats", "--until", "2027-01-01"), 2, "`--until` must lie in what the export holds"),
        (("chats", "--since", "2026-05-20"), 1, "there are no chats in the period"),
        (("chats", "--queries", "empty"), 2, "`--queries` must be a folder with .sql files"),
        (
            ("chats", "--html", "x.html", "--no-html"),
            2,
            "`--no-html` cannot be given with `--html`",
        ),
        (("chats", "--html", "chats"), 1, "chats"),
    ],
)
def test_errors_are_one_clear_line(folder, run, tmp_path, words, code, text):
    (tmp_path / "empty").mkdir()
    (tmp_path / "notes.txt").write_text("no export\n" * 2000)
    (tmp_path / "lines.jsonl").write_text('{"thread_id": "T1"}\n' * 2000)
    (tmp_path / "rows.csv").write_text("thread_id,chat_id\nT1,K1\n" * 2000)
    if "--timezone" not in words:
        words = (*words, "--timezone", "UTC")
    ended, out, err = run(*words)
    assert (ended, out) == (code, "")
    (line,) = err.splitlines()
    assert line.startswith("frontdesk: ")
    assert text in line
    assert not (tmp_path / "report.html").exists()


def test_an_export_under_way_is_refused_beyond_what_is_whole(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    export = Export()
    export.thread(START - dt.timedelta(days=30), (0, "customer"))
    export.write(tmp_path / "chats", **HELD, done=False, window=HELD["until"])
    state_of(tmp_path / "chats", frontier="2026-05-01")
    code, out, err = run("chats", "--timezone", "UTC")
    assert (code, out) == (1, "")
    assert "the export is not complete: it was read up to 2026-05-01 00:00 UTC" in err
    words = ("--since", "2026-04-01", "--until", "2026-05-01", "--no-html")
    code, out, _ = run("chats", "--timezone", "UTC", *words)
    assert code == 0
    assert "The export is not complete, but holds this period." in out


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("--since", "2026-03-01"),
        ("--until", "2026-03-01"),
        ("--since", "2026-02-28", "--until", "2026-03-01"),
    ],
)
def test_nothing_can_be_reported_before_a_day_is_whole(run, tmp_path, monkeypatch, words):
    monkeypatch.chdir(tmp_path)
    Export().write(tmp_path / "chats", **HELD, done=False, window=HELD["until"])
    state_of(tmp_path / "chats", frontier="0001-01-01")
    code, out, err = run("chats", "--timezone", "UTC", *words)
    assert (code, out) == (1, "")
    assert err == (
        "frontdesk: the export is not complete, and nothing can be reported on yet: it holds no "
        "whole day; run the same `frontdesk export` again, which completes it\n"
    )


@pytest.mark.parametrize("option", ["--html", "--csv"])
@pytest.mark.parametrize("path", ["page.csv", "new/page.csv", "figures"])
@pytest.mark.parametrize(
    ("call", "number"),
    [
        ("tempfile.mkstemp", errno.EACCES),
        ("os.fdopen", errno.ENOSPC),
        ("pathlib.Path.replace", errno.EROFS),
    ],
)
def test_a_file_that_cannot_be_written_is_named(
    folder, run, tmp_path, monkeypatch, option, path, number, call
):
    def fail(*arguments, **named):
        names = ["/tmp/.hidden"] if call == "tempfile.mkstemp" else []
        raise OSError(number, os.strerror(number), *names)

    words = ("--no-html",) if option == "--csv" else ()
    monkeypatch.setattr(call, fail)
    code, out, err = run("chats", "--timezone", "UTC", option, path, *words)
    assert (code, out) == (1, "")
    assert re.fullmatch(rf"frontdesk: {re.escape(path)}(/\w+\.csv)?: {os.strerror(number)}\n", err)
    assert not [each for each in tmp_path.rglob(".*") if each.is_file()]


@pytest.mark.parametrize("words", [("--html", "notes/a/page.html"), ("--csv", "notes/a/figures")])
def test_a_folder_that_cannot_be_made_is_named_as_given(folder, run, tmp_path, words):
    (tmp_path / "notes").write_text("a file")
    no_html = ("--no-html",) if words[0] == "--csv" else ()
    code, _, err = run("chats", "--timezone", "UTC", *words, *no_html)
    assert (code, err) == (1, f"frontdesk: {words[1]}: Not a directory\n")


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"schema": 99}, "newer version of frontdesk"),
        ({"format": 99}, "newer version of frontdesk"),
        ({"schema": 0}, "older version of frontdesk"),
        ({"position": 7}, "whose state cannot be read"),
    ],
)
def test_another_version_is_refused(folder, run, changes, text):
    state_of(folder, **changes)
    code, out, err = run("chats", "--timezone", "UTC")
    assert (code, out) == (2, "")
    (line,) = err.splitlines()
    assert text in line


@pytest.mark.parametrize(
    ("sql", "text"),
    [
        ("SELECT 'this' AS period, nothing FROM chats", "Binder Error"),
        ("SELECT 1 AS one", "must return a column `period`"),
        ("SELEC", "Parser Error"),
    ],
)
def test_a_query_that_fails_is_named(folder, run, tmp_path, sql, text):
    (tmp_path / "sql").mkdir()
    (tmp_path / "sql" / "tags.sql").write_text(sql)
    code, out, err = run("chats", "--timezone", "UTC", "--queries", "sql")
    assert (code, out) == (1, "")
    (line,) = err.splitlines()
    assert "sql/tags.sql" in line
    assert text in line


@pytest.mark.parametrize("module", ["duckdb", "pygal", "jinja2", "tzlocal"])
def test_a_missing_package_is_named_with_its_extra(folder, run, monkeypatch, module):
    from frontdesk import extras

    monkeypatch.setattr(
        extras,
        "_is_installed",
        lambda name, real=extras._is_installed: name != module and real(name),
    )
    for name in [name for name in sys.modules if name.startswith("frontdesk.archives.report")]:
        monkeypatch.delitem(sys.modules, name)
    code, out, err = run("chats", "--timezone", "UTC")
    assert (code, out) == (1, "")
    (line,) = err.splitlines()
    assert f"needs {module}, which is not installed; run: pip install 'frontdesk[report]'" in line


def test_colours_are_for_terminals_only(folder, run, monkeypatch):
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    out = run("chats", "--timezone", "UTC", "--no-html")[1]
    assert "\x1b[1m" in out
    assert "\x1b[31mred" not in out
