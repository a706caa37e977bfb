"""RSVPs and a waitlist so naive that they are plainly right."""

from dataclasses import dataclass, field
from typing import Literal

HOUR = 3600


@dataclass
class Waiting:
    member: str
    order: int
    seats: int
    skips: int = 0


@dataclass
class Held:
    seats: int
    until: float


@dataclass
class Naive:
    """One list of people in line, and one table each of seats, of offers and of requests. Every freed seat walks the
    whole line. Times are seconds since the beginning.
    """

    capacity: int | None
    max_skips: int
    starts: float = 4 * 24 * HOUR
    mode: Literal["instant", "offer", "manual"] = "instant"
    now: float = 0
    line: list[Waiting] = field(default_factory=list)
    seated: dict[str, int] = field(default_factory=dict)
    offers: dict[str, Held] = field(default_factory=dict)
    asked: dict[str, tuple[int, int]] = field(default_factory=dict)
    order: int = 0
    drained: bool = False

    def taken(self) -> int:
        return sum(self.seated.values()) + sum(held.seats for held in self.offers.values())

    def free(self) -> float:
        return float("inf") if self.capacity is None else self.capacity - self.taken()

    def too_large(self, party: Waiting) -> bool:
        return self.capacity is not None and party.seats > self.capacity

    def queued(self) -> bool:
        """Whether anybody waits whom a seat could be for."""
        return not all(map(self.too_large, self.line))

    def drain(self) -> None:
        if self.mode == "manual" or self.now >= self.starts:
            return
        self.drained = True
        while True:
            place = self.next()
            if place is None:
                return
            party = self.line.pop(place)
            left = self.starts - self.now
            if self.mode == "offer" or left < 24 * HOUR:
                self.offers[party.member] = Held(party.seats, self.now + min(12 * HOUR, left / 2))
            else:
                self.seated[party.member] = party.seats
            for passed in self.line[:place]:
                passed.skips += not self.too_large(passed)

    def next(self) -> int | None:
        """Whose turn it is: the first that fits, unless somebody before them may be passed no more."""
        for place, party in enumerate(self.line):
            if self.too_large(party):
                continue
            if party.seats <= self.free():
                return place
            if party.skips >= self.max_skips:
                return None
        return None

    def waits(self, member: str) -> Waiting | None:
        return next((party for party in self.line if party.member == member), None)

    def yes(self, member: str, seats: int) -> None:
        waiting, held = self.waits(member), self.offers.get(member)
        if waiting is not None:
            before, waiting.seats = waiting.seats, seats
            if not seats:
                self.line.remove(waiting)
                self.seated[member] = 0
            if seats < before:
                self.drain()
        elif held is not None or member in self.seated:
            before = self.seated[member] if held is None else held.seats
            if held is not None and self.now >= held.until:
                return
            if seats > before and (self.queued() or seats - before > self.free()):
                return
            self.offers.pop(member, None)
            self.seated[member] = seats
            if seats < before:
                self.drain()
        else:
            self.order += 1
            if seats and (self.queued() or seats > self.free()):
                self.line.append(Waiting(member, self.order, seats))
            else:
                self.seated[member] = seats

    def no(self, member: str) -> None:
        if member in self.asked:
            del self.asked[member]
        elif self.forget(member):
            self.drain()
        else:
            self.order += 1

    def forget(self, member: str) -> bool:
        waiting = self.waits(member)
        if waiting is not None:
            self.line.remove(waiting)
        elif self.offers.pop(member, None) is None:
            return self.seated.pop(member, None) is not None
        return True

    def known(self, member: str) -> bool:
        return member in self.asked or member in self.seated or member in self.offers or self.waits(member) is not None

    def ask(self, member: str, seats: int) -> None:
        if member in self.asked:
            self.asked[member] = (self.asked[member][0], seats)
        elif self.known(member):
            self.yes(member, seats)
        else:
            self.order += 1
            self.asked[member] = (self.order, seats)

    def approve(self, member: str) -> None:
        if member not in self.asked:
            return
        order, seats = self.asked.pop(member)
        if not self.queued() and seats <= self.free():
            self.seated[member] = seats
            return
        self.line.append(Waiting(member, order, seats))
        self.line.sort(key=lambda party: party.order)
        self.drain()

    def admit(self, member: str, seats: int) -> None:
        """By a leader's hand, whether or not there is room."""
        before = self.seated.get(member)
        waited = self.waits(member) is not None
        self.order += not self.known(member)
        freed = before if before is not None else self.offers[member].seats if member in self.offers else 0
        self.asked.pop(member, None)
        self.forget(member)
        self.seated[member] = seats
        if waited or seats < freed:
            self.drain()

    def come_over(self, member: str, seats: int, other: "Naive", *, by_hand: bool = False) -> None:
        """From the other side, of which this one knows nothing: only who waits comes without a seat."""
        asks = other.asked.pop(member, None) is not None
        seat = by_hand or not seats or (not self.line and seats <= self.free())
        if not seat and not asks and other.waits(member) is None:
            return
        self.order += 1
        if asks and not by_hand:
            self.asked[member] = (self.order, seats)
            return
        other.forget(member)
        if seat:
            self.seated[member] = seats
        else:
            self.line.append(Waiting(member, self.order, seats))
        other.drain()

    def expire(self) -> None:
        late = [member for member, held in self.offers.items() if held.until <= self.now]
        for member in late:
            del self.offers[member]
        if late:
            self.drain()

    def host(self, member: str, seats: int) -> None:
        """They take as many seats from now on, where they have some or wait for some."""
        waiting = self.waits(member)
        if member in self.seated:
            self.seated[member] = seats
        elif seats and member in self.offers:
            self.offers[member].seats = seats
        elif seats and waiting is not None:
            waiting.seats = seats
        elif member in self.offers or waiting is not None:
            self.forget(member)
            self.seated[member] = 0
