"""A group's pulse over HTTP: right at any size, read from counters."""

from datetime import datetime, timedelta
from typing import Any

from chassis import clock
from contracts.events import AttendanceChanged, FeedbackFact, RsvpChanged
from contracts.examples import examples
from groups_service.store.growth import day_write, home_of
from testkit import eventually
from testkit.calling import Person

from .conftest import Service, founded, reason

UTRECHT = {"city": "Utrecht", "country": "NL"}


def id_of(path: str) -> str:
    return path.rpartition("/")[2]


async def pulse(who: Person, group: str) -> dict[str, Any]:
    answer = await who("GET", f"{group}/pulse")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def says_yes(service: Service, who: Person, group: str, event_id: str) -> None:
    shown = next(one for one in examples() if one.topic == RsvpChanged.topic)
    said = {"event_id": event_id, "group_id": id_of(group), "member_id": who.id, "was": None, "status": "yes"}
    rsvp = RsvpChanged.model_validate({**shown.value, **said})
    await service.tell(rsvp, source="events", subject=event_id)


async def test_members_are_counted_by_day_where_they_come_and_go(service: Service) -> None:
    olga, ada, bo = (service.person(name) for name in ("olga", "ada", "bo"))
    group = await founded(olga)
    for who in (ada, bo):
        await who("PUT", f"{group}/membership")
    await bo("DELETE", f"{group}/membership")
    await olga("PUT", f"{group}/members/{ada.id}/role", {"role": "event_organizer"})
    found = await pulse(ada, group)
    assert (found["members"], found["leaders"], found["active_members"], found["leader_shortage"]) == (2, 2, 0, False)
    [today] = found["days"]
    assert (today["members"], today["joined"], today["left"]) == (2, 3, 1)
    yesterday = (datetime.fromisoformat(today["day"]) - timedelta(days=1)).date().isoformat()
    await service.database["groups"].update_one({"_id": id_of(group)}, {"$set": {"today.day": yesterday}})
    await bo("PUT", f"{group}/membership")
    days = (await pulse(ada, group))["days"]
    assert [(day["members"], day["joined"], day["left"]) for day in days] == [(2, 3, 1), (3, 1, 0)]


async def test_a_private_groups_pulse_is_for_its_members(service: Service) -> None:
    olga, eve = service.person("olga"), service.person("eve")
    group = await founded(olga, visibility="private")
    assert (await pulse(olga, group))["members"] == 1
    assert reason(await eve("GET", f"{group}/pulse")) == "members-only"


async def test_whoever_says_yes_is_active_the_first_time_and_again(service: Service) -> None:
    olga, ada = service.person("olga"), service.person("ada")
    group = await founded(olga)
    for number, who in enumerate((ada, olga)):
        await says_yes(service, who, group, f"{id_of(group)}-{number}")

    async def active() -> bool:
        found = await pulse(olga, group)
        return (found["active_members"], found["first_timers"], found["returners"]) == (2, 2, 0)

    await eventually(active, within=60)
    long_ago = (clock.utc_now() - timedelta(days=91)).date().isoformat()
    person = {"_id": f"{id_of(group)}:{ada.id}"}
    [row] = await service.database["activity_people"].find(person)
    await service.database["activity_people"].update_one(person, {"$set": {"last_day": long_ago}})
    moved = [day_write(id_of(group), row["last_day"], -1, None), day_write(id_of(group), long_ago, 1, None)]
    await service.database["activity_days"].write(moved)
    assert (await pulse(olga, group))["active_members"] == 1
    await says_yes(service, ada, group, f"{id_of(group)}-again")

    async def returned() -> bool:
        found = await pulse(olga, group)
        return (found["active_members"], found["returners"]) == (2, 1)

    await eventually(returned, within=60)


async def test_who_came_counts_for_the_day_on_which_the_event_began(service: Service) -> None:
    olga = service.person("olga")
    group = await founded(olga)
    shown = next(one for one in examples() if one.topic == AttendanceChanged.topic)
    began = clock.utc_now() - timedelta(days=2)
    notes = [("ada", None, "attended"), ("bo", None, "attended"), ("cy", None, "no_show"), ("bo", "attended", None)]
    for sequence, (who, was, mark) in enumerate(notes, 1):
        said = {"group_id": id_of(group), "member_id": who, "was": was, "mark": mark, "starts_at_utc": began}
        note = AttendanceChanged.model_validate({**shown.value, "event_id": id_of(group), **said})
        await service.tell(note, source="events", subject=id_of(group), sequence=sequence)

    async def counted() -> dict[str, int]:
        found = await pulse(olga, group)
        days = {day["day"]: day["attended"] for day in found["days"] if day["attended"]}
        return days if found["attendance"] == 1 else {}

    assert await eventually(counted, within=60) == {began.date().isoformat(): 1}
    assert (await pulse(olga, group))["active_members"] == 0


async def test_seven_thousand_members_are_as_quick_to_read_as_seven(service: Service) -> None:
    """The counters of a large group: short of leaders, and in two places."""
    olga = service.person("olga")
    group = await founded(olga)
    homes = [home_of({**UTRECHT, "city": city}) for city in ("Utrecht", "Amsterdam")]
    today = clock.utc_now().date()
    days = [(today - timedelta(days=ago)).isoformat() for ago in range(70)]
    writes = [day_write(id_of(group), day, 50, home, first_timers=50) for day in days for home in homes]
    await service.database["activity_days"].write(writes)
    found = await pulse(olga, group)
    assert (found["active_members"], found["first_timers"], found["leader_shortage"]) == (7000, 7000, True)
    assert found["sister_group"] == [
        {"city": "Amsterdam", "country": "NL", "active_members": 3500},
        {"city": "Utrecht", "country": "NL", "active_members": 3500},
    ]
    assert len(found["days"]) == 70


async def test_the_stars_of_all_events_come_to_the_groups_mean(service: Service) -> None:
    olga = service.person("olga")
    group = await founded(olga)
    assert (await pulse(olga, group))["ratings"] == {
        "count": 0,
        "mean": None,
        "stars": {"1": 0, "2": 0, "3": 0, "4": 0, "5": 0},
    }
    said: list[tuple[str, str, int | None, int | None]] = [
        ("a", "ada", 4, None),
        ("a", "bo", 1, None),
        ("a", "ada", 5, 4),
        ("b", "ada", 5, None),
        ("b", "cem", 2, None),
        ("b", "cem", None, 2),
    ]
    for place, (event, member_id, stars, was) in enumerate(said):
        event_id = f"{id_of(group)}-{event}"
        fact = FeedbackFact(event_id=event_id, group_id=id_of(group), member_id=member_id, stars=stars, was=was)
        await service.tell(fact, source="events", subject=event_id, sequence=place % 3 + 1)

    async def counted() -> bool:
        found: dict[str, Any] = (await pulse(olga, group))["ratings"]
        return found == {"count": 3, "mean": 3.67, "stars": {"1": 1, "2": 0, "3": 0, "4": 0, "5": 2}}

    await eventually(counted, within=60)
