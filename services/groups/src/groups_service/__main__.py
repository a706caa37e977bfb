"""`python -m groups_service [setup | reconcile | new-generation | audit | erase <id> | role ...]`; no word means all
roles.
"""

import sys

from chassis.program import main
from groups_service.app import ROLES, audited, build, erased, own
from groups_service.settings import Settings

if __name__ == "__main__":
    sys.exit(
        main(
            "groups_service",
            sys.argv[1:],
            roles=ROLES,
            settings=Settings,
            own=own,
            build=build,
            proofs={"audit": audited},
            errands={"erase": erased},
        )
    )
