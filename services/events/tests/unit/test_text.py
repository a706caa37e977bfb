"""What callers may write, and what not."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from chassis.http import Body
from events_service.http.comment import NewComment
from events_service.http.details import EventChange, NewEvent
from events_service.http.feedback import Give
from events_service.http.letter import NewMessage
from events_service.http.promotion import PromotionBody
from events_service.http.rsvp import Respond
from events_service.http.series import NewSeries
from events_service.http.text import Instant

INSTANT: TypeAdapter[Instant] = TypeAdapter(Instant)
EVENT = {"title": "Tea", "starts_at": "2030-06-01T18:30:00", "ends_at": "2030-06-01T20:30:00"}
ASKING: list[tuple[type[Body], str, dict[str, str]]] = [
    (NewEvent, "questions", EVENT),
    (EventChange, "questions", {}),
    (Respond, "answers", {"response": "yes"}),
]


@pytest.mark.parametrize("text", ["2026-11-26T18:30:00Z", "2026-11-26T18:30:00.5+01:00", "2026-11-26 18:30:00-05:00"])
def test_a_moment_is_rfc_3339(text: str) -> None:
    assert INSTANT.validate_python(text) == datetime.fromisoformat(text)


@pytest.mark.parametrize(
    "text", ["0", "1764181800", "1.5", "2026-11-26", "2026-11-26T18:30Z", "2026-11-26T18:30:00", ""]
)
def test_a_number_is_no_moment(text: str) -> None:
    with pytest.raises(ValidationError):
        INSTANT.validate_python(text)


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_no_moment_is_beyond_what_a_calendar_reaches(text: str) -> None:
    with pytest.raises(ValidationError):
        INSTANT.validate_python(text)
    assert INSTANT.validate_python(text[:19] + "Z").isoformat() == text[:19] + "+00:00"


@pytest.mark.parametrize(("text", "hours"), [("PT12H", 12), ("P1D", 24), ("P1DT1H30M", 25.5)])
def test_a_duration_is_iso_8601(text: str, hours: float) -> None:
    assert PromotionBody.model_validate_json(json.dumps({"offer_ttl": text})).offer_ttl == timedelta(hours=hours)


@pytest.mark.parametrize("value", [3600, 3600.5, "3600", "12:00:00", "5 days", "-PT1H", "", None])
def test_nothing_else_is_a_duration(value: Any) -> None:
    with pytest.raises(ValidationError):
        PromotionBody.model_validate_json(json.dumps({"offer_ttl": value}))


@pytest.mark.parametrize(("kind", "name", "rest"), ASKING)
def test_six_texts_of_250_characters_are_taken(kind: Any, name: str, rest: Any) -> None:
    texts = ["a" * 250, "ß" * 250, "\N{BREAD}" * 250, f" {'b' * 250}\n", "c", "d"]
    taken = kind.model_validate({**rest, name: texts})
    assert getattr(taken, name) == [text.strip() for text in texts]


@pytest.mark.parametrize(("kind", "name", "rest"), ASKING)
@pytest.mark.parametrize("texts", [["a" * 251], ["a", "ß" * 251], ["a"] * 7])
def test_longer_ones_and_more_are_refused(kind: Any, name: str, rest: Any, texts: list[str]) -> None:
    with pytest.raises(ValidationError) as refused:
        kind.model_validate({**rest, name: texts})
    assert [flaw["loc"][0] for flaw in refused.value.errors()] == [name]


def test_a_question_says_something_and_an_answer_may_say_nothing() -> None:
    for kind, name, rest in ASKING[:2]:
        with pytest.raises(ValidationError):
            kind.model_validate({**rest, name: [" "]})
    assert Respond.model_validate({"response": "yes", "answers": ["", " "]}).answers == ["", ""]


@pytest.mark.parametrize("wrong", ["localtime", "Factory", "posixrules", "../UTC", "Moon"])
def test_a_zone_is_the_same_everywhere(wrong: str) -> None:
    assert EventChange.model_validate({"timezone": "Asia/Kathmandu"}).timezone == "Asia/Kathmandu"
    with pytest.raises(ValidationError):
        EventChange.model_validate({"timezone": wrong})


@pytest.mark.parametrize(
    "held", ["\r\nATTENDEE:mailto:eve@example.org", "\0", "\t", "\x1b[2J", "\x7f", "\x85", "\u2028"]
)
@pytest.mark.parametrize("name", ["title", "topics", "questions", "hosts", "place"])
def test_one_line_is_one(name: str, held: str) -> None:
    def given(text: str) -> Any:
        if name == "place":
            return {name: {"kind": "physical", "name": text}}
        return {name: text if name == "title" else [text]}

    EventChange.model_validate(given("a-\N{BREAD}"))
    with pytest.raises(ValidationError):
        EventChange.model_validate(given(f"a{held}b"))


@pytest.mark.parametrize(
    ("kind", "rest", "name"),
    [
        (NewEvent, EVENT, "description"),
        (NewEvent, EVENT, "host_notes"),
        (NewSeries, {**EVENT, "rrule": "FREQ=DAILY;COUNT=2"}, "description"),
        (NewComment, {}, "body"),
        (NewMessage, {}, "body"),
        (Give, {"stars": 5}, "text"),
        (Give, {"stars": 5}, "next_text"),
    ],
)
def test_several_lines_hold_no_other_control_characters(kind: Any, rest: Any, name: str) -> None:
    assert getattr(kind.model_validate({**rest, name: "a\tb\r\nc\N{BREAD}"}), name) == "a\tb\r\nc\N{BREAD}"
    for wrong in ("\0", "\b", "\x0b", "\x1b", "\x7f"):
        with pytest.raises(ValidationError):
            kind.model_validate({**rest, name: f"a{wrong}b"})
