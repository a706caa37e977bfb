"""A round of reads: several finds of one transaction as one aggregation, which MongoDB answers at the price of one."""

from collections.abc import Mapping, Sequence
from typing import Any

from chassis.frozen import frozen


@frozen
class Find:
    """One of several reads that are sent in one go; the same words as `Collection.find`."""

    collection: str
    where: Mapping[str, Any]
    sort: Sequence[tuple[str, int]] | None = None
    limit: int = 0
    fields: Mapping[str, Any] | None = None


def joined(finds: Sequence[Find]) -> list[dict[str, Any]]:
    """One pipeline that answers all of them, with a document `{of, is}` for each that is found: only single documents
    are bound to 16 MB then, not what is found together."""
    names = [f"f{at}" for at in range(len(finds))]
    marked = [{"$map": {"input": f"${name}", "in": {"of": at, "is": "$$this"}}} for at, name in enumerate(names)]
    return [
        {"$documents": [{}]},
        *(_looked_up(find, name) for find, name in zip(finds, names, strict=True)),
        {"$project": {"found": {"$concatArrays": marked}}},
        {"$unwind": "$found"},
        {"$replaceRoot": {"newRoot": "$found"}},
    ]


def _looked_up(find: Find, name: str) -> dict[str, Any]:
    steps: list[dict[str, Any]] = [{"$match": find.where}]
    if find.sort:
        steps.append({"$sort": dict(find.sort)})
    if find.limit:
        steps.append({"$limit": find.limit})
    if find.fields:
        steps.append({"$project": find.fields})
    return {"$lookup": {"from": find.collection, "pipeline": steps, "as": name}}
