"""The archive index: staying up to date."""

import pytest

from frontdesk.actions import TagThread
from frontdesk.codec.decoding import convert
from frontdesk.models import ArchivesFilters, ValueFilter


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
        for table in ("terms", "postings", "archived", "term_timestamps")
    }
