"""Identifiers that say the same thing twice when asked twice."""

from base64 import b32encode
from hashlib import sha256
from secrets import token_bytes


def derived_id(*parts: str) -> str:
    """26 lower-case letters and digits that follow from the parts, for ids of created things and of commands."""
    digest = sha256("\x1f".join(parts).encode()).digest()[:16]
    return b32encode(digest).decode("ascii").rstrip("=").lower()


def random_id() -> str:
    """26 lower-case letters and digits that nobody can guess."""
    return b32encode(token_bytes(16)).decode("ascii").rstrip("=").lower()
