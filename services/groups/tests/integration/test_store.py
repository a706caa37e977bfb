"""The store over memory, over the driver in use and over the one that will follow it: one suite, the same answers."""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

import pytest
import pytest_asyncio
from pymongo import AsyncMongoClient

from chassis.journal import Command, Documents, Outcome, Ref
from chassis.mongo import Database, Document, InsertOne, ReplaceOne, Write, connect, errors
from groups_service.decisions import decisions
from groups_service.domain.audit import Head, first_broken
from groups_service.domain.group import Details
from groups_service.domain.member import Profile
from groups_service.domain.vacancy import Candidate, Vacancy
from groups_service.handlers import block, group, invitation, member, membership, people, post, succession
from groups_service.store import schema
from groups_service.store.audit import link_of
from testkit import MongoServer
from testkit.memory import Memory, Taken

NOW = datetime(2026, 11, 24, 18, 30, 0, 125_000, tzinfo=UTC)
DECISIONS = decisions()
DETAILS = Details(
    urlname="sp-rust",
    name="Rust São Paulo",
    city="São Paulo",
    country="BR",
    lat=-23.55,
    lon=-46.63,
    timezone="America/Sao_Paulo",
    topics=("Rust", "Open Source"),
    join_questions=("Why?",),
)


class Store(Protocol):
    async def find(self, collection: str, ids: Iterable[str]) -> list[Document]: ...

    async def write(self, writes: Mapping[str, Sequence[Write]]) -> None: ...


class InDatabase:
    """A batch's reads and writes as the journal sends them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def find(self, collection: str, ids: Iterable[str]) -> list[Document]:
        return await self._database[collection].find({"_id": {"$in": list(ids)}})

    async def write(self, writes: Mapping[str, Sequence[Write]]) -> None:
        async with self._database.transaction() as session:
            for collection, some in writes.items():
                await self._database[collection].write(some, session=session)


class OutsideTransaction(InDatabase):
    """PyMongo's own asyncio client begins transactions in another way than chassis.mongo's sessions do."""

    async def write(self, writes: Mapping[str, Sequence[Write]]) -> None:
        for collection, some in writes.items():
            await self._database[collection].write(some)


@pytest_asyncio.fixture(params=["memory", "motor", "pymongo"], loop_scope="session")
async def store(request: pytest.FixtureRequest, mongo_server: MongoServer) -> AsyncIterator[Store]:
    if request.param == "memory":
        yield Memory()
        return
    async with mongo_server.database() as url:
        motor = connect(url)
        await schema.prepare(motor)
        await schema.verify(motor)
        if request.param == "motor":
            yield InDatabase(motor)
        else:
            client: Any = AsyncMongoClient(url, tz_aware=True)
            yield OutsideTransaction(Database(client, client.get_default_database()))
            await client.close()
        motor.close()


async def decide(store: Store, *commands: Command, now: datetime = NOW) -> list[Outcome[Any]]:
    """All the commands in one batch."""
    documents = Documents()
    for _ in range(5):
        wanted = [read for command in commands for read in DECISIONS[command.name].reads(command, documents)]
        missing = [read for read in documents.missing(wanted) if isinstance(read, Ref)]
        if not missing:
            break
        for collection in {ref.collection for ref in missing}:
            ids = [ref.id for ref in missing if ref.collection == collection]
            documents.load(collection, ids, await store.find(collection, ids))
    outcomes = []
    for command in commands:
        decider = DECISIONS[command.name]
        outcome = decider.decide(decider.load(command, documents), command, now)
        if outcome.facts:
            decider.save(command, documents, outcome, now)
            decider.tell(command, outcome, now)
        documents.keep(command.id)
        outcomes.append(outcome)
    await store.write(documents.writes())
    return outcomes


def create(group_id: str, by: str = "olga", urlname: str = DETAILS.urlname, instead: Sequence[str] = ()) -> Command:
    body = {**asdict(replace(DETAILS, urlname=urlname)), "instead": list(instead)}
    return Command(id=f"create-{group_id}", name=group.CREATE, aggregate=group_id, body=body, actor=by)


def rename(group_id: str, urlname: str, version: int = 1) -> Command:
    body = {"version": version, "changes": {"urlname": urlname}}
    return Command(id=f"rename-{group_id}-{urlname}", name=group.CHANGE, aggregate=group_id, body=body, actor="olga")


def join(group_id: str, member_id: str) -> Command:
    body = {"member_id": member_id, "answers": ["hello"]}
    return Command(id=f"join-{member_id}", name=membership.JOIN, aggregate=group_id, body=body, actor=member_id)


def command(name: str, group_id: str, actor: str, /, **body: Any) -> Command:
    return Command(id=f"{name}-{group_id}-{actor}-{body}", name=name, aggregate=group_id, body=body, actor=actor)


async def one(store: Store, collection: str, id_: str) -> Document | None:
    return next(iter(await store.find(collection, [id_])), None)


async def test_a_group_comes_back_as_it_was_decided(store: Store) -> None:
    [created] = await decide(store, create("g1"))
    [unchanged] = await decide(store, command(group.CHANGE, "g1", "olga", version=1, changes={"name": DETAILS.name}))
    assert unchanged.state.circle.group == created.state.circle.group
    assert unchanged.state.circle.people == created.state.circle.people


async def test_a_group_can_be_found_by_words_and_topics_and_place(store: Store) -> None:
    await decide(store, create("g1"))
    document = await one(store, "groups", "g1")
    assert document is not None
    assert document["words"] == ["open", "paulo", "rust", "sao", "source"]
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


def written(name: str, aggregate: str, actor: str, /, **body: Any) -> Command:
    text: dict[str, Any] = {"title": None, "body": "words", "html": "<p>words</p>", "excerpt": "words", "named": []}
    return command(name, aggregate, actor, group_id="g1", **{**text, **body})


async def test_a_thread_comes_back_as_it_was_decided(store: Store) -> None:
    await decide(store, create("g1"), join("g1", "ada"))
    await decide(store, written(post.POST, "p1", "ada", announcement=False, named=["olga", "zoe"]))
    [replied] = await decide(store, written(post.REPLY, "p1", "olga", to="p1"))
    liked = command(post.REACT, "p1", "olga", group_id="g1", post_id="p1", name="like")
    [reacted] = await decide(store, liked)
    thread = reacted.state.thread
    assert thread.root is not None
    assert (thread.root.mentions, thread.root.reactions, thread.root.replies) == (("olga",), {"like": 1}, 1)
    [again] = await decide(store, liked)
    assert (again.facts, again.state.thread) == ([], thread)
    assert (await one(store, "posts", replied.answer["post_id"]) or {}).get("number") == 1


async def test_what_a_post_said_before_goes_with_it_also_within_one_batch(store: Store) -> None:
    await decide(store, create("g1"), written(post.POST, "p1", "olga", announcement=False))
    edit = [written(post.EDIT, "p1", "olga", post_id="p1", version=n, body=f"words {n}") for n in (1, 2)]
    await decide(store, edit[0])
    assert (await one(store, "revisions", "p1:1") or {}).get("body") == "words"
    gone = command(post.DELETE, "p1", "olga", group_id="g1", post_id="p1")
    outcomes = await decide(store, edit[1], gone)
    assert [outcome.refused for outcome in outcomes] == [None, None]
    assert await store.find("revisions", ["p1:1", "p1:2"]) == []
    assert "words" not in str(await one(store, "posts", "p1"))


async def test_the_log_goes_on_behind_its_head_also_within_one_batch(store: Store) -> None:
    await decide(store, create("g1"), join("g1", "ada"))
    acts = [command(name, "g1", "olga", member_id="ada") for name in (people.REMOVE, people.BAN, people.UNBAN)]
    await decide(store, acts[0], acts[1])
    await decide(store, acts[2])
    links = [link_of(found) for found in await store.find("audit", ["g1:1", "g1:2", "g1:3"])]
    head = Head(**(await one(store, "groups", "g1") or {})["audit"])
    assert [link.act.what for link in sorted(links, key=lambda link: link.number)] == ["remove", "ban", "unban"]
    assert first_broken("g1", head, sorted(links, key=lambda link: link.number)) is None


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
