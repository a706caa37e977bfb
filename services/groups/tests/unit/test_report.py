"""Reports: who may file and who judges them, and what a decision about one does."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from groups_service.domain import circle as circles
from groups_service.domain import membership as memberships
from groups_service.domain import moderation, people
from groups_service.domain import report as reports
from groups_service.domain.circle import Circle
from groups_service.domain.group import Details
from groups_service.domain.membership import Banned, Erased, Joined, Left, Membership, Rejected, Removed, Requested
from groups_service.domain.moderation import PostJudged
from groups_service.domain.permission import Role
from groups_service.domain.post import Post
from groups_service.domain.posting import MEMBERS_ONLY
from groups_service.domain.refusal import Refused
from groups_service.domain.report import Report, ReportFiled, ReportResolved, Target, WordsForgotten
from groups_service.domain.vacancy import OrganizerLeft

NOW = datetime(2026, 11, 26, 18, 30, tzinfo=UTC)
DETAILS = Details("jc-moms", "Jersey City Moms", "Jersey City", "US", 40.7, -74.0, "America/New_York")
POST = Post("p", "g", "ada", NOW, NOW, body="words")
ABOUT_POST = Target("post", "p", "ada", "p")
WORDS = {"reason": "spam", "text": "private words"}


def circle(people: Mapping[str, tuple[Role, str]], visibility: Any = "public") -> Circle:
    created = circles.found("g", "olga", details=DETAILS, instead=[], taken=frozenset(), number=1)
    assert not isinstance(created, Refused)
    found = circles.evolve(Circle(), created, NOW)
    rows = {
        name: Membership("g", name, state=state, role=role, version=1, came_in=state == "active")  # type: ignore[arg-type] # states are texts here
        for name, (role, state) in people.items()
    }
    details = replace(found.there.details, visibility=visibility)
    return Circle(replace(found.there, details=details), {**found.people, **rows})


MEMBERS: dict[str, tuple[Role, str]] = {
    "ada": ("member", "active"),
    "bo": ("member", "active"),
    "asa": ("assistant_organizer", "active"),
    "eve": ("event_organizer", "active"),
}


def filed(
    target: Target = ABOUT_POST, by: str = "bo", post: Post | None = POST, where: Circle | None = None
) -> list[reports.Fact] | Refused:
    where = where or circle(MEMBERS)
    return reports.file(None, where, by, report_id="x", target=target, post=post, words=WORDS)


def report(target: Target = ABOUT_POST, judge: Any = "leaders") -> Report:
    return Report("x", "g", target, "bo", judge, "spam", "private words", NOW)


def resolved(
    action: Any = "dismiss",
    by: str = "asa",
    about: Report | None = None,
    *,
    platform: bool = False,
    post: Post | None = POST,
    where: Circle | None = None,
) -> Sequence[object] | Refused:
    return reports.resolve(
        about or report(),
        where or circle(MEMBERS),
        by,
        action=action,
        note="",
        platform=platform,
        post=post,
        now=NOW,
    )


def reason(decided: object) -> str:
    assert isinstance(decided, Refused), decided
    return decided.reason


def test_a_report_goes_to_the_groups_leaders() -> None:
    facts = filed()
    assert isinstance(facts, list)
    [fact] = facts
    assert isinstance(fact, ReportFiled)
    assert (fact.judge, fact.reporter_id) == ("leaders", "bo")
    kept = reports.evolve(None, fact, NOW)
    assert kept == report()


@pytest.mark.parametrize(
    "target", [Target("member", "olga", "olga"), Target("post", "p", "olga", "p"), Target("group", "g", "olga")]
)
def test_what_leaders_cannot_judge_goes_to_the_platform(target: Target) -> None:
    facts = filed(target, post=replace(POST, author_id="olga"))
    assert isinstance(facts, list)
    [fact] = facts
    assert isinstance(fact, ReportFiled)
    assert fact.judge == "platform"


def test_reporting_twice_changes_nothing_also_after_it_was_resolved() -> None:
    for known in (report(), replace(report(), action="dismiss")):
        again = reports.file(known, circle(MEMBERS), "bo", report_id="x", target=ABOUT_POST, post=POST, words=WORDS)
        assert again == []


def test_nobody_reports_themselves_or_what_is_not_there() -> None:
    assert reason(filed(by="ada")) == "own-case"
    assert reason(filed(post=None)) == "post-not-found"
    assert reason(filed(post=replace(POST, group_id="h"))) == "post-not-found"
    assert reason(filed(post=replace(POST, state="deleted"))) == "post-gone"
    assert reason(filed(Target("member", "zoe", "zoe"), post=None)) == "not-a-member"


def through(*facts: memberships.Fact) -> Membership:
    """Bo's standing after all that."""
    bo = Membership("g", "bo")
    for fact in facts:
        bo = memberships.evolve(bo, fact, NOW)
    return bo


ASKED, JOINED, LEFT = Requested("g", "bo", ()), Joined("g", "bo", "member", ()), Left("g", "bo", "active")
BANNED, FORGOTTEN = Banned("g", "bo", "olga", "active"), Erased("g", "bo")
OUTSIDE = [
    (),
    (ASKED,),
    (ASKED, LEFT),
    (ASKED, Rejected("g", "bo", "olga")),
    (ASKED, BANNED),
    (JOINED, LEFT, FORGOTTEN),
]
INSIDE = [(JOINED,), (JOINED, LEFT), (JOINED, Removed("g", "bo", "olga"), ASKED), (JOINED, BANNED)]


@pytest.mark.parametrize(("facts", "inside"), [*((f, False) for f in OUTSIDE), *((f, True) for f in INSIDE)])
def test_who_never_was_in_a_group_has_seen_nothing_there_and_is_not_reported_there(
    facts: tuple[memberships.Fact, ...], inside: bool
) -> None:
    where = circle({"ada": ("member", "active")}, "private")
    where = replace(where, people={**where.people, "bo": through(*facts)})
    assert isinstance(filed(where=where), list) is inside
    if not inside:
        for whom in ("ada", "zoe"):
            assert filed(Target("member", whom, whom), where=where) == MEMBERS_ONLY, "who is in it is not told"
    assert isinstance(filed(Target("group", "g", "olga"), where=where), list)
    about = filed(Target("member", "bo", "bo"), by="ada", where=where)
    assert isinstance(about, list) is inside
    assert inside or about == people.NO_MEMBER, "who asks to join is told the leaders alone"


@pytest.mark.parametrize(("by", "may"), [("olga", True), ("asa", True), ("eve", False), ("bo", False), ("zoe", False)])
def test_leaders_resolve(by: str, may: bool) -> None:
    assert isinstance(resolved(by=by), list) is may


def test_no_leader_judges_their_own_case_or_what_is_the_platforms() -> None:
    own = report(Target("post", "p", "asa", "p"))
    assert reason(resolved(by="asa", about=own)) == "not-allowed"
    assert isinstance(resolved(by="olga", about=own), list)
    for by in ("olga", "asa"):
        assert reason(resolved(by=by, about=report(judge="platform"))) == "not-allowed"
    assert isinstance(resolved(by="root", about=report(judge="platform"), platform=True), list)


def test_the_same_decision_again_changes_nothing_and_another_is_refused() -> None:
    done = replace(report(), action="hide")
    assert resolved("hide", about=done) == []
    assert reason(resolved("delete", about=done)) == "report-resolved"


@pytest.mark.parametrize("action", ["hide", "delete"])
def test_hiding_and_deleting_act_on_the_post(action: Any) -> None:
    facts = resolved(action)
    assert facts == [
        PostJudged("g", "p", "p", "ada", "asa", action),
        ReportResolved("g", "x", "asa", action, "ada", ""),
    ]
    already: Any = {"hide": "hidden", "delete": "deleted"}[action]
    again = resolved(action, post=replace(POST, state=already, withheld=action == "hide"))
    assert again == [ReportResolved("g", "x", "asa", action, "ada", "")]
    assert reason(resolved(action, about=report(Target("member", "ada", "ada")))) == "does-not-fit"


def test_removing_and_banning_act_on_the_person() -> None:
    assert resolved("remove") == [
        Removed("g", "ada", "asa"),
        ReportResolved("g", "x", "asa", "remove", "ada", ""),
    ]
    assert resolved("ban", about=report(Target("member", "ada", "ada")), post=None) == [
        Banned("g", "ada", "asa", "active"),
        ReportResolved("g", "x", "asa", "ban", "ada", ""),
    ]


def test_what_a_leader_may_not_do_a_report_does_not_let_them() -> None:
    about = report(Target("member", "eve", "eve"))
    assert reason(resolved("ban", by="asa", about=about)) == "not-allowed"
    assert isinstance(resolved("ban", by="olga", about=about), list)


def test_an_admin_who_also_leads_the_group_may_do_what_an_admin_may() -> None:
    for about, where in (("eve", "asa"), ("olga", "asa")):
        told = report(Target("member", about, about))
        facts = resolved("ban", by=where, about=told, platform=True, post=None)
        assert isinstance(facts, list)
        assert facts[0] == Banned("g", about, where, "active")


def test_the_platform_puts_out_an_organizer_and_the_group_looks_for_another() -> None:
    about = report(Target("member", "olga", "olga"), judge="platform")
    facts = resolved("ban", by="root", about=about, platform=True, post=None)
    assert isinstance(facts, list)
    assert facts[0] == Banned("g", "olga", "root", "active")
    assert isinstance(facts[1], OrganizerLeft)
    after = circles.evolve(circle(MEMBERS), facts[:2], NOW)
    assert (after.there.organizer_id, after.there.status, after.who("olga").state) == (None, "grace", "banned")
    assert reason(resolved("ban", by="root", about=report(Target("group", "g", "olga")), platform=True)) == (
        "does-not-fit"
    )


@pytest.mark.parametrize(("by", "may"), [("olga", True), ("asa", True), ("eve", False), ("ada", False)])
def test_leaders_hide_show_and_delete_posts(by: str, may: bool) -> None:
    who = circle(MEMBERS).who(by)
    assert isinstance(moderation.judge_as(who, POST, "hide"), list) is may
    assert isinstance(moderation.judge_as(who, POST, "delete"), list) is may
    assert isinstance(moderation.judge_as(who, replace(POST, state="hidden"), "show"), list) is may


def test_no_leader_shows_their_own_post_again_that_another_has_hidden() -> None:
    where = circle(MEMBERS)
    hidden = replace(POST, author_id="asa", state="hidden")
    assert isinstance(moderation.judge_as(where.who("asa"), hidden, "show"), list)
    withheld = replace(hidden, withheld=True)
    assert reason(moderation.judge_as(where.who("asa"), withheld, "show")) == "not-allowed"
    assert isinstance(moderation.judge_as(where.who("olga"), withheld, "show"), list)
    assert isinstance(moderation.judge_as(where.who("asa"), withheld, "delete"), list)
    assert moderation.judge_as(where.who("olga"), hidden, "hide"), "until then it was hidden by its author alone"
    assert moderation.judge_as(where.who("olga"), withheld, "hide") == []


def test_what_is_so_already_is_not_judged_again() -> None:
    who = circle(MEMBERS).who("olga")
    assert moderation.judge_as(who, replace(POST, state="hidden", withheld=True), "hide") == []
    assert moderation.judge_as(who, POST, "show") == []
    assert reason(moderation.judge_as(who, replace(POST, group_id="h"), "hide")) == "post-not-found"


def test_what_is_deleted_is_neither_hidden_nor_shown() -> None:
    who, gone = circle(MEMBERS).who("olga"), replace(POST, state="deleted")
    assert reason(moderation.judge_as(who, gone, "hide")) == "post-gone"
    assert reason(moderation.judge_as(who, gone, "show")) == "post-gone"
    assert moderation.judge_as(who, gone, "delete") == []


def test_of_a_forgotten_reporter_no_words_stay_and_the_report_does() -> None:
    before = replace(report(), action="hide", note="rude indeed", resolved_by="asa", resolved_at=NOW)
    facts = reports.forget(before, "bo")
    assert facts == [WordsForgotten("g", "x", "bo")]
    after = reports.evolve(before, facts[0], NOW)
    assert after == replace(before, reporter_id=None, reason="", text="")
    assert reports.forget(after, "bo") == []


def test_of_a_forgotten_judge_the_note_goes_and_the_decision_stays() -> None:
    before = replace(report(), action="hide", note="rude indeed", resolved_by="asa", resolved_at=NOW)
    facts = reports.forget(before, "asa")
    after = reports.evolve(before, facts[0], NOW)
    assert after == replace(before, note="")
    assert reports.forget(after, "asa") == []


def test_who_wrote_nothing_in_a_report_is_not_forgotten_in_it() -> None:
    assert reports.forget(None, "bo") == []
    assert reports.forget(report(), "ada") == []
    resolved_by_another = replace(report(), action="dismiss", note="no", resolved_by="asa", resolved_at=NOW)
    assert reports.forget(resolved_by_another, "eve") == []
    both = replace(resolved_by_another, resolved_by="bo")
    after = reports.evolve(both, reports.forget(both, "bo")[0], NOW)
    assert (after.reporter_id, after.reason, after.text, after.note) == (None, "", "", "")
