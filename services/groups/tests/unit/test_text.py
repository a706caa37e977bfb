"""What callers may write."""

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from groups_service.domain.group import is_id, is_urlname
from groups_service.http.group import GroupChange
from groups_service.http.membership import Joining
from groups_service.http.text import Country, Topics, Zone


def test_topics_that_mean_the_same_are_one() -> None:
    assert TypeAdapter(Topics).validate_python(["Open Source", "open-source", "Rust"]) == ["Open Source", "Rust"]


@pytest.mark.parametrize("urlname", ["abc", "a-1", "jersey-city-moms", "x" * 60])
def test_urlnames(urlname: str) -> None:
    assert is_urlname(urlname)


@pytest.mark.parametrize("wrong", ["", "ab", "a--b", "-ab", "ab-", "aB1", "x" * 61, "a_b", "a" * 26, "abc\n"])
def test_what_is_no_urlname(wrong: str) -> None:
    assert not is_urlname(wrong)
    assert is_id(wrong) == (wrong == "a" * 26)


def test_countries_and_zones() -> None:
    assert TypeAdapter(Country).validate_python("us") == "US"
    assert TypeAdapter(Zone).validate_python("Asia/Kathmandu") == "Asia/Kathmandu"
    for kind, wrong in ((Country, "USA"), (Country, "ß"), (Zone, "../etc/passwd"), (Zone, "Moon")):
        with pytest.raises(ValidationError):
            TypeAdapter(kind).validate_python(wrong)


@pytest.mark.parametrize(("kind", "name"), [(GroupChange, "join_questions"), (Joining, "answers")])
def test_five_questions_and_answers_of_250_characters_are_taken_and_no_more(kind: Any, name: str) -> None:
    texts = ["a" * 250, "ß" * 250, "\N{BREAD}" * 250, f" {'b' * 250}\n", "c"]
    assert getattr(kind.model_validate({name: texts}), name) == [text.strip() for text in texts]
    for wrong in (["a" * 251], ["a", "ß" * 251], ["a"] * 6):
        with pytest.raises(ValidationError):
            kind.model_validate({name: wrong})
