"""Leaders and hosts write to those who come to an event: who may, to whom, how often, and what is left of it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from services.events.tests.unit.talking import (
    GROUP,
    LATER,
    LEADER,
    NOW,
    OVER,
    TEXT,
    done,
    event,
    outsider,
    reason,
    speaker,
)

from events_service.domain import letter as letters
from events_service.domain.letter import MOST_A_DAY, LetterWithdrawn
from events_service.domain.speaker import Speaker
from events_service.domain.talk import Talk, evolve

LEADING = speaker("olga", LEADER)


def send(by: Speaker = LEADING, *, sent: tuple[datetime, ...] = (), now: datetime = NOW) -> Any:
    return letters.send(by, letter_id="l", to="yes", text=TEXT, number=1, sent=sent, now=now)


@pytest.mark.parametrize("who", [LEADING, outsider("hana")])
def test_leaders_and_hosts_write(who: Speaker) -> None:
    [fact] = done(send(who))
    letter = letters.evolve(None, fact, NOW)
    assert (letter.author_id, letter.to, letter.body, letter.html) == (who.id, "yes", TEXT.body, TEXT.html)


@pytest.mark.parametrize(
    ("who", "why"),
    [
        (speaker, "not-allowed"),
        (lambda: outsider(rsvp="yes"), "not-allowed"),
        (lambda: replace(LEADING, event=event(status="draft")), "not-published"),
        (lambda: replace(LEADING, group=replace(GROUP, status="closed")), "group-closed"),
    ],
)
def test_others_do_not(who: Callable[[], Speaker], why: str) -> None:
    assert reason(send(who())) == why


def test_people_are_written_to_when_it_was_called_off_and_for_30_days_after_it() -> None:
    assert done(send(replace(LEADING, event=event(status="cancelled"))))
    assert done(send(now=LATER - timedelta(seconds=1)))
    assert reason(send(now=LATER)) == "event-past"
    assert done(send(now=OVER))


def test_five_in_a_day_and_then_as_time_goes_on() -> None:
    talk, now = Talk("e"), NOW
    for step in range(MOST_A_DAY):
        now = NOW + timedelta(hours=step)
        [fact] = done(send(sent=talk.letters, now=now))
        talk = evolve(talk, fact, now)
    assert len(talk.letters) == MOST_A_DAY
    assert reason(send(sent=talk.letters, now=now)) == "too-many-letters"
    assert reason(send(sent=talk.letters, now=NOW + timedelta(hours=24, seconds=-1))) == "too-many-letters"
    [fact] = done(send(sent=talk.letters, now=NOW + timedelta(hours=24)))
    assert len(evolve(talk, fact, NOW + timedelta(hours=24)).letters) == MOST_A_DAY


def test_one_that_is_withdrawn_says_nothing_any_more() -> None:
    letter = letters.evolve(None, done(send())[0], NOW)
    facts = letters.withdraw(letter)
    assert facts == [LetterWithdrawn("e", "g", "l", "olga")]
    gone = letters.evolve(letter, facts[0], NOW)
    assert (gone.body, gone.html, gone.withdrawn) == ("", "", True)
    assert letters.withdraw(gone) == letters.withdraw(None) == []
