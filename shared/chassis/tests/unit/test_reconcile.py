"""What is missing on a topic, judged against what was published and what age has not taken."""

from chassis import clock
from chassis.journal.keyring import Keyring
from chassis.kafka import KafkaSettings
from chassis.mongo import connect
from chassis.reconcile.findings import EXAMPLES, Findings
from chassis.reconcile.journal import Line
from chassis.reconcile.pace import Pace
from chassis.reconcile.renewed import Renewed
from chassis.reconcile.topics import TopicBooks
from contracts.registry import topics

FACT: Line = ("events.rsvp.v1", "e")
STATE: Line = ("events.event.v1", "e")


def missing(line: Line, *, on_topic: tuple[int, int] | None, sent: int, young: int, waiting: int | None = None) -> int:
    """on_topic: first and last sequence there. sent: the last in the journal; young: the first that must be there."""
    database = connect("mongodb://127.0.0.1:1/never-asked")
    books = TopicBooks(
        database, KafkaSettings("127.0.0.1:1"), "events", topics(), Pace(), Renewed({}, 0), Keyring(database)
    )
    if on_topic is not None:
        books.firsts[line], books.highs[line] = on_topic
    found = books.missing({line: sent}, {line: young}, {} if waiting is None else {line: waiting})
    database.close()
    return found.counts["messages_missing"]


def test_what_is_not_published_yet_is_not_missing() -> None:
    assert missing(FACT, on_topic=(1, 5), sent=9, young=1, waiting=6) == 0
    assert missing(FACT, on_topic=None, sent=9, young=1, waiting=1) == 0


def test_what_is_published_must_be_there() -> None:
    assert missing(FACT, on_topic=(1, 5), sent=9, young=1) == 4
    assert missing(FACT, on_topic=(1, 5), sent=9, young=1, waiting=8) == 2
    assert missing(STATE, on_topic=None, sent=2, young=1) == 2


def test_more_than_was_known_to_be_published_is_no_damage() -> None:
    assert missing(FACT, on_topic=(1, 9), sent=9, young=1, waiting=6) == 0


def test_what_retention_may_have_taken_is_not_missing() -> None:
    assert missing(FACT, on_topic=(4, 9), sent=9, young=4) == 0
    assert missing(FACT, on_topic=(5, 9), sent=9, young=4) == 1
    assert missing(STATE, on_topic=(9, 9), sent=9, young=1) == 0, "a state topic keeps the last"


def test_every_kind_is_counted_and_a_few_are_named() -> None:
    found = Findings()
    found.add_all({"lost": [str(n) for n in range(20)], "doubled": []})
    assert found.counts == {"lost": 20, "doubled": 0}
    assert found.examples == {"lost": [str(n) for n in range(EXAMPLES)]}


async def test_a_step_is_followed_by_a_rest_of_its_measure() -> None:
    began = clock.monotonic()
    async with Pace(0.1).step():
        while clock.monotonic() - began < 0.01:
            pass
    assert clock.monotonic() - began >= 0.1
