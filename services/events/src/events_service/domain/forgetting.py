"""Who is forgotten hosts nothing any more, and nothing says that they made it, whatever became of it: past events,
cancelled ones and drafts too.

Nobody's seat moves by that. What they hold themselves in an event to come their RSVP gives up, and a seat that a host
does not take needs none afterwards either.
"""

from events_service.domain import event as events
from events_service.domain import network_event as network_events
from events_service.domain import series as courses
from events_service.domain.event import Event, MemberForgotten
from events_service.domain.network_event import MakerForgotten, NetworkEvent
from events_service.domain.series import Series, SeriesMemberForgotten


def of_event(event: Event, member_id: str) -> list[events.Fact]:
    """Take them out of it; twice changes nothing."""
    held = member_id in (event.created_by, *event.details.hosts)
    return [MemberForgotten(event.id, member_id)] if held else []


def of_series(series: Series, member_id: str) -> list[courses.Fact]:
    """Take them out of it, and out of what dates to come begin with; the dates there are each do that themselves."""
    held = member_id in (series.created_by, *series.details.hosts)
    return [SeriesMemberForgotten(series.id, member_id)] if held else []


def of_network_event(found: NetworkEvent, member_id: str) -> list[network_events.Fact]:
    """It has no hosts of its own, and its copies are events."""
    return [MakerForgotten(found.id)] if found.created_by == member_id else []
