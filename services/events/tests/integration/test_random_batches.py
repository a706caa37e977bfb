"""Random batches over the memory store: every decision finds what it reads, and the books agree at the end."""

from dataclasses import asdict, replace
from datetime import timedelta
from random import Random

import pytest

from chassis.journal import Command, Query
from chassis.mongo import Document
from contracts.public import PublicRsvp
from events_service.domain.fairness import tallies_of
from events_service.domain.ledger import Ledger
from events_service.domain.place import Place
from events_service.domain.promotion import Mode, Promotion
from events_service.handlers.offer import ACCEPT, DECLINE, lapse
from events_service.handlers.rsvp import RELEASE
from events_service.handlers.stewarding import ADD, DROP, PROMOTE
from events_service.store.fairness import tally_in
from events_service.store.ledger import ledger_of
from events_service.store.move import move_from, turn_of
from events_service.store.rsvp import offers_query
from testkit.memory import Memory

from .deciding import GROUP, Deciding, answer, change

ALL_MOVES = Query("moves", (("event_id", "e"),), (("seq", 1),), 100_000)
MODES: tuple[Mode, ...] = ("instant", "instant", "offer", "manual")
HALL = Place("hybrid", "Hall", "Main 1", 1.0, 2.0)
PLACES = (None, "physical", "online")
MEMBERS = tuple(f"m{n:02}" for n in range(70))


class Community:
    """People who answer, come, go and are approved; organizers who edit; consumers that commit meanwhile."""

    def __init__(self, seed: int) -> None:
        self.chance = Random(seed)
        self.deciding = Deciding(Memory())
        self.place = replace(HALL, capacity=2, guest_limit=2) if seed % 2 else HALL
        self.version = 2
        self.standing = dict.fromkeys(MEMBERS, 0)
        self.nth = 0

    async def run(self) -> None:
        capacity = self.chance.choice([1, 3, 8])
        promotion = Promotion(self.chance.choice(MODES), max_skips=self.chance.randrange(4))
        await self.deciding.event(capacity=capacity, guest_limit=3, promotion=promotion, place=self.place)
        await self.deciding.project("groups", {**GROUP, "join_mode": self.chance.choice(["open", "approval"])})
        for _ in range(25):
            await self.worker()
            await self.deciding.batch(*await self.commands(), meanwhile=self.consumer())
            if self.chance.random() < 0.5:
                await self.follow()
            if self.chance.random() < 0.3:
                self.deciding.now += timedelta(hours=self.chance.choice([1, 5, 13]))
        await self.deciding.settle()
        await self.worker()
        await self.deciding.settle()
        for number, member in enumerate(MEMBERS, 1):
            await self.deciding.member(member, number)

    async def follow(self) -> None:
        """Some of what waits is decided, in the order it was handed over."""
        waiting = self.deciding.waiting
        taken = self.chance.randrange(len(waiting) + 1)
        commands, self.deciding.waiting = waiting[:taken], waiting[taken:]
        await self.deciding.batch(*{command.id: command for command in commands}.values())

    async def worker(self) -> None:
        """What the worker hands over, where offers have expired; and another, which saw the event a decision before."""
        ledger = await self.deciding.document("ledgers", "e")
        assert ledger is not None
        assert (ledger.get("lapses") is None) == (not ledger.get("offers")), "there are offers that nobody looks after"
        if ledger.get("lapses") is not None and ledger["lapses"] <= self.deciding.now:
            for seq in (ledger["seq"], ledger["seq"] - 1)[: self.chance.choice([1, 2])]:
                self.deciding.waiting.append(lapse("e", seq, ledger["lapses"], self.deciding.now))

    async def commands(self) -> list[Command]:
        found = [self.response() for _ in range(self.chance.randrange(1, 12))]
        found += [self.by_hand() for _ in range(self.chance.randrange(3))]
        found += [await self.about_an_offer() for _ in range(self.chance.randrange(4))]
        self.chance.shuffle(found)
        if self.chance.random() < 0.2:
            member = self.chance.choice(MEMBERS)
            body = {"member_id": member, "below": self.standing[member] + 1}
            self.nth += 1
            found.insert(0, Command(f"release-{self.nth}", RELEASE, "e", body))
        if self.chance.random() < 0.3:
            found.insert(0, change("e", self.version, **self.edit()))
        return found

    def response(self) -> Command:
        self.nth += 1
        wish = "yes" if self.chance.random() < 0.7 else "no"
        guests = self.chance.randrange(4) if wish == "yes" else 0
        place = self.chance.choice(PLACES) if self.place.sided and wish == "yes" else None
        return answer("e", self.chance.choice(MEMBERS), wish, guests, nth=self.nth, place=place)

    def by_hand(self) -> Command:
        self.nth += 1
        member, override = self.chance.choice(MEMBERS), self.chance.random() < 0.2
        place = self.chance.choice(PLACES) if self.place.sided else None
        acts: list[tuple[str, Document]] = [
            (ADD, {"guests": self.chance.randrange(4), "override": override, "place": place}),
            (PROMOTE, {"override": override}),
            (DROP, {}),
        ]
        name, body = self.chance.choice(acts)
        by = self.chance.choice(["olga", "olga", "mia"])
        return Command(f"by-hand-{self.nth}", name, "e", {"member_id": member, **body}, actor=by)

    async def about_an_offer(self) -> Command:
        """Of somebody who has one, if there is anybody."""
        self.nth += 1
        offered = await self.deciding.store.range(offers_query("e"))
        who, seq = self.chance.choice(MEMBERS), 1
        if offered:
            rsvp = self.chance.choice(offered)
            who, seq = rsvp["member_id"], rsvp["offer"]
        return Command(f"offer-{self.nth}", self.chance.choice([ACCEPT, DECLINE]), "e", {"offer": seq}, actor=who)

    def edit(self) -> Document:
        if self.chance.random() < 0.3:
            return {"hosts": self.chance.sample(MEMBERS, self.chance.randrange(4))}
        if self.chance.random() < 0.3:
            return {"promotion": {"mode": self.chance.choice(["instant", "offer", "manual"])}}
        capacity = self.chance.choice([2, 5, 9, 30, 60, None])
        if self.place.sided and self.chance.random() < 0.5:
            return {"place": asdict(replace(self.place, capacity=capacity))}
        if self.chance.random() < 0.1:
            return {"place": asdict(HALL if self.place.sided else replace(HALL, kind="online", name=None))}
        return {"capacity": capacity}

    async def consumer(self) -> None:
        document = await self.deciding.document("events", "e")
        assert document is not None
        self.version = document["version"]
        member = self.chance.choice(MEMBERS)
        self.standing[member] += 1
        await self.deciding.turn(member, self.chance.choice(["active", "active", "left"]), self.standing[member])
        if self.chance.random() < 0.3:
            someone = self.chance.choice(MEMBERS)
            if await self.deciding.document("members", someone) is None:
                await self.deciding.arrive(someone, MEMBERS.index(someone) + 1)


@pytest.mark.parametrize("seed", range(25))
async def test_the_books_agree_after_random_batches(seed: int) -> None:
    community = Community(seed)
    await community.run()
    deciding = community.deciding
    ledger = await deciding.document("ledgers", "e")
    found = [await deciding.document("rsvps", f"e:{member}") for member in MEMBERS]
    rsvps = [rsvp for rsvp in found if rsvp is not None]
    assert ledger is not None
    held = [rsvp for rsvp in rsvps if rsvp["status"] == "offered"]
    counted = ledger_of(ledger)
    assert counted.offers == len(held)
    assert (counted.lapses is None) == (not held)
    assert not [rsvp for rsvp in held if not deciding.now < rsvp["until"]]
    for side in counted.each():
        the_side_counts_right(side, [rsvp for rsvp in rsvps if side.faces(rsvp.get("room", 1))])
    line = [rsvp for rsvp in rsvps if rsvp["status"] == "waitlist"]
    assert ledger["kept_first"] == ledger["kept_last"] + 1
    assert len({rsvp["number"] for rsvp in rsvps}) == len(rsvps)
    assert {rsvp["number"]: rsvp["shown"] for rsvp in rsvps if rsvp["shown"]} == last_shown(deciding)
    moves = [move_from(move) for move in await deciding.store.range(ALL_MOVES)]
    assert len({(move.seq, move.room) for move in moves}) == len(moves)
    tallies = tallies_of(moves, [turn_of(rsvp) for rsvp in line])
    assert {room: tally_in(ledger, room) for room in tallies} == tallies
    assert tally_in(ledger).inversions == 0
    gone = [member for member, rsvp in zip(MEMBERS, found, strict=True) if rsvp and rsvp["status"] == "requested"]
    for member in gone:
        membership = await deciding.document("memberships", f"g:{member}")
        assert membership is None or membership["state"] != "active"


def the_side_counts_right(side: Ledger, rsvps: list[Document]) -> None:
    assert side.seats == sum(rsvp["seats"] for rsvp in rsvps if rsvp["status"] == "yes")
    assert side.held == sum(rsvp["seats"] for rsvp in rsvps if rsvp["status"] == "offered")
    assert not side.oversold
    line = sorted((rsvp for rsvp in rsvps if rsvp["status"] == "waitlist"), key=lambda rsvp: rsvp["order"])
    front = [(rsvp["order"], rsvp["member_id"], rsvp["seats"], rsvp["skips"]) for rsvp in line]
    assert side.waiting == len(line)
    assert list(side.head) == front[: len(side.head)]
    assert not side.due


def last_shown(deciding: Deciding) -> dict[int, str]:
    """The last public response of each RSVP; its `mtime` only ever rose."""
    shown: dict[int, PublicRsvp] = {}
    for message in deciding.said:
        if message.topic == PublicRsvp.topic and message.value is not None:
            rsvp = PublicRsvp.model_validate_json(message.value)
            before = shown.get(rsvp.rsvp_id)
            assert before is None or before.mtime < rsvp.mtime
            shown[rsvp.rsvp_id] = rsvp
    return {number: rsvp.response for number, rsvp in shown.items()}
