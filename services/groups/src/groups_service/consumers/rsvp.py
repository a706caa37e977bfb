"""RSVPs to events of groups."""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence

from chassis.consumers import Effects, Received
from contracts.events import RsvpChanged
from groups_service.consumers.late import in_time
from groups_service.store.activity import ACTIVITY_RSVPS, rsvps_write, yes_change
from groups_service.store.growth import ACTIVITY_DAYS, ACTIVITY_PEOPLE, day_write, home_of, person_row, unnamed
from groups_service.store.member import MEMBERS

_Said = Mapping[tuple[str, str], Collection[str]]
"""Days of a yes, by group and member."""


async def on_rsvp(batch: Sequence[Received[RsvpChanged]], effects: Effects) -> None:
    """Count those that stand at yes, for each group, and who said yes on which days. Of who is forgotten no day is
    remembered, however late it comes."""
    changes: Counter[str] = Counter()
    for received in batch:
        if received.body is not None:
            changes[received.body.group_id] += yes_change(received.body)
    for group_id, change in sorted(changes.items()):
        if change:
            effects.write(ACTIVITY_RSVPS, rsvps_write(group_id, change))
    said: dict[tuple[str, str], set[str]] = defaultdict(set)
    for received, body in await in_time(batch, effects):
        if yes_change(body) > 0:
            said[body.group_id, body.member_id].add(received.time.date().isoformat())
    await _remember(said, effects)


async def _remember(said: _Said, effects: Effects) -> None:
    """A day that is known, or an earlier one, is no news; those that are count in turn."""
    ids = [f"{group_id}:{member_id}" for group_id, member_id in said]
    found = await effects.find(ACTIVITY_PEOPLE, {"_id": {"$in": ids}}) if ids else []
    before = {(row["group_id"], row["member_id"]): row for row in found}
    news = {
        who: sorted(day for day in days if who not in before or before[who]["last_day"] < day)
        for who, days in said.items()
    }
    if not any(news.values()):
        return
    members = sorted({member_id for (_, member_id), days in news.items() if days})
    profiles = await effects.find(MEMBERS, {"_id": {"$in": members}}, fields={"city": 1, "country": 1})
    homes = {profile["_id"]: home_of(profile) for profile in profiles}
    for (group_id, member_id), days in sorted(news.items()):
        last, home = before.get((group_id, member_id)), homes.get(member_id)
        for day in days:
            if last is None:
                effects.write(ACTIVITY_DAYS, day_write(group_id, day, 1, home, first_timers=1))
            else:
                effects.write(ACTIVITY_DAYS, day_write(group_id, last["last_day"], -1, last["home"]))
                effects.write(ACTIVITY_DAYS, *unnamed(group_id, last["last_day"], last["home"]))
                effects.write(ACTIVITY_DAYS, day_write(group_id, day, 1, home, returners=1))
            last = person_row(group_id, member_id, day, home)
            effects.put(ACTIVITY_PEOPLE, last)
