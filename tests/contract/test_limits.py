"""No route of any service takes a page or a circle of any size, whoever adds the route."""

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import APIRouter
from fastapi.openapi.utils import get_openapi

from chassis.sealing import Sealer
from events_service.http import ROUTERS as EVENTS
from groups_service.http import ROUTERS as GROUPS
from notifications_service.http.contact import ContactRoutes
from notifications_service.http.inbox import InboxRoutes
from notifications_service.texts import Texts

SEALER = Sealer(["A" * 43], "tests")
NOTIFICATIONS = (ContactRoutes(SEALER, SEALER, Texts()).router(), InboxRoutes(Texts()).router())


def _asked(routers: tuple[APIRouter, ...], name: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Path and schema of every query parameter of that name."""
    document = get_openapi(title="", version="", routes=[route for router in routers for route in router.routes])
    for path, operations in document["paths"].items():
        for operation in operations.values():
            for parameter in operation.get("parameters", ()):
                if (parameter["in"], parameter["name"]) == ("query", name):
                    yield path, parameter["schema"]


@pytest.mark.parametrize("routers", [GROUPS, EVENTS, NOTIFICATIONS], ids=["groups", "events", "notifications"])
def test_a_page_has_at_most_100_items(routers: tuple[APIRouter, ...]) -> None:
    found = dict(_asked(routers, "limit"))
    assert found
    assert {path: (schema["minimum"], schema["maximum"]) for path, schema in found.items()} == dict.fromkeys(
        found, (1, 100)
    )


@pytest.mark.parametrize("routers", [GROUPS, EVENTS], ids=["groups", "events"])
def test_a_circle_has_a_radius_of_at_most_500_km(routers: tuple[APIRouter, ...]) -> None:
    found = dict(_asked(routers, "radius_km"))
    assert found
    for path, schema in found.items():
        assert (path, schema["exclusiveMinimum"], schema["maximum"]) == (path, 0, 500)
