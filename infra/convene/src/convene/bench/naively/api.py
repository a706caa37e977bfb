"""The route: a FastAPI application with a transaction for each RSVP."""

import json
from typing import Annotated, Any

from fastapi import FastAPI, Header, HTTPException
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey
from pydantic import BaseModel

from chassis.ids import random_id
from chassis.mongo import Database, Session, errors
from convene.bench.naively.setting import EVENTS, OUTBOX, RSVPS
from convene.issuer.keys import ALGORITHM

TRIES = 200


class Answer(BaseModel):
    response: str
    guests: int = 0


class Decided(BaseModel):
    status: str
    seq: int


def api(database: Database, key: ECKey) -> FastAPI:
    """PUT /v1/events/{event_id}/rsvp as the events service has it, as far as a crowd looks at its answer."""
    app = FastAPI()

    @app.put("/v1/events/{event_id}/rsvp")
    async def respond(event_id: str, body: Answer, authorization: Annotated[str, Header()]) -> Decided:
        member_id = _member(authorization, key)
        for _ in range(TRIES):
            try:
                async with database.transaction() as session:
                    return await _decide(database, session, event_id, member_id, body)
            except errors.PyMongoError as error:
                if not error.has_error_label("TransientTransactionError"):
                    raise
        raise HTTPException(503)

    return app


def _member(authorization: str, key: ECKey) -> str:
    try:
        claims = jwt.decode(authorization.removeprefix("Bearer "), key, algorithms=[ALGORITHM]).claims
    except JoseError:
        raise HTTPException(401) from None
    return str(claims["sub"])


async def _decide(database: Database, session: Session, event_id: str, member_id: str, body: Answer) -> Decided:
    id_ = f"{event_id}:{member_id}"
    before = await database[RSVPS].find_one({"_id": id_}, session=session)
    if before is not None:
        return Decided(status=before["status"], seq=before["seq"])
    change = {"$inc": {"seq": 1, "seats": 1 + body.guests}}
    event = await database[EVENTS].find_one_and_update({"_id": event_id}, change, session=session)
    if event is None:
        raise HTTPException(404)
    value: dict[str, Any] = {"event_id": event_id, "member_id": member_id, "status": "yes", "guests": body.guests}
    rsvp = {**value, "seq": event["seq"]}
    await database[RSVPS].insert_one({"_id": id_, **rsvp}, session=session)
    await database[OUTBOX].insert_one(
        {"_id": random_id(), "n": event["seq"], "key": event_id, "value": json.dumps(rsvp)}, session=session
    )
    return Decided(status="yes", seq=event["seq"])
