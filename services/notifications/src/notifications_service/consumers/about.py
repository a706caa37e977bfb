"""What is heard of one person, from themselves or from others: of who is forgotten none of it is taken in."""

from collections.abc import Sequence
from typing import Any

from chassis.consumers import Apply, Effects, Received
from notifications_service.store.forgotten import forgotten


def about(whose: str, apply: Apply) -> Apply:
    """whose: the field of a message that names its person, who may have been forgotten since it was sent."""

    async def of_those_known(messages: Sequence[Received[Any]], effects: Effects) -> None:
        people = [None if one.body is None else str(getattr(one.body, whose)) for one in messages]
        gone = await forgotten((person for person in people if person is not None), effects)
        await apply([one for one, person in zip(messages, people, strict=True) if person not in gone], effects)

    return of_those_known
