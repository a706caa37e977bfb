"""Readiness and progress."""

import asyncio

import pytest

from chassis import health as module
from chassis.health import Health


async def test_it_is_ready_between_start_and_stop() -> None:
    health = Health()
    assert await health.ready() == (False, {"process": "starting"})
    health.started = True
    assert await health.ready() == (True, {"process": "ok"})
    health.stop()
    assert await health.ready() == (False, {"process": "stopping"})
    await asyncio.wait_for(health.until_stopping(), 1)


async def test_one_failing_check_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "REMEMBER", -1)
    health = Health()
    health.started = True
    answer: bool | Exception | None = True

    async def check() -> bool:
        if answer is None:
            await asyncio.sleep(60)
        if isinstance(answer, Exception):
            raise answer
        return bool(answer)

    health.ready_when("database", check)
    assert await health.ready() == (True, {"process": "ok", "database": "ok"})
    answer = False
    assert await health.ready() == (False, {"process": "ok", "database": "failing"})
    answer = RuntimeError("mongodb://user:sesame@db")
    assert await health.ready() == (False, {"process": "ok", "database": "failing"})
    monkeypatch.setattr(module, "CHECK_WITHIN", 0.02)
    answer = None
    assert await health.ready() == (False, {"process": "ok", "database": "no answer"})


async def test_many_probes_ask_once() -> None:
    health = Health()
    health.started = True
    asked = 0

    async def check() -> bool:
        nonlocal asked
        asked += 1
        return True

    health.ready_when("database", check)
    await asyncio.gather(*(health.ready() for _ in range(20)))
    assert asked == 1


async def test_one_parts_trouble_does_not_hide_the_others() -> None:
    health = Health()

    async def later() -> dict[str, float]:
        return {"oldest_seconds": 2.0}

    def broken() -> dict[str, float]:
        raise RuntimeError

    health.progress_of("journal", lambda: {"oldest_seconds": 0.0})
    health.progress_of("consumers", later)
    health.progress_of("relay", broken)
    assert await health.progress() == {
        "journal": {"oldest_seconds": 0.0},
        "consumers": {"oldest_seconds": 2.0},
        "relay": {"error": "RuntimeError"},
    }


async def test_a_server_beside_the_process_is_ready_by_its_own_checks() -> None:
    health = Health()
    other = health.beside()
    there = False

    async def check() -> bool:
        return there

    other.ready_when("log", check)
    other.progress_of("reader", lambda: {"behind": 1})
    assert await other.ready() == (False, {"process": "starting"})
    health.started = True
    assert await health.ready() == (True, {"process": "ok"})
    assert await other.ready() == (False, {"process": "ok", "log": "failing"})
    assert await health.progress() == await other.progress() == {"reader": {"behind": 1}}
    health.stop()
    await other.until_stopping()
    assert other.stopping
