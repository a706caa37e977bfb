"""The store over memory, over the driver in use and over the one that will follow it: one suite, the same answers."""

from dataclasses import asdict, replace
from datetime import datetime, timedelta

import pytest

from chassis.clock import utc_now
from chassis.journal import Command
from chassis.journal.slots import SLOTS, slot_of
from chassis.mongo import InsertOne, ReplaceOne, connect, errors
from groups_service.domain.invitation import A_DAY, MOST_A_DAY
from groups_service.domain.member import Profile
from groups_service.handlers import block, erasure, group, invitation, member, membership, people
from groups_service.store import schema
from testkit.memory import Taken

from .batches import DETAILS, InDatabase, Store, command, create, decide, join, one, rename


async def test_a_group_comes_back_as_it_was_decided(store: Store) -> None:
    [created] = await decide(store, create("g1"))
    [unchanged] = await decide(store, command(group.CHANGE, "g1", "olga", version=1, changes={"name": DETAILS.name}))
    assert unchanged.state.circle.group == created.state.circle.group
    assert unchanged.state.circle.people == created.state.circle.people


async def test_a_group_can_be_found_by_words_and_topics_and_place(store: Store) -> None:
    await decide(store, create("g1"))
    document = await one(store, "groups", "g1")
    assert document is not None
    assert document["words"] == ["rust", "sao", "paulo", "open", "source"]
    assert document["topic_keys"] == ["rust", "open-source"]
    assert document["point"] == {"type": "Point", "coordinates": [-46.63, -23.55]}


async def test_numbers_are_given_once(store: Store) -> None:
    outcomes = await decide(store, create("g1", urlname="one"), create("g2", urlname="two"))
    outcomes += await decide(store, create("g3", urlname="three"))
    numbers = {outcome.answer["number"] for outcome in outcomes}
    assert len(numbers) == 3
    assert min(numbers) > 0


async def test_a_urlname_belongs_to_one_group(store: Store) -> None:
    first, second = await decide(store, create("g1"), create("g2"))
    assert (first.refused, second.refused) == (None, "urlname-taken")
    [third, fourth] = await decide(store, create("g3"), create("g4", instead=["sp-rust-2"]))
    assert (third.refused, fourth.answer["urlname"]) == ("urlname-taken", "sp-rust-2")
    assert await one(store, "urlnames", "sp-rust") == {"_id": "sp-rust", "v": 1, "group_id": "g1"}


async def test_a_released_urlname_is_free_also_within_one_batch(store: Store) -> None:
    await decide(store, create("g1"))
    renamed, created = await decide(store, rename("g1", "sp-rustaceans"), create("g2"))
    assert (renamed.refused, created.answer["urlname"]) == (None, "sp-rust")
    claims = {
        document["_id"]: document["group_id"] for document in await store.find("urlnames", ["sp-rust", "sp-rustaceans"])
    }
    assert claims == {"sp-rust": "g2", "sp-rustaceans": "g1"}


async def test_groups_may_swap_urlnames(store: Store) -> None:
    await decide(store, create("g1", urlname="one"), create("g2", urlname="two"))
    outcomes = await decide(store, rename("g1", "spare"), rename("g2", "one"), rename("g1", "two", version=2))
    assert [outcome.refused for outcome in outcomes] == [None, None, None]
    assert await one(store, "urlnames", "spare") is None
    claims = {document["_id"]: document["group_id"] for document in await store.find("urlnames", ["one", "two"])}
    assert claims == {"one": "g2", "two": "g1"}


async def test_a_group_renamed_back_and_forth_in_one_batch_keeps_its_claim(store: Store) -> None:
    await decide(store, create("g1"))
    await decide(store, rename("g1", "other-name"), rename("g1", "sp-rust", version=2))
    assert (await one(store, "urlnames", "sp-rust") or {}).get("group_id") == "g1"
    assert await one(store, "urlnames", "other-name") is None


async def test_members_are_counted_in_the_decision_that_lets_them_in(store: Store) -> None:
    *_, joined = await decide(store, create("g1"), join("g1", "ada"), join("g1", "bo"))
    assert joined.created
    [left] = await decide(store, command(membership.LEAVE, "g1", "ada", member_id="ada"))
    assert left.state.circle.group.member_count == 2
    document = await one(store, "groups", "g1")
    assert document is not None
    assert (document["member_count"], document["version"]) == (2, 1)
    row = await one(store, "memberships", "g1:ada")
    assert row is not None
    assert (row["state"], row["version"], row["answers"]) == ("left", 2, ["hello"])


async def test_the_organizer_changes_in_one_piece(store: Store) -> None:
    await decide(store, create("g1"), join("g1", "ada"))
    await decide(store, command(people.CHANGE_ROLE, "g1", "olga", member_id="ada", role="organizer"))
    rows = await store.find("memberships", ["g1:ada", "g1:olga"])
    assert {row["member_id"]: row["role"] for row in rows} == {"ada": "organizer", "olga": "co_organizer"}
    assert (await one(store, "groups", "g1") or {}).get("organizer_id") == "ada"


async def test_a_block_is_there_until_it_is_taken_back(store: Store) -> None:
    made, again = await decide(store, *[command(block.BLOCK, "ada", "ada", other_id="bo")] * 2)
    assert (made.answer, again.facts) == ({"member_id": "bo", "blocked": True}, [])
    assert (await one(store, "blocks", "ada:bo") or {}).get("members") == ["ada", "bo"]
    assert (await one(store, "members", "ada") or {}).get("number") == 1
    await decide(store, command(block.UNBLOCK, "ada", "ada", other_id="bo"))
    assert await one(store, "blocks", "ada:bo") is None


async def test_a_member_comes_back_as_they_described_themselves(store: Store) -> None:
    body = asdict(Profile(name="Ada", photo="https://photos.test/ada.jpg", topics=("Rust",), timezone="Europe/London"))
    seen, described = await decide(
        store,
        command(member.REGISTER, "ada", "ada"),
        command(member.DESCRIBE, "ada", "ada", **body),
    )
    [again] = await decide(store, command(member.REGISTER, "ada", "ada"))
    assert (seen.answer["number"], described.answer["version"]) == (1, 2)
    assert (again.facts, again.state.member) == ([], described.state.member)


async def test_a_group_may_ask_for_a_photo(store: Store) -> None:
    await decide(store, create("g1"), command(member.REGISTER, "ada", "ada"))
    asking = command(group.CHANGE, "g1", "olga", version=1, changes={"photo_required": True})
    _, refused = await decide(store, asking, join("g1", "ada"))
    assert refused.refused == "photo-required"
    body = asdict(Profile(name="Ada", photo="https://photos.test/ada.jpg"))
    _, joined = await decide(store, command(member.DESCRIBE, "ada", "ada", **body), join("g1", "ada"))
    assert (joined.refused, joined.answer["state"]) == (None, "active")


async def test_what_the_journal_keeps_in_the_root_stays(store: Store) -> None:
    await decide(store, create("g1"))
    document = await one(store, "groups", "g1")
    assert document is not None
    await store.write({"groups": [ReplaceOne({"_id": "g1"}, {**document, "journal": {"sequence": 7, "sent": {}}})]})
    await decide(store, join("g1", "ada"))
    assert (await one(store, "groups", "g1") or {}).get("journal") == {"sequence": 7, "sent": {}}


async def test_a_second_insert_of_an_id_fails(store: Store) -> None:
    await store.write({"urlnames": [InsertOne({"_id": "x", "group_id": "g1"})]})
    with pytest.raises((Taken, errors.BulkWriteError)):
        await store.write({"urlnames": [InsertOne({"_id": "x", "group_id": "g2"})]})
    assert await one(store, "urlnames", "x") == {"_id": "x", "group_id": "g1"}


def invite(group_id: str, member_id: str) -> Command:
    return command(invitation.INVITE, group_id, "olga", member_id=member_id, days=14)


@pytest.fixture
def today() -> datetime:
    """For what the database lets go of after a day."""
    return utc_now().replace(microsecond=0)


async def test_so_many_invitations_a_day_reach_one_person_whichever_groups_they_are_of(
    store: Store, today: datetime
) -> None:
    groups = [f"g{number}" for number in range(MOST_A_DAY + 2)]
    await decide(store, *(create(id_, urlname=f"rust-{id_}") for id_ in groups))
    first = await decide(store, *(invite(id_, "ada") for id_ in groups[:5]), now=today)
    rest = await decide(store, *(invite(id_, "ada") for id_ in groups[5:]), invite("g0", "bo"), now=today)
    heard = [outcome.refused for outcome in (*first, *rest)]
    assert heard == [*[None] * MOST_A_DAY, "invited-often", "invited-often", None]
    [still] = await decide(store, invite("g0", "ada"), now=today)
    assert (still.refused, still.facts) == (None, []), "the one that is open is the answer to whoever asks again"
    soon, late = today + A_DAY - timedelta(seconds=1), today + A_DAY
    [refused] = await decide(store, replace(invite(groups[-1], "ada"), id="soon"), now=soon)
    [taken] = await decide(store, replace(invite(groups[-1], "ada"), id="late"), now=late)
    assert (refused.refused, taken.refused) == ("invited-often", None)


async def test_how_often_somebody_was_invited_goes_with_them(store: Store, today: datetime) -> None:
    await decide(store, create("g1"), create("g2", urlname="other"))
    await decide(store, invite("g1", "ada"), invite("g2", "ada"), invite("g2", "bo"), now=today)
    ids = [f"{member}:{slot}" for member in ("ada", "bo") for slot in range(SLOTS)]
    assert {document["_id"].partition(":")[0] for document in await store.find("invited", ids)} == {"ada", "bo"}
    await decide(store, erasure.membership("g1", "ada", 0), erasure.membership("g2", "ada", 0))
    assert {document["_id"].partition(":")[0] for document in await store.find("invited", ids)} == {"bo"}


async def test_who_invited_whom_goes_a_day_after_the_last_time(mongo_url: str, today: datetime) -> None:
    database, ids = connect(mongo_url), [f"ada:{slot}" for slot in range(SLOTS)]
    await schema.prepare(database)
    store, later = InDatabase(database), today + timedelta(hours=3)
    other = next(id_ for number in range(2, 99) if slot_of(id_ := f"g{number}") == slot_of("g1"))
    await decide(store, create("g1"), create(other, urlname="other"))
    await decide(store, invite("g1", "ada"), now=today)
    await decide(store, invite(other, "ada"), now=later)
    [kept] = await store.find("invited", ids)
    indexes = (await database.command({"listIndexes": "invited"}))["cursor"]["firstBatch"]
    database.close()
    assert kept["last_at"] == later
    assert {(*index["key"], index["expireAfterSeconds"]) for index in indexes if "expireAfterSeconds" in index} == {
        ("last_at", A_DAY.total_seconds())
    }
