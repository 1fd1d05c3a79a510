"""What happens to customers on the website: pages, and the greetings that follow by themselves.

A greeting is shown once a visit, to customers who are connected and have no active chat, if its
rules hold: after the log-in, at each further page, with new session fields, and when the time comes
that its rules name. Of several, the oldest is shown.
"""

from frontdesk.models import Page, Visit
from frontdesk.sandbox.store.records import CustomerRecord, TimerRow
from frontdesk.sandbox.world import properties
from frontdesk.sandbox.world.people import customers, greeting_rules, greetings
from frontdesk.sandbox.world.people.greeting_rules import VisitState
from frontdesk.sandbox.world.world import World

__all__ = ["TIMER_KIND", "greet", "greet_later", "group_of", "open_page"]

TIMER_KIND = "greeting"
_SECOND = 1_000_000


def open_page(world: World, record: CustomerRecord, view: customers.PageView) -> None:
    """Open a page, and show the greeting that it has for the customer; see ``customers.visit``."""
    customers.visit(world, record, view)
    greet(world, record)


def group_of(world: World, record: CustomerRecord) -> int:
    """Return the group that a customer belongs to: that of forms, greetings and predictions."""
    for group_id in record.auto_access or record.group_ids:
        if group_id in world.store.company.groups:
            return group_id
    return 0


def greet(world: World, record: CustomerRecord) -> None:
    """Show a greeting whose rules hold, if the customer is there to see it."""
    visit = record.profile.visit
    if not record.online or visit is None or not customers.sessions_of(world, record.id):
        return
    group = world.store.company.groups[group_of(world, record)]
    if not group.greetings or customers.active_chats(world, record.id):
        return
    most = int(properties.license_value(world, "smart_actions", "greeting.max_invites", 5))
    if len(record.greetings_of_visit) >= most:
        return
    state = _state(world, record, visit)
    left = [
        greeting for greeting in group.greetings if greeting.id not in record.greetings_of_visit
    ]
    for greeting in left:
        if greeting_rules.fits(greeting, state) and greetings.obstacle_to(world, greeting) is None:
            greetings.display(world, record, greeting)
            break
    wait = greeting_rules.next_look(left, state)
    if wait is None:
        world.store.timers.cancel(TIMER_KIND, record.id)
    else:
        world.store.timers.set(TIMER_KIND, record.id, world.clock.after(wait))


def greet_later(world: World, timer: TimerRow) -> None:
    """Look whether a greeting is to be shown now: the time that a rule names has come."""
    record = world.store.customers.get(timer.subject)
    if record is not None:
        greet(world, record)


def _state(world: World, record: CustomerRecord, visit: Visit) -> VisitState:
    now = world.clock.now()
    pages: list[Page] = visit.last_pages or []
    started_at = visit.started_at or now
    statistics = record.profile.statistics
    return VisitState(
        now=now,
        started_at=started_at,
        entered_at=(pages[-1].opened_at if pages else None) or started_at,
        pages=[page.url or "" for page in pages],
        page_views=record.visit_pages,
        visits=(statistics.visits_count if statistics else None) or record.visit_number,
        referrer=visit.referrer or "",
        place=visit.geolocation,
        session_fields=record.profile.session_fields or (),
    )
