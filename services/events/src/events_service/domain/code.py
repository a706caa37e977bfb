"""Codes that let people be checked in: a member's own, and the one that is shown at the door.

Both are signed with the service's key, for one event each. The door's changes with every step of time, so that a
photo of it is worth nothing soon after.
"""

import hmac
from base64 import b32encode, urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime
from hashlib import sha256
from typing import Final, Literal

STEP: Final = 30
"""Seconds that a door's code is shown; it is good for one step more."""
REMEMBERED: Final = 20
"""How many steps back a door's code is still known as one that was good."""

_DOOR_LETTERS: Final = 10
_SIGNATURE_BYTES: Final = 16

Verdict = Literal["good", "expired", "unknown"]


def own_code(key: bytes, event_id: str, member_id: str) -> str:
    """A member's code for an event: URL-safe text, for a QR code."""
    signature = _signed(key, "member", event_id, member_id)[:_SIGNATURE_BYTES]
    return f"{_text(member_id.encode())}.{_text(signature)}"


def claimed(code: str) -> str | None:
    """Whose code it says it is; None where it is no member's code at all. What it says is not checked here."""
    name, dot, _ = code.partition(".")
    if not dot:
        return None
    try:
        return urlsafe_b64decode(name + "=" * (-len(name) % 4)).decode() or None
    except ValueError:
        return None


def is_own(key: bytes, event_id: str, member_id: str, code: str) -> bool:
    """Whether the code is this member's for this event."""
    return hmac.compare_digest(own_code(key, event_id, member_id).encode(), code.encode())


def door_code(key: bytes, event_id: str, now: datetime) -> tuple[str, datetime]:
    """What the door shows, and until when; letters and digits that people can type."""
    step = _step(now)
    return _door(key, event_id, step), datetime.fromtimestamp((step + 1) * STEP, UTC)


def at_door(key: bytes, event_id: str, code: str, now: datetime) -> Verdict:
    """What a door's code is worth at this time. Letters may be of either case."""
    said, step = code.lower().encode(), _step(now)
    for back in range(REMEMBERED):
        if hmac.compare_digest(_door(key, event_id, step - back).encode(), said):
            return "good" if back <= 1 else "expired"
    return "unknown"


def _door(key: bytes, event_id: str, step: int) -> str:
    return b32encode(_signed(key, "door", event_id, str(step))).decode()[:_DOOR_LETTERS].lower()


def _signed(key: bytes, *parts: str) -> bytes:
    return hmac.digest(key, "\x1f".join(parts).encode(), sha256)


def _step(now: datetime) -> int:
    return int(now.timestamp()) // STEP


def _text(data: bytes) -> str:
    return urlsafe_b64encode(data).decode().rstrip("=")
