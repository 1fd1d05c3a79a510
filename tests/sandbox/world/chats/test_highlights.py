"""Marking what a search has found."""

import pytest

from frontdesk.actions import ListArchives
from frontdesk.errors import InvalidArgument
from frontdesk.models import (
    ArchivesFilters,
    File,
    FilledForm,
    FilledFormField,
    Highlights,
    RichMessage,
    RichMessageElement,
)


def texts(page):
    return [[getattr(event, "text", None) for event in chat.thread.events] for chat in page.chats]


class TestHighlights:
    def marked(self, archive, query, **tags):
        page = archive.archives(filters=ArchivesFilters(query=query), highlights=Highlights(**tags))
        return texts(page)[0]

    def test_marks_with_em(self, archive):
        archive.add("Where is my order?", "No idea", "ORDER, order")
        assert self.marked(archive, "order") == [
            "Where is my <em>order</em>?",
            "No idea",
            "<em>ORDER</em>, <em>order</em>",
        ]

    def test_own_tags(self, archive):
        archive.add("Łódź is far")
        marked = self.marked(archive, "far lodz", pre_tag="<b>", post_tag="</b>")
        assert marked == ["<b>Łódź</b> is <b>far</b>"]

    def test_one_tag_alone_is_refused(self):
        with pytest.raises(InvalidArgument, match="post_tag"):
            Highlights(pre_tag="<b>")

    def test_whole_words_only(self, archive):
        archive.add("order reorder orders")
        assert self.marked(archive, "order") == ["<em>order</em> reorder orders"]

    def test_addresses_and_scripts_without_spaces(self, archive):
        archive.add("ask ann@example.com", "注文番号です")
        assert self.marked(archive, "ann 番号") == [
            "ask <em>ann</em>@example.com",
            "注文<em>番号</em>です",
        ]
        assert self.marked(archive, "ann@example.com")[0] == "ask <em>ann@example.com</em>"

    def test_nothing_is_marked_unless_asked(self, archive):
        archive.add("order")
        page = archive.archives(filters=ArchivesFilters(query="order"))
        assert texts(page) == [["order"]]
        assert texts(archive.archives(highlights=Highlights())) == [["order"]]

    def test_marks_leave_the_archive_as_it_is(self, archive):
        archive.add("order")
        self.marked(archive, "order")
        assert texts(archive.archives()) == [["order"]]

    def test_every_searched_text_is_marked(self, archive):
        card = RichMessage(
            template_id="cards", elements=[RichMessageElement(title="An order", subtitle="Order")]
        )
        comment = FilledForm(
            form_id="f",
            fields=[FilledFormField(type="textarea", id="0", label="order", answer="my order")],
        )
        archive.add(card, comment, File(url="https://cdn.livechat-files.com/an%20order.pdf"))
        page = archive.call(
            ListArchives(filters=ArchivesFilters(query="order"), highlights=Highlights())
        )
        rich, filled, file = page.chats[0].thread.events
        assert file.name == "an <em>order</em>.pdf"
        assert rich.elements[0].title == "An <em>order</em>"
        assert rich.elements[0].subtitle == "<em>Order</em>"
        assert filled.fields[0].answer == "my <em>order</em>"
        assert filled.fields[0].label == "order"
