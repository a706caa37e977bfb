"""What documents, HTTP, inboxes and mails say, against the decisions."""

from collections import Counter
from collections.abc import Iterator, Sequence

from convene.load.case import Case
from convene.load.shown import Booked, Books, Decision, Notes

TELLS = {"yes": "rsvp.confirmed", "waitlist": "rsvp.waitlisted", "offered": "rsvp.offered"}
"""By status. Who came up from the line, and whose offer expired, is told so."""
ON_CHANGE = "event.changed"
"""Who hears of another capacity depends on when notifications hears of both: it is not decided here."""


def lost(case: Case) -> Iterator[str]:
    """RSVPs without a document."""
    for event, member in case.final.keys() - case.shown.documents.keys():
        yield f"{member} to {event} has no document"


def doubled(case: Case) -> Iterator[str]:
    """Numbers given twice."""
    for number, count in Counter(one.number for one in case.shown.documents.values()).items():
        if count > 1:
            yield f"{count} RSVPs have number {number}"


def inverted(case: Case) -> Iterator[str]:
    """Places given twice, and lines that are not in the order in which people came to stand in them."""
    orders = Counter((event, one.order) for (event, _), one in case.shown.documents.items())
    for (event, order), count in orders.items():
        if count > 1:
            yield f"event {event}: {count} RSVPs have order {order}"
    turn = {
        (one.event_id, one.member_id): one.seq
        for one in case.shown.decisions
        if one.status == "waitlist" and one.was != "waitlist"
    }
    for event, line in case.waits.items():
        last = 0
        for member, _ in line:
            seq = turn.get((event, member), 0)
            if seq < last:
                yield f"event {event}: {member} came to wait by decision {seq} and stands behind {last}"
            last = max(seq, last)


def oversold(case: Case) -> Iterator[str]:
    """Events whose documents take more seats than there are and than leaders gave beyond."""
    held = _held(case)
    for event, books in case.shown.books.items():
        if books.capacity is not None and held[event] > books.capacity + case.recounts[event].over:
            yield f"event {event}: its RSVPs take {held[event]} of {books.capacity} seats"


def stuck(case: Case) -> Iterator[str]:
    yield from case.shown.stuck
    for event, books in case.shown.books.items():
        if books.kept:
            yield f"event {event}: {books.kept} public changes wait for a member's number"
        if books.due:
            yield f"event {event}: its line is still to be drained"
    for (event, member), one in case.shown.documents.items():
        if one.until is not None and one.until < case.shown.now:
            yield f"{member} is offered seats at {event} that were to expire at {one.until}, it is {case.shown.now}"


def wrong_in_documents(case: Case) -> Iterator[str]:
    """RSVPs that are not as the last decision about them left them."""
    for (event, member), booked in case.shown.documents.items():
        last = case.final.get((event, member))
        if last is None:
            yield f"{member} to {event} has a document, and no decision"
        elif (booked.status, booked.guests, booked.seq, booked.number) != (
            last.status,
            last.guests,
            last.seq,
            last.number,
        ) or (last.holds and (booked.seats, booked.until) != (last.holds, last.until)):
            yield f"{member} to {event}: the document has {booked}, decided was {last}"


def wrong_in_books(case: Case) -> Iterator[str]:
    """Ledgers that count otherwise than their RSVPs do."""
    used = _seats(case)
    seqs: Counter[str] = Counter()
    orders: Counter[str] = Counter()
    for event, seq in case.by_seq:
        seqs[event] = max(seqs[event], seq)
    for (event, _), one in case.shown.documents.items():
        orders[event] = max(orders[event], one.order)
    for event, books in case.shown.books.items():
        line = case.waits.get(event, ())
        counted = (used[event], len(line), orders[event], seqs[event])
        if counted != (books.seats, books.waiting, books.order, books.seq):
            yield f"event {event}: seats, waiting, order, seq are {counted}, the ledger says {books}"
        elif not _head_agrees(books, line):
            yield f"event {event}: the head of the line is not its front"


def _head_agrees(books: Books, line: Sequence[tuple[str, Booked]]) -> bool:
    front = [[one.order, member, one.seats, one.skips] for member, one in line[: len(books.head)]]
    return front == [list(party) for party in books.head]


def _seats(case: Case) -> Counter[str]:
    used: Counter[str] = Counter()
    for (event, _), one in case.shown.documents.items():
        used[event] += one.seats if one.status == "yes" else 0
    return used


def _held(case: Case) -> Counter[str]:
    """Seats that nobody else can have."""
    held: Counter[str] = Counter()
    for (event, _), one in case.shown.documents.items():
        held[event] += one.seats if one.status in {"yes", "offered"} else 0
    return held


def wrong_on_event(case: Case) -> Iterator[str]:
    used: Counter[str] = Counter()
    waiting: Counter[str] = Counter()
    for (event, _), last in case.final.items():
        used[event] += last.seats
        waiting[event] += last.status == "waitlist"
    for event, shown in case.shown.events.items():
        if (used[event], waiting[event]) != shown:
            yield f"event {event}: {used[event]} seats and {waiting[event]} waiting, HTTP shows {shown}"


def wrong_for_person(case: Case) -> Iterator[str]:
    """People who are not shown their own RSVP as it was decided last."""
    for (event, member), shown in case.shown.own.items():
        last = case.final.get((event, member))
        if shown != (None if last is None else (last.status, last.seq)):
            yield f"{member} to {event} is shown {shown}, decided was {last}"


def wrong_in_line(case: Case) -> Iterator[str]:
    for event, shown in case.shown.queues.items():
        if [member for member, _ in case.waits.get(event, ())] != list(shown):
            yield f"event {event}: HTTP shows another line than its documents"


def wrong_in_inbox(case: Case) -> Iterator[str]:
    """Members whose inbox does not say each thing that was decided about them, once: documents, then HTTP."""
    wanted: dict[str, Counter[Notes]] = {}
    for one in case.shown.decisions:
        kind = _told(one)
        if kind is not None:
            wanted.setdefault(one.member_id, Counter())[Notes(one.event_id, kind)] += 1
    for member in wanted.keys() | case.shown.inbox.keys():
        yield from _differs(member, wanted.get(member), case.shown.inbox.get(member, ()), "document")
    for member, lines in case.shown.inboxes.items():
        yield from _differs(member, wanted.get(member), lines, "line")


def _told(one: Decision) -> str | None:
    """The kind of line that a decision means for its member."""
    if one.kind == "expired":
        return "rsvp.offer-expired"
    if one.was == one.status:
        return None
    return "rsvp.promoted" if (one.was, one.status) == ("waitlist", "yes") else TELLS.get(one.status)


def _differs(member: str, wanted: Counter[Notes] | None, lines: Sequence[Notes], what: str) -> Iterator[str]:
    found = Counter(line for line in lines if line.kind != ON_CHANGE)
    decided = wanted or Counter()
    if found != decided:
        yield f"inbox of {member}: {what}s too few {dict(decided - found)}, too many {dict(found - decided)}"


def wrong_in_mail(case: Case) -> Iterator[str]:
    """Members with an address who did not get one mail for each line, and the one that verified the address."""
    for member, ids in case.shown.mails.items():
        lines = len(case.shown.inbox.get(member, ()))
        if len(set(ids)) != lines + 1:
            yield f"{member} has {lines} lines in the inbox and {len(set(ids))} mails"
