"""groups.group.v1: what groups are called and who organizes them; their members hear when that needs somebody, and when
the group goes private."""

from collections.abc import Sequence

from chassis.consumers import Effects, Received
from chassis.mongo import Document
from contracts.groups import GroupState, Succession
from notifications_service.consumers.cause import cause_of
from notifications_service.domain.group import GroupBefore, Vacancy, of_group
from notifications_service.store.projection import GROUPS, gone, kept
from notifications_service.store.spread import SPREADS, spread_write


async def on_groups(messages: Sequence[Received[GroupState]], effects: Effects) -> None:
    found = await effects.find(GROUPS, {"_id": {"$in": sorted({message.subject for message in messages})}})
    known: dict[str, Document] = {document["_id"]: document for document in found}
    for message in messages:
        group = message.body
        if group is None:
            effects.put(GROUPS, gone(message.subject, message.sequence))
            known.pop(message.subject, None)
            continue
        spreads = of_group(
            private=group.visibility == "private",
            status=group.status,
            vacancy=_vacancy(group.succession),
            said=message.type.split(".")[-2],
            before=_before(known.get(group.group_id)),
            group=group.group_id,
            cause=cause_of(message),
        )
        effects.write(SPREADS, *(spread_write(spread) for spread in spreads))
        state = {
            "name": group.name,
            "urlname": group.urlname,
            "timezone": group.timezone,
            "private": group.visibility == "private",
            "status": group.status,
            "organizer_id": group.organizer_id,
            "digest_above": group.digest_above,
        }
        known[group.group_id] = state
        effects.put(GROUPS, kept(group.group_id, message.sequence, state))


def _before(document: Document | None) -> GroupBefore | None:
    if document is None or "private" not in document:
        return None
    return GroupBefore(private=document["private"], status=document["status"])


def _vacancy(succession: Succession | None) -> Vacancy | None:
    if succession is None:
        return None
    return Vacancy(succession.freezes_at, succession.closes_at, offered=succession.decides_at is not None)
