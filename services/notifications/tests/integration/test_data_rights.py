"""What members hear of requests about their own data: an archive is ready, and they are being forgotten."""

from chassis.clock import utc_now
from chassis.mongo import Document
from contracts.privacy import PrivacyRequested
from notifications_service.store.privacy import NotificationsHoldings
from testkit import eventually
from testkit.topics import messages

from .community import event, group, rsvp
from .conftest import Service, fresh


async def test_who_asked_for_their_data_hears_that_it_is_ready(service: Service) -> None:
    ada, request = fresh("ada"), fresh("request")
    address = await service.reachable(ada)
    asked = {"request_id": request, "member_id": ada, "kind": "export", "stage": "asked"}
    await service.publish("privacy.export-asked", PrivacyRequested.model_validate(asked), subject=request, actor=ada)
    ready = PrivacyRequested.model_validate({**asked, "ready": True})
    await service.publish("privacy.export-ready", ready, subject=request)
    [line] = await eventually(lambda: service.inbox(ada), within=30)
    assert (line["kind"], line["group_id"], line["export_id"]) == ("export.ready", None, request)
    [mail] = await eventually(lambda: service.mails(address), within=30)
    assert mail.summary()["subject"] == "Your data is ready"


async def test_an_export_has_the_inbox_with_what_was_read_and_the_mails(service: Service) -> None:
    ada, moms, olga = fresh("ada"), fresh("moms"), fresh("olga")
    address = await service.reachable(ada)
    await service.publish("group.created", group(moms, olga), subject=moms)
    for _ in range(2):
        park = fresh("park")
        await service.publish("event.published", event(park, moms, olga), subject=park)
        await service.publish("rsvp.confirmed", rsvp(park, moms, ada, 1, "yes"), subject=park, actor=ada)
    await eventually(lambda: len(service.mails(address)) == 2, within=30)
    newest, _ = await service.inbox(ada)
    await service.call(ada, "POST", f"/inbox/{newest['id']}/read")
    holds: dict[str, list[Document]] = {}
    async for name, documents in NotificationsHoldings(service.settings.sealer("address")).gather(
        service.database, ada
    ):
        holds.setdefault(name, []).extend(documents)
    assert [one["email"] for one in holds["contact-points"]] == [address]
    assert [(line["id"] == newest["id"], line["read_at"] is None) for line in holds["inbox"]] == [
        (False, True),
        (True, False),
    ]
    kinds = sorted(mail["kind"] for mail in holds["mails"])
    assert kinds == ["contact.verify", "rsvp.confirmed", "rsvp.confirmed"]
    assert "trace" not in holds["mails"][0]


async def test_the_receipt_of_an_erasure_is_the_last_mail_to_an_address_that_is_then_forgotten(
    service: Service,
) -> None:
    ada, request = fresh("ada"), fresh("request")
    address = await service.reachable(ada)
    post = {"_id": fresh("post"), "author_id": ada, "state": "shown", "excerpt": "words", "at": utc_now()}
    await service.database["posts"].insert_one(post)
    note = {"_id": fresh("note"), "event_id": "park", "member_id": ada, "mark": "attended", "at": utc_now()}
    await service.database["attendance"].insert_one(note)
    begun = {"request_id": request, "member_id": ada, "kind": "erasure", "stage": "begun"}
    await service.publish("privacy.erasure-begun", PrivacyRequested.model_validate(begun), subject=request, actor=ada)

    async def answered() -> bool:
        kafka = service.settings.kafka()
        return len(await messages(kafka, "privacy.receipts.v1", lambda head: head["ce_subject"] == request)) == 1

    await eventually(answered, within=60)
    [mail] = service.mails(address)
    assert mail.summary()["subject"] == "You are being forgotten"
    account = await service.database["accounts"].find_one({"_id": ada})
    assert account is not None
    assert account["address"] is None
    assert await service.database["mails"].count({"member_id": ada}) == 0
    assert await service.database["posts"].count({"author_id": ada}) == 0
    assert await service.database["attendance"].count({"member_id": ada}) == 0
    assert await service.inbox(ada) == []
