"""The service from HTTP to topic, with real Kafka and MongoDB."""

import json

from contracts.groups import GroupState, MembershipState
from testkit import eventually

from .conftest import JC_MOMS, Service


async def test_a_group_is_created_and_joined_and_its_topics_say_so(service: Service) -> None:
    olga, ada = service.person("olga"), service.person("ada")
    made = await olga("POST", "/groups", JC_MOMS)
    assert made.status_code == 201, made.text
    group = made.json()
    assert made.headers["location"] == f"/v1/groups/{group['group_id']}"
    assert (group["country"], group["member_count"], group["version"]) == ("US", 1, 1)
    joined = await ada("PUT", f"/groups/{group['group_id']}/membership", {"answers": []})
    assert joined.status_code == 201, joined.text
    assert joined.json()["state"] == "active"
    read = await service.person(None)("GET", f"/groups/{group['urlname']}")
    assert read.json() == {**group, "member_count": 2, "updated_at": read.json()["updated_at"]}

    async def told() -> bool:
        mine = await service.messages("groups.membership.v1", lambda head: head["ce_subject"] == group["group_id"])
        return [head["ce_type"].split(".")[-2] for head, _ in mine] == ["joined", "joined"]

    await eventually(told, within=20)
    mine = await service.messages("groups.membership.v1", lambda head: head["ce_subject"] == group["group_id"])
    assert [MembershipState.model_validate_json(value).member_id for _, value in mine] == [olga.id, ada.id]
    [(head, value)] = await service.messages("groups.group.v1", lambda head: head["ce_subject"] == group["group_id"])
    assert head["ce_type"] == "convene.groups.group.created.v1"
    assert GroupState.model_validate_json(value).organizer_id == olga.id
    assert "member_count" not in json.loads(value)
