"""A service's part of a request: what is taken down, sent, answered, and what undoes it."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import pytest
from pydantic_core import to_json

from chassis.journal.command import Command
from chassis.journal.decision import Outcome
from chassis.privacy import deciders
from chassis.privacy.case import (
    ANSWER,
    RETURN,
    SEND,
    TAKE,
    Case,
    answer_command,
    came_back,
    return_command,
    send_command,
)
from chassis.privacy.worker import MOST_BYTES, export_sealer, parts
from chassis.sealing import Unsealable
from chassis.topics import configs
from contracts.privacy import ExportChunk, PrivacyReceipt
from contracts.registry import topics

WISH = {"request_id": "r1", "member_id": "ada", "kind": "erasure", "stage": "announced"}
NOW = datetime(2026, 11, 26, tzinfo=UTC)
TABLE = deciders("events")


def take(case: Case | None, stage: str, kind: str = "erasure") -> Outcome[Case | None]:
    command = Command("c1", TAKE, "case-r1", {"request_id": "r1", "member_id": "ada", "kind": kind, "stage": stage})
    return TABLE[TAKE].decide(case, command, NOW)


def said(case: Case | None, command: Command) -> tuple[Case | None, list[Any]]:
    decider = TABLE[command.name]
    outcome = decider.decide(case, command, NOW)
    return outcome.state, list(decider.tell(command, outcome, NOW).messages)


def test_a_request_is_taken_down_and_moves_on_until_it_is_answered() -> None:
    announced = take(None, "announced").state
    assert announced == Case("r1", "ada", "erasure", "announced")
    assert not take(announced, "announced").facts
    opened = take(announced, "open").state
    assert opened is not None
    assert opened.stage == "open"
    answered, _ = said(opened, answer_command(opened))
    assert answered is not None
    assert not take(answered, "open").facts


def test_an_answer_is_one_receipt_and_the_first_counts() -> None:
    case = Case("r1", "ada", "export", "open")
    answered, (message,) = said(case, answer_command(case, "a1", 2))
    receipt = PrivacyReceipt.model_validate_json(message.value)
    assert (receipt.service, receipt.kind, receipt.attempt, receipt.chunks) == ("events", "export", "a1", 2)
    assert (message.topic, message.type) == ("privacy.receipts.v1", "convene.events.privacy.answered.v1")
    assert said(answered, answer_command(case, "a2", 3))[1] == []


def test_chunks_go_out_while_the_case_is_open_sealed_and_under_the_members_key_in_the_journal() -> None:
    case = Case("r1", "ada", "export", "open")
    command = send_command(case, "a1", 0, "sealed text")
    _, (message,) = said(case, command)
    assert ExportChunk.model_validate_json(message.value).sealed == "sealed text"
    personal = TABLE[SEND].personal
    assert personal is not None
    assert (personal.of(command), personal.topics) == ("ada", (ExportChunk.topic,))
    for closed in (None, Case("r1", "ada", "export", "answered")):
        assert said(closed, command)[1] == []


def asked(issued_at: float | None, stage: Literal["announced", "undone", "open", "answered"] = "announced") -> Case:
    """At NOW by our clock, with a token of this time by its issuer's."""
    return Case("r1", "ada", "erasure", stage, NOW, issued_at)


@pytest.mark.parametrize("ahead", [-30, -1, 0, 1, 600, 86400])
def test_the_token_that_asked_never_undoes_it_and_the_next_one_does_whichever_clock_is_ahead(ahead: int) -> None:
    """ahead: seconds of the issuer's clock before ours. The member asked a minute after they had signed in."""
    by = NOW.timestamp() - 60 + ahead
    case = asked(by)
    assert [came_back(issued, case) for issued in (by - 1, by, by + 61, by + 3600)] == [False, False, True, True]


def test_a_token_from_long_before_the_wish_is_no_return_though_it_is_younger_than_the_one_that_asked() -> None:
    noon = NOW.timestamp()
    case = asked(noon - 3600)
    assert [came_back(issued, case) for issued in (noon - 1800, noon - 301, noon + 1)] == [False, False, True]


def test_a_device_whose_token_was_fetched_minutes_before_the_wish_undoes_nothing() -> None:
    """The laptop that asks has one of ten minutes ago, the telephone one of four, or of 31 seconds."""
    noon = NOW.timestamp()
    case = asked(noon - 600)
    assert [came_back(issued, case) for issued in (noon - 240, noon - 31, noon + 1)] == [False, False, True]


def test_a_token_without_a_time_tells_nothing_and_against_one_our_clock_is_asked() -> None:
    noon = NOW.timestamp()
    assert not came_back(None, asked(noon))
    assert not came_back(None, asked(None))
    assert [came_back(issued, asked(None)) for issued in (noon - 1, noon, noon + 1)] == [False, False, True]
    assert not came_back(noon, Case("r1", "ada", "erasure", "announced"))


def test_who_asks_again_with_a_younger_token_has_not_come_back_by_it() -> None:
    noon = NOW.timestamp()
    command = Command("c2", TAKE, "case-r1", {**WISH, "asked_at": NOW.isoformat(), "issued_at": noon})
    case = TABLE[TAKE].decide(asked(noon - 60), command, NOW).state
    assert case == asked(noon)
    assert not came_back(noon, case)
    for known in (asked(noon), asked(noon + 1), asked(noon, "answered")):
        assert not TABLE[TAKE].decide(known, command, NOW).facts


def test_a_case_keeps_when_its_member_asked() -> None:
    command = Command("c1", TAKE, "case-r1", {**WISH, "asked_at": "2026-11-25T10:00:00+00:00"})
    case = TABLE[TAKE].decide(None, command, NOW).state
    assert case is not None
    assert case.asked_at == NOW - timedelta(hours=14)


@pytest.mark.parametrize("stage", ["undone", "open", "answered"])
def test_coming_back_counts_only_before_it_has_begun(stage: Any) -> None:
    noon = NOW.timestamp()
    command = return_command("r1", "ada", noon + 1)
    _, (message,) = said(asked(noon), command)
    receipt = PrivacyReceipt.model_validate_json(message.value)
    assert (receipt.returned, receipt.issued_at) == (True, noon + 1)
    assert message.type == "convene.events.privacy.returned.v1"
    assert said(asked(noon, stage), command)[1] == []
    assert said(asked(noon + 1), command)[1] == [], "they asked again with this token meanwhile"


def test_every_export_has_a_key_of_its_own() -> None:
    keys = ["A" * 43]
    sealed = export_sealer(keys, "r1").seal("text", "a1 0")
    assert export_sealer(["B" * 43, *keys], "r1").open(sealed, "a1 0") == "text"
    for request, about in (("r2", "a1 0"), ("r1", "a1 1")):
        with pytest.raises(Unsealable):
            export_sealer(keys, request).open(sealed, about)


def test_exports_stay_on_their_topic_for_an_hour() -> None:
    settings = configs(topics()[ExportChunk.topic], 1)
    assert (settings["retention.ms"], settings["segment.ms"]) == ("3600000", "600000")
    assert settings["cleanup.policy"] == "delete"


def test_commands_are_the_same_however_often_they_are_made() -> None:
    case = Case("r1", "ada", "erasure", "open")
    assert answer_command(case).id == answer_command(case).id
    back = return_command("r1", "ada", 1.5)
    assert back.id == return_command("r1", "ada", 1.5).id != return_command("r1", "ada", 2.5).id
    names = {answer_command(case).name, back.name, send_command(case, "a", 0, "").name}
    assert names == {ANSWER, RETURN, SEND}
    assert all(re.fullmatch(r"privacy\.[a-z]+", name) for name in TABLE)


def test_a_portion_goes_out_in_parts_that_fit_a_message_whole_and_in_order() -> None:
    documents = [{"id": str(number), "text": "é" * 900} for number in range(200)]
    cut = list(parts(documents))
    assert [one for part in cut for one in part] == documents
    assert all(len(to_json(part)) < MOST_BYTES + 1_000 for part in cut)
    assert len(cut) == 3
    assert list(parts([])) == [[]]
    huge = {"id": "huge", "text": "x" * MOST_BYTES}
    assert list(parts([documents[0], huge, documents[1]])) == [[documents[0]], [huge], [documents[1]]]
