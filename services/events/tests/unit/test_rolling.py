"""A partition's record of the day: when it is due, and what it is."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from chassis.journal import Command
from chassis.journal.decision import Outgoing
from chassis.relay.record import partition_of
from contracts.public import PublicRsvp
from contracts.registry import topics
from events_service.domain.rolling import DAY, Rolled, Rolling, RollingBegun, evolve, roll
from events_service.handlers import rolling
from events_service.messages.public import tell_roll
from events_service.store.rolling import aggregates
from events_service.stream.record import RESERVED

NOW = datetime(2026, 11, 26, 22, 30, tzinfo=UTC)
PARTITIONS = topics()[PublicRsvp.topic].partitions


def said(found: Rolling, command: Command, now: datetime) -> list[Outgoing]:
    return list(tell_roll(command, rolling.decide_roll(found, command, now), now).messages)


def test_days_count_from_the_first_look() -> None:
    assert roll(Rolling(), NOW) == [RollingBegun(NOW + DAY)]
    assert roll(Rolling(NOW + DAY), NOW + DAY - timedelta(seconds=1)) == []
    assert roll(Rolling(NOW + DAY), NOW + DAY) == [Rolled(NOW + 2 * DAY)]


@given(st.lists(st.timedeltas(timedelta(0), 5 * DAY), max_size=30))
def test_records_are_a_day_apart_and_none_is_late_when_somebody_looks(pauses: list[timedelta]) -> None:
    found, now, last = evolve(Rolling(), RollingBegun(NOW + DAY)), NOW, NOW
    for pause in pauses:
        now += pause
        facts = roll(found, now)
        assert len(facts) == (now - last >= DAY)
        for fact in facts:
            found, last = evolve(found, fact), now


def test_each_partition_gets_a_deletion_that_is_nobodys() -> None:
    names = aggregates(PARTITIONS)
    assert [partition_of(name, PARTITIONS) for name in names] == list(range(PARTITIONS))
    for name in names:
        assert said(Rolling(), rolling.roll(name, None, NOW), NOW) == []
        [record] = said(Rolling(NOW), rolling.roll(name, NOW, NOW), NOW)
        assert (record.topic, record.type) == (PublicRsvp.topic, PublicRsvp.tombstones[0])
        assert (record.subject, record.partition) == (name, name)
        assert (record.key.encode(), record.value) == (RESERVED, None)


def test_it_is_one_command_for_all_who_ask_and_a_clock_that_went_back_does_not_undo_it() -> None:
    name, later = aggregates(PARTITIONS)[0], NOW + timedelta(seconds=3)
    asked = rolling.roll(name, NOW, later)
    assert asked.id == rolling.roll(name, NOW, NOW).id != rolling.roll(name, NOW + DAY, later).id
    assert len(said(Rolling(NOW), asked, NOW - timedelta(minutes=1))) == 1
    assert said(Rolling(NOW + DAY), asked, later) == []
