"""What is said about events: hosts, writers and attendees hear of it; and those who were there are asked how it was."""

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from chassis.clock import utc_now
from contracts.events import AttendanceChanged, EventState, FeedbackFact, TalkFact
from testkit import eventually

from .community import event, group, member, membership, rsvp
from .conftest import Service, fresh
from .test_event import kinds
from .test_group import founded


def talk(event_id: str, group_id: str, author: str, entry: str, **changes: Any) -> TalkFact:
    fact = {"event_id": event_id, "group_id": group_id, "entry_id": entry, "author_id": author, "version": 1}
    return TalkFact.model_validate({**fact, "excerpt": "Bring cake", **changes})


async def published(service: Service, *members: str) -> tuple[str, str, str]:
    """A group, its organizer and a published event of theirs."""
    moms, olga = await founded(service, *members)
    park = fresh("park")
    seq = await service.publish("event.published", event(park, moms, olga), subject=park, actor=olga)
    await service.reached("events.event.v1", park, seq)
    return moms, olga, park


async def answered(service: Service, park: str, moms: str, **statuses: str) -> None:
    """RSVPs, once this service knows of them."""
    seq = 0
    for number, (who, status) in enumerate(statuses.items(), start=1):
        kind = {"yes": "confirmed", "waitlist": "waitlisted"}[status]
        seq = await service.publish(f"rsvp.{kind}", rsvp(park, moms, who, number, status), subject=park, actor=who)
        await service.reached("events.rsvp.v1", park, seq)


async def told(service: Service, who: str, kind: str) -> list[dict[str, Any]]:
    return [line for line in await service.inbox(who) if line["kind"] == kind]


async def test_a_comment_tells_the_hosts_and_a_reply_the_writer(service: Service) -> None:
    hana, bo = fresh("hana"), fresh("bo")
    address = await service.reachable(hana)
    moms, _, park = await published(service, hana, bo)
    await service.publish("member.registered", member(bo, "Bo Baker"), subject=bo)
    said = talk(park, moms, bo, fresh("c"), tells=[hana])
    await service.publish("conversation.commented", said, subject=park, key=said.entry_id, actor=bo)
    answer = talk(park, moms, hana, fresh("r"), answers=bo, excerpt="I will")
    await service.publish("conversation.replied", answer, subject=park, key=answer.entry_id, actor=hana)
    [line] = await eventually(lambda: told(service, hana, "comment.made"), within=20)
    assert (line["event_id"], line["member_id"], line["post_id"]) == (park, bo, said.entry_id)
    assert line["text"].endswith("commented on Picnic in the park: Bring cake")
    [line] = await eventually(lambda: told(service, bo, "comment.replied"), within=20)
    assert line["text"].endswith("replied to you about Picnic in the park: I will")
    [mail] = await eventually(lambda: service.mails(address), within=20)
    assert mail.summary()["subject"].endswith("commented on Picnic in the park")
    assert "Bring cake" in mail.whole()["text"]


async def test_what_was_taken_away_is_shown_no_more(service: Service) -> None:
    hana, bo = fresh("hana"), fresh("bo")
    moms, _, park = await published(service, hana, bo)
    said = talk(park, moms, bo, fresh("c"), tells=[hana])
    await service.publish("conversation.commented", said, subject=park, key=said.entry_id, actor=bo)
    await eventually(lambda: told(service, hana, "comment.made"), within=20)
    gone = talk(park, moms, bo, said.entry_id, excerpt=None, version=2)
    await service.publish("conversation.deleted", gone, subject=park, key=said.entry_id, actor=bo)

    async def unsaid() -> bool:
        [line] = await told(service, hana, "comment.made")
        return "Bring cake" not in line["text"]

    await eventually(unsaid, within=20)


async def test_a_message_reaches_those_whose_rsvps_stand_so_and_not_its_author(service: Service) -> None:
    ada, bo, cy = fresh("ada"), fresh("bo"), fresh("cy")
    address = await service.reachable(ada)
    moms, olga, park = await published(service, ada, bo, cy)
    await answered(service, park, moms, **{ada: "yes", bo: "waitlist", olga: "yes"})
    letter = talk(park, moms, olga, fresh("l"), to="yes", excerpt="East door")
    await service.publish("conversation.addressed", letter, subject=park, key=letter.entry_id, actor=olga)
    [line] = await eventually(lambda: told(service, ada, "message.received"), within=20)
    assert "East door" in line["text"]

    def mailed() -> list[Any]:
        return [mail for mail in service.mails(address) if mail.summary()["subject"].startswith("Message about")]

    [mail] = await eventually(mailed, within=20)
    assert "East door" in mail.whole()["text"]
    both = talk(park, moms, olga, fresh("l"), to="all", excerpt="Rain")
    await service.publish("conversation.addressed", both, subject=park, key=both.entry_id, actor=olga)
    assert len(await eventually(lambda: told(service, bo, "message.received"), within=20)) == 1
    await eventually(partial(_as_many, service, ada, 2), within=20)
    assert await told(service, olga, "message.received") == []
    assert await kinds(service, cy) == []


async def _as_many(service: Service, who: str, many: int) -> bool:
    return len(await told(service, who, "message.received")) == many


async def put_out(service: Service) -> tuple[str, str, str, str, list[str]]:
    """A group, its organizer, a published event of theirs, who comes, and who came but was put out meanwhile."""
    ada, eve, moe = fresh("ada"), fresh("eve"), fresh("moe")
    moms, olga, park = await published(service, ada, eve, moe)
    await answered(service, park, moms, **{eve: "yes", moe: "yes", ada: "yes"})
    for who, state in ((eve, "banned"), (moe, "removed")):
        out = membership(moms, who, state, version=2)
        seq = await service.publish(f"membership.{state}", out, subject=moms, key=f"{moms}:{who}", actor=olga)
        await service.reached("groups.membership.v1", moms, seq)
    return moms, olga, park, ada, [eve, moe]


async def test_who_was_put_out_of_the_group_hears_nothing_more_of_its_event(service: Service) -> None:
    moms, olga, park, ada, out = await put_out(service)
    said = talk(park, moms, ada, fresh("c"), tells=[olga, *out])
    await service.publish("conversation.commented", said, subject=park, key=said.entry_id, actor=ada)
    for number, who in enumerate((*out, ada)):
        answer = talk(park, moms, olga, fresh(f"r{number}"), answers=who)
        await service.publish("conversation.replied", answer, subject=park, key=answer.entry_id, actor=olga)
    moved = event(park, moms, olga, changed=["place"], version=2)
    await service.publish("event.changed", moved, subject=park, actor=olga)
    await eventually(partial(told, service, ada, "event.changed"), within=30)
    off = event(park, moms, olga, status="cancelled", version=3)
    await service.publish("event.cancelled", off, subject=park, actor=olga)
    await eventually(partial(told, service, ada, "event.cancelled"), within=30)
    await eventually(partial(told, service, ada, "comment.replied"), within=30)
    await eventually(partial(told, service, olga, "comment.made"), within=30)
    for who in out:
        assert set(await kinds(service, who)) <= {"rsvp.confirmed", "group.removed"}


async def test_who_was_put_out_of_the_group_gets_no_message_and_is_not_asked_how_it_was(service: Service) -> None:
    moms, olga, park, ada, [eve, moe] = await put_out(service)
    letter = talk(park, moms, olga, fresh("l"), to="yes", excerpt="East door")
    await service.publish("conversation.addressed", letter, subject=park, key=letter.entry_id, actor=olga)
    await service.publish("event.ended", over(park, moms, olga, utc_now() - timedelta(days=2)), subject=park)
    for kind in ("message.received", "feedback.asked"):
        await eventually(partial(told, service, ada, kind), within=30)
        assert [await told(service, who, kind) for who in (eve, moe)] == [[], []]


def over(park: str, moms: str, olga: str, ended: datetime) -> EventState:
    times = {"starts_at_utc": ended - timedelta(hours=2), "ends_at_utc": ended}
    return event(park, moms, olga, status="past", version=2, **times)


async def test_those_who_were_there_and_have_not_said_so_are_asked_once_how_it_was(service: Service) -> None:
    ada, bo, cy = fresh("ada"), fresh("bo"), fresh("cy")
    moms, olga, park = await published(service, ada, bo, cy)
    await answered(service, park, moms, **{ada: "yes", bo: "waitlist", cy: "yes"})
    given = FeedbackFact(event_id=park, group_id=moms, member_id=cy, stars=5)
    seq = await service.publish("feedback.given", given, subject=park, key=f"{park}:{cy}", actor=cy)
    await service.reached("events.feedback.v1", park, seq)
    body = over(park, moms, olga, utc_now() - timedelta(days=2))
    await service.publish("event.ended", body, subject=park)
    [line] = await eventually(lambda: told(service, ada, "feedback.asked"), within=30)
    assert line["text"] == "How was Picnic in the park? Say what you make of it, and what next."
    again = over(park, moms, olga, utc_now() - timedelta(days=2))
    seq = await service.publish("event.changed", again, subject=park)
    await service.reached("events.event.v1", park, seq)
    spreads = await service.database["spreads"].find({"event_id": park, "kind": "feedback.asked"})
    assert [spread["told"] for spread in spreads] == [1]
    assert [await told(service, who, "feedback.asked") for who in (bo, cy, olga)] == [[], [], []]


async def noted(service: Service, park: str, moms: str, number: int, *, who: str, mark: str | None) -> None:
    """What leaders note of somebody, once this service knows of it."""
    note: dict[str, Any] = {"rsvp_id": f"{park}.{who}", "number": number, "event_id": park, "group_id": moms}
    note |= {"member_id": who, "mark": mark, "means": "hand", "by": "olga", "starts_at_utc": utc_now()}
    kind = "cleared" if mark is None else "checked-in" if mark == "attended" else "missed"
    body = AttendanceChanged.model_validate(note)
    seq = await service.publish(f"attendance.{kind}", body, subject=park, key=str(number), actor="olga")
    await service.reached("events.attendance.v1", park, seq)


async def test_who_is_noted_as_missing_or_excused_is_not_asked_how_it_was(service: Service) -> None:
    missed, excused, unsure, came, changed = (fresh(name) for name in ("mo", "ex", "un", "ca", "ch"))
    moms, olga, park = await published(service, missed, excused, unsure, came, changed)
    await answered(service, park, moms, **{missed: "yes", excused: "yes", unsure: "yes", came: "yes", changed: "yes"})
    for number, (who, mark) in enumerate({missed: "no_show", excused: "excused", unsure: "no_show"}.items(), start=1):
        await noted(service, park, moms, number, who=who, mark=mark)
    await noted(service, park, moms, 3, who=unsure, mark=None)
    await noted(service, park, moms, 5, who=changed, mark="attended")
    declined = rsvp(park, moms, changed, 5, "no", was="yes")
    seq = await service.publish("rsvp.declined", declined, subject=park, actor=changed)
    await service.reached("events.rsvp.v1", park, seq)
    ended = over(park, moms, olga, utc_now() - timedelta(days=2))
    await service.publish("event.ended", ended, subject=park)
    for who in (unsure, came, changed):
        assert len(await eventually(partial(told, service, who, "feedback.asked"), within=30)) == 1
    assert [await told(service, who, "feedback.asked") for who in (missed, excused)] == [[], []]


async def test_nobody_is_asked_before_an_hour_has_gone_by(service: Service) -> None:
    ada = fresh("ada")
    moms, olga, park = await published(service, ada)
    ended = utc_now().replace(microsecond=0)
    await service.publish("event.ended", over(park, moms, olga, ended), subject=park)
    [spread] = await eventually(
        lambda: service.database["spreads"].find({"event_id": park, "kind": "feedback.asked"}), within=20
    )
    assert spread["due_at"].replace(tzinfo=UTC) >= ended + timedelta(hours=1)


async def test_who_is_banned_from_a_private_group_reads_no_answer_and_no_place_any_more(service: Service) -> None:
    ann, bob = fresh("ann"), fresh("bob")
    address = await service.reachable(ann)
    moms, olga, park = await published(service, ann, bob)
    await service.publish("group.went-private", group(moms, olga, visibility="private", version=2), subject=moms)
    await answered(service, park, moms, **{ann: "yes"})
    moved = event(park, moms, olga, changed=["place"], version=2)
    await service.publish("event.changed", moved, subject=park, actor=olga)
    first = talk(park, moms, bob, fresh("r"), answers=ann, excerpt="Ring twice")
    await service.publish("conversation.replied", first, subject=park, key=first.entry_id, actor=bob)
    [line] = await eventually(lambda: told(service, ann, "comment.replied"), within=20)
    assert line["text"].endswith(": Ring twice")
    [line] = await eventually(lambda: told(service, ann, "event.changed"), within=20)
    assert "Van Vorst Park" in line["text"]

    def answers() -> list[Any]:
        return [mail for mail in service.mails(address) if "replied to you" in mail.summary()["subject"]]

    await eventually(answers, within=20)
    banned = membership(moms, ann, "banned", was="active", version=2)
    seq = await service.publish("membership.banned", banned, subject=moms, key=f"{moms}:{ann}", actor=olga)
    await service.reached("groups.membership.v1", moms, seq)
    second = talk(park, moms, bob, fresh("r"), answers=ann, excerpt="The key is under the mat")
    seq = await service.publish("conversation.replied", second, subject=park, key=second.entry_id, actor=bob)
    await service.reached("events.conversation.v1", park, seq)
    lines = [line["text"] for kind in ("comment.replied", "event.changed") for line in await told(service, ann, kind)]
    assert len(lines) == 2, "of the second answer nothing was told"
    mails = [{"member_id": ann, "kind": "comment.replied"}, {"member_id": ann, "post_id": second.entry_id}]
    assert [await service.database["mails"].count(mail) for mail in mails] == [1, 0]
    assert len(answers()) == 1
    for hidden in ("Ring twice", "mat", "Van Vorst"):
        assert not any(hidden in line for line in lines)
