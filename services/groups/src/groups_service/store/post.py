"""Threads in the database: `posts`, by post id, replies beside the post they answer; what their texts were before in
`revisions`, by `<post id>:<number>`; and `reactions`, by `<post id>:<member id>:<name>`.
"""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from typing import Any

from chassis.journal.command import Command
from chassis.journal.decision import Outcome
from chassis.journal.documents import Documents, Read, Ref
from chassis.mongo import Document
from groups_service.domain.membership import Membership
from groups_service.domain.post import Deleted, Fact, Post, PostEdited, Reacted, Thread, Unreacted
from groups_service.handlers.post import DELETE, MODERATE, REACT, UNREACT, Talk, post_id_of
from groups_service.store.block import apart, blocks_between
from groups_service.store.group import GROUPS, group_of
from groups_service.store.membership import membership_of, membership_ref

POSTS = "posts"
REVISIONS = "revisions"
REACTIONS = "reactions"

_OWN_MATTER = (DELETE, MODERATE)
"""Commands for which it does not matter how the group is and who stands how in it."""


class ThreadStore:
    """Reads, loads and saves a thread with what a command about it concerns."""

    def reads(self, command: Command, documents: Documents) -> Iterable[Read]:
        """The thread and the post in question; their texts before, where they shall go; and who is concerned."""
        yield from (Ref(POSTS, id_) for id_ in _posts(command))
        if command.name in (DELETE, MODERATE):
            yield from self._revisions(command, documents)
        if command.name in (REACT, UNREACT):
            yield Ref(REACTIONS, _reaction_id(command))
        if command.name in _OWN_MATTER:
            return
        group_id, actor = command.body["group_id"], command.actor or ""
        yield Ref(GROUPS, group_id)
        others = [*command.body.get("named", ()), *self._answered(command, documents)]
        for member_id in (actor, *command.body.get("named", ())):
            yield membership_ref(group_id, member_id)
        for other in others:
            yield from blocks_between(actor, other)

    def load(self, command: Command, documents: Documents) -> Talk:
        found = [post_of(one) for id_ in _posts(command) if (one := documents.get(POSTS, id_)) is not None]
        root = next((post for post in found if post.id == command.aggregate), None)
        talk = Talk(
            Thread(root, {post.id: post for post in found}),
            already=command.name in (REACT, UNREACT) and documents.get(REACTIONS, _reaction_id(command)) is not None,
        )
        return talk if command.name in _OWN_MATTER else self._among_people(talk, command, documents)

    def save(self, command: Command, documents: Documents, outcome: Outcome[Talk], now: datetime) -> None:
        for fact in outcome.facts:
            self._beside(fact, command, documents, now)
        thread = outcome.state.thread
        for id_, post in thread.posts.items():
            before = documents.get(POSTS, id_)
            if id_ == command.aggregate or before is None or post != post_of(before):
                documents.put(POSTS, {**(before or {}), **document_of(post)})

    def _beside(self, fact: Fact, command: Command, documents: Documents, now: datetime) -> None:
        match fact:
            case PostEdited(_, post_id, _, _, _, _):
                documents.put(REVISIONS, _revision(post_of(_there(documents, post_id))))
            case Deleted(_, post_id, _):
                for number in range(1, _there(documents, post_id)["edits"] + 1):
                    documents.delete(REVISIONS, _revision_id(post_id, number))
            case Reacted(group_id, post_id, member_id, name):
                ids = {"group_id": group_id, "post_id": post_id, "member_id": member_id}
                documents.put(REACTIONS, {"_id": _reaction_id(command), "v": 1, **ids, "name": name, "created_at": now})
            case Unreacted():
                documents.delete(REACTIONS, _reaction_id(command))

    def _revisions(self, command: Command, documents: Documents) -> Iterable[Read]:
        post_id = post_id_of(command)
        if documents.missing([Ref(POSTS, post_id)]):
            return
        post = documents.get(POSTS, post_id)
        for number in range(1, (0 if post is None else post["edits"]) + 1):
            yield Ref(REVISIONS, _revision_id(post_id, number))

    def _answered(self, command: Command, documents: Documents) -> list[str]:
        """Whose post a reply answers, once it is loaded."""
        to = command.body.get("to")
        if to is None or documents.missing([Ref(POSTS, to)]):
            return []
        post = documents.get(POSTS, to)
        return [] if post is None else [post["author_id"]]

    def _among_people(self, talk: Talk, command: Command, documents: Documents) -> Talk:
        group_id, actor = command.body["group_id"], command.actor or ""
        group = documents.get(GROUPS, group_id)
        named = command.body.get("named", ())
        others = [*named, *self._answered(command, documents)]
        return Talk(
            talk.thread,
            None if group is None else group_of(group),
            _membership(documents, group_id, actor),
            frozenset(one for one in named if _membership(documents, group_id, one).state == "active"),
            frozenset(other for other in others if apart(documents, actor, other)),
            talk.already,
        )


def document_of(post: Post) -> Document:
    values: dict[str, Any] = asdict(post)
    named = {"mentions": list(post.mentions), "ever_mentioned": list(post.ever_mentioned)}
    return {"_id": values.pop("id"), "v": 1, **values, **named}


def post_of(document: Document) -> Post:
    """One that was written before posts said who was ever mentioned knows of those that are."""
    values = {name: value for name, value in document.items() if name not in ("_id", "v", "journal")}
    mentions: list[str] = document["mentions"]
    ever: list[str] = document.get("ever_mentioned", mentions)
    return Post(document["_id"], **{**values, "mentions": tuple(mentions), "ever_mentioned": tuple(ever)})


def _posts(command: Command) -> list[str]:
    named = (command.aggregate, post_id_of(command), command.body.get("to"))
    return list(dict.fromkeys(id_ for id_ in named if id_))


def _there(documents: Documents, post_id: str) -> Document:
    found = documents.get(POSTS, post_id)
    if found is None:
        raise ValueError("facts about a post come after it")
    return found


def _membership(documents: Documents, group_id: str, member_id: str) -> Membership:
    ref = membership_ref(group_id, member_id)
    found = documents.get(ref.collection, ref.id)
    return Membership(group_id, member_id) if found is None else membership_of(found)


def _revision(before: Post) -> Document:
    """What a post said until now, and since when."""
    number = before.edits + 1
    since = before.edited_at or before.created_at
    ids = {"post_id": before.id, "group_id": before.group_id, "author_id": before.author_id, "number": number}
    return {
        "_id": _revision_id(before.id, number),
        "v": 1,
        **ids,
        "title": before.title,
        "body": before.body,
        "html": before.html,
        "since": since,
    }


def _revision_id(post_id: str, number: int) -> str:
    return f"{post_id}:{number}"


def _reaction_id(command: Command) -> str:
    return f"{command.body['post_id']}:{command.actor}:{command.body['name']}"
