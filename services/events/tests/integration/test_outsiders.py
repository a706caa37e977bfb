"""What people outside see of the events of a private group."""

import pytest

from .running import Service
from .test_http import founded, joined


async def test_outsiders_of_a_private_group_see_title_and_time(service: Service) -> None:
    olga, group_id = await founded(service, visibility="private", join_mode="closed")
    event_id = await service.event(olga, group_id)
    mia, ada = service.person("mia"), service.person("ada")
    await joined(service, group_id, ada)
    seen = (await mia("GET", f"/events/{event_id}")).json()
    assert seen["title"] == "Bread"
    assert not {"place", "description", "seats_used", "hosts"} & set(seen)
    assert (await ada("GET", f"/events/{event_id}")).json()["place"]["name"] == "Café Ströme"
    assert (await mia("GET", f"/events/{event_id}/rsvps")).status_code == 403
    assert (await mia("GET", f"/events/{event_id}/rsvp-state")).status_code == 403
    assert (await mia("PUT", f"/events/{event_id}/rsvp", {"response": "yes"})).status_code == 403
    assert (await ada("GET", f"/events/{event_id}/rsvp-state")).json()["state"] == "open"
    listed = (await mia("GET", f"/events?group_id={group_id}")).json()["items"]
    assert [set(event) for event in listed] == [set(seen)]


@pytest.mark.parametrize("asked", ["near=48.0,2.0&radius_km=1", "near=0,0&radius_km=500", "topic=rust", "q=Bread"])
async def test_outsiders_of_a_private_group_do_not_find_by_what_they_do_not_see(service: Service, asked: str) -> None:
    olga, group_id = await founded(service, visibility="private", join_mode="closed")
    await service.event(olga, group_id)
    ada = service.person("ada")
    await joined(service, group_id, ada)
    for person in (service.person(None), service.person("mia")):
        answer = await person("GET", f"/events?group_id={group_id}&{asked}")
        assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (403, "members-only")
    assert (await ada("GET", f"/events?group_id={group_id}&{asked}")).status_code == 200
