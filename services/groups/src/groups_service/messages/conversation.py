"""What was said in groups, in the words that other services read. Reactions and pins are told nobody."""

from collections.abc import Iterator
from datetime import datetime

from chassis.journal.command import Command
from chassis.journal.decision import Outcome, Outgoing, Told
from contracts.groups import ConversationFact
from groups_service import messages
from groups_service.domain.post import Deleted, Fact, Hidden, Post, Posted, PostEdited, Replied, Shown
from groups_service.handlers.moderation import Case, following
from groups_service.handlers.post import Talk

_SAID = "convene.groups.conversation"


def tell_thread(command: Command, outcome: Outcome[Talk], now: datetime) -> Told:
    """What happened in the thread; who is mentioned hears of it in a message of its own."""
    told: list[Outgoing] = []
    for fact in outcome.facts:
        told += _about(outcome.state.thread.posts[fact.post_id], fact)
    return Told(messages=told)


def tell_case(command: Command, outcome: Outcome[Case], now: datetime) -> Told:
    """What it means for the group and its people; posts follow by commands of their own."""
    about_group = Outcome(outcome.state.situation, outcome.facts)
    told = messages.tell_circle(command, about_group, now)
    return Told(told.messages, [*told.children, *following(command, outcome.facts)])


def _about(post: Post, fact: Fact) -> Iterator[Outgoing]:
    match fact:
        case Posted():
            if fact.announcement:
                yield _outgoing(post, "announced", fact.text["excerpt"], mentions=fact.told)
            else:
                yield _outgoing(post, "posted", fact.text["excerpt"])
            yield from _mentioned(post, fact)
        case Replied():
            yield _outgoing(post, "replied", fact.text["excerpt"], answers=fact.answers)
            yield from _mentioned(post, fact)
        case PostEdited() if post.state == "shown":
            yield _outgoing(post, "edited", fact.text["excerpt"])
            yield from _mentioned(post, fact)
        case Deleted():
            yield _outgoing(post, "deleted")
        case Hidden():
            yield _outgoing(post, "hidden")
        case Shown():
            yield _outgoing(post, "shown", post.excerpt or None)


def _mentioned(post: Post, fact: Posted | Replied | PostEdited) -> Iterator[Outgoing]:
    if fact.told:
        yield _outgoing(post, "mentioned", fact.text["excerpt"], mentions=fact.told)


def _outgoing(
    post: Post, happened: str, excerpt: str | None = None, *, answers: str | None = None, mentions: tuple[str, ...] = ()
) -> Outgoing:
    thread_id = post.thread_id or post.id
    body = ConversationFact(
        group_id=post.group_id,
        post_id=post.id,
        thread_id=thread_id,
        author_id=post.author_id,
        excerpt=excerpt,
        answers=answers,
        mentions=list(mentions),
        version=post.version,
    )
    return Outgoing(
        topic=body.topic,
        type=f"{_SAID}.{happened}.v1",
        subject=thread_id,
        key=post.id,
        partition=thread_id,
        value=body.model_dump_json(),
    )
