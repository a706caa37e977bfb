"""Reports: somebody tells those who can do something about it that a post or a person does harm."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final, Literal

from groups_service.domain import circle as circles
from groups_service.domain import moderation, people, succession
from groups_service.domain.circle import Circle
from groups_service.domain.membership import NOT_ALLOWED, Banned, Removed
from groups_service.domain.moderation import PostJudged
from groups_service.domain.permission import Action
from groups_service.domain.post import Post
from groups_service.domain.posting import MEMBERS_ONLY, NO_POST, POST_GONE
from groups_service.domain.refusal import Refused

What = Literal["post", "reply", "member", "group"]
Answer = Literal["dismiss", "hide", "delete", "remove", "ban"]
Judge = Literal["leaders", "platform"]

PATIENCE: Final = timedelta(days=7)
"""For so long a report waits for the group's leaders; then the platform's admins see it too."""


@dataclass(frozen=True, slots=True)
class Target:
    """What is reported. member_id: whose doing it is; thread_id: of a post or reply, the post that began the thread."""

    what: What
    id: str
    member_id: str | None
    thread_id: str | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """judge: who decides about it. action: what became of it, once somebody did. reporter_id: None once they are
    forgotten.
    """

    id: str
    group_id: str
    target: Target
    reporter_id: str | None
    judge: Judge
    reason: str
    text: str
    filed_at: datetime
    action: Answer | None = None
    note: str = ""
    resolved_by: str | None = None
    resolved_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ReportFiled:
    """words: `reason` and `text`, the reporter's own."""

    group_id: str
    report_id: str
    target: dict[str, str | None]
    reporter_id: str
    judge: Judge
    words: dict[str, str] = field(metadata={"personal": True})


@dataclass(frozen=True, slots=True)
class ReportResolved:
    """whom: who was reported; note: what who resolved it has to say to the other judges."""

    group_id: str
    report_id: str
    by: str
    action: Answer
    whom: str | None
    note: str = field(metadata={"personal": True})


@dataclass(frozen=True, slots=True)
class WordsForgotten:
    """Who filed it, or noted something when resolving it, is forgotten: their words go, the report and its end stay."""

    group_id: str
    report_id: str
    member_id: str


Fact = ReportFiled | ReportResolved | WordsForgotten

NO_REPORT: Final = Refused("report-not-found", "There is no such report.")
NOT_YOURS: Final = Refused("not-allowed", "The platform's admins judge this report.")


def file(
    report: Report | None,
    circle: Circle,
    by: str,
    *,
    report_id: str,
    target: Target,
    post: Post | None,
    words: dict[str, str],
) -> list[Fact] | Refused:
    """Report something; the same thing twice changes nothing.

    post: the one that is reported, if one is. Who never was in a private group has seen nothing there to report.
    """
    if report is not None:
        return []
    group = circle.there
    outside = not circle.who(by).came_in and target.what != "group"
    if outside and group.details.visibility == "private":
        return MEMBERS_ONLY
    refused = _nothing_there(circle, target, post)
    if refused is not None:
        return refused
    if target.member_id == by and target.what != "group":
        return Refused("own-case", "Nobody reports themselves.")
    about_leader = target.what == "group" or target.member_id == group.organizer_id
    judge: Judge = "platform" if about_leader or group.status == "closed" else "leaders"
    held = {"what": target.what, "id": target.id, "member_id": target.member_id, "thread_id": target.thread_id}
    return [ReportFiled(group.id, report_id, held, by, judge, words)]


def _nothing_there(circle: Circle, target: Target, post: Post | None) -> Refused | None:
    match target.what:
        case "member":
            there = target.member_id is not None and circle.who(target.member_id).came_in
            return None if there else people.NO_MEMBER
        case "post" | "reply":
            if post is None or post.group_id != circle.there.id:
                return NO_POST
            return POST_GONE if post.state == "deleted" else None
    return None


def resolve(
    report: Report | None,
    circle: Circle,
    by: str,
    *,
    action: Answer,
    note: str,
    platform: bool,
    post: Post | None,
    now: datetime,
) -> Sequence[circles.Fact | PostJudged | Fact] | Refused:
    """Decide about a report, and do what was decided. The same decision again changes nothing.

    platform: by one of the platform's admins, who may decide about every report and put out an organizer. A leader does
    not judge in their own case.
    """
    if report is None:
        return NO_REPORT
    leads = circle.who(by).may(Action.MODERATE) and report.judge == "leaders" and report.target.member_id != by
    if not (leads or platform):
        return NOT_YOURS if circle.who(by).may(Action.MODERATE) else NOT_ALLOWED
    if report.action is not None:
        again = Refused("report-resolved", f"This report was resolved before: {report.action}.")
        return [] if report.action == action else again
    done = _acts(report.target, circle, by, action, leads=leads and not platform, post=post, now=now)
    if isinstance(done, Refused):
        return done
    return [*done, ReportResolved(report.group_id, report.id, by, action, report.target.member_id, note)]


def _acts(
    target: Target, circle: Circle, by: str, action: Answer, *, leads: bool, post: Post | None, now: datetime
) -> Sequence[circles.Fact | PostJudged] | Refused:
    if action == "dismiss":
        return []
    if action in ("hide", "delete"):
        if target.what not in ("post", "reply"):
            return Refused("does-not-fit", "Only posts and replies are hidden or deleted.")
        return moderation.judge(circle.there.id, by, post, "hide" if action == "hide" else "delete")
    if target.what == "group" or target.member_id is None:
        return Refused("does-not-fit", "Only people are removed or banned.")
    if leads:
        return circles.act(circle, by, target.member_id, people.remove if action == "remove" else people.ban)
    return _put_out(circle, by, target.member_id, Removed if action == "remove" else None, now)


def _put_out(
    circle: Circle, by: str, member_id: str, removed: Callable[[str, str, str], Removed] | None, now: datetime
) -> Sequence[circles.Fact] | Refused:
    """The platform removes somebody, or bans them; also an organizer, whose group then looks for another."""
    group, who = circle.there, circle.who(member_id)
    if who.state == "none":
        return people.NO_MEMBER
    if who.state == "banned" or (removed is not None and who.state != "active"):
        return []
    fact = Banned(group.id, member_id, by, who.state) if removed is None else removed(group.id, member_id, by)
    if group.organizer_id == member_id:
        return [fact, succession.left(group, now)]
    return [*succession.gone(group, who), fact]


def forget(report: Report | None, member_id: str) -> list[Fact]:
    """Of who reported it, or resolved it with a note, no word stays. Where there is none, nothing changes."""
    if report is None or (report.reporter_id != member_id and not _noted(report, member_id)):
        return []
    return [WordsForgotten(report.group_id, report.id, member_id)]


def _noted(report: Report, member_id: str) -> bool:
    return report.resolved_by == member_id and bool(report.note)


def evolve(report: Report | None, fact: Fact, now: datetime) -> Report:
    """The report after the fact."""
    if isinstance(fact, ReportFiled):
        target = Target(**fact.target)  # type: ignore[arg-type] # as `file` wrote it
        reason, text = fact.words["reason"], fact.words["text"]
        return Report(fact.report_id, fact.group_id, target, fact.reporter_id, fact.judge, reason, text, now)
    if report is None:
        raise ValueError("nobody reported this")
    if isinstance(fact, WordsForgotten):
        after = replace(report, note="") if _noted(report, fact.member_id) else report
        return replace(after, reporter_id=None, reason="", text="") if report.reporter_id == fact.member_id else after
    return replace(report, action=fact.action, note=fact.note, resolved_by=fact.by, resolved_at=now)
