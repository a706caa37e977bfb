"""What `schemathesis run` is told of Convene beyond its descriptions: what there is to ask about.

From the environment: OPENAPI_WORLD, JSON of what paths and queries may name (see `described.py`), and OPENAPI_TOKEN.
"""

import json
import os
import re
from secrets import token_hex
from typing import Any

import requests
import schemathesis
from hypothesis import strategies
from schemathesis import Case, HookContext
from schemathesis.core.parameters import ParameterLocation as Where
from schemathesis.generation.meta import TestPhase

WORLD: dict[str, Any] = json.loads(os.environ["OPENAPI_WORLD"])
HEADERS = {"Authorization": f"Bearer {os.environ['OPENAPI_TOKEN']}"}
PLACE = "elsewhere.v1:x@1"
"""In a topic that no service reads: nobody waits for it."""
_NAMED = re.compile(r"([\w-]+)/\{(\w+)\}")

schemathesis.openapi.format("If-Match", strategies.integers(0, 9).map(lambda version: f'"{version}"'))
schemathesis.openapi.format("X-Convene-Position", strategies.just(PLACE))


@schemathesis.hook
def before_load_schema(context: HookContext, raw_schema: dict[str, Any]) -> None:
    """`default` stands for what nobody expects: with it every status would be as described.

    Of a header with quotes, colons and such in its pattern no good value is found, unless its format is known.
    """
    for parameter in raw_schema["components"]["parameters"].values():
        if parameter["name"] in ("If-Match", "X-Convene-Position"):
            parameter["schema"]["format"] = parameter["name"]
    for item in raw_schema["paths"].values():
        for operation in item.values():
            del operation["responses"]["default"]


@schemathesis.hook
def map_case(context: HookContext, case: Case[Any]) -> Case[Any]:
    """A request that is right in a part names there what exists, or what is new; each is one of its own.

    Where requests follow from one another, they name what was made before.
    """
    if _right(case, Where.PATH) and case.meta and case.meta.phase.name is not TestPhase.STATEFUL:
        case.path_parameters.update(_there(case))
    if isinstance(case.body, dict) and case.meta and case.meta.generation.mode.is_positive:
        new = {"urlname": f"described-{token_hex(8)}"} if case.body.get("urlname") else {}
        case.body = {**case.body, **new, **WORLD.get(case.operation.label, {}).get("body", {})}
    for name, there in (("group_id", "groups/{group_id}"), ("network_id", "networks/{network_id}")):
        if name in case.query and _good_without(case, name):
            case.query[name] = WORLD[there]
    if _right(case, Where.HEADER):
        if "Idempotency-Key" in case.headers:
            case.headers["Idempotency-Key"] = case.id
        if "X-Convene-Position" in case.headers:
            case.headers["X-Convene-Position"] = PLACE
        if "Last-Event-ID" in case.headers:
            case.headers["Last-Event-ID"] = "0"
    return case


@schemathesis.hook
def before_call(context: HookContext, case: Case[Any], kwargs: dict[str, Any]) -> None:
    """A change is one of the version that there is."""
    if "If-Match" in case.headers and _right(case, Where.HEADER) and _right(case, Where.PATH):
        found = requests.get(f"{case.operation.base_url}{case.formatted_path}", headers=HEADERS, timeout=60)
        case.headers["If-Match"] = found.headers.get("etag", case.headers["If-Match"])


def _right(case: Case[Any], where: Where) -> bool:
    """Whether a part of the request is as described, and not there to show what its description allows."""
    part = case.meta and case.meta.components.get(where)
    aimed = case.meta and getattr(case.meta.phase.data, "parameter_location", None)
    return bool(part and part.mode.is_positive) and aimed is not where


def _good_without(case: Case[Any], name: str) -> bool:
    """Whether nothing is wrong with the query, and it is not there to show what this parameter allows."""
    good = case.meta and (case.meta.generation.mode.is_positive or _right(case, Where.QUERY))
    return bool(good) and getattr(case.meta and case.meta.phase.data, "parameter", None) != name


def _there(case: Case[Any]) -> dict[str, str]:
    """A group, a post and so on, by the word before their id; some operations have one of their own."""
    own = {name: value for name, value in WORLD.get(case.operation.label, {}).items() if name != "body"}
    named = {name: WORLD.get(f"{word}/{{{name}}}") for word, name in _NAMED.findall(case.operation.path)}
    return {name: value for name, value in (named | own).items() if value is not None}
