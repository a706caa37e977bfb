"""One evening with two seats and four people, and what follows: told while it happens, counted at the end."""

from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic

from convene.acting.listening import Heard
from convene.acting.mailbox import address_of, until, verify_address
from convene.acting.platform import Json, Person, Platform

Say = Callable[[str], None]


@dataclass(slots=True)
class Told:
    """What the story caused, by the answers it got: the ledger that everything is compared with."""

    public: dict[str, list[str]] = field(default_factory=dict)
    mails: dict[str, list[str]] = field(default_factory=dict)
    notices: dict[str, list[str]] = field(default_factory=dict)

    def notice(self, member_id: str, kind: str) -> None:
        self.notices.setdefault(member_id, []).append(kind)


@dataclass(slots=True)
class Stage:
    """Who acts where, and what is remembered of it. `run` tells this run's people and mail from earlier ones."""

    platform: Platform
    heard: Heard
    say: Say
    run: str
    told: Told = field(default_factory=Told)
    verified: set[str] = field(default_factory=set)

    def somebody(self, name: str) -> Person:
        return self.platform.person(f"{name.lower()}-{self.run}")

    async def introduce(self, name: str) -> Person:
        """A profile, and a mail address verified through the link in the mail that came."""
        person = self.somebody(name)
        await person.put("groups", "/v1/members/me", {"name": name})
        await verify_address(person)
        self.verified.add(person.member_id)
        return person

    async def asked(self, leader: Person) -> None:
        """Wait until a leader's inbox says that somebody asks to join."""

        async def line() -> Json | None:
            return next((item for item in await self.inbox(leader) if item["kind"] == "join.asked"), None)

        found, took = await until(line, f"the request in {leader.member_id}'s inbox")
        self.say(f"{leader.member_id} reads after {took * 1000:.0f} ms: {found['text']}")

    async def rsvp(self, person: Person, event_id: str, response: str, **more: int) -> Json:
        """Say yes or no; the ledger learns what must follow from the answer."""
        body = {"response": response, "guests": 0, **more}
        answer = await person.put("events", f"/v1/events/{event_id}/rsvp", body)
        kinds = {"yes": "rsvp.confirmed", "waitlist": "rsvp.waitlisted"}
        if answer["status"] in kinds:
            self.told.notice(person.member_id, kinds[answer["status"]])
        if answer["status"] in {"yes", "no"}:
            self.told.public.setdefault(event_id, []).append(answer["status"])
        place = f", number {answer['position']} in line" if answer.get("position") else ""
        self.say(f"{person.member_id} says {response} → {answer['status']}{place}")
        return answer

    async def gets_seat(self, person: Person, event_id: str, kind: str) -> None:
        """Wait until somebody has the seat, the inbox line and the mail without having done anything."""
        began = monotonic()
        self.told.notice(person.member_id, kind)
        self.told.public.setdefault(event_id, []).append("yes")

        async def seat() -> Json | None:
            found = await person.get("events", f"/v1/events/{event_id}/rsvp")
            return found if found["status"] == "yes" else None

        async def line() -> Json | None:
            return next((item for item in await self.inbox(person) if item["kind"] == kind), None)

        async def mail() -> Json | None:
            wanted = len(self.told.notices[person.member_id]) + 1
            mails = await self.platform.mails(address_of(person.member_id))
            return mails[0] if len(mails) >= wanted else None

        took = []
        for what, look in (("seat", seat), ("inbox line", line), ("mail", mail)):
            await until(look, f"the {what} of {person.member_id}")
            took.append(f"{what} after {(monotonic() - began) * 1000:.0f} ms")
        self.say(f"{person.member_id} has a seat now: {', '.join(took)}")

    async def inbox(self, person: Person) -> list[Json]:
        found = await person.get("notifications", "/v1/inbox?limit=100")
        items: list[Json] = found["items"]
        return items
