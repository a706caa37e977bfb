"""Whatever people do, in whatever order and however long they wait: a group is what a naive one would be."""

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, multiple, rule

from chassis.ids import derived_id
from chassis.journal import Command
from groups_service.decisions import decisions
from groups_service.domain import circle as circles
from groups_service.domain.circle import Circle
from groups_service.domain.group import Details, Group
from groups_service.domain.invitation import Invitation
from groups_service.domain.permission import ROLES
from groups_service.domain.succession import due, lapse
from groups_service.handlers import group, invitation, membership, people, succession
from groups_service.handlers.group import Situation

from .naive import Card, Naive

START = datetime(2026, 11, 24, tzinfo=UTC)
DETAILS = Details(
    "jc-moms", "Moms", "Jersey City", "US", 40.7, -74.0, "America/New_York", join_questions=("How old are they?",)
)
IDEMPOTENT = (
    membership.JOIN,
    membership.LEAVE,
    people.APPROVE,
    people.REMOVE,
    people.BAN,
    people.UNBAN,
    group.CLOSE,
    succession.STEP_UP,
    succession.VOTE,
)
DECIDE = {name: decider.decide for name, decider in decisions().items()}

PERSONS = ["ada", "bo", "cy", "di"]
LEADER = "whoever organizes it"

persons = st.sampled_from(PERSONS)
actors = st.sampled_from([*PERSONS, *[LEADER] * len(PERSONS)])
"""Half of what leaders do is done by the organizer, or most of it would be refused."""


class Life(RuleBasedStateMachine):
    """Every command is decided as the journal decides it; the circle holds everybody who ever was there."""

    invitations = Bundle("invitations")

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[str, Invitation] = {}
        self.cards: dict[str, Card] = {}
        self.situation = Situation(Circle())
        self.model = Naive(None)
        self.now = START
        self.ids = count()
        self.versions: dict[str, int] = {}
        self.led_by = ""

    @property
    def circle(self) -> Circle:
        """As it is by now, also if no command has come since something was due."""
        found = self.situation.circle
        return circles.evolve(found, lapse(found.there, self.now), self.now)

    @property
    def group(self) -> Group:
        return self.circle.there

    def command(
        self, name: str, by: str | None, /, photo: bool = True, invitation: Invitation | None = None, **body: Any
    ) -> str | None:
        """The reason of a refusal."""
        self.model.tick(self.now)
        asked = Command(f"c{next(self.ids)}", name, "g", body, actor=by)
        situation = Situation(self.situation.circle, photo=photo, invitation=invitation)
        outcome = DECIDE[name](situation, asked, self.now)
        if outcome.refused is None:
            self.situation = outcome.state
            self.repeat(asked, photo)
        return outcome.refused

    def repeat(self, asked: Command, photo: bool) -> None:
        """What is asked for twice changes nothing but what is due since. A leader who puts themselves out is none any
        more, and may not do it again."""
        put_themselves_out = asked.name in people.ACTS and asked.actor == asked.body["member_id"]
        if asked.name in IDEMPOTENT and not put_themselves_out:
            again = DECIDE[asked.name](Situation(self.situation.circle, photo=photo), asked, self.now)
            assert (again.refused, list(again.facts)) == (None, lapse(self.situation.circle.there, self.now))

    def who(self, actor: str) -> str:
        """By name; the last organizer where there is none."""
        if actor != LEADER:
            return actor
        self.led_by = self.model.organizer or self.led_by
        return self.led_by

    @initialize(
        by=persons,
        mode=st.sampled_from(["open", "approval"]),
        others=st.lists(persons, unique=True),
        helper=st.sampled_from([None, *PERSONS]),
        goes=st.booleans(),
        days=st.sampled_from([0, 15]),
    )
    def found(self, by: str, mode: str, others: list[str], helper: str | None, *, goes: bool, days: int) -> None:
        """others: who comes in at once; helper: whom of them the organizer makes a co-organizer; goes: the organizer
        leaves, so many days ago."""
        facts = circles.found("g", by, details=DETAILS, instead=[], taken=frozenset(), number=1)
        assert isinstance(facts, list)
        self.situation = Situation(circles.evolve(Circle(), facts, self.now))
        self.model = Naive(by, state={by: "active"}, role={by: "organizer"})
        self.led_by = by
        for other in others:
            self.join(other, None, photo=True)
        if helper is not None and helper != by:
            self.give_role(by, helper, "co_organizer")
        self.edit(by, "join_mode", mode)
        if goes:
            self.leave(by)
            self.time_passes(days)

    @rule(days=st.sampled_from([1, 2, 3, 12, 15, 30]))
    def time_passes(self, days: int) -> None:
        self.now += timedelta(days=days)
        self.model.tick(self.now)

    @rule()
    def the_worker_looks(self) -> None:
        at = due(self.situation.circle.there)
        if at is not None and at <= self.now:
            asked = succession.lapse("g", self.group.version, at, self.now)
            assert self.command(asked.name, None, **asked.body) is None
            assert self.situation.circle == self.circle

    @rule(by=actors, what=st.sampled_from(["open", "approval", "closed", "photo", "private"]))
    def change(self, by: str, what: str) -> None:
        by = self.who(by)
        if what in ("photo", "private"):
            name, value = ("photo_required", True) if what == "photo" else ("visibility", "private")
            self.edit(by, name, value)
        else:
            self.edit(by, "join_mode", what)

    def edit(self, by: str, name: str, value: Any) -> None:
        refused = self.command(group.CHANGE, by, version=self.group.version, changes={name: value})
        assert refused == self.model.edit(by)
        if refused is None:
            field = {"photo_required": "photo", "visibility": "private", "join_mode": "mode"}[name]
            setattr(self.model, field, True if name == "visibility" else value)

    @rule(who=persons, answers=st.sampled_from([None, 0, 1, 2]), photo=st.booleans())
    def join(self, who: str, answers: int | None, photo: bool) -> None:
        given = None if answers is None else ["because"] * answers
        refused = self.command(membership.JOIN, who, photo=photo, member_id=who, answers=given)
        assert refused == self.model.join(who, answers, photo=photo)

    @rule(who=persons, behind=st.integers(0, 1))
    def join_for_event(self, who: str, behind: int) -> None:
        before = self.circle.who(who)
        seen = max(0, before.version - behind)
        assert self.command(membership.JOIN_FOR_EVENT, None, member_id=who, event_id="e", seen=seen) is None
        state = self.model.state.get(who)
        if state == "pending" or (state != "active" and seen == before.version):
            self.model.join(who, None, photo=True)

    @rule(target=invitations, by=actors, who=persons, days=st.sampled_from([1, 14]))
    def invite(self, by: str, who: str, days: int) -> Any:
        by, id_ = self.who(by), derived_id("invitation", "g", who)
        last = self.cards.get(id_)
        refused = self.command(invitation.INVITE, by, invitation=self.kept.get(id_), member_id=who, days=days)
        assert refused == self.model.invite(by, who, last, self.now)
        if refused is not None or (last is not None and last.dead(self.now) is None):
            return multiple()
        return self.made(Card(who, 1, self.now, self.now + timedelta(days=days)))

    @rule(target=invitations, by=actors, uses=st.integers(1, 3), days=st.sampled_from([1, 14]))
    def open_to_all(self, by: str, uses: int, days: int) -> Any:
        by = self.who(by)
        refused = self.command(invitation.OPEN, by, token=f"token{next(self.ids)}", days=days, uses=uses)
        assert refused == self.model.open_to_all(by)
        return (
            multiple()
            if refused is not None
            else self.made(Card(None, uses, self.now, self.now + timedelta(days=days)))
        )

    def made(self, card: Card) -> str:
        """The id of the invitation that was made just now, which is the card."""
        made = self.situation.invitation
        assert made is not None
        self.kept[made.id], self.cards[made.id] = made, card
        return made.id

    @rule(id_=invitations, who=persons, photo=st.booleans())
    def accept(self, id_: str, who: str, photo: bool) -> None:
        body = {"member_id": who, "invitation_id": id_}
        refused = self.command(invitation.ACCEPT, who, photo=photo, invitation=self.kept[id_], **body)
        assert refused == self.model.accept(self.cards[id_], who, self.now, photo=photo)
        self.keep(id_, refused)

    @rule(id_=invitations, by=actors)
    def revoke(self, id_: str, by: str) -> None:
        by = self.who(by)
        refused = self.command(invitation.REVOKE, by, invitation=self.kept[id_], invitation_id=id_)
        assert refused == self.model.revoke(by, self.cards[id_], self.now)
        self.keep(id_, refused)

    def keep(self, id_: str, refused: str | None) -> None:
        if refused is None:
            assert self.situation.invitation is not None
            self.kept[id_] = self.situation.invitation

    @invariant()
    def invitations_are_what_the_model_has(self) -> None:
        for id_, card in self.cards.items():
            kept = self.kept[id_]
            assert (kept.member_id, list(kept.used_by)) == (card.whose, card.came)
            assert kept.state(self.now) == (card.dead(self.now) or "open")
            assert len(card.came) <= card.uses

    @rule(who=persons)
    def leave(self, who: str) -> None:
        refused = self.command(membership.LEAVE, who, member_id=who)
        assert refused == self.model.leave(who, self.now)

    @rule(by=actors, who=persons, act=st.sampled_from(list(people.ACTS)))
    def act(self, by: str, who: str, act: str) -> None:
        by = self.who(by)
        refused = self.command(act, by, member_id=who)
        if act in (people.APPROVE, people.REJECT):
            assert refused == self.model.decide(by, who, "active" if act == people.APPROVE else "removed")
        else:
            assert refused == self.model.put_out(by, who, act.removeprefix("membership."))

    @rule(by=actors, nth=st.integers(0, len(PERSONS) - 1))
    def let_ask_again(self, by: str, nth: int) -> None:
        banned = [name for name, state in self.model.state.items() if state == "banned"] or PERSONS
        self.act(by, banned[nth % len(banned)], people.UNBAN)

    @rule(by=actors, who=persons, role=st.sampled_from(ROLES))
    def give_role(self, by: str, who: str, role: str) -> None:
        by = self.who(by)
        refused = self.command(people.CHANGE_ROLE, by, member_id=who, role=role)
        assert refused == self.model.give_role(by, who, role)

    @rule(who=persons)
    def step_up(self, who: str) -> None:
        assert self.command(succession.STEP_UP, who) == self.model.step_up(who, self.now)

    @rule(who=persons, nth=st.integers(0, len(PERSONS) - 1), anybody=st.sampled_from([True, False, False, False]))
    def vote(self, who: str, nth: int, *, anybody: bool) -> None:
        """Most who vote are members, and choose among those who offer, if there are any."""
        members = [name for name in PERSONS if self.model.active(name)]
        if not anybody and members and self.model.offers:
            voter = members[PERSONS.index(who) % len(members)]
            self.choose(voter, self.model.offers[nth % len(self.model.offers)])
        else:
            self.choose(who, PERSONS[nth])

    def choose(self, who: str, candidate: str) -> None:
        assert self.command(succession.VOTE, who, candidate_id=candidate) == self.model.vote(who, candidate)

    @rule(by=persons)
    def close(self, by: str) -> None:
        assert self.command(group.CLOSE, by) == self.model.close(by)

    @invariant()
    def people_are_where_the_model_has_them(self) -> None:
        if self.situation.circle.group is None:
            return
        rows = self.circle.people
        assert {name: row.state for name, row in rows.items() if row.state != "none"} == self.model.state
        assert {name: row.role for name, row in rows.items() if row.role != "member"} == self.model.role
        assert all(row.state == "active" for row in rows.values() if row.role != "member" or row.vote is not None)
        assert self.group.member_count == sum(state == "active" for state in self.model.state.values())

    @invariant()
    def the_group_is_where_the_model_has_it(self) -> None:
        if self.situation.circle.group is None:
            return
        self.model.tick(self.now)
        group = self.group
        assert (group.status, group.organizer_id) == (self.model.status(self.now), self.model.organizer)
        assert [name for name, role in self.model.role.items() if role == "organizer"] == (
            [] if group.organizer_id is None else [group.organizer_id]
        )
        assert due(group) == self.model.due(self.now)
        candidates = () if group.vacancy is None else group.vacancy.candidates
        assert [one.member_id for one in candidates] == self.model.offers
        assert [one.votes for one in candidates] == [self.model.votes(name) for name in self.model.offers]

    @invariant()
    def rows_stay_and_versions_rise(self) -> None:
        versions = {name: row.version for name, row in self.situation.circle.people.items()}
        assert all(versions[name] >= version for name, version in self.versions.items())
        self.versions = versions


TestLife = Life.TestCase
TestLife.settings = settings(max_examples=80, stateful_step_count=40, deadline=None)
