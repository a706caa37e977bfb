"""Sealing short texts."""

from base64 import urlsafe_b64encode

import pytest

from chassis.sealing import Sealer, Unsealable

OLD, NEW = (urlsafe_b64encode(bytes([number]) * 32).decode() for number in (1, 2))


def test_what_is_sealed_opens_only_for_whom_it_is_about() -> None:
    sealer = Sealer([OLD], "address")
    sealed = sealer.seal("ada@example.org", about="ada")
    assert "ada" not in sealed
    assert sealer.open(sealed, about="ada") == "ada@example.org"
    assert sealer.seal("ada@example.org", about="ada") == sealed
    for other in (Sealer([NEW], "address"), Sealer([OLD], "link")):
        with pytest.raises(Unsealable):
            other.open(sealed, about="ada")
    with pytest.raises(Unsealable):
        sealer.open(sealed, about="eve")


def test_a_new_key_in_front_still_opens_what_the_old_one_sealed() -> None:
    sealed = Sealer([OLD], "address").seal("ada@example.org")
    both = Sealer([NEW, OLD], "address")
    assert both.open(sealed) == "ada@example.org"
    assert both.open(both.seal("ada@example.org")) == "ada@example.org"
    assert both.seal("ada@example.org") != sealed


@pytest.mark.parametrize("text", ["", "A", "AAAA", "ä", "A" * 5000, "====", "a b"])
def test_what_was_never_sealed_does_not_open(text: str) -> None:
    with pytest.raises(Unsealable):
        Sealer([OLD], "link").open(text)


def test_a_weak_key_is_refused() -> None:
    for keys in ([], ["short"], ["ä" * 50]):
        with pytest.raises(ValueError):
            Sealer(keys, "address")
