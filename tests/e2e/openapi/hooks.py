"""What `schemathesis run` is told of Convene: unknown words in a query are ignored, as everywhere on the web."""

from typing import Any

import schemathesis
from schemathesis import Case, HookContext


@schemathesis.hook
def filter_case(context: HookContext, case: Case[Any]) -> bool:
    return "x-schemathesis-unknown-property" not in (case.query or {})
