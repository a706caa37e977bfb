"""The naive way does the work it is measured for: each RSVP is stored once, counted, and has its row to publish."""

import asyncio
import time
from pathlib import Path

import httpx2

from chassis.mongo import connect
from convene.bench.naively.api import api
from convene.bench.naively.setting import EVENTS, OUTBOX, RSVPS
from convene.issuer.keys import signing_key
from convene.issuer.tokens import mint


async def test_answers_at_once_are_counted_once_each(mongo_url: str, tmp_path: Path) -> None:
    database, key = connect(mongo_url), signing_key(tmp_path / "issuer.json")
    for name in (EVENTS, RSVPS, OUTBOX):
        await database.ensure_collection(name)
    await database[EVENTS].insert_one({"_id": "e", "seq": 0, "seats": 0})
    transport = httpx2.ASGITransport(app=api(database, key))
    async with httpx2.AsyncClient(transport=transport, base_url="http://naive") as http:

        async def put(member_id: str) -> dict[str, object]:
            token = mint(key, "http://issuer", member_id, now=int(time.time()))
            answer = await http.put(
                "/v1/events/e/rsvp", json={"response": "yes"}, headers={"authorization": f"Bearer {token}"}
            )
            assert answer.status_code == 200
            found: dict[str, object] = answer.json()
            return found

        answers = await asyncio.gather(*(put(f"m{n}") for n in range(8)))
        assert await put("m0") == answers[0]
        forged = await http.put("/v1/events/e/rsvp", json={"response": "yes"}, headers={"authorization": "Bearer x"})
        assert forged.status_code == 401
    assert sorted(str(answer["seq"]) for answer in answers) == [str(n) for n in range(1, 9)]
    assert await database[EVENTS].find_one({"_id": "e"}) == {"_id": "e", "seq": 8, "seats": 8}
    assert await database[RSVPS].count({}) == await database[OUTBOX].count({}) == 8
    database.close()
