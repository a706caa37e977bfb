"""What the topics hold, beside what the journal says they must."""

from collections import defaultdict

from chassis.journal.shape import JOURNAL, RELAYS
from chassis.relay.record import Record, records
from model.broker import Data, Place, values
from model.checks import must
from model.world import REGISTRY, SERVICE, World

RELAY_TOPIC = f"{SERVICE}.relay.v1"
Where = tuple[str, int, bytes]


def due(world: World) -> dict[Where, list[Record]]:
    """By topic, partition and lane, in the journal's order."""
    found: dict[Where, list[Record]] = defaultdict(list)
    for batch in world.mongod.find(None, JOURNAL, {}, sort=[("_id", 1)]):
        for record in records(batch, SERVICE, REGISTRY):
            found[(record.topic, record.partition, batch["_id"]["lane"].encode())].append(record)
    return found


def readable(world: World) -> dict[Where, list[Data]]:
    """What read_committed readers get."""
    found: dict[Where, list[Data]] = defaultdict(list)
    for (topic, number), partition in world.broker.partitions.items():
        if topic != RELAY_TOPIC:
            for data in values(partition):
                found[(topic, number, dict(data.headers)["lane"])].append(data)
    return found


def unpublished(world: World) -> int:
    return sum(map(len, due(world).values())) - sum(map(len, readable(world).values()))


def in_order(place: Place, read: list[dict[str, bytes]]) -> None:
    """Whatever lanes they came through."""
    last: dict[bytes, int] = defaultdict(int)
    for headers in read:
        subject, sequence = headers["ce_subject"], int(headers["ce_sequence"])
        must(sequence == last[subject] + 1, f"out of order: {subject!r} in {place}: {sequence} after {last[subject]}")
        last[subject] = sequence


def in_topics(world: World) -> None:
    """Exactly the journal's messages, once, in order; each subject counts without a gap."""
    wanted, found = due(world), readable(world)
    must(wanted.keys() == found.keys(), "partitions differ from the journal")
    for where, some in wanted.items():
        ids = [dict(data.headers)["ce_id"] for data in found[where]]
        due_ids = [dict(record.headers)["ce_id"] for record in some]
        must(ids == due_ids, f"a topic is not the journal: {where} holds {ids}, due are {due_ids}")
        same = [(d.key, d.value, d.headers) for d in found[where]] == [(r.key, r.value, r.headers) for r in some]
        must(same, f"a message was changed on its way: {where}")
    for place, partition in world.broker.partitions.items():
        if place[0] != RELAY_TOPIC:
            in_order(place, [dict(data.headers) for data in values(partition)])
    relays = world.mongod.find(None, RELAYS, {})
    for relay in relays:
        lane = relay["_id"].encode()
        if any(where[2] == lane for where in found):
            must(relay["published"], f"a published lane is not marked as such: {relay['_id']}")
