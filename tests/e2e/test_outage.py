"""RSVPs while the other services are away: accepted, and told to everybody when they return."""

import signal

from chassis.kafka import KafkaSettings
from convene.acting.platform import client, reach
from convene.load import Setting, compare, prepare, send
from testkit import Platform

SETTING = Setting(events=4, members=50, requests=150, capacity=20, at_once=16)
OTHERS = ("groups", "notifications")


async def test_rsvps_are_accepted_while_the_other_services_are_away(spare_platform: Platform) -> None:
    async with client() as http:
        platform = reach(spare_platform.local, http, spare_platform.environ)
        field = await prepare(platform, SETTING, "alone")
        for other in OTHERS:
            spare_platform.kill(other, signal.SIGSTOP)
        try:
            ledger = await send(platform, SETTING, field, lambda more: None)
        finally:
            for other in OTHERS:
                spare_platform.kill(other, signal.SIGCONT)
        assert ledger.count() == {"accepted": len(ledger.lines)}
        found = await compare(platform, KafkaSettings(spare_platform.addresses["kafka"]), ledger, field)
        assert found.wrong == dict.fromkeys(found.wrong, 0)
