"""Who is forgotten hosts nothing any more, whatever became of the event: past ones, cancelled ones and drafts too.

Nobody's seat moves by that. What they hold themselves in an event to come their RSVP gives up, and a seat that a host
does not take needs none afterwards either.
"""

from dataclasses import asdict

from events_service.domain import event as events
from events_service.domain import series as courses
from events_service.domain.event import Event, HostForgotten
from events_service.domain.series import Series, SeriesChanged


def of_event(event: Event, member_id: str) -> list[events.Fact]:
    """Take them out of its hosts; twice changes nothing."""
    return [HostForgotten(event.id, member_id)] if member_id in event.details.hosts else []


def of_series(series: Series, member_id: str) -> list[courses.Fact]:
    """Take them out of what dates to come begin with; the dates there are each do that themselves."""
    hosts = series.details.hosts
    if member_id not in hosts:
        return []
    changes = {"hosts": tuple(one for one in hosts if one != member_id)}
    return [SeriesChanged(series.id, "", asdict(series.plan), changes, touched=(), edit={})]
