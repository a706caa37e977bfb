"""Groups without an organizer, and invitations, over every store."""

from datetime import timedelta

from groups_service.domain.vacancy import Candidate, Vacancy
from groups_service.handlers import group, invitation, membership, succession

from .batches import NOW, Store, command, create, decide, join, one


async def vacant(store: Store) -> None:
    """Olga has left ada and bo; ada offers, bo wants her."""
    await decide(store, create("g1"), join("g1", "ada"), join("g1", "bo"))
    offered, chosen = command(succession.STEP_UP, "g1", "ada"), command(succession.VOTE, "g1", "bo", candidate_id="ada")
    outcomes = await decide(store, command(membership.LEAVE, "g1", "olga", member_id="olga"), offered, chosen)
    assert [outcome.refused for outcome in outcomes] == [None, None, None]


async def test_a_group_without_organizer_comes_back_as_it_was_decided(store: Store) -> None:
    await vacant(store)
    [again] = await decide(store, command(succession.VOTE, "g1", "bo", candidate_id="ada"))
    assert again.facts == []
    vacancy = again.state.circle.group.vacancy
    assert vacancy == Vacancy(
        freezes_at=NOW + timedelta(days=15),
        closes_at=NOW + timedelta(days=30),
        decides_at=NOW + timedelta(days=3),
        candidates=(Candidate("ada", 1, NOW, votes=1),),
    )
    assert (await one(store, "groups", "g1") or {}).get("due_at") == NOW + timedelta(days=3)


async def test_who_wins_a_vote_is_read_by_whatever_comes_after_its_end(store: Store) -> None:
    await vacant(store)
    later = NOW + timedelta(days=4)
    [left] = await decide(store, command(membership.LEAVE, "g1", "bo", member_id="bo"), now=later)
    assert left.refused is None
    group_now = await one(store, "groups", "g1")
    assert group_now is not None
    assert (group_now["organizer_id"], group_now["vacancy"], group_now["due_at"]) == ("ada", None, None)
    assert (await one(store, "memberships", "g1:ada") or {}).get("role") == "organizer"


async def test_what_is_due_happens_once(store: Store) -> None:
    await vacant(store)
    due = succession.lapse("g1", 3, NOW + timedelta(days=3), NOW + timedelta(days=3))
    first, again = await decide(store, due, due, now=NOW)
    assert ([type(fact).__name__ for fact in first.facts], again.facts) == (["RoleChanged", "Succeeded"], [])


async def test_an_invitation_is_kept_until_it_is_accepted(store: Store) -> None:
    await decide(store, create("g1"), command(group.CHANGE, "g1", "olga", version=1, changes={"join_mode": "closed"}))
    [invited] = await decide(store, command(invitation.INVITE, "g1", "olga", member_id="ada", days=14))
    token = invited.answer["token"]
    kept = await one(store, "invitations", token)
    assert kept is not None
    assert (kept["member_id"], kept["expires_at"], kept["used_by"]) == ("ada", NOW + timedelta(days=14), [])
    refused = command(invitation.ACCEPT, "g1", "bo", member_id="bo", invitation_id=token)
    accepted = command(invitation.ACCEPT, "g1", "ada", member_id="ada", invitation_id=token)
    outcomes = await decide(store, refused, accepted)
    assert [outcome.refused for outcome in outcomes] == ["invitation-not-found", None]
    assert (await one(store, "invitations", token) or {}).get("used_by") == ["ada"]


async def test_an_open_invitation_counts_who_comes_in_one_batch(store: Store) -> None:
    await decide(store, create("g1"), command(group.CHANGE, "g1", "olga", version=1, changes={"join_mode": "closed"}))
    [opened] = await decide(store, command(invitation.OPEN, "g1", "olga", days=14, uses=2, token="secret"))
    id_ = opened.answer["invitation_id"]
    assert (opened.answer["token"], "secret" in str(await one(store, "invitations", id_))) == ("secret", False)
    come = [
        command(invitation.ACCEPT, "g1", name, member_id=name, invitation_id=id_) for name in ("ada", "bo", "ada", "cy")
    ]
    outcomes = await decide(store, *come)
    assert [outcome.refused for outcome in outcomes] == [None, None, None, "invitation-used"]
    assert (await one(store, "groups", "g1") or {})["member_count"] == 3
    [revoked] = await decide(store, command(invitation.REVOKE, "g1", "olga", invitation_id=id_))
    assert (revoked.answer["used"], revoked.answer["state"], list(revoked.facts)) == (2, "used", [])
