"""The pieces that the archive index is made of: words, sets of threads, and staying up to date."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from frontdesk.actions import TagThread
from frontdesk.decoding import convert
from frontdesk.models import ArchivesFilters, ValueFilter
from frontdesk.sandbox.store import SandboxStore
from frontdesk.sandbox.store.archive.lists import BitRows
from frontdesk.sandbox.store.archive.postings import as_bits
from frontdesk.sandbox.store.archive.tokenizer import Query, words

BEFORE, AFTER = "\ue000", "\ue001"
UNMARKED = st.characters(exclude_characters=BEFORE + AFTER, codec="utf-8")


class TestWords:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("Hello, World!", {"hello", "world"}),
            ("", set()),
            ("...", set()),
            ("a_b c-d", {"a_b", "c", "d"}),
            ("Ärger ŁÓDŹ Straße", {"arger", "lodz", "strasse"}),
            ("a.b@c.de", {"a.b@c.de", "a", "b", "c", "de"}),
            ("返金", {"返", "金", "返金"}),
            ("FD12の注文", {"fd12", "の", "注", "文", "の注", "注文"}),
        ],
    )
    def test_words(self, text, expected):
        assert words(text) == expected

    @given(st.text(max_size=60))
    def test_a_text_is_found_by_itself(self, text):
        assert Query(text).terms <= words(text)

    @given(st.text(UNMARKED, max_size=60), st.text(max_size=10))
    def test_marking_only_adds_marks(self, text, query):
        marked = Query(query).mark(text, BEFORE, AFTER)
        assert marked.replace(BEFORE, "").replace(AFTER, "") == text

    @given(st.lists(st.sampled_from(["order", "Łódź", "注文", "x@y.org", "..."]), min_size=1))
    def test_what_is_searched_is_marked(self, parts):
        text = " ".join(parts)
        marked = Query("order lodz 注文 x@y.org").mark(text, "[", "]")
        assert marked == " ".join(part if part == "..." else f"[{part}]" for part in parts)


NUMBERS = st.sets(
    st.one_of(st.integers(1, 200_000), st.integers(65_530, 65_540), st.integers(131_070, 131_075)),
    max_size=60,
)


class TestPostings:
    @settings(max_examples=50, deadline=None)
    @given(st.lists(st.tuples(NUMBERS, NUMBERS), min_size=1, max_size=5), st.booleans())
    def test_they_are_sets(self, changes, large):
        store = SandboxStore()
        postings = store.archives.postings
        term = postings.make_ids(["a", "b"])["a"]
        expected: set[int] = set()
        if large:
            expected |= set(range(1, 100_000, 7))
            postings.change({term: sorted(expected)}, {})
        for added, taken in changes:
            removed = taken - added
            expected = (expected | added) - removed
            change = {
                side: {term: sorted(numbers)} if numbers else {}
                for side, numbers in (("added", added), ("removed", removed))
            }
            postings.change(**change)
            assert postings.any_of(["a", "unknown"]) == as_bits(expected)
            assert postings.all_of(["a"]) == as_bits(expected)
        assert postings.any_of(["b"]) == postings.all_of(["a", "b"]) == 0
        assert postings.all_of(["a", "unknown"]) == postings.all_of([]) == 0
        store.close()

    @given(
        NUMBERS, st.integers(1, 10), st.one_of(st.none(), st.integers(0, 200_001)), st.booleans()
    )
    def test_they_are_read_from_either_end(self, numbers, limit, than, older):
        taken = BitRows(as_bits(numbers)).take(limit, than=than, older=older)
        if than is not None:
            numbers = {one for one in numbers if (one < than if older else one > than)}
        assert taken == sorted(numbers, reverse=older)[:limit]


class TestStayingUpToDate:
    def test_indexing_again_changes_nothing(self, archive):
        customer = archive.customer("Ann", "ann@example.com", "PL")
        for number in range(5):
            archive.add(
                f"text {number}",
                customer=customer if number % 2 else None,
                tags=["vip"],
                thread={"test": {"int_property": number}},
            )
        archive.filled(("a", "prechat"))
        archive.greeted(3)
        before = everything(archive)
        for num in range(1, archive.world.store.threads.next_num()):
            archive.do(lambda world, num=num: world.store.threads.touch(num))
        assert everything(archive) == before

    def test_an_undone_call_leaves_the_index_as_it_was(self, archive):
        started = archive.start()
        wanted = ArchivesFilters(tags=ValueFilter(values=["vip"]))
        assert archive.archives(filters=wanted).found_chats == 0

        def tag_and_fail(world):
            thread = world.store.threads.get(started.thread_id)
            thread.tags.append("vip")
            world.store.archives.refresh(lambda *_: False)
            raise RuntimeError

        with pytest.raises(RuntimeError):
            archive.do(tag_and_fail)
        assert archive.archives(filters=wanted).found_chats == 0
        archive.call(TagThread(chat_id=started.chat_id, thread_id=started.thread_id, tag="vip"))
        assert archive.archives(filters=wanted).found_chats == 1

    def test_very_long_words_and_values(self, archive):
        long = "x" * 5000
        thread = archive.add(long, thread={"test": {"string_property": long}})
        other = archive.add(long + "y", thread={"test": {"string_property": long + "y"}})
        assert archive.found(query=long) == {thread}
        assert archive.found(query=long + "y") == {other}
        wanted = {"test": {"string_property": {"values": [long]}}}
        page = archive.archives(filters=convert({"properties": wanted}, ArchivesFilters))
        assert [chat.thread.id for chat in page.chats] == [thread]


def everything(archive):
    """All that the index holds."""
    archive.archives()
    db = archive.world.store.db
    return {
        table: db.rows(f"SELECT * FROM {table} ORDER BY 1, 2")
        for table in ("terms", "postings", "archived", "moments")
    }
