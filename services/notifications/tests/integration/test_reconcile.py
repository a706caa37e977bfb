"""The books agree after whatever the other tests did; planted damage is counted."""

from chassis.mongo import connect
from notifications_service.app import reconciled
from notifications_service.store import reconcile as books
from testkit import MongoServer, eventually

from .community import rsvp
from .conftest import Service, fresh


async def test_the_books_agree(service: Service) -> None:
    ada, park = fresh("ada"), fresh("park")
    await service.reachable(ada)
    await service.publish("rsvp.confirmed", rsvp(park, "moms", ada, 1, "yes"), subject=park, actor=ada)
    await eventually(lambda: service.inbox(ada))
    await service.call(ada, "POST", "/inbox/read-all")

    async def settled() -> bool:
        report = await reconciled(service.settings)
        assert report.sound, report.damage
        return report.settled

    await eventually(settled, within=30, every=0.2)


async def test_damage_is_counted(mongo_server: MongoServer) -> None:
    async with mongo_server.database() as url:
        database = connect(url)
        stake = {"event_id": "park", "state": "waitlist"}
        await database["rsvps"].insert_many([{"_id": name, "member_id": name, **stake} for name in ("ada", "bo")])
        told = {"member_id": "ada", "event_id": "park", "kind": "rsvp.waitlisted"}
        announced = {"member_id": "bo", "event_id": "park", "kind": "event.announced"}
        await database["inbox"].insert_many([{"_id": "1", **told}, {"_id": "2", **announced}])
        await database["mails"].insert_many(
            [
                {"_id": "m1", "line": "1", **told},
                {"_id": "m3", "line": "3", **told},
                {"_id": "m4", "kind": "contact.verify"},
            ]
        )
        await database["inbox_reads"].insert_many([{"_id": "1"}, {"_id": "4"}])
        async with database.snapshot() as session:
            found = await books.notices(database, session)
        database.close()
    assert found == {"rsvps_untold": 1, "mails_without_line": 1, "reads_of_no_line": 1}
