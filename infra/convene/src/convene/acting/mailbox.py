"""A mail address of somebody's, verified as people do it: through the link in the mail that came."""

import asyncio
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import TypeVar

from convene.acting.platform import Person, Unexpected

T = TypeVar("T")
PATIENCE = 60.0
LINK = "/v1/contact-points/verify/"


def address_of(member_id: str) -> str:
    return f"{member_id}@example.org"


async def until(look: Callable[[], Awaitable[T | None]], what: str) -> tuple[T, float]:
    """The first answer that is not None, and how many seconds it took. Raises Unexpected after PATIENCE."""
    began = monotonic()
    while monotonic() - began < PATIENCE:
        found = await look()
        if found is not None:
            return found, monotonic() - began
        await asyncio.sleep(0.02)
    raise Unexpected(f"waited {PATIENCE:.0f} s for {what}")


async def verify_address(person: Person) -> None:
    """Raises Unexpected when the mail does not come or its link is not good."""
    platform = person.platform
    await person.put("notifications", "/v1/contact-points", {"email": address_of(person.member_id)})

    async def link() -> str | None:
        mails = await platform.mails(address_of(person.member_id))
        words = (word for mail in mails for word in mail["text"].split() if LINK in word)
        return next((str(word[word.index(LINK) :].rstrip(").>")) for word in words), None)

    path, _ = await until(link, f"the verification mail of {person.member_id}")
    answer = await platform.http.post(f"{platform.addresses['notifications']}{path}")
    if answer.status_code != 200:
        raise Unexpected(f"verifying {person.member_id}: {answer.status_code} {answer.text[:200]}")
