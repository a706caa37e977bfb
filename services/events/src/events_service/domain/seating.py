"""The seats of an event's sides when the event is made or edited: what each has, and what an edit must not take."""

from events_service.domain.event import Event
from events_service.domain.ledger import Ledger
from events_service.domain.place import only_side
from events_service.domain.refusal import Refused


def seating(event: Event, ledger: Ledger) -> Ledger:
    """The ledger with the rooms of the event and their capacities; it shows the physical side, where there are two."""
    place, capacity = event.details.place, event.details.capacity
    side = only_side(place)
    if side is not None or place is None:
        return ledger.arranged(event.rooms.index(side or "physical") + 1, capacity)
    physical, online = (event.rooms.index(one) + 1 for one in ("physical", "online"))
    return ledger.arranged(physical, capacity, (online, place.capacity))


def rearranged(before: Event, after: Event, ledger: Ledger) -> Ledger | Refused:
    """The ledger after an edit.

    Refused where a side goes away while people have seats there or wait for them, they have to choose for themselves;
    and where a capacity is lowered below what is taken.
    """
    arranged = seating(after, ledger)
    rooms = {side.room for side in arranged.each()}
    for side in ledger.each():
        if side.room not in rooms and not side.shown.empty:
            gone, stays = ("online", "physical") if before.rooms[side.room - 1] == "online" else ("physical", "online")
            return Refused(
                "side-in-use",
                f"{side.seats + side.held} seats of the {gone} side are taken or offered, and {side.waiting} parties"
                f" wait there: they have to go over to the {stays} side, or be taken out, before the event can be"
                " without it.",
            )
    known = {side.room: side.capacity for side in ledger.each()}
    for side in arranged.each():
        if not side.fits(0) and _lowered(known.get(side.room), side.capacity):
            where = "" if side.beside is None else f" at the {after.rooms[side.room - 1]} side"
            taken = side.seats + side.held
            return Refused("capacity-below-used", f"{taken} seats are taken or offered already{where}.")
    return arranged


def _lowered(before: int | None, after: int | None) -> bool:
    return after is not None and (before is None or after < before)
