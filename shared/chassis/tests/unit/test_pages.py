"""Cursors: what goes in comes out, and nothing else does."""

from base64 import urlsafe_b64encode
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.http import Problem
from chassis.http.pages import Key, decode, encode

_KEYS = st.lists(
    st.none()
    | st.booleans()
    | st.text()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.datetimes(min_value=datetime(1970, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - the zone is added beside it
    max_size=8,
)


@given(_KEYS)
def test_a_cursor_holds_its_key(key: list[Key]) -> None:
    cursor = encode(key)
    assert decode(cursor) == tuple(key)
    assert cursor.isascii()
    assert not set(cursor) & set("=&?/+ ")


@pytest.mark.parametrize(
    "held",
    [
        b"",
        b"{}",
        b'[{"$gt":""}]',
        b'[{"at":"x"}]',
        b'[{"at":7}]',
        b"[[1]]",
        b"[1,2,3,4,5,6,7,8,9]",
        b"[NaN]",
        b"[1000000000000000000000000]",
        b"[9223372036854775808]",
        b"[-9223372036854775809]",
        b'[{"at":"0001-01-01T00:00:00+14:00"}]',
        b'[{"at":"9999-12-31T23:59:59-14:00"}]',
        b'[{"at":"2026-11-26T12:00:00"}]',
        b"\xff",
        b"[1",
    ],
)
def test_nothing_else_comes_out_of_one(held: bytes) -> None:
    with pytest.raises(Problem) as refused:
        decode(urlsafe_b64encode(held).decode().rstrip("="))
    assert (refused.value.status_code, refused.value.reason) == (400, "invalid-cursor")


@pytest.mark.parametrize("cursor", ["ä", "!", "a", "%00", "===="])
def test_rubbish_is_refused(cursor: str) -> None:
    with pytest.raises(Problem):
        decode(cursor)
