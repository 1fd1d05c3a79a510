"""Sets of threads: which have which term, and reading them from either end."""

from hypothesis import given, settings
from hypothesis import strategies as st

from frontdesk.sandbox.store import SandboxStore
from frontdesk.sandbox.store.archive.lists import BitRows
from frontdesk.sandbox.store.archive.postings import as_bits

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
