"""What documents are found by."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.finding import different, key_of, words_of


@given(st.text(max_size=300))
def test_words_are_few_short_and_can_be_found_again(text: str) -> None:
    words = words_of(text)
    assert len(words) == len(set(words))
    assert all(0 < len(word) <= 40 for word in words)
    assert len(words) <= 200
    assert set(words_of(" ".join(words))) <= set(words)


def test_of_too_many_words_the_first_stay() -> None:
    """However they are spelled: what a thing is called comes first."""
    assert words_of("Zoo of Zürich", " ".join(f"a{n}" for n in range(300)))[:4] == ["zoo", "of", "zurich", "a0"]


def test_words_do_not_mind_case_and_accents() -> None:
    assert words_of("Café CAFE", "straße") == ["cafe", "strasse"]


def test_names_that_mean_the_same_are_one() -> None:
    assert different(["Open Source", "open-source", "Rust"]) == ["Open Source", "Rust"]
    alike = [("Café", "cafe"), ("#Hiking", "hiking"), ("\uff23\uff0b\uff0b", "c++"), ("Rock & Roll", "rock - roll")]
    for one, other in alike:
        assert different([one, other]) == [one]


@pytest.mark.parametrize(
    "names",
    [["C", "C++", "C#"], ["Over 50", "Over 50+"], ["編み物", "園芸"], ["北京", "背景"], ["がき", "かき"], ["🎲", "🎯"]],
)
def test_names_that_differ_stay_apart(names: list[str]) -> None:
    assert different(names) == names


@pytest.mark.parametrize("name", ["编程", "हिंदी", "Чай", "Й", "ภาษาไทย"])
def test_every_script_keeps_its_letters(name: str) -> None:
    assert key_of(name) == unicodedata.normalize("NFKC", name.casefold())


@given(st.text(min_size=1, max_size=50))
def test_what_a_name_is_found_by_finds_it_too(name: str) -> None:
    assert key_of(key_of(name)) == key_of(name)
