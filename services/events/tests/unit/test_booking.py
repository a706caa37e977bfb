"""What an answer to an event costs: the heads of lines are read, and parsed, only where they matter."""

from dataclasses import asdict
from typing import Any

import pytest
from services.events.tests.unit.rules import GROUP, NOW, TERMS

from chassis.journal import Command, Documents, Ref
from events_service.domain.ledger import Ledger
from events_service.handlers.rsvp import RESPOND, decide_respond
from events_service.store.booking import RsvpStore
from events_service.store.ledger import LEDGERS, document_of
from events_service.store.projection import GROUPS, MEMBERSHIPS
from events_service.store.rsvp import RSVPS

LINES = {"head": [[1, "bo", 1, 0]], "sides": ["physical"], "group_id": "g"}
SIDES = {**LINES, "online": {"head": [[2, "cy", 1, 0]]}, "sides": ["physical", "online"]}
AT_HEADS = {Ref(RSVPS, "e:bo"), Ref(RSVPS, "e:cy")}


def answer(**body: Any) -> Command:
    return Command("c", RESPOND, "e", {"response": "yes", "guests": 0, **body}, actor="ada")


def reads_heads(ledger: dict[str, Any], rsvp: dict[str, Any], **body: Any) -> bool:
    documents, command = Documents(), answer(**body)
    documents.load(LEDGERS, ["e"], [{"_id": "e", **ledger}])
    documents.load(RSVPS, ["e:ada"], [{"_id": "e:ada", "status": "yes", "guests": 0, **rsvp}])
    return bool(AT_HEADS & set(RsvpStore().reads(command, documents)))


@pytest.mark.parametrize(
    ("ledger", "rsvp", "place", "heads"),
    [
        (SIDES, {}, "physical", False),
        (SIDES, {"room": 2}, "online", False),
        (SIDES, {}, None, False),
        (SIDES, {}, "online", True),
        (SIDES, {"room": 2}, "physical", True),
        ({**SIDES, "sides": ["online", "physical"]}, {}, "online", False),
        ({**SIDES, "sides": ["online", "physical"]}, {}, "physical", True),
        (LINES, {}, "physical", False),
        (LINES, {}, "online", False),
    ],
)
def test_an_answer_with_a_place_reads_the_lines_only_for_another_side(
    ledger: dict[str, Any], rsvp: dict[str, Any], place: str | None, heads: bool
) -> None:
    assert reads_heads(ledger, rsvp, **({} if place is None else {"place": place})) == heads


def test_whoever_gives_up_seats_reads_the_lines() -> None:
    assert reads_heads(SIDES, {"guests": 1}, place="physical")
    assert reads_heads(SIDES, {}, response="no")


def test_the_lines_are_not_parsed_where_nobody_moves_in_one(monkeypatch: pytest.MonkeyPatch) -> None:
    def unexpected(ledger: Any) -> Any:
        raise AssertionError(ledger)

    monkeypatch.setattr("events_service.store.booking.lines_in", unexpected)
    store, documents, command = RsvpStore(), Documents(), answer()
    documents.load(LEDGERS, ["e"], [document_of(TERMS, Ledger(capacity=1), None)])
    documents.load(GROUPS, ["g"], [{**asdict(GROUP), "_id": "g"}])
    held = {"_id": "g:ada", "state": "active", "role": "member", "version": 1}
    documents.load(MEMBERSHIPS, ["g:ada"], [held])
    for missing in documents.missing(store.reads(command, documents)):
        assert isinstance(missing, Ref)
        documents.load(missing.collection, [missing.id], [])
    outcome = decide_respond(store.load(command, documents), command, NOW)
    store.save(command, documents, outcome, NOW)
    kept = documents.get(LEDGERS, "e")
    assert kept is not None
    assert kept["seats"] == 1
