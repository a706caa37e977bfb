"""RSVPs to events of groups."""

from collections import Counter
from collections.abc import Sequence

from chassis.consumers import Effects, Received
from chassis.mongo import InsertOne, ReplaceOne, Write
from contracts.events import RsvpChanged
from groups_service.store.activity import ACTIVITY_RSVPS, rsvps_write, yes_change
from groups_service.store.growth import ACTIVITY_DAYS, ACTIVITY_PEOPLE, Days, home_of, person_row
from groups_service.store.member import MEMBERS


async def on_rsvp(batch: Sequence[Received[RsvpChanged]], effects: Effects) -> None:
    """Count those that stand at yes, for each group, and who said yes last on which day."""
    changes: Counter[str] = Counter()
    said: dict[tuple[str, str], str] = {}
    for received in batch:
        body = received.body
        if body is None:
            continue
        change = yes_change(body)
        changes[body.group_id] += change
        if change > 0:
            who, day = (body.group_id, body.member_id), received.time.date().isoformat()
            said[who] = max(said.get(who, day), day)
    for group_id, change in sorted(changes.items()):
        if change:
            effects.write(ACTIVITY_RSVPS, rsvps_write(group_id, change))
    await _remember(said, effects)


async def _remember(said: dict[tuple[str, str], str], effects: Effects) -> None:
    """said: the day of the last yes, by group and member. A day that is known, or an earlier one, is no news. Of who is
    forgotten none is remembered, however late it comes."""
    ids = [f"{group_id}:{member_id}" for group_id, member_id in said]
    found = await effects.find(ACTIVITY_PEOPLE, {"_id": {"$in": ids}}) if ids else []
    before = {(row["group_id"], row["member_id"]): row for row in found}
    news = {who: day for who, day in said.items() if who not in before or before[who]["last_day"] < day}
    if not news:
        return
    members = sorted({member_id for _, member_id in news})
    profiles = await effects.find(MEMBERS, {"_id": {"$in": members}}, fields={"city": 1, "country": 1, "erased": 1})
    homes = {profile["_id"]: home_of(profile) for profile in profiles}
    forgotten = {profile["_id"] for profile in profiles if profile.get("erased")}
    days = Days()
    first: list[Write] = []
    again: list[Write] = []
    for (group_id, member_id), day in sorted(news.items()):
        if member_id in forgotten:
            continue
        last, home = before.get((group_id, member_id)), homes.get(member_id)
        row = person_row(group_id, member_id, day, home)
        if last is None:
            first.append(InsertOne(row))
            days.count(group_id, day, 1, home, first_timers=1)
        else:
            again.append(ReplaceOne({"_id": row["_id"]}, row))
            days.count(group_id, last["last_day"], -1, last["home"])
            days.count(group_id, day, 1, home, returners=1)
    effects.write(ACTIVITY_PEOPLE, *first, *again)
    effects.write(ACTIVITY_DAYS, *days.writes())
