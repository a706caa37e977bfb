"""What leaders do about posts: the group decides, in the turn that writes its audit log, and the thread follows."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from chassis.journal.command import Command
from chassis.journal.decision import Outcome, Result, refused
from chassis.journal.followed import Decided, run_followed
from chassis.journal.port import Ask, Journal
from groups_service.domain import circle as circles
from groups_service.domain import moderation, succession
from groups_service.domain import report as reports
from groups_service.domain.circle import NO_GROUP, Circle
from groups_service.domain.moderation import Act, PostJudged
from groups_service.domain.post import Post
from groups_service.domain.refusal import Refused
from groups_service.domain.report import Report
from groups_service.handlers.answer import Answer
from groups_service.handlers.group import Situation
from groups_service.handlers.post import MODERATE, thread_of

JUDGE: Final = "moderation.judge"

Fact = circles.Fact | PostJudged | reports.Fact


@dataclass(frozen=True, slots=True)
class Case:
    """A group with what is judged in it: a post, a report, or both."""

    situation: Situation
    post: Post | None = None
    report: Report | None = None


async def judge(journal: Journal, ask: Ask, followed: Decided, post: Mapping[str, Any], act: Act) -> Result:
    """Hide somebody's post, show it again, or delete it. post: its document."""
    body = {"post_id": post["_id"], "thread_id": thread_of(post), "act": act}
    return await with_post(journal, followed, ask(name=JUDGE, aggregate=post["group_id"], body=body))


async def with_post(journal: Journal, followed: Decided, command: Command) -> Result:
    """The group's decision, answered when the post has followed: the next read shall show it."""
    result, position = await run_followed(journal, followed, command)
    return replace(result, position=(*result.position, *position))


def decide_judge(case: Case, command: Command, now: datetime) -> Outcome[Case]:
    """The answer says how the post is about to be."""
    body, actor = command.body, command.actor or ""
    answer = {"post_id": body["post_id"], "state": _STATES[body["act"]]}
    outcome = decided(
        case, now, lambda circle: moderation.judge_as(circle.who(actor), case.post, body["act"]), lambda _: answer
    )
    return saying_what_follows(outcome, command)


def decided(
    case: Case,
    now: datetime,
    rule: Callable[[Circle], Sequence[Fact] | Refused],
    answer: Callable[[Case], Answer],
) -> Outcome[Case]:
    """What a rule says of the group as it is once everything has happened that was due by now."""
    circle = case.situation.circle
    if circle.group is None:
        return refused(case, NO_GROUP)
    lapsed = succession.lapse(circle.group, now)
    facts = rule(circles.evolve(circle, lapsed, now))
    if isinstance(facts, Refused):
        return refused(case, facts)
    report = case.report
    for fact in facts:
        if isinstance(fact, reports.Fact):
            report = reports.evolve(report, fact, now)
    happened: list[Fact] = [*lapsed, *facts]
    of_people = [fact for fact in happened if isinstance(fact, circles.Fact)]
    after = replace(case.situation, circle=circles.evolve(circle, of_people, now))
    case = replace(case, situation=after, report=report)
    return Outcome(case, happened, answer(case))


def saying_what_follows(outcome: Outcome[Case], command: Command) -> Outcome[Case]:
    """With the commands that whoever answers waits for."""
    follows = [child.id for child in following(command, outcome.facts)]
    return replace(outcome, answer={**outcome.answer, "follows": follows}) if follows else outcome


def following(command: Command, facts: Sequence[object]) -> list[Command]:
    """The commands by which posts follow what was decided about them."""
    return [
        command.child(
            MODERATE,
            fact.thread_id,
            {
                "group_id": fact.group_id,
                "post_id": fact.post_id,
                "author_id": fact.author_id,
                "by": fact.by,
                "act": fact.act,
            },
            tag=fact.post_id,
        )
        for fact in facts
        if isinstance(fact, PostJudged)
    ]


_STATES: Final[Mapping[Act, str]] = {"hide": "hidden", "show": "shown", "delete": "deleted"}
