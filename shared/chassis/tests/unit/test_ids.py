"""Ids are RFC 4648 base 32 in lower case, whatever makes them fast."""

from base64 import b32encode
from hashlib import sha256

from hypothesis import given
from hypothesis import strategies as st

from chassis.ids import derived_id, random_id


@given(st.lists(st.text(st.characters(codec="utf-8")), min_size=1))
def test_a_derived_id_is_the_digest_of_its_parts(parts: list[str]) -> None:
    digest = sha256("\x1f".join(parts).encode()).digest()[:16]
    assert derived_id(*parts) == b32encode(digest).decode().rstrip("=").lower()


def test_random_ids_differ() -> None:
    made = {random_id() for _ in range(1000)}
    assert len(made) == 1000
    assert {len(id_) for id_ in made} == {26}
