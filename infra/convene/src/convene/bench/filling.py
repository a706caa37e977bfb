"""Many RSVPs put into the databases at once, as the services would have written them.

Only for platforms made for measuring: decisions and documents are the services' own, but they skip journal and topics,
neither of which grows what a decision reads: batches go after a time, and are never looked up by what is in them.
"""

from collections.abc import Sequence
from datetime import datetime
from itertools import islice

from chassis.ids import derived_id
from chassis.journal.command import Command
from chassis.journal.decision import Result
from chassis.journal.documents import Documents, Read, Ref
from chassis.journal.shape import RESULTS
from chassis.mongo import Database, Document, InsertOne, Write
from contracts.events import RsvpChanged
from contracts.groups import MembershipState, MemberState
from events_service.domain.ledger import Ledger
from events_service.domain.rsvp import Change
from events_service.handlers.answer import rsvp_id
from events_service.handlers.rsvp import RESPOND, decide_respond
from events_service.store.booking import RsvpStore
from events_service.store.event import EVENTS
from events_service.store.ledger import LEDGERS, document_of, terms_of
from events_service.store.projection import MEMBERS, MEMBERSHIPS, member_document, membership_document
from notifications_service.domain.notice import Cause, of_rsvp
from notifications_service.store.notice import INBOX, line_of
from notifications_service.store.projection import RSVPS as KNOWN_RSVPS
from notifications_service.store.projection import rsvp_fields

PER_EVENT = 100
AT_ONCE = 2_000
FIRST_NUMBER = 1_000_000_000
"""Of people who never registered, beyond those who did."""


class Filling:
    """Of one platform. Its events service must be started again before it decides anew.

    like: the id of an event of that platform, which the made ones are copies of.
    """

    def __init__(self, events: Database, notifications: Database, like: str) -> None:
        self._events_database = events
        self._notifications = notifications
        self._like = like
        self._events = 0
        self._people: list[str] = []
        self._store = RsvpStore()

    async def stored(self, number: int) -> None:
        """So many RSVPs more, `PER_EVENT` to each event."""
        people = await self._known(max(PER_EVENT, number // PER_EVENT))
        for start in range(0, number, PER_EVENT):
            some = min(PER_EVENT, number - start)
            await self._answer(await self._made_event(), [people[(start + n) % len(people)] for n in range(some)])

    async def on_event(self, event_id: str, number: int) -> None:
        """So many people on that event, which none of them has answered."""
        people = iter(await self._known(number))
        while some := list(islice(people, AT_ONCE)):
            await self._answer(event_id, some)

    async def _known(self, number: int) -> list[str]:
        """So many people who are members of the group."""
        group_id = (await self._one(EVENTS, self._like))["group_id"]
        for start in range(len(self._people), number, AT_ONCE):
            new = range(start, min(start + AT_ONCE, number))
            ids = [f"made-{n}" for n in new]
            members = [
                MemberState(member_id=f"made-{n}", number=FIRST_NUMBER + n, name="Somebody", version=1) for n in new
            ]
            joined = [MembershipState(group_id=group_id, member_id=id_, state="active", version=1) for id_ in ids]
            await self._events_database[MEMBERS].insert_many([member_document(body) for body in members])
            await self._events_database[MEMBERSHIPS].insert_many([membership_document(body) for body in joined])
            self._people += ids
        return self._people[:number]

    async def _made_event(self) -> str:
        """A copy that nobody has answered yet."""
        self._events += 1
        event_id = derived_id("made", self._like, str(self._events))
        event, ledger = await self._one(EVENTS, self._like), await self._one(LEDGERS, self._like)
        terms = terms_of({**ledger, "_id": event_id})
        await self._events_database[EVENTS].insert_one({**event, "_id": event_id})
        await self._events_database[LEDGERS].insert_one(document_of(terms, Ledger(ledger["capacity"]), None))
        return event_id

    async def _answer(self, event_id: str, people: Sequence[str]) -> None:
        """All say yes: decided as the service decides, saved as it saves."""
        documents, now = Documents(), (await self._events_database.command({"hello": 1}))["localTime"]
        results: list[Write] = []
        told: list[Write] = []
        known: list[Write] = []
        commands = [
            Command(derived_id("made", event_id, who), RESPOND, event_id, {"response": "yes", "guests": 0}, actor=who)
            for who in people
        ]
        await self._load(documents, commands)
        ledger = documents.get(LEDGERS, event_id)
        group_id = "" if ledger is None else str(ledger["group_id"])
        for command in commands:
            outcome = decide_respond(self._store.load(command, documents), command, now)
            if outcome.refused is not None:
                raise ValueError(f"{event_id} does not take everybody: {outcome.detail}")
            self._store.save(command, documents, outcome, now)
            documents.keep(command.id)
            result = Result(outcome.answer, outcome.created)
            results.append(InsertOne({"_id": command.id, "at": now, "fingerprint": None, **result.document()}))
            for fact in outcome.facts:
                if isinstance(fact, Change):
                    known.append(_known_write(event_id, fact, now))
                    told += _lines(event_id, group_id, fact, now)
        for collection, writes in documents.writes().items():
            await self._events_database[collection].write(writes, ordered=False)
        await self._events_database[RESULTS].write(results, ordered=False)
        await self._notifications[KNOWN_RSVPS].write(known, ordered=False)
        await self._notifications[INBOX].write(told, ordered=False)

    async def _load(self, documents: Documents, commands: Sequence[Command]) -> None:
        """What the decisions read, named by the store in as many rounds as it needs."""
        while missing := documents.missing([read for one in commands for read in self._store.reads(one, documents)]):
            for collection, ids in _by_collection(missing).items():
                found = await self._events_database[collection].find({"_id": {"$in": ids}})
                documents.load(collection, ids, found)

    async def _one(self, collection: str, id_: str) -> Document:
        found = await self._events_database[collection].find_one({"_id": id_})
        if found is None:
            raise LookupError(f"{collection}/{id_}")
        return found


def _by_collection(reads: Sequence[Read]) -> dict[str, list[str]]:
    found: dict[str, dict[str, None]] = {}
    for read in reads:
        if isinstance(read, Ref):
            found.setdefault(read.collection, {})[read.id] = None
    return {collection: list(ids) for collection, ids in found.items()}


def _known_write(event_id: str, change: Change, at: datetime) -> Write:
    fields = rsvp_fields(
        event_id=event_id,
        member_id=change.member_id,
        status=change.status,
        was=change.was,
        at=at,
        sequence=change.seq,
    )
    return InsertOne({"_id": rsvp_id(event_id, change.member_id), **fields})


def _lines(event_id: str, group_id: str, change: Change, at: datetime) -> list[Write]:
    notice = of_rsvp(
        status=change.status,
        was=change.was,
        expired=False,
        guests=change.guests,
        position=change.position,
        until=None,
        member=change.member_id,
        group=group_id,
        event=event_id,
        cause=Cause(RsvpChanged.topic, event_id, change.seq, at),
    )
    return [] if notice is None else [InsertOne(line_of(notice))]
