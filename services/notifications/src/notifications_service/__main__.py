"""`python -m notifications_service [api|consumer|relay|worker]…`: these roles, or all; `setup` makes collections."""

import asyncio
import sys
from collections.abc import Sequence
from functools import partial

from pydantic import ValidationError

from chassis.serve import run
from notifications_service.app import ROLES, build, prepare
from notifications_service.settings import Settings


def main(arguments: Sequence[str]) -> int:
    """The exit code: 2 for a wrong call or environment."""
    unknown = set(arguments) - {*ROLES, "setup"}
    if unknown or ("setup" in arguments and len(arguments) > 1):
        sys.stderr.write(
            f"usage: python -m notifications_service [setup | {' '.join(f'[{role}]' for role in ROLES)}]\n"
        )
        return 2
    try:
        settings = Settings()
    except ValidationError as error:
        for problem in error.errors(include_input=False, include_url=False):
            name = ".".join(str(part) for part in problem["loc"]).upper()
            sys.stderr.write(f"{name}: {problem['msg']}\n")
        return 2
    if list(arguments) == ["setup"]:
        asyncio.run(prepare(settings))
        return 0
    roles = [role for role in ROLES if role in arguments] or list(ROLES)
    return run(settings, partial(build, settings, roles), role="+".join(roles))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
