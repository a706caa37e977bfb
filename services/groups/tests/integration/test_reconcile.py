"""The books agree after whatever the other tests did; planted damage is counted."""

from chassis.mongo import connect
from groups_service.app import reconciled
from groups_service.store import reconcile as books
from testkit import MongoServer, eventually

from .conftest import JC_MOMS, Service


async def test_the_books_agree(service: Service) -> None:
    olga, ada = service.person("olga"), service.person("ada")
    group_id = (await olga("POST", "/groups", JC_MOMS)).json()["group_id"]
    await ada("PUT", f"/groups/{group_id}/membership")
    await olga("PUT", f"/groups/{group_id}/members/{ada.id}/role", {"role": "organizer"})

    async def settled() -> bool:
        report = await reconciled(service.settings)
        assert report.sound, report.damage
        return report.settled

    await eventually(settled, within=30, every=0.2)


async def test_damage_is_counted(mongo_server: MongoServer) -> None:
    async with mongo_server.database() as url:
        database = connect(url)
        await database["groups"].insert_many(
            [
                {"_id": "g1", "urlname": "one", "number": 1, "member_count": 2, "organizer_id": "olga"},
                {"_id": "g2", "urlname": "two", "number": 1, "member_count": 0, "organizer_id": "olga"},
            ]
        )
        await database["urlnames"].insert_many([{"_id": "one", "group_id": "g1"}, {"_id": "old", "group_id": "g2"}])
        await database["memberships"].insert_many(
            [
                {"_id": "g1:olga", "group_id": "g1", "member_id": "olga", "state": "active", "role": "organizer"},
                {"_id": "g1:ada", "group_id": "g1", "member_id": "ada", "state": "left", "role": "member"},
            ]
        )
        await database.ensure_collection("members")
        async with database.transaction() as session:
            found = {**await books.people(database, session), **await books.names(database, session)}
        database.close()
    assert found == {
        "member_counts_wrong": 1,
        "organizers_wrong": 1,
        "urlnames_unclaimed": 1,
        "claims_of_no_group": 1,
        "numbers_given_twice": 1,
    }
