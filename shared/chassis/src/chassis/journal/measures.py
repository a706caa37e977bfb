"""What the journal counts."""

from prometheus_client import Counter, Gauge, Histogram

BATCH_SIZE = Histogram(
    "convene_journal_batch_commands", "Commands decided per batch", buckets=(1, 2, 5, 10, 20, 50, 100, 200, 400)
)
BATCH_SECONDS = Histogram(
    "convene_journal_batch_seconds",
    "Time from taking a batch to its commit",
    buckets=(0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 5),
)
LANE_ALARM = Counter("convene_journal_alarms", "Things an operator must look at", ["kind"])
REFUSES = Gauge("convene_journal_refuses", "1 while a lane takes no batch, by the reason", ["lane", "kind"])
QUEUE = Gauge("convene_journal_oldest_seconds", "Age of the oldest command that waits in this process")
