"""What callers heard, against what was decided."""

from collections import Counter
from collections.abc import Iterator

from convene.load.case import Case
from convene.load.driver import NOT_NOW
from convene.load.ledger import Line

ASKED = frozenset(
    {
        *("rsvp.respond", "offer.accept", "offer.decline", "rsvp.promote", "rsvp.add", "rsvp.drop"),
        "event.change",
    }
)
"""Commands that only callers give, not other commands or time."""
DONE, NOT_DONE, UNCLEAR = "carried_out", "not_carried_out", "unclear"


def fate(case: Case, line: Line) -> str:
    """What became of a request that has no answer: by the journal's entries and results, one of both or unclear.

    A command that changes nothing has a result and no entry.
    """
    entries = len(case.done.get(line.command_id, ()))
    known = line.command_id in case.shown.results
    accepted = known and case.shown.results[line.command_id] is None
    if entries == 1 and accepted:
        return DONE
    return NOT_DONE if entries == 0 else UNCLEAR


def resolved(case: Case) -> dict[str, int]:
    return dict(Counter(fate(case, line) for line in case.ledger.lines if line.outcome == "unknown"))


def unanswered(case: Case) -> Iterator[str]:
    """Requests whose fate is unclear; all, where nobody got any answer; more done than were answered or cut off."""
    heard = case.ledger.told or any(line.outcome != "unknown" for line in case.ledger.lines)
    for line in case.ledger.lines:
        if line.outcome == "unknown" and (not heard or fate(case, line) == UNCLEAR):
            yield f"{_who(line)} got no answer, and the journal has no clear one"
    if case.ledger.told is not None:
        for _ in range(resolved(case).get(DONE, 0) - case.ledger.told - case.ledger.cut):
            yield "a request was carried out, and its answer was neither counted nor cut off"


def broken(case: Case) -> Iterator[str]:
    """Answers that say that something broke."""
    for line in case.ledger.lines:
        for one in line.tries:
            if one.answer >= 500 and one.answer not in NOT_NOW:
                yield f"{_who(line)} heard {one.answer}"


def contradicted(case: Case) -> Iterator[str]:
    for line in case.ledger.lines:
        if line.contradicted:
            yield f"{_who(line)} heard two things under one key"
        elif line.outcome == "refused" and line.command_id in case.done:
            yield f"{_who(line)} was refused, and it was carried out"


def lost(case: Case) -> Iterator[str]:
    """Accepted answers whose decision is not on the topic as it was told."""
    for line in case.ledger.lines:
        if line.outcome != "accepted":
            continue
        if line.act == "capacity":
            if not any(entry.said == (line.capacity,) for entry in case.done.get(line.command_id, ())):
                yield f"{_who(line)} was told of it, the journal has no entry of it"
            continue
        change = None if line.seq is None else case.by_seq.get((line.event_id, line.seq))
        if change is None or (change.member_id, change.status) != (line.member_id, line.status):
            yield f"{_who(line)} was told {line.status} with seq {line.seq}, the topic has {change}"
        elif not _written(case, line, change.id):
            yield f"{_who(line)} was told {line.status} with seq {line.seq}, the journal has no entry of it"
    if case.ledger.told is not None:
        for _ in range(case.ledger.told - resolved(case).get(DONE, 0)):
            yield "an answer said accepted, and no request was carried out for it"


def _written(case: Case, line: Line, message_id: str) -> bool:
    """Its own entry made that decision; or an earlier entry did, and asking for the same again changed nothing."""
    own = case.done.get(line.command_id)
    if own is None:
        return message_id in case.written
    return any(message == message_id for entry in own for message, _ in entry.messages)


def doubled(case: Case) -> Iterator[str]:
    """Commands with two entries, and answers to events that nobody gave."""
    asked = {line.command_id for line in case.ledger.lines}
    for command, entries in case.done.items():
        if len(entries) > 1:
            yield f"command {command} has {len(entries)} entries"
        if entries[0].name in ASKED and command not in asked:
            yield f"command {command} is {entries[0].name} at event {entries[0].aggregate}, and nobody asked"


def _who(line: Line) -> str:
    what = line.response if line.act == "rsvp" else f"{line.act} {line.offer or line.capacity or ''}".strip()
    return f"{line.member_id} to {line.event_id} ({what}, {line.key})"
