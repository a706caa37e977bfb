"""events.conversation.v1: what people say about events. A comment tells the hosts, a reply or mention one person, and
what leaders and hosts write all whom it is for."""

from collections.abc import Sequence

from chassis.consumers import Effects, Received
from contracts.events import TalkFact
from notifications_service.consumers.cause import cause_of
from notifications_service.domain.notice import Notice
from notifications_service.domain.talk import Talked, of_comment, of_letter
from notifications_service.store.projection import POSTS, post_fields
from notifications_service.store.spread import SPREADS, spread_write


async def on_talk(messages: Sequence[Received[TalkFact]], effects: Effects) -> list[Notice]:
    notices: list[Notice] = []
    gone: set[str] = set()
    for message in messages:
        fact = message.body
        if fact is None:
            continue
        what, cause = message.type.split(".")[-2], cause_of(message)
        fields = post_fields(author_id=fact.author_id, what=what, excerpt=fact.excerpt, at=message.time)
        effects.set(POSTS, fact.entry_id, fields)
        if fields["state"] != "shown":
            gone.add(fact.entry_id)
        talked = Talked(
            what=what,
            group=fact.group_id,
            event=fact.event_id,
            entry=fact.entry_id,
            author=fact.author_id,
            answers=fact.answers,
            tells=tuple(fact.tells),
            to=fact.to,
        )
        notices += of_comment(talked, cause)
        spread = of_letter(talked, cause)
        if spread is not None:
            effects.write(SPREADS, spread_write(spread))
    return [notice for notice in notices if notice.post_id not in gone]
