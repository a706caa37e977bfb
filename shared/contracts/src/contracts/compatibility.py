"""What may change in a message within its version: optional fields may come, nothing else.

Readers ignore fields they do not know; writers send none that a model does not name, for they send models.

The schemas of the last change are committed in `schemas/`, one file per topic. `python -m contracts.compatibility`
compares the models with them; with `--write` it writes them anew, and refuses if that would break a reader.
"""

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from contracts.message import Message
from contracts.registry import MESSAGES

SCHEMAS = Path(__file__).parent / "schemas"

_PROSE = frozenset({"title", "description"})

Schema = dict[str, Any]


def schema(model: type[Message]) -> Schema:
    """What readers accept: JSON Schema with references resolved and prose left out, and the types that carry it."""
    whole = model.model_json_schema(mode="validation")
    return {"types": sorted(model.types), "value": _resolved(whole, whole.get("$defs", {}))}


def _resolved(node: Any, definitions: Mapping[str, Any]) -> Any:
    if isinstance(node, list):
        return [_resolved(inner, definitions) for inner in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        return _resolved(definitions[node["$ref"].rpartition("/")[2]], definitions)
    return {
        # a property may be called `title`: only prose, which is text, is left out
        name: _resolved(inner, definitions)
        for name, inner in node.items()
        if name != "$defs" and not (name in _PROSE and isinstance(inner, str))
    }


def breaks(old: Schema, new: Schema) -> list[str]:
    """Sentences about what would break a reader of either side; none = compatible."""
    gone = sorted(set(old["types"]) - set(new["types"]))
    return [f"type {name} is gone" for name in gone] + list(_breaks(old["value"], new["value"], "value"))


def _breaks(old: Any, new: Any, where: str) -> Iterator[str]:
    if not (isinstance(old, dict) and isinstance(new, dict)):
        if old != new:
            yield f"{where}: {json.dumps(old)} became {json.dumps(new)}"
        return
    if "properties" in old or "properties" in new:
        yield from _field_breaks(old, new, where)
    for name in sorted((old.keys() | new.keys()) - {"properties", "required"}):
        if name not in new or name not in old:
            yield f"{where}: {name} {'came' if name in new else 'is gone'}"
        elif isinstance(old[name], list) and isinstance(new[name], list) and len(old[name]) == len(new[name]):
            for index, (before, after) in enumerate(zip(old[name], new[name], strict=True)):
                yield from _breaks(before, after, f"{where}.{name}[{index}]")
        else:
            yield from _breaks(old[name], new[name], f"{where}.{name}")


def _field_breaks(old: Schema, new: Schema, where: str) -> Iterator[str]:
    before, after = old.get("properties", {}), new.get("properties", {})
    was, must = set(old.get("required", [])), set(new.get("required", []))
    for name in sorted(before.keys() - after.keys()):
        yield f"{where}.{name} is gone"
    for name in sorted(must - before.keys()):
        yield f"{where}.{name} is new and required"
    for name in sorted(before.keys() & after.keys()):
        if (name in was) != (name in must):
            yield f"{where}.{name} is {'no longer' if name in was else 'now'} required"
        yield from _breaks(before[name], after[name], f"{where}.{name}")


def committed() -> dict[str, Schema]:
    """The schemas in the repository, by topic."""
    return {file.stem: json.loads(file.read_text(encoding="utf-8")) for file in sorted(SCHEMAS.glob("*.json"))}


def current() -> dict[str, Schema]:
    """The schemas of the models, by topic."""
    return {model.topic: schema(model) for model in MESSAGES}


def check(old: Mapping[str, Schema], new: Mapping[str, Schema]) -> list[str]:
    """Sentences about broken compatibility between two sets of schemas."""
    return [
        flaw
        for topic in sorted(old)
        for flaw in (
            [f"{topic}: {one}" for one in breaks(old[topic], new[topic])] if topic in new else [f"{topic} is gone"]
        )
    ]


def main(arguments: list[str]) -> int:
    """0 = compatible and, without --write, the committed files are up to date."""
    old, new = committed(), current()
    flaws = check(old, new)
    if not flaws and "--write" in arguments:
        SCHEMAS.mkdir(exist_ok=True)
        for topic, found in new.items():
            text = json.dumps(found, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
            (SCHEMAS / f"{topic}.json").write_text(text, encoding="utf-8")
        return 0
    stale = sorted(topic for topic in new if old.get(topic) != new[topic])
    lines = flaws or [f"{topic}: the committed schema is not up to date; run with --write" for topic in stale]
    sys.stderr.write("".join(f"{line}\n" for line in lines))
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
