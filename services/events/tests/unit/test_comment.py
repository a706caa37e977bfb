"""Who says what about an event, what becomes of it, and who hears of it."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from services.events.tests.unit.talking import (
    GROUP,
    LEADER,
    MEMBER,
    NOW,
    OTHER,
    OVER,
    TEXT,
    done,
    event,
    outsider,
    reason,
    speaker,
)

from events_service.domain import comment as comments
from events_service.domain import commenting
from events_service.domain.comment import Comment, CommentDeleted, Commented, CommentEdited, Replied
from events_service.domain.group import Membership
from events_service.domain.speaker import Speaker
from events_service.domain.talk import Talk, evolve

Said = tuple[Talk, dict[str, Comment]]

NOTHING: Said = (Talk("e"), {})


def after(said: Said, decided: Any) -> Said:
    talk, known = said
    for fact in done(decided):
        talk, known = evolve(talk, fact, NOW), comments.evolve(known, fact, NOW)
    return talk, known


def comment(said: Said, by: Speaker, id_: str = "c", named: Sequence[str] = ()) -> Any:
    return commenting.comment(by, said[0], comment_id=id_, text=TEXT, named=named)


def reply(said: Said, by: Speaker, to: str = "c", id_: str = "r", named: Sequence[str] = ()) -> Any:
    return commenting.reply(by, said[0], said[1].get(to), comment_id=id_, text=OTHER, named=named)


def commented(by: str = "ada") -> Said:
    return after(NOTHING, comment(NOTHING, speaker(by)))


def replied() -> Said:
    said = commented()
    return after(said, reply(said, speaker("bo")))


TAKES_PART: list[Callable[[], Speaker]] = [
    speaker,
    lambda: speaker("olga", LEADER),
    lambda: outsider("hana"),
    *(lambda status=status: outsider(rsvp=status) for status in ("yes", "waitlist", "offered")),
    lambda: speaker(group=replace(GROUP, visibility="private")),
    lambda: speaker(event=event(ended_at=OVER)),
]
DOES_NOT: list[tuple[Callable[[], Speaker], str]] = [
    (outsider, "members-only"),
    (lambda: outsider(rsvp="no"), "members-only"),
    (lambda: outsider(rsvp="requested"), "members-only"),
    (lambda: outsider(rsvp="yes", group=replace(GROUP, visibility="private")), "members-only"),
    (lambda: speaker(membership=Membership("banned", "member", 2)), "members-only"),
    (lambda: speaker(membership=Membership("banned", "member", 2), rsvp="yes"), "members-only"),
    (lambda: speaker("hana", Membership("removed", "member", 2), rsvp="yes"), "members-only"),
    (lambda: speaker(event=event(status="cancelled")), "event-cancelled"),
    (lambda: speaker(event=event(status="draft")), "unknown-event"),
    (lambda: speaker("olga", LEADER, event=event(status="draft")), "not-published"),
    (lambda: speaker(group=replace(GROUP, status="closed")), "group-closed"),
]


@pytest.mark.parametrize("who", TAKES_PART)
def test_members_hosts_and_whoever_has_a_stake_take_part(who: Callable[[], Speaker]) -> None:
    said = commented("cem")
    assert done(comment(said, who()))
    assert done(reply(said, who()))


@pytest.mark.parametrize(("who", "why"), DOES_NOT)
def test_others_do_not(who: Callable[[], Speaker], why: str) -> None:
    said = commented()
    assert reason(comment(said, who())) == why
    assert reason(reply(said, who())) == why
    theirs = {"c": replace(said[1]["c"], author_id=who().id)}
    assert reason(commenting.edit(who(), theirs["c"], version=1, text=OTHER, named=())) == why


def test_hosts_hear_of_a_comment_and_of_an_event_without_hosts_who_made_it() -> None:
    [fact] = done(comment(NOTHING, speaker()))
    assert fact.told == ("hana", "henk")
    alone = event(details=replace(event().details, hosts=()))
    [fact] = done(comment(NOTHING, speaker(event=alone)))
    assert fact.told == ("olga",)
    [fact] = done(comment(NOTHING, speaker("olga", LEADER, event=alone)))
    assert fact.told == ()


def test_who_made_it_from_outside_of_the_group_hears_nothing_and_its_organizer_does() -> None:
    copy = event(details=replace(event().details, hosts=()), created_by="admin of the network")
    [fact] = done(comment(NOTHING, speaker(event=copy)))
    assert fact.told == ("olga",)
    [fact] = done(comment(NOTHING, speaker(event=copy, present=frozenset({copy.created_by}))))
    assert fact.told == (copy.created_by,)
    [fact] = done(comment(NOTHING, speaker(event=copy, group=replace(GROUP, organizer_id=None))))
    assert fact.told == ()


def test_a_host_who_was_put_out_of_the_group_hears_nothing_any_more() -> None:
    [fact] = done(comment(NOTHING, speaker(out=frozenset({"hana"}))))
    assert fact.told == ("henk",)
    [fact] = done(comment(NOTHING, speaker(out=frozenset({"hana", "henk"}))))
    assert fact.told == ("olga",)


def test_a_reply_tells_the_writer_but_not_of_their_own() -> None:
    said = commented()
    [fact] = done(reply(said, speaker("bo")))
    assert fact.answers == "ada"
    [fact] = done(reply(said, speaker("ada")))
    assert fact.answers is None


def test_a_reply_tells_the_writer_only_while_they_may_read_it() -> None:
    private, group, ada = replace(GROUP, visibility="private"), GROUP, frozenset({"ada"})

    def answers(by: str, **more: Any) -> str | None:
        said = commented(by)
        [fact] = done(reply(said, speaker("bo", **more)))
        assert isinstance(fact, Replied)
        return fact.answers

    assert answers("ada", group=private, present=ada) == "ada"
    assert answers("ada", group=private) is None
    assert answers("ada", group=private, out=ada) is None
    assert answers("ada", group=group) == "ada"
    assert answers("ada", group=group, out=ada) is None
    assert answers("hana", group=private) == "hana"
    assert answers("hana", group=private, out=frozenset({"hana"})) is None


def test_whom_a_block_keeps_apart_hears_nothing() -> None:
    said = commented()
    [fact] = done(comment(said, speaker("bo", apart=frozenset({"hana"}))))
    assert fact.told == ("henk",)
    [fact] = done(reply(said, speaker("bo", apart=frozenset({"ada"}))))
    assert fact.answers is None
    named = speaker("bo", present=frozenset({"ada", "cem"}), apart=frozenset({"cem"}))
    [fact] = done(comment(said, named, named=("ada", "cem", "stranger")))
    assert (fact.mentions, fact.mentioned) == (("ada", "cem"), ("ada",))


def test_nobody_hears_of_one_comment_twice() -> None:
    here = frozenset({"ada", "hana"})
    [fact] = done(comment(NOTHING, speaker("bo", present=here), named=("hana", "ada")))
    assert (fact.told, fact.mentioned) == (("hana", "henk"), ("ada",))
    said = commented()
    [fact] = done(reply(said, speaker("bo", present=here), named=("hana", "ada")))
    assert (fact.answers, fact.mentioned) == ("ada", ("hana",))


def test_replies_are_counted_numbered_and_not_answered() -> None:
    talk, known = replied()
    assert (talk.comments, talk.last_number) == (2, 2)
    assert (known["c"].replies, known["r"].to, known["r"].number) == (1, "c", 2)
    assert known["c"].version == 1
    assert reason(reply((talk, known), speaker(), to="r", id_="x")) == "no-deeper"
    assert reason(reply((talk, known), speaker(), to="nowhere")) == "unknown-comment"


def test_a_comment_on_another_event_is_not_answered_here() -> None:
    said = commented()
    elsewhere = speaker(event=replace(event(), id="other"))
    assert reason(reply(said, elsewhere)) == "unknown-comment"


def test_its_author_alone_edits_it() -> None:
    found = commented()[1]["c"]
    assert reason(commenting.edit(speaker("bo"), found, version=1, text=OTHER, named=())) == "not-allowed"
    assert reason(commenting.edit(speaker("olga", LEADER), found, version=1, text=OTHER, named=())) == "not-allowed"
    assert reason(commenting.edit(speaker(), found, version=2, text=OTHER, named=())) == "stale-version"
    assert done(commenting.edit(speaker(), found, version=1, text=TEXT, named=())) == []
    assert reason(commenting.edit(speaker(), None, version=1, text=OTHER, named=())) == "unknown-comment"
    often = replace(found, edits=comments.MOST_EDITS)
    assert reason(commenting.edit(speaker(), often, version=1, text=OTHER, named=())) == "too-many-edits"


def test_an_edit_tells_those_it_mentions_anew() -> None:
    said = commented()
    here = speaker(present=frozenset({"bo", "cem"}))
    first = done(commenting.edit(here, said[1]["c"], version=1, text=OTHER, named=("bo",)))
    found = after(said, first)[1]["c"]
    assert (found.body, found.version, found.edits, found.edited_at) == (OTHER.body, 2, 1, NOW)
    [fact] = done(commenting.edit(here, found, version=2, text=TEXT, named=("bo", "cem")))
    assert isinstance(fact, CommentEdited)
    assert fact.mentioned == ("cem",)


def test_whom_a_comment_once_mentioned_hears_nothing_of_being_edited_out_and_in_again() -> None:
    here = speaker(present=frozenset({"bo", "cem"}))
    said = after(NOTHING, comment(NOTHING, here, named=["bo"]))
    said = after(said, reply(said, here, named=["bo"]))
    for id_, texts in (("c", (OTHER, TEXT)), ("r", (TEXT, OTHER))):
        told = []
        for number, named in enumerate(((), ("bo",), ("cem",), ("bo",), ("cem", "bo"))):
            found = said[1][id_]
            facts = done(commenting.edit(here, found, version=found.version, text=texts[number % 2], named=named))
            told += [fact.mentioned for fact in facts if isinstance(fact, CommentEdited)]
            said = after(said, facts)
        assert told == [(), (), ("cem",), (), ()]
        gone = after(said, commenting.delete("ada", said[1][id_], None))[1][id_]
        assert (gone.mentions, gone.ever_mentioned) == ((), ())


def test_a_deleted_comment_leaves_a_gap() -> None:
    said = replied()
    talk, known = after(said, commenting.delete("ada", said[1]["c"], None))
    assert (known["c"].state, known["c"].body, known["c"].html, known["c"].version) == ("deleted", "", "", 2)
    assert (talk.comments, talk.last_number, known["c"].replies) == (1, 2, 1)
    assert done(commenting.delete("ada", known["c"], None)) == []
    assert reason(reply((talk, known), speaker(), id_="x")) == "comment-gone"
    assert reason(commenting.edit(speaker(), known["c"], version=2, text=OTHER, named=())) == "comment-gone"


def test_a_deleted_reply_counts_no_more() -> None:
    said = replied()
    talk, known = after(said, commenting.delete("bo", said[1]["r"], None))
    assert (talk.comments, known["c"].replies) == (1, 0)


@pytest.mark.parametrize("who", [speaker("olga", LEADER), outsider("hana")])
def test_leaders_and_hosts_take_comments_away(who: Speaker) -> None:
    found = commented()[1]["c"]
    shut = replace(who, group=replace(GROUP, status="closed"))
    for one in (who, shut):
        assert done(commenting.delete(one.id, found, one)) == [CommentDeleted("e", "c", one.id)]


def test_other_people_do_not() -> None:
    found = commented()[1]["c"]
    assert reason(commenting.delete("bo", found, speaker("bo"))) == "not-allowed"
    assert reason(commenting.delete("bo", found, None)) == "not-allowed"
    assert reason(commenting.delete("bo", None, speaker("bo"))) == "unknown-comment"


def test_facts_mark_what_is_personal() -> None:
    for kind in (Commented, Replied, CommentEdited):
        assert kind.__dataclass_fields__["text"].metadata == {"personal": True}


def test_a_comment_stays_open_after_the_event() -> None:
    late = replace(event(), ended_at=OVER, updated_at=OVER + timedelta(days=90))
    assert done(comment(NOTHING, speaker(event=late, membership=MEMBER)))
