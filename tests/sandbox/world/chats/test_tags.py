"""Tags of threads."""

import pytest

from frontdesk.actions import DeactivateChat, TagThread, UntagThread
from frontdesk.errors import MissingAccess, NotFound, ValidationError
from frontdesk.models import Access, InitialChat


@pytest.fixture
def place(desk):
    """Ids of a thread in the groups."""

    def make(*group_ids):
        chat_id = desk.start(chat=InitialChat(access=Access(group_ids=list(group_ids))))
        return {"chat_id": chat_id, "thread_id": desk.chat(chat_id).thread.id}

    return make


def tags(desk, ids):
    return desk.chat(ids["chat_id"], ids["thread_id"]).thread.tags


def test_tagging_and_untagging(desk, place):
    ids = place(1)
    desk.forget()
    desk.call(TagThread(**ids, tag="support"))
    desk.call(TagThread(**ids, tag="refund"))
    assert tags(desk, ids) == ["support", "refund"]
    desk.call(UntagThread(**ids, tag="support"))
    assert tags(desk, ids) == ["refund"]
    assert desk.names() == ["thread_tagged", "thread_tagged", "thread_untagged"]
    push = desk.pushed("thread_untagged")[0]
    assert (push.chat_id, push.thread_id, push.tag) == (*ids.values(), "support")


def test_a_thread_without_tags_has_no_list(desk, place):
    ids = place(1)
    desk.call(TagThread(**ids, tag="support"))
    desk.call(UntagThread(**ids, tag="support"))
    assert tags(desk, ids) is None


def test_repeating_changes_nothing(desk, place):
    ids = place(0)
    desk.call(TagThread(**ids, tag="support"))
    desk.forget()
    desk.call(TagThread(**ids, tag="support"))
    desk.call(UntagThread(**ids, tag="sales"))
    assert tags(desk, ids) == ["support"]
    assert desk.heard == []


def test_case_matters(desk, place):
    with pytest.raises(NotFound, match="`tag`: there is no tag `Support`"):
        desk.call(TagThread(**place(0), tag="Support"))


def test_tag_and_thread_must_share_a_group(desk, place):
    desk.call(TagThread(**place(1, 2), tag="refund"))
    for groups in ((2,), (0,)):
        with pytest.raises(ValidationError, match="shares no group"):
            desk.call(TagThread(**place(*groups), tag="refund"))


def test_tagging_needs_access_to_the_thread(desk, place):
    with pytest.raises(MissingAccess):
        desk.call(TagThread(**place(3), tag="support"), desk.agent)


def test_inactive_threads_can_be_tagged(desk, place):
    ids = place(1)
    desk.call(DeactivateChat(id=ids["chat_id"]))
    desk.call(TagThread(**ids, tag="support"), desk.agent)
    assert tags(desk, ids) == ["support"]
