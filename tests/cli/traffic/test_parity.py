"""``frontdesk parity`` as a user calls it; a second sandbox plays the service."""

import json

import pytest

from frontdesk.cli.traffic import parity
from frontdesk.parity import STORIES, plan_of
from frontdesk.recordings import Recorder, RecordingTransport
from frontdesk.sandbox.seeds.company import FEW_SCOPES_TOKEN
from frontdesk.sandbox.serve.embedded import DirectTransport

from .._running import refused


def test_the_plan_is_shown_and_nothing_is_sent(run, served):
    code, output, errors = run("parity", "--dry-run")
    assert (code, output) == (0, "")
    assert f"together {plan_of(STORIES).calls} requests at most over web and rtm" in errors
    assert "18 chats without customers" in errors
    made = "5 groups, 2 tags, 3 bots, 1 property and 3 webhooks that nobody uses, made and deleted"
    assert made in errors
    assert "deleted, in a group that nobody is in (over Web alone)" in errors
    assert "the token needs: " in errors
    assert served.calls() == []
    code, output, errors = run("parity", "--dry-run", "--via", "rtm")
    assert (code, output) == (0, "")
    assert "together 55 requests at most over rtm" in errors
    assert "config-" not in errors


def test_a_licence_with_the_same_configuration(run, served):
    code, output, errors = run("parity", "--story", "config-tags", "--story", "config-bots")
    assert (code, output) == (0, ""), errors
    assert "0 differences; 2 of 2 compared, 42 requests sent to the service" in errors
    assert not [tag for tag in served.client().configuration().list_tags() if "par" in tag.name]


def test_an_equal_service(run, served):
    code, output, errors = run("parity", "--story", "chat", "--story", "closing")
    assert (code, output) == (0, ""), errors
    assert "0 differences; 4 of 4 compared, 21 requests sent to the service" in errors
    active = [
        chat.last_thread_summary.active for chat in served.client().list_chats().chats_summary
    ]
    assert active[:4] == [False] * 4


def test_a_service_that_differs(run, served):
    served.fault("internal", "get_chat")
    code, output, errors = run("parity", "--story", "chat", "--via", "web", "--json")
    assert code == 1, errors
    report = json.loads(output)
    (first, *_) = report["differences"]
    assert (first["kind"], first["method"], first["story"]) == ("status", "get_chat", "chat")
    assert not report["equal"]
    assert {rule["state"] for rule in report["rules"].values()} <= {"differs", "verified"}
    (summary,) = served.client().list_chats(limit=1).chats_summary
    assert not summary.last_thread_summary.active


def test_a_token_without_scopes(run, served):
    stories = [f"--story={name}" for name in ("chat", "config-tags")]
    code, _, errors = run("parity", "--via", "web", *stories, f"--token={FEW_SCOPES_TOKEN}")
    assert code == 1
    assert "was not compared: start_chat needs chats--all:rw" in errors
    assert "was not compared: create_group needs groups--all:rw" in errors
    assert "0 of 2 compared" in errors


def test_what_could_not_be_deleted_is_named(run, served):
    served.fault("internal", "delete_group")
    code, _, errors = run("parity", "--story", "config-groups")
    assert code == 1
    groups = served.client().configuration().list_groups()
    names = [f"the group {one.id}" for one in groups if "frontdesk parity" in one.name]
    assert len(names) == 2
    assert f"still there, please close or delete: {', '.join(names)}" in errors


def test_a_wrong_token(run):
    assert "authentication" in refused(run("parity", "--via", "web", "--token", "dal:x"), 1)


def test_a_service_that_is_away(run):
    ended = run("parity", "--via", "web", "--base-url", "http://127.0.0.1:9")
    assert "127.0.0.1:9" in refused(ended, 1)


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["--story", "chat", "--via", "web", "--budget", "3"], "`--budget` must be at least 4"),
        (["--story", "nonsense"], "must be one of chat, events"),
        (["--via", "smoke"], "'--via'"),
        (["--story", "config-tags", "--via", "rtm"], "must be `web` for config-tags"),
        (["--save", "x.json"], "not with a sandbox"),
        (["--corpus", "missing"], "cannot be read"),
        (["--corpus", "x", "--budget", "5"], "together with `--corpus`"),
        (["--base-url", "https://api.livechatinc.com"], "`--organization-id` is required for RTM"),
    ],
)
def test_wrong_use(run, served, monkeypatch, tmp_path, words, reason):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("FRONTDESK_ORGANIZATION_ID")
    assert reason in refused(run("parity", *words))
    assert served.calls() == []
    assert list(tmp_path.glob("*.json")) == []


def test_the_real_service_is_asked_about_first(run, monkeypatch, served):
    monkeypatch.setattr(parity, "is_local", lambda url: False)
    monkeypatch.setattr("sys.stdin", None)
    assert "--yes" in refused(run("parity", "--story", "chat"))
    assert served.calls() == []


def test_what_was_verified_is_saved(run, monkeypatch, tmp_path):
    monkeypatch.setattr(parity, "is_local", lambda url: False)
    file = tmp_path / "verified.json"
    code, _, errors = run(
        "parity", "--story", "closing", "--via", "web", "--yes", "--save", str(file)
    )
    assert code == 0, errors
    verdicts = json.loads(file.read_text())
    assert {verdict["state"] for verdict in verdicts.values()} == {"verified"}
    assert len(verdicts) == 3


def test_a_recording_is_compared(run, sandbox, tmp_path):
    file = tmp_path / "traffic.jsonl"
    with Recorder(file) as recorder:
        transport = RecordingTransport(DirectTransport(sandbox.backend, sandbox.url), recorder)
        chat = sandbox.client(transport=transport).start_chat(continuous=True)
        sandbox.client(transport=transport).get_chat(chat_id=chat.chat_id)
    code, output, errors = run("parity", "--corpus", str(file))
    assert (code, output) == (0, ""), errors
    file.write_text(file.read_text().replace('"is_followed":false', '"is_followed":"no"'))
    code, output, _ = run("parity", "--corpus", str(file))
    assert code == 1
    assert "get_chat is_followed: type (service: a text, sandbox: a boolean)" in output
