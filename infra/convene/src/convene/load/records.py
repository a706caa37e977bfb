"""What the topics and the journal say, each by itself and against each other."""

from collections import Counter
from collections.abc import Iterator

from convene.load.case import Case


def lost(case: Case) -> Iterator[str]:
    """Numbers of decisions that are missing."""
    count = Counter(one.event_id for one in case.shown.decisions)
    last: dict[str, int] = {}
    for event, seq in case.by_seq:
        last[event] = max(seq, last.get(event, 0))
    for event, number in count.items():
        if number < last[event]:
            yield f"event {event} has {number} decisions on its topic, the last is {last[event]}"


def doubled(case: Case) -> Iterator[str]:
    for id_ in case.shown.repeated:
        yield f"message {id_} is twice on its topic"
    seen: set[tuple[str, int]] = set()
    for one in case.shown.decisions:
        if (one.event_id, one.seq) in seen:
            yield f"event {one.event_id} has two decisions {one.seq}"
        seen.add((one.event_id, one.seq))


def inverted(case: Case) -> Iterator[str]:
    """Records that do not follow the one before them on their subject."""
    for records in (case.shown.decisions, case.shown.public):
        last: dict[str, int] = {}
        for record in records:
            if record.sequence != last.get(record.event_id, 0) + 1:
                yield f"event {record.event_id}: message {record.sequence} follows {last.get(record.event_id, 0)}"
            last[record.event_id] = record.sequence


def wrong_in_journal(case: Case) -> Iterator[str]:
    """Batches and sequences that are not in a row; messages that differ from what is on the topics."""
    yield from case.shown.missing
    last: dict[str, int] = {}
    written: dict[str, bytes] = {}
    for entry in case.shown.entries:
        if entry.sequence != last.get(entry.aggregate, 0) + 1:
            yield f"{entry.aggregate}: entry {entry.sequence} follows {last.get(entry.aggregate, 0)}"
        last[entry.aggregate] = entry.sequence
        written.update(entry.messages)
    said = {entry.aggregate for entry in case.shown.entries if entry.said is not None}
    for event in {one.event_id for one in case.shown.decisions} - said:
        yield f"{event}: no entry says how many seats there are"
    for event, books in case.shown.books.items():
        if books.entries != last.get(event, 0):
            yield f"{event}: the journal ends at {last.get(event, 0)}, the ledger counts {books.entries}"
    for id_, digest in written.items():
        if case.shown.sent.get(id_) != digest:
            yield f"message {id_} is {'not' if id_ not in case.shown.sent else 'otherwise'} on its topic"
    for id_ in case.shown.sent.keys() - written.keys():
        yield f"message {id_} is in no entry"


def wrong_on_stream(case: Case) -> Iterator[str]:
    """RSVPs whose public story differs from what was decided: a place is a yes, whatever else follows one a no.

    A no is told to who said it first, and nothing is told twice in a row.
    """
    decided: dict[int, list[tuple[str, int]]] = {}
    says: tuple[str, int] | None
    for one in case.shown.decisions:
        story = decided.setdefault(one.number, [])
        last = story[-1] if story else None
        if one.status == "yes":
            says = ("yes", one.guests)
        else:
            says = ("no", 0) if one.kind == "declined" or last is not None else None
        if says is not None and says != last:
            story.append(says)
    told: dict[int, list[tuple[str, int]]] = {}
    for record in case.shown.public:
        told.setdefault(record.number, []).append((record.response, record.guests))
    for number, story in decided.items():
        if told.get(number, []) != story:
            yield f"RSVP {number}: decided {story}, told {told.get(number, [])}"
    for number in told.keys() - decided.keys():
        yield f"RSVP {number}: told {told[number]}, never decided"
