"""The figures once more, chat by chat in plain Python, from the rows of an export."""

import json
import math
from collections import Counter, defaultdict
from statistics import fmean

ENDS = (
    "manual_archived_",
    "archived_customer_disconnected",
    "routing.archived_",
    "customer_banned",
    "system_archived",
)


def percentile(values, share):
    """Between the two nearest ranks."""
    values = sorted(values)
    place = share * (len(values) - 1)
    low, high = math.floor(place), math.ceil(place)
    return values[low] + (values[high] - values[low]) * (place - low)


def statistics(values):
    values = [value for value in values if value is not None]
    if not values:
        return {"chats": 0, "mean_seconds": None, "median_seconds": None, "p90_seconds": None}
    return {
        "chats": len(values),
        "mean_seconds": fmean(values),
        "median_seconds": percentile(values, 0.5),
        "p90_seconds": percentile(values, 0.9),
    }


def score(good, bad, z=2.69):
    n = good + bad
    if not n:
        return None
    p, c = good / n, z * z / (4 * n)
    return (p + 2 * c - z * math.sqrt((c / n + p * (1 - p)) / n)) / (1 + 4 * c)


class Chat:
    """A thread with what is known of it."""

    def __init__(self, export, thread, zone):
        self.thread = thread
        thread_id = thread["thread_id"]
        self.local = thread["created_at"].astimezone(zone)
        self.events = sorted(
            (row for row in export.rows["events"] if row["thread_id"] == thread_id),
            key=lambda row: row["position"],
        )
        self.agents = {
            row["user_id"]: row["type"]
            for row in export.rows["thread_users"]
            if row["thread_id"] == thread_id and row["type"] != "customer"
        }
        self.tags = {row["tag"] for row in export.rows["tags"] if row["thread_id"] == thread_id}
        self.country = next(
            (r["country_code"] for r in export.rows["visits"] if r["thread_id"] == thread_id), ""
        )
        self.queue = thread.get("queues_duration") or 0
        self._follow()

    def is_response(self, event):
        lc2 = json.loads(event.get("properties") or "{}").get("lc2", {})
        return (
            event["author_type"] in ("agent", "bot")
            and event["type"] not in ("system_message", "system")
            and event["visibility"] == "all"
            and lc2.get("welcome_message") is not True
            and "greeting_id" not in lc2
        )

    def _follow(self):
        asked = None
        self.waits, self.responders, self.first_responder = [], set(), None
        for event in self.events:
            if event["type"] in ("system_message", "system"):
                continue
            if event["author_type"] == "customer":
                asked = asked or event
            elif self.is_response(event):
                self.responders.add(event["author_type"])
                if asked:
                    wait = (event["created_at"] - asked["created_at"]).total_seconds()
                    self.waits.append(max(wait, 0.0))
                    self.first_responder = self.first_responder or event["author_id"]
                    asked = None

    @property
    def end(self):
        ends = [
            event
            for event in self.events
            if event["type"] == "system_message" and event["system_message_type"].startswith(ENDS)
        ]
        last = (ends or self.events)[-1:]
        return max(last[0]["created_at"], self.thread["created_at"]) if last else None

    @property
    def duration(self):
        return (self.end - self.thread["created_at"]).total_seconds() if self.end else None

    @property
    def agent_duration(self):
        seen = [e["created_at"] for e in self.events if e["author_type"] in ("agent", "bot")]
        arrivals = seen[:1]
        if self.queue:
            start = self.thread["created_at"].timestamp() + self.queue
            arrivals = [min([start, *(each.timestamp() for each in arrivals)])]
        else:
            arrivals = [each.timestamp() for each in arrivals]
        if not self.agents or not arrivals or not self.end:
            return None
        arrival = max(arrivals[0], self.thread["created_at"].timestamp())
        return max(self.end.timestamp() - arrival, 0)

    @property
    def missed(self):
        unreplied = self.thread.get("unreplied")
        return not self.responders if unreplied is None else unreplied

    @property
    def handled_by(self):
        return {
            frozenset(): "nobody",
            frozenset({"agent"}): "people",
            frozenset({"bot"}): "bots",
        }.get(frozenset(self.responders), "bots and people")

    @property
    def rated_agent(self):
        rated = [e for e in self.events if e.get("system_message_type") == "rating.chat_rated"]
        before = rated[-1]["position"] if rated else math.inf
        senders = [
            event["author_id"]
            for event in self.events
            if event["author_type"] in ("agent", "bot") and event["position"] < before
        ]
        if senders:
            return senders[-1]
        return next(iter(self.agents)) if len(self.agents) == 1 else None


def figures(export, since, until, zone, groups=()):
    """The figures of a period, in the form of the report's rows."""
    chats = [
        Chat(export, thread, zone)
        for thread in export.rows["threads"]
        if since <= thread["created_at"] < until
        and (not groups or set(groups) & set(thread["group_ids"]))
    ]
    queued = defaultdict(list)
    for chat in chats:
        if chat.queue:
            queued["entered a chat" if chat.agents else "left the queue"].append(chat.queue)
    customers = Counter(chat.thread["customer_id"] for chat in chats)
    repeated = [number for number in customers.values() if number >= 2]
    good, bad = (
        sum(chat.thread.get("rating_score") == value for chat in chats) for value in (1, 0)
    )
    agents = {}
    for agent in {agent for chat in chats for agent in chat.agents}:
        had = [chat for chat in chats if agent in chat.agents]
        first = [chat.waits[0] for chat in chats if chat.first_responder == agent]
        ratings = [c.thread.get("rating_score") for c in had if c.rated_agent == agent]
        agents[agent] = {
            "chats": len(had),
            "first_responses": len(first),
            "first_response_mean_seconds": fmean(first) if first else None,
            "good": ratings.count(1),
            "bad": ratings.count(0),
            "score": score(ratings.count(1), ratings.count(0)),
        }
    return {
        "chats": {
            "chats": len(chats),
            "continuous_chats": sum(bool(chat.thread.get("continuous")) for chat in chats),
        },
        "per_day": Counter(chat.local.date() for chat in chats),
        "per_hour": Counter((chat.local.isoweekday(), chat.local.hour) for chat in chats),
        "first_response_time": statistics([chat.waits[0] for chat in chats if chat.waits]),
        "response_time": statistics([fmean(chat.waits) for chat in chats if chat.waits]),
        "duration": statistics([chat.duration for chat in chats]),
        "duration_with_agents": statistics([chat.agent_duration for chat in chats]),
        "queue": {
            outcome: {
                "chats": len(waits),
                "shortest_seconds": min(waits),
                "longest_seconds": max(waits),
                "mean_seconds": fmean(waits),
                "median_seconds": percentile(waits, 0.5),
                "p90_seconds": percentile(waits, 0.9),
            }
            for outcome, waits in queued.items()
        },
        "missed": sum(bool(chat.missed) for chat in chats),
        "ratings": {
            "good": good,
            "bad": bad,
            "rated_share": (good + bad) / len(chats) if chats else None,
            "good_share": good / (good + bad) if good + bad else None,
            "score": score(good, bad),
        },
        "tags": Counter(tag for chat in chats for tag in chat.tags),
        "groups": Counter(group for chat in chats for group in set(chat.thread["group_ids"])),
        "agents": agents,
        "countries": Counter(chat.country for chat in chats),
        "bots_and_people": Counter(chat.handled_by for chat in chats),
        "repeated_customers": {
            "customers": len(customers),
            "repeated_customers": len(repeated),
            "repeated_share": len(repeated) / len(customers) if customers else None,
            "chats_of_repeated": sum(repeated),
        },
    }
