import json
from datetime import UTC, date, datetime, timedelta
from functools import partial
from importlib import import_module

import pytest

from frontdesk.archives.tables import TABLES
from frontdesk.errors import InvalidArgument
from frontdesk.sandbox import Sandbox

# It takes seconds to load, in each worker that collects the tests.
source_module = partial(import_module, "frontdesk.archives.dlt")

SINCE = datetime.now(UTC) - timedelta(days=400)
SOME = ("threads", "users", "tags")
"""Tables of each kind: each that dlt loads costs a second."""


@pytest.fixture
def warehouse(tmp_path, monkeypatch):
    """Runs pipelines of dlt into DuckDB; nothing leaves this machine."""
    monkeypatch.setenv("RUNTIME__DLTHUB_TELEMETRY", "false")
    monkeypatch.setenv("DLT_DATA_DIR", str(tmp_path / "dlt"))
    monkeypatch.setenv("DLT_CONFIG_FOLDER", str(tmp_path / "config"))
    monkeypatch.chdir(tmp_path)
    import dlt

    class Warehouse:
        def pipeline(self, name):
            return dlt.pipeline(
                name,
                pipelines_dir=str(tmp_path / "pipelines"),
                destination=dlt.destinations.duckdb(str(tmp_path / f"{name}.duckdb")),
                dataset_name="livechat",
            )

        def load(self, name, client, **options):
            options = {"since": SINCE, "tables": SOME, **options}
            self.pipeline(name).run(source_module().archives_source(client, **options))
            return self.rows(name)

        def rows(self, name):
            found = {}
            with self.pipeline(name).sql_client() as sql:
                tables = {
                    row[0]
                    for row in sql.execute_sql(
                        "SELECT table_name FROM information_schema.tables "
                        "WHERE table_schema = 'livechat'"
                    )
                }
                for table in TABLES:
                    rows = []
                    if table in tables:
                        columns = ", ".join(f'"{column}"' for column in TABLES[table].schema.names)
                        rows = sql.execute_sql(f"SELECT {columns}, removed FROM {table}")
                    found[table] = sorted(json.dumps(row, default=str) for row in rows)
            return found

    return Warehouse()


@pytest.fixture
def sandbox():
    with Sandbox("bulk:150") as sandbox:
        with sandbox.configuration_client() as configuration:
            configuration.create_tag(name="later", group_ids=[0])
        yield sandbox


@pytest.fixture(autouse=True)
def _clock_of_the_sandbox(sandbox, monkeypatch):
    """Runs end at the time of the sandbox, whose clock the tests move."""
    monkeypatch.setitem(
        source_module().archives_source.__kwdefaults__, "clock", lambda: sandbox.now
    )


@pytest.fixture
def client(sandbox):
    with sandbox.client() as client:
        yield client


def some_changes(sandbox, client):
    """Threads that were not there before."""
    for text in ("one", "two"):
        chat = client.start_chat(active=True)
        client.send_event(chat_id=chat.chat_id, event={"type": "message", "text": text})
        client.tag_thread(chat_id=chat.chat_id, thread_id=chat.thread_id, tag="later")
        client.deactivate_chat(id=chat.chat_id)
    sandbox.advance(3600)


def test_a_load_has_the_rows_of_the_reader(warehouse, client):
    from frontdesk.archives import read_archives

    rows = warehouse.load("first", client, tables=None)
    read = dict.fromkeys(TABLES, 0)
    users = {}
    for page in read_archives(client, since=SINCE):
        for name, batch in page.tables.items():
            read[name] += batch.num_rows
        users |= {(row["date"], row["user_id"]): row for row in page.tables["users"].to_pylist()}
    assert read["threads"] > 100
    assert {name: len(found) for name, found in rows.items()} == read | {"users": len(users)}
    columns = TABLES["users"].schema.names
    expected = [[str(row["date"]), row["user_id"], row["chats_count"]] for row in users.values()]
    places = [columns.index(name) for name in ("date", "user_id", "chats_count")]
    loaded = [[json.loads(row)[place] for place in places] for row in rows["users"]]
    assert sorted(map(str, loaded)) == sorted(map(str, expected))
    assert all(row.endswith("null]") for found in rows.values() for row in found)


def test_a_second_load_equals_a_fresh_one(warehouse, sandbox, client):
    chat = client.start_chat(active=True)
    sandbox.advance(60)
    before = warehouse.load("nightly", client)
    client.deactivate_chat(id=chat.chat_id)
    some_changes(sandbox, client)
    after = warehouse.load("nightly", client)
    assert after == warehouse.load("control", client)
    assert len(after["threads"]) == len(before["threads"]) + 3


def test_rows_that_vanished_within_a_thread_go(warehouse, sandbox, client):
    chat = client.start_chat(active=True)
    client.tag_thread(chat_id=chat.chat_id, thread_id=chat.thread_id, tag="later")
    client.deactivate_chat(id=chat.chat_id)
    sandbox.advance(60)
    before = warehouse.load("nightly", client)
    assert any("later" in row for row in before["tags"])
    client.untag_thread(chat_id=chat.chat_id, thread_id=chat.thread_id, tag="later")
    after = warehouse.load("nightly", client)
    assert not any("later" in row for row in after["tags"])
    assert after == warehouse.load("control", client)


def test_portions_of_months_end_with_the_rows_of_one_load(warehouse, sandbox, client):
    since = sandbox.now - timedelta(days=100)
    control = warehouse.load("control", client, since=since)
    loaded = 0
    for _ in range(20):
        rows = warehouse.load("portions", client, since=since, months=2)
        if rows == control:
            break
        assert len(rows["threads"]) >= loaded
        loaded = len(rows["threads"])
    assert rows == control


def test_an_interrupted_load_changes_nothing_and_is_resumed(
    warehouse, sandbox, client, monkeypatch
):
    before = warehouse.load("nightly", client)
    some_changes(sandbox, client)

    class Broken(Exception):
        pass

    def broken(call, steps):
        pages = real(call, steps)
        yield next(pages)
        raise Broken("the network is gone")

    from frontdesk.archives import dlt as module

    real = module.pages
    with monkeypatch.context() as patch:
        patch.setattr(module, "pages", broken)
        with pytest.raises(Exception, match="the network is gone"):
            warehouse.load("nightly", client)
    assert warehouse.rows("nightly") == before
    assert warehouse.load("nightly", client) == warehouse.load("control", client)


def test_a_budget_that_is_spent_ends_a_run_that_the_next_one_goes_on_from(warehouse, sandbox):
    with sandbox.client() as client:
        control = warehouse.load("control", client)
    with sandbox.client(budget=5) as client:
        part = warehouse.load("nightly", client)
    assert len(part["threads"]) < len(control["threads"])
    with sandbox.client() as client:
        assert warehouse.load("nightly", client) == control


def test_tables_are_chosen_once(warehouse, client):
    rows = warehouse.load("nightly", client, tables=("threads", "tags"))
    assert rows["threads"]
    assert rows["events"] == rows["users"] == []
    with pytest.raises(Exception, match="has loaded other archives before"):
        warehouse.load("nightly", client)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"months": 0}, "`months` must be at least 1"),
        ({"since": datetime(2026, 1, 1)}, "time zone"),
        ({"tables": ["nothing"]}, "nothing"),
        ({"client": 7}, "must be a sync client"),
    ],
)
def test_bad_arguments_are_named(client, options, message):
    with pytest.raises(InvalidArgument, match=message):
        source_module().archives_source(**({"client": client, "since": SINCE} | options))


def test_days_outside_of_a_window_become_its_own():
    from .rows import batches, thread

    rows = batches(thread(1, day=5))["threads"]
    for first, last, day in [(6, 9, 6), (1, 3, 3), (1, 9, 5)]:
        within = source_module()._within(rows, date(2026, 3, first), date(2026, 3, last))
        assert within.column("date").to_pylist() == [date(2026, 3, day)]
