import gzip
import json
import sys
from datetime import timedelta
from pathlib import Path

import fsspec
import msgspec
import pyarrow as pa
import pytest

from frontdesk.archives import erasure as erasures
from frontdesk.archives import export, make_job, open_target
from frontdesk.archives.beside.places import Beside, files_folder_of
from frontdesk.archives.beside.tombstones import Tombstones
from frontdesk.archives.erasing.stores import found_in_rows
from frontdesk.archives.erasure import Finding, Term, erase_customer
from frontdesk.errors import ExportError, ForeignTarget, InvalidArgument, TargetInUse
from frontdesk.sandbox import Sandbox

from .. import forked
from .rows import AGENT, ANNA, batches, job, page, position, thread
from .targets._targets import DELTA, DUCKDB, MEMORY, PARQUET

OTHER = "aaaaaaaa-1111-2222-3333-444444444444"
NAME = "Anna Nowak"
EMAIL = f"{ANNA[:4]}@example.org"


def of_anna():
    file = {"event_id": "T1_1", "position": 1, "name": "a.png", "url": "https://x/a.png"}
    first = thread(1, files=[file | {"path": "_files/T1_1-a.png"}], raw='{"n": "Anna Nowak"}')
    first["users"][0] |= {"phone_number": "+48 600 100 200"}
    guest = thread(4, OTHER, day=2, name="Ola")
    guest["thread_users"].append({**guest["thread_users"][0], "user_id": ANNA})
    return [first, guest, thread(5, day=3)]


def of_others():
    return [thread(2, OTHER, name="Ola"), thread(3, OTHER, day=3, name="Ola")]


def pages(*threads):
    ordered = sorted(threads, key=lambda rows: rows["threads"][0]["created_at"])
    return [page(rows, threads=n + 1) for n, rows in enumerate(ordered)]


def written(address, threads, *, finish=True, format=None):
    target = open_target(address, format=format)
    try:
        if target.open() is None:
            target.begin(job(), position())
        for each in pages(*threads):
            target.write(each)
        if finish:
            target.finish(position(done=True, threads=len(threads)))
    finally:
        target.close()


def read_lines(address):
    data = Path(address).read_bytes()
    return (gzip.decompress(data) if address.endswith(".gz") else data).decode().splitlines()


def read_folder(address):
    return {
        file.name: sorted(file.read_text().splitlines()) for file in Path(address).glob("*.csv")
    }


KINDS = {
    "parquet": ("chats", PARQUET.read, None),
    "memory": ("memory://erased", MEMORY.read, None),
    "delta": ("delta:chats", DELTA.read, None),
    "duckdb": ("chats.duckdb", DUCKDB.read, None),
    "jsonl": ("chats.jsonl", read_lines, None),
    "jsonl.gz": ("chats.jsonl.gz", read_lines, None),
    "csv": ("chats.csv", read_lines, None),
    "csv folder": ("chats", read_folder, "csv"),
}


FEW = ["parquet", "duckdb", "jsonl.gz", "csv folder"]
"""Those that stand for the others where a test asks nothing of the way rows are stored."""


class Kind:
    def __init__(self, name, folder):
        address, self.read, self.format = KINDS[name]
        self.name = name
        self.prefix = "delta:" if address.startswith("delta:") else ""
        address = address.removeprefix("delta:")
        self.path = address if "://" in address else str(folder / address)
        self.control_path = f"{self.path}-control" if "." not in address else None
        if self.control_path is None:
            self.control_path = str(folder / "control" / address)

    @property
    def address(self):
        return self.prefix + self.path

    @property
    def control(self):
        return self.prefix + self.control_path

    def erase(self, customer=ANNA):
        return erase_customer(self.address, customer, format=self.format)

    def write(self, threads, **options):
        written(self.address, threads, format=self.format, **options)

    def rows(self):
        return self.read(self.address)

    def holds(self, *threads):
        """Whether the export has the rows of these threads, as one of them alone would have them.

        Others than the customer whom only erased threads mention stay in ``users``.
        """
        written(self.control, threads, format=self.format)
        rows, control = self.rows(), self.read(self.control)
        if isinstance(rows, dict):
            users = "users" if "users" in rows else "users.csv"
            left, least = rows.pop(users), control.pop(users)
            assert set(least) <= set(left)
            assert not [user for user in left if ANNA in user]
        assert rows == control
        return True

    def bytes(self):
        """All bytes of the export, by the name of their file."""
        if "://" in self.path:
            system = fsspec.filesystem("memory")
            return {name: system.cat_file(name) for name in system.find(self.path)}
        place = Path(self.path)
        files = [*place.rglob("*"), *place.parent.glob(f"*{place.name}*")]
        return {str(file): file.read_bytes() for file in files if file.is_file()}


@pytest.fixture(params=KINDS)
def kind(request, tmp_path):
    yield Kind(request.param, tmp_path)
    if request.param == "memory":
        fsspec.filesystem("memory").store.clear()


@pytest.fixture
def local(request, tmp_path):
    return Kind(request.param, tmp_path)


def test_a_customer_goes_with_all_threads_and_nothing_else_does(kind):
    kind.write([*of_anna(), *of_others()])
    erasure = kind.erase()
    # A CSV file with a row per thread names its customer alone.
    expected = [*of_others(), *(of_anna()[1:2] if kind.name == "csv" else [])]
    assert erasure.threads == (2 if kind.name == "csv" else 3)
    assert kind.holds(*expected)
    assert erasure.is_clean, erasure.findings
    assert Term("id", ANNA) in erasure.terms
    assert Term("name", NAME) in erasure.terms
    assert Term("email", EMAIL) in erasure.terms
    assert (Term("phone", "+48 600 100 200") in erasure.terms) == (kind.name != "csv")
    assert min(erasure.rows_searched, erasure.files_searched, erasure.bytes_searched) > 0


def test_no_byte_of_the_customer_is_left(kind):
    kind.write([*of_anna(), *of_others()])
    kind.erase()
    for name, data in kind.bytes().items():
        text = gzip.decompress(data) if name.endswith(".gz") else data
        for secret in (ANNA, NAME, EMAIL, "+48 600 100 200", "Hello 1"):
            assert secret.encode() not in text, (name, secret)


def test_what_an_interrupted_run_has_spooled_goes_too(kind):
    kind.write([*of_anna()[:1], *of_others()[:1]], finish=False)
    kind.erase()
    assert not [name for name, data in kind.bytes().items() if NAME.encode() in data]
    kind.write(of_others()[1:])
    assert kind.holds(*of_others())


@pytest.mark.parametrize("kind", FEW, indirect=True)
def test_texts_of_others_are_reported_and_stay(kind):
    forwarded = thread(6, OTHER, day=4, name="Ola")
    forwarded["events"][0]["text"] = (
        f"write to anna nowak <{EMAIL.upper()}>, not to Anna Nowakowska"
    )
    kind.write([*of_anna(), forwarded])
    erasure = kind.erase()
    if kind.name == "csv":  # it has no texts
        return
    assert {finding.term.kind for finding in erasure.findings} == {"name", "email"}
    assert all(finding.count == 1 for finding in erasure.findings)
    if kind.name in ("parquet", "delta", "duckdb", "memory"):
        assert Finding(Term("name", NAME), "events.text", 1) in erasure.findings
    assert kind.holds(forwarded)


@pytest.mark.parametrize("kind", FEW, indirect=True)
def test_a_namesake_keeps_their_rows(kind):
    namesake = thread(7, OTHER, day=4, name=NAME)
    longer = thread(8, "cccc", day=5, name="Joanna Nowakowska")
    kind.write([*of_anna()[:1], namesake, longer])
    erasure = kind.erase()
    assert {finding.term for finding in erasure.findings} == {Term("name", NAME)}
    assert kind.holds(namesake, longer)


@pytest.mark.parametrize("kind", FEW, indirect=True)
def test_erasing_again_finds_nothing_more(kind):
    kind.write([*of_anna(), *of_others()])
    kind.erase()
    before = kind.rows()
    again = kind.erase()
    assert (again.threads, again.rows, again.files) == (0, {}, 0)
    assert kind.rows() == before


@pytest.mark.parametrize("step", ["remove_rows", "purge", "remove"])
@pytest.mark.parametrize("kind", ["parquet", "delta", "duckdb", "csv folder"], indirect=True)
def test_a_killed_erasure_is_completed_by_the_same_call(kind, step, monkeypatch):
    kind.write([*of_anna(), *of_others()])

    class Killed(BaseException):
        pass

    def killed(*arguments):
        raise Killed

    store = type(erasures._store(kind.address, kind.format))
    owner = Beside if step == "remove" else store
    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(owner, step, killed)
        kind.erase()
    erasure = kind.erase()
    expected = [*of_others(), *(of_anna()[1:2] if kind.name == "csv" else [])]
    assert kind.holds(*expected)
    # It still knows whom to search for.
    assert Term("name", NAME) in erasure.terms
    assert erasure.is_clean
    assert not [name for name, data in kind.bytes().items() if EMAIL.encode() in data]


KILLED = """
import os, signal, sys
from pathlib import Path
from frontdesk.archives.erasure import erase_customer
from tests.archives.rows import ANNA
from tests.archives.test_erasure import of_anna, of_others, written

steps = 10**6

def counted(function):
    def call(*arguments, **options):
        global steps
        steps -= 1
        if steps < 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return function(*arguments, **options)
    return call

Path.replace = counted(Path.replace)
Path.unlink = counted(Path.unlink)
os.fsync = counted(os.fsync)

folder, name = Path(sys.argv[1]), sys.argv[2]
control = None
kills = 0
for first in [10**6, *range(0, 60, 12)]:
    address = str(folder / str(first) / name)
    written(address, [*of_anna(), *of_others()])
    steps = first
    while True:
        child = os.fork()
        if not child:
            erase_customer(address, ANNA)
            os._exit(0)
        status = os.waitpid(child, 0)[1]
        if not status:
            break
        assert os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL, status
        kills += 1
        steps += 1
    steps = 10**6
    rows = {}
    for path in sorted((folder / str(first)).rglob("*")):
        if path.is_file() and path.suffix in (".jsonl", ".parquet"):
            rows[path.relative_to(folder / str(first))] = path.read_bytes()
    control = control or rows
    assert rows == control, first
print(kills)
"""


@pytest.mark.parametrize("name", ["chats", "chats.jsonl"])
def test_an_erasure_killed_at_any_step_ends_with_the_same_bytes(tmp_path, name):
    ended = forked.run(
        [sys.executable, "-c", KILLED, tmp_path, name], capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stderr
    assert int(ended.stdout) > 3


def test_downloaded_files_go_too(tmp_path):
    for number, name in enumerate(["chats", "chats.jsonl", "chats.csv", "chats.duckdb"]):
        address = str(tmp_path / str(number) / name)
        written(address, [*of_anna(), *of_others()])
        folder = files_folder_of(address)
        folder.mkdir()
        for file in ("T1_1-a.png", ".T1_9-b.png.part", ".T1_9-b.png.part.json", "T2_1-a.png"):
            (folder / file).write_bytes(b"picture")
        erasure = erase_customer(address, ANNA)
        assert erasure.files == 1, name
        assert [path.name for path in folder.iterdir()] == ["T2_1-a.png"]


def test_what_is_left_in_downloaded_files_is_reported(tmp_path):
    address = str(tmp_path / "chats")
    written(address, [*of_anna(), *of_others()])
    folder = files_folder_of(address)
    folder.mkdir()
    (folder / "T2_1-list.txt").write_bytes(b"x" * 2**20 + f"Dear {NAME.upper()}".encode())
    (finding,) = erase_customer(address, ANNA).findings
    assert finding == Finding(Term("name", NAME), "_files/T2_1-list.txt", 1)


@pytest.mark.parametrize("kind", ["parquet", "delta", "duckdb"], indirect=True)
def test_whoever_was_erased_does_not_come_back(kind):
    def customers():
        return [json.loads(row)["customer_id"] for row in kind.rows()["threads"]]

    with Sandbox("quiet") as sandbox, sandbox.client() as client:
        for name in ("Zoe", "Yuki", "Zoe"):
            customer = sandbox.customer(name)
            customer.say("hello")
            customer.close_chat()
            sandbox.advance(60)
        what = make_job(since=sandbox.now - timedelta(days=5))
        export(client, open_target(kind.address), what, clock=lambda: sandbox.now)
        before = customers()
        # The one of the newest thread: that is read again by every update.
        newest = max(map(json.loads, kind.rows()["threads"]), key=lambda row: row["created_at"])
        erasure = erase_customer(kind.address, newest["customer_id"])
        assert erasure.threads >= 1
        summary = export(
            client, open_target(kind.address), what, update=True, clock=lambda: sandbox.now
        )
        assert summary.outcome == "updated"
        assert summary.threads >= 1
        assert customers().count(newest["customer_id"]) == 0
        assert len(customers()) == len(before) - before.count(newest["customer_id"])


def test_tombstones_drop_the_threads_and_the_rows_of_a_customer():
    made = page(*of_anna(), *of_others())
    stones = Tombstones(key="00" * 32).plus([ANNA], [])
    kept = stones.without(made)
    expected = batches(*of_others())
    for table, rows in expected.items():
        if table != "users":
            assert kept.tables[table].to_pylist() == rows.to_pylist(), table
    assert ANNA not in kept.tables["users"].column("user_id").to_pylist()
    assert kept.position == made.position


@pytest.mark.parametrize("tables", [("tags",), ("events", "files")])
def test_tombstones_know_threads_where_no_row_names_the_customer(tables):
    made = page(*of_anna(), *of_others(), tables=tables)
    stones = Tombstones(key="00" * 32).plus([], ["T1", "T4", "T5"])
    kept = stones.without(made)
    for table in tables:
        ids = set(kept.tables[table].column("thread_id").to_pylist())
        assert ids <= {"T2", "T3"}


def test_tombstones_drop_threads_without_an_id():
    rows = thread(9)
    for table in rows.values():
        for row in table:
            row["thread_id"] = None
    kept = Tombstones(key="00" * 32).plus([ANNA], []).without(page(rows, *of_others()))
    assert kept.tables["threads"].column("customer_id").to_pylist() == [OTHER, OTHER]


def test_tombstones_tell_nobody_who_was_erased(tmp_path):
    address = str(tmp_path / "chats")
    written(address, [*of_anna(), *of_others()])
    erase_customer(address, ANNA)
    data = (tmp_path / "chats" / "_frontdesk" / "erased.json").read_bytes()
    assert ANNA.encode() not in data
    assert b"T1" not in data
    stones = Tombstones.load(address)
    assert stones.is_erased(ANNA)
    assert not stones.is_erased(OTHER)
    assert stones.is_thread_erased("T4")


def test_damaged_tombstones_stop_a_run(tmp_path):
    address = str(tmp_path / "chats")
    written(address, of_others())
    (tmp_path / "chats" / "_frontdesk" / "erased.json").write_bytes(b"{")
    with pytest.raises(ForeignTarget, match="damaged list of erased customers"):
        Tombstones.load(address)


@pytest.mark.parametrize("kind", FEW, indirect=True)
def test_an_unknown_customer_is_remembered(kind):
    kind.write(of_others())
    before = kind.rows()
    erasure = kind.erase()
    assert (erasure.threads, erasure.rows) == (0, {})
    assert kind.rows() == before
    assert Tombstones.load(kind.path).is_erased(ANNA)


@pytest.mark.parametrize("kind", FEW, indirect=True)
def test_agents_are_not_erased(kind):
    kind.write([*of_anna(), *of_others()])
    if kind.name == "csv":  # agents have names there, and no ids
        return
    before = kind.rows()
    with pytest.raises(InvalidArgument, match="is an agent or bot"):
        kind.erase(AGENT)
    assert kind.rows() == before


@pytest.mark.parametrize("customer_id", ["", " ", None, 7])
def test_an_id_is_needed(tmp_path, customer_id):
    with pytest.raises(InvalidArgument, match="must be the id of a customer"):
        erase_customer(tmp_path / "chats", customer_id)


def test_an_export_is_needed(kind):
    with pytest.raises(ForeignTarget, match="there is no export at"):
        kind.erase()


@pytest.mark.parametrize("kind", ["parquet", "delta", "jsonl", "jsonl.gz", "csv"], indirect=True)
def test_rows_that_cannot_be_read_are_named(kind):
    kind.write([*of_anna(), *of_others()])
    place = Path(kind.path)
    file = place if place.is_file() else min(place.glob("threads/date=*/*.parquet"))
    size = file.stat().st_size
    data = gzip.compress(b"{" * 9) if file.suffix == ".gz" else b'"{' * 9
    file.write_bytes(data.ljust(size, b"\0") if file.suffix == ".gz" else data * size)
    with pytest.raises(ExportError, match=r"cannot be read|cannot write to"):
        kind.erase()


def test_a_full_disk_is_one_line(tmp_path, monkeypatch):
    address = str(tmp_path / "chats")
    written(address, of_anna())

    def refuse(*arguments):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Tombstones, "store", refuse)
        with pytest.raises(ExportError, match="no space left on device"):
            erase_customer(address, ANNA)
    assert erase_customer(address, ANNA).threads == 3


def test_standard_output_keeps_nothing():
    with pytest.raises(InvalidArgument, match="must be an export that is stored"):
        erase_customer("-", ANNA)


def test_no_run_writes_meanwhile(kind):
    if kind.name == "memory":  # URLs have no lock
        return
    kind.write(of_others())
    target = open_target(kind.address, format=kind.format)
    target.open()
    try:
        with pytest.raises(TargetInUse):
            kind.erase()
    finally:
        target.close()


def test_the_result_is_plain_data(tmp_path):
    address = str(tmp_path / "chats.jsonl")
    written(address, of_anna())
    erasure = erase_customer(address, ANNA)
    plain = json.loads(msgspec.json.encode(erasure))
    assert plain["customer_id"] == ANNA
    assert plain["rows"] == {"threads": 3}


@pytest.mark.parametrize(
    ("text", "kind", "row"),
    [
        ("Łukasz Żak", "name", "z ŁUKASZ ŻAK."),
        ("kim@example.com", "email", "wrote \u212aIM@EXAMPLE.COM"),  # the sign for kelvin
        ("Straße", "name", "STRAẞE"),
        ("jess", "name", "(je\u017fs)"),  # a long s
        ('O"Neil', "name", 'a JSON text: {"name": "o\\"neil"}'),
        ("Zoë", "name", "ZOË"),
    ],
)
def test_what_is_left_is_found_in_any_spelling(text, kind, row):
    rows = pa.RecordBatch.from_pydict({"text": [None, "", "nothing", row, f"{row} {row}"]})
    batches = [rows, rows.slice(4), rows.slice(0, 3)]
    (finding,) = found_in_rows("events", batches, [Term(kind, text)])
    assert (finding.place, finding.count) == ("events.text", 3)


@pytest.mark.parametrize("kind", FEW, indirect=True)
def test_steps_are_named(kind):
    kind.write(of_anna())
    steps = []
    erase_customer(kind.address, ANNA, format=kind.format, on_step=steps.append)
    assert steps == [
        "looking for the customer's threads",
        f"removing {len(of_anna())} threads",
        "searching the whole export for what is left of the customer",
    ]
