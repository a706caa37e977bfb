"""A request is known again by what its caller sent, whatever the service has learnt since."""

import secrets
from typing import Any

import pytest

from testkit import eventually

from .running import Service, evening

WEEKS = {"rrule": "FREQ=WEEKLY;COUNT=3", "publish": True}


@pytest.mark.parametrize(("path", "more", "name"), [("events", {}, "event_id"), ("series", WEEKS, "series_id")])
async def test_a_repeat_is_answered_as_before_though_the_group_has_moved_and_gone_private(
    service: Service, path: str, more: dict[str, Any], name: str
) -> None:
    olga, group_id, key = service.person("olga"), f"g{secrets.token_hex(4)}", secrets.token_hex(8)
    await service.groups.group(group_id, olga.id or "")
    body = {field: value for field, value in evening(**more).items() if field != "timezone"}
    first = await olga("POST", f"/groups/{group_id}/{path}", body, idempotency_key=key)
    assert (first.status_code, first.json()["timezone"]) == (201, "America/New_York")
    await service.groups.group(group_id, olga.id or "", version=2, timezone="Asia/Tokyo", visibility="private")

    async def moved() -> bool:
        group = await service.database["groups"].find_one({"_id": group_id})
        return group is not None and group["timezone"] == "Asia/Tokyo"

    await eventually(moved, within=20)
    again = await olga("POST", f"/groups/{group_id}/{path}", body, idempotency_key=key)
    assert (again.status_code, again.json()) == (201, first.json())
    other = await olga("POST", f"/groups/{group_id}/{path}", {**body, "title": "Rye"}, idempotency_key=key)
    assert other.status_code == 422
    anew = await olga("POST", f"/groups/{group_id}/{path}", body)
    assert (anew.json()["timezone"], anew.json()[name] == first.json()[name]) == ("Asia/Tokyo", False)
