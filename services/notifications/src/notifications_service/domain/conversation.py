"""Who is told of what was said in a group: an announcement its members, a mention and a reply those they concern."""

from chassis.frozen import frozen
from notifications_service.domain.notice import Cause, Kind, Notice, Spread


@frozen
class Said:
    """Something was said in a group. what: in the message's own word.

    thread: the post that began it. answers: whose post it answers; mentions: who hears of a mention. Between whom and
    the author there is a block is in neither: groups knows, and tells nobody else.
    """

    what: str
    group: str
    post: str
    thread: str
    author: str
    answers: str | None = None
    mentions: tuple[str, ...] = ()


def of_reply_or_mention(said: Said, cause: Cause) -> list[Notice]:
    """What it tells single people, never its own author."""
    if said.what == "replied":
        kind, people = Kind.POST_REPLIED, [] if said.answers is None else [said.answers]
    elif said.what == "mentioned":
        kind, people = Kind.POST_MENTIONED, [*said.mentions]
    else:
        return []
    return [
        Notice(
            kind,
            person,
            cause,
            said.group,
            about=said.author,
            details={"thread_id": said.thread},
            post_id=said.post,
        )
        for person in people
        if person not in (said.author, cause.actor)
    ]


def of_announcement(said: Said, cause: Cause) -> Spread | None:
    """What it tells all members; whoever it mentions hears of the mention alone."""
    if said.what != "announced":
        return None
    return Spread(
        Kind.POST_ANNOUNCED,
        "members",
        cause,
        said.group,
        details={"thread_id": said.thread},
        about=said.author,
        post_id=said.post,
        besides=said.mentions,
    )
