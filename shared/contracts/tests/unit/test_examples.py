"""Every message type has an example, and every example is a message."""

import json
from collections import Counter
from typing import Any

import pytest
from pydantic import BaseModel

from contracts.examples import Example, examples
from contracts.registry import MESSAGES, messages_by_type, topics

NAMES = [f"{one.topic}/{one.name}" for one in examples()]


def test_every_type_has_an_example() -> None:
    shown = Counter(one.type for one in examples() if one.name != "tombstone")
    assert shown == Counter(messages_by_type().keys())


def test_every_type_belongs_to_one_message_of_a_registered_topic() -> None:
    carried = Counter(ce_type for model in MESSAGES for ce_type in model.types)
    assert set(carried.values()) == {1}
    assert {model.topic for model in MESSAGES} <= set(topics())
    for model in MESSAGES:
        assert all(ce_type.endswith(".v1") and ce_type.startswith("convene.") for ce_type in model.types)


@pytest.mark.parametrize("example", examples(), ids=NAMES)
def test_an_example_is_a_message_and_holds_nothing_that_is_not_in_it(example: Example) -> None:
    model = messages_by_type()[example.type]
    assert model.topic == example.topic
    if example.value is None:
        assert topics()[example.topic].cleanup == "compact"
        return
    assert example.value_bytes is not None
    message = model.model_validate_json(example.value_bytes)
    sent = json.loads(message.model_dump_json(exclude_unset=True))
    assert _same(sent, example.value)
    _closed(message, example.value)


@pytest.mark.parametrize("example", examples(), ids=NAMES)
def test_an_examples_key_is_the_registrys_and_its_value_null_where_the_type_says_so(example: Example) -> None:
    if example.value is not None:
        assert example.key == topics()[example.topic].key.format_map(example.value)
    if example.name != "tombstone":
        assert (example.value is None) is (example.type in messages_by_type()[example.type].tombstones)


def _same(sent: Any, shown: Any) -> bool:
    return bool(json.dumps(sent, sort_keys=True) == json.dumps(shown, sort_keys=True))


def _closed(message: BaseModel, shown: dict[str, Any]) -> None:
    assert set(shown) <= set(type(message).model_fields)
    for name, value in shown.items():
        inner = getattr(message, name)
        if isinstance(inner, BaseModel):
            _closed(inner, value)


@pytest.mark.parametrize("example", examples(), ids=NAMES)
def test_an_examples_headers_are_cloudevents(example: Example) -> None:
    required = {"ce_specversion", "ce_id", "ce_source", "ce_type", "ce_time", "ce_subject", "ce_sequence", "lane", "n"}
    assert required | {"content-type"} <= set(example.headers)
    writer = example.headers["ce_source"].removeprefix("/convene/")
    assert writer in topics()[example.topic].writers
    assert example.type.split(".")[1] == writer


def test_sequences_of_one_subject_have_no_gaps() -> None:
    lines: dict[tuple[str, str, str], list[int]] = {}
    for one in examples():
        line = (one.topic, one.headers["ce_source"], one.headers["ce_subject"])
        lines.setdefault(line, []).append(int(one.headers["ce_sequence"]))
    assert all(sequences == list(range(1, len(sequences) + 1)) for sequences in lines.values())
