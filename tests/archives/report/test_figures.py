"""What the figures are: by hand, and beside a slow and plain implementation of each."""

import datetime as dt
import random
from zoneinfo import ZoneInfo

import pytest

from frontdesk.archives.report import ASSUMPTIONS, assumptions, load_queries

from . import _slow
from ._exports import BOT, Export, system, worked_example

START = dt.datetime(2026, 5, 4, 10, tzinfo=dt.UTC)
ADA, BEA = "ada@example.com", "bea@example.com"
WELCOME = {"properties": '{"lc2":{"welcome_message":true}}'}


def values(report, name, *columns):
    row = report.figures[name].this
    return tuple(row[column] for column in columns)


def by(report, name, key, column="chats"):
    return {row[key]: row[column] for row in report.figures[name].rows}


def test_the_worked_example_has_the_figures_that_were_worked_out(export, report_of):
    worked_example(export, START)
    report = report_of(export)
    assert values(report, "duration", "chats", "mean_seconds") == (1, 300)
    assert values(report, "duration_with_agents", "chats", "mean_seconds") == (1, 270)
    assert values(report, "first_response_time", "chats", "mean_seconds") == (1, 50)
    assert values(report, "response_time", "chats", "mean_seconds") == (1, 40)
    assert report.figures["queue"].rows == [
        {
            "outcome": "entered a chat",
            "chats": 1,
            "shortest_seconds": 30,
            "longest_seconds": 30,
            "mean_seconds": 30,
            "median_seconds": 30,
            "p90_seconds": 30,
        }
    ]
    assert values(report, "missed_chats", "chats") == (0,)


@pytest.mark.parametrize(
    ("good", "bad", "score"),
    [
        (2, 0, 0.3312764381),
        (10, 2, 0.5194200469),
        (107, 21, None),
        (0, 3, None),
    ],
)
def test_the_score_is_that_of_the_ranking(export, report_of, good, bad, score):
    for number, rating in enumerate([1] * good + [0] * bad):
        export.thread(START + dt.timedelta(minutes=number), (0, ADA), rating_score=rating)
    found = values(report_of(export), "ratings", "score")[0]
    assert found == pytest.approx(_slow.score(good, bad), abs=1e-12)
    if score is not None:
        assert found == pytest.approx(score, abs=5e-11)
    assert by(report_of(export, path="again"), "agents", "agent_id", "score")[ADA] == found


@pytest.mark.parametrize(
    "event",
    [
        (5, ADA, WELCOME),
        (5, ADA, {"visibility": "agents"}),
        (5, ADA, {"type": "system_message", "system_message_type": "agent_joined"}),
        (5, ADA, {"type": "system"}),
        (5, ADA, {"properties": '{"lc2":{"greeting_id":7}}'}),
        (5, None, {"type": "system_message", "system_message_type": "agent_added"}),
    ],
    ids=["welcome", "private", "system message", "system", "greeting", "nobody's"],
)
def test_what_is_no_response_stops_no_clock(export, report_of, event):
    export.thread(START, (0, "customer"), event, (60, BEA))
    report = report_of(export)
    assert values(report, "first_response_time", "mean_seconds") == (60,)
    assert by(report, "agents", "agent_id", "first_responses")[BEA] == 1


def test_a_message_before_anybody_asked_is_no_first_response(export, report_of):
    export.thread(START, (0, ADA), (30, "customer"), (40, ADA))
    assert values(report_of(export), "first_response_time", "mean_seconds") == (10,)


def test_a_property_that_is_no_json_is_none(export, report_of):
    export.thread(START, (0, "customer"), (7, ADA, {"properties": '{"lc2":{"welcome'}))
    assert values(report_of(export), "first_response_time", "mean_seconds") == (7,)


@pytest.mark.parametrize(
    "type",
    [
        "manual_archived_customer",
        "archived_customer_disconnected",
        "routing.archived_inactive",
        "customer_banned",
        "system_archived",
    ],
)
def test_a_chat_ends_with_the_message_that_says_so(export, report_of, type):
    export.thread(
        START,
        (0, "customer"),
        (40, ADA),
        (100, None, system(type)),
        (500, None, system("rating.chat_rated")),
        (900, None, system("transcript_sent")),
    )
    assert values(report_of(export), "duration", "mean_seconds") == (100,)


def test_a_chat_without_such_a_message_ends_with_its_last_event(export, report_of):
    export.thread(START, (0, "customer"), (40, ADA), (70, None, system("agent_left")))
    assert values(report_of(export), "duration", "mean_seconds") == (70,)


def test_a_chat_without_events_has_no_times_and_is_missed(export, report_of):
    export.thread(START, agents=[ADA])
    report = report_of(export)
    for name in ("duration", "duration_with_agents", "first_response_time", "response_time"):
        assert values(report, name, "chats", "mean_seconds") == (0, None)
    assert values(report, "missed_chats", "chats", "chats_share") == (1, 1)


def test_several_waits_are_no_longer_than_up_to_the_agents_first_message(export, report_of):
    export.thread(START, (0, "customer"), (20, ADA), (100, ADA), queues_duration=90)
    assert values(report_of(export), "duration_with_agents", "mean_seconds") == (80,)


def test_whoever_left_the_queue_had_no_agent(export, report_of):
    export.thread(START, (0, "customer"), (80, None, system("archived_customer_disconnected")),
                  queues_duration=75)  # fmt: skip
    export.thread(START, (0, "customer"), (80, ADA), queues_duration=60)
    export.thread(START, (0, "customer"), (80, ADA), queues_duration=0)
    assert by(report_of(export), "queue", "outcome", "mean_seconds") == {
        "left the queue": 75,
        "entered a chat": 60,
    }


def test_missed_is_what_livechat_says_before_what_events_say(export, report_of):
    export.thread(START, (0, "customer"), (5, ADA), unreplied=True)
    export.thread(START, (0, "customer"), unreplied=False)
    export.thread(START, (0, "customer"), (5, ADA, WELCOME))
    export.thread(START, (0, "customer"), (5, BOT))
    assert values(report_of(export), "missed_chats", "chats", "chats_share") == (2, 0.5)


def test_a_rating_is_that_of_the_last_agent_before_it(export, report_of):
    rated = (60, None, system("rating.chat_rated"))
    export.thread(START, (0, "customer"), (5, ADA), (9, BEA), rated, (70, ADA), rating_score=0)
    export.thread(START, (0, "customer"), (5, BEA), (9, ADA), rating_score=1)
    export.thread(START, (0, "customer"), agents=[BEA], rating_score=1)
    report = report_of(export)
    assert by(report, "agents", "agent_id", "good") == {ADA: 1, BEA: 1}
    assert by(report, "agents", "agent_id", "bad") == {ADA: 0, BEA: 1}


def test_bots_and_people_are_told_apart(export, report_of):
    export.thread(START, (0, "customer"), (1, BOT))
    export.thread(START, (0, "customer"), (1, BOT), (60, "customer"), (90, ADA))
    export.thread(START, (0, "customer"), (60, ADA))
    export.thread(START, (0, "customer"))
    assert by(report_of(export), "bots_and_people", "handled_by") == {
        "bots": 1,
        "bots and people": 1,
        "people": 1,
        "nobody": 1,
    }


def test_bots_count_as_agents_only_if_the_constant_says_so(export, report_of, monkeypatch):
    export.thread(START, (0, "customer"), (1, BOT), (31, ADA))
    assert values(report_of(export), "first_response_time", "mean_seconds") == (1,)
    monkeypatch.setattr(assumptions, "BOTS_ARE_AGENTS", False)
    report = report_of(export)
    assert values(report, "first_response_time", "mean_seconds") == (31,)
    assert set(by(report, "agents", "agent_id")) == {ADA}
    assert by(report, "bots_and_people", "handled_by") == {"bots and people": 1}


def test_the_queue_counts_as_response_time_only_if_the_constant_says_so(
    export, report_of, monkeypatch
):
    worked_example(export, START)
    monkeypatch.setattr(assumptions, "QUEUE_TIME_IS_RESPONSE_TIME", False)
    assert values(report_of(export), "first_response_time", "mean_seconds") == (20,)


def test_days_and_hours_are_those_of_the_time_zone(export, report_of):
    # 22:30 UTC on a Sunday is half past midnight on Monday in Berlin, in summer.
    export.thread(dt.datetime(2026, 5, 3, 22, 30, tzinfo=dt.UTC), (0, "customer"))
    berlin = ZoneInfo("Europe/Berlin")
    report = report_of(
        export,
        dt.datetime(2026, 5, 1, tzinfo=berlin),
        dt.datetime(2026, 6, 1, tzinfo=berlin),
        zone="Europe/Berlin",
    )
    assert report.figures["chats_per_hour"].rows == [{"weekday": 1, "hour": 0, "chats": 1}]
    days = by(report, "chats_per_day", "day")
    assert (len(days), days[dt.date(2026, 5, 4)], sum(days.values())) == (31, 1, 1)


def test_clock_changes_neither_lose_nor_double_a_chat(export, report_of):
    # On 25 October 2026 the hour from 02:00 comes twice in Berlin, on 29 March there is none.
    for hour in range(26):
        export.thread(dt.datetime(2026, 10, 24, 22, tzinfo=dt.UTC) + dt.timedelta(hours=hour))
    berlin = ZoneInfo("Europe/Berlin")
    report = report_of(
        export,
        dt.datetime(2026, 10, 25, tzinfo=berlin),
        dt.datetime(2026, 10, 26, tzinfo=berlin),
        zone="Europe/Berlin",
    )
    assert values(report, "chats", "chats") == (25,)
    hours = by(report, "chats_per_hour", "hour")
    assert (hours[2], sum(hours.values())) == (2, 25)


def test_a_period_holds_its_beginning_and_not_its_end(export, report_of):
    for day in (dt.datetime(2026, 5, 1, tzinfo=dt.UTC), dt.datetime(2026, 6, 1, tzinfo=dt.UTC)):
        export.thread(day - dt.timedelta(microseconds=1))
        export.thread(day)
    report = report_of(export)
    assert values(report, "chats", "chats") == (2,)
    assert report.figures["chats"].earlier["chats"] == 1


def test_a_tag_a_group_and_an_agent_count_once_a_chat(export, report_of):
    export.thread(
        START, (0, ADA), (1, ADA), (2, BEA), tags=("refund", "refund", "vip"), groups=(1, 1, 0)
    )
    report = report_of(export)
    assert by(report, "tags", "tag") == {"refund": 1, "vip": 1}
    assert by(report, "groups", "group_id") == {0: 1, 1: 1}
    assert by(report, "agents", "agent_id") == {ADA: 1, BEA: 1}


def test_an_agent_has_the_newest_name(export, report_of):
    export.thread(START, (0, ADA))
    export.user(dt.date(2026, 5, 4), ADA, "Ada L.")
    export.user(dt.date(2026, 8, 4), ADA, "Ada King")
    assert by(report_of(export), "agents", "agent_id", "agent") == {ADA: "Ada King"}


def test_the_period_before_has_the_same_length(export, report_of):
    export.thread(dt.datetime(2026, 3, 31, tzinfo=dt.UTC), (0, "customer"), customer="C7")
    export.thread(START)
    report = report_of(export)
    assert report.before.since == dt.datetime(2026, 3, 31, tzinfo=dt.UTC)
    assert report.figures["chats"].before == [{"chats": 1, "continuous_chats": 0}]


def test_without_data_before_there_is_none_rather_than_nothing(export, report_of):
    export.thread(START)
    bounds = {
        "since": dt.datetime(2026, 4, 15, tzinfo=dt.UTC),
        "until": dt.datetime(2026, 6, 1, tzinfo=dt.UTC),
    }
    report = report_of(export, held=bounds)
    assert not report.has_before
    assert all(figure.before is None for figure in report.figures.values())


def random_export(seed):
    """Chats of three months, with all that may happen in them."""
    dice = random.Random(seed)
    export = Export()
    people = ["customer", ADA, BEA, BOT]
    types = [
        "manual_archived_agent", "routing.archived_inactive", "rating.chat_rated",
        "agent_added", "routing.unassigned_other", "transcript_sent",
    ]  # fmt: skip
    for _ in range(dice.randrange(1, 60)):
        seconds, events = 0.0, []
        for _ in range(dice.randrange(9)):
            seconds += dice.choice([0, 0.000001, 1, 7.25, 60, 3600]) * dice.random()
            if dice.random() < 0.25:
                events.append((seconds, None, system(dice.choice(types))))
                continue
            more = dice.choice(
                [
                    {},
                    {},
                    {},
                    WELCOME,
                    {"visibility": "agents"},
                    {"type": "system"},
                    {"type": "file"},
                    {"properties": '{"lc2":{"greeting_id":3}}'},
                    {"properties": '{"lc2":{"welcome_message":false}}'},
                ]
            )
            events.append((seconds, dice.choice(people), more))
        export.thread(
            dt.datetime(2026, 3, 1, tzinfo=dt.UTC) + dt.timedelta(days=100 * dice.random()),
            *events,
            customer=f"C{dice.randrange(20)}",
            agents=dice.choice([None, None, [], [ADA], [ADA, BEA, BOT]]),
            groups=dice.choice([(0,), (1,), (1, 2), ()]),
            tags=dice.sample(["refund", "vip", "", "a/b c"], dice.randrange(3)),
            country=dice.choice([None, "DE", "PL"]),
            queues_duration=dice.choice([None, 0, 3, 45, 4000]),
            rating_score=dice.choice([None, 0, 1]),
            continuous=dice.choice([None, False, True]),
            unreplied=dice.choice([None, None, False, True]),
        )
    return export


@pytest.mark.parametrize("seed", range(12))
def test_the_queries_count_as_plain_python_does(report_of, seed):
    export = random_export(seed)
    zone = ZoneInfo(["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata"][seed % 4])
    since = dt.datetime(2026, 4, 1, tzinfo=zone)
    until = dt.datetime(2026, 4, 1, tzinfo=zone) + dt.timedelta(days=40)
    groups = (1,) if seed % 3 == 2 else ()
    # There is at least one chat in the period.
    export.thread(dt.datetime(2026, 4, 20, 3, tzinfo=dt.UTC), (0, "customer"), (2.5, ADA))
    report = report_of(export, since, until, zone=zone.key, groups=groups)
    assert report.has_before
    figures = report.figures
    for is_before, (begin, end) in enumerate(((since, until), (report.before.since, since))):
        right = _slow.figures(export, begin, end, zone, groups)

        def rows(name, before=is_before):
            return figures[name].before if before else figures[name].rows

        def only(name):
            return rows(name)[0] if rows(name) else None

        if not right["chats"]["chats"]:
            assert only("chats") is None
            continue
        assert only("chats") == right["chats"]
        days = {row["day"]: row["chats"] for row in rows("chats_per_day")}
        assert len(days) == 40
        assert {day: count for day, count in days.items() if count} == right["per_day"]
        hours = {(row["weekday"], row["hour"]): row["chats"] for row in rows("chats_per_hour")}
        assert hours == right["per_hour"]
        for name in ("first_response_time", "response_time", "duration", "duration_with_agents"):
            assert only(name) == pytest.approx(right[name], abs=2e-6), name
        classes = {row["within"]: row["chats"] for row in rows("first_response_classes")}
        assert sum(classes.values()) == right["first_response_time"]["chats"]
        queue = {row.pop("outcome"): row for row in map(dict, rows("queue"))}
        assert queue == {name: pytest.approx(row) for name, row in right["queue"].items()}
        assert only("missed_chats") == {
            "chats": right["missed"],
            "chats_share": right["missed"] / right["chats"]["chats"],
        }
        assert only("ratings") == pytest.approx(right["ratings"])
        for name, key in (
            ("tags", "tag"),
            ("groups", "group_id"),
            ("countries", "country_code"),
            ("bots_and_people", "handled_by"),
        ):
            assert {row[key]: row["chats"] for row in rows(name)} == right[name], name
        agents = {row["agent_id"]: row for row in rows("agents")}
        assert agents.keys() == right["agents"].keys()
        for agent, row in right["agents"].items():
            assert {name: agents[agent][name] for name in row} == pytest.approx(row, abs=2e-6)
        assert only("repeated_customers") == pytest.approx(right["repeated_customers"])


def test_every_query_says_what_it_counts_and_assumes():
    for name, query in load_queries().items():
        assert query.title, name
        assert query.text.endswith("."), name
        assert query.source, name
        assert query.readings, name
        assert set(query.readings) <= ASSUMPTIONS.keys(), name


def test_every_assumption_is_relied_on():
    used = {reading for query in load_queries().values() for reading in query.readings}
    assert used == ASSUMPTIONS.keys()
