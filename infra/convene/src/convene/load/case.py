"""A ledger and what was shown, with what several checks look up."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from convene.load.ledger import Ledger
from convene.load.shown import Booked, Decision, Entry, Pair, Shown


@dataclass(frozen=True, slots=True)
class Case:
    """by_seq: decisions by event and seq; final: the last one about each RSVP; done: entries by command id.

    written: ids of the messages of all entries; waits: who waits for each event by its documents, in line.
    """

    ledger: Ledger
    shown: Shown
    by_seq: Mapping[tuple[str, int], Decision]
    final: Mapping[Pair, Decision]
    done: Mapping[str, Sequence[Entry]]
    written: frozenset[str]
    waits: Mapping[str, Sequence[tuple[str, Booked]]]

    @classmethod
    def of(cls, ledger: Ledger, shown: Shown) -> "Case":
        done: dict[str, list[Entry]] = {}
        for entry in shown.entries:
            done.setdefault(entry.command_id, []).append(entry)
        waits: dict[str, list[tuple[str, Booked]]] = {event: [] for event in shown.books}
        for (event, member), booked in shown.documents.items():
            if booked.status == "waitlist":
                waits.setdefault(event, []).append((member, booked))
        for line in waits.values():
            line.sort(key=lambda one: one[1].order)
        return cls(
            ledger,
            shown,
            {(one.event_id, one.seq): one for one in shown.decisions},
            {(one.event_id, one.member_id): one for one in shown.decisions},
            done,
            frozenset(message for entry in shown.entries for message, _ in entry.messages),
            waits,
        )
