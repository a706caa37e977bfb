"""What the public stream takes back and shows again, decided over memory and both drivers; and who asks for it."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest

from chassis import journal
from chassis.consumers import Effects, Received
from chassis.consumers import prepare as prepare_consumers
from chassis.journal import HANDOFFS, Command
from chassis.journal.slots import lane_index
from chassis.mongo import Database, connect
from contracts.events import MemberSeen
from contracts.groups import GroupState, MemberState
from contracts.public import PublicRsvp
from events_service.consumers.group import on_group
from events_service.consumers.member import on_member
from events_service.handlers import event, rsvp, sight
from events_service.handlers.stewarding import DROP
from events_service.store import schema
from events_service.store.sight import sight_aggregate

from .deciding import GROUP, Deciding, act, answer, change

PRIVATE = {**GROUP, "visibility": "private"}


def seen(deciding: Deciding) -> dict[str, str]:
    """What is left of the public stream for who reads it to its end: the last response by RSVP number."""
    out: dict[str, str] = {}
    for message in deciding.said:
        if message.topic == PublicRsvp.topic and message.value is None:
            assert message.type == PublicRsvp.types[1]
            out.pop(message.key)
        elif message.topic == PublicRsvp.topic:
            assert message.value is not None
            out[message.key] = PublicRsvp.model_validate_json(message.value).response
    return out


def mtimes(deciding: Deciding) -> list[int]:
    values = [message.value for message in deciding.said if message.topic == PublicRsvp.topic]
    return [PublicRsvp.model_validate_json(value).mtime for value in values if value is not None]


async def number(deciding: Deciding, event_id: str, member_id: str) -> str:
    rsvp = await deciding.document("rsvps", f"{event_id}:{member_id}")
    assert rsvp is not None
    return str(rsvp["number"])


async def goes_private(deciding: Deciding) -> None:
    await deciding.project("groups", PRIVATE)
    body = {"group_id": "g"}
    await deciding.one(Command("private", sight.SWEEP, sight_aggregate("g"), body, first=True))


async def chooses(deciding: Deciding, member_id: str, number: int, attendance: str, nth: int = 1) -> None:
    profile = {"_id": member_id, "v": 1, "number": number, "name": member_id, "photo": None}
    await deciding.project("members", {**profile, "attendance": attendance})
    body = {"member_id": member_id}
    await deciding.one(Command(f"sees-{member_id}-{nth}", sight.SWEEP, sight_aggregate(member_id), body, first=True))


async def answered(deciding: Deciding, capacity: int | None = None) -> str:
    """An event with the public answers of ada, who comes with a guest, and bo."""
    event_id = await deciding.event(capacity=capacity)
    await deciding.member("ada", 1)
    await deciding.member("bo", 2)
    await deciding.one(answer(event_id, "ada", guests=1))
    await deciding.one(answer(event_id, "bo"))
    return event_id


@pytest.mark.parametrize("lanes", [1, 3])
async def test_a_group_that_goes_private_takes_its_rsvps_off_the_stream(deciding: Deciding, lanes: int) -> None:
    deciding.lanes = lanes
    event_id = await answered(deciding)
    assert len(seen(deciding)) == 2
    await goes_private(deciding)
    assert seen(deciding) == {}
    rsvp = await deciding.document("rsvps", f"{event_id}:ada")
    assert rsvp is not None
    assert (rsvp["status"], rsvp["shown"]) == ("yes", None)
    said = len(deciding.said)
    await deciding.one(Command("again", sight.SWEEP, sight_aggregate("g"), {"group_id": "g"}, first=True))
    assert len(deciding.said) == said


async def test_also_of_a_cancelled_event(deciding: Deciding) -> None:
    event_id = await answered(deciding)
    await deciding.one(act(event.CANCEL, event_id))
    await goes_private(deciding)
    assert seen(deciding) == {}


async def test_a_member_who_hides_is_taken_off_and_whoever_shows_again_is_as_they_are_by_then(
    deciding: Deciding,
) -> None:
    event_id = await answered(deciding)
    ada, bo = [await number(deciding, event_id, who) for who in ("ada", "bo")]
    await chooses(deciding, "ada", 1, "members", nth=1)
    assert seen(deciding) == {bo: "yes"}
    await deciding.one(answer(event_id, "ada", "no", nth=2))
    assert seen(deciding) == {bo: "yes"}
    await chooses(deciding, "ada", 1, "everyone", nth=2)
    assert seen(deciding) == {ada: "no", bo: "yes"}
    assert mtimes(deciding)[-1] > mtimes(deciding)[0]


async def test_who_comes_back_after_they_were_forgotten_has_no_past(deciding: Deciding) -> None:
    event_id = await answered(deciding)
    ada, bo = [await number(deciding, event_id, who) for who in ("ada", "bo")]
    await deciding.project("members", {"_id": "ada", "v": 1, "sequence": 9, "deleted": True})
    await deciding.one(Command("forget", rsvp.ERASE, event_id, {"member_id": "ada"}))
    assert seen(deciding) == {bo: "yes"}
    await deciding.one(answer(event_id, "ada", nth=2))
    assert seen(deciding) == {bo: "yes"}
    assert [message.key for message in deciding.said if message.topic == MemberSeen.topic].count("ada") >= 1
    await deciding.one(Command("forget again", rsvp.ERASE, event_id, {"member_id": "ada"}))
    await chooses(deciding, "ada", 3, "everyone")
    assert seen(deciding) == {bo: "yes"}
    await deciding.one(answer(event_id, "ada", nth=3))
    assert seen(deciding) == {ada: "yes", bo: "yes"}


async def test_a_hidden_list_is_off_the_stream_until_it_is_for_everybody_again(deciding: Deciding) -> None:
    event_id = await answered(deciding)
    await deciding.one(change(event_id, 2, attendee_list="members"))
    assert seen(deciding) == {}
    await deciding.one(change(event_id, 3, attendee_list="hidden"))
    await deciding.one(answer(event_id, "bo", "no", nth=2))
    assert seen(deciding) == {}
    await deciding.one(change(event_id, 4, attendee_list="everyone"))
    ada, bo = [await number(deciding, event_id, who) for who in ("ada", "bo")]
    assert seen(deciding) == {ada: "yes", bo: "no"}


async def test_who_waits_is_not_shown_by_it(deciding: Deciding) -> None:
    event_id = await deciding.event(capacity=1, attendee_list="hidden")
    await deciding.member("ada", 1)
    await deciding.member("bo", 2)
    await deciding.one(answer(event_id, "ada"))
    await deciding.one(answer(event_id, "bo"))
    await deciding.one(change(event_id, 2, attendee_list="everyone"))
    assert seen(deciding) == {await number(deciding, event_id, "ada"): "yes"}


async def test_nobody_of_whom_nothing_was_public_is_said_to_have_said_no(deciding: Deciding) -> None:
    event_id = await deciding.event(capacity=1, attendee_list="hidden")
    for nth, who in enumerate(("ada", "bo", "cy"), 1):
        await deciding.member(who, nth)
        await deciding.one(answer(event_id, who))
    for who in ("ada", "bo"):
        await deciding.one(Command(f"drop-{who}", DROP, event_id, {"member_id": who}, actor="olga"))
    await deciding.one(change(event_id, 2, attendee_list="everyone"))
    assert seen(deciding) == {await number(deciding, event_id, "cy"): "yes"}
    await chooses(deciding, "ada", 1, "members", nth=1)
    await chooses(deciding, "ada", 1, "everyone", nth=2)
    assert seen(deciding) == {await number(deciding, event_id, "cy"): "yes"}


async def test_what_is_shown_again_waits_for_a_number_too_and_in_its_order(deciding: Deciding) -> None:
    event_id = await deciding.event(capacity=None, attendee_list="hidden")
    await deciding.member("bo", 2)
    for member in ("ada", "bo"):
        await deciding.one(answer(event_id, member))
    await deciding.one(change(event_id, 2, attendee_list="everyone"))
    assert seen(deciding) == {}
    await deciding.member("ada", 1)
    assert list(seen(deciding)) == [await number(deciding, event_id, who) for who in ("ada", "bo")]


async def test_many_rsvps_go_in_bounded_steps_to_the_last(deciding: Deciding) -> None:
    event_id = await answered(deciding)
    other = await deciding.document("rsvps", f"{event_id}:bo")
    assert other is not None
    for n in range(440):
        who = f"m{n:03}"
        await deciding.project(
            "members", {"_id": who, "v": 1, "number": 10 + n, "name": who, "photo": None, "attendance": "everyone"}
        )
        await deciding.project("rsvps", {**other, "_id": f"{event_id}:{who}", "member_id": who, "number": 10_000 + n})
    before = len(deciding.said)
    # beyond the event's own ids, on both sides
    for beside in ("d", "e0", "f"):
        await deciding.project("rsvps", {**other, "_id": f"{beside}:bo", "event_id": beside, "number": 99_000})
    await goes_private(deciding)
    taken = [message.key for message in deciding.said[before:]]
    assert len(taken) == len(set(taken)) == 442


@pytest.fixture
async def database(mongo_url: str) -> AsyncIterator[Database]:
    found = connect(mongo_url)
    await journal.prepare(found, lanes=1)
    await prepare_consumers(found)
    await schema.prepare(found)
    yield found
    found.close()


def received(body: Any, subject: str, sequence: int) -> Received[Any]:
    return Received(
        topic="groups.member.v1",
        partition=0,
        offset=sequence,
        key=subject,
        type="convene.groups.member.changed.v1",
        id=f"groups-0.0-{sequence}-1",
        source="/convene/groups",
        subject=subject,
        sequence=sequence,
        actor=subject,
        time=datetime(2026, 11, 26, tzinfo=UTC),
        trace=None,
        body=body,
    )


async def asked(database: Database) -> list[tuple[str, dict[str, Any]]]:
    """The looks asked for so far, taken out of the way."""
    found = await database[HANDOFFS].find({"name": sight.SWEEP})
    await database[HANDOFFS].delete_many({"name": sight.SWEEP})
    return [(handoff["aggregate"], handoff["body"]) for handoff in found]


async def consumed(database: Database, handler: Any, *messages: Received[Any]) -> list[tuple[str, dict[str, Any]]]:
    async with database.transaction() as session:
        effects = Effects(database, session)
        await handler(list(messages), effects)
        await effects.send()
    return await asked(database)


async def test_a_look_is_asked_for_when_a_members_choice_changes_what_the_public_sees(database: Database) -> None:
    def ada(sequence: int, attendance: str) -> Received[Any]:
        body = MemberState(
            member_id="ada",
            number=1,
            name="Ada",
            photo=None,
            locale="en",
            timezone="Europe/Paris",
            attendance=attendance,
            version=sequence,
        )
        return received(body, "ada", sequence)

    look = [(sight_aggregate("ada"), {"member_id": "ada"})]
    assert await consumed(database, on_member, ada(1, "everyone")) == []
    assert await consumed(database, on_member, ada(2, "everyone")) == []
    assert await consumed(database, on_member, ada(3, "members")) == look
    assert await consumed(database, on_member, ada(4, "nobody")) == []
    assert await consumed(database, on_member, ada(5, "everyone"), ada(6, "nobody")) == []
    assert await consumed(database, on_member, ada(7, "everyone")) == look
    assert await consumed(database, on_member, received(None, "ada", 8)) == look


async def test_a_look_is_asked_for_when_a_group_goes_private(database: Database) -> None:
    def group(sequence: int, visibility: str) -> Received[Any]:
        now = datetime(2026, 11, 26, tzinfo=UTC)
        body = GroupState(
            group_id="g",
            number=7,
            urlname="bakers",
            name="Bakers",
            description="",
            topics=[],
            city="Lyon",
            country="FR",
            lat=45.7,
            lon=4.8,
            timezone="Europe/Paris",
            visibility=visibility,
            join_mode="open",
            members_are_called="Members",
            status="active",
            organizer_id="olga",
            version=sequence,
            created_at=now,
            updated_at=now,
        )
        return received(body, "g", sequence)

    assert await consumed(database, on_group, group(1, "public")) == []
    assert await consumed(database, on_group, group(2, "private")) == [(sight_aggregate("g"), {"group_id": "g"})]
    assert await consumed(database, on_group, group(3, "private")) == []


def test_a_sweep_begins_in_every_lane_under_some_name() -> None:
    assert {lane_index(sight_aggregate("g", attempt), 4) for attempt in range(50)} == {0, 1, 2, 3}
