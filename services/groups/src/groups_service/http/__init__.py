"""The service's routes."""

from typing import Final

from groups_service.http import (
    block,
    chapter,
    group,
    invitation,
    member,
    membership,
    network,
    people,
    post,
    pulse,
    reply,
    report,
    succession,
)

# `/members/me/groups` is matched before `/members/{member_id}` can take it.
ROUTERS: Final = (
    membership.router,
    member.router,
    block.router,
    people.router,
    invitation.router,
    succession.router,
    pulse.router,
    network.router,
    chapter.router,
    post.router,
    reply.router,
    report.router,
    group.router,
)
