"""What a member takes along of what they had to do with others: theirs, and nobody else's."""

from .conftest import Service, founded
from .test_posts import group as group_of
from .test_privacy import exported
from .test_pulse import id_of


async def test_an_export_has_invitations_given_and_received_and_nobody_elses_names(service: Service) -> None:
    group, [olga, ada, bo] = await group_of(service, "ada", "bo")
    cy = service.person("cy")
    other = await founded(bo, join_mode="closed")
    await olga("PUT", f"{group}/members/{ada.id}/role", {"role": "assistant_organizer"})
    named = (await ada("POST", f"{group}/invitations", {"member_id": cy.id, "days": 3})).json()
    opened = (await ada("POST", f"{group}/invitations", {"uses": 4})).json()
    to_all = (await bo("POST", f"{other}/invitations", {"uses": 2})).json()
    for who in (ada, cy):
        assert (await who("POST", f"/invitations/{to_all['token']}/accept")).status_code == 200
    adas, cys = await exported(service, ada), await exported(service, cy)
    given = {one["invitation_id"]: one for one in adas["invitations-given"]}
    assert given.keys() == {named["invitation_id"], opened["invitation_id"]}
    assert (given[named["invitation_id"]]["member_id"], given[named["invitation_id"]]["used"]) == (cy.id, 0)
    assert (given[opened["invitation_id"]]["uses"], given[opened["invitation_id"]]["member_id"]) == (4, None)
    assert opened["token"] not in str(adas)
    [came] = adas["invitations"]
    assert (came["group_id"], came["by_name"], came["used"]) == (id_of(other), False, True)
    received = {one["group_id"]: (one["by_name"], one["used"]) for one in cys["invitations"]}
    assert received == {id_of(group): (True, False), id_of(other): (False, True)}
    assert "invitations-given" not in cys
    for theirs in (*adas["invitations"], *cys["invitations"]):
        assert not {str(one.id) for one in (olga, ada, bo, cy)} & {str(value) for value in theirs.values()}
