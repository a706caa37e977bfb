"""What is told of what was said: ids, an excerpt, who is mentioned; nothing of what was taken away."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from chassis.journal import Command, Outcome, Outgoing
from contracts.groups import ConversationFact
from groups_service.decisions.post import decisions
from groups_service.domain.moderation import PostJudged
from groups_service.domain.post import (
    Deleted,
    Fact,
    Hidden,
    Pinned,
    Post,
    Posted,
    PostEdited,
    Reacted,
    Replied,
    Shown,
    Thread,
)
from groups_service.domain.post import evolve as evolve_thread
from groups_service.handlers.moderation import JUDGE, following
from groups_service.handlers.post import MODERATE, POST, Talk
from groups_service.messages.conversation import tell_thread

NOW = datetime(2026, 11, 26, 18, 30, tzinfo=UTC)
TEXT: dict[str, Any] = {"title": None, "body": "all words", "html": "<p>all words</p>", "excerpt": "few words"}
ROOT = Post("p", "g", "ada", NOW, NOW, body="all words", excerpt="few words", replies=1, last_number=1)
REPLY = Post("r", "g", "bo", NOW, NOW, thread_id="p", number=1, body="all words", excerpt="few words")
THREAD = Thread(ROOT, {"p": ROOT, "r": REPLY})


def told(fact: Fact, thread: Thread = THREAD) -> list[Outgoing]:
    after = evolve_thread(thread, fact, NOW)
    command = Command("c", POST, "p", {}, actor="ada")
    return list(tell_thread(command, Outcome(Talk(after), [fact]), NOW).messages)


@pytest.mark.parametrize(
    ("fact", "said"),
    [
        (Posted("g", "p", "ada", False, ("bo",), ("bo",), TEXT), ["posted", "mentioned"]),
        (Posted("g", "p", "olga", True, (), (), TEXT), ["announced"]),
        (Replied("g", "r2", "p", 2, "bo", "ada", ("cy",), ("cy",), TEXT), ["replied", "mentioned"]),
        (PostEdited("g", "p", "ada", ("bo",), (), TEXT), ["edited"]),
        (Deleted("g", "r", "bo"), ["deleted"]),
        (Hidden("g", "r", "olga"), ["hidden"]),
        (Shown("g", "r", "olga"), ["shown"]),
        (Pinned("g", "p", "olga"), []),
        (Reacted("g", "p", "bo", "like"), []),
    ],
)
def test_every_change_that_concerns_others_is_told(fact: Fact, said: list[str]) -> None:
    messages = told(fact)
    assert [message.type for message in messages] == [f"convene.groups.conversation.{one}.v1" for one in said]
    for message in messages:
        assert message.type in ConversationFact.types
        assert (message.subject, message.partition) == ("p", "p")
        assert "all words" not in (message.value or "")
        body = ConversationFact.model_validate_json(message.value or "")
        assert (body.group_id, body.post_id, message.key) == ("g", fact.post_id, fact.post_id)
        gone = message.type.split(".")[-2] in ("deleted", "hidden")
        assert body.excerpt == (None if gone else "few words")


def test_only_the_mention_names_who_is_mentioned_and_only_a_reply_whose_post_it_answers() -> None:
    replied, mentioned = told(Replied("g", "r2", "p", 2, "bo", "ada", ("cy", "ada"), ("cy",), TEXT))
    one, other = (ConversationFact.model_validate_json(message.value or "") for message in (replied, mentioned))
    assert (one.answers, one.mentions) == ("ada", [])
    assert (other.answers, other.mentions) == (None, ["cy"])


def test_an_announcement_names_who_is_told_of_a_mention_in_it() -> None:
    announced, mentioned = told(Posted("g", "p", "olga", True, ("bo", "cy"), ("bo",), TEXT))
    bodies = [ConversationFact.model_validate_json(message.value or "") for message in (announced, mentioned)]
    assert [body.mentions for body in bodies] == [["bo"], ["bo"]]


def test_what_is_shown_again_is_told_with_its_text_of_now_and_sealed_as_its_authors() -> None:
    hidden = evolve_thread(THREAD, Hidden("g", "p", "olga"), NOW)
    edited = evolve_thread(hidden, PostEdited("g", "p", "ada", (), (), {**TEXT, "excerpt": "new words"}), NOW)
    [message] = told(Shown("g", "p", "olga"), edited)
    assert ConversationFact.model_validate_json(message.value or "").excerpt == "new words"
    [moderate] = following(
        Command("c", JUDGE, "g", {}, actor="olga"), [PostJudged("g", "p", "p", "ada", "olga", "show")]
    )
    personal = decisions()[MODERATE].personal
    assert personal is not None
    assert personal.of(moderate) == "ada"
    assert message.topic in personal.topics
    assert evolve_thread(edited, Deleted("g", "p", "ada"), NOW).posts["p"].excerpt == ""


def test_an_edit_of_what_is_hidden_is_told_nobody() -> None:
    hidden = replace(ROOT, state="hidden")
    assert told(PostEdited("g", "p", "ada", (), (), TEXT), Thread(hidden, {"p": hidden})) == []
