"""`python -m events_service [setup | reconcile | new-generation | zones | role ...]`; without a word all roles."""

import sys

from chassis.program import main
from events_service.app import ROLES, build, follow_zones, own
from events_service.settings import Settings

if __name__ == "__main__":
    acts = {"zones": follow_zones}
    sys.exit(main("events_service", sys.argv[1:], roles=ROLES, settings=Settings, own=own, build=build, proofs=acts))
