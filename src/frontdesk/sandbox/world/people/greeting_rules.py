"""When a greeting is shown by itself: its rules, and what is known of the visit.

Source: https://platform.text.com/docs/management/configuration-api#greetings
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from msgspec import Struct

from frontdesk.models import Geolocation, Greeting, GreetingRule, GreetingUrl

__all__ = ["VisitState", "fits", "next_look"]

SEARCH_PARAMETERS: Final = ("q", "query", "p", "wd", "text", "keyword")
"""Where search engines have what was searched for, in the address of the referrer."""
CLICK_PARAMETERS: Final = {
    "msclkid": "microsoft",
    "fbclid": "facebook",
    "gclid": "google",
    "twclid": "twitter",
    "yclid": "yahoo",
}
"""What advertisers add to the address of the page that an advertisement leads to."""

_NUMBERS: Final[dict[str, Callable[[int, int], bool]]] = {
    "equals": lambda held, asked: held == asked,
    "doesnt_equal": lambda held, asked: held != asked,
    "lower_than": lambda held, asked: held < asked,
    "lower_or_equal": lambda held, asked: held <= asked,
    "greater_than": lambda held, asked: held > asked,
    "greater_or_equal": lambda held, asked: held >= asked,
}


class VisitState(Struct, kw_only=True, frozen=True):
    """What the rules of greetings ask about.

    ``pages`` are the addresses of the visit's pages, the present one last; ``page_views`` counts
    them all. ``entered_at`` is when the present page was opened.
    """

    now: datetime
    started_at: datetime
    entered_at: datetime
    pages: Sequence[str]
    page_views: int
    visits: int
    referrer: str = ""
    place: Geolocation | None = None
    session_fields: Sequence[dict[str, str]] = ()


def fits(greeting: Greeting, visit: VisitState) -> bool:
    """Return whether the rules of a greeting hold; one without rules is shown by hand only.

    They are read from first to last: ``condition`` joins a rule to what came before it.
    """
    holds: bool | None = None
    for rule in greeting.rules:
        this = _holds(rule, visit)
        if holds is None:
            holds = this
        else:
            holds = (holds or this) if rule.condition == "or" else (holds and this)
    return bool(holds)


def next_look(greetings: Iterable[Greeting], visit: VisitState) -> float | None:
    """Return after how many seconds a rule about time may hold; ``None`` if none will."""
    waits: list[float] = []
    for greeting in greetings:
        for rule in greeting.rules:
            begin = {"visit_time_site": visit.started_at, "visit_time_page": visit.entered_at}.get(
                rule.type
            )
            asked = _number(rule.value)
            if begin is None or asked is None:
                continue
            if rule.operator == "greater_than":
                asked += 1
            wait = asked - (visit.now - begin).total_seconds()
            if wait > 0:
                waits.append(wait)
    return min(waits, default=None)


def _holds(rule: GreetingRule, visit: VisitState) -> bool:
    holds = _RULES.get(rule.type)
    # Types that are newer than this: nobody knows what they ask for.
    return holds is not None and holds(rule, visit)


def _current_url(rule: GreetingRule, visit: VisitState) -> bool:
    return bool(visit.pages) and _has_text(rule.operator, visit.pages[-1], rule.value)


def _matching_pages(rule: GreetingRule, visit: VisitState) -> bool:
    matching = [url for url in visit.pages if any(_is_at(asked, url) for asked in rule.urls or ())]
    return _compares(rule, len(matching))


def _session_field(rule: GreetingRule, visit: VisitState) -> bool:
    asked = rule.session_field or {}
    return bool(asked) and any(asked.items() <= held.items() for held in visit.session_fields)


def _advertisement(rule: GreetingRule, visit: VisitState) -> bool:
    return bool(visit.pages) and any(
        _came_from(visit.pages[0], platform, campaign)
        for platform, campaign in (rule.session_field or {}).items()
    )


def _seconds(begin: datetime, now: datetime) -> int:
    return int((now - begin).total_seconds())


def _number(text: str | None) -> int | None:
    try:
        return int(text or "")
    except ValueError:
        return None


def _compares(rule: GreetingRule, held: int) -> bool:
    asked, compare = _number(rule.value), _NUMBERS.get(rule.operator or "equals")
    return asked is not None and compare is not None and compare(held, asked)


def _has_text(operator: str | None, held: str, asked: str | None) -> bool:
    """Compare texts, whatever the case of their letters, as the rules of auto access do."""
    held, asked = held.casefold(), (asked or "").casefold()
    match operator:
        case "contains":
            return asked in held
        case "doesnt_contain":
            return asked not in held
        case "doesnt_equal":
            return held != asked
        case _:
            return held == asked


def _any_has_text(rule: GreetingRule, texts: Sequence[str]) -> bool:
    """Return whether a rule holds of one of some texts; one that denies has to hold of all."""
    holds = [_has_text(rule.operator, text, rule.value) for text in texts]
    return all(holds) if (rule.operator or "").startswith("doesnt_") else any(holds)


def _is_at(asked: GreetingUrl, url: str) -> bool:
    return _has_text(asked.operator, url, asked.url)


def _went_through(asked: Sequence[GreetingUrl], pages: Sequence[str]) -> bool:
    """Return whether the pages were opened in an order, with others between; the last one now."""
    if not asked or not pages or not _is_at(asked[-1], pages[-1]):
        return False
    earlier = iter(pages[:-1])
    return all(any(_is_at(step, url) for url in earlier) for step in asked[:-1])


def _names_of(place: Geolocation | None) -> list[str]:
    if place is None:
        return []
    names = (place.country, place.country_code, place.region, place.city)
    return [name for name in names if name]


def _query(url: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(urlsplit(url).query, max_num_fields=100)
    except ValueError:
        # What a website sends need be no URL.
        return []


def _searched(referrer: str) -> list[str]:
    return [value for name, value in _query(referrer) if name in SEARCH_PARAMETERS]


def _came_from(landing: str, platform: str, campaign: str) -> bool:
    """Return whether the first page was reached by an advertisement, as its address says."""
    query = dict(_query(landing))
    sources = {CLICK_PARAMETERS[name] for name in query if name in CLICK_PARAMETERS}
    sources.add(query.get("utm_source", "").casefold())
    asked = campaign.casefold()
    return platform in sources and asked in ("", query.get("utm_campaign", "").casefold())


_RULES: Final[dict[str, Callable[[GreetingRule, VisitState], bool]]] = {
    "visit_time_site": lambda rule, visit: _compares(rule, _seconds(visit.started_at, visit.now)),
    "visit_time_page": lambda rule, visit: _compares(rule, _seconds(visit.entered_at, visit.now)),
    "pages_view_number": lambda rule, visit: _compares(rule, visit.page_views),
    "visits_number": lambda rule, visit: _compares(rule, visit.visits),
    "url_match_page_view_number": _matching_pages,
    "url_current": _current_url,
    "url_visited": lambda rule, visit: _any_has_text(rule, visit.pages),
    "url_funnel": lambda rule, visit: _went_through(rule.urls or (), visit.pages),
    "url_referrer": lambda rule, visit: _has_text(rule.operator, visit.referrer, rule.value),
    "geolocation": lambda rule, visit: _any_has_text(rule, _names_of(visit.place)),
    "search_keyword": lambda rule, visit: _any_has_text(rule, _searched(visit.referrer)),
    "custom_variable": _session_field,
    "ads_traffic": _advertisement,
}
