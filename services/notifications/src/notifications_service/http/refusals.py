"""What refused decisions are in HTTP."""

from typing import Final

REFUSALS: Final = {
    "stale-version": (412, "Somebody changed it meanwhile"),
    "too-many-verifications": (429, "Too many verification mails"),
    "link-replaced": (409, "The link has been replaced"),
    "link-expired": (410, "The link has expired"),
    "no-such-line": (404, "Not Found"),
}
