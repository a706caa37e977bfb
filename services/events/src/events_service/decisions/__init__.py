"""Every command this service decides: what its decision reads, and how facts become documents and messages."""

from typing import Any

from chassis import dead_letters, privacy
from chassis.journal.decision import Decider
from events_service.decisions import (
    attendance,
    calendar,
    event,
    network_event,
    person,
    publicity,
    rolling,
    rsvp,
    series,
    talk,
)
from events_service.messages import Messages
from events_service.messages.public import PublicStream
from events_service.settings import Settings


def decisions(site: str) -> dict[str, Decider[Any]]:
    """By the command's name.

    site: where people find events, for the links on the public stream.
    """
    public = PublicStream(site)
    tell = Messages(public)
    return {
        **event.decisions(tell),
        **series.decisions(),
        **network_event.decisions(),
        **rsvp.decisions(tell),
        **attendance.decisions(tell),
        **publicity.decisions(public),
        **rolling.decisions(),
        **calendar.decisions(),
        **talk.decisions(),
        **person.decisions(),
        **privacy.deciders(Settings.service),
        **dead_letters.deciders(Settings.service),
    }
