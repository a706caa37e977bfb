"""Of who is forgotten nothing comes back, however late it is heard; who signs in again is heard from then on."""

from collections.abc import AsyncIterator, Iterator
from datetime import datetime, timedelta
from time import monotonic
from typing import Any

import pytest

from chassis import journal, privacy
from chassis.clock import utc_now
from chassis.consumers import Effects, prepare
from chassis.consumers.applying import Applier
from chassis.consumers.decode import Record, decode
from chassis.mongo import Database, Document, connect
from contracts.events import AttendanceChanged, FeedbackFact, MemberSeen
from contracts.examples import examples
from contracts.privacy import PrivacyRequested
from notifications_service.consumers import SUBSCRIPTIONS
from notifications_service.domain.notice import Kind
from notifications_service.store import schema
from notifications_service.store.forgotten import forgotten
from notifications_service.store.spread import Spreads
from testkit import eventually

from .community import evening, member, rsvp, said
from .conftest import Service, fresh
from .test_spread import announced, go_through, posted, verified

PERSONAL = ("rsvps", "posts", "feedback", "attendance", "inbox", "mails")


@pytest.fixture
async def database(mongo_url: str) -> AsyncIterator[Database]:
    found = connect(mongo_url)
    await journal.prepare(found)
    await prepare(found)
    await privacy.prepare(found)
    await schema.prepare(found)
    yield found
    found.close()


def case(who: str, stage: str, at: datetime, kind: str = "erasure") -> Document:
    """A request of theirs, begun or asked for then."""
    request = fresh("request")
    ids = {"_id": f"case-{request}", "v": 1, "request_id": request, "member_id": who}
    return {**ids, "kind": kind, "stage": stage, "asked_at": at, "issued_at": None, "created_at": at, "updated_at": at}


def texts(value: Any) -> Iterator[str]:
    """Every text that a message has anywhere."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from texts(part)


@pytest.mark.parametrize("at_once", [True, False], ids=["at once", "one by one"])
@pytest.mark.parametrize(("stage", "stays"), [("answered", False), ("open", False), ("announced", True)])
async def test_no_message_of_any_kind_leaves_anything_of_who_is_forgotten(
    database: Database, stage: str, stays: bool, at_once: bool
) -> None:
    """Every example of all that is consumed, where everybody whom they name is forgotten since."""
    applier = Applier(database, "late", {one.topic: one for one in SUBSCRIPTIONS})
    late = [one for one in examples() if one.topic in applier.subscriptions]
    since = utc_now()
    everybody = sorted({text for one in late for text in texts(one.value)})
    await database[privacy.CASES].insert_many([case(who, stage, since) for who in everybody])
    items = []
    for offset, one in enumerate(late):
        head = {**one.headers, "ce_time": (since - timedelta(minutes=1)).isoformat()}
        headers = tuple((name, value.encode()) for name, value in head.items())
        items.append(decode(Record(one.topic, 0, offset, 0, one.key.encode(), one.value_bytes, headers)))
    for batch in [items] if at_once else [[item] for item in items]:
        await applier.run(batch, until=monotonic())
    await go_through(database, Spreads(database, "worker", digest_above=500))
    assert await database["parked"].count({}) == 0
    found = {name: await database[name].count({}) for name in PERSONAL if name != "mails"}
    members = await database["members"].count({"deleted": {"$ne": True}})
    assert [bool(count) for count in (*found.values(), members)] == [stays] * 6, found
    assert await database["mails"].count({}) == 0


async def test_forgotten_is_who_was_deleted_or_is_being_erased_until_groups_tells_of_them_anew(
    database: Database,
) -> None:
    begun = utc_now().replace(microsecond=0)
    before, after = begun - timedelta(days=1), begun + timedelta(seconds=1)
    rows: list[dict[str, Any]] = [
        {"_id": "deleted", "sequence": 2, "deleted": True},
        {"_id": "known", "sequence": 1, "name": "Ada", "at": before},
        {"_id": "leaving", "sequence": 1, "name": "Bo", "at": before},
        {"_id": "exported", "sequence": 1, "name": "Cy", "at": before},
        {"_id": "erased", "sequence": 1, "name": "Dee", "at": begun},
        {"_id": "back", "sequence": 3, "name": "Eve", "at": after},
        {"_id": "twice", "sequence": 3, "name": "Fay", "at": after},
        {"_id": "of old", "sequence": 1, "name": "Gus"},
    ]
    await database["members"].insert_many(rows)
    answered = [case(who, "answered", begun) for who in ("erased", "back", "twice", "never told of", "of old")]
    others = [case("leaving", "announced", begun), case("exported", "answered", begun, kind="export")]
    await database[privacy.CASES].insert_many([*answered, *others, case("twice", "open", after)])
    everybody = [*(row["_id"] for row in rows), "never told of", "nobody"]
    async with database.transaction() as session:
        found = await forgotten(everybody, Effects(database, session))
    assert found == {"deleted", "erased", "twice", "never told of"}


async def test_an_announcement_still_being_spread_is_in_no_digest_and_no_inbox_of_who_is_forgotten(
    mongo_url: str,
) -> None:
    database = await announced(mongo_url, Kind.POST_ANNOUNCED)
    await privacy.prepare(database)
    await verified(database, "m2", "m3", zone=evening())
    await posted(database, "park")
    await database["members"].update_one({"_id": "m2"}, {"$set": {"at": utc_now() - timedelta(days=1)}})
    await database[privacy.CASES].insert_one(case("m2", "answered", utc_now() - timedelta(hours=1)))
    await go_through(database, Spreads(database, "worker", digest_above=5))
    assert [mail["member_id"] for mail in await database["mails"].find({})] == ["m3"]
    assert await database["inbox"].count({"member_id": "m2"}) == 0
    assert await database["inbox"].count({"member_id": "m3"}) == 1
    database.close()


async def forgets(service: Service, who: str) -> None:
    """Have the service forget somebody, and wait for its answer."""
    request = fresh("request")
    begun = PrivacyRequested(request_id=request, member_id=who, kind="erasure", stage="begun")
    await service.publish("privacy.erasure-begun", begun, subject=request, actor=who)

    async def answered() -> bool:
        return await service.database["privacy_cases"].count({"request_id": request, "stage": "answered"}) == 1

    await eventually(answered, within=60)


async def test_who_comes_back_by_calling_here_alone_is_met_anew(service: Service) -> None:
    ada = fresh("ada")
    before = {"authorization": service.bearer(ada)}

    async def met(times: int) -> bool:
        said = {"$elemMatch": {"topic": MemberSeen.topic, "subject": ada}}
        return await service.database["journal"].count({"entries.messages": said}) == times

    await service.client.get("/v1/inbox", headers=before)
    await eventually(lambda: met(1), within=30)
    await forgets(service, ada)
    await service.client.get("/v1/inbox", headers=before)

    async def back() -> bool:
        await service.inbox(ada)  # with a token of now
        return await met(2)

    await eventually(back, within=30)
    for _ in range(2):
        await service.inbox(ada)
    other = fresh("bo")
    await service.inbox(other)
    assert await met(2)


async def left(service: Service, who: str) -> dict[str, int]:
    """How many documents are about them, or for them."""
    where = {"$or": [{"member_id": who}, {"author_id": who}]}
    return {name: await service.database[name].count(where) for name in PERSONAL}


async def test_what_comes_in_after_the_answer_leaves_nothing_until_the_member_comes_back(service: Service) -> None:
    ada, olga, moms, park, post = (fresh(name) for name in ("ada", "olga", "moms", "park", "post"))
    long_ago = utc_now() - timedelta(hours=1)
    await service.publish("member.registered", member(ada, "Ada"), subject=ada, actor=ada, at=long_ago)
    await forgets(service, ada)
    await service.publish("rsvp.confirmed", rsvp(park, moms, ada, 1, "yes"), subject=park, actor=ada, at=long_ago)
    # what an erasure takes back elsewhere is told after it
    released = rsvp(park, moms, ada, 2, "no", was="yes")
    rsvps = await service.publish("rsvp.released", released, subject=park)
    ids: dict[str, Any] = {"event_id": park, "group_id": moms, "member_id": ada}
    note = AttendanceChanged.model_validate(
        {**ids, "rsvp_id": f"{park}.{ada}", "number": 1, "mark": "attended", "means": "hand", "by": olga}
        | {"starts_at_utc": long_ago}
    )
    notes = await service.publish("attendance.checked-in", note, subject=park, actor=olga)
    stars = await service.publish("feedback.withdrawn", FeedbackFact(**ids, was=5), subject=park, actor=ada)
    taken = said(moms, post, ada, excerpt=None, version=2)
    await service.publish("conversation.posted", said(moms, post, ada), subject=post, actor=ada, at=long_ago)
    posts = await service.publish("conversation.deleted", taken, subject=post, actor=ada)
    other = fresh("other")
    named = said(moms, other, olga, mentions=[ada])
    mentions = await service.publish("conversation.mentioned", named, subject=other, actor=olga)
    known = await service.publish("member.changed", member(ada, "Ada L."), subject=ada, actor=ada, at=long_ago)
    for topic, subject, sequence in (
        ("events.rsvp.v1", park, rsvps),
        ("events.attendance.v1", park, notes),
        ("events.feedback.v1", park, stars),
        ("groups.conversation.v1", post, posts),
        ("groups.conversation.v1", other, mentions),
        ("groups.member.v1", ada, known),
    ):
        await service.reached(topic, subject, sequence)
    assert await left(service, ada) == dict.fromkeys(PERSONAL, 0)
    row = await service.database["members"].find_one({"_id": ada})
    assert row is not None
    assert (row.get("deleted"), row.get("name")) == (True, None)
    back = await service.publish("member.registered", member(ada, "Ada"), subject=ada, actor=ada)
    await service.reached("groups.member.v1", ada, back)
    await service.publish("rsvp.confirmed", rsvp(park, moms, ada, 3, "yes", was="no"), subject=park, actor=ada)
    [line] = await eventually(lambda: service.inbox(ada), within=30)
    assert (line["kind"], line["event_id"]) == ("rsvp.confirmed", park)
    assert (await left(service, ada))["rsvps"] == 1
