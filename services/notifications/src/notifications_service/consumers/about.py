"""What is heard of one person, from themselves or from others: of who is forgotten none of it is taken in."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from chassis.consumers import Apply, Effects, Received
from notifications_service.domain.notice import Notice
from notifications_service.store.notice import tell
from notifications_service.store.people import People

TakeIn = Callable[[Sequence[Received[Any]], Effects], Awaitable[Sequence[Notice]]]
"""Takes messages in; the notices that follow are told by who calls it."""


def about(whose: str, take_in: TakeIn) -> Apply:
    """whose: the field of a message that names its person, who may have been forgotten since it was sent."""

    async def of_those_known(messages: Sequence[Received[Any]], effects: Effects) -> None:
        persons = [None if one.body is None else str(getattr(one.body, whose)) for one in messages]
        people = People(effects)
        await people.meet(person for person in persons if person is not None)
        known = [one for one, person in zip(messages, persons, strict=True) if person not in people.forgotten]
        await tell(await take_in(known, effects), people)

    return of_those_known
