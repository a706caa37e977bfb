"""groups.conversation.v1: what people say. An announcement tells the members, a mention or reply one person."""

from collections.abc import Sequence

from chassis.consumers import Effects, Received
from contracts.groups import ConversationFact
from notifications_service.consumers.cause import cause_of
from notifications_service.domain.conversation import Said, of_announcement, of_reply_or_mention
from notifications_service.domain.notice import Notice
from notifications_service.store.notice import tell
from notifications_service.store.projection import MEMBERSHIPS, POSTS, membership_id, post_fields
from notifications_service.store.spread import SPREADS, spread_write


async def on_conversations(messages: Sequence[Received[ConversationFact]], effects: Effects) -> None:
    notices: list[Notice] = []
    gone: set[str] = set()
    for message in messages:
        fact = message.body
        if fact is None:
            continue
        what, cause = message.type.split(".")[-2], cause_of(message)
        fields = post_fields(author_id=fact.author_id, what=what, excerpt=fact.excerpt, at=message.time)
        effects.set(POSTS, fact.post_id, fields)
        if fields["state"] == "shown":
            gone.discard(fact.post_id)
        else:
            gone.add(fact.post_id)
        said = Said(
            what=what,
            group=fact.group_id,
            post=fact.post_id,
            thread=fact.thread_id,
            author=fact.author_id,
            answers=fact.answers,
            mentions=tuple(fact.mentions),
        )
        notices += of_reply_or_mention(said, cause)
        spread = of_announcement(said, cause)
        if spread is not None:
            effects.write(SPREADS, spread_write(spread))
    await tell(await _to_members([notice for notice in notices if notice.post_id not in gone], effects), effects)


async def _to_members(notices: Sequence[Notice], effects: Effects) -> list[Notice]:
    """Those for whoever has not left the group meanwhile; a membership may also not have come here yet."""
    theirs = [membership_id(notice.group_id or "", notice.recipient) for notice in notices]
    if not theirs:
        return []
    ended = {"_id": {"$in": sorted(set(theirs))}, "state": {"$ne": "active"}}
    out = {document["_id"] for document in await effects.find(MEMBERSHIPS, ended, fields={"_id": 1})}
    return [notice for notice, membership in zip(notices, theirs, strict=True) if membership not in out]
