"""Seats and turns in line, as they were recounted, and what the platform says of them."""

from collections.abc import Iterator

from convene.load.case import Case
from convene.load.shown import Booked


def oversold(case: Case) -> Iterator[str]:
    """Decisions and edits after which more seats were taken than there are and than leaders gave beyond."""
    for found in case.recounts.values():
        yield from found.oversold


def inverted(case: Case) -> Iterator[str]:
    """People seated while somebody before them waited whom the seat would have held as well."""
    for found in case.recounts.values():
        yield from found.inverted


def idle(case: Case) -> Iterator[str]:
    """Seats that nobody had, though somebody waits whom they would have held."""
    for found in case.recounts.values():
        yield from found.idle


def wrong_with_offers(case: Case) -> Iterator[str]:
    """Offers that ended otherwise than offers end, and ledgers that count other offers than their RSVPs have."""
    held: dict[str, list[Booked]] = {}
    for (event, _), one in case.shown.documents.items():
        if one.status == "offered":
            held.setdefault(event, []).append(one)
    for event, found in case.recounts.items():
        yield from found.offers
        books, offered = case.shown.books[event], held.get(event, [])
        counted = (sum(one.seats for one in offered), len(offered), found.over)
        if counted != (books.held, books.offers, books.over):
            yield f"event {event}: held, offers, over are {counted}, the ledger says {books}"
        ends = [one.until for one in offered if one.until is not None]
        if bool(ends) != (books.lapses is not None) or any(end < books.lapses for end in ends if books.lapses):
            yield f"event {event}: offers expire at {ends}, the ledger looks at {books.lapses}"


def wrong_skips(case: Case) -> Iterator[str]:
    """People in line who were passed otherwise than their documents count."""
    for event, found in case.recounts.items():
        for member, booked in case.waits.get(event, ()):
            if booked.skips != found.skips.get(member):
                yield f"{member} to {event} was passed {found.skips.get(member)} times, the document has {booked.skips}"


def wrong_in_fairness(case: Case) -> Iterator[str]:
    """Events that count other turns than there were, or say that somebody came up before others."""
    for event, shown in case.shown.turns.items():
        found = case.recounts.get(event)
        if found is None or shown != found.turns:
            yield f"event {event} had {None if found is None else found.turns}, HTTP shows {shown}"
