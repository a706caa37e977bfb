"""How commands about what is said of events, and about feedback on them, are decided."""

from typing import Any

from chassis.journal.decision import Decider
from chassis.journal.personal import Personal
from chassis.journal.seen import as_seen
from events_service.handlers import comment, feedback, letter
from events_service.messages.feedback import tell_feedback
from events_service.messages.talk import tell_talk
from events_service.store.feedback import TOTALS, FeedbackStore
from events_service.store.talk import TALKS, TalkStore


def decisions() -> dict[str, Decider[Any]]:
    """Decided by the talk about the event, and by what its feedback comes to."""
    talks, totals = TalkStore(), FeedbackStore()

    def of_talk(decide: Any, personal: Personal | None = None) -> Decider[Any]:
        return Decider(TALKS, talks.reads, talks.load, decide, talks.save, tell_talk, personal)

    def of_feedback(decide: Any, personal: Personal | None = None) -> Decider[Any]:
        return Decider(TOTALS, totals.reads, totals.load, decide, totals.save, tell_feedback, personal)

    return {
        comment.COMMENT: of_talk(comment.decide_comment, comment.WRITES),
        comment.REPLY: of_talk(comment.decide_reply, comment.WRITES),
        comment.EDIT: of_talk(comment.decide_edit, comment.WRITES),
        comment.DELETE: of_talk(as_seen(comment.decide_delete, comment.version_of)),
        letter.SEND: of_talk(letter.decide_send, letter.WRITES),
        letter.WITHDRAW: of_talk(letter.decide_withdraw),
        feedback.GIVE: of_feedback(as_seen(feedback.decide_give, feedback.version_of), feedback.OWN),
        feedback.WITHDRAW: of_feedback(feedback.decide_withdraw),
    }
