"""`convene erase` on the running platform: it waits for all receipts, and says who is missing."""

import asyncio
import json
import secrets
import signal
import sys
from typing import Any

from convene.acting.platform import Platform as Outside
from testkit import Platform, eventually


async def erase(platform: Platform, *arguments: str) -> tuple[int, dict[str, Any]]:
    """Its exit code and the last it heard."""
    local = ("--json", "--yes", "--local", str(platform.local))
    command = [sys.executable, "-m", "convene", "erase", *arguments, *local]
    process = await asyncio.create_subprocess_exec(*command, env=dict(platform.environ), stdout=asyncio.subprocess.PIPE)
    out, _ = await process.communicate()
    return process.returncode or 0, json.loads(out)


async def test_who_is_erased_is_forgotten_by_all(platform: Platform, outside: Outside) -> None:
    ada, bo = (outside.person(f"{name}-{secrets.token_hex(3)}") for name in ("ada", "bo"))
    await ada.put("groups", "/v1/members/me", {"name": "Ada"})
    code, said = await erase(platform, ada.member_id)
    assert (code, said["status"], said["missing"], said["known"]) == (0, "done", [], True)
    await bo.call("GET", "groups", f"/v1/members/{ada.member_id}", expect=(404,))
    code, said = await erase(platform, f"{ada.member_id}-mistyped")
    assert (code, said["status"], said["known"]) == (0, "done", False)


async def test_who_has_not_answered_in_time_is_named_and_the_erasure_goes_on(
    platform: Platform, outside: Outside
) -> None:
    ada = outside.person(f"ada-{secrets.token_hex(3)}")
    await ada.put("groups", "/v1/members/me", {"name": "Ada"})
    platform.kill("notifications", signal.SIGSTOP)
    try:
        code, said = await erase(platform, ada.member_id, "--within", "15")
        _, again = await erase(platform, ada.member_id, "--within", "1")
    finally:
        platform.kill("notifications", signal.SIGCONT)
    assert (code, said["status"], said["missing"]) == (1, "asked", ["notifications"])
    assert (again["erasure_id"], again["missing"]) == (said["erasure_id"], said["missing"])

    async def done() -> bool:
        found = await ada.get("groups", "/v1/members/me/erasure")
        return bool(found["erasure_id"] == said["erasure_id"] and found["status"] == "done")

    await eventually(done, within=60)
