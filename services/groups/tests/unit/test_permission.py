"""The permission table, cell by cell."""

import pytest

from groups_service.domain.membership import Membership
from groups_service.domain.permission import PERMISSIONS, ROLES, Action, Role, allows

TABLE = """
                  organizer  co_organizer  assistant_organizer  event_organizer  member
SEE_INSIDE        yes        yes           yes                  yes              yes
SEE_REQUESTS      yes        yes           yes                  no               no
DECIDE_REQUESTS   yes        yes           yes                  no               no
EDIT_GROUP        yes        yes           no                   no               no
INVITE            yes        yes           yes                  no               no
REMOVE_PEOPLE     yes        yes           yes                  no               no
CHANGE_ROLES      yes        yes           no                   no               no
HAND_OVER         yes        no            no                   no               no
CLOSE_GROUP       yes        no            no                   no               no
CHOOSE_NETWORK    yes        yes           no                   no               no
STEP_UP           yes        yes           yes                  yes              yes
VOTE              yes        yes           yes                  yes              yes
TALK              yes        yes           yes                  yes              yes
ANNOUNCE          yes        yes           yes                  yes              no
MODERATE          yes        yes           yes                  no               no
"""


def cells() -> list[tuple[Role, Action, bool]]:
    head, *rows = [line.split() for line in TABLE.strip().splitlines()]
    by_name: dict[str, Role] = {role: role for role in ROLES}
    return [
        (by_name[role], Action[row[0]], cell == "yes") for row in rows for role, cell in zip(head, row[1:], strict=True)
    ]


@pytest.mark.parametrize(("role", "action", "allowed"), cells())
def test_a_cell_of_the_table(role: Role, action: Action, allowed: bool) -> None:
    assert allows(role, action) is allowed


def test_the_table_has_a_cell_for_every_role_and_action() -> None:
    assert {(role, action) for role, action, _ in cells()} == {
        (role, action) for role in PERMISSIONS for action in Action
    }


@pytest.mark.parametrize("state", ["none", "pending", "left", "removed", "banned"])
def test_only_active_members_may_do_anything(state: str) -> None:
    somebody = Membership("g", "ada", state=state, role="organizer")  # type: ignore[arg-type] # a parameter is a text
    assert not any(somebody.may(action) for action in Action)
