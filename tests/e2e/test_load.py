"""`convene load` on the running platform: a clean run is clean; the same ledger beside a damaged database is not."""

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

from convene.load.kept import read_ledger
from convene.operating.access import access
from testkit import Platform

CROWD = ("--requests", "300", "--events", "3", "--members", "60", "--capacity", "20", "--mailed", "3")


async def load(platform: Platform, *arguments: str) -> tuple[int, dict[str, Any]]:
    """Its exit code and its report."""
    command = [sys.executable, "-m", "convene", "load", *arguments, "--json", "--local", str(platform.local)]
    process = await asyncio.create_subprocess_exec(*command, env=dict(platform.environ), stdout=asyncio.subprocess.PIPE)
    out, _ = await process.communicate()
    return process.returncode or 0, json.loads(out)


async def test_people_move_up_in_every_way(platform: Platform) -> None:
    crowd = ("--requests", "240", "--events", "4", "--members", "60", "--capacity", "5", "--guests", "0.4")
    moving = ("--promotion", "mixed", "--offer-ttl", "3", "--lead", "0.5", "--cancel", "0.3", "--change", "0.1")
    code, report = await load(platform, *crowd, *moving, "--rate", "40")
    assert (code, report["examples"]) == (0, {})
    assert {"accept", "promote"} <= report["acts"].keys()
    assert all(report["turns"][name] for name in ("promoted", "offers", "claimed", "by_hand"))
    assert report["turns"]["inversions"] == 0


async def test_a_run_is_audited_and_can_be_audited_again(platform: Platform, tmp_path: Path) -> None:
    kept = tmp_path / "ledger"
    code, report = await load(platform, *CROWD, "--rate", "150", "--at-once", "32", "--ledger", str(kept))
    assert report["examples"] == {}
    assert code == 0
    assert report["accepted"] + report["refused"] == report["requests"] == 300
    assert {"200", "201", "422"} <= report["answers"].keys()
    assert report["arrivals"]["asked_per_second"] == 150

    again = ("--audit", str(kept), "--settle", "0")
    code, report = await load(platform, *again)
    assert (code, report["examples"]) == (0, {})

    said_last = {(line.event_id, line.member_id): line for line in read_ledger(kept)[2].lines}
    line = next(line for line in said_last.values() if line.status == "yes")
    id_ = {"_id": f"{line.event_id}:{line.member_id}"}
    async with access(platform.local, "events").database() as database:
        whole = await database["rsvps"].find_one(id_)
        assert whole is not None
        await database["rsvps"].delete_many(id_)
        try:
            code, report = await load(platform, *again)
        finally:
            await database["rsvps"].insert_one(whole)
    assert code == 1
    assert report["wrong"]["lost"] == 1
    assert report["wrong"]["wrong_in_documents"] == 1
