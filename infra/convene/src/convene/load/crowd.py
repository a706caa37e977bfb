"""A crowd that RSVPs: many callers at once, who repeat a request under the same key until it is answered."""

import asyncio
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from random import Random
from time import perf_counter

from convene.load.ledger import Ledger, Line
from convene.load.wire import Answer, Connection, Cut, put

PATIENCE = 60.0
ONE_TRY = 12.0


@dataclass(frozen=True, slots=True)
class Crowd:
    """Who asks what. `double`: share of requests sent once more after their answer, which must be the same again."""

    events: Sequence[str]
    members: Sequence[str]
    requests: int
    at_once: int = 128
    cancel: float = 0.1
    guests: float = 0.1
    double: float = 0.02
    seed: int = 7


def plan(crowd: Crowd) -> list[Line]:
    """The requests, in order; the same for the same seed. People come back to change their mind, at most to `no`."""
    random = Random(crowd.seed)
    pairs = [(member, event) for member in crowd.members for event in crowd.events]
    if len(pairs) > crowd.requests:
        pairs = random.sample(pairs, crowd.requests)
    random.shuffle(pairs)
    lines: list[Line] = []
    answered: list[tuple[str, str]] = []
    fresh = iter(pairs)
    for number in range(crowd.requests):
        pair = None if answered and random.random() < crowd.cancel else next(fresh, None)
        if pair is None and answered:
            member, event = answered.pop(random.randrange(len(answered)))
            lines.append(Line(member, event, "no", 0, f"load-{crowd.seed}-{number}"))
        elif pair is not None:
            guests = random.choice((1, 2)) if random.random() < crowd.guests else 0
            lines.append(Line(*pair, "yes", guests, f"load-{crowd.seed}-{number}"))
            answered.append(pair)
    return lines


async def play(
    url: str, lines: Sequence[Line], token: Callable[[str], str], crowd: Crowd, step: Callable[[int], None]
) -> Ledger:
    """Send them all, `at_once` at a time; two requests of one person to one event never overlap."""
    ledger = Ledger(list(lines))
    waiting = iter(ledger.lines)
    turns: dict[tuple[str, str], asyncio.Lock] = {}
    again = Random(crowd.seed + 1)
    began = perf_counter()

    async def caller(mine: Iterator[Line]) -> None:
        connection = Connection(url)
        for line in mine:
            async with turns.setdefault((line.member_id, line.event_id), asyncio.Lock()):
                await _ask(connection, line, token(line.member_id))
                if again.random() < crowd.double:
                    await _ask(connection, line, token(line.member_id))
            step(1)
        connection.close()

    async with asyncio.TaskGroup() as callers:
        for _ in range(crowd.at_once):
            callers.create_task(caller(waiting))
    ledger.seconds = perf_counter() - began
    return ledger


async def _ask(connection: Connection, line: Line, token: str) -> None:
    """Until it is answered, or PATIENCE is over: then its outcome stays unknown."""
    body = json.dumps({"response": line.response, "guests": line.guests}).encode()
    request = put(f"/v1/events/{line.event_id}/rsvp", token, line.key, body)
    began = perf_counter()
    pause = 0.05
    while perf_counter() - began < PATIENCE:
        line.tries += 1
        try:
            answer = await connection.send(request, ONE_TRY)
        except (TimeoutError, *Cut):
            answer = None
        if answer is not None and answer.status not in {429, 502, 503, 504}:
            _note(line, answer, perf_counter() - began)
            return
        await asyncio.sleep(pause if answer is None or answer.retry_after is None else min(answer.retry_after, 1.0))
        pause = min(pause * 2, 1.0)


def _note(line: Line, answer: Answer, seconds: float) -> None:
    """The first answer counts; a repeat that says something else is a contradiction."""
    accepted = answer.status in {200, 201}
    found = json.loads(answer.body) if accepted else {}
    heard = ("accepted" if accepted else "refused", found.get("status"), found.get("seq"))
    if line.outcome == "unknown":
        line.outcome = "accepted" if accepted else "refused"
        line.status, line.seq = found.get("status"), found.get("seq")
        line.seconds = seconds
    elif heard != (line.outcome, line.status, line.seq):
        line.contradicted = True
