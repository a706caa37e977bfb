"""The demo's study group on its way from one person to many, and what is counted when it is shown wrongly."""

import asyncio
import json
import sys
from secrets import token_hex

from convene.acting.counting import counts
from convene.acting.listening import listening
from convene.acting.platform import Platform as Outside
from convene.acting.story import Stage
from convene.commands.seed import today
from convene.growing.act import Growth, grows
from convene.growing.counting import Told
from convene.growing.counting import counts as shown
from convene.growing.crowd import Crowd
from convene.growing.pace import READS
from testkit import Platform

GROWTH = Growth(members=70, rate=100, at_once=16, reads=5)


async def test_a_group_is_right_at_every_size(outside: Outside) -> None:
    done: dict[str, int] = {}

    def step(what: str, more: int) -> None:
        done[what] = done.get(what, 0) + more

    async with listening(outside, lambda rsvp: None) as heard:
        stage = Stage(outside, heard, lambda line: None, token_hex(3))
        grown = await grows(stage, today(), GROWTH, step)
        found = [*grown.counts, *await counts(stage, [grown.event_id])]
    assert [one for one in found if not one.agrees] == []
    assert len(grown.counts) == 3 * 4 + 1
    assert done == GROWTH.totals
    assert {(pace.read, pace.members) for pace in grown.paces} == {
        (read, size) for read in READS for size in (1, 7, 70)
    }
    assert all(0 < pace.p50_ms <= pace.p99_ms for pace in grown.paces)


async def test_who_is_not_in_it_is_counted_as_wrong(outside: Outside) -> None:
    """The group has one member; who acts believes in two."""
    run = token_hex(3)
    nia, bo = outside.person(f"nia-{run}"), outside.person(f"bo-{run}")
    place = {"city": "Berlin", "country": "DE", "lat": 52.52, "lon": 13.4, "timezone": "Europe/Berlin"}
    group = await nia.post("groups", "/v1/groups", {"name": f"Alone {run}", **place})
    told = Told(group["group_id"], {nia.member_id: "organizer", bo.member_id: "member"}, active=0)
    tokens = {person.member_id: person.token for person in (nia, bo)}
    crowd = Crowd(outside.addresses["groups"], tokens, 2, lambda what, more: None)
    assert [one.agrees for one in await shown(nia, told, crowd)] == [False] * 4


async def test_the_demo_says_so(platform: Platform) -> None:
    arguments = ("demo", "--cities", "0", "--growth", "8", "--reads", "2", "--json", "--local", str(platform.local))
    command = [sys.executable, "-m", "convene", *arguments]
    process = await asyncio.create_subprocess_exec(*command, env=dict(platform.environ), stdout=asyncio.subprocess.PIPE)
    out, _ = await process.communicate()
    said = json.loads(out)
    assert [one for one in said["counts"] if one["told"] != one["found"]] == []
    assert "study group of 8: its pulse" in {one["what"] for one in said["counts"]}
    assert [(one["read"], one["members"], one["requests"]) for one in said["reads"]] == [
        (read, size, 2) for size in (1, 7, 8) for read in READS
    ]
    assert process.returncode == 0
