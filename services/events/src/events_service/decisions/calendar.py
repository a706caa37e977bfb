"""How commands about the address of somebody's own calendar are decided."""

from typing import Any

from chassis.journal.decision import Decider
from events_service.handlers import calendar
from events_service.messages.outgoing import tell_nobody
from events_service.store.calendar import CALENDARS, CalendarStore


def decisions() -> dict[str, Decider[Any]]:
    """Decided by the member's calendar."""
    links = CalendarStore()
    give, revoke = calendar.decide_give, calendar.decide_revoke
    return {
        calendar.GIVE: Decider(CALENDARS, links.reads, links.load, give, links.save, tell_nobody, calendar.SECRET),
        calendar.REVOKE: Decider(CALENDARS, links.reads, links.load, revoke, links.save, tell_nobody),
    }
