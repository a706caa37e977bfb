"""Who reads with the position of a change in groups sees what became of RSVPs."""

from .running import Service
from .test_http import founded


async def test_who_asks_with_the_position_of_an_approval_or_removal_sees_what_became_of_rsvps(service: Service) -> None:
    olga, group_id = await founded(service, join_mode="approval")
    for _ in range(5):
        event_id = await service.event(olga, group_id, capacity=1)
        ada, bo = service.person("ada"), service.person("bo")
        for person, status in ((ada, "yes"), (bo, "waitlist")):
            assert (await person.rsvp(event_id))["status"] == "requested"
            await service.groups.membership(group_id, person.id or "", "active")
            approved = service.groups.position("groups.membership.v1", group_id)
            assert (await person.get_at(approved, f"/events/{event_id}/rsvp")).json()["status"] == status
        await service.groups.membership(group_id, ada.id or "", "removed")
        removed = service.groups.position("groups.membership.v1", group_id)
        assert (await bo.get_at(removed, f"/events/{event_id}/rsvp")).json()["status"] == "yes"
