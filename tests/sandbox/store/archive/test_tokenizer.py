"""Words of texts, and marking them."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

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
            ("Łø Đ \u0131 Æœ Ðþ", {"lo", "d", "i", "aeoe", "dth"}),
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

    @given(st.text(UNMARKED, max_size=60), st.text(max_size=10))
    def test_the_quick_look_at_json_misses_nothing(self, text, extra):
        """Neither in a text that has all of the words, nor in one that has some of them."""
        for query in (Query(text), Query(text[:5] + extra), Query(extra)):
            if query.mark(text, BEFORE, AFTER) != text:
                assert query.may_mark(msgspec.json.encode({"text": text}).decode())

    @pytest.mark.parametrize("query", ["order", "lodz", "返金"])
    def test_the_quick_look_leaves_most_texts_aside(self, query):
        assert not Query(query).may_mark('{"type":"message","text":"Where is my parcel?"}')
        assert not Query(query).may_mark('{"type":"message","text":"Wo ist mein Päckchen?"}')
