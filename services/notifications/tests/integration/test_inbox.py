"""Reading the inbox."""

import asyncio
import json
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import Any

import pytest
from httpx2 import Response

from chassis.clock import utc_now
from chassis.http.pages import encode
from chassis.mongo import InsertOne
from notifications_service.domain.notice import Cause, Kind, Notice
from notifications_service.http.follow import WINDOW
from notifications_service.http.inbox import PER_MEMBER
from notifications_service.store.notice import line_id, line_of
from notifications_service.views import inbox
from notifications_service.views.inbox import unread_ids
from testkit import eventually
from testkit.issuer import token

from .community import event, group, rsvp
from .conftest import Service, fresh


async def filled(service: Service, member: str, lines: int) -> list[str]:
    """Event ids of as many lines, oldest first."""
    olga, moms = fresh("olga"), fresh("moms")
    before = await service.database["inbox"].count({"member_id": member})
    await service.publish("group.created", group(moms, olga), subject=moms)
    parks, began = [fresh("park") for _ in range(lines)], utc_now()
    for n, park in enumerate(parks):
        await service.publish("event.published", event(park, moms, olga), subject=park)
        body, at = rsvp(park, moms, member, 1, "yes"), began + timedelta(milliseconds=n)  # lines of one have no order
        await service.publish("rsvp.confirmed", body, subject=park, actor=member, at=at)

    async def all_there() -> bool:
        return await service.database["inbox"].count({"member_id": member}) == before + lines

    await eventually(all_there)
    return parks


async def test_lines_come_in_pages_newest_first_and_are_read_one_by_one_or_all(service: Service) -> None:
    ada = fresh("ada")
    parks = await filled(service, ada, 5)
    first = await service.call(ada, "GET", "/inbox?limit=2")
    second = await service.call(ada, "GET", f"/inbox?limit=2&cursor={first.json()['next_cursor']}")
    assert 'rel="next"' in first.headers["link"]
    items = [*first.json()["items"], *second.json()["items"]]
    assert [item["event_id"] for item in items] == parks[:0:-1]
    for item in items:
        assert (item["line_id"], item["version"]) == (item["id"], 1)
        assert item["created_at"] == item["updated_at"] == item["at"]
    read = await service.call(ada, "POST", f"/inbox/{items[0]['id']}/read")
    assert read.json() == {"id": items[0]["id"], "read": True}
    assert (await service.call(ada, "POST", f"/inbox/{items[0]['id']}/read")).json() == read.json()
    assert [item["event_id"] for item in await service.inbox(ada, "?unread=true")] == parks[-2::-1]
    lines = await service.inbox(ada)
    assert [item["read"] for item in lines] == [True, False, False, False, False]
    assert [item["version"] for item in lines] == [2, 1, 1, 1, 1]
    assert lines[0]["created_at"] == items[0]["at"] < lines[0]["updated_at"]
    assert (await service.call(ada, "POST", "/inbox/read-all")).status_code == 200
    assert await service.inbox(ada, "?unread=true") == []


async def test_read_all_under_a_key_marks_no_line_that_came_later(service: Service) -> None:
    bo = fresh("bo")
    await filled(service, bo, 2)
    first = await service.call(bo, "POST", "/inbox/read-all", idempotency_key="all")
    await filled(service, bo, 1)
    second = await service.call(bo, "POST", "/inbox/read-all", idempotency_key="all")
    assert (first.status_code, first.text) == (second.status_code, second.text)
    assert len(await service.inbox(bo, "?unread=true")) == 1


async def test_read_all_again_under_its_key_marks_none_of_very_many_that_came_later(service: Service) -> None:
    cy, since = fresh("cy"), utc_now()
    await filled(service, cy, 1)
    await service.call(cy, "POST", "/inbox/read-all", idempotency_key="all")
    causes = [Cause("events.rsvp.v1", f"{cy}-{n}", 1, since + timedelta(milliseconds=n)) for n in range(450)]
    lines = [line_of(Notice(Kind.RSVP_CONFIRMED, cy, cause, "moms", "park")) for cause in causes]
    await service.database["inbox"].write([InsertOne(line) for line in lines])
    await service.call(cy, "POST", "/inbox/read-all", idempotency_key="all")
    assert len(await unread_ids(service.database, cy, limit=1000)) == 450
    await service.call(cy, "POST", "/inbox/read-all", idempotency_key="anew")
    assert await unread_ids(service.database, cy, limit=1000) == []


async def test_unread_lines_are_looked_for_among_the_newest(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inbox, "LOOKED_BACK", 3)
    lea, since = fresh("lea"), utc_now()
    causes = [Cause("events.rsvp.v1", f"{lea}-{n}", 1, since + timedelta(milliseconds=n)) for n in range(5)]
    lines = [line_of(Notice(Kind.RSVP_CONFIRMED, lea, cause, "moms", "park")) for cause in causes]
    await service.database["inbox"].write([InsertOne(line) for line in lines])
    newest = [line["_id"] for line in lines[:1:-1]]
    assert [line["id"] for line in await service.inbox(lea, "?unread=true")] == newest
    first = (await service.call(lea, "GET", "/inbox?unread=true&limit=2")).json()
    last = (await service.call(lea, "GET", f"/inbox?unread=true&limit=2&cursor={first['next_cursor']}")).json()
    assert [line["id"] for line in (*first["items"], *last["items"])] == newest
    assert "next_cursor" not in last
    await service.call(lea, "POST", "/inbox/read-all")
    assert await service.inbox(lea, "?unread=true") == []
    assert [line["read"] for line in await service.inbox(lea)] == [True, True, True, False, False]


async def test_a_cursor_of_another_list_is_refused(service: Service) -> None:
    for foreign in ([], [1], ["a", "b"]):
        answer = await service.call(fresh("dot"), "GET", f"/inbox?cursor={encode(foreign)}")
        assert answer.status_code == 400, foreign


async def test_nobody_reads_or_marks_another_members_lines(service: Service) -> None:
    cy, eve = fresh("cy"), fresh("eve")
    await filled(service, cy, 1)
    [line] = await service.inbox(cy)
    assert (await service.call(eve, "POST", f"/inbox/{line['id']}/read")).status_code == 404
    for beyond in ("~", line["id"] + "~"):
        assert await service.inbox(eve, f"?cursor={encode([beyond])}") == []
    assert (await service.call(eve, "GET", f"/inbox?cursor={encode([1])}")).status_code == 400
    assert (await service.client.get("/v1/inbox")).status_code == 401
    [line] = await service.inbox(cy)
    assert line["read"] is False


async def test_a_line_is_worded_with_what_is_known_when_it_is_read(service: Service) -> None:
    dan, olga, park, moms = fresh("dan"), fresh("olga"), fresh("park"), fresh("moms")
    await service.publish("rsvp.confirmed", rsvp(park, moms, dan, 1, "yes"), subject=park, actor=dan)
    [line] = await eventually(lambda: service.inbox(dan))
    assert line["text"] == "You are going to an event."
    told = await service.publish("event.published", event(park, moms, olga, title="Tea"), subject=park)
    await service.reached("events.event.v1", park, told)
    [line] = await service.inbox(dan)
    assert line["text"].startswith("You are going to Tea, ")


async def test_the_first_call_makes_the_member_known_once(service: Service) -> None:
    fay = fresh("fay")
    await service.inbox(fay)
    await service.inbox(fay)

    async def seen() -> bool:
        batches = await service.database["journal"].find({"entries.aggregate": fay})
        messages = [m for batch in batches for entry in batch["entries"] for m in entry["messages"]]
        return [m["topic"] for m in messages if m["subject"] == fay] == ["members.seen.v1"]

    await eventually(seen)


async def test_the_stream_skips_nothing_however_far_behind_its_reader_is(service: Service) -> None:
    hal, began = fresh("hal"), utc_now()

    async def write(numbers: range) -> list[str]:
        causes = [Cause("events.rsvp.v1", f"{hal}-{n}", 1, began + timedelta(milliseconds=n)) for n in numbers]
        notices = [Notice(Kind.RSVP_CONFIRMED, hal, cause, "moms", "park") for cause in causes]
        await service.database["inbox"].write([InsertOne(line_of(notice)) for notice in notices])
        return [line_id(notice) for notice in notices]

    expected = await write(range(2 * WINDOW + 50))
    seen = [expected[9]]
    headers = {"authorization": service.bearer(hal), "last-event-id": seen[0]}
    async with asyncio.timeout(60), service.client.stream("GET", "/v1/inbox/stream", headers=headers) as answer:
        async for text in answer.aiter_lines():
            if text.startswith("id: "):
                seen.append(text.removeprefix("id: "))
                if seen[-1] == expected[-1] and len(expected) < 3 * WINDOW:
                    # it has caught up: again more at once than a look shows
                    expected += await write(range(len(expected), 3 * WINDOW + 100))
                elif seen[-1] == expected[-1]:
                    break
    assert seen == expected[9:]


async def test_the_stream_brings_new_lines_and_resumes_behind_the_last_one(service: Service) -> None:
    gil = fresh("gil")
    await filled(service, gil, 1)
    [old] = await service.inbox(gil)
    seen: list[dict[str, Any]] = []

    async def read(until: int, **headers: str) -> None:
        sent = {"authorization": service.bearer(gil), **headers}
        async with service.client.stream("GET", "/v1/inbox/stream", headers=sent) as answer:
            assert answer.headers["content-type"].startswith("text/event-stream")
            async for text in answer.aiter_lines():
                if text.startswith("data: "):
                    seen.append(json.loads(text.removeprefix("data: ")))
                if len(seen) == until:
                    return

    async with asyncio.timeout(60):
        await read(1, **{"last-event-id": old["id"][:-1]})
        assert seen == [old]
        reading = asyncio.create_task(read(2, **{"last-event-id": old["id"]}))
        [park] = await filled(service, gil, 1)
        await reading
    assert (seen[-1]["event_id"], seen[-1]["text"].startswith("You are going to Picnic")) == (park, True)


async def test_a_member_has_so_many_streams_and_no_more(service: Service) -> None:
    ida, joe = fresh("ida"), fresh("joe")

    async def opened(member: str, stack: AsyncExitStack) -> Response:
        headers = {"authorization": service.bearer(member)}
        return await stack.enter_async_context(service.client.stream("GET", "/v1/inbox/stream", headers=headers))

    async with AsyncExitStack() as streams:
        assert {(await opened(ida, streams)).status_code for _ in range(PER_MEMBER)} == {200}
        refused = await service.call(ida, "GET", "/inbox/stream")
        assert (refused.status_code, refused.headers["retry-after"]) == (429, "30")
        assert refused.json()["type"].endswith("/too-many-streams")
        assert (await opened(joe, streams)).status_code == 200

    async def room_again() -> bool:
        async with AsyncExitStack() as stream:
            return (await opened(ida, stream)).status_code == 200

    await eventually(room_again)


async def test_a_stream_ends_when_its_token_does(service: Service) -> None:
    headers = {"authorization": f"Bearer {token(fresh('kim'), lifetime_s=2)}"}
    async with asyncio.timeout(20), service.client.stream("GET", "/v1/inbox/stream", headers=headers) as answer:
        assert [text async for text in answer.aiter_lines() if text] == ["retry: 2000"]
