"""What an archived thread is found by: the words of each kind of event, and no others."""

import pytest

from frontdesk.models import (
    File,
    FilledForm,
    FilledFormField,
    Message,
    RichMessage,
    RichMessageElement,
)

CDN = "https://cdn.livechat-files.com/"


def words_of(archive):
    """The words of all that is archived."""
    archive.archives()
    rows = archive.world.store.db.rows("SELECT name FROM terms")
    return {name for (name,) in rows if ":" not in name}


def rich(*elements):
    return RichMessage(template_id="cards", elements=[RichMessageElement(**e) for e in elements])


def field(**values):
    return FilledForm(form_id="f", fields=[FilledFormField(id="0", label="asked", **values)])


@pytest.mark.parametrize(
    ("event", "words"),
    [
        (Message(text="Blue shoes"), {"blue", "shoes"}),
        (Message(text=""), set()),
        (rich({"title": "Blue", "subtitle": "shoes"}), {"blue", "shoes"}),
        (rich({"title": "Blue"}), {"blue"}),
        (rich({"subtitle": "shoes"}), {"shoes"}),
        (rich({"title": "Blue"}, {"subtitle": "shoes"}), {"blue", "shoes"}),
        (rich({}), set()),
        (rich(), set()),
        (field(type="name", answer="Ann Lee"), {"ann", "lee"}),
        (field(type="radio", answer={"id": "1", "label": "Blue"}), {"blue"}),
        (
            field(type="checkbox", answers=[{"id": "1", "label": "A"}, {"id": "2", "label": ""}]),
            {"a"},
        ),
        (File(url=f"{CDN}blue.png"), {"blue", "png"}),
    ],
)
def test_a_thread_is_found_by_the_words_of_an_event(archive, event, words):
    archive.add(event)
    assert words_of(archive) == words


@pytest.mark.parametrize(
    ("name", "email", "words"),
    [
        ("Ann Lee", "ann@x.org", {"ann", "lee", "ann@x.org", "x", "org"}),
        ("Ann", None, {"ann"}),
        (None, "a@x.org", {"a@x.org", "a", "x", "org"}),
        (None, None, set()),
    ],
)
def test_a_thread_is_found_by_its_customer(archive, name, email, words):
    archive.add(customer=archive.customer(name, email))
    assert words_of(archive) == words
