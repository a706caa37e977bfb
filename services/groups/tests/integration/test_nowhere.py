"""What nobody but this service makes, and is not there, is a 404 at once: nobody is waited for."""

import asyncio

import pytest

from chassis.http.known import WAIT
from testkit.calling import Person

from .conftest import Service, reason

NOWHERE = (
    ("GET", "/groups/nowhere", None),
    ("GET", "/networks/nowhere", None),
    ("GET", "/networks/nowhere/pulse", None),
    ("GET", "/posts/nowhere", None),
    ("POST", "/posts/nowhere/replies", {"body": "x"}),
    ("GET", "/reports/nowhere", None),
    ("POST", "/reports", {"what": "post", "id": "nowhere", "reason": "spam"}),
    ("POST", "/reports", {"what": "group", "id": "nowhere", "reason": "spam"}),
    ("GET", "/members/me/export/nowhere", None),
)


@pytest.mark.parametrize(("method", "path", "body"), NOWHERE)
async def test_what_is_nowhere_is_not_waited_for(
    service: Service, method: str, path: str, body: dict[str, str] | None
) -> None:
    ada: Person = service.person()
    async with asyncio.timeout(WAIT * 0.9):
        answer = await ada(method, path, body)
    assert (answer.status_code, reason(answer)) == (404, "not-found")
