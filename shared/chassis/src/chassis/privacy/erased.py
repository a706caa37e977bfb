"""Who is being forgotten here, or has been: what is heard of them later may still be of before."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final

from chassis.auth import Caller
from chassis.consumers import Effects
from chassis.mongo import Database
from chassis.privacy.case import CASES, came_back, case_of

_BEGUN: Final = {"kind": "erasure", "stage": {"$in": ["open", "answered"]}}


async def erased(members: Iterable[str], effects: Effects) -> dict[str, datetime]:
    """Those of these members whose erasure has begun, and when it last did, by the clock of the groups service.

    It stays so for good. Whoever comes back afterwards is somebody new, of whom groups tells later than that.
    """
    since: dict[str, datetime] = {}
    for case in map(case_of, await effects.find(CASES, _begun(members))):
        if case.asked_at is not None:
            since[case.member_id] = max(case.asked_at, since.get(case.member_id, case.asked_at))
    return since


async def returned(callers: Sequence[Caller], database: Database) -> dict[str, str]:
    """Those of the callers who were forgotten and have signed in since, and the last request that forgot them."""
    tokens = {caller.member_id: caller.issued_at for caller in callers}
    found = await database[CASES].find(_begun(tokens), sort=[("asked_at", 1)])
    return {case.member_id: case.id for case in map(case_of, found) if came_back(tokens[case.member_id], case)}


def _begun(members: Iterable[str]) -> dict[str, Any]:
    return {"member_id": {"$in": sorted(set(members))}, **_BEGUN}
