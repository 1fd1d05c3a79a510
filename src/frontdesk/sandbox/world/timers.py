"""The timers: what is done when one of a kind is due."""

from typing import Final

from frontdesk.sandbox.world.chats import summaries
from frontdesk.sandbox.world.people import customers, website
from frontdesk.sandbox.world.routing import inactivity
from frontdesk.sandbox.world.staff import sessions, shifts
from frontdesk.sandbox.world.world import Timers

__all__ = ["TIMERS"]

TIMERS: Final[Timers] = {
    "agent_gone": sessions.end_absence,
    website.TIMER_KIND: website.greet_later,
    "inactivity": inactivity.check,
    shifts.TIMER_KIND: shifts.begin_or_end,
    "summary": summaries.summarise,
    "totals": sessions.push_totals,
    "visit": customers.check_visit,
}
