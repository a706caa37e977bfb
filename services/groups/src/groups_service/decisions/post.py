"""How commands about what people write are decided."""

from typing import Any

from chassis.journal.decision import Decider
from chassis.journal.personal import Personal
from groups_service.handlers import post
from groups_service.messages.conversation import tell_thread
from groups_service.store.post import POSTS, ThreadStore


def decisions() -> dict[str, Decider[Any]]:
    """Decided by the thread that a post is in."""
    threads = ThreadStore()

    def of_thread(decide: Any, personal: Personal | None = None) -> Decider[Any]:
        return Decider(POSTS, threads.reads, threads.load, decide, threads.save, tell_thread, personal)

    return {
        post.POST: of_thread(post.decide_post, post.WRITES),
        post.REPLY: of_thread(post.decide_reply, post.WRITES),
        post.EDIT: of_thread(post.decide_edit, post.WRITES),
        post.DELETE: of_thread(post.decide_delete),
        post.PIN: of_thread(post.decide_pin),
        post.REACT: of_thread(post.decide_react),
        post.UNREACT: of_thread(post.decide_unreact),
        post.MODERATE: of_thread(post.decide_moderate, post.QUOTES),
    }
