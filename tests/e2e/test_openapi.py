"""What each API says of itself, tried out: schemathesis sends what the description allows and what it does not, and
compares every answer with it.

OPENAPI_EXAMPLES (`make openapi`) makes up so many more requests for each operation, and walks from one to another.
"""

import asyncio
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from convene.acting.platform import Platform as Outside

from .described import World, furnish

HERE = Path(__file__).parent / "openapi"
SCHEMATHESIS = Path(sys.executable).with_name("schemathesis")
EXAMPLES = int(os.environ.get("OPENAPI_EXAMPLES", "0"))
PHASES = "coverage,fuzzing,stateful" if EXAMPLES else "coverage"
LIMIT_S = 3_600 if EXAMPLES else 300


async def tried(url: str, world: World, token: str, folder: Path) -> tuple[int | None, str]:
    """Exit code and output of a run. folder: for what it leaves."""
    process = await asyncio.create_subprocess_exec(
        SCHEMATHESIS,
        *("--config-file", HERE / "schemathesis.toml", "run", f"{url}/openapi.json"),
        *("--header", f"Authorization: Bearer {token}", f"--phases={PHASES}", "--no-color"),
        *(("--max-examples", str(EXAMPLES)) if EXAMPLES else ("--seed=1",)),
        cwd=folder,
        env={
            **os.environ,
            "SCHEMATHESIS_HOOKS": str(HERE / "hooks.py"),
            "OPENAPI_WORLD": json.dumps(world.there),
            "OPENAPI_TOKEN": token,
            "OPENAPI_LEAVER": world.leaver.token,
            "OPENAPI_ADMIN": world.admin,
        },
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    return process.returncode, said.decode(errors="replace")


@pytest.mark.timeout(LIMIT_S)
@pytest.mark.parametrize("service", ["groups", "events", "notifications"])
async def test_an_api_is_as_it_is_described(outside: Outside, service: str, tmp_path: Path) -> None:
    world = await furnish(outside)
    asks = world.guest if service == "notifications" else world.host
    # made when it is asked for first, which may take a busy machine longer than the 10 s that are waited for it
    await outside.anonymous(service, "/openapi.json")
    code, said = await tried(outside.addresses[service], world, asks.token, tmp_path)
    sys.stdout.write(said)
    assert code == 0


@pytest.mark.parametrize("service", ["groups", "events", "notifications", "stream"])
async def test_what_a_description_shows_as_an_example_fits_it(outside: Outside, service: str) -> None:
    document = await outside.anonymous(service, "/openapi.json")
    shown = list(_examples(document))
    assert shown
    for schema, example in shown:
        whole = {**schema, "components": document["components"]}
        assert jsonschema_rs.is_valid(whole, example), (schema, example)


def _examples(node: Any) -> Iterator[tuple[dict[str, Any], Any]]:
    """Each example with the schema it is one of, wherever it stands below the node."""
    if isinstance(node, list):
        for item in node:
            yield from _examples(item)
    if isinstance(node, dict):
        schema, shown = node.get("schema", node), node.get("examples", [])
        values = [one["value"] for one in shown.values()] if isinstance(shown, dict) else shown
        yield from ((schema, value) for value in [*values, *([node["example"]] if "example" in node else [])])
        for item in node.values():
            yield from _examples(item)
