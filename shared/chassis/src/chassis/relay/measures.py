"""What the relay counts."""

from prometheus_client import Counter, Gauge

PUBLISHED = Counter("convene_relay_messages", "Messages published")
REPEATED = Counter("convene_relay_batches_repeated", "Batches published again because Kafka had lost them")
BEHIND = Gauge("convene_relay_batches_read", "Batches in the last read that were not yet published", ["lane"])
ALARM = Gauge(
    "convene_relay_disagrees", "1 while a lane is not published: Kafka and the journal disagree, or a defect", ["lane"]
)
