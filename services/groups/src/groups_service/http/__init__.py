"""The service's routes."""

from typing import Final

from groups_service.http import block, group, invitation, member, membership, people, privacy, succession

# `/members/me/…` is matched before `/members/{member_id}` can take it.
ROUTERS: Final = (
    privacy.router,
    membership.router,
    member.router,
    block.router,
    people.router,
    invitation.router,
    succession.router,
    group.router,
)
