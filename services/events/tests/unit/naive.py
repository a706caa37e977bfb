"""A waitlist so naive that it is plainly right."""

from dataclasses import dataclass, field


@dataclass
class Waiting:
    member: str
    order: int
    seats: int
    skips: int = 0


@dataclass
class Naive:
    """One list of people in line and one table of seats. Every freed seat walks the whole line."""

    capacity: int | None
    max_skips: int
    line: list[Waiting] = field(default_factory=list)
    seated: dict[str, int] = field(default_factory=dict)
    asked: dict[str, tuple[int, int]] = field(default_factory=dict)
    order: int = 0

    def free(self) -> float:
        return float("inf") if self.capacity is None else self.capacity - sum(self.seated.values())

    def drain(self) -> None:
        again = True
        while again:
            again = False
            for place, party in enumerate(self.line):
                if self.capacity is not None and party.seats > self.capacity:
                    continue
                if party.seats <= self.free():
                    self.line.pop(place)
                    self.seated[party.member] = party.seats
                    for passed in self.line[:place]:
                        if self.capacity is None or passed.seats <= self.capacity:
                            passed.skips += 1
                    again = True
                    break
                if party.skips >= self.max_skips:
                    break

    def come(self, member: str, seats: int) -> None:
        self.order += 1
        if seats and (self.line or seats > self.free()):
            self.line.append(Waiting(member, self.order, seats))
        else:
            self.seated[member] = seats

    def waits(self, member: str) -> Waiting | None:
        return next((party for party in self.line if party.member == member), None)

    def yes(self, member: str, seats: int) -> None:
        waiting = self.waits(member)
        if waiting is not None:
            before, waiting.seats = waiting.seats, seats
            if not seats:
                self.line.remove(waiting)
                self.seated[member] = 0
            if seats < before:
                self.drain()
        elif member in self.seated:
            more = seats - self.seated[member]
            if more > 0 and (self.line or more > self.free()):
                return
            self.seated[member] = seats
            if more < 0:
                self.drain()
        else:
            self.come(member, seats)

    def no(self, member: str) -> None:
        waiting = self.waits(member)
        if waiting is not None:
            self.line.remove(waiting)
        elif self.seated.pop(member, None) is None:
            self.order += member not in self.asked
            self.asked.pop(member, None)
            return
        self.drain()

    def ask(self, member: str, seats: int) -> None:
        if member in self.asked:
            self.asked[member] = (self.asked[member][0], seats)
        elif member in self.seated or self.waits(member):
            self.yes(member, seats)
        else:
            self.order += 1
            self.asked[member] = (self.order, seats)

    def approve(self, member: str) -> None:
        if member not in self.asked:
            return
        order, seats = self.asked.pop(member)
        if not self.line and seats <= self.free():
            self.seated[member] = seats
            return
        self.line.append(Waiting(member, order, seats))
        self.line.sort(key=lambda party: party.order)
        self.drain()
