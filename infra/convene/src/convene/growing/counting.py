"""What a group shows of itself, beside what those who act know they did."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from convene.acting.counting import Count
from convene.acting.platform import Json, Person
from convene.growing.crowd import Crowd, Own

PER_LEADER = 150


@dataclass(frozen=True, slots=True)
class Told:
    """What the group must be. roles: of everybody who is in; active: how many said yes to an event, once each."""

    group_id: str
    roles: Mapping[str, str]
    active: int

    @property
    def size(self) -> int:
        return len(self.roles)

    @property
    def name(self) -> str:
        return f"study group of {self.size:,}"

    def pulse(self) -> Json:
        """Of a group that was founded a moment ago, and that nobody has left."""
        leaders = sum(role != "member" for role in self.roles.values())
        return {
            "members": self.size,
            "leaders": leaders,
            "active_members": self.active,
            "first_timers": self.active,
            "returners": 0,
            "short of leaders": int(leaders * PER_LEADER < self.active),
            "joined": self.size,
            "left": 0,
            "at the end of the last day": self.size,
        }


async def counts(person: Person, told: Told, crowd: Crowd) -> list[Count]:
    """Its count, its pulse, its list read to the end, and what each of its members is shown as their own."""
    path = f"/v1/groups/{told.group_id}"
    group = await person.get("groups", path)
    pulse = shown_pulse(await person.get("groups", f"{path}/pulse"))
    listed = listing(told.roles, await every_page(person, f"{path}/members"))
    own = ownership(told, await crowd.own_groups(told.roles))
    return [
        Count(f"{told.name}: its member count", told.size, group["member_count"]),
        Count(f"{told.name}: its pulse", told.pulse(), pulse),
        Count(f"{told.name}: its members, page by page", listing(told.roles, told.roles.items()), listed),
        Count(f"{told.name}: the members' own groups", {"show it": told.size, "do not": 0}, own),
    ]


def shown_pulse(found: Json) -> Json:
    """The figures of a pulse, in the words of `Told.pulse`."""
    plain = ("members", "leaders", "active_members", "first_timers", "returners")
    days = found["days"]
    return {
        **{name: found[name] for name in plain},
        "short of leaders": int(found["leader_shortage"]),
        "joined": sum(day["joined"] for day in days),
        "left": sum(day["left"] for day in days),
        "at the end of the last day": days[-1]["members"] if days else 0,
    }


async def every_page(person: Person, path: str) -> list[tuple[str, str]]:
    """Member and role, in the order of the list; its pages are as large as they may be."""
    listed: list[tuple[str, str]] = []
    cursor = ""
    while True:
        page = await person.get("groups", f"{path}?limit=100{cursor}")
        listed += [(one["member_id"], one["role"]) for one in page["items"]]
        if "next_cursor" not in page:
            return listed
        cursor = f"&cursor={page['next_cursor']}"


def listing(roles: Mapping[str, str], listed: Collection[tuple[str, str]]) -> dict[str, int]:
    """How a list differs from who is in."""
    times = Counter(member_id for member_id, _ in listed)
    return {
        "lines": len(listed),
        "listed twice": sum(number > 1 for number in times.values()),
        "missing": len(roles.keys() - times.keys()),
        "strangers": len(times.keys() - roles.keys()),
        "in another role": sum(roles.get(member_id, role) != role for member_id, role in listed),
    }


def ownership(told: Told, shown: Mapping[str, Sequence[Own] | str]) -> dict[str, object]:
    """For how many the group is the one that they are in, as it is; of those for whom it is not, one as an example."""
    theirs = {name: [Own(told.group_id, "active", role, told.size)] for name, role in told.roles.items()}
    wrong = [f"{name}: {shown.get(name)}" for name, own in theirs.items() if shown.get(name) != own]
    return {"show it": told.size - len(wrong), "do not": len(wrong), **({"example": wrong[0]} if wrong else {})}
