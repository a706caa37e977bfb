"""Messages within a version change only by optional additions."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from contracts import compatibility
from contracts.events import RsvpChanged
from contracts.public import PublicRsvp

Change = Callable[[dict[str, Any]], Any]


def test_the_models_break_nothing_that_was_committed() -> None:
    assert compatibility.check(compatibility.committed(), compatibility.current()) == []


def test_the_committed_schemas_are_up_to_date() -> None:
    assert compatibility.committed() == compatibility.current()
    assert compatibility.main([]) == 0


def rsvp(change: Change | None = None) -> compatibility.Schema:
    found = copy.deepcopy(compatibility.schema(RsvpChanged))
    if change is not None:
        change(found)
    return found


COMPATIBLE: dict[str, Change] = {
    "a new optional field": lambda s: s["value"]["properties"].update(mood={"type": "string", "default": ""}),
    "a new type": lambda s: s["types"].append("convene.events.rsvp.traded.v1"),
}

BREAKING: dict[str, tuple[Change, str]] = {
    "a field is gone": (lambda s: s["value"]["properties"].pop("position"), "value.position is gone"),
    "a required field is new": (
        lambda s: (s["value"]["properties"].update(mood={"type": "string"}), s["value"]["required"].append("mood")),
        "value.mood is new and required",
    ),
    "a field is required now": (lambda s: s["value"]["required"].append("was"), "value.was is now required"),
    "a field may be missing now": (
        lambda s: s["value"]["required"].remove("guests"),
        "value.guests is no longer required",
    ),
    "another kind of value": (
        lambda s: s["value"]["properties"]["guests"].update(type="string"),
        'value.guests.type: "integer" became "string"',
    ),
    "a bound moves": (
        lambda s: s["value"]["properties"]["guests"].update(minimum=1),
        "value.guests.minimum: 0 became 1",
    ),
    "a word more": (
        lambda s: s["value"]["properties"]["status"]["enum"].append("perhaps"),
        "value.status.enum",
    ),
    "a bound comes": (
        lambda s: s["value"]["properties"]["guests"].update(maximum=9),
        "value.guests: maximum came",
    ),
    "another default": (
        lambda s: s["value"]["properties"]["was"].update(default="no"),
        'value.was.default: null became "no"',
    ),
    "a type is gone": (lambda s: s["types"].pop(0), "type convene.events.rsvp.admitted.v1 is gone"),
}


@pytest.mark.parametrize("name", COMPATIBLE)
def test_optional_additions_are_compatible(name: str) -> None:
    assert compatibility.breaks(rsvp(), rsvp(COMPATIBLE[name])) == []


@pytest.mark.parametrize("name", BREAKING)
def test_anything_else_breaks(name: str) -> None:
    change, sentence = BREAKING[name]
    assert [flaw[: len(sentence)] for flaw in compatibility.breaks(rsvp(), rsvp(change))] == [sentence]


def test_a_topic_that_is_gone_breaks() -> None:
    assert compatibility.check({"a.b.v1": rsvp()}, {}) == ["a.b.v1 is gone"]


def test_prose_is_no_part_of_the_contract_but_fields_called_like_it_are() -> None:
    found = compatibility.schema(PublicRsvp)
    assert "description" not in str(found)
    assert "title" in compatibility.current()["events.event.v1"]["value"]["properties"]
