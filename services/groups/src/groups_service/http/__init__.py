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
    privacy,
    pulse,
    recommendation,
    reply,
    report,
    succession,
)

# `/members/me/…` is matched before `/members/{member_id}` can take it.
ROUTERS: Final = (
    privacy.router,
    membership.router,
    recommendation.router,
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
