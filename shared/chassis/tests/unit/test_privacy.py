"""A service's part of a request: what is taken down, sent, answered, and what undoes it."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

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
    return_command,
    send_command,
)
from chassis.privacy.leaving import came_back
from chassis.privacy.worker import export_sealer
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


def test_only_a_token_that_is_younger_than_the_wish_tells_that_somebody_came_back() -> None:
    asked = NOW.timestamp()
    assert [came_back(issued, NOW) for issued in (asked - 1, asked, asked + 1, None)] == [False, False, True, True]


def test_a_case_keeps_when_its_member_asked() -> None:
    command = Command("c1", TAKE, "case-r1", {**WISH, "asked_at": "2026-11-25T10:00:00+00:00"})
    case = TABLE[TAKE].decide(None, command, NOW).state
    assert case is not None
    assert case.asked_at == NOW - timedelta(hours=14)


@pytest.mark.parametrize("stage", ["undone", "open", "answered"])
def test_coming_back_counts_only_before_it_has_begun(stage: Any) -> None:
    _, (message,) = said(Case("r1", "ada", "erasure", "announced"), return_command("r1", "ada"))
    assert PrivacyReceipt.model_validate_json(message.value).returned
    assert message.type == "convene.events.privacy.returned.v1"
    assert said(Case("r1", "ada", "erasure", stage), return_command("r1", "ada"))[1] == []


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
    assert return_command("r1", "ada").id == return_command("r1", "ada").id
    names = {answer_command(case).name, return_command("r1", "ada").name, send_command(case, "a", 0, "").name}
    assert names == {ANSWER, RETURN, SEND}
    assert all(re.fullmatch(r"privacy\.[a-z]+", name) for name in TABLE)
