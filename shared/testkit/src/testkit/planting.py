"""Damage that a test plants: the service itself finds it within one pass, and it is gone after the test."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any, Protocol

from testkit.waiting import eventually

Progress = Callable[[], Awaitable[Mapping[str, Any]]]
"""A process' progress, with what its reconciler says of itself under `reconcile`."""


class Database(Protocol):
    """As `chassis.mongo` has it."""

    def __getitem__(self, name: str) -> Any: ...


@asynccontextmanager
async def kept(database: Database, *names: str) -> AsyncIterator[None]:
    """These collections are after the block what they were before it; nobody else may write to them meanwhile."""
    before = {name: await database[name].find({}) for name in names}
    try:
        yield
    finally:
        for name, documents in before.items():
            await database[name].delete_many({})
            if documents:
                await database[name].insert_many(documents)


async def nothing_wrong(progress: Progress) -> None:
    """Wait for a pass that found nothing: what an earlier test planted is gone."""

    async def sound() -> bool:
        return bool((await progress())["reconcile"].get("wrong") == {})

    await eventually(sound, within=60)


async def found_in_a_pass(progress: Progress, *kinds: str) -> None:
    """Wait for the end of the first pass that begins from now on; fails unless it found all these kinds of damage."""
    after = (await progress())["reconcile"]["passes"] + 1  # one may be under way

    async def ended() -> Mapping[str, Any]:
        found: Mapping[str, Any] = (await progress())["reconcile"]
        return found if found.get("passes", 0) > after and found["wrong"] is not None else {}

    wrong = (await eventually(ended, within=60))["wrong"]
    if not wrong.keys() >= set(kinds):
        raise AssertionError(f"the pass found {wrong}, not {' and '.join(kinds)}")
