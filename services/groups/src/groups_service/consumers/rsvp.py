"""RSVPs to events of groups."""

from collections import Counter, defaultdict
from collections.abc import Sequence

from chassis.consumers import Effects, Received
from chassis.mongo import InsertOne, ReplaceOne, Write
from contracts.events import RsvpChanged
from groups_service.consumers.late import in_time
from groups_service.store.activity import ACTIVITY_RSVPS, rsvps_write, yes_change
from groups_service.store.growth import ACTIVITY_DAYS, ACTIVITY_PEOPLE, Days, home_of, person_row
from groups_service.store.member import MEMBERS


async def on_rsvp(batch: Sequence[Received[RsvpChanged]], effects: Effects) -> None:
    """Count those that stand at yes, for each group, and who said yes on which days."""
    changes: Counter[str] = Counter()
    said: dict[tuple[str, str], list[Received[RsvpChanged]]] = defaultdict(list)
    for received in batch:
        body = received.body
        if body is None:
            continue
        change = yes_change(body)
        changes[body.group_id] += change
        if change > 0:
            said[body.group_id, body.member_id].append(received)
    for group_id, change in sorted(changes.items()):
        if change:
            effects.write(ACTIVITY_RSVPS, rsvps_write(group_id, change))
    await _remember(said, effects)


async def _remember(said: dict[tuple[str, str], list[Received[RsvpChanged]]], effects: Effects) -> None:
    """said: every yes, by group and member; each new day counts in turn. A day that is known, or an earlier one, is no
    news. Of who is forgotten none is remembered, however late it comes."""
    ids = [f"{group_id}:{member_id}" for group_id, member_id in said]
    found = await effects.find(ACTIVITY_PEOPLE, {"_id": {"$in": ids}}) if ids else []
    before = {(row["group_id"], row["member_id"]): row for row in found}
    news = [
        one for who, yeses in said.items() for one in yeses if who not in before or before[who]["last_day"] < _day(one)
    ]
    if not news:
        return
    days: dict[tuple[str, str], list[str]] = defaultdict(list)
    for received, body in await in_time(news, effects):
        rising, day = days[body.group_id, body.member_id], _day(received)
        # days come in any order, of several partitions: which ones count must not rest on what is read together
        if not rising or rising[-1] < day:
            rising.append(day)
    members = sorted({member_id for _, member_id in days})
    profiles = await effects.find(MEMBERS, {"_id": {"$in": members}}, fields={"city": 1, "country": 1})
    homes = {profile["_id"]: home_of(profile) for profile in profiles}
    counted = Days()
    first: list[Write] = []
    again: list[Write] = []
    for who, new in sorted(days.items()):
        group_id, member_id = who
        known, home = before.get(who), homes.get(member_id)
        row = person_row(group_id, member_id, new[-1], home)
        if known is None:
            first.append(InsertOne(row))
        else:
            again.append(ReplaceOne({"_id": row["_id"]}, row))
        last = known
        for day in new:
            if last is None:
                counted.count(group_id, day, 1, home, first_timers=1)
            else:
                counted.count(group_id, last["last_day"], -1, last["home"])
                counted.count(group_id, day, 1, home, returners=1)
            last = person_row(group_id, member_id, day, home)
    effects.write(ACTIVITY_PEOPLE, *first, *again)
    effects.write(ACTIVITY_DAYS, *counted.writes())


def _day(received: Received[RsvpChanged]) -> str:
    return received.time.date().isoformat()
