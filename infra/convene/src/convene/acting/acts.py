"""The acts of the demo: each a small community doing what it does."""

from datetime import date, timedelta

from convene.acting.platform import Json, Person
from convene.acting.story import Stage


def described(stage: Stage, name: str, **more: object) -> Json:
    """A group in Jersey City, as its organizer describes it."""
    return {
        "urlname": f"{name.lower().replace(' ', '-')}-{stage.run}",
        "name": name,
        "description": f"{name}, as the demo plays them.",
        "topics": ["demo"],
        "city": "Jersey City",
        "country": "US",
        "state": "NJ",
        "lat": 40.7282,
        "lon": -74.0776,
        "timezone": "America/New_York",
        "visibility": "public",
        "join_mode": "open",
        **more,
    }


async def evening(stage: Stage, organizer: Person, group_id: str, title: str, *, capacity: int, today: date) -> str:
    """A published evening next week; its id."""
    day = today + timedelta(days=7)
    body = {
        "title": title,
        "starts_at": f"{day.isoformat()}T18:30:00",
        "ends_at": f"{day.isoformat()}T20:30:00",
        "timezone": "America/New_York",
        "place": {
            "kind": "physical",
            "name": "City Library",
            "address": "472 Jersey Avenue",
            "lat": 40.7196,
            "lon": -74.0474,
        },
        "capacity": capacity,
        "guest_limit": 2,
    }
    event = await organizer.post("events", f"/v1/groups/{group_id}/events", body)
    event_id = str(event["event_id"])
    await organizer.post("events", f"/v1/events/{event_id}/publish")
    stage.say(f"{organizer.member_id} publishes “{title}”, {capacity} seats")
    return event_id


async def two_seats(stage: Stage, today: date) -> str:
    """Two seats and four people: one cancels, the first in line has the seat."""
    olga = stage.somebody("Olga")
    group = await olga.post("groups", "/v1/groups", described(stage, "Moms of Jersey City", members_are_called="Moms"))
    event_id = await evening(stage, olga, group["group_id"], "Coffee and questions", capacity=2, today=today)
    ada, ben, cleo, dan = [await stage.introduce(name) for name in ("Ada", "Ben", "Cleo", "Dan")]
    for person in (ada, ben, cleo, dan):
        await stage.rsvp(person, event_id, "yes")
    await stage.rsvp(ada, event_id, "no")
    await stage.gets_seat(cleo, event_id, "rsvp.promoted")
    return event_id


async def by_approval(stage: Stage, today: date) -> str:
    """A group that asks newcomers a question: the RSVP waits for its organizer's yes."""
    omar = await stage.introduce("Omar")
    body = described(stage, "Lambda Circle", join_mode="approval", join_questions=["What do you build?"])
    group = await omar.post("groups", "/v1/groups", body)
    event_id = await evening(stage, omar, group["group_id"], "Code review in pairs", capacity=10, today=today)
    eve = await stage.introduce("Eve")
    answer = await stage.rsvp(eve, event_id, "yes")
    if answer["status"] == "requested":
        stage.told.notice(omar.member_id, "join.asked")
        await stage.asked(omar)
        await omar.post("groups", f"/v1/groups/{group['group_id']}/members/{eve.member_id}/approve")
        stage.say(f"{omar.member_id} approves {eve.member_id}")
        stage.told.notice(eve.member_id, "join.approved")
        await stage.gets_seat(eve, event_id, "rsvp.confirmed")
    return event_id


async def it_grows(stage: Stage, today: date) -> str:
    """A study group that expected seven: more come, the room gets bigger, a party waits for seats that fit it."""
    ines = stage.somebody("Ines")
    group = await ines.post("groups", "/v1/groups", described(stage, "Learn to Code Together"))
    event_id = await evening(stage, ines, group["group_id"], "Study night", capacity=7, today=today)
    early = [stage.somebody(f"Learner{number}") for number in range(7)]
    for person in early:
        await stage.rsvp(person, event_id, "yes")
    party = await stage.introduce("Paz")
    single = await stage.introduce("Sam")
    await stage.rsvp(party, event_id, "yes", guests=2)
    await stage.rsvp(single, event_id, "yes")
    await stage.rsvp(early[0], event_id, "no")
    stage.say("one seat is free: the party of three keeps its turn, the single behind it fits")
    await stage.gets_seat(single, event_id, "rsvp.promoted")
    event = await ines.get("events", f"/v1/events/{event_id}")
    await ines.call("PATCH", "events", f"/v1/events/{event_id}", {"capacity": 12}, if_match=event["version"])
    stage.say(f"{ines.member_id} finds a bigger room: 12 seats")
    await stage.gets_seat(party, event_id, "rsvp.promoted")
    for person in (*early[1:], party, single):
        stage.told.notice(person.member_id, "event.changed")
    return event_id


async def called_off(stage: Stage, today: date) -> str:
    """An evening that does not take place: those who would have come are told."""
    tess = stage.somebody("Tess")
    group = await tess.post("groups", "/v1/groups", described(stage, "Book Club Downtown"))
    event_id = await evening(stage, tess, group["group_id"], "Short stories aloud", capacity=5, today=today)
    guests = [await stage.introduce(name) for name in ("Uma", "Vera")]
    for person in guests:
        await stage.rsvp(person, event_id, "yes")
    await tess.post("events", f"/v1/events/{event_id}/cancel")
    stage.say(f"{tess.member_id} cancels it")
    for person in guests:
        stage.told.notice(person.member_id, "event.cancelled")
    return event_id


ACTS = (two_seats, by_approval, it_grows, called_off)
