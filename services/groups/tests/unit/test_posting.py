"""Who may write what, what becomes of it, and who hears of it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from groups_service.domain import post as posts
from groups_service.domain import posting
from groups_service.domain.membership import Membership
from groups_service.domain.permission import Role
from groups_service.domain.post import Fact, Post, Text, Thread
from groups_service.domain.posting import Speaker
from groups_service.domain.refusal import Refused

NOW = datetime(2026, 11, 26, 18, 30, tzinfo=UTC)
TEXT = Text("Walk", "Who comes?", "<p>Who comes?</p>", "Walk: Who comes?")
OTHER = Text(None, "Nobody?", "<p>Nobody?</p>", "Nobody?")


def speaker(member_id: str = "ada", role: Role = "member", state: Any = "active", **more: Any) -> Speaker:
    return Speaker(Membership("g", member_id, state=state, role=role), **more)


def done(decided: list[Fact] | Refused) -> list[Fact]:
    assert not isinstance(decided, Refused), decided
    return decided


def reason(decided: list[Fact] | Refused) -> str:
    assert isinstance(decided, Refused), decided
    return decided.reason


def after(thread: Thread, decided: list[Fact] | Refused) -> Thread:
    for fact in done(decided):
        thread = posts.evolve(thread, fact, NOW)
    return thread


def posted(by: str = "ada") -> Thread:
    return after(
        Thread(),
        posting.post(speaker(by), group_id="g", post_id="p", text=TEXT, named=(), announcement=False),
    )


def replied(thread: Thread, by: str = "bo", post_id: str = "r") -> Thread:
    return after(thread, posting.reply(speaker(by), thread.root, post_id=post_id, text=OTHER, named=()))


def root(thread: Thread) -> Post:
    assert thread.root is not None
    return thread.root


@pytest.mark.parametrize("state", ["none", "pending", "left", "removed", "banned"])
def test_only_active_members_talk(state: str) -> None:
    outsider, there = speaker("bo", state=state), root(posted())
    decided = [
        posting.post(outsider, group_id="g", post_id="x", text=TEXT, named=(), announcement=False),
        posting.reply(outsider, there, post_id="x", text=TEXT, named=()),
        posting.react(outsider, there, "like", already=False),
        posting.edit(replace(outsider, membership=replace(outsider.membership, member_id="ada")), there,
                     version=1, text=OTHER, named=()),
        posting.pin(outsider, there, pinned=True),
    ]  # fmt: skip
    assert {reason(one) for one in decided} == {"members-only"}


def test_a_closed_group_is_silent_but_its_members_may_take_back_what_they_said() -> None:
    there, silent = root(posted()), speaker(closed=True, role="organizer")
    decided = [
        posting.post(silent, group_id="g", post_id="x", text=TEXT, named=(), announcement=False),
        posting.reply(silent, there, post_id="x", text=TEXT, named=()),
        posting.react(silent, there, "like", already=False),
        posting.edit(silent, there, version=1, text=OTHER, named=()),
        posting.pin(silent, there, pinned=True),
    ]
    assert {reason(one) for one in decided} == {"group-closed"}
    assert done(posting.delete("ada", there))
    assert done(posting.unreact("ada", there, "like", already=True, inside=True))


def test_who_left_takes_a_reaction_back_and_an_outsider_without_one_hears_nothing_of_the_post() -> None:
    there = root(posted())
    assert done(posting.unreact("bo", there, "like", already=True, inside=False))
    assert reason(posting.unreact("bo", there, "like", already=False, inside=False)) == "members-only"
    assert done(posting.unreact("bo", there, "like", already=False, inside=True)) == []


@pytest.mark.parametrize(
    ("role", "announces", "pins"),
    [
        ("organizer", True, True),
        ("co_organizer", True, True),
        ("assistant_organizer", True, True),
        ("event_organizer", True, False),
        ("member", False, False),
    ],
)
def test_leaders_announce_and_pin(role: Role, announces: bool, pins: bool) -> None:
    who = speaker(role=role)
    announced = posting.post(who, group_id="g", post_id="p", text=TEXT, named=(), announcement=True)
    assert isinstance(announced, list) is announces
    assert isinstance(posting.pin(who, root(posted()), pinned=True), list) is pins


def test_a_reply_is_not_answered() -> None:
    thread = replied(posted())
    assert reason(posting.reply(speaker(), thread.posts["r"], post_id="x", text=TEXT, named=())) == "no-deeper"


def test_replies_are_counted_and_numbered_in_their_order() -> None:
    thread = replied(replied(posted(), post_id="r1"), post_id="r2")
    assert (root(thread).replies, root(thread).last_number) == (2, 2)
    assert [thread.posts[one].number for one in ("r1", "r2")] == [1, 2]
    thread = after(thread, posting.delete("bo", thread.posts["r2"]))
    assert (root(thread).replies, root(thread).last_number) == (1, 2)
    assert replied(thread, post_id="r3").posts["r3"].number == 3


def test_the_author_hears_of_a_reply_unless_it_is_their_own_or_there_is_a_block() -> None:
    there = root(posted())

    def told(who: Speaker) -> str | None:
        [fact] = done(posting.reply(who, there, post_id="r", text=OTHER, named=()))
        assert isinstance(fact, posts.Replied)
        return fact.answers

    assert told(speaker("bo")) == "ada"
    assert told(speaker("ada")) is None
    assert told(speaker("bo", apart=frozenset({"ada"}))) is None


def test_only_members_are_mentioned_and_the_blocked_are_without_hearing_of_it() -> None:
    who = speaker(present=frozenset({"ada", "bo", "cy"}), apart=frozenset({"cy"}))
    named = ["bo", "outsider", "cy", "ada"]
    [fact] = done(posting.post(who, group_id="g", post_id="p", text=TEXT, named=named, announcement=False))
    assert isinstance(fact, posts.Posted)
    assert (fact.mentions, fact.told) == (("bo", "cy", "ada"), ("bo",))


def test_whose_post_is_answered_hears_of_it_once() -> None:
    who = speaker("bo", present=frozenset({"ada", "cy"}))
    [fact] = done(posting.reply(who, root(posted()), post_id="r", text=OTHER, named=["ada", "cy"]))
    assert isinstance(fact, posts.Replied)
    assert (fact.answers, fact.mentions, fact.told) == ("ada", ("ada", "cy"), ("cy",))


def test_an_edit_keeps_count_and_tells_only_who_is_new() -> None:
    who = speaker(present=frozenset({"bo", "cy"}))
    before = replace(root(posted()), mentions=("bo",), ever_mentioned=("bo",))
    [fact] = done(posting.edit(who, before, version=1, text=OTHER, named=["bo", "cy"]))
    assert isinstance(fact, posts.PostEdited)
    assert (fact.mentions, fact.told) == (("bo", "cy"), ("cy",))
    edited = root(posts.evolve(Thread(before, {"p": before}), fact, NOW))
    assert (edited.body, edited.edits, edited.edited_at, edited.version) == ("Nobody?", 1, NOW, 2)


def test_whom_a_post_once_mentioned_hears_nothing_of_being_edited_out_and_in_again() -> None:
    who, named = speaker(present=frozenset({"bo", "cy"})), ["bo"]
    thread = after(Thread(), posting.post(who, group_id="g", post_id="p", text=TEXT, named=named, announcement=False))
    answer = posting.reply(who, thread.root, post_id="r", text=TEXT, named=named)
    for id_ in ("p", "r"):
        told, said = [], after(thread, answer)
        for text, again in ((OTHER, []), (TEXT, ["bo"]), (OTHER, ["cy"]), (TEXT, ["bo"]), (OTHER, ["cy", "bo"])):
            post = said.posts[id_]
            [fact] = done(posting.edit(who, post, version=post.version, text=text, named=again))
            assert isinstance(fact, posts.PostEdited)
            told.append(fact.told)
            said = after(said, [fact])
        assert told == [(), (), ("cy",), (), ()]
        gone = after(said, posting.delete("ada", said.posts[id_])).posts[id_]
        assert (gone.mentions, gone.ever_mentioned) == ((), ())


def test_an_edit_is_its_authors_of_what_they_saw_and_has_an_end() -> None:
    there = root(posted())
    leader = speaker("olga", role="organizer")
    assert reason(posting.edit(leader, there, version=1, text=OTHER, named=())) == "not-allowed"
    assert reason(posting.edit(speaker(), there, version=2, text=OTHER, named=())) == "stale-version"
    assert done(posting.edit(speaker(), there, version=1, text=TEXT, named=())) == []
    often = replace(there, edits=posts.MOST_EDITS)
    assert reason(posting.edit(speaker(), often, version=1, text=OTHER, named=())) == "too-many-edits"


def test_an_edit_of_what_is_hidden_tells_nobody() -> None:
    hidden = replace(root(posted()), state="hidden")
    who = speaker(present=frozenset({"bo"}))
    [fact] = done(posting.edit(who, hidden, version=1, text=OTHER, named=["bo"]))
    assert isinstance(fact, posts.PostEdited)
    assert fact.told == ()
    edited = root(posts.evolve(Thread(hidden, {"p": hidden}), fact, NOW))
    shown = replace(edited, state="shown")
    [fact] = done(posting.edit(who, shown, version=2, text=TEXT, named=["bo"]))
    assert isinstance(fact, posts.PostEdited)
    assert fact.told == ("bo",), "whom it mentioned while it was hidden has not heard of it"


@pytest.mark.parametrize(("announcement", "role", "may"), [(True, "member", False), (True, "event_organizer", True),
                                                           (False, "member", True)])  # fmt: skip
def test_an_announcement_is_edited_by_who_may_still_write_one(announcement: bool, role: Role, may: bool) -> None:
    there = replace(root(posted()), announcement=announcement)
    decided = posting.edit(speaker(role=role), there, version=1, text=OTHER, named=())
    assert isinstance(decided, list) is may
    assert may or reason(decided) == "not-allowed"


def test_who_hid_a_post_is_told_apart_from_its_author() -> None:
    for by, withheld in (("ada", False), ("olga", True)):
        hidden = after(posted(), posting.moderate(by, root(posted()), "hide"))
        assert (root(hidden).state, root(hidden).withheld) == ("hidden", withheld)
        shown = after(hidden, posting.moderate("olga", root(hidden), "show"))
        assert (root(shown).state, root(shown).withheld) == ("shown", False)


def test_the_thread_keeps_what_another_hid_from_its_author_whatever_was_decided_meanwhile() -> None:
    by_author = after(posted(), posting.moderate("ada", root(posted()), "hide"))
    hidden = after(by_author, posting.moderate("olga", root(by_author), "hide"))
    assert (root(by_author).withheld, root(hidden).withheld) == (False, True)
    assert done(posting.moderate("ada", root(hidden), "hide")) == []
    assert done(posting.moderate("asa", root(hidden), "hide")) == []
    assert reason(posting.moderate("ada", root(hidden), "show")) == "not-allowed"
    assert root(after(hidden, posting.moderate("asa", root(hidden), "show"))).state == "shown"
    assert root(after(by_author, posting.moderate("ada", root(by_author), "show"))).state == "shown"


def test_what_is_deleted_leaves_a_gap_without_text() -> None:
    thread = after(posted(), posting.pin(speaker(role="organizer"), root(posted()), pinned=True))
    gone = root(after(thread, posting.delete("ada", root(thread))))
    assert (gone.state, gone.title, gone.body, gone.html, gone.pinned_at) == ("deleted", None, "", "", None)
    assert done(posting.delete("ada", gone)) == []
    assert reason(posting.delete("bo", root(thread))) == "not-allowed"
    for refused in (
        posting.edit(speaker(), gone, version=gone.version, text=OTHER, named=()),
        posting.reply(speaker(), gone, post_id="r", text=OTHER, named=()),
        posting.react(speaker(), gone, "like", already=False),
        posting.pin(speaker(role="organizer"), gone, pinned=True),
    ):
        assert reason(refused) == "post-gone"


def test_moderating_twice_changes_nothing_and_nothing_brings_back_what_is_deleted() -> None:
    there = root(posted())
    hidden = root(after(posted(), posting.moderate("olga", there, "hide")))
    assert (hidden.state, hidden.body) == ("hidden", TEXT.body)
    assert done(posting.moderate("olga", hidden, "hide")) == []
    assert root(after(posted(), posting.moderate("olga", hidden, "show"))).state == "shown"
    gone = root(after(posted(), posting.moderate("olga", there, "delete")))
    acts: tuple[Any, ...] = ("hide", "show", "delete")
    assert [done(posting.moderate("olga", gone, act)) for act in acts] == [[], [], []]


def test_replies_are_not_pinned_and_pinning_twice_changes_nothing() -> None:
    leader, thread = speaker("olga", role="organizer"), replied(posted())
    assert reason(posting.pin(leader, thread.posts["r"], pinned=True)) == "not-a-post"
    pinned = root(after(thread, posting.pin(leader, thread.root, pinned=True)))
    assert pinned.pinned_at == NOW
    assert done(posting.pin(leader, pinned, pinned=True)) == []
    assert root(after(thread, posting.pin(leader, pinned, pinned=False))).pinned_at is None


@given(st.lists(st.tuples(st.booleans(), st.sampled_from(["bo", "cy"]), st.sampled_from(get_args(posts.Reaction)))))
def test_reactions_are_counted_once_per_member_and_name(wishes: list[tuple[bool, str, str]]) -> None:
    thread, there = posted(), set[tuple[str, str]]()
    for wanted, who, name in wishes:
        already = (who, name) in there
        if wanted:
            thread = after(thread, posting.react(speaker(who), thread.root, name, already=already))
            there.add((who, name))
        else:
            thread = after(thread, posting.unreact(who, thread.root, name, already=already, inside=True))
            there.discard((who, name))
    names = {name for _, name in there}
    assert root(thread).reactions == {name: sum(one == name for _, one in there) for name in names}
    assert root(thread).version == 1


def test_times_and_versions_follow_what_its_author_and_leaders_do() -> None:
    later = NOW + timedelta(minutes=1)
    thread = posted()
    [fact] = done(posting.edit(speaker(), root(thread), version=1, text=OTHER, named=()))
    edited = root(posts.evolve(thread, fact, later))
    assert (edited.created_at, edited.updated_at, edited.version) == (NOW, later, 2)
    answered = root(replied(thread))
    assert (answered.updated_at, answered.version) == (NOW, 1)
