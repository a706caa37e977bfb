"""What callers may write, and what groups are found by."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from groups_service.domain.group import is_id, is_urlname
from groups_service.handlers.words import topic_key, words_of
from groups_service.http.text import Country, Topics, Zone


@given(st.text(max_size=300))
def test_words_are_few_short_and_can_be_found_again(text: str) -> None:
    words = words_of(text)
    assert words == sorted(set(words))
    assert all(0 < len(word) <= 40 for word in words)
    assert len(words) <= 200
    assert set(words_of(" ".join(words))) <= set(words)


def test_words_do_not_mind_case_and_accents() -> None:
    assert words_of("Café CAFE", "straße") == ["cafe", "strasse"]


def test_topics_that_mean_the_same_are_one() -> None:
    assert TypeAdapter(Topics).validate_python(["Open Source", "open-source", "Rust"]) == ["Open Source", "Rust"]
    assert topic_key("編み物") != topic_key("園芸")


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
