"""The ledger against what the platform shows: topics, events and inboxes. Every count must be 0."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from convene.load.ledger import Ledger
from convene.load.topics import Sent

TELLS = {"confirmed": "rsvp.confirmed", "waitlisted": "rsvp.waitlisted", "promoted": "rsvp.promoted"}


@dataclass(frozen=True, slots=True)
class Shown:
    """What was read when all was quiet.

    rsvps, public: the records of the two topics; events: as HTTP shows them; inboxes: kinds by member;
    mails: Message-IDs by member, of those with a verified address.
    """

    rsvps: Sequence[Sent]
    public: Sequence[Sent]
    events: Mapping[str, Mapping[str, Any]]
    inboxes: Mapping[str, Sequence[str]]
    mails: Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Audit:
    """wrong: by kind, all 0 when every promise was kept. repeated_mails: the same mail again, which SMTP allows."""

    wrong: dict[str, int]
    repeated_mails: int

    @property
    def clean(self) -> bool:
        return not any(self.wrong.values())


def audit(ledger: Ledger, shown: Shown) -> Audit:
    events = set(shown.events)
    changes = [(sent, json.loads(sent.value)) for sent in shown.rsvps if sent.subject in events and sent.value]
    by_seq = {(change["event_id"], change["seq"]): change for _, change in changes}
    wrong = {
        "unanswered": ledger.count().get("unknown", 0),
        "contradicted": sum(line.contradicted for line in ledger.lines),
        "lost": _lost(ledger, by_seq),
        "doubled": len(changes) - len({sent.id for sent, _ in changes}) + len(changes) - len(by_seq),
        "inverted": _inverted([sent for sent, _ in changes]),
        "oversold": _oversold([change for _, change in changes], shown.events),
        "wrong_on_event": _wrong_on_event([change for _, change in changes], shown.events),
        "wrong_on_stream": _wrong_on_stream([change for _, change in changes], shown.public),
        "wrong_in_inbox": _wrong_in_inbox(changes, shown.inboxes),
        "wrong_in_mail": _wrong_in_mail(shown.inboxes, shown.mails),
    }
    return Audit(wrong, sum(len(ids) - len(set(ids)) for ids in shown.mails.values()))


def _lost(ledger: Ledger, by_seq: Mapping[tuple[str, int], Mapping[str, Any]]) -> int:
    """Accepted answers whose decision is not on the topic as it was told."""
    lost = 0
    for line in ledger.lines:
        if line.outcome == "accepted" and line.seq is not None:
            change = by_seq.get((line.event_id, line.seq))
            lost += change is None or (change["member_id"], change["status"]) != (line.member_id, line.status)
    return lost


def _inverted(sent: Sequence[Sent]) -> int:
    """Records that do not follow the one before them on their subject."""
    last: dict[str, int] = {}
    wrong = 0
    for record in sent:
        wrong += record.sequence != last.get(record.subject, 0) + 1
        last[record.subject] = record.sequence
    return wrong


def _oversold(changes: Sequence[Mapping[str, Any]], events: Mapping[str, Mapping[str, Any]]) -> int:
    """Decisions after which more seats were taken than there are."""
    seats: dict[tuple[str, str], int] = {}
    used: Counter[str] = Counter()
    over = 0
    for change in changes:
        event, who = change["event_id"], (change["event_id"], change["member_id"])
        takes = 1 + change["guests"] if change["status"] == "yes" else 0
        used[event] += takes - seats.get(who, 0)
        seats[who] = takes
        capacity = events[event].get("capacity")
        over += capacity is not None and used[event] > capacity
    return over


def _final(changes: Sequence[Mapping[str, Any]]) -> dict[tuple[str, str], Mapping[str, Any]]:
    return {(change["event_id"], change["member_id"]): change for change in changes}


def _wrong_on_event(changes: Sequence[Mapping[str, Any]], events: Mapping[str, Mapping[str, Any]]) -> int:
    used: Counter[str] = Counter()
    waiting: Counter[str] = Counter()
    for (event, _), change in _final(changes).items():
        used[event] += 1 + change["guests"] if change["status"] == "yes" else 0
        waiting[event] += change["status"] == "waitlist"
    return sum(
        (event["seats_used"], event["waitlist_length"]) != (used[event_id], waiting[event_id])
        for event_id, event in events.items()
    )


def _wrong_on_stream(changes: Sequence[Mapping[str, Any]], public: Sequence[Sent]) -> int:
    """RSVPs whose public story differs from what was decided: each yes, and each no that was said or follows a yes."""
    decided: dict[int, list[tuple[str, int]]] = {}
    for change in changes:
        story = decided.setdefault(change["number"], [])
        if change["status"] == "yes":
            story.append(("yes", change["guests"]))
        elif change["status"] == "no" or (story and story[-1][0] == "yes"):
            story.append(("no", 0))
    told: dict[int, list[tuple[str, int]]] = {}
    for rsvp in (json.loads(sent.value) for sent in public if sent.value is not None and int(sent.key) in decided):
        guests = rsvp["guests"] if rsvp["response"] == "yes" else 0
        told.setdefault(rsvp["rsvp_id"], []).append((rsvp["response"], guests))
    return sum(told.get(number, []) != story for number, story in decided.items())


def _wrong_in_inbox(changes: Sequence[tuple[Sent, Mapping[str, Any]]], inboxes: Mapping[str, Sequence[str]]) -> int:
    """Members whose inbox does not say each thing that was decided about them, once."""
    wanted: dict[str, Counter[str]] = {member: Counter() for member in inboxes}
    for sent, change in changes:
        kind = TELLS.get(sent.type.split(".")[3])
        if kind is not None and change["member_id"] in wanted:
            wanted[change["member_id"]][kind] += 1
    return sum(Counter(kinds) != wanted[member] for member, kinds in inboxes.items())


def _wrong_in_mail(inboxes: Mapping[str, Sequence[str]], mails: Mapping[str, Sequence[str]]) -> int:
    """Members with an address who did not get one mail for each line, and the one that verified the address."""
    return sum(len(set(ids)) != len(inboxes.get(member, ())) + 1 for member, ids in mails.items())
