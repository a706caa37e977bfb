"""What is heard of members in time: what others said of them before their erasure began is as good as unsaid."""

from collections.abc import Sequence
from typing import TypeVar

from chassis.consumers import Effects, Received
from chassis.privacy import erased, erasures_of
from contracts.events import JoinAsked, MemberSeen, RsvpChanged

Said = TypeVar("Said", MemberSeen, JoinAsked, RsvpChanged)


async def in_time(batch: Sequence[Received[Said]], effects: Effects) -> list[tuple[Received[Said], Said]]:
    """The messages that count, each with its body. Of who comes back it is heard after their erasure began."""
    said = [(received, received.body) for received in batch if received.body is not None]
    [cases] = await effects.read(erasures_of(body.member_id for _, body in said))
    since = erased(cases)
    return [(one, body) for one, body in said if body.member_id not in since or one.time > since[body.member_id]]
