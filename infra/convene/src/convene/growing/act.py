"""A study group of one, then of seven, then of thousands: the same group, right and quick at each size."""

from dataclasses import dataclass, field, replace
from datetime import date

from convene.acting.acts import described, evening
from convene.acting.counting import Count
from convene.acting.mailbox import until
from convene.acting.platform import Json, Person
from convene.acting.seed import Step
from convene.acting.story import Stage
from convene.growing.counting import Told, counts
from convene.growing.crowd import Coming, Crowd
from convene.growing.pace import READS, Pace, paces, share

EXPECTED = 7
"""Whom its founder thinks it will ever hold."""


@dataclass(frozen=True, slots=True)
class Growth:
    """members: that it grows to in the end, all counted. rate: how many come in a second; at_once: requests under way
    at most; reads: how many of each kind are measured at each size.
    """

    members: int = 7000
    rate: float = 250.0
    at_once: int = 128
    reads: int = 300

    @property
    def sizes(self) -> list[int]:
        return sorted({1, EXPECTED, max(self.members, EXPECTED)})

    @property
    def totals(self) -> dict[str, int]:
        """How much of each kind there is to do."""
        sizes = self.sizes
        return {"join": sizes[-1] - EXPECTED, "look": sum(sizes), "read": len(sizes) * len(READS) * self.reads}


@dataclass(slots=True)
class Grown:
    """What was counted and measured. event_id: the evening that the first seven come to."""

    event_id: str = ""
    counts: list[Count] = field(default_factory=list)
    paces: list[Pace] = field(default_factory=list)


async def grows(stage: Stage, today: date, growth: Growth, step: Step) -> Grown:
    """A study group that its founder expects to end at seven: they come, and then everybody does."""
    founder = stage.somebody("Nia")
    group = await founder.post("groups", "/v1/groups", described(stage, "Two Who Cannot Code"))
    group_id = str(group["group_id"])
    event_id = await evening(stage, founder, group_id, "First program", capacity=EXPECTED, today=today)
    friends = [stage.somebody(f"Friend{number}") for number in range(1, EXPECTED)]
    names = [f"newcomer{number}-{stage.run}" for number in range(growth.sizes[-1] - EXPECTED)]
    crowd = _crowd(stage, [founder, *friends], names, growth, step)
    grown, told = Grown(event_id), Told(group_id, {founder.member_id: "organizer"}, active=0)

    async def look() -> None:
        stage.say(f"{told.size:,} in the group: what it shows, what each of them is shown, and how fast")
        grown.counts.extend(await counts(founder, told, crowd))
        grown.paces.extend(await paces(founder, group_id, told.size, requests=growth.reads, step=step))

    await look()
    for friend in friends:
        await friend.put("groups", f"/v1/groups/{group_id}/membership", {})
    for person in (founder, *friends):
        await stage.rsvp(person, event_id, "yes")
    told = replace(told, roles={**told.roles, **{one.member_id: "member" for one in friends}}, active=EXPECTED)
    await _heard_of(founder, told)
    await look()
    if names:
        comings = await crowd.join(group_id, names, rate=growth.rate)
        stage.say(_how_it_went(comings, growth))
        told = replace(told, roles={**told.roles, **dict.fromkeys(names, "member")})
        grown.counts.append(Count("newcomers who are in", len(names), sum(one.is_in for one in comings)))
        await look()
    return grown


def _crowd(stage: Stage, people: list[Person], names: list[str], growth: Growth, step: Step) -> Crowd:
    tokens = {person.member_id: person.token for person in people}
    tokens |= {name: stage.platform.person(name).token for name in names}
    return Crowd(stage.platform.addresses["groups"], tokens, growth.at_once, step)


async def _heard_of(founder: Person, told: Told) -> None:
    """Wait until the group has heard of every yes."""

    async def active() -> Json | None:
        pulse = await founder.get("groups", f"/v1/groups/{told.group_id}/pulse")
        return pulse if pulse["active_members"] >= told.active else None

    await until(active, f"the pulse of {told.name} to hear of {told.active} yeses")


def _how_it_went(comings: list[Coming], growth: Growth) -> str:
    took = [one.seconds for one in comings if one.answer]
    last = max((one.due + one.seconds for one in comings), default=0.0)
    return (
        f"{len(comings):,} more come, {growth.rate:,.0f} a second: all answered after {last:.1f} s, "
        f"p99 of an answer {share(took, 0.99) * 1000:.0f} ms"
    )
