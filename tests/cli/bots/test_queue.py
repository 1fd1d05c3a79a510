"""`frontdesk bot queue`: what was given up, and handling it again."""

import asyncio
from datetime import UTC, datetime

import pytest

from frontdesk.bots import LocalEngine
from frontdesk.bots.engines.nats import NatsEngine
from frontdesk.bots.items import new_item
from frontdesk.models import MessageEvent
from frontdesk.pushes import IncomingEvent
from frontdesk.webhooks import Webhook

from ...nats_server import NatsServer
from .._running import Run, as_json, ok, refused


def item(number: int):
    event = MessageEvent(
        id=f"e{number}",
        created_at=datetime(2026, 3, 2, tzinfo=UTC),
        author_id="c1",
        text="hello",
        visibility="all",
    )
    payload = IncomingEvent(chat_id=f"CHAT{number}", thread_id="t", event=event)
    webhook = Webhook(
        webhook_id="w", action="incoming_event", organization_id="o1", payload=payload
    )
    return new_item(webhook)


@pytest.fixture
def letters(tmp_path):
    """A directory with three dead letters."""

    async def fill() -> None:
        engine = LocalEngine(dead_letters=tmp_path / "dead")
        await engine.start()

        async def work(claim) -> None:
            await claim.term("KeyError: 'no such order'")

        consuming = asyncio.create_task(engine.consume(work))
        for number in range(3):
            await engine.publish(item(number))
        while (await engine.status()).dead_letters < 3:
            await asyncio.sleep(0)
        await engine.close()
        await consuming

    asyncio.run(fill())
    return str(tmp_path / "dead")


async def journaled(journal) -> list[str]:
    """The keys of the items that a bot takes over at its start."""
    engine = LocalEngine(journal=journal)
    await engine.start()
    keys: list[str] = []

    async def work(claim) -> None:
        keys.append(claim.item.key)
        await claim.ack()

    consuming = asyncio.create_task(engine.consume(work))
    while (await engine.status()).waiting:
        await asyncio.sleep(0)
    await engine.close()
    await consuming
    return sorted(keys)


def test_dead_letters_are_listed_with_their_reasons(letters, run: Run, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    lines = ok(run("bot", "queue", "--dead-letters", letters)).splitlines()
    assert lines[0] == "3 dead letters"
    assert lines[1].split()[:3] == ["id", "given", "up"]
    assert all("KeyError: 'no such order'" in line for line in lines[2:])
    assert len(lines) == 5


@pytest.fixture
def running(tmp_path):
    """The journal of a bot that is running: of three items it is at the first."""

    async def fill() -> LocalEngine:
        engine = LocalEngine(journal=tmp_path / "journal")
        await engine.start()
        for number in range(3):
            await engine.publish(item(number))
        return engine

    engine = asyncio.run(fill())  # it keeps its files locked
    yield str(tmp_path / "journal")
    asyncio.run(engine.close(0))


def test_what_waits_in_a_running_bot_is_counted(running, run: Run):
    code, output, errors = run("bot", "queue", "--journal", running)
    assert (code, output) == (0, "3 items waiting\n")
    assert "--dead-letters" in errors
    shown = as_json(run("bot", "queue", "--journal", running, "--json"))
    assert (shown["waiting"], shown["dead_letters"]) == (3, None)


def test_replayed_letters_wait_beside_what_a_running_bot_has(running, letters, run: Run, caplog):
    options = ("bot", "queue", "--journal", running, "--dead-letters", letters)
    assert ok(run(*options)).splitlines()[0] == "3 items waiting, 3 dead letters"
    code, output, _ = run(*options, "--replay", "all")
    assert (code, output) == (0, "6 items waiting, 0 dead letters\n")
    assert caplog.text == ""


def test_what_waits_in_memory_is_not_said_to_be_nothing(letters, run: Run):
    code, _, errors = run("bot", "queue", "--dead-letters", letters)
    assert code == 0
    assert "--journal" in errors
    assert as_json(run("bot", "queue", "--dead-letters", letters, "--json"))["waiting"] is None


@pytest.mark.parametrize("width", [60, 80])
def test_where_a_reason_has_no_room_in_a_table_letters_are_shown_below_each_other(
    letters, run: Run, monkeypatch, width
):
    monkeypatch.setenv("COLUMNS", str(width))
    lines = ok(run("bot", "queue", "--dead-letters", letters)).splitlines()
    assert max(map(len, lines)) <= width
    assert lines.count("reason    KeyError: 'no such order'") == 3
    assert "key       o1/chat/CHAT0" in lines
    assert "…" not in "".join(lines)


def test_the_same_as_json(letters, run: Run):
    shown = as_json(run("bot", "queue", "--dead-letters", letters, "--json"))
    assert shown["dead_letters"] == 3
    assert {letter["key"] for letter in shown["letters"]} == {
        f"o1/chat/CHAT{number}" for number in range(3)
    }


def test_one_letter_is_handled_again(letters, run: Run, tmp_path):
    shown = as_json(run("bot", "queue", "--dead-letters", letters, "--json"))
    letter = shown["letters"][1]
    journal = str(tmp_path / "journal")
    options = ("--dead-letters", letters, "--journal", journal)
    after = as_json(run("bot", "queue", *options, "--replay", letter["id"], "--json"))
    assert after["dead_letters"] == 2
    assert asyncio.run(journaled(journal)) == [letter["key"]]


def test_all_letters_are_handled_again(letters, run: Run, tmp_path):
    journal = str(tmp_path / "journal")
    options = ("--dead-letters", letters, "--journal", journal)
    code, output, errors = run("bot", "queue", *options, "--replay", "all")
    assert code == 0
    assert "0 dead letters" in output
    assert "3 dead letters replayed" in errors
    assert len(asyncio.run(journaled(journal))) == 3


def test_what_cannot_be_replayed(letters, run: Run, tmp_path):
    options = ("bot", "queue", "--dead-letters", letters)
    assert "--journal" in refused(run(*options, "--replay", "all"))
    journal = ("--journal", str(tmp_path / "journal"))
    code, _, errors = run(*options, *journal, "--replay", "no-such-id")
    assert code == 2
    assert "0 dead letters replayed before that" in errors
    assert "`--replay` is that of no dead letter: 'no-such-id'" in errors


def test_what_is_no_queue(run: Run, tmp_path):
    assert "is required" in refused(run("bot", "queue"))
    none = tmp_path / "no-journal"
    assert "must be a directory" in refused(run("bot", "queue", "--journal", str(none)))
    assert not none.exists()
    assert "must be a directory" in refused(
        run("bot", "queue", "--dead-letters", str(tmp_path / "none"))
    )
    (tmp_path / "queues.py").write_text("engine = 1\n")
    place = str(tmp_path / "queues.py")
    assert "is no engine" in refused(run("bot", "queue", place))
    assert "cannot be given" in refused(run("bot", "queue", place, "--dead-letters", str(tmp_path)))


def test_the_engine_of_a_file(letters, run: Run, tmp_path):
    (tmp_path / "engines_of_mine.py").write_text(
        f"from frontdesk.bots import LocalEngine\nengine = LocalEngine(dead_letters={letters!r})\n"
    )
    place = f"{tmp_path / 'engines_of_mine.py'}:engine"
    assert as_json(run("bot", "queue", place, "--json"))["dead_letters"] == 3


def test_a_queue_on_nats_shows_partitions_and_replays(run: Run, tmp_path, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    nats = NatsServer(tmp_path / "nats").start()
    try:
        settings = {"servers": nats.url, "partitions": 4}

        async def fill() -> None:
            engine = NatsEngine(**settings)
            await engine.start()

            async def work(claim) -> None:
                await claim.term("KeyError: 'no such order'")

            consuming = asyncio.create_task(engine.consume(work))
            await engine.publish(item(0))
            while not (await engine.status()).dead_letters:
                await asyncio.sleep(0.01)
            await engine.close(5)
            await consuming

        asyncio.run(fill())
        place = tmp_path / "queue_on_nats.py"
        place.write_text(
            "from frontdesk.bots.engines.nats import NatsEngine\n"
            f"engine = NatsEngine(**{settings!r})\n"
        )
        shown = as_json(run("bot", "queue", str(place), "--json"))
        assert shown["waiting"] == 0
        assert [letter["key"] for letter in shown["letters"]] == ["o1/chat/CHAT0"]
        lines = ok(run("bot", "queue", str(place), "--replay", "all")).splitlines()
        assert lines[0] == "1 item waiting, 0 dead letters"
        assert lines[1].split()[0] == "partition"
        assert lines[2].split()[1:3] == ["1", "0"]
    finally:
        nats.kill()
