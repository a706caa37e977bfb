"""Who is being forgotten here, or has been: what is heard of them later may still be of before."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from chassis.auth import Caller
from chassis.mongo import Database, Document, Find
from chassis.privacy.case import CASES, came_back, case_of


def erasures_of(members: Iterable[str]) -> Find:
    """Finds the erasures of these members that have begun. It stays so for good: whoever comes back afterwards is
    somebody new, of whom groups tells later than that."""
    begun = {"member_id": {"$in": sorted(set(members))}, "kind": "erasure", "stage": {"$in": ["open", "answered"]}}
    return Find(CASES, begun)


def erased(cases: Iterable[Document]) -> dict[str, datetime]:
    """Whose erasures these are, and when the last one of each began, by the clock of the groups service."""
    since: dict[str, datetime] = {}
    for case in map(case_of, cases):
        if case.asked_at is not None:
            since[case.member_id] = max(case.asked_at, since.get(case.member_id, case.asked_at))
    return since


async def returned(callers: Sequence[Caller], database: Database) -> dict[str, str]:
    """Those of the callers who were forgotten and have signed in since, and the last request that forgot them."""
    tokens = {caller.member_id: caller.issued_at for caller in callers}
    find = erasures_of(tokens)
    found = await database[find.collection].find(find.where, sort=[("asked_at", 1)])
    return {case.member_id: case.id for case in map(case_of, found) if came_back(tokens[case.member_id], case)}
