"""A ledger and what was shown, with what several checks look up."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from convene.load.ledger import Ledger
from convene.load.recount import Recount, Step, recount
from convene.load.shown import Booked, Decision, Entry, Pair, Shown


@dataclass(frozen=True, slots=True)
class Case:
    """by_seq: decisions by event and seq; final: the last one about each RSVP; done: entries by command id.

    written: ids of the messages of all entries; waits: who waits for each event by its documents, in line. recounts:
    what the seats and the line of each event went through.
    """

    ledger: Ledger
    shown: Shown
    by_seq: Mapping[tuple[str, int], Decision]
    final: Mapping[Pair, Decision]
    done: Mapping[str, Sequence[Entry]]
    written: frozenset[str]
    waits: Mapping[str, Sequence[tuple[str, Booked]]]
    recounts: Mapping[str, Recount]

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
            {event: recount(event, steps, shown.books[event]) for event, steps in _steps(shown).items()},
        )


def _steps(shown: Shown) -> dict[str, list[Step]]:
    """What was decided about each event that has books, by command, in order; what the journal lacks stands alone."""
    home = {message: entry for entry in shown.entries for message, _ in entry.messages}
    decided: dict[tuple[str, int], list[Decision]] = {}
    steps: dict[str, list[tuple[float, Step]]] = {event: [] for event in shown.books}
    last: dict[str, float] = {}
    for one in shown.decisions:
        entry = home.get(one.id)
        if entry is not None:
            decided.setdefault((entry.aggregate, entry.sequence), []).append(one)
            last[one.event_id] = entry.sequence
        elif one.event_id in steps:
            steps[one.event_id].append((last.get(one.event_id, 0), Step(None, [one])))
    for entry in shown.entries:
        if entry.aggregate in steps:
            own = decided.get((entry.aggregate, entry.sequence), [])
            steps[entry.aggregate].append((entry.sequence, Step(entry, own)))
    return {event: [step for _, step in sorted(found, key=_place)] for event, found in steps.items()}


def _place(found: tuple[float, Step]) -> tuple[float, bool]:
    """Behind the command that it followed on the topic."""
    return found[0], found[1].entry is None
