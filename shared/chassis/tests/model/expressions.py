"""As much of MongoDB's query and update language as the journal uses, and not a word more: anything else raises."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from chassis.mongo import Document

_MISSING = object()


def frozen(id_: Any) -> Any:
    """A document `_id` as MongoDB compares it: field by field, in order."""
    return tuple((name, frozen(value)) for name, value in id_.items()) if isinstance(id_, dict) else id_


def at(document: Any, path: str) -> Any:
    for name in path.split("."):
        if not isinstance(document, dict) or name not in document:
            return None
        document = document[name]
    return document


def matches(document: Document, where: Mapping[str, Any], now: datetime) -> bool:
    return all(_matches(document, field, wanted, now) for field, wanted in where.items())


def _matches(document: Document, field: str, wanted: Any, now: datetime) -> bool:
    if field == "$expr":
        return bool(evaluate(wanted, document, now))
    if field == "$nor":
        return not any(matches(document, one, now) for one in wanted)
    found = at(document, field)
    if isinstance(wanted, dict) and any(key.startswith("$") for key in wanted):
        return all(_compares(frozen(found), operator, frozen_operand(value)) for operator, value in wanted.items())
    return bool(frozen(found) == frozen(wanted))


def frozen_operand(value: Any) -> Any:
    return [frozen(item) for item in value] if isinstance(value, list) else frozen(value)


def _compares(found: Any, operator: str, value: Any) -> bool:  # noqa: PLR0911 - a table
    match operator:
        case "$in":
            return found in value
        case "$ne":
            return bool(found != value)
        case "$nin":
            return found not in value
        case "$gt":
            return found is not None and bool(found > value)
        case "$gte":
            return found is not None and bool(found >= value)
        case "$lt":
            return found is not None and bool(found < value)
        case "$lte":
            return found is not None and bool(found <= value)
    raise ValueError(operator)


def evaluate(expression: Any, document: Document, now: datetime) -> Any:
    """An aggregation expression."""
    if isinstance(expression, str):
        if expression[:1] != "$":
            return expression
        return now if expression == "$$NOW" else at(document, expression[1:])
    if isinstance(expression, list):
        return [evaluate(item, document, now) for item in expression]
    if not isinstance(expression, dict) or len(expression) != 1:
        return expression
    ((operator, given),) = expression.items()
    if operator[:1] != "$":
        return expression
    return given if operator == "$literal" else _operate(operator, given, document, now)


def _operate(operator: str, given: Any, document: Document, now: datetime) -> Any:  # noqa: PLR0911 - a table
    if operator == "$dateAdd":
        start = evaluate(given["startDate"], document, now)
        return start + timedelta(milliseconds=evaluate(given["amount"], document, now))
    values = [evaluate(item, document, now) for item in given]
    match operator:
        case "$or":
            return any(values)
        case "$and":
            return all(values)
        case "$eq":
            return frozen(values[0]) == frozen(values[1])
        case "$lte":
            return values[0] <= values[1]
        case "$ifNull":
            return next((value for value in values if value is not None), None)
        case "$cond":
            return values[1] if values[0] else values[2]
        case "$setUnion":
            return [*values[0], *(item for item in values[1] if item not in values[0])]
        case "$setDifference":
            return [item for item in values[0] if item not in values[1]]
    raise ValueError(operator)


def changed(document: Document, change: Any, now: datetime, *, inserting: bool = False) -> Document:
    """The document after an update: operators, or an aggregation pipeline."""
    if isinstance(change, list):
        for stage in change:
            ((operator, given),) = stage.items()
            if operator != "$set":
                raise ValueError(operator)
            document = {**document, **{name: evaluate(value, document, now) for name, value in given.items()}}
        return document
    for operator, given in change.items():
        if operator == "$set":
            document = {**document, **given}
        elif operator == "$inc":
            document = {**document, **{name: document.get(name, 0) + value for name, value in given.items()}}
        elif operator == "$max":
            more = {name: value for name, value in given.items() if (old := document.get(name)) is None or value > old}
            document = {**document, **more}
        elif operator == "$setOnInsert":
            document = {**document, **given} if inserting else document
        else:
            raise ValueError(operator)
    return document


def projected(document: Document, fields: Mapping[str, Any] | None, now: datetime) -> Document:
    """Named fields alone, and computed ones."""
    if fields is None:
        return document
    out: Document = {"_id": document["_id"]}
    nested: dict[str, dict[str, Any]] = {}
    for name, wanted in fields.items():
        head, _, rest = name.partition(".")
        if wanted != 1:
            out[name] = evaluate(wanted, document, now)
        elif rest:
            nested.setdefault(head, {})[rest] = 1
        elif name in document:
            out[name] = document[name]
    for head, below in nested.items():
        if head in document:
            out[head] = _within(document[head], below, now)
    return out


def _within(value: Any, below: Mapping[str, Any], now: datetime) -> Any:
    if isinstance(value, list):
        return [_within(item, below, now) for item in value]
    return {name: value[name] for name in below if name in value} if isinstance(value, dict) else value


def sort_key(document: Document, field: str) -> Any:
    """MongoDB's order within the types the journal sorts by; null comes first."""
    value = frozen(at(document, field))
    return (value is not None, value)
