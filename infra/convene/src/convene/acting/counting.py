"""The end of the demo: everything the story caused, compared with everything the platform shows."""

from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from convene.acting.mailbox import address_of, until
from convene.acting.platform import Json, Unexpected
from convene.acting.story import Stage

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Count:
    """One thing counted on both sides."""

    what: str
    told: object
    found: object

    @property
    def agrees(self) -> bool:
        return self.told == self.found


async def counts(stage: Stage, events: list[str]) -> list[Count]:
    """Wait for the last of it to arrive, then compare. What is missing or too much shows as a count that differs."""
    found: list[Count] = []
    for event_id in events:
        found += await _event(stage, event_id)
    for member_id, kinds in stage.told.notices.items():
        found.append(await _inbox(stage, member_id, kinds))
        if member_id in stage.verified:
            found.append(await _mails(stage, member_id, len(kinds) + 1))
    return found


async def _event(stage: Stage, event_id: str) -> list[Count]:
    told = stage.told.public.get(event_id, [])

    async def streamed() -> list[Json] | None:
        return heard if len(heard := stage.heard.of(event_id)) >= len(told) else None

    heard = await _patiently(streamed) or stage.heard.of(event_id)
    event = await stage.platform.anonymous("events", f"/v1/events/{event_id}")
    last = {rsvp["rsvp_id"]: rsvp for rsvp in heard}
    seats = sum(1 + rsvp["guests"] for rsvp in last.values() if rsvp["response"] == "yes")
    title = event["title"]
    return [
        Count(f"“{title}”: yes and no, in order, on the stream", told, [rsvp["response"] for rsvp in heard]),
        Count(f"“{title}”: seats by the stream and by the event", seats, event["seats_used"]),
    ]


async def _inbox(stage: Stage, member_id: str, kinds: list[str]) -> Count:
    person = stage.platform.person(member_id)

    async def complete() -> list[Json] | None:
        return items if len(items := await stage.inbox(person)) >= len(kinds) else None

    items = await _patiently(complete) or await stage.inbox(person)
    return Count(f"inbox of {member_id}", dict(Counter(kinds)), dict(Counter(item["kind"] for item in items)))


async def _mails(stage: Stage, member_id: str, number: int) -> Count:
    address = address_of(member_id)

    async def complete() -> list[Json] | None:
        return mails if len(mails := await stage.platform.mails(address)) >= number else None

    mails = await _patiently(complete) or await stage.platform.mails(address)
    return Count(f"mails to {member_id}, the one to verify the address included", number, len(mails))


async def _patiently(look: Callable[[], Awaitable[T | None]]) -> T | None:
    """What was waited for, or None when it did not come: then the counts say what is missing."""
    try:
        found, _ = await until(look, "the last of it")
    except Unexpected:
        return None
    return found
