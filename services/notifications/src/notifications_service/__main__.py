"""`python -m notifications_service [setup | role...]`: prepare database and topics, or run roles; without any, all."""

import asyncio
import sys

from chassis import logs
from chassis.serve import run
from notifications_service.app import ROLES, SERVICE, build, setup
from notifications_service.settings import Settings


def main(words: list[str]) -> int:
    """The exit code; 2 when a word is no role."""
    unknown = sorted(set(words) - {"setup", *ROLES})
    if unknown or ("setup" in words and len(words) > 1):
        sys.stderr.write(f"usage: python -m notifications_service [setup | {' | '.join(ROLES)} ...]\n")
        return 2
    settings = Settings()
    if words == ["setup"]:
        logs.setup(SERVICE, settings.log_level, role="setup")
        asyncio.run(setup(settings))
        return 0
    roles = words or list(ROLES)
    return run(settings, lambda: build(settings, roles), role="+".join(roles))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
