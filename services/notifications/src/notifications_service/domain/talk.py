"""Who is told of what was said about an event: a comment its hosts, a reply and a mention those they concern, and what
leaders and hosts write those whom it is written to."""

from chassis.frozen import frozen
from notifications_service.domain.notice import WITH_A_STAKE, Cause, Kind, Notice, Spread


@frozen
class Talked:
    """Something was said about an event. what: in the message's own word.

    answers: whose comment it answers; tells: who hears of a comment or a mention; to: whose RSVPs stand how. Between
    whom and the author there is a block is in neither: events knows, and tells nobody else.
    """

    what: str
    group: str
    event: str
    entry: str
    author: str
    answers: str | None = None
    tells: tuple[str, ...] = ()
    to: str | None = None


_KINDS = {"commented": Kind.COMMENT_MADE, "mentioned": Kind.COMMENT_MENTIONED, "replied": Kind.COMMENT_REPLIED}


def of_comment(talked: Talked, cause: Cause) -> list[Notice]:
    """What it tells single people, never its own author."""
    kind = _KINDS.get(talked.what)
    if kind is None:
        return []
    people = talked.tells if talked.answers is None else (talked.answers,)
    about, entry = talked.author, talked.entry
    return [
        Notice(kind, person, cause, talked.group, talked.event, about=about, post_id=entry)
        for person in people
        if person not in (talked.author, cause.actor)
    ]


def of_letter(talked: Talked, cause: Cause) -> Spread | None:
    """What it tells all whose RSVPs stand as it says."""
    if talked.what != "addressed" or talked.to is None:
        return None
    return Spread(
        Kind.MESSAGE_RECEIVED,
        "attendees",
        cause,
        talked.group,
        talked.event,
        about=talked.author,
        post_id=talked.entry,
        standing=tuple(sorted(WITH_A_STAKE)) if talked.to == "all" else (talked.to,),
    )
