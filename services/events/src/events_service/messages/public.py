"""The public stream: what of an RSVP goes out to everybody, and what is taken back.

Messages are written as JSON straight away, in the contract's order of fields: there are many of them, and a test holds
them against the models.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

from pydantic_core import to_json

from chassis.journal.command import Command
from chassis.journal.decision import Outcome, Outgoing, Told
from contracts.public import NOBODY, PublicRsvp
from events_service.domain.group import Group
from events_service.domain.person import Person
from events_service.domain.place import venue_number
from events_service.domain.rolling import Rolled, Rolling
from events_service.domain.rsvp import Hidden, Kept, KeptDone, Shown, Terms
from events_service.domain.sight import Concerned
from events_service.handlers.person import WANT_NUMBER
from events_service.handlers.publicity import RELEASE_KEPT, Queue
from events_service.handlers.sight import REVIEW, SWEEP, Sight, Sweep
from events_service.messages.outgoing import outgoing

_SHOWN, _HIDDEN = PublicRsvp.types
_MOST_GROUPS = 1_000
_WITH_STATE = frozenset({"us", "ca"})

PersonOf = Callable[[str], Person | None]


class PublicStream:
    """public_url: where people find events, without a slash at the end."""

    def __init__(self, public_url: str) -> None:
        self._public_url = public_url
        self._groups: dict[str, tuple[Group, dict[str, Any]]] = {}

    def tell_kept(self, command: Command, outcome: Outcome[Queue], now: object) -> Told:
        """What waited goes out, in order."""
        queue = outcome.state
        if queue.terms is None or queue.group is None:
            return Told()
        messages = [
            replace(
                self.shown(queue.terms, queue.group, fact, queue.person_of(fact.member_id)),
                trace=queue.traces.get((fact.number, fact.mtime)),
            )
            for fact in outcome.facts
            if isinstance(fact, Shown)
        ]
        return Told(messages, list(following(command, outcome.facts, queue.person_of)))

    def tell_sight(self, command: Command, outcome: Outcome[Sight], now: object) -> Told:
        """What is taken back and what is shown again, and the rest of a long list."""
        sight = outcome.state
        if sight.terms is None or sight.group is None:
            return Told()
        messages: list[Outgoing] = []
        children = list(following(command, outcome.facts, sight.person_of))
        for fact in outcome.facts:
            if isinstance(fact, Shown):
                messages.append(self.shown(sight.terms, sight.group, fact, sight.person_of(fact.member_id)))
            elif isinstance(fact, Hidden):
                messages.append(hidden(sight.terms.event_id, fact.number))
            elif isinstance(fact, Concerned) and fact.after is not None:
                children.append(command.child(REVIEW, command.aggregate, {"after": fact.after}, first=True))
        return Told(messages, children)

    def shown(self, terms: Terms, group: Group, fact: Shown, person: Any) -> Outgoing:
        """A public response, keys in the order that Meetup's stream had; what has no value is absent."""
        value: dict[str, Any] = {}
        if terms.venue is not None:
            name, lat, lon = terms.venue
            value["venue"] = {"venue_name": name, "lon": lon, "lat": lat, "venue_id": venue_number(name, lat, lon)}
        value["visibility"] = "public"
        value["response"] = fact.response
        value["guests"] = fact.guests
        member = {"member_id": person.number}
        if person.photo is not None:
            member["photo"] = person.photo
        member["member_name"] = person.name
        value["member"] = member
        value["rsvp_id"] = fact.number
        value["mtime"] = fact.mtime
        value["event"] = {
            "event_name": terms.title,
            "event_id": terms.event_id,
            "time": int(terms.starts.timestamp() * 1000),
            "event_url": f"{self._public_url}/v1/events/{terms.event_id}",
        }
        value["group"] = self._group(group)
        return outgoing(PublicRsvp.topic, _SHOWN, terms.event_id, str(fact.number), to_json(value).decode())

    def _group(self, group: Group) -> dict[str, Any]:
        """The group's part of a public response, put together once for all that meet the same state of it."""
        held = self._groups.get(group.id)
        if held is not None and held[0] is group:
            return held[1]
        if len(self._groups) >= _MOST_GROUPS:
            self._groups.clear()
        shown = _public_group(group)
        self._groups[group.id] = (group, shown)
        return shown


def hidden(event_id: str, number: int) -> Outgoing:
    """A deletion of the public record. number: the RSVP's."""
    return outgoing(PublicRsvp.topic, _HIDDEN, event_id, str(number), None)


def tell_roll(command: Command, outcome: Outcome[Rolling], now: object) -> Told:
    """A deletion that is nobody's: of the day's record only its being there counts."""
    return Told([hidden(command.aggregate, NOBODY) for fact in outcome.facts if isinstance(fact, Rolled)])


def tell_sweep(command: Command, outcome: Outcome[Sweep], now: object) -> Told:
    """A look at every event concerned, the rest of a long list, and the other lanes' part."""
    children: list[Command] = []
    whose: dict[str, Any] = {name: command.body[name] for name in ("member_id", "group_id") if name in command.body}
    # where the lanes have changed meanwhile, each begins anew
    body: dict[str, Any] = {**whose, "lanes": outcome.state.lanes, "after": ""}
    for fact in outcome.facts:
        if isinstance(fact, Concerned):
            about: dict[str, Any] = {"member_id": whose["member_id"]} if "member_id" in whose else {}
            children += [command.child(REVIEW, event_id, about, first=True) for event_id in fact.event_ids]
            if fact.after is not None:
                children.append(command.child(SWEEP, command.aggregate, {**body, "after": fact.after}, first=True))
        else:
            children += [command.child(SWEEP, other, body, first=True) for other in fact.aggregates]
    return Told(children=children)


def following(command: Command, facts: Sequence[Any], person_of: PersonOf) -> Iterator[Command]:
    """The commands by which the queue of public changes goes on."""
    for fact in facts:
        if isinstance(fact, KeptDone) and fact.more:
            yield command.child(RELEASE_KEPT, command.aggregate, {}, tag=str(fact.last))
        elif isinstance(fact, Kept) and person_of(fact.member_id) is None:
            yield command.child(WANT_NUMBER, fact.member_id, {"event_id": command.aggregate}, tag=str(fact.place))


def _public_group(group: Group) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "group_topics": [{"urlkey": urlkey(topic), "topic_name": topic} for topic in group.topics],
        "group_city": group.city,
        "group_country": group.country,
        "group_id": group.number,
        "group_name": group.name,
        "group_lon": group.lon,
        "group_urlname": group.urlname,
    }
    if group.state is not None and group.country in _WITH_STATE:
        shown["group_state"] = group.state
    shown["group_lat"] = group.lat
    return shown


@lru_cache(maxsize=10_000)
def urlkey(topic: str) -> str:
    """A topic's name as it stands in addresses."""
    plain = unicodedata.normalize("NFKD", topic).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-") or topic.casefold()
