"""`calendars`: the addresses of members' own calendars, by `calendar:<member id>`; of the secret only a digest."""

from collections.abc import Iterable
from datetime import datetime

from chassis.journal.command import Command
from chassis.journal.decision import Outcome
from chassis.journal.documents import Documents, Read, Ref
from events_service.domain.calendar import CalendarLink

CALENDARS = "calendars"


class CalendarStore:
    """Reads, loads and saves for decisions about one member's address."""

    def reads(self, command: Command, documents: Documents) -> Iterable[Read]:
        return (Ref(CALENDARS, command.aggregate),)

    def load(self, command: Command, documents: Documents) -> CalendarLink:
        found = documents.get(CALENDARS, command.aggregate)
        return CalendarLink(command.actor or "", None if found is None else found["digest"])

    def save(self, command: Command, documents: Documents, outcome: Outcome[CalendarLink], now: datetime) -> None:
        link, before = outcome.state, documents.get(CALENDARS, command.aggregate)
        after = {
            "_id": command.aggregate,
            "v": 1,
            "member_id": link.member_id,
            "digest": link.digest,
            "updated_at": now,
        }
        documents.put(CALENDARS, {**(before or {}), **after})
