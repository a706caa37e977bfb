"""Whatever people do, in whatever order: one organizer, exact counts, rows that stay."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from groups_service.domain import circle as circles
from groups_service.domain import membership as rules
from groups_service.domain.circle import Circle, Fact
from groups_service.domain.group import Details, Group
from groups_service.domain.membership import Door, Membership
from groups_service.domain.permission import ROLES, Role
from groups_service.domain.refusal import Refused

START = datetime(2026, 11, 24, tzinfo=UTC)
DETAILS = Details("jc-moms", "Jersey City Moms", "Jersey City", "US", 40.7, -74.0, "America/New_York")

people = st.sampled_from(["ada", "bo", "cy", "di"])
modes = st.sampled_from(["open", "approval", "closed"])


class GroupLife(RuleBasedStateMachine):
    """Commands in any order, by anybody; the circle holds everybody, as if all memberships were loaded."""

    def __init__(self) -> None:
        super().__init__()
        self.circle = Circle()
        self.now = START
        self.seen: dict[str, int] = {}

    def apply(self, decided: list[Fact] | Refused) -> None:
        if isinstance(decided, Refused):
            return
        self.now += timedelta(seconds=1)
        self.circle = circles.evolve(self.circle, decided, self.now)

    @property
    def group(self) -> Group:
        assert self.circle.group is not None
        return self.circle.group

    @property
    def door(self) -> Door:
        return Door(self.group.details.join_mode)

    def who(self, member_id: str) -> Membership:
        return self.circle.person("g", member_id)

    @initialize(by=people)
    def found(self, by: str) -> None:
        self.apply(circles.found("g", by, details=DETAILS, instead=[], taken=frozenset(), number=1))

    @rule(by=people, mode=modes)
    def edit(self, by: str, mode: str) -> None:
        decided = circles.edit(
            self.circle, by, version=self.group.version, changes={"join_mode": mode}, taken=frozenset()
        )
        self.apply(decided)

    @rule(who=people, answers=st.sampled_from([None, (), ("because",)]))
    def join(self, who: str, answers: tuple[str, ...] | None) -> None:
        decided = rules.join(self.who(who), self.door, answers)
        self.apply(decided if isinstance(decided, Refused) else [*decided])
        again = rules.join(self.who(who), self.door, answers)
        assert isinstance(again, Refused) or again == []

    @rule(who=people, seen=st.integers(0, 6))
    def join_for_event(self, who: str, seen: int) -> None:
        before = self.who(who)
        self.apply([*rules.join_for_event(before, self.door, event_id="e", seen=seen)])
        came = before.state not in ("active", "pending") and self.who(who).state in ("active", "pending")
        assert not came or before.version == seen

    @rule(by=people, who=people)
    def approve(self, by: str, who: str) -> None:
        decided = rules.approve(self.who(by), self.who(who))
        self.apply(decided if isinstance(decided, Refused) else [*decided])

    @rule(by=people, who=people)
    def reject(self, by: str, who: str) -> None:
        decided = rules.reject(self.who(by), self.who(who))
        self.apply(decided if isinstance(decided, Refused) else [*decided])

    @rule(who=people)
    def leave(self, who: str) -> None:
        decided = rules.leave(self.who(who))
        self.apply(decided if isinstance(decided, Refused) else [*decided])

    @rule(by=people, who=people, role=st.sampled_from(ROLES))
    def give_role(self, by: str, who: str, role: Role) -> None:
        self.apply(circles.give_role(self.circle, by, who, role))

    @invariant()
    def there_is_one_organizer_and_the_group_knows_them(self) -> None:
        organizers = [person.member_id for person in self.circle.people.values() if person.role == "organizer"]
        assert self.circle.group is None or organizers == [self.group.organizer_id]
        assert all(self.who(member_id).state == "active" for member_id in organizers)

    @invariant()
    def the_count_is_the_number_of_active_members(self) -> None:
        active = sum(person.state == "active" for person in self.circle.people.values())
        assert self.circle.group is None or self.group.member_count == active

    @invariant()
    def only_members_have_roles(self) -> None:
        assert all(person.role == "member" for person in self.circle.people.values() if person.state != "active")

    @invariant()
    def rows_stay_and_versions_rise(self) -> None:
        versions = {person.member_id: person.version for person in self.circle.people.values()}
        assert all(versions[member_id] >= version for member_id, version in self.seen.items())
        self.seen = versions


TestGroupLife = GroupLife.TestCase
TestGroupLife.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)


def founded() -> Circle:
    facts = circles.found("g", "olga", details=DETAILS, instead=[], taken=frozenset(), number=1)
    assert not isinstance(facts, Refused)
    return circles.evolve(Circle(), facts, START)


def reason(decided: object) -> str:
    assert isinstance(decided, Refused)
    return decided.reason


def test_the_first_free_urlname_is_taken() -> None:
    facts = circles.found("g", "olga", details=DETAILS, instead=["b", "c"], taken=frozenset({"jc-moms", "b"}), number=1)
    assert not isinstance(facts, Refused)
    group = circles.evolve(Circle(), facts, START).group
    assert group is not None
    assert group.details.urlname == "c"


def test_a_urlname_somebody_else_has_is_refused() -> None:
    assert (
        reason(circles.found("g", "olga", details=DETAILS, instead=[], taken=frozenset({"jc-moms"}), number=1))
        == reason(circles.edit(founded(), "olga", version=1, changes={"urlname": "x-y"}, taken=frozenset({"x-y"})))
        == "urlname-taken"
    )


def test_an_edit_of_an_old_version_is_refused() -> None:
    assert reason(circles.edit(founded(), "olga", version=2, changes={}, taken=frozenset())) == "stale-version"


def test_an_edit_to_what_is_already_so_changes_nothing() -> None:
    assert circles.edit(founded(), "olga", version=1, changes={"name": DETAILS.name}, taken=frozenset()) == []


def test_a_private_group_stays_private() -> None:
    circle = founded()
    assert circle.group is not None
    private = replace(circle.group, details=replace(DETAILS, visibility="private"))
    decided = circles.edit(
        Circle(private, circle.people), "olga", version=1, changes={"visibility": "public"}, taken=frozenset()
    )
    assert reason(decided) == "private-for-good"


def test_joining_does_not_make_an_edit_stale() -> None:
    circle = circles.evolve(
        founded(), [*rules.join_for_event(Membership("g", "bo"), Door("open"), event_id="e", seen=0)], START
    )
    assert circle.group is not None
    assert (circle.group.version, circle.group.member_count) == (1, 2)
