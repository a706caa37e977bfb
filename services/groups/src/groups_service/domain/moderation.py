"""What a group decides about its posts. The post itself follows, in its own turn."""

from dataclasses import dataclass
from typing import Literal

from groups_service.domain.membership import NOT_ALLOWED, Membership
from groups_service.domain.permission import Action
from groups_service.domain.post import Post
from groups_service.domain.posting import NO_POST, POST_GONE, moderate
from groups_service.domain.refusal import Refused

Act = Literal["hide", "show", "delete"]


@dataclass(frozen=True, slots=True)
class PostJudged:
    """thread_id: the post that began the thread, itself perhaps; author_id: whose post it is."""

    group_id: str
    post_id: str
    thread_id: str
    author_id: str
    by: str
    act: Act


def judge(group_id: str, by: str, post: Post | None, act: Act) -> list[PostJudged] | Refused:
    """Hide a post, show it again or delete it. What is so already changes nothing."""
    if post is None or post.group_id != group_id:
        return NO_POST
    changes = moderate(by, post, act)
    if isinstance(changes, Refused) or not changes:
        return changes if isinstance(changes, Refused) else []
    return [PostJudged(group_id, post.id, post.thread_id or post.id, post.author_id, by, act)]


def judge_as(actor: Membership, post: Post | None, act: Act) -> list[PostJudged] | Refused:
    """The same by one of the group's leaders, in a closed group too; what is deleted is not to be hidden or shown."""
    if not actor.may(Action.MODERATE):
        return NOT_ALLOWED
    if post is not None and post.state == "deleted" and act != "delete":
        return POST_GONE
    return judge(actor.group_id, actor.member_id, post, act)
