"""People who call a service repeat what they were told to repeat, and nothing else."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest
from httpx2 import ASGITransport, AsyncClient
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from chassis.http.problems import Problem, problem_for
from chassis.journal import Busy, Unknown
from testkit.calling import Person


@dataclass
class Door:
    """Answers with these problems first, then with 201; keys: what it was asked under."""

    problems: list[Problem] = field(default_factory=list)
    keys: list[str | None] = field(default_factory=list)

    async def __call__(self, request: Request) -> Response:
        self.keys.append(request.headers.get("idempotency-key"))
        return self.problems.pop(0).response() if self.problems else Response(status_code=201)


@pytest.fixture
def door() -> Door:
    return Door()


@pytest.fixture
async def person(door: Door) -> AsyncIterator[Person]:
    app = Starlette(routes=[Route("/v1/things", door.__call__, methods=["GET", "POST"])])
    async with AsyncClient(transport=ASGITransport(app), base_url="http://here") as client:
        yield Person(client, "ada")


async def test_what_has_no_known_outcome_is_asked_again_under_the_same_key(door: Door, person: Person) -> None:
    door.problems.append(problem_for(Unknown(), {}))
    assert (await person("POST", "/things")).status_code == 201
    first, second = door.keys
    assert first == second is not None
    assert (await person("POST", "/things")).status_code == 201
    assert door.keys[-1] != first


async def test_any_other_answer_is_the_answer(door: Door, person: Person) -> None:
    door.problems.append(problem_for(Busy(1.0), {}))
    assert (await person("POST", "/things")).status_code == 503
    assert len(door.keys) == 1


async def test_who_looks_has_no_key_and_one_may_bring_ones_own(door: Door, person: Person) -> None:
    await person("GET", "/things")
    await person("POST", "/things", idempotency_key="mine")
    assert door.keys == [None, "mine"]
