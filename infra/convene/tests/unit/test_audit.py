"""The audit finds each kind of damage, and nothing in a run that went well.

The run: two seats; a and b take them, c waits, a takes it back, c follows; d is refused, e hears nothing and was never
decided.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from convene.load.audit import KINDS, Audit, audit
from convene.load.ledger import Ledger, Line, Try
from convene.load.shown import Booked, Books, Counters, Decision, Entry, Notes, Public, Said, Shown, Turns

Run = tuple[Ledger, Shown]
EVENT = "e1"
NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)


def line(member: str, response: str, key: str, *told: Any) -> Line:
    outcome, status, seq = told or ("unknown", None, None)
    answer = {"accepted": 200, "refused": 409, "unknown": 503}[outcome]
    return Line(member, EVENT, response, 0, key, outcome=outcome, status=status, seq=seq, tries=[_try(answer)])


def _try(answer: int) -> Try:
    return Try(0.0, 0.01, answer, "first")


def decision(seq: int, member: str, kind: str, was: str | None, status: str) -> Decision:
    return Decision(f"m{seq}", seq, kind, EVENT, member, ord(member), was, status, 0, seq)


def a_run() -> Run:
    lines = [
        line("a", "yes", "k1", "accepted", "yes", 1),
        line("b", "yes", "k2", "accepted", "yes", 2),
        line("c", "yes", "k3", "accepted", "waitlist", 3),
        line("a", "no", "k4", "accepted", "no", 4),
        line("d", "yes", "k5", "refused", None, None),
        line("e", "yes", "k6"),
    ]
    decisions = [
        decision(1, "a", "confirmed", None, "yes"),
        decision(2, "b", "confirmed", None, "yes"),
        decision(3, "c", "waitlisted", None, "waitlist"),
        decision(4, "a", "declined", "yes", "no"),
        decision(5, "c", "promoted", "waitlist", "yes"),
    ]
    told = [("a", "yes"), ("b", "yes"), ("a", "no"), ("c", "yes")]
    public = [Public(place, EVENT, ord(who), says, 0) for place, (who, says) in enumerate(told, 1)]
    sent = {one.id: one.id.encode() for one in decisions} | {f"p{one.sequence}": b"p" for one in public}
    entries = [
        Entry(EVENT, 1, "made", "event.publish", (), NOW, Said(2)),
        entry(2, lines[0], "m1", "p1"),
        entry(3, lines[1], "m2", "p2"),
        entry(4, lines[2], "m3"),
        entry(5, lines[3], "m4", "p3", "m5", "p4"),
    ]
    inbox = {
        "a": [Notes(EVENT, "rsvp.confirmed")],
        "b": [Notes(EVENT, "rsvp.confirmed")],
        "c": [Notes(EVENT, "rsvp.waitlisted"), Notes(EVENT, "rsvp.promoted")],
    }
    shown = Shown(
        decisions=decisions,
        public=public,
        sent=sent,
        entries=entries,
        documents={
            (EVENT, "a"): Booked(ord("a"), 1, "no", 0, 0, 0, 4),
            (EVENT, "b"): Booked(ord("b"), 2, "yes", 0, 1, 0, 2),
            (EVENT, "c"): Booked(ord("c"), 3, "yes", 0, 1, 0, 5),
        },
        books={EVENT: Books(2, 2, 0, 3, 5, [], False, 0, 5)},
        inbox=inbox,
        events={EVENT: Counters(2, 0)},
        own={(EVENT, "a"): ("no", 4), (EVENT, "c"): ("yes", 5), (EVENT, "d"): None},
        queues={},
        inboxes={"b": inbox["b"], "c": inbox["c"]},
        mails={"c": ["v", "w", "p"]},
        now=NOW,
        turns={EVENT: Turns(promoted=1)},
    )
    return Ledger(lines, 1.0), shown


def entry(sequence: int, asked: Line, *messages: str) -> Entry:
    digests = tuple((id_, b"p" if id_.startswith("p") else id_.encode()) for id_ in messages)
    return Entry(EVENT, sequence, asked.command_id, "rsvp.respond", digests, NOW)


def kinds(found: Audit) -> set[str]:
    return {kind for kind, number in found.wrong.items() if number}


def test_a_good_run_has_nothing_wrong() -> None:
    found = audit(*a_run())
    assert found.examples == {}
    assert found.clean
    assert found.resolved == {"not_carried_out": 1}


def _lines(run: Run, number: int, **changes: Any) -> Run:
    lines = list(run[0].lines)
    lines[number] = replace(lines[number], **changes)
    return replace(run[0], lines=lines), run[1]


def _shown(run: Run, **changes: Any) -> Run:
    return run[0], replace(run[1], **changes)


def _entries(run: Run, *entries: Entry) -> Run:
    return _shown(run, entries=[*run[1].entries, *entries])


def _document(run: Run, member: str, **changes: Any) -> Run:
    documents = dict(run[1].documents)
    documents[EVENT, member] = documents[EVENT, member]._replace(**changes)
    return _shown(run, documents=documents)


def _books(run: Run, **changes: Any) -> Run:
    return _shown(run, books={EVENT: run[1].books[EVENT]._replace(**changes)})


def _decisions(run: Run, *numbers: int) -> Run:
    return _shown(run, decisions=[run[1].decisions[number] for number in numbers])


def _unclear(run: Run) -> Run:
    """An entry without a result."""
    unknown = run[0].lines[5]
    return _entries(run, entry(6, unknown))


def _nobody_heard(run: Run) -> Run:
    lines = [replace(one, outcome="unknown", status=None, seq=None) for one in run[0].lines]
    return replace(run[0], lines=lines), run[1]


def _two_entries(run: Run) -> Run:
    return _books(_entries(run, entry(6, run[0].lines[0])), entries=6)


def _refused_and_done(run: Run) -> Run:
    return _books(_entries(run, entry(6, run[0].lines[4])), entries=6)


def _nobody_asked(run: Run) -> Run:
    return _books(_entries(run, Entry(EVENT, 6, "foreign", "rsvp.respond", (), NOW)), entries=6)


def _capacity_told(run: Run) -> Run:
    """A leader heard that there are three seats, and no entry says so."""
    told = Line("host", EVENT, "", 0, "k9", outcome="accepted", act="capacity", by="host", capacity=3)
    return replace(run[0], lines=[*run[0].lines, told]), run[1]


def _nobody_led(run: Run) -> Run:
    return _books(_entries(run, Entry(EVENT, 6, "foreign", "rsvp.promote", (), NOW)), entries=6)


def _three_seated(run: Run) -> Run:
    return _shown(run, decisions=[*run[1].decisions, decision(6, "d", "confirmed", None, "yes")._replace(guests=1)])


def _newcomer_first(run: Run) -> Run:
    d = decision(4, "d", "confirmed", None, "yes")
    return _shown(run, decisions=[*run[1].decisions[:3], d, *run[1].decisions[4:]])


def _line_swapped(run: Run) -> Run:
    waits = [decision(6, "d", "waitlisted", None, "waitlist"), decision(7, "f", "waitlisted", None, "waitlist")]
    documents = dict(run[1].documents)
    documents[EVENT, "d"] = Booked(ord("d"), 5, "waitlist", 0, 1, 0, 6)
    documents[EVENT, "f"] = Booked(ord("f"), 4, "waitlist", 0, 1, 0, 7)
    return _shown(run, decisions=[*run[1].decisions, *waits], documents=documents)


def _nobody_follows(run: Run) -> Run:
    """a's seat stays free although c waits."""
    decisions, entries = run[1].decisions[:4], [*run[1].entries[:4], entry(5, run[0].lines[3], "m4", "p3")]
    return _shown(run, decisions=decisions, entries=entries)


def _turns(run: Run, **changes: int) -> Run:
    return _shown(run, turns={EVENT: Turns(promoted=1)._replace(**changes)})


DAMAGE: list[tuple[str, Callable[[Run], Run]]] = [
    ("unanswered", _unclear),
    ("unanswered", _nobody_heard),
    ("broken", lambda run: _lines(run, 0, tries=[_try(500), _try(200)])),
    ("contradicted", lambda run: _lines(run, 1, contradicted=True)),
    ("contradicted", _refused_and_done),
    ("lost", lambda run: _lines(run, 1, seq=9)),
    ("lost", lambda run: _lines(run, 1, status="waitlist")),
    ("lost", lambda run: _decisions(run, 0, 2, 3, 4)),
    ("lost", lambda run: _shown(run, entries=[one for one in run[1].entries if one.sequence != 3])),
    ("lost", lambda run: _shown(run, documents={k: v for k, v in run[1].documents.items() if k[1] != "b"})),
    ("lost", lambda run: (replace(run[0], told=7), run[1])),
    ("lost", _capacity_told),
    ("doubled", lambda run: _shown(run, repeated=["m1"])),
    ("doubled", lambda run: _decisions(run, 0, 1, 1, 2, 3, 4)),
    ("doubled", lambda run: _document(run, "b", number=ord("a"))),
    ("doubled", _two_entries),
    ("doubled", _nobody_asked),
    ("doubled", _nobody_led),
    ("inverted", lambda run: _decisions(run, 1, 0, 2, 3, 4)),
    ("inverted", lambda run: _shown(run, public=[run[1].public[place] for place in (1, 0, 2, 3)])),
    ("inverted", lambda run: _document(run, "b", order=1)),
    ("inverted", _newcomer_first),
    ("inverted", _line_swapped),
    ("oversold", _three_seated),
    ("oversold", lambda run: _document(run, "a", status="yes", seats=1)),
    ("oversold", lambda run: _shown(run, entries=[run[1].entries[0]._replace(said=Said(1)), *run[1].entries[1:]])),
    ("idle", _nobody_follows),
    ("stuck", lambda run: _document(run, "c", status="offered", until=NOW - timedelta(seconds=1))),
    ("stuck", lambda run: _shown(run, stuck=["a handoff waits"])),
    ("stuck", lambda run: _books(run, kept=1)),
    ("stuck", lambda run: _books(run, due=True)),
    ("wrong_in_journal", lambda run: _shown(run, missing=["lane 0.0: batch 4 follows 2"])),
    ("wrong_in_journal", lambda run: _shown(run, entries=[run[1].entries[place] for place in (0, 1, 3, 2, 4)])),
    ("wrong_in_journal", lambda run: _shown(run, entries=run[1].entries[:4])),
    ("wrong_in_journal", lambda run: _shown(run, sent={**run[1].sent, "m1": b"other"})),
    ("wrong_in_journal", lambda run: _shown(run, sent={k: v for k, v in run[1].sent.items() if k != "p1"})),
    ("wrong_in_journal", lambda run: _shown(run, sent={**run[1].sent, "m9": b"m9"})),
    ("wrong_in_documents", lambda run: _document(run, "c", status="waitlist")),
    ("wrong_in_documents", lambda run: _document(run, "b", seats=2)),
    ("wrong_in_documents", lambda run: _shown(run, decisions=run[1].decisions[:2])),
    ("wrong_in_documents", lambda run: _books(run, seats=1)),
    ("wrong_in_documents", lambda run: _books(run, seq=6)),
    ("wrong_in_documents", lambda run: _books(run, order=2)),
    ("wrong_in_documents", lambda run: _books(run, waiting=1)),
    ("wrong_in_journal", lambda run: _shown(run, entries=[run[1].entries[0]._replace(said=None), *run[1].entries[1:]])),
    ("wrong_with_offers", lambda run: _document(run, "c", status="offered", until=NOW)),
    ("wrong_with_offers", lambda run: _books(run, held=1)),
    ("wrong_with_offers", lambda run: _books(run, offers=1)),
    ("wrong_with_offers", lambda run: _books(run, over=1)),
    ("wrong_with_offers", lambda run: _books(run, lapses=NOW)),
    ("wrong_in_fairness", lambda run: _turns(run, inversions=1)),
    ("wrong_in_fairness", lambda run: _turns(run, promoted=2)),
    ("wrong_on_event", lambda run: _shown(run, events={EVENT: Counters(1, 0)})),
    ("wrong_on_event", lambda run: _shown(run, events={EVENT: Counters(2, 1)})),
    ("wrong_for_person", lambda run: _shown(run, own={(EVENT, "a"): ("yes", 1)})),
    ("wrong_for_person", lambda run: _shown(run, own={(EVENT, "b"): None})),
    ("wrong_in_line", lambda run: _shown(run, queues={EVENT: ["c"]})),
    ("wrong_on_stream", lambda run: _shown(run, public=run[1].public[:3])),
    ("wrong_on_stream", lambda run: _shown(run, public=[*run[1].public, Public(5, EVENT, 99_999, "yes", 0)])),
    ("wrong_in_inbox", lambda run: _shown(run, inbox={**run[1].inbox, "a": []})),
    ("wrong_in_inbox", lambda run: _shown(run, inboxes={"b": [*run[1].inbox["b"], *run[1].inbox["b"]]})),
    ("wrong_in_mail", lambda run: _shown(run, mails={"c": ["v", "w"]})),
]


@pytest.mark.parametrize(("kind", "damage"), DAMAGE)
def test_damage_is_found(kind: str, damage: Callable[[Run], Run]) -> None:
    found = audit(*damage(a_run()))
    assert kind in kinds(found)
    assert found.examples[kind]
    assert not found.clean


def test_each_kind_has_its_damage() -> None:
    assert {kind for kind, _ in DAMAGE} == set(KINDS)


def test_the_head_of_a_line_must_be_its_front() -> None:
    waits = decision(6, "d", "waitlisted", None, "waitlist")
    ledger, shown = a_run()
    right = replace(
        shown,
        decisions=[*shown.decisions, waits],
        documents={**shown.documents, (EVENT, "d"): Booked(ord("d"), 4, "waitlist", 0, 1, 0, 6)},
        books={EVENT: Books(2, 2, 1, 4, 6, [[4, "d", 1, 0]], False, 0, 5)},
    )
    assert audit(ledger, right).wrong["wrong_in_documents"] == 0
    _, wrong = _books((ledger, right), head=[[4, "d", 2, 0]])
    assert audit(ledger, wrong).wrong["wrong_in_documents"] == 1


def test_an_unknown_request_may_have_been_carried_out() -> None:
    ledger, shown = a_run()
    ledger, _ = _lines((ledger, shown), 1, outcome="unknown", status=None, seq=None)
    found = audit(ledger, replace(shown, results={ledger.lines[1].command_id: None}))
    assert found.clean
    assert found.resolved == {"carried_out": 1, "not_carried_out": 1}


def test_asking_for_what_is_so_already_leaves_no_entry() -> None:
    ledger, shown = a_run()
    lines = [*ledger.lines, line("b", "yes", "k7", "accepted", "yes", 2)]
    assert audit(replace(ledger, lines=lines), shown).clean


def test_a_no_after_a_public_no_is_not_told_again() -> None:
    ledger, shown = a_run()
    more = [decision(6, "a", "waitlisted", "no", "waitlist"), decision(7, "a", "declined", "waitlist", "no")]
    found = audit(ledger, replace(shown, decisions=[*shown.decisions, *more]))
    assert found.wrong["wrong_on_stream"] == 0


def test_the_same_mail_again_is_counted_and_not_wrong() -> None:
    ledger, shown = a_run()
    found = audit(ledger, replace(shown, mails={"c": ["v", "w", "p", "p"]}))
    assert found.clean
    assert found.repeated_mails == 1


def test_what_others_ask_is_in_the_ledger_too() -> None:
    """c, who was let in, is offered a place no more; a leader's capacity is in the journal as it was asked for."""
    ledger, shown = a_run()
    asked = Line("host", EVENT, "", 0, "k9", outcome="accepted", act="capacity", by="host", capacity=2)
    answered = Line("c", EVENT, "", 0, "k10", outcome="accepted", act="accept", offer="e1.5", status="yes", seq=5)
    shown = replace(
        shown,
        entries=[*shown.entries, Entry(EVENT, 6, asked.command_id, "event.change", (), NOW, Said(2))],
        books={EVENT: shown.books[EVENT]._replace(entries=6)},
    )
    found = audit(replace(ledger, lines=[*ledger.lines, asked, answered]), shown)
    assert found.examples == {}
    assert found.turns["promoted"] == 1


def test_an_offer_expires_and_its_member_is_told() -> None:
    """The public learns nothing of it: what was never a public yes needs no public no."""
    ledger, shown = a_run()
    until = NOW + timedelta(seconds=3)
    decisions = [
        *shown.decisions[:4],
        decision(5, "c", "offered", "waitlist", "offered")._replace(offer="e1.5", until=until),
        decision(6, "c", "expired", "offered", "no"),
    ]
    lapse = Entry(EVENT, 6, "due", "offer.lapse", (("m6", b"m6"),), until)
    entries = [*shown.entries[:4], entry(5, ledger.lines[3], "m4", "p3", "m5"), lapse]
    told = [Notes(EVENT, kind) for kind in ("rsvp.waitlisted", "rsvp.offered", "rsvp.offer-expired", "event.changed")]
    after = replace(
        shown,
        decisions=decisions,
        entries=entries,
        public=shown.public[:3],
        sent={one.id: one.id.encode() for one in decisions} | {f"p{place}": b"p" for place in (1, 2, 3)},
        documents={**shown.documents, (EVENT, "c"): Booked(ord("c"), 3, "no", 0, 0, 0, 6)},
        books={EVENT: Books(2, 1, 0, 3, 6, [], False, 0, 6, mode="offer")},
        inbox={**shown.inbox, "c": told},
        inboxes={"c": told},
        events={EVENT: Counters(1, 0)},
        own={(EVENT, "c"): ("no", 6)},
        mails={"c": ["v", "w", "o", "x", "y"]},
        turns={EVENT: Turns(promoted=1, offers=1, expired=1)},
    )
    assert audit(ledger, after).examples == {}
    untold = replace(after, inbox={**after.inbox, "c": told[:2]}, inboxes={}, mails={})
    assert kinds(audit(ledger, untold)) == {"wrong_in_inbox"}
