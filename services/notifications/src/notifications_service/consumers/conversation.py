"""groups.conversation.v1: what people say. An announcement tells the members, a mention or reply one person."""

from collections.abc import Sequence

from chassis.consumers import Effects, Received
from contracts.groups import ConversationFact
from notifications_service.consumers.cause import cause_of
from notifications_service.domain.conversation import Said, of_announcement, of_reply_or_mention
from notifications_service.domain.notice import Notice
from notifications_service.store.projection import POSTS, post_fields
from notifications_service.store.spread import SPREADS, spread_write


async def on_conversations(messages: Sequence[Received[ConversationFact]], effects: Effects) -> list[Notice]:
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
    return [notice for notice in notices if notice.post_id not in gone]
