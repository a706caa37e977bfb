"""Sealing: short texts that are unreadable anywhere but in a process that holds the key.

AES-SIV (RFC 5297): authenticated, and equal input gives equal output, so that sealed texts can be compared without
being opened and a repeated request stays the same request.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


class Unsealable(ValueError):
    """Not a seal of ours, or not about what it is said to be about."""


class Sealer:
    """Seals and opens short texts for one purpose under the first key; opens under any of them.

    keys: at least 32 random bytes each, in urlsafe base64. A new key goes to the front; the old ones stay until
    nothing is sealed under them. Raises ValueError for a key that is too short or not base64.
    """

    def __init__(self, keys: Sequence[str], purpose: str) -> None:
        if not keys:
            raise ValueError("a sealer needs a key")
        self._ciphers = [AESSIV(_derived(_secret(key), purpose)) for key in keys]

    def seal(self, text: str, about: str = "") -> str:
        """URL-safe text. It can only be opened by naming the same `about`."""
        return urlsafe_b64encode(self._ciphers[0].encrypt(text.encode(), [about.encode()])).decode().rstrip("=")

    def open(self, sealed: str, about: str = "") -> str:
        """The text. Raises Unsealable."""
        try:
            data = urlsafe_b64decode(sealed + "=" * (-len(sealed) % 4))
        except (NotBase64, ValueError):
            raise Unsealable("not sealed text") from None
        for cipher in self._ciphers:
            try:
                return cipher.decrypt(data, [about.encode()]).decode()
            except (InvalidTag, ValueError):
                continue
        raise Unsealable("sealed under another key, or about something else")


def split_keys(text: str) -> list[str]:
    """The keys of a setting that may name several, newest first, separated by commas."""
    return [key.strip() for key in text.split(",") if key.strip()]


def _secret(key: str) -> bytes:
    secret = urlsafe_b64decode(key + "=" * (-len(key) % 4))
    if len(secret) < 32:
        raise ValueError("a key is at least 32 bytes in urlsafe base64")
    return secret


def _derived(secret: bytes, purpose: str) -> bytes:
    return HKDF(algorithm=SHA256(), length=64, salt=None, info=f"convene {purpose}".encode()).derive(secret)
