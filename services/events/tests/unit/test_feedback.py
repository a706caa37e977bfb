"""Feedback: when, by whom, and what it comes to however it is edited and taken back."""

from datetime import datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from services.events.tests.unit.talking import LATER, NOW, OVER, done, event, reason

from events_service.domain import feedback as feedbacks
from events_service.domain.event import Event
from events_service.domain.feedback import NEXT, Feedback, FeedbackGiven, Next, Said, Totals, counted, evolve

BEFORE_THE_END, AFTER_THE_END = OVER - timedelta(seconds=1), OVER + timedelta(hours=1)


def give(
    before: Feedback | None = None,
    *,
    by: str = "ada",
    stars: int = 4,
    next_: tuple[Next, ...] = (),
    said: Said = Said(),  # noqa: B008 - it is frozen
    there: bool = True,
    now: datetime = AFTER_THE_END,
    of: Event | None = None,
) -> Any:
    return feedbacks.give(of or event(), before, by, there=there, stars=stars, next_=next_, said=said, now=now)


def test_nobody_else_than_who_was_there_rates_it() -> None:
    assert reason(give(there=False)) == "was-not-there"


def test_it_is_open_from_the_end_until_30_days_after() -> None:
    assert reason(give(now=BEFORE_THE_END)) == "feedback-not-open"
    assert done(give(now=OVER))
    assert done(give(now=LATER - timedelta(seconds=1)))
    assert reason(give(now=LATER)) == "feedback-closed"


def test_events_that_did_not_happen_have_none() -> None:
    assert reason(give(of=event(status="cancelled"))) == "event-cancelled"
    assert reason(give(of=event(status="draft"))) == "unknown-event"
    assert (
        reason(feedbacks.give(None, None, "ada", there=True, stars=1, next_=(), said=Said(), now=NOW))
        == "unknown-event"
    )


def test_it_is_given_once_and_edited() -> None:
    facts = done(give(next_=("help-out", "come-again", "help-out"), said=Said("Warm")))
    assert facts == [
        FeedbackGiven("e", "g", "ada", 4, ("come-again", "help-out"), None, (), {"text": "Warm", "next_text": ""})
    ]
    first = evolve(None, facts[0], NOW)
    assert done(give(first, next_=("come-again", "help-out"), said=Said("Warm"))) == []
    [fact] = done(give(first, stars=2))
    second = evolve(first, fact, OVER)
    assert (fact.was, fact.was_next) == (4, ("come-again", "help-out"))
    assert (second.stars, second.said, second.version, second.created_at) == (2, Said(), 2, NOW)


def test_what_is_withdrawn_is_gone_and_may_be_given_again() -> None:
    first = evolve(None, done(give(said=Said("Warm", "Tea"), next_=("not-for-me",)))[0], NOW)
    facts = feedbacks.withdraw(first)
    gone = evolve(first, facts[0], OVER)
    assert (gone.stars, gone.next, gone.said, gone.version) == (None, (), Said(), 2)
    assert feedbacks.withdraw(gone) == feedbacks.withdraw(None) == []
    [fact] = done(give(gone, stars=1))
    assert (fact.was, fact.was_next, evolve(gone, fact, OVER).version) == (None, (), 3)


def test_no_feedback_has_no_mean() -> None:
    assert (Totals("e").count, Totals("e").mean) == (0, None)


_ACTS = st.lists(
    st.tuples(
        st.sampled_from(["ada", "bo", "cem"]),
        st.one_of(st.none(), st.tuples(st.integers(1, 5), st.lists(st.sampled_from(NEXT), max_size=4).map(tuple))),
    ),
    max_size=30,
)


@given(_ACTS)
def test_totals_are_what_stands_however_it_came_to_stand(acts: list[tuple[str, Any]]) -> None:
    """None takes it back; anything else gives it, or gives it anew."""
    totals = Totals("e")
    held: dict[str, Feedback] = {}
    naive: dict[str, tuple[int, set[str]]] = {}
    facts: Any
    for by, given_ in acts:
        if given_ is None:
            facts = feedbacks.withdraw(held.get(by))
            naive.pop(by, None)
        else:
            facts = done(give(held.get(by), by=by, stars=given_[0], next_=given_[1]))
            naive[by] = (given_[0], set(given_[1]))
        for fact in facts:
            held[by], totals = evolve(held.get(by), fact, NOW), counted(totals, fact)
    stars = [one for one, _ in naive.values()]
    assert totals.stars == tuple(stars.count(place) for place in range(1, 6))
    assert totals.count == len(stars)
    assert totals.mean == (None if not stars else sum(stars) / len(stars))
    chosen = [choice for _, wanted in naive.values() for choice in wanted]
    assert dict(totals.next) == {choice: chosen.count(choice) for choice in set(chosen)}
