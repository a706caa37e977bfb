"""What `python -m <service>` does with its words."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict
from types import MappingProxyType
from typing import Any, Protocol, TypeVar

from pydantic import ValidationError
from pydantic_settings import SettingsError

from chassis import logs
from chassis.serve import Process, run
from chassis.service import Service
from chassis.settings import ServiceSettings, refused

ACTS = ("setup", "reconcile", "new-generation")
"""`setup` prepares database and topics. `reconcile` prints what must be 0 as JSON, and fails if it is not.
`new-generation` lets the journal go on after a restored backup, and prints what it did as JSON."""

S = TypeVar("S", bound=ServiceSettings)


class Proof(Protocol):
    """What was looked at, and whether all of it is as it must be."""

    @property
    def sound(self) -> bool: ...

    def document(self) -> dict[str, Any]:
        """As JSON values."""


def main(
    program: str,
    words: Sequence[str],
    *,
    roles: Sequence[str],
    settings: Callable[[], S],
    own: Callable[[S], Service],
    build: Callable[[S, Sequence[str]], Awaitable[Process]],
    proofs: Mapping[str, Callable[[S], Awaitable[Proof]]] = MappingProxyType({}),
    errands: Mapping[str, Callable[[S, str], AsyncIterator[Mapping[str, Any]]]] = MappingProxyType({}),
) -> int:
    """The exit code; 2 when a word is neither one of the service's roles nor something to do, 1 when the environment is
    refused. Without any word the process has all roles.

    settings: reads the environment. own: what the service is, for what is done once. build: a process with these roles.
    proofs: what this service alone can prove or put right, by its word; like `reconcile` each prints JSON and fails if
    it must.
    errands: what it does about the one whose id is the second word; prints how far it is, a line of JSON each time that
    changes, and ends when it is done.
    """
    acts = (*ACTS, *proofs, *(f"{word} <id>" for word in errands))
    errand = len(words) == 2 and words[0] in errands
    if not errand and (set(words) - {*acts, *roles} or (set(words) & set(acts) and len(words) > 1)):
        sys.stderr.write(f"usage: python -m {program} [{' | '.join(acts)} | {' | '.join(roles)} ...]\n")
        return 2
    try:
        found = settings()
    except (ValidationError, SettingsError) as error:
        why = refused(error) if isinstance(error, ValidationError) else str(error)
        sys.stderr.write(f"{program} cannot start: {why}\n")
        return 1
    if errand or (words and words[0] in {*proofs, *ACTS}):
        logs.setup(found.service, found.log_level, role=words[0])
    if errand:
        return asyncio.run(_follow(errands[words[0]](found, words[1])))
    if words and words[0] in proofs:
        return asyncio.run(_prove(proofs[words[0]](found)))
    if words and words[0] in ACTS:
        return asyncio.run(_act(words[0], own(found)))
    chosen = words or roles
    return run(found, lambda: build(found, chosen), role="+".join(chosen))


async def _act(word: str, service: Service) -> int:
    if word == "setup":
        await service.setup()
        return 0
    if word == "new-generation":
        sys.stdout.write(json.dumps(asdict(await service.renewed())) + "\n")
        return 0
    return await _prove(service.reconciled())


async def _follow(errand: AsyncIterator[Mapping[str, Any]]) -> int:
    async for step in errand:
        sys.stdout.write(json.dumps(step) + "\n")
        sys.stdout.flush()
    return 0


async def _prove(proof: Awaitable[Proof]) -> int:
    found = await proof
    sys.stdout.write(json.dumps(found.document()) + "\n")
    return 0 if found.sound else 1
