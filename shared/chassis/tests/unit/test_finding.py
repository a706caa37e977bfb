"""What documents are found by."""

from hypothesis import given
from hypothesis import strategies as st

from chassis.finding import different, key_of, words_of


@given(st.text(max_size=300))
def test_words_are_few_short_and_can_be_found_again(text: str) -> None:
    words = words_of(text)
    assert words == sorted(set(words))
    assert all(0 < len(word) <= 40 for word in words)
    assert len(words) <= 200
    assert set(words_of(" ".join(words))) <= set(words)


def test_words_do_not_mind_case_and_accents() -> None:
    assert words_of("Café CAFE", "straße") == ["cafe", "strasse"]


def test_names_that_mean_the_same_are_one() -> None:
    assert different(["Open Source", "open-source", "Rust"]) == ["Open Source", "Rust"]
    assert key_of("編み物") != key_of("園芸")
