"""Who is being forgotten here, or has been: what is heard of them later may still be of before."""

from collections.abc import Iterable
from datetime import datetime

from chassis.mongo import Document, Find
from chassis.privacy.case import CASES, case_of


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
