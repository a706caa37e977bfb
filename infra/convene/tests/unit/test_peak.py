"""wrk's requests are known without asking wrk, and its absence is one clear sentence."""

from datetime import UTC, datetime

import pytest

from convene.load.audit import audit
from convene.load.ledger import Ledger, Line
from convene.load.peak import asked, check
from convene.load.setting import Field
from convene.load.shown import Entry, Shown
from convene.parts.trouble import Unavailable

NOW = datetime(2026, 5, 1, tzinfo=UTC)
FIELD = Field("g", "host", ["e0", "e1", "e2"], ["a", "b"], [])


def test_every_member_answers_every_event_once() -> None:
    pairs = list(asked(FIELD, 6))
    assert len(set(pairs)) == 6
    assert pairs[:3] == [("a", "e0"), ("b", "e1"), ("a", "e1")]


def test_without_wrk_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(Unavailable, match="apt install wrk"):
        check()


def _ran(told: int, cut: int) -> dict[str, int]:
    """Three requests issued, two of them carried out; wrk counted `told` accepted answers and left `cut` open."""
    lines = [Line(member, event, "yes", 0, f"peak-{n}") for n, (member, event) in enumerate(asked(FIELD, 3))]
    done = lines[:2]
    entries = [Entry(one.event_id, 1, one.command_id, "rsvp.respond", (), NOW) for one in done]
    shown = Shown(entries=entries, results={one.command_id: None for one in done})
    return audit(Ledger(lines, 1.0, told=told, cut=cut), shown).wrong


@pytest.mark.parametrize(("told", "cut"), [(2, 0), (1, 1), (1, 5)])
def test_accepted_answers_and_what_was_cut_off_are_what_was_carried_out(told: int, cut: int) -> None:
    assert not any(_ran(told, cut).values())


def test_an_accepted_answer_for_nothing_is_lost() -> None:
    assert _ran(3, 1)["lost"] == 1


def test_more_than_was_answered_or_cut_off_is_unanswered() -> None:
    assert _ran(1, 0)["unanswered"] == 1
