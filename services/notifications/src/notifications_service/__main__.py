"""`python -m notifications_service [setup | reconcile | new-generation | role...]`; without any word it is all roles.

`setup` prepares database and topics. `reconcile` prints what must be 0 as JSON, and fails if it is not.
`new-generation` lets the journal go on after a restored backup, and prints what it did as JSON.
"""

import asyncio
import json
import sys
from dataclasses import asdict

from chassis import logs
from chassis.serve import run
from notifications_service.app import ROLES, SERVICE, build, reconciled, renewed, setup
from notifications_service.settings import Settings

ACTS = ("setup", "reconcile", "new-generation")


def main(words: list[str]) -> int:
    """The exit code; 2 when a word is neither a role nor something to do."""
    if set(words) - {*ACTS, *ROLES} or (set(words) & set(ACTS) and len(words) > 1):
        sys.stderr.write(f"usage: python -m notifications_service [{' | '.join(ACTS)} | {' | '.join(ROLES)} ...]\n")
        return 2
    settings = Settings()
    if words and words[0] in ACTS:
        logs.setup(SERVICE, settings.log_level, role=words[0])
        return asyncio.run(act(words[0], settings))
    roles = words or list(ROLES)
    return run(settings, lambda: build(settings, roles), role="+".join(roles))


async def act(word: str, settings: Settings) -> int:
    """Do it and say how it went."""
    if word == "setup":
        await setup(settings)
        return 0
    if word == "new-generation":
        sys.stdout.write(json.dumps(asdict(await renewed(settings))) + "\n")
        return 0
    report = await reconciled(settings)
    sys.stdout.write(json.dumps(report.document()) + "\n")
    return 0 if report.sound else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
