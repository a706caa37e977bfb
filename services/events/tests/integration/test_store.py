"""The store over memory, over the driver in use and over the one that will follow it: one suite, the same answers."""

from dataclasses import asdict, replace
from datetime import timedelta

from chassis.journal import Command
from chassis.journal.slots import lane_index
from events_service.domain.place import Place
from events_service.domain.promotion import Promotion
from events_service.domain.rsvp import Expired, Promoted
from events_service.handlers import event
from events_service.handlers.offer import lapse
from events_service.handlers.rsvp import ERASE, RESPOND_WITH_ANSWERS

from .deciding import GROUP, Deciding, act, answer, change, sweep


async def status(deciding: Deciding, event_id: str, *members: str) -> list[str]:
    found = [await deciding.document("rsvps", f"{event_id}:{member}") for member in members]
    return ["none" if rsvp is None else rsvp["status"] for rsvp in found]


async def test_an_event_comes_back_as_it_was_decided(deciding: Deciding) -> None:
    event_id = await deciding.event()
    document = await deciding.document("events", event_id)
    again = await deciding.one(act(event.ANNOUNCE, event_id))
    assert document is not None
    assert again.state.event.details.place.url == "https://meet.test/1"
    assert (again.state.event.version, again.state.event.status) == (3, "published")
    assert document["topic_keys"] == ["rust", "open-source"]
    assert document["point"] == {"type": "Point", "coordinates": [-46.63, -23.55]}
    unchanged = await deciding.one(change(event_id, 3, title="Bread"))
    assert unchanged.facts == ()


async def test_a_batch_seats_as_many_as_fit_and_keeps_the_journals_counters(deciding: Deciding) -> None:
    event_id = await deciding.event()
    ledger = await deciding.document("ledgers", event_id)
    assert ledger is not None
    await deciding.project("ledgers", {**ledger, "journal": {"sequence": 9, "sent": {}}})
    outcomes = await deciding.batch(*(answer(event_id, f"m{n}") for n in range(5)))
    assert [outcome.answer["status"] for outcome in outcomes] == ["yes", "yes", "waitlist", "waitlist", "waitlist"]
    assert len({outcome.answer["number"] for outcome in outcomes}) == 5
    ledger = await deciding.document("ledgers", event_id)
    assert ledger is not None
    assert ledger["journal"] == {"sequence": 9, "sent": {}}
    assert [party[1] for party in ledger["head"]] == ["m2", "m3", "m4"]


async def test_a_long_line_is_drained_by_continuations(deciding: Deciding) -> None:
    event_id = await deciding.event(capacity=1)
    await deciding.batch(*(answer(event_id, f"m{n:03}") for n in range(301)))
    ledger = await deciding.document("ledgers", event_id)
    assert ledger is not None
    assert (ledger["waiting"], len(ledger["head"])) == (300, 50)
    [raised] = await deciding.batch(change(event_id, 2, capacity=290))
    assert sum(isinstance(fact, Promoted) for fact in raised.facts) == 50
    ledger = await deciding.document("ledgers", event_id)
    assert ledger is not None
    assert ledger["due"]
    [late] = await deciding.batch(answer(event_id, "late"))
    assert late.answer["status"] == "waitlist"
    await deciding.settle()
    ledger = await deciding.document("ledgers", event_id)
    assert ledger is not None
    assert (ledger["seats"], ledger["waiting"], ledger["due"]) == (290, 12, False)
    assert [party[1] for party in ledger["head"]] == [*(f"m{n:03}" for n in range(290, 301)), "late"]


async def test_a_long_line_of_one_side_is_drained_past_the_others(deciding: Deciding) -> None:
    place = Place("hybrid", "Padaria", "Rua 1", -23.55, -46.63, "https://meet.test/1", capacity=1, guest_limit=0)
    event_id = await deciding.event(capacity=1, place=place)
    await deciding.batch(*(answer(event_id, f"p{n:03}", place="physical") for n in range(240)))
    await deciding.batch(*(answer(event_id, f"o{n:03}", place="online") for n in range(120)))
    ledger = await deciding.document("ledgers", event_id)
    assert ledger is not None
    assert (ledger["waiting"], ledger["online"]["waiting"], len(ledger["online"]["head"])) == (239, 119, 50)
    [raised] = await deciding.batch(change(event_id, 2, place=asdict(replace(place, capacity=110))))
    assert sum(isinstance(fact, Promoted) for fact in raised.facts) == 50
    [late] = await deciding.batch(answer(event_id, "late", place="online"))
    assert late.answer["status"] == "waitlist"
    await deciding.settle()
    ledger = await deciding.document("ledgers", event_id)
    assert ledger is not None
    assert (ledger["seats"], ledger["waiting"], ledger["due"]) == (1, 239, False)
    online = ledger["online"]
    assert (online["seats"], online["waiting"], online["due"], online["guest_limit"]) == (110, 11, False, 0)
    assert [party[1] for party in online["head"]] == [*(f"o{n:03}" for n in range(110, 120)), "late"]
    rsvps = [await deciding.document("rsvps", f"{event_id}:{who}") for who in ("p000", "o000")]
    assert [rsvp and rsvp.get("room") for rsvp in rsvps] == [None, 2]


async def test_leaving_releases_what_did_not_know_of_it(deciding: Deciding) -> None:
    event_id = await deciding.event(capacity=1)
    await deciding.membership("ada", "active", 1)
    await deciding.membership("bo", "active", 1)
    await deciding.one(answer(event_id, "ada"))
    await deciding.one(answer(event_id, "bo"))
    await deciding.membership("ada", "left", 2)
    assert await status(deciding, event_id, "ada", "bo") == ["no", "yes"]
    # who comes back by an RSVP that saw the leaving is not thrown out by its late sweep
    await deciding.one(answer(event_id, "ada", nth=2))
    await deciding.one(sweep("ada", "left", 2))
    assert await status(deciding, event_id, "ada") == ["waitlist"]


async def test_a_sweep_reaches_the_rsvps_of_every_lane(deciding: Deciding) -> None:
    """Whichever lane it begins in, and whatever number of lanes its sender saw."""
    deciding.lanes, people = 3, ("ada", "bo", "cy", "dee", "eve", "flo")
    assert {lane_index(sweep(one, "left", 2).aggregate, 3) for one in people} == {0, 1, 2}
    event_id = await deciding.event(capacity=9)
    for one in people:
        await deciding.membership(one, "active", 1)
        await deciding.one(answer(event_id, one))
    for one in people[:4]:
        await deciding.membership(one, "left", 2)
    for one in people[4:]:
        late = sweep(one, "left", 2)
        await deciding.one(replace(late, body={**late.body, "lanes": 2}))
    assert await status(deciding, event_id, *people) == ["no"] * 6


async def test_an_rsvp_of_the_same_batch_does_not_slip_past_a_ban(deciding: Deciding) -> None:
    event_id = await deciding.event(capacity=1)
    await deciding.membership("ada", "active", 1)
    await deciding.turn("ada", "banned", 2)
    [handed], deciding.waiting = deciding.waiting, []
    _, late = await deciding.batch(handed, answer(event_id, "ada"))
    assert late.refused == "not-allowed"


async def test_an_rsvp_decided_while_its_member_is_banned_is_released(deciding: Deciding) -> None:
    """The RSVP's snapshot knew nothing of the ban, the consumer's nothing of the RSVP: the sweep's knows both."""
    event_id = await deciding.event(capacity=1)
    await deciding.membership("ada", "active", 1)
    [decided] = await deciding.batch(answer(event_id, "ada"), meanwhile=deciding.turn("ada", "banned", 2))
    assert decided.answer["status"] == "yes"
    await deciding.settle()
    assert await status(deciding, event_id, "ada") == ["no"]


async def test_a_request_decided_while_its_member_is_approved_is_decided(deciding: Deciding) -> None:
    event_id = await deciding.event(capacity=1)
    await deciding.project("groups", {**GROUP, "join_mode": "approval"})
    [decided] = await deciding.batch(answer(event_id, "ada"), meanwhile=deciding.turn("ada", "active", 1))
    assert decided.answer["status"] == "requested"
    await deciding.settle()
    assert await status(deciding, event_id, "ada") == ["yes"]


async def test_an_approval_decides_requests_in_their_original_order(deciding: Deciding) -> None:
    event_id = await deciding.event(capacity=1)
    await deciding.project("groups", {**GROUP, "join_mode": "approval"})
    for member in ("bo", "cy"):
        await deciding.membership(member, "active", 1)
    await deciding.one(answer(event_id, "ada"))
    await deciding.one(answer(event_id, "bo"))
    await deciding.one(answer(event_id, "cy"))
    assert await status(deciding, event_id, "ada", "bo", "cy") == ["requested", "yes", "waitlist"]
    await deciding.membership("ada", "active", 2)
    ledger = await deciding.document("ledgers", event_id)
    assert ledger is not None
    assert [party[1] for party in ledger["head"]] == ["ada", "cy"]
    await deciding.one(answer(event_id, "bo", "no"))
    assert await status(deciding, event_id, "ada", "cy") == ["yes", "waitlist"]


async def test_taking_a_request_back_lets_nobody_pass(deciding: Deciding) -> None:
    event_id = await deciding.event(capacity=2)
    await deciding.project("groups", {**GROUP, "join_mode": "approval"})
    for member in ("bo", "cy", "di"):
        await deciding.membership(member, "active", 1)
    await deciding.one(answer(event_id, "ada"))
    await deciding.one(answer(event_id, "bo"))
    await deciding.one(answer(event_id, "cy", guests=1))
    await deciding.one(answer(event_id, "di"))
    await deciding.one(answer(event_id, "ada", "no"))
    assert await status(deciding, event_id, "ada", "bo", "cy", "di") == ["no", "yes", "waitlist", "waitlist"]
    await deciding.one(answer(event_id, "bo", "no"))
    assert await status(deciding, event_id, "cy", "di") == ["yes", "waitlist"]


async def test_a_host_takes_no_seat(deciding: Deciding) -> None:
    event_id = await deciding.event(capacity=1)
    for member in ("hana", "ada", "bo"):
        await deciding.one(answer(event_id, member))
    assert await status(deciding, event_id, "hana", "ada", "bo") == ["yes", "yes", "waitlist"]
    refused = await deciding.one(change(event_id, 2, hosts=[]))
    assert refused.refused == "host-needs-a-seat"
    await deciding.one(change(event_id, 2, hosts=["hana", "ada"]))
    assert await status(deciding, event_id, "bo") == ["yes"]


async def test_lowering_the_capacity_below_the_seats_used_is_refused(deciding: Deciding) -> None:
    event_id = await deciding.event(capacity=3)
    await deciding.one(answer(event_id, "ada", guests=1))
    refused = await deciding.one(change(event_id, 2, capacity=1))
    assert refused.refused == "capacity-below-used"
    lowered = await deciding.one(change(event_id, 2, capacity=2))
    assert lowered.answer["capacity"] == 2
    assert (await deciding.one(answer(event_id, "bo"))).answer["status"] == "waitlist"


async def test_offers_expire_the_first_first_and_the_log_keeps_who_followed(deciding: Deciding) -> None:
    event_id = await deciding.event(capacity=2, promotion=Promotion("offer", offer_ttl=3600))
    for member in ("ada", "bo", "cy", "dee", "eve"):
        await deciding.one(answer(event_id, member))
    await deciding.one(answer(event_id, "ada", "no"))
    deciding.now += timedelta(minutes=30)
    await deciding.one(answer(event_id, "bo", "no"))
    assert await status(deciding, event_id, "cy", "dee", "eve") == ["offered", "offered", "waitlist"]
    ledger = await deciding.document("ledgers", event_id)
    assert ledger is not None
    assert (ledger["held"], ledger["offers"], ledger["lapses"]) == (2, 2, deciding.now + timedelta(minutes=30))
    deciding.now += timedelta(minutes=30)
    await deciding.one(lapse(event_id, ledger["seq"], ledger["lapses"], deciding.now))
    assert await status(deciding, event_id, "cy", "dee", "eve") == ["no", "offered", "offered"]
    again = await deciding.document("ledgers", event_id)
    assert again is not None
    assert again["lapses"] == deciding.now + timedelta(minutes=30)
    early = await deciding.one(lapse(event_id, again["seq"], again["lapses"], deciding.now))
    assert not [fact for fact in early.facts if isinstance(fact, Expired)]
    moves = [await deciding.document("moves", f"{event_id}:{seq}") for seq in range(1, again["seq"] + 1)]
    assert [(move["member_id"], move["status"], move.get("expired")) for move in moves if move is not None] == [
        ("cy", "offered", None),
        ("dee", "offered", None),
        ("cy", "no", True),
        ("eve", "offered", None),
    ]


async def test_what_two_looks_of_one_batch_offer_expires_too(deciding: Deciding) -> None:
    event_id = await deciding.event(capacity=1, promotion=Promotion("offer", offer_ttl=3600))
    for member in ("ada", "bo", "cy", "dee"):
        await deciding.one(answer(event_id, member))
    await deciding.one(answer(event_id, "ada", "no"))
    for follower in ("cy", "dee"):
        deciding.now += timedelta(hours=1)
        ledger = await deciding.document("ledgers", event_id)
        assert ledger is not None
        assert ledger["lapses"] is not None, "nobody would look any more"
        # one worker looked before the last decision, one after it
        looks = [lapse(event_id, seq, ledger["lapses"], deciding.now) for seq in (ledger["seq"] - 1, ledger["seq"])]
        await deciding.batch(*looks)
        assert await status(deciding, event_id, follower) == ["offered"]
    assert await status(deciding, event_id, "bo", "cy") == ["no", "no"]


async def test_answers_go_with_their_person(deciding: Deciding) -> None:
    event_id = await deciding.event(questions=("Sour or sweet?",))
    body = {"response": "yes", "guests": 0, "answers": ["sour"]}
    said = await deciding.one(Command("said", RESPOND_WITH_ANSWERS, event_id, body, actor="ada"))
    assert "answers" not in said.answer
    await deciding.one(answer(event_id, "ada", "yes", 1))
    kept = await deciding.document("rsvps", f"{event_id}:ada")
    assert kept is not None
    assert (kept["answers"], kept["guests"]) == (["sour"], 1)
    await deciding.one(Command("erase", ERASE, event_id, {"member_id": "ada"}))
    erased = await deciding.document("rsvps", f"{event_id}:ada")
    assert erased is not None
    assert ("answers" in erased, erased["status"]) == (False, "no")
