"""What each API says of itself, tried out: schemathesis sends what the description allows and what it does not, and
compares every answer with it. The test stops at the first service that keeps something else than its word.
"""

import asyncio
import sys
from pathlib import Path
from secrets import token_hex
from shutil import copy

import pytest

from convene.acting.platform import Json
from convene.acting.platform import Platform as Outside

HERE = Path(__file__).parent / "openapi"
SCHEMATHESIS = Path(sys.executable).with_name("schemathesis")
# what is well formed and yet refused, a zone or cursor that does not exist, is past a description's words
RUN = "--phases=coverage,fuzzing --checks=all --exclude-checks=positive_data_acceptance --max-examples=5 --seed=1"
GROUP: Json = {
    "name": "Described",
    "city": "Lyon",
    "country": "FR",
    "lat": 45.76,
    "lon": 4.84,
    "timezone": "Europe/Paris",
}
EVENT: Json = {
    "title": "Described",
    "starts_at": "2099-05-05T18:30:00",
    "ends_at": "2099-05-05T20:30:00",
    "timezone": "Europe/Paris",
}


async def run(url: str, token: str, folder: Path) -> tuple[int | None, str]:
    """Exit code and output of a run with the configuration in the folder."""
    process = await asyncio.create_subprocess_exec(
        SCHEMATHESIS,
        *("--config-file", folder / "schemathesis.toml", "run", f"{url}/openapi.json"),
        *("--header", f"Authorization: Bearer {token}", "--no-color", "--max-failures=20", *RUN.split()),
        cwd=folder,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    return process.returncode, said.decode(errors="replace")


@pytest.mark.timeout(400)
@pytest.mark.parametrize("service", ["groups", "events", "notifications"])
async def test_an_api_is_as_it_is_described(outside: Outside, service: str, tmp_path: Path) -> None:
    host = outside.person(f"host-{token_hex(3)}")
    group = await host.post("groups", "/v1/groups", GROUP)
    event = await host.post("events", f"/v1/groups/{group['group_id']}/events", EVENT)
    await host.post("events", f"/v1/events/{event['event_id']}/publish")
    copy(HERE / "hooks.py", tmp_path)
    there = {"group_id": group["group_id"], "name": group["group_id"], "event_id": event["event_id"]}
    lines = [f'"path.{name}" = "{value}"\n' for name, value in {**there, "member_id": host.member_id}.items()]
    (tmp_path / "schemathesis.toml").write_text((HERE / "schemathesis.toml").read_text() + "".join(lines))
    code, said = await run(outside.addresses[service], host.token, tmp_path)
    assert code == 0, said
