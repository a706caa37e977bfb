"""An evening with what is noted of it; what the tests of who was there share."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from events_service.domain import attendance
from events_service.domain.attendance import Mark, Marked, Means, Note, Noted, Tally, evolve, note_after
from events_service.domain.group import Membership
from events_service.domain.refusal import Refused

from .rules import MEMBER, STARTS, TERMS, Evening, evening

ENDS = TERMS.ends
STILL_THERE = STARTS + timedelta(minutes=10)


@dataclass
class Door:
    """An evening, with what is noted of it."""

    event: Evening
    notes: dict[str, Note] = field(default_factory=dict)
    tally: Tally = field(default_factory=Tally)
    facts: list[Marked] = field(default_factory=list)

    def take(self, noted: Noted | Refused) -> str:
        """The reason of the refusal, or nothing."""
        if isinstance(noted, Refused):
            return noted.reason
        self.event.take(noted.seated)
        marked = noted.marked
        if marked is not None:
            note = note_after(marked, self.event.now)
            self.notes.pop(marked.member_id, None)
            if note is not None:
                self.notes[marked.member_id] = note
            self.tally = evolve(self.tally, marked)
            self.facts.append(marked)
        return ""

    def check_in(
        self,
        who: str,
        means: Means = "hand",
        *,
        at: datetime = STILL_THERE,
        membership: Membership = MEMBER,
        let_in: bool = False,
    ) -> str:
        self.event.now = at
        desk, by = self.event.desk(who, membership), who if means == "door" else "olga"
        noted = attendance.check_in(desk, self.notes.get(who), who, by=by, means=means, now=at, let_in=let_in)
        return self.take(noted)

    def mark(self, who: str, wanted: Mark | None, *, at: datetime = STILL_THERE, let_in: bool = False) -> str:
        self.event.now = at
        desk, note = self.event.desk(who), self.notes.get(who)
        return self.take(attendance.mark(desk, note, who, wanted, by="olga", now=at, let_in=let_in))

    def noted(self, who: str) -> Mark | None:
        return self.notes[who].mark if who in self.notes else None


def door(*coming: str, capacity: int | None = 2, guests: int = 0) -> Door:
    event = evening(capacity)
    for who in coming:
        event.yes(who, guests)
    return Door(event)
