"""What is said about events: `talks`, by `talk:<event id>`; `comments`, by their ids, replies beside what they answer;
what comments said before in `revisions`, by `<comment id>:<number>`; and `letters`, by their ids.
"""

from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import datetime
from typing import Any

from chassis.journal.command import Command
from chassis.journal.decision import Outcome
from chassis.journal.documents import Documents, Read, Ref
from chassis.mongo import Document
from events_service.domain.comment import Comment, CommentDeleted, CommentEdited
from events_service.domain.commenting import hearers
from events_service.domain.event import Event
from events_service.domain.group import Membership, standing
from events_service.domain.letter import Letter
from events_service.domain.speaker import Speaker
from events_service.domain.talk import Talk
from events_service.handlers import comment, letter
from events_service.handlers.talk import Discussion, author_of
from events_service.store.event import EVENTS, event_of
from events_service.store.projection import BLOCKS, GROUPS, known_group, membership_of, membership_ref
from events_service.store.rsvp import RSVPS, document_id

TALKS = "talks"
COMMENTS = "comments"
REVISIONS = "revisions"
LETTERS = "letters"

_OF_LETTERS = (letter.SEND, letter.WITHDRAW)


class TalkStore:
    """Reads, loads and saves what is said about an event, with what a command about it concerns."""

    def reads(self, command: Command, documents: Documents) -> Iterable[Read]:
        """What is said, the event, whoever acts, and those whom it concerns."""
        event_id = command.body["event_id"]
        event = Ref(EVENTS, event_id)
        yield Ref(TALKS, command.aggregate)
        yield event
        yield Ref(RSVPS, document_id(event_id, author_of(command)))
        if command.name in _OF_LETTERS:
            yield Ref(LETTERS, letter.letter_id_of(command))
        else:
            yield from self._comments(command, documents)
        found = None if documents.missing([event]) else documents.get(*event)
        if found is not None:
            yield from self._people(event_of(found), command, documents)

    def load(self, command: Command, documents: Documents) -> Discussion:
        event_id = command.body["event_id"]
        talk = documents.get(TALKS, command.aggregate)
        said = Talk(event_id) if talk is None else talk_of(talk)
        speaker = self._speaker(command, documents)
        if command.name in _OF_LETTERS:
            sent = documents.get(LETTERS, letter.letter_id_of(command))
            return Discussion(said, letter=None if sent is None else letter_of(sent), speaker=speaker)
        found = [comment_of(one) for id_ in _ids(command) if (one := documents.get(COMMENTS, id_)) is not None]
        roots = [comment_of(documents.get(COMMENTS, one.to) or {}) for one in found if one.to is not None]
        return Discussion(said, {one.id: one for one in (*roots, *found)}, speaker=speaker)

    def save(self, command: Command, documents: Documents, outcome: Outcome[Discussion], now: datetime) -> None:
        after, before = outcome.state, documents.get(TALKS, command.aggregate)
        documents.put(TALKS, {**(before or {}), **talk_document(command.aggregate, after.talk)})
        for fact in outcome.facts:
            match fact:
                case CommentEdited(_, comment_id, _, _, _):
                    documents.put(REVISIONS, _revision(comment_of(documents.get(COMMENTS, comment_id) or {})))
                case CommentDeleted(_, comment_id, _):
                    edits = comment_of(documents.get(COMMENTS, comment_id) or {}).edits
                    for number in range(1, edits + 1):
                        documents.delete(REVISIONS, _revision_id(comment_id, number))
        for found in after.comments.values():
            document = comment_document(found)
            if document != documents.get(COMMENTS, found.id):
                documents.put(COMMENTS, document)
        if after.letter is not None:
            documents.put(LETTERS, letter_document(after.letter))

    def _comments(self, command: Command, documents: Documents) -> Iterator[Read]:
        """Those in question, what they answer, and their texts before where they shall go."""
        for id_ in _ids(command):
            yield Ref(COMMENTS, id_)
            known = None if documents.missing([Ref(COMMENTS, id_)]) else documents.get(COMMENTS, id_)
            if known is None:
                continue
            if known["to"] is not None:
                yield Ref(COMMENTS, known["to"])
            if command.name == comment.DELETE:
                for number in range(1, known["edits"] + 1):
                    yield Ref(REVISIONS, _revision_id(id_, number))

    def _people(self, event: Event, command: Command, documents: Documents) -> Iterator[Read]:
        actor = author_of(command)
        yield Ref(GROUPS, event.group_id)
        for member_id in (actor, *self._named(event, command, documents)):
            yield membership_ref(event.group_id, member_id)
        for other in self._others(event, command, documents):
            yield from _blocks(actor, other)

    def _named(self, event: Event, command: Command, documents: Documents) -> list[str]:
        """Those of whom it counts whether they are members: who is mentioned or answered, who made the event and who
        hosts it."""
        named, maker = command.body.get("named", ()), [] if event.created_by is None else [event.created_by]
        return [*named, *maker, *event.details.hosts, *self._answered(command, documents)]

    def _others(self, event: Event, command: Command, documents: Documents) -> list[str]:
        """Those who may hear of it."""
        others = list(command.body.get("named", ()))
        if command.name == comment.COMMENT:
            group = None if documents.missing([Ref(GROUPS, event.group_id)]) else known_group(documents, event.group_id)
            others += [] if group is None else hearers(event, group)
        return others + self._answered(command, documents)

    def _answered(self, command: Command, documents: Documents) -> list[str]:
        """Who wrote what a reply answers."""
        to: str = command.body.get("to", "")
        if command.name != comment.REPLY or documents.missing([Ref(COMMENTS, to)]):
            return []
        answered = documents.get(COMMENTS, to)
        return [] if answered is None else [answered["author_id"]]

    def _speaker(self, command: Command, documents: Documents) -> Speaker | None:
        actor = author_of(command)
        event_id = command.body["event_id"]
        found = documents.get(EVENTS, event_id)
        group = None if found is None else known_group(documents, found["group_id"])
        if found is None or group is None:
            return None
        event = event_of(found)
        rsvp = documents.get(RSVPS, document_id(event_id, actor))

        def membership(member_id: str) -> Membership:
            ref = membership_ref(group.id, member_id)
            return standing(group, member_id, membership_of(documents.get(*ref)))

        named = {one: membership(one) for one in self._named(event, command, documents)}
        return Speaker(
            actor,
            event,
            group,
            membership(actor),
            None if rsvp is None else rsvp["status"],
            frozenset(one for one, theirs in named.items() if theirs.active),
            frozenset(one for one in self._others(event, command, documents) if _apart(documents, actor, one)),
            frozenset(one for one, theirs in named.items() if theirs.put_out),
        )


def _ids(command: Command) -> list[str]:
    """The comments that a command names, and the one it makes."""
    to = command.body.get("to")
    return [comment.comment_id_of(command), *([] if to is None else [to])]


def _blocks(one: str, other: str) -> tuple[Ref, Ref]:
    return Ref(BLOCKS, f"{one}:{other}"), Ref(BLOCKS, f"{other}:{one}")


def _apart(documents: Documents, one: str, other: str) -> bool:
    found = (documents.get(*ref) for ref in _blocks(one, other))
    return any(block is not None and not block.get("deleted") for block in found)


def talk_document(id_: str, talk: Talk) -> Document:
    return {
        "_id": id_,
        "v": 1,
        "event_id": talk.event_id,
        "comments": talk.comments,
        "last_number": talk.last_number,
        "letters": list(talk.letters),
    }


def talk_of(document: Document) -> Talk:
    return Talk(document["event_id"], document["comments"], document["last_number"], tuple(document["letters"]))


def comment_document(found: Comment) -> Document:
    values: dict[str, Any] = asdict(found)
    named = {"mentions": list(found.mentions), "ever_mentioned": list(found.ever_mentioned)}
    return {"_id": values.pop("id"), "v": 1, **values, **named}


def comment_of(document: Document) -> Comment:
    """One that was written before comments said who was ever mentioned knows of those that are."""
    values = {name: value for name, value in document.items() if name not in ("_id", "v")}
    mentions: list[str] = document["mentions"]
    ever: list[str] = document.get("ever_mentioned", mentions)
    return Comment(document["_id"], **{**values, "mentions": tuple(mentions), "ever_mentioned": tuple(ever)})


def letter_document(found: Letter) -> Document:
    values: dict[str, Any] = asdict(found)
    return {"_id": values.pop("id"), "v": 1, **values}


def letter_of(document: Document) -> Letter:
    return Letter(document["_id"], **{name: value for name, value in document.items() if name not in ("_id", "v")})


def _revision(before: Comment) -> Document:
    """What a comment said until now, and since when."""
    number = before.edits + 1
    ids = {"comment_id": before.id, "event_id": before.event_id, "author_id": before.author_id, "number": number}
    said = {"body": before.body, "html": before.html, "since": before.edited_at or before.created_at}
    return {"_id": _revision_id(before.id, number), "v": 1, **ids, **said}


def _revision_id(comment_id: str, number: int) -> str:
    return f"{comment_id}:{number}"
