"""Identifiers that say the same thing twice when asked twice."""

from hashlib import sha256
from itertools import product
from secrets import token_bytes


def derived_id(*parts: str) -> str:
    """26 lower-case letters and digits that follow from the parts, for ids of created things and of commands."""
    return _base32(sha256("\x1f".join(parts).encode()).digest()[:16])


def random_id() -> str:
    """26 lower-case letters and digits that nobody can guess."""
    return _base32(token_bytes(16))


_PAIRS = tuple(a + b for a, b in product("abcdefghijklmnopqrstuvwxyz234567", repeat=2))
_SHIFTS = tuple(range(120, -1, -10))


def _base32(sixteen: bytes) -> str:
    """RFC 4648, without padding, in lower case; two letters at a time, because ids are made at every message."""
    number = int.from_bytes(sixteen) << 2
    return "".join([_PAIRS[number >> shift & 1023] for shift in _SHIFTS])
