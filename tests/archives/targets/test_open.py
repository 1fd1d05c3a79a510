"""From a path or URL to a target."""

from pathlib import Path

import pytest

from frontdesk.archives import open_target
from frontdesk.archives.targets.open import FORMATS, SUFFIXES
from frontdesk.errors import InvalidArgument, MissingDependency


def kind(address, **options):
    return type(open_target(address, **options)).__name__


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("chats", "ParquetTarget"),
        ("chats/", "ParquetTarget"),
        ("exports/2026.01", "ParquetTarget"),
        ("chats-3.6", "ParquetTarget"),
        (".hidden", "ParquetTarget"),
        ("acme.com/", "ParquetTarget"),
        ("delta:chats", "DeltaTarget"),
        ("chats.duckdb", "DuckDBTarget"),
        ("Chats.DuckDB", "DuckDBTarget"),
        ("chats.jsonl", "LinesTarget"),
        ("chats.jsonl.gz", "LinesTarget"),
        ("chats.csv", "CsvFile"),
        ("-", "StandardOutputTarget"),
        ("memory://chats", "ParquetTarget"),
        ("memory://chats.csv", "ParquetTarget"),
    ],
)
def test_the_path_says_the_format(address, expected, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert kind(address) == expected
    assert list(tmp_path.iterdir()) == [], "nothing is made before it is opened"


def test_a_path_object_and_a_file_url_are_local_paths(tmp_path):
    assert open_target(tmp_path / "chats").address == str(tmp_path / "chats")
    assert open_target((tmp_path / "my chats").as_uri()).address == str(tmp_path / "my chats")


@pytest.mark.parametrize(
    ("format_", "expected"),
    [
        ("parquet", "ParquetTarget"),
        ("delta", "DeltaTarget"),
        ("duckdb", "DuckDBTarget"),
        ("jsonl", "LinesTarget"),
        ("csv", "CsvFolder"),
    ],
)
def test_a_format_counts_more_than_the_name(format_, expected, tmp_path):
    assert kind(tmp_path / "chats.db", format=format_) == expected
    assert kind(str(tmp_path / "chats"), format=format_) == expected


def test_a_folder_of_delta_tables_stays_one(tmp_path):
    (tmp_path / "threads" / "_delta_log").mkdir(parents=True)
    assert kind(tmp_path) == "DeltaTarget"


def test_a_folder_that_is_named_as_a_file_is_a_folder(tmp_path):
    (tmp_path / "chats.csv").mkdir()
    assert kind(tmp_path / "chats.csv") == "ParquetTarget"


@pytest.mark.parametrize("name", ["chats.xlsx", "chats.parquet", "chats.db", "chats.json", "a.txt"])
def test_an_unknown_file_type_is_refused_with_those_that_are_known(name, tmp_path):
    with pytest.raises(InvalidArgument) as raised:
        open_target(tmp_path / name)
    assert raised.value.field == "target"
    for suffix in SUFFIXES:
        assert suffix in str(raised.value)
    assert f"'{name}/'" in str(raised.value)


@pytest.mark.parametrize("address", ["", "a\0b", b"chats", 5, None, "delta:"])
def test_what_is_no_path_is_refused(address):
    with pytest.raises(InvalidArgument, match="target"):
        open_target(address)


@pytest.mark.parametrize("format_", ["Parquet", "xlsx", "", "-", 5])
def test_an_unknown_format_is_refused_with_those_that_are_known(format_):
    with pytest.raises(InvalidArgument, match="parquet, delta, duckdb, jsonl or csv"):
        open_target("chats", format=format_)


@pytest.mark.parametrize("format_", ["delta", "duckdb", "jsonl", "csv"])
def test_a_url_takes_parquet_alone(format_):
    with pytest.raises(InvalidArgument, match="local"):
        open_target("memory://chats", format=format_)


def test_a_url_that_fsspec_does_not_know_is_refused():
    with pytest.raises(InvalidArgument, match="carrier-pigeon"):
        open_target("carrier-pigeon://chats")


def test_a_web_address_cannot_be_written():
    with pytest.raises(InvalidArgument, match="web address"):
        open_target("https://example.com/chats")


def test_a_url_whose_package_is_missing_says_so(monkeypatch):
    def refuse(*_):
        raise ImportError("Install s3fs to access S3")

    monkeypatch.setattr("fsspec.core.url_to_fs", refuse)
    with pytest.raises(MissingDependency, match="s3fs") as raised:
        open_target("s3://bucket/chats")
    assert raised.value.install == "s3fs"


def test_every_format_can_be_loaded(tmp_path):
    for format_ in FORMATS:
        address = "-" if format_ == "-" else str(Path(tmp_path) / format_)
        assert open_target(address, format=None if format_ == "-" else format_)
