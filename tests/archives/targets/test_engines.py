"""Engines that people query exports with see the rows that the reader yielded."""

from datetime import timedelta

import pyarrow.compute as pc
import pytest

from frontdesk.archives import TABLES, export, make_job, open_target, read_archives
from frontdesk.sandbox import Sandbox

from ._targets import DELTA, DUCKDB, PARQUET


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    """An export of a sandbox, and the batches that were read beside it."""
    folder = tmp_path_factory.mktemp("engines")
    with Sandbox("bulk:150", random_seed=3) as sandbox:
        since = sandbox.now - timedelta(days=200)
        client, now = sandbox.client(), sandbox.now
        for kind in (PARQUET, DELTA, DUCKDB):
            address = kind.at(folder / kind.name)
            export(client, open_target(address), make_job(since=since), clock=lambda: now)
        pages = list(read_archives(client, since=since, clock=lambda: now))
    return folder, pages


@pytest.fixture
def chats(archive):
    return archive[0] / "parquet" / "chats"


@pytest.fixture
def expected(archive):
    """Rows of each table, and the sum of a number column."""
    _, pages = archive
    counts = {}
    for name in TABLES:
        batches = [page.tables[name] for page in pages]
        if name == "users":
            rows = {(row["date"], row["user_id"]) for each in batches for row in each.to_pylist()}
            counts[name] = len(rows)
        else:
            counts[name] = sum(batch.num_rows for batch in batches)
    events = sum(
        pc.sum(page.tables["threads"].column("events_count")).as_py() or 0 for page in pages
    )
    days = {str(day) for page in pages for day in page.tables["threads"].column("date").to_pylist()}
    assert counts["events"] == events
    assert events > 300
    return counts, events, days


def test_duckdb_reads_the_parquet(chats, expected):
    import duckdb

    counts, events, days = expected
    with duckdb.connect() as database:
        for name in TABLES:
            source = f"read_parquet('{chats}/{name}/*/*.parquet', hive_partitioning = true)"
            assert database.sql(f"SELECT count(*) FROM {source}").fetchall() == [(counts[name],)]
        threads = f"read_parquet('{chats}/threads/*/*.parquet', hive_partitioning = true)"
        ((found, first, last),) = database.sql(
            f"SELECT sum(events_count), min(date), max(date) FROM {threads}"
        ).fetchall()
    assert (found, str(first), str(last)) == (events, min(days), max(days))


def test_polars_reads_the_parquet(chats, expected):
    import polars as pl

    counts, events, days = expected
    for name in TABLES:
        frame = pl.scan_parquet(chats / name, hive_partitioning=True)
        assert frame.select(pl.len()).collect().item() == counts[name]
    threads = pl.scan_parquet(chats / "threads", hive_partitioning=True).collect()
    assert threads["events_count"].sum() == events
    assert {str(day) for day in threads["date"].unique()} == days


# Dask uses an argument of pandas that the latest one deprecates.
@pytest.mark.filterwarnings("ignore:The inplace keyword")
def test_dask_reads_the_parquet(chats, expected):
    import dask
    import dask.dataframe as dd

    counts, events, days = expected
    with dask.config.set(scheduler="synchronous"):
        for name in TABLES:
            assert len(dd.read_parquet(chats / name)) == counts[name]
        threads = dd.read_parquet(chats / "threads").compute()
    assert threads["events_count"].sum() == events
    assert {str(day)[:10] for day in threads["date"].unique()} == days


def test_pandas_and_arrow_read_the_parquet(chats, expected):
    import pandas as pd
    import pyarrow.dataset as ds

    counts, events, _ = expected
    for name in TABLES:
        assert ds.dataset(chats / name, partitioning="hive").count_rows() == counts[name]
        assert len(pd.read_parquet(chats / name)) == counts[name]
    assert pd.read_parquet(chats / "threads")["events_count"].sum() == events


def test_duckdb_and_polars_read_the_whole_folder_of_a_run_that_was_interrupted(tmp_path):
    """Neither the state nor the spool nor what is hidden looks like rows."""
    import duckdb

    from ._pages import JOB, pages_of, position, thread

    target = open_target(tmp_path / "chats")
    target.pages_per_commit = 1
    target.open()
    target.begin(JOB, position())
    for each in pages_of([thread(number, 1 + number // 4) for number in range(10)], position()):
        target.write(each)
    target.close()
    with duckdb.connect() as database:
        source = f"read_parquet('{tmp_path}/chats/*/*/*.parquet', union_by_name = true)"
        ((rows,),) = database.sql(f"SELECT count(DISTINCT thread_id) FROM {source}").fetchall()
    assert rows == 8, "the two whole days"


def test_delta_readers_see_the_same_rows(archive, expected):
    import deltalake
    import polars as pl

    counts, events, days = expected
    folder = str(DELTA.at(archive[0] / "delta")).removeprefix("delta:")
    for name in TABLES:
        table = deltalake.DeltaTable(f"{folder}/{name}")
        assert table.to_pyarrow_dataset().count_rows() == counts[name]
        assert table.metadata().partition_columns == ["date"]
    threads = pl.from_arrow(deltalake.DeltaTable(f"{folder}/threads").to_pyarrow_table())
    assert threads["events_count"].sum() == events
    assert {str(day) for day in threads["date"].unique()} == days


def test_the_database_has_the_same_rows(archive, expected):
    import duckdb

    counts, events, _ = expected
    with duckdb.connect(DUCKDB.at(archive[0] / "duckdb"), read_only=True) as database:
        for name in TABLES:
            assert database.sql(f"SELECT count(*) FROM {name}").fetchall() == [(counts[name],)]
        assert database.sql("SELECT sum(events_count) FROM threads").fetchall() == [(events,)]


@pytest.mark.soak
def test_spark_reads_the_parquet(chats, expected):
    sql = pytest.importorskip("pyspark.sql", reason="pyspark is not installed")
    counts, events, days = expected
    builder = sql.SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false")
    builder = builder.config("spark.driver.bindAddress", "127.0.0.1")
    builder = builder.config("spark.driver.host", "127.0.0.1")
    builder = builder.config("spark.sql.session.timeZone", "UTC")
    spark = builder.getOrCreate()
    try:
        for name in TABLES:
            assert spark.read.parquet(str(chats / name)).count() == counts[name]
        threads = spark.read.parquet(str(chats / "threads"))
        rows = threads.selectExpr("sum(events_count)", "min(date)", "max(date)").collect()
    finally:
        spark.stop()
    assert [str(value) for value in rows[0]] == [str(events), min(days), max(days)]
