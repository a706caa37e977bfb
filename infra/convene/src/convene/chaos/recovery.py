"""Doing a fault, and how long the platform needs until it is whole again."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import monotonic
from uuid import uuid4

import httpx2

from convene.acting.platform import Json, Person
from convene.chaos.fault import Fault
from convene.chaos.injectors import INJECTORS, Ended
from convene.chaos.scenario import Happened
from convene.chaos.stage import Stage
from convene.parts.waiting import until

GIVE_UP = 120.0
ONE_TRY = 5.0


@dataclass(frozen=True, slots=True)
class Done:
    """A fault whose cause is gone. over: when that was, by the monotonic clock; ended: ids of whom it ended."""

    fault: Fault
    victim: str
    at_request: int
    lasted_s: float
    during: int
    grown_mb: float
    over: float
    ended: Ended


async def do(stage: Stage, fault: Fault, answered: Callable[[], int]) -> Done:
    """answered: how many requests of this round have been, so far."""
    victim = await stage.who(fault.victim)
    at_request, before, began = answered(), stage.memory(), monotonic()
    ended = await INJECTORS[fault.kind](stage, fault, victim)
    ends, during, after = monotonic(), answered() - at_request, stage.memory()
    grown = max((after[name] - before[name] for name in after if name in before), default=0.0)
    # starting everything again is part of these two, and is what takes long
    over = began if fault.kind in {"power", "scramble"} else ends
    return Done(fault, victim, at_request, ends - began, during, grown, over, ended)


async def recovered(stage: Stage, done: Sequence[Done], event_id: str) -> list[Happened]:
    """Wait until all is well after faults that were done at the same time; times count from when the last was over.

    event_id: of an event without limit, for an RSVP of our own.
    """
    since = max(one.over for one in done)
    ended = frozenset(pid for one in done for pid in one.ended)
    ready_s = monotonic() - since if await stage.back(ended, GIVE_UP) else None
    answered_s, told_s = await _ask(stage, event_id, since)
    return [
        Happened(
            one.fault,
            one.victim,
            one.at_request,
            one.lasted_s,
            one.during,
            one.grown_mb,
            ready_s,
            answered_s,
            told_s,
        )
        for one in done
    ]


async def _ask(stage: Stage, event_id: str, since: float) -> tuple[float | None, float | None]:
    """Somebody new RSVPs until it is answered, and looks into their inbox until it is there."""
    person = stage.outside.person(f"after-{uuid4().hex}")
    path = f"/v1/events/{event_id}/rsvp"

    async def answered() -> bool:
        body = {"response": "yes", "guests": 0}
        return await _call(stage, person, "PUT", "events", path, body) is not None

    async def told() -> bool:
        page = await _call(stage, person, "GET", "notifications", "/v1/inbox?limit=1")
        return page is not None and bool(page["items"])

    if not await until(answered, GIVE_UP):
        return None, None
    answered_s = monotonic() - since
    return answered_s, monotonic() - since if await until(told, GIVE_UP) else None


async def _call(  # noqa: PLR0917 - a request and who sends it
    stage: Stage, person: Person, method: str, service: str, path: str, body: Json | None = None
) -> Json | None:
    """One try; None unless it was answered well."""
    headers = {"authorization": f"Bearer {person.token}", "idempotency-key": person.member_id}
    url = f"{stage.outside.addresses[service]}{path}"
    try:
        answer = await stage.outside.http.request(method, url, json=body, headers=headers, timeout=ONE_TRY)
    except httpx2.TransportError:
        return None
    found: Json | None = answer.json() if answer.status_code in {200, 201} else None
    return found
