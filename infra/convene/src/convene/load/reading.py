"""All that a platform shows of a run, read once. Where that is not whole, it says so."""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from random import Random
from typing import Any, TypeVar

from chassis.kafka import KafkaSettings
from chassis.mongo import Database
from convene.acting.mailbox import address_of
from convene.acting.many import each
from convene.acting.platform import Json, Platform
from convene.load import stores
from convene.load.ledger import Ledger
from convene.load.setting import Field
from convene.load.shown import Counters, Notes, Pair, Shown, Turns
from convene.load.topics import read_topics
from convene.operating.access import access
from convene.stack.plan import SERVICES

MOST = 2_000
"""People and RSVPs that are looked at by HTTP; beyond that a sample, and the documents hold the rest."""
MOST_WAITING = 5_000
"""People in line that are listed by HTTP, over all events."""

T = TypeVar("T")


@asynccontextmanager
async def databases(local: Path) -> AsyncIterator[dict[str, Database]]:
    """Each service's, with its own rights."""
    async with AsyncExitStack() as stack:
        yield {name: await stack.enter_async_context(access(local, name).database()) for name in SERVICES}


async def shown(platform: Platform, kafka: KafkaSettings, ledger: Ledger, field: Field) -> Shown:
    """Raises what the drivers raise, and Unexpected, while something is away."""
    events = set(field.events)
    async with databases(platform.local) as opened:
        own = opened["events"]
        since = await stores.began(own, events)
        if since is None:
            raise LookupError("the database knows none of the run's events")
        now = await stores.clock(own)
        stuck = await stores.waiting(opened, field)
        found = await stores.journal(own, kafka, events, since)
        sent = await read_topics(kafka, events, since)
        documents = await stores.documents(own, events)
        books = await stores.books(own, events)
        doubtful = (line.command_id for line in ledger.lines if line.outcome == "unknown")
        results = await stores.results(own, doubtful)
        inbox = await stores.inboxes(opened["notifications"], events)
    look = _Look(platform, field)
    pairs = look.sample("own RSVPs", sorted({(line.event_id, line.member_id) for line in ledger.lines}))
    people = look.sample("inboxes", sorted({line.member_id for line in ledger.lines if line.member_id != field.host}))
    waited = sorted({one.event_id for one in sent.decisions if "waitlist" in {one.was, one.status}})
    return Shown(
        sent.decisions,
        sent.public,
        sent.sent,
        sent.repeated,
        found.entries,
        found.missing,
        results,
        documents,
        books,
        inbox,
        await look.events(),
        await look.own(pairs),
        await look.queues({event: one.waiting for event, one in books.items() if one.waiting}),
        await look.inboxes(people),
        await look.mails(),
        await look.turns(look.sample("fairness", waited)),
        [*stuck, *found.unpublished],
        look.sampled,
        now,
    )


class _Look:
    """Reads by HTTP, as people do."""

    def __init__(self, platform: Platform, field: Field) -> None:
        self._platform = platform
        self._field = field
        self.sampled: dict[str, str] = {}

    def sample(self, what: str, all_: Sequence[T]) -> Sequence[T]:
        """At most MOST by chance, the same at every reading."""
        if len(all_) <= MOST:
            return all_
        self.sampled[what] = f"{MOST} of {len(all_)}"
        return Random(MOST).sample(all_, MOST)

    async def events(self) -> dict[str, Counters]:
        found: dict[str, Counters] = {}

        async def look(event: str) -> None:
            one = await self._platform.anonymous("events", f"/v1/events/{event}")
            found[event] = Counters(one["seats_used"], one["waitlist_length"])

        await each(look, self._field.events)
        return found

    async def turns(self, events: Iterable[str]) -> dict[str, Turns]:
        found: dict[str, Turns] = {}

        async def look(event: str) -> None:
            one = await self._platform.anonymous("events", f"/v1/events/{event}/fairness")
            found[event] = Turns(*(one[name] for name in Turns._fields))

        await each(look, events)
        return found

    async def own(self, pairs: Iterable[Pair]) -> dict[Pair, tuple[str, int] | None]:
        found: dict[Pair, tuple[str, int] | None] = {}

        async def look(pair: Pair) -> None:
            event, member = pair
            path = f"/v1/events/{event}/rsvp"
            one = await self._platform.person(member).call("GET", "events", path, expect=(200, 404))
            found[pair] = (one["status"], one["seq"]) if one["status_code"] == 200 else None

        await each(look, pairs)
        return found

    async def queues(self, waiting: Mapping[str, int]) -> dict[str, list[str]]:
        """Members in line, of events that have one, as its host sees it."""
        found: dict[str, list[str]] = {}
        host = self._platform.person(self._field.host)
        total = 0
        for event, number in sorted(waiting.items(), key=lambda item: item[1]):
            total += number
            if total > MOST_WAITING:
                self.sampled["lines"] = f"{len(found)} of {len(waiting)}"
                break
            found[event] = [one["member_id"] async for one in _pages(host, "events", f"/v1/events/{event}/waitlist")]
        return found

    async def inboxes(self, members: Iterable[str]) -> dict[str, list[Notes]]:
        found: dict[str, list[Notes]] = {}

        async def look(member: str) -> None:
            person = self._platform.person(member)
            lines = [one async for one in _pages(person, "notifications", "/v1/inbox")]
            found[member] = [Notes(one["event_id"], one["kind"]) for one in lines]

        await each(look, members)
        return found

    async def mails(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}

        async def look(member: str) -> None:
            mails = await self._platform.mails(address_of(member))
            found[member] = [mail["message_id"] for mail in mails]

        await each(look, self._field.mailed)
        return found


async def _pages(person: Any, service: str, path: str) -> AsyncIterator[Json]:
    cursor = ""
    while True:
        page = await person.get(service, f"{path}?limit=100{cursor}")
        for item in page["items"]:
            yield item
        if not page.get("next_cursor"):
            return
        cursor = f"&cursor={page['next_cursor']}"
