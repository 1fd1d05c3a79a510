"""Errors: typed by what the API says, with what one needs to go on."""

import pytest

from frontdesk import errors
from frontdesk.models import Message, Target


def test_an_error_tells_what_failed(desk):
    with pytest.raises(errors.NotFound) as caught:
        desk.get_chat(chat_id="NONE")
    error = caught.value
    assert (error.type, error.action) == ("not_found", "get_chat")
    assert "NONE" in error.message
    assert error.request_id
    assert error.attempts == 1


@pytest.mark.web_only
def test_an_error_has_a_status(desk):
    with pytest.raises(errors.NotFound) as caught:
        desk.get_chat(chat_id="NONE")
    assert caught.value.status == 404


@pytest.mark.parametrize(
    ("token", "kind"),
    [
        ("expired", errors.AuthenticationError),
        ("Bearer dal:nobody", errors.AuthenticationError),
        ("few_scopes", errors.AuthorizationError),
    ],
)
def test_tokens_that_do_not_suffice(desk, token, kind):
    with pytest.raises(kind):
        desk.as_(token).start_chat()


@pytest.mark.web_only
def test_a_call_hops_to_the_right_region(desk):
    assert desk.as_("owner", region="fra").list_chats().found_chats >= 0
    assert [call.error for call in desk.sandbox.calls()] == ["misdirected_request", None]


def test_validation_errors_of_the_world_name_the_field(desk, chat):
    with pytest.raises(errors.APIError) as caught:
        desk.transfer_chat(id=chat.chat_id, target=Target(type="group", ids=[99]))
    assert "`target" in caught.value.message
    with pytest.raises(errors.APIError) as caught:
        desk.add_user_to_chat(
            chat_id=chat.chat_id, user_id="nobody", user_type="agent", visibility="all"
        )
    assert "`user_id`" in caught.value.message


def test_what_fails_changes_nothing(desk, chat):
    before = desk.get_chat(chat_id=chat.chat_id)
    with pytest.raises(errors.APIError):
        desk.transfer_chat(id=chat.chat_id, target=Target(type="group", ids=[99]))
    assert desk.get_chat(chat_id=chat.chat_id) == before


def test_repeats_where_they_are_safe(desk):
    desk.sandbox.fault("internal", "list_chats", times=2)
    desk.sandbox.fault("service_unavailable", "start_chat", times=1)
    assert desk.list_chats().found_chats >= 0
    assert len(desk.sandbox.calls("list_chats")) == 3


def test_no_repeat_where_the_work_may_be_done(desk, chat):
    desk.sandbox.fault("reset_after", "send_event", times=1)
    with pytest.raises(errors.ConnectionClosed):
        desk.send_event(chat_id=chat.chat_id, event=Message(text="once"))
    events = desk.get_chat(chat_id=chat.chat_id).thread.events
    assert [event.text for event in events if event.type == "message"] == ["once"]


@pytest.mark.web_only
def test_upload(desk, chat, tmp_path):
    path = tmp_path / "note.txt"
    path.write_bytes(b"hello" * 1000)
    sizes = []
    url = desk.upload_file(path, on_progress=lambda sent, total: sizes.append((sent, total))).url
    assert sizes[-1] == (5000, 5000)
    assert url.startswith(desk.sandbox.url)
