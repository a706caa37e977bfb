"""What is said about events and how they are rated, as it is kept: over memory, and over both drivers."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chassis.journal import Command
from chassis.markdown import written
from contracts.events import FeedbackFact, TalkFact
from events_service.domain.feedback import Totals
from events_service.handlers import comment, event, feedback, letter, rsvp
from events_service.handlers.feedback import feedback_aggregate
from events_service.handlers.talk import talk_aggregate
from events_service.store.feedback import totals_of
from events_service.store.talk import comment_of

from .deciding import Deciding, act

OVER = datetime(2026, 12, 2, tzinfo=UTC)


def say(name: str, by: str, body: str = "Hello", event_id: str = "e", **more: Any) -> Command:
    text = written(None, body)
    given = {"event_id": event_id, "body": body, "html": text.html, "excerpt": text.excerpt, "named": text.named}
    return Command(f"{name}-{by}-{body}-{more}", name, talk_aggregate(event_id), {**given, **more}, actor=by)


def delete(comment_id: str, by: str) -> Command:
    body = {"event_id": "e", "comment_id": comment_id}
    return Command(f"delete-{comment_id}-{by}", comment.DELETE, talk_aggregate("e"), body, actor=by)


def rate(by: str, stars: int, *next_: str, text: str = "") -> Command:
    body = {"event_id": "e", "stars": stars, "next": list(next_), "text": text, "next_text": ""}
    return Command(f"rate-{by}-{stars}-{next_}-{text}", feedback.GIVE, feedback_aggregate("e"), body, actor=by)


async def community(deciding: Deciding, *people: str) -> None:
    await deciding.event(capacity=9)
    for number, one in enumerate(("olga", *people)):
        await deciding.member(one, 100 + number)
        await deciding.membership(one, "active", 1)


async def made(deciding: Deciding, command: Command) -> str:
    outcome = await deciding.one(command)
    assert outcome.refused is None, outcome.detail
    return str(outcome.answer["comment_id"])


def told(deciding: Deciding) -> list[tuple[str, TalkFact]]:
    facts = [message for message in deciding.said if message.topic == TalkFact.topic]
    assert {(one.subject, one.partition) for one in facts} <= {("e", "e")}
    return [(one.type.split(".")[3], TalkFact.model_validate_json(one.value or "")) for one in facts]


async def test_a_talk_is_kept_and_told(deciding: Deciding) -> None:
    await community(deciding, "ada", "bo")
    first = await made(deciding, say(comment.COMMENT, "ada", "Who **comes**, @[bo]?"))
    second = await made(deciding, say(comment.REPLY, "bo", "Me", to=first))
    await deciding.one(say(comment.EDIT, "ada", "Who comes?", comment_id=first, version=1))
    await deciding.one(delete(second, "olga"))
    kept = await deciding.document("comments", first)
    assert kept is not None
    assert (kept["body"], kept["number"], kept["replies"], kept["version"]) == ("Who comes?", 1, 0, 2)
    before = await deciding.document("revisions", f"{first}:1")
    assert before is not None
    assert before["body"] == "Who **comes**, @[bo]?"
    gap = await deciding.document("comments", second)
    assert gap is not None
    assert (gap["state"], gap["body"], gap["to"], gap["number"]) == ("deleted", "", first, 2)
    talk = await deciding.document("talks", "talk:e")
    assert talk is not None
    assert (talk["comments"], talk["last_number"]) == (1, 2)
    said = told(deciding)
    assert [kind for kind, _ in said] == ["commented", "mentioned", "replied", "edited", "deleted"]
    assert [(fact.entry_id, fact.tells, fact.answers) for _, fact in said] == [
        (first, ["hana"], None),
        (first, ["bo"], None),
        (second, [], "ada"),
        (first, [], None),
        (second, [], None),
    ]
    assert [fact.excerpt for _, fact in said] == ["Who comes, @[bo]?"] * 2 + ["Me", "Who comes?", None]


async def test_a_comment_keeps_whom_it_ever_mentioned_and_one_of_before_those_it_mentions(deciding: Deciding) -> None:
    await community(deciding, "ada", "bo", "cy")
    id_ = await made(deciding, say(comment.COMMENT, "ada", "@[bo] and @[cy]?"))
    await deciding.one(say(comment.EDIT, "ada", "@[cy]?", comment_id=id_, version=1))
    kept = await deciding.document("comments", id_)
    assert kept is not None
    assert (kept["mentions"], kept["ever_mentioned"]) == (["cy"], ["bo", "cy"])
    before = {name: value for name, value in kept.items() if name != "ever_mentioned"}
    assert [comment_of(one).ever_mentioned for one in (kept, before)] == [("bo", "cy"), ("cy",)]


async def test_a_host_who_was_put_out_hears_of_no_comment_and_who_made_the_event_does(deciding: Deciding) -> None:
    await community(deciding, "ada", "hana")
    await made(deciding, say(comment.COMMENT, "ada", "One"))
    await deciding.membership("hana", "removed", 2)
    await made(deciding, say(comment.COMMENT, "ada", "Two"))
    assert [fact.tells for _, fact in told(deciding)] == [["hana"], ["olga"]]


async def test_texts_of_before_go_with_the_comment(deciding: Deciding) -> None:
    await community(deciding, "ada")
    id_ = await made(deciding, say(comment.COMMENT, "ada"))
    for version, body in enumerate(("One", "Two"), start=1):
        await deciding.one(say(comment.EDIT, "ada", body, comment_id=id_, version=version))
    assert await deciding.document("revisions", f"{id_}:2")
    await deciding.one(delete(id_, "ada"))
    assert [await deciding.document("revisions", f"{id_}:{number}") for number in (1, 2)] == [None, None]


async def test_two_comments_of_one_batch_have_their_own_numbers(deciding: Deciding) -> None:
    await community(deciding, "ada", "bo")
    outcomes = await deciding.batch(say(comment.COMMENT, "ada"), say(comment.COMMENT, "bo"))
    assert [outcome.answer["number"] for outcome in outcomes] == [1, 2]


@pytest.mark.parametrize("blocker", ["ada:bo", "bo:ada"])
async def test_a_block_is_seen_whoever_made_it(deciding: Deciding, blocker: str) -> None:
    await community(deciding, "ada", "bo")
    await deciding.project("blocks", {"_id": blocker, "v": 1, "members": blocker.split(":")})
    id_ = await made(deciding, say(comment.COMMENT, "ada"))
    await made(deciding, say(comment.REPLY, "bo", to=id_))
    assert told(deciding)[-1][1].answers is None
    await deciding.project("blocks", {"_id": blocker, "v": 1, "sequence": 2, "deleted": True})
    await made(deciding, say(comment.REPLY, "bo", "Again", to=id_))
    assert told(deciding)[-1][1].answers == "ada"


async def test_a_reply_is_told_to_nobody_who_was_put_out_of_the_group(deciding: Deciding) -> None:
    await community(deciding, "ada", "bo")
    id_ = await made(deciding, say(comment.COMMENT, "ada"))
    await made(deciding, say(comment.REPLY, "bo", to=id_))
    assert told(deciding)[-1][1].answers == "ada"
    await deciding.membership("ada", "banned", 2)
    await made(deciding, say(comment.REPLY, "bo", "Again", to=id_))
    assert told(deciding)[-1][1].answers is None


async def test_who_made_an_event_without_hosts_hears_while_in_the_group_and_then_its_organizer(
    deciding: Deciding,
) -> None:
    await community(deciding, "ada", "nina")
    event_id = await deciding.event(hosts=())
    held = await deciding.document("events", event_id)
    await deciding.project("events", {**(held or {}), "created_by": "nina"})
    await made(deciding, say(comment.COMMENT, "ada"))
    await deciding.membership("nina", "left", 2)
    await made(deciding, say(comment.COMMENT, "ada", "Again"))
    await deciding.project("blocks", {"_id": "olga:ada", "v": 1, "members": ["olga", "ada"]})
    await made(deciding, say(comment.COMMENT, "ada", "More"))
    assert [fact.tells for _, fact in told(deciding)] == [["nina"], ["olga"], []]


async def test_a_comment_on_nothing_is_refused(deciding: Deciding) -> None:
    outcome = await deciding.one(say(comment.COMMENT, "ada", event_id="nowhere"))
    assert outcome.refused == "unknown-event"


async def test_a_group_that_is_gone_has_no_new_comments_but_lets_old_ones_go(deciding: Deciding) -> None:
    await community(deciding, "ada")
    id_ = await made(deciding, say(comment.COMMENT, "ada"))
    await deciding.project("groups", {"_id": "g", "v": 1, "sequence": 9, "deleted": True})
    assert (await deciding.one(say(comment.COMMENT, "ada", "More"))).refused == "unknown-event"
    assert (await deciding.one(delete(id_, "ada"))).refused is None


async def test_a_letter_is_kept_told_and_withdrawn(deciding: Deciding) -> None:
    await community(deciding, "ada")
    assert (await deciding.one(say(letter.SEND, "ada", to="yes"))).refused == "not-allowed"
    outcome = await deciding.one(say(letter.SEND, "hana", "East **door**", to="all"))
    id_ = outcome.answer["message_id"]
    assert (outcome.created, outcome.answer["html"]) == (True, "<p>East <strong>door</strong></p>\n")
    kept = await deciding.document("letters", id_)
    assert kept is not None
    assert (kept["to"], kept["body"], kept["number"]) == ("all", "East **door**", 1)
    await deciding.one(letter.withdraw(kept))
    gone = await deciding.document("letters", id_)
    assert gone is not None
    assert (gone["withdrawn"], gone["body"], gone["html"]) == (True, "", "")
    (_, sent), (_, taken) = told(deciding)
    assert (sent.to, sent.excerpt, sent.author_id) == ("all", "East door", "hana")
    assert (taken.entry_id, taken.excerpt, taken.author_id) == (id_, None, "hana")


async def test_feedback_is_kept_counted_and_told_without_its_words(deciding: Deciding) -> None:
    await community(deciding, "ada", "bo")
    for one in ("ada", "bo"):
        await deciding.one(act(rsvp.RESPOND, "e", one, response="yes", guests=0))
    assert (await deciding.one(rate("ada", 5))).refused == "feedback-not-open"
    deciding.now = OVER
    assert (await deciding.one(rate("olga", 5))).refused == "was-not-there"
    first = await deciding.one(rate("ada", 4, "come-again", text="Planted"))
    assert (first.created, first.answer["version"]) == (True, 1)
    again = await deciding.one(rate("ada", 4, "come-again", text="Planted"))
    assert (list(again.facts), again.answer, again.created) == ([], first.answer, False)
    await deciding.one(rate("bo", 1))
    await deciding.one(rate("ada", 5, "help-out"))
    await deciding.one(rate("ada", 5, "help-out", text="Other words"))
    totals = await deciding.document("feedback_totals", "feedback:e")
    assert totals is not None
    assert totals_of(totals) == Totals("e", (1, 0, 0, 0, 1), {"help-out": 1})
    kept = await deciding.document("feedback", "e:bo")
    assert kept is not None
    await deciding.one(feedback.withdraw(kept))
    totals = await deciding.document("feedback_totals", "feedback:e")
    assert totals is not None
    assert totals_of(totals) == Totals("e", (0, 0, 0, 0, 1), {"help-out": 1})
    messages = [message for message in deciding.said if message.topic == FeedbackFact.topic]
    assert "Planted" not in repr(messages)
    facts = [FeedbackFact.model_validate_json(message.value or "") for message in messages]
    assert [message.type.split(".")[3] for message in messages] == ["given", "given", "changed", "withdrawn"]
    assert [(fact.member_id, fact.stars, fact.was) for fact in facts] == [
        ("ada", 4, None),
        ("bo", 1, None),
        ("ada", 5, 4),
        ("bo", None, 1),
    ]


async def test_who_comes_back_after_they_were_forgotten_was_at_nothing(deciding: Deciding) -> None:
    await deciding.event(capacity=9)
    await deciding.member("ada", 101)
    await deciding.one(act(rsvp.RESPOND, "e", "ada", response="yes", guests=0))
    deciding.now = OVER
    assert (await deciding.one(say(comment.COMMENT, "ada"))).refused is None
    await deciding.one(Command("forget", rsvp.ERASE, "e", {"member_id": "ada"}))
    assert (await deciding.one(rate("ada", 5))).refused == "was-not-there"
    assert (await deciding.one(say(comment.COMMENT, "ada", "Again"))).refused == "members-only"


async def test_talk_does_not_touch_the_event_or_its_ledger(deciding: Deciding) -> None:
    await community(deciding, "ada")
    before = [await deciding.document(name, "e") for name in ("events", "ledgers")]
    await made(deciding, say(comment.COMMENT, "ada"))
    await deciding.one(say(letter.SEND, "olga", to="yes"))
    assert [await deciding.document(name, "e") for name in ("events", "ledgers")] == before


async def test_comments_end_when_the_event_is_called_off(deciding: Deciding) -> None:
    await community(deciding, "ada")
    await deciding.one(act(event.CANCEL, "e"))
    assert (await deciding.one(say(comment.COMMENT, "ada"))).refused == "event-cancelled"
    assert (await deciding.one(say(letter.SEND, "olga", to="yes"))).refused is None
    deciding.now = OVER + timedelta(days=60)
    assert (await deciding.one(say(letter.SEND, "olga", "Late", to="yes"))).refused == "event-past"
