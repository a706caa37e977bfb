"""One trace from the PUT of an RSVP to the mail and the stream: all three services in this process, on real servers."""

import secrets
from collections.abc import AsyncIterator

import pytest_asyncio

from contracts.public import PublicRsvp
from convene.acting.listening import listening
from convene.acting.mailbox import address_of, verify_address
from convene.acting.platform import Json, Person
from testkit import KafkaServer, MongoServer, eventually
from testkit.topics import messages

from .recorded import Recorded, Trace, recording

CALLER = "b7ad6b7169203331"
"""The caller's own step, which no service of ours records."""
PUT = "PUT /v1/events/{event_id}/rsvp"
RESPOND = "decide rsvp.respond"
SHOWN = "publish public.rsvps.v1"
TOLD = "tell public.rsvps.v1"
SENT = "mail.send"
TAKEN = "process groups.membership.v1"
GROUP_NAME = "messaging.consumer.group.name"
GROUP: Json = {
    "name": "Traced",
    "city": "Berlin",
    "country": "DE",
    "lat": 52.52,
    "lon": 13.4,
    "timezone": "Europe/Berlin",
}
EVENT: Json = {
    "title": "An evening in one trace",
    "starts_at": "2099-05-05T18:30:00",
    "ends_at": "2099-05-05T20:30:00",
    "timezone": "Europe/Berlin",
    "capacity": 20,
}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def recorded(mongo_server: MongoServer, kafka_server: KafkaServer) -> AsyncIterator[Recorded]:
    async with recording(mongo_server, kafka_server) as found:
        yield found


@pytest_asyncio.fixture(loop_scope="session")
async def event_id(recorded: Recorded) -> str:
    """A published event of an open group, for this test alone."""
    host = recorded.platform.person(f"host-{secrets.token_hex(3)}")
    group = await host.post("groups", "/v1/groups", GROUP)
    event = await host.post("events", f"/v1/groups/{group['group_id']}/events", EVENT)
    await host.post("events", f"/v1/events/{event['event_id']}/publish")
    found: str = event["event_id"]
    return found


async def put(person: Person, event_id: str, **headers: str) -> str:
    """RSVP yes; the trace id as the answer names it."""
    answer = await person.platform.http.put(
        f"{person.platform.addresses['events']}/v1/events/{event_id}/rsvp",
        json={"response": "yes", "guests": 0},
        headers={"authorization": f"Bearer {person.token}", **headers},
    )
    assert (answer.status_code, answer.json()["status"]) == (201, "yes"), answer.text
    found: str = answer.headers["x-trace-id"]
    return found


async def public_records(recorded: Recorded, event_id: str) -> list[dict[str, str]]:
    """Headers of the event's records on the public topic."""
    found = await messages(recorded.kafka, PublicRsvp.topic, lambda headers: headers["ce_subject"] == event_id)
    return [headers for headers, _ in found]


async def complete(recorded: Recorded, trace_id: str, last: set[str], root: str | None, *, takers: int = 0) -> Trace:
    """The trace once these steps have ended, with every step's parent in it.

    takers: so many services took in what groups says about the membership.
    """

    def ended() -> Trace:
        trace = recorded.trace(trace_id)
        assert last <= trace.names(), sorted(trace.names())
        assert len({step[GROUP_NAME] for step in trace.named(TAKEN)}) >= takers
        assert not trace.orphans(root), [(step.name, step.parent) for step in trace.orphans(root)]
        return trace

    return await eventually(ended, within=60)


async def test_an_rsvp_its_mail_and_its_place_on_the_stream_are_one_trace(recorded: Recorded, event_id: str) -> None:
    ada = recorded.platform.person(f"ada-{secrets.token_hex(3)}")
    await verify_address(ada)

    async def confirmation() -> Json | None:
        mails = await recorded.platform.mails(address_of(ada.member_id))
        return mails[0] if len(mails) == 2 else None

    mine = secrets.token_hex(16)
    async with listening(recorded.platform, lambda rsvp: None) as heard:
        assert await put(ada, event_id, traceparent=f"00-{mine}-{CALLER}-01") == mine
        await eventually(lambda: heard.of(event_id))
    mail = await eventually(confirmation, within=60)
    trace = await complete(recorded, mine, {SENT, TOLD}, CALLER)

    assert trace.one(PUT).parent == CALLER
    assert trace.one(PUT).id in {step.parent for step in trace.named("commit")}
    assert trace.ways(SENT) == {(PUT, RESPOND, "publish events.rsvp.v1", "process events.rsvp.v1", SENT)}

    def takers() -> set[str]:
        steps = recorded.trace(mine).named("process events.rsvp.v1")
        return {step[GROUP_NAME].removeprefix(recorded.kafka.prefix) for step in steps}

    await eventually(lambda: takers() == {"groups-consumer", "notifications-consumer"}, within=60)
    assert trace.ways(TOLD) == {(PUT, RESPOND, SHOWN, TOLD)}
    (record,) = await public_records(recorded, event_id)
    assert record["traceparent"] == f"00-{mine}-{trace.one(TOLD).parent}-01"
    assert mail is not None
    assert EVENT["title"] in mail["subject"]


async def test_joining_the_group_on_the_way_is_part_of_a_newcomers_trace(recorded: Recorded, event_id: str) -> None:
    """Nobody gave a trace, so the service began it; and the stream waits for the newcomer's number, in another one."""
    newcomer = recorded.platform.person(f"new-{secrets.token_hex(3)}")
    trace_id = await put(newcomer, event_id)
    trace = await complete(recorded, trace_id, {TAKEN, TOLD}, None, takers=2)
    join = (PUT, RESPOND, "publish events.join.v1", "process events.join.v1", "decide membership.join-for-event")
    assert trace.ways(TAKEN) == {(*join, "publish groups.membership.v1", TAKEN)}
    takers = {step[GROUP_NAME].removeprefix(recorded.kafka.prefix) for step in trace.named(TAKEN)}
    assert takers == {"events-consumer", "notifications-consumer"}
    assert trace.ways(TOLD) == {(PUT, RESPOND, SHOWN, TOLD)}


async def test_a_trace_that_the_caller_does_not_record_is_handed_on_unrecorded(
    recorded: Recorded, event_id: str
) -> None:
    quiet = recorded.platform.person(f"quiet-{secrets.token_hex(3)}")
    mine = secrets.token_hex(16)
    assert await put(quiet, event_id, traceparent=f"00-{mine}-{CALLER}-00") == mine

    async def published() -> bool:
        traces = [record["traceparent"] for record in await public_records(recorded, event_id)]
        return any(trace[3:35] == mine and trace.endswith("-00") for trace in traces)

    await eventually(published)
    assert recorded.trace(mine).steps == []
