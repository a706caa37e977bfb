"""Row 8: the offsets of every group are gone: all is read again from the earliest record, and nothing is done twice."""

from dataclasses import replace
from secrets import token_hex

import pytest

from convene.acting.mailbox import address_of
from convene.faults.offsets import forget_offsets, groups
from convene.load.run import compare
from convene.load.setting import Field, Setting

from .playing import clean, metric, settled, under_load
from .standing import Standing

pytestmark = pytest.mark.timeout(600)

SETTING = Setting(events=10, members=200, requests=1000, capacity=50, at_once=16, mailed=10)


async def test_groups_without_offsets_begin_at_the_earliest_record_and_change_nothing(servers: Standing) -> None:
    played: list[Field] = []

    async def nothing(field: Field) -> None:
        played.append(field)

    async with servers.platform() as (platform, outside):
        ledger, audit = await under_load(outside, servers.kafka, SETTING, f"offsets-{token_hex(3)}", nothing)
        clean(ledger, audit)
        await settled(platform)
    known = await groups(servers.kafka)
    assert known == ["events-consumer", "groups-consumer", "notifications-consumer"]
    for group in known:
        await forget_offsets(servers.kafka, group)
    assert await groups(servers.kafka) == []
    async with servers.platform() as (platform, outside):
        await settled(platform)
        [field] = played
        clean(ledger, await compare(outside, servers.kafka, ledger, replace(field, mailed=[])))
        again = [await outside.mails(address_of(member)) for member in field.mailed]
        assert again == [[]] * len(field.mailed), "a new mail catcher has none of the mails that were sent before"
        repeats = await metric(
            platform, "notifications", "convene_consumer_messages_total", topic="events.rsvp.v1", outcome="duplicate"
        )
        assert repeats >= ledger.accepted
        assert await metric(platform, "notifications", "convene_consumer_messages_total", outcome="applied") == 0
