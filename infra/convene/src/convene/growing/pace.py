"""How long a group takes to be read, as one caller measures it: one request after another, on one connection."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Final

from convene.acting.platform import Person, Unexpected
from convene.load.wire import Connection, get

WITHIN = 10.0

READS: Final = {
    "group": ("groups", "/v1/groups/{group_id}"),
    "members": ("groups", "/v1/groups/{group_id}/members?limit=100"),
    "pulse": ("groups", "/v1/groups/{group_id}/pulse"),
    "events": ("events", "/v1/events?group_id={group_id}"),
}
"""What is read, by its name: service and path."""


@dataclass(frozen=True, slots=True)
class Pace:
    """Milliseconds to an answer, of a group of so many members; requests: how many were measured."""

    read: str
    members: int
    requests: int
    p50_ms: float
    p99_ms: float


async def paces(
    person: Person, group_id: str, members: int, *, requests: int, step: Callable[[str, int], None]
) -> list[Pace]:
    """Of each kind of read. Raises Unexpected when one is not answered with 200."""
    found = []
    for name, (service, path) in READS.items():
        connection = Connection(person.platform.addresses[service])
        request = get(path.format(group_id=group_id), person.token)
        took = []
        for _ in range(requests):
            took.append(await milliseconds(connection, request))
            step("read", 1)
        connection.close()
        found.append(Pace(name, members, requests, round(share(took, 0.5), 2), round(share(took, 0.99), 2)))
    return found


async def milliseconds(connection: Connection, request: bytes) -> float:
    """To its answer. Raises Unexpected unless that is a 200."""
    began = perf_counter()
    answer = await connection.send(request, WITHIN)
    took = (perf_counter() - began) * 1000
    if answer.status != 200:
        raise Unexpected(f"{request.split(b' ')[1].decode()}: {answer.status} {answer.body[:200]!r}")
    return took


def share(took: Sequence[float], part: float) -> float:
    """The time within which that part of them came, by the nearest rank; 0 of none."""
    return sorted(took)[min(len(took) - 1, int(part * len(took)))] if took else 0.0
