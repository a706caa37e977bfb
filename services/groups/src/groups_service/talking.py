"""The decisions about what people write, and about who does harm by it."""

from typing import Any

from chassis.journal.decision import Decider
from chassis.journal.personal import Personal
from groups_service.handlers import moderation, post, report
from groups_service.messages.conversation import tell_case, tell_thread
from groups_service.store.group import GROUPS
from groups_service.store.post import POSTS, ThreadStore
from groups_service.store.report import CaseStore


def talk_decisions() -> dict[str, Decider[Any]]:
    """Posts are decided by their thread; reports, and what leaders do about posts, by the group."""
    threads, cases = ThreadStore(), CaseStore()

    def of_thread(decide: Any, personal: Personal | None = None) -> Decider[Any]:
        return Decider(POSTS, threads.reads, threads.load, decide, threads.save, tell_thread, personal)

    def of_group(decide: Any, personal: Personal | None = None) -> Decider[Any]:
        return Decider(GROUPS, cases.reads, cases.load, decide, cases.save, tell_case, personal)

    return {
        post.POST: of_thread(post.decide_post, post.WRITES),
        post.REPLY: of_thread(post.decide_reply, post.WRITES),
        post.EDIT: of_thread(post.decide_edit, post.WRITES),
        post.DELETE: of_thread(post.decide_delete),
        post.PIN: of_thread(post.decide_pin),
        post.REACT: of_thread(post.decide_react),
        post.UNREACT: of_thread(post.decide_unreact),
        post.MODERATE: of_thread(post.decide_moderate),
        moderation.JUDGE: of_group(moderation.decide_judge),
        report.FILE: of_group(report.decide_file, report.FILES),
        report.RESOLVE: of_group(report.decide_resolve, report.RESOLVES),
        report.FORGET: of_group(report.decide_forget),
    }
