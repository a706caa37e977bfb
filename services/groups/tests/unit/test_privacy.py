"""Requests about a member's own data: what is asked, what can be undone, and when it is done."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest

from chassis.consumers import Effects, Received
from chassis.journal import Command, Outcome
from chassis.mongo import Database, Session
from contracts.privacy import PrivacyReceipt, PrivacyRequested
from groups_service.consumers.privacy import on_receipts
from groups_service.domain import circle as circles
from groups_service.domain import member as members
from groups_service.domain import membership as memberships
from groups_service.domain import privacy
from groups_service.domain.group import Details, Group
from groups_service.domain.invitation import Invited
from groups_service.domain.member import Member, Profile
from groups_service.domain.membership import Door, JoinRefused, Left, Membership
from groups_service.domain.privacy import GRACE, SERVICES, ErasureAskedAgain, ErasureBegun, Fact, Request
from groups_service.domain.refusal import Refused
from groups_service.handlers import privacy as handlers
from groups_service.handlers.group import Situation
from groups_service.messages import tell_circle
from groups_service.messages.privacy import tell_request
from groups_service.views import privacy as views

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)


def after(facts: list[Fact], request: Request | None = None, now: datetime = NOW) -> Request:
    for fact in facts:
        request = privacy.evolve(request, fact, now)
    assert request is not None
    return request


def test_every_step_of_a_request_is_counted() -> None:
    asked = in_grace()
    again = after([ErasureAskedAgain("r1", 5.0)], asked)
    begun = after([ErasureBegun("r1", "ada", 1)], again)
    received = after(privacy.receive(begun, "groups", "", 0), begun)
    undone = after(privacy.returned(asked), asked)
    assert [one.version for one in (asked, again, begun, received, undone)] == [1, 2, 3, 4, 2]


def in_grace() -> Request:
    return after(privacy.erase(None, "r1", "ada", round_=1, at_once=False, now=NOW))


async def handed_over(receipt: PrivacyReceipt, monkeypatch: pytest.MonkeyPatch) -> Command:
    """The command that a receipt becomes."""
    commands: list[Command] = []
    effects = Effects(cast("Database", None), cast("Session", None))
    monkeypatch.setattr(effects, "handoff", commands.append)
    type_ = "convene.events.privacy.returned.v1"
    head: dict[str, Any] = {
        "key": "r1",
        "type": type_,
        "id": "m1",
        "source": "/convene/events",
        "subject": "r1",
        "sequence": 1,
    }
    place: dict[str, Any] = {
        "topic": receipt.topic,
        "partition": 0,
        "offset": 0,
        "actor": "ada",
        "time": NOW,
        "trace": None,
    }
    await on_receipts([Received(**head, **place, body=receipt)], effects)
    [command] = commands
    return command


def test_an_erasure_waits_seven_days() -> None:
    request = in_grace()
    assert (request.status, request.due_at, request.missing) == ("grace", NOW + timedelta(days=7), ())
    assert privacy.lapse(request, NOW + GRACE - timedelta(milliseconds=1)) == []
    begun = after(privacy.lapse(request, NOW + GRACE), request, NOW + GRACE)
    assert (begun.status, begun.due_at, begun.missing) == ("asked", None, SERVICES)
    assert privacy.lapse(begun, NOW + 2 * GRACE) == []


def test_asking_again_changes_nothing_but_may_end_the_grace() -> None:
    request = in_grace()
    assert privacy.erase(request, "r1", "ada", round_=1, at_once=False, now=NOW + timedelta(days=1)) == []
    assert privacy.erase(request, "r1", "ada", round_=1, at_once=True, now=NOW) == [ErasureBegun("r1", "ada", 1)]
    begun = after(privacy.lapse(request, NOW + GRACE), request)
    assert privacy.erase(begun, "r1", "ada", round_=1, at_once=True, now=NOW) == []


def test_asking_again_with_a_younger_token_is_told_so_that_this_one_undoes_nothing_either() -> None:
    def ask(request: Request | None, issued_at: float | None) -> list[Fact]:
        return privacy.erase(request, "r1", "ada", round_=1, at_once=False, now=NOW, issued_at=issued_at)

    request = after(ask(None, 100.0))
    assert request.issued_at == 100.0
    for same in (None, 99.0, 100.0):
        assert ask(request, same) == []
    facts = ask(request, 100.5)
    assert facts == [ErasureAskedAgain("r1", 100.5)]
    again = after(facts, request)
    assert (again.issued_at, again.due_at, again.status) == (100.5, request.due_at, "grace")
    [told] = tell_request(Command("c", "privacy.erase", "r1", {}), Outcome(again, facts), NOW).messages
    assert told.type == "convene.groups.privacy.erasure-announced.v1"
    body = PrivacyRequested.model_validate_json(told.value or "")
    assert (body.issued_at, body.due_at) == (100.5, request.due_at)


def test_coming_back_undoes_it_until_it_has_begun() -> None:
    request = in_grace()
    undone = after(privacy.returned(request), request)
    assert (undone.status, undone.due_at) == ("undone", None)
    assert privacy.returned(undone) == []
    assert privacy.lapse(undone, NOW + GRACE) == []
    begun = after(privacy.lapse(request, NOW + GRACE), request)
    assert privacy.returned(begun) == []
    assert privacy.returned(None) == []


@pytest.mark.parametrize(
    ("issued_at", "status"), [(100.0, "grace"), (100.5, "grace"), (101.0, "undone"), (None, "undone")]
)
async def test_a_return_on_its_way_does_not_undo_an_erasure_asked_for_again_since(
    issued_at: float | None, status: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They came back with a token, and asked again with the one of 100.5 before groups heard of it."""
    told = PrivacyReceipt(request_id="r1", service="events", kind="erasure", returned=True, issued_at=issued_at)
    request = replace(in_grace(), issued_at=100.5)
    command = await handed_over(told, monkeypatch)
    outcome = handlers.decide_receive(request, command, NOW)
    assert outcome.state is not None
    assert outcome.state.status == status
    assert privacy.returned(in_grace(), 1.0), "the one that asked said no time"
    old = replace(command, body={name: value for name, value in command.body.items() if name != "issued_at"})
    assert handlers.decide_receive(request, old, NOW).facts, "handed over before this was looked at"


def test_it_is_done_when_every_receipt_is_there_and_the_first_of_each_counts() -> None:
    request = after(privacy.export(None, "r1", "ada", round_=1))
    for name in SERVICES:
        assert name in request.missing
        assert request.status == "asked"
        request = after(privacy.receive(request, name, "first", 3), request)
        assert privacy.receive(request, name, "second", 4) == []
    assert (request.status, request.missing) == ("done", ())
    assert [(receipt.service, receipt.attempt) for receipt in request.receipts] == [(one, "first") for one in SERVICES]
    assert privacy.receive(None, "groups", "", 0) == []
    assert privacy.receive(in_grace(), "groups", "", 0) == []
    assert privacy.export(request, "r1", "ada", round_=1) == []


def test_the_last_receipt_of_an_export_tells_that_it_is_ready() -> None:
    request = after(privacy.export(None, "r1", "ada", round_=1))
    told = []
    for name in SERVICES:
        facts = privacy.receive(request, name, "first", 3)
        request = after(facts, request)
        outcome: Outcome[Request | None] = Outcome(request, facts)
        told.append(
            [one.type for one in tell_request(Command("c", "privacy.receive", "r1", {}), outcome, NOW).messages]
        )
    assert told == [[], [], ["convene.groups.privacy.export-ready.v1"]]


def test_the_last_receipt_of_an_erasure_tells_nobody() -> None:
    request = after(privacy.erase(None, "r1", "ada", round_=1, at_once=True, now=NOW))
    for name in SERVICES:
        facts = privacy.receive(request, name, "", 0)
        request = after(facts, request)
        outcome: Outcome[Request | None] = Outcome(request, facts)
        assert tell_request(Command("c", "privacy.receive", "r1", {}), outcome, NOW).messages == []


@pytest.mark.parametrize(("state", "leaves"), [("active", True), ("pending", True), ("left", False), ("banned", False)])
def test_who_is_forgotten_goes_and_leaves_no_words(state: memberships.State, leaves: bool) -> None:
    group = _group()
    row = Membership(group.id, "bo", state, answers=("because",), version=3, created_at=NOW)
    circle = circles.Circle(group, {"bo": row})
    facts = circles.erase(circle, "bo", NOW)
    assert any(isinstance(fact, Left) for fact in facts) is leaves
    gone = circles.evolve(circle, facts, NOW).who("bo")
    assert (gone.answers, gone.vote, gone.erased) == ((), None, True)
    assert gone.state == ("left" if leaves else state)
    assert circles.erase(circles.Circle(group, {"bo": gone}), "bo", NOW) == []


def test_an_organizers_erasure_starts_the_succession() -> None:
    group = _group()
    row = Membership(group.id, "ada", "active", "organizer", version=1, created_at=NOW)
    circle = circles.Circle(group, {"ada": row})
    after_it = circles.evolve(circle, circles.erase(circle, "ada", NOW), NOW)
    assert (after_it.there.status, after_it.there.organizer_id) == ("grace", None)


def test_who_joins_again_can_be_forgotten_again() -> None:
    gone = Membership("g1", "bo", "left", version=4, created_at=NOW, erased=True)
    facts = memberships.join(gone, Door("open"), None)
    assert not isinstance(facts, Refused)
    joined = memberships.evolve(gone, facts[0], NOW)
    assert (joined.state, joined.erased) == ("active", False)
    assert memberships.erase(joined)


def _erased(circle: circles.Circle, member_id: str) -> tuple[circles.Circle, list[tuple[str, str | None]]]:
    """The circle after it, and what is told: key and value."""
    facts = circles.erase(circle, member_id, NOW)
    after_it = circles.evolve(circle, facts, NOW)
    told = tell_circle(Command("c", "membership.erase", "g1", {}), Outcome(Situation(after_it), facts), NOW)
    return after_it, [(message.key, message.value) for message in told.messages]


@pytest.mark.parametrize(
    "fact",
    [Invited("g1", "bo", "ada", "i", NOW), JoinRefused("g1", "bo", "e", "by-invitation")],
    ids=["asked", "refused"],
)
def test_who_was_named_and_never_a_member_is_forgotten_as_often_as_they_are(fact: circles.Fact) -> None:
    nobody = circles.Circle(_group())
    assert circles.erase(nobody, "bo", NOW) == []
    named = circles.evolve(nobody, [fact], NOW)
    assert circles.touched([fact]) == ["bo"]
    assert (named.who("bo").state, named.who("bo").version) == ("none", 0)
    once, told = _erased(named, "bo")
    assert told == [("g1:bo", None)]
    assert _erased(once, "bo")[1] == []
    again, told = _erased(circles.evolve(once, [fact], NOW), "bo")
    assert told == [("g1:bo", None)]
    assert again.who("bo").version > once.who("bo").version, "or it would be the same command"


def test_of_a_forgotten_member_no_profile_and_no_number_stay() -> None:
    member = Member("ada", 7, NOW, NOW, Profile(name="Ada", bio="Reads"), version=4)
    (fact,) = members.erase(member)
    gone = members.evolve(member, fact, NOW)
    assert (gone.profile, gone.number, gone.version, gone.erased) == (Profile(), 0, 5, True)
    assert members.erase(None) == []


def _group() -> Group:
    facts = circles.found("g1", "ada", details=DETAILS, instead=(), taken=frozenset(), number=1)
    assert not isinstance(facts, Refused)
    return circles.evolve(circles.Circle(), facts, NOW).there


DETAILS = Details(
    urlname="moms",
    name="Moms",
    description="",
    topics=(),
    city="Jersey City",
    country="US",
    state=None,
    lat=40.7,
    lon=-74.0,
    timezone="America/New_York",
    visibility="public",
    join_mode="open",
    join_questions=(),
    photo_required=False,
    members_are_called="Moms",
)


def test_an_export_answers_who_asks_again_until_it_is_done_and_a_day_old_or_they_were_forgotten() -> None:
    request, day = after(privacy.export(None, "r1", "ada", round_=1)), timedelta(days=1)
    done = replace(request, status="done", updated_at=NOW + day)
    assert views.answers(request, None, NOW + 3 * day)
    assert views.answers(done, None, NOW + day - timedelta(milliseconds=1))
    assert not views.answers(done, None, NOW + day)
    begun = after(privacy.erase(None, "e1", "ada", round_=1, at_once=True, now=NOW + day), now=NOW + day)
    assert not views.answers(request, begun, NOW + day)
    assert views.answers(replace(request, asked_at=NOW + 2 * day, updated_at=NOW + 2 * day), begun, NOW + 2 * day)
