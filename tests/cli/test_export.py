"""``frontdesk export``: what it writes, what it says, and what it ends with."""

import hashlib
import io
import json
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from frontdesk.models import File
from frontdesk.sandbox import Sandbox

from .. import forked
from ._running import Run, as_json, ok, refused

FIRST = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=14)
SINCE = ("--since", f"{FIRST:%Y-%m-%d}")


def threads(folder: Path) -> list[str]:
    """The ids of the exported threads, as any reader of Parquet finds them."""
    table = pq.read_table(folder / "threads", columns=["thread_id"])
    return sorted(table["thread_id"].to_pylist())


def archived(sandbox: Sandbox, **filters: Any) -> list[str]:
    period = {"from": FIRST, **filters}
    with sandbox.client() as client:
        return sorted(chat.thread.id for chat in client.iter_archives(filters=period))


def test_all_threads_are_exported_and_the_same_command_has_nothing_to_do(
    run: Run, served: Sandbox, tmp_path: Path
) -> None:
    folder = tmp_path / "chats"
    code, text, errors = run("export", *SINCE, str(folder))
    assert (code, text) == (0, "")
    assert f"exporting from the sandbox at {served.url} to {folder}" in errors
    assert f"exported {len(archived(served))} threads, " in errors
    assert threads(folder) == archived(served)
    before = len(served.calls("list_archives"))
    _, _, errors = run("export", *SINCE, str(folder))
    assert "nothing to do" in errors
    assert len(served.calls("list_archives")) == before


def test_an_update_needs_nothing_but_the_target(run: Run, served: Sandbox, tmp_path: Path) -> None:
    folder = tmp_path / "chats"
    ok(run("export", *SINCE, "--filter", "query=order", str(folder)))
    before = threads(folder)
    assert before == archived(served, query="order")
    served.customer("Zoe").say("My order is broken.")
    served.advance(timedelta(days=2))
    done = as_json(run("export", "--update", "--json", str(folder)))
    after = threads(folder)
    assert done["outcome"] == "updated"
    assert len(after) > len(before)
    assert after == archived(served, query="order")


def test_a_budget_ends_it_and_the_same_command_goes_on(
    run: Run, served: Sandbox, tmp_path: Path
) -> None:
    folder = tmp_path / "chats"
    command = ("export", *SINCE, str(folder))
    line = refused(run(*command, "--budget", "1"), code=1)
    assert line == "the budget of 1 request is spent; the same command goes on where it was"
    done = as_json(run(*command, "--json"))
    assert done["outcome"] == "resumed"
    assert done["events"] == pq.read_table(folder / "events").num_rows
    assert threads(folder) == archived(served)


def test_lines_go_to_the_standard_output(run: Run, served: Sandbox) -> None:
    lines = ok(run("export", *SINCE, "--quiet", "-")).splitlines()
    assert sorted(json.loads(line)["thread_id"] for line in lines) == archived(served)


def test_a_quiet_run_says_nothing(run: Run, tmp_path: Path) -> None:
    assert run("export", *SINCE, "-q", str(tmp_path / "chats")) == (0, "", "")


def test_only_some_tables(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "chats"
    ok(run("export", *SINCE, "--tables", "tags,threads", str(folder)))
    assert {path.name for path in folder.iterdir() if path.name[0] not in "_."} == {
        "tags",
        "threads",
    }


def test_the_format_can_be_given(run: Run, tmp_path: Path) -> None:
    ok(run("export", *SINCE, "--format", "csv", str(tmp_path / "chats")))
    assert (tmp_path / "chats" / "threads.csv").exists()


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (("chats/",), "`--since` is required for a new export, such as 2026-01-31"),
        ((*SINCE,), "`TARGET` is required, such as a folder: chats/"),
        (
            ("--since", "2026-02-01", "--until", "2026-01-01", "chats/"),
            "`--until` must not be before `--since`",
        ),
        (
            ("--since", "2026-02-30", "chats/"),
            "`--since` must be a day such as 2026-01-31, or a time such as 2026-01-31T09:00Z, not ",
        ),
        (
            ("--since", "2026-02-03T10:00", "chats/"),
            "`--since` must have a time zone, such as 2026-02-03T10:00Z or 2026-02-03T10:00+01:00",
        ),
        (
            (*SINCE, "--tables", "threads,event", "chats/"),
            "`--tables` must be the name of a table, not `event`; did you mean `events`?",
        ),
        (
            (*SINCE, "--filter", "tag=x", "chats/"),
            "`--filter` does not know `tag`; did you mean `tags`?",
        ),
        (
            (*SINCE, "--filter", "from=2026-01-01", "chats/"),
            "`--filter` cannot be `from`: `--since` decides that",
        ),
        (
            (*SINCE, "--offline", "chats/"),
            "`--offline` belongs to `--plan`: an export asks the API",
        ),
        ((*SINCE, "--budget", "0", "chats/"), "Invalid value for '--budget': must be a whole"),
        ((*SINCE, "--format", "xlsx", "chats/"), "`--format` must be one of parquet, delta, "),
        ((*SINCE, "chats.xlsx"), "`TARGET` must be a folder, or a file that ends with .duckdb, "),
        (("--since", "2999-01-01", "chats/"), "`--since` must not be in the future; it is "),
    ],
)
def test_wrong_use_is_one_line_and_nothing_is_sent(
    run: Run,
    served: Sandbox,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    words: tuple[str, ...],
    line: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    before = len(served.calls())
    assert refused(run("export", *words)).startswith(line)
    assert len(served.calls()) == before


@pytest.mark.parametrize(
    ("words", "name"),
    [
        (("--since", "2020-02-01"), "since"),
        ((*SINCE, "--until", "2999-02-01"), "until"),
        ((*SINCE, "--filter", "tags=refund"), "filters"),
        ((*SINCE, "--tables", "threads"), "tables"),
        ((*SINCE, "--raw"), "raw"),
    ],
)
def test_an_export_of_something_else_is_refused(
    run: Run, tmp_path: Path, words: tuple[str, ...], name: str
) -> None:
    folder = str(tmp_path / "chats")
    ok(run("export", *SINCE, folder))
    line = refused(run("export", *words, folder))
    assert line.startswith(f"the target holds an export with another `{name}`: ")
    assert "another path" in line


def test_an_empty_period_is_no_error(run: Run, tmp_path: Path) -> None:
    done = as_json(
        run(
            "export",
            "--since",
            "2020-01-01",
            "--until",
            "2020-01-02",
            "--json",
            str(tmp_path / "chats"),
        )
    )
    assert (done["outcome"], done["threads"]) == ("exported", 0)


def test_a_token_that_has_expired_is_one_line(
    run: Run, served: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FRONTDESK_TOKEN", served.tokens["expired"])
    line = refused(run("export", *SINCE, str(tmp_path / "chats")), code=1)
    assert "expired" in line or "uthenti" in line
    monkeypatch.setenv("FRONTDESK_TOKEN", served.tokens["owner"])
    ok(run("export", *SINCE, str(tmp_path / "chats")))
    assert threads(tmp_path / "chats") == archived(served)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_in_order_when_asked_to(
    served: Sandbox, run: Run, tmp_path: Path, number: int
) -> None:
    served.fault("latency", "list_archives", seconds=0.3)
    command = [sys.executable, "-m", "frontdesk", "export", *SINCE, "chats/"]
    with forked.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, text=True) as process:
        while not served.calls("list_archives"):
            time.sleep(0.02)
        process.send_signal(number)
        _, errors = process.communicate(timeout=30)
    assert process.returncode == 130
    assert errors.splitlines()[-1] == ("frontdesk: stopped; the same command goes on where it was")
    served.clear_faults()
    ok(run("export", *SINCE, str(tmp_path / "chats")))
    assert threads(tmp_path / "chats") == archived(served)


def test_a_plan_costs_a_request_a_month_and_writes_nothing(
    run: Run, served: Sandbox, tmp_path: Path
) -> None:
    folder = tmp_path / "chats"
    before = len(served.calls("list_archives"))
    plan = as_json(run("export", *SINCE, "--plan", "--json", str(folder)))
    assert len(served.calls("list_archives")) - before == len(plan["windows"]) == plan["asked"]
    assert plan["threads"] == len(archived(served))
    assert not list(folder.glob("threads"))
    done = as_json(run("export", *SINCE, "--json", str(folder)))
    assert done["requests"] == plan["requests"]


def test_a_plan_for_people_fits_the_terminal(run: Run, served: Sandbox) -> None:
    code, text, errors = run("export", *SINCE, "--plan")
    assert code == 0
    assert text.splitlines()[0].split() == ["from", "(UTC)", "to", "threads", "requests"]
    assert max(map(len, text.splitlines())) <= 80
    number = len(archived(served))
    assert f"about {number} threads in " in errors
    assert "$0.00 at $0.27 for 1,000" in errors


def test_an_offline_plan_asks_nothing(run: Run, served: Sandbox) -> None:
    before = len(served.calls())
    _, text, errors = run(
        "export", "--since", "2025-11-15", "--until", "2026-02-01", "--plan", "--offline"
    )
    assert len(served.calls()) == before
    assert [line.split()[0] for line in text.splitlines()[1:]] == [
        "2025-11-15",
        "2025-12-01",
        "2026-01-01",
    ]
    assert "at least 4 requests" in errors


def test_a_plan_of_a_finished_export_is_that_of_its_update(
    run: Run, served: Sandbox, tmp_path: Path
) -> None:
    folder = str(tmp_path / "chats")
    ok(run("export", *SINCE, folder))
    _, text, errors = run("export", "--plan", folder)
    assert text == ""
    assert "nothing to do" in errors
    plan = as_json(run("export", "--plan", "--update", "--json", folder))
    done = as_json(run("export", "--update", "--json", folder))
    assert done["requests"] == plan["requests"]


def test_a_customer_is_erased_and_does_not_come_back(
    run: Run, served: Sandbox, tmp_path: Path
) -> None:
    folder = tmp_path / "chats"
    customer = served.customer("Zoe Kowalczyk", email="zoe@example.org")
    customer.say("My order is broken.")
    served.advance(timedelta(days=2))
    ok(run("export", *SINCE, str(folder)))
    with served.client() as client:
        mine = [
            chat.thread.id for chat in client.iter_archives(filters={"customer_id": customer.id})
        ]
    assert set(mine) <= set(threads(folder))
    code, text, errors = run("export", "erase", "--customer", customer.id, "--yes", str(folder))
    assert code == 0
    assert "Zoe" not in text + errors
    assert "found nothing: the customer is gone from this export" in errors
    assert not set(mine) & set(threads(folder))
    code, _, errors = run("export", "erase", "--customer", customer.id, "--yes", str(folder))
    assert code == 0  # as after any erasure that is repeated
    unknown = customer.id[:-1] + ("0" if customer.id[-1] != "0" else "1")
    code, _, errors = run("export", "erase", "--customer", unknown, "--yes", str(folder))
    assert code == 1
    assert "no customer with that id is in this export; check the id" in errors
    assert not any(b"Kowalczyk" in path.read_bytes() for path in folder.rglob("*.*"))
    ok(run("export", "--update", str(folder)))
    assert not set(mine) & set(threads(folder))


@pytest.mark.parametrize("name", ["chats.jsonl", "chats.csv", "-"])
def test_an_update_of_what_is_only_added_to_is_refused(run: Run, tmp_path: Path, name: str) -> None:
    target = name if name == "-" else str(tmp_path / name)
    line = refused(run("export", "--update", *SINCE, target))
    assert line.startswith("`--update` belongs to targets whose rows can be replaced")
    assert not list(tmp_path.iterdir())


def test_an_erasure_asks_first_and_names_what_is_wrong(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(""))
    folder = str(tmp_path / "chats")
    command = ("export", "erase", "--customer", "a6d36802-12f7-4f08-a0ab-c60f82e8e0dd")
    assert refused(run(*command, folder)) == "`--yes` is required where nobody can be asked"
    assert refused(run(*command, "--yes", folder)).startswith("there is no export at ")
    assert refused(run("export", "erase", "-y", folder)) == (
        "Missing option '--customer'; see `frontdesk export erase --help`"
    )
    assert (
        refused(run(*command[:3], " ", "-y", folder)) == "`--customer` must be the id of a customer"
    )


KEY = "a-key-of-a-test-at-random"


def test_names_are_replaced_with_tokens(
    run: Run, served: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    served.customer("Zoe Kowalczyk", email="zoe@example.org").say("I am Zoe Kowalczyk.")
    served.advance(timedelta(days=2))
    folder = tmp_path / "chats"
    command = ("export", *SINCE, "--pseudonymize", "--raw", str(folder))
    assert refused(run(*command)) == "`--pseudonymize` needs a key in FRONTDESK_PSEUDONYM_KEY"
    monkeypatch.setenv("FRONTDESK_PSEUDONYM_KEY", "short")
    assert refused(run(*command)).startswith("`FRONTDESK_PSEUDONYM_KEY` must have at least 16 ")
    monkeypatch.setenv("FRONTDESK_PSEUDONYM_KEY", KEY)
    ok(run(*command))
    assert threads(folder) == archived(served)
    users = pq.read_table(folder / "users")
    assert {name.partition("-")[0] for name in users["name"].to_pylist() if name} == {"name"}
    assert "Kowalczyk" not in str(pq.read_table(folder / "threads")["raw"].to_pylist())
    # An update takes the same key, and no other.
    ok(run("export", "--update", str(folder)))
    monkeypatch.setenv("FRONTDESK_PSEUDONYM_KEY", KEY[::-1])
    assert "another `pseudonyms`" in refused(run("export", "--update", str(folder)))


def test_attachments_are_downloaded(run: Run, served: Sandbox, tmp_path: Path) -> None:
    customer = served.customer("Zoe")
    customer.say("Please send the plan.")
    with served.client() as client:
        uploaded = client.upload_file(b"the plan", name="plan.txt")
        client.send_event(chat_id=customer.chat_id or "", event=File(url=uploaded.url))
    served.advance(timedelta(days=2))
    folder = tmp_path / "chats"
    # Without the seed's own files: they lie on hosts that tests do not reach.
    only = ("--filter", f"customer_id={customer.id}")
    code, text, errors = run("export", *SINCE, *only, "--files", "--json", str(folder))
    assert code == 0
    assert json.loads(text)["files"] == {"downloaded": 1, "reused": 0, "failed": 0, "bytes": 8}
    assert "1 attachment downloaded" in errors
    files = pq.read_table(folder / "files").to_pylist()
    (plan,) = [file for file in files if file["url"] == uploaded.url]
    assert (folder / plan["path"]).read_bytes() == b"the plan"
    assert plan["sha256"] == hashlib.sha256(b"the plan").hexdigest()
