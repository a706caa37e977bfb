"""Two seats and four people, right after the group and the event were made: no waiting, no header, no luck."""

from secrets import token_hex

from convene.acting.acts import two_seats
from convene.acting.listening import listening
from convene.acting.platform import Json
from convene.acting.platform import Platform as Outside
from convene.acting.story import Stage
from convene.commands.seed import today
from testkit import eventually

GROUP: Json = {
    "name": "Right away",
    "city": "Berlin",
    "country": "DE",
    "lat": 52.52,
    "lon": 13.4,
    "timezone": "Europe/Berlin",
}
EVENT: Json = {
    "title": "Two seats",
    "starts_at": "2099-05-05T18:30:00",
    "ends_at": "2099-05-05T20:30:00",
    "timezone": "Europe/Berlin",
    "capacity": 2,
}


async def test_the_first_in_line_has_the_seat_the_mail_and_the_inbox_line(outside: Outside) -> None:
    async with listening(outside, lambda rsvp: None) as heard:
        stage = Stage(outside, heard, lambda line: None, token_hex(3))
        event_id = await two_seats(stage, today())

        async def streamed() -> bool:
            assert [rsvp["response"] for rsvp in heard.of(event_id)] == ["yes", "yes", "no", "yes"]
            return True

        await eventually(streamed)


async def test_nobody_has_to_wait_for_anything(outside: Outside) -> None:
    """Every caller is new and sends no position: what was made a moment ago is known everywhere."""
    run = token_hex(3)
    host = outside.person(f"host-{run}")
    group = await host.post("groups", "/v1/groups", GROUP)
    host.positions.clear()
    event = await host.post("events", f"/v1/groups/{group['group_id']}/events", EVENT)
    await host.post("events", f"/v1/events/{event['event_id']}/publish")
    path = f"/v1/events/{event['event_id']}/rsvp"
    people = [outside.person(f"p{number}-{run}") for number in range(4)]
    answers = [await person.put("events", path, {"response": "yes", "guests": 0}) for person in people]
    assert [answer["status"] for answer in answers] == ["yes", "yes", "waitlist", "waitlist"]
    assert [answer["status_code"] for answer in answers] == [201] * 4
    await people[0].put("events", path, {"response": "no", "guests": 0})
    assert [(await person.get("events", path))["status"] for person in people] == ["no", "yes", "yes", "waitlist"]
