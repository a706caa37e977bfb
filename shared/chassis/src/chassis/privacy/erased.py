"""Who is being forgotten here, or has been: what is heard of them later may still be of before."""

from collections.abc import Iterable
from datetime import datetime

from chassis.consumers import Effects
from chassis.privacy.case import CASES, case_of


async def erased(members: Iterable[str], effects: Effects) -> dict[str, datetime]:
    """Those of these members whose erasure has begun, and when it last did, by the clock of the groups service.

    It stays so for good. Whoever comes back afterwards is somebody new, of whom groups tells later than that.
    """
    begun = {"member_id": {"$in": sorted(set(members))}, "kind": "erasure", "stage": {"$in": ["open", "answered"]}}
    since: dict[str, datetime] = {}
    for case in map(case_of, await effects.find(CASES, begun)):
        if case.asked_at is not None:
            since[case.member_id] = max(case.asked_at, since.get(case.member_id, case.asked_at))
    return since
