"""What leaders decide about an event, and the times that it comes to."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any, Literal

from chassis.zones import is_zone
from events_service.domain.place import GUESTS, Place, with_what_stays
from events_service.domain.promotion import AT_ONCE, Promotion
from events_service.domain.refusal import Refused
from events_service.domain.schedule import instant, moment

AttendeeList = Literal["hidden", "members", "everyone"]


@dataclass(frozen=True, slots=True)
class Details:
    """What the leaders decide about an event.

    starts_at, ends_at: local wall time, ISO 8601 without offset; timezone: an IANA name; capacity: None = no limit;
    rsvp_opens_at, rsvp_closes_at: an instant, a wall time or an ISO 8601 duration before the start; hosts:
    at most 5 members, who take no seat; questions: at most 6, for who RSVPs; photos: URLs; host_notes: for people with
    a place.
    """

    title: str
    starts_at: str
    ends_at: str
    timezone: str
    attendee_list: AttendeeList
    description: str = ""
    place: Place | None = None
    capacity: int | None = None
    guest_limit: int = GUESTS
    rsvp_opens_at: str | None = None
    rsvp_closes_at: str | None = None
    promotion: Promotion = AT_ONCE
    hosts: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()
    photos: tuple[str, ...] = ()
    host_notes: str = ""


@dataclass(frozen=True, slots=True)
class Times:
    """The instants that the details come to. opens: None = as soon as the event is published."""

    starts: datetime
    ends: datetime
    opens: datetime | None
    closes: datetime


def times(details: Details) -> Times | Refused:
    """The instants of the details, or what is wrong with them."""
    if not is_zone(details.timezone):
        return Refused("unknown-timezone", f"{details.timezone} is no IANA time zone.")
    starts, ends = (
        instant(datetime.fromisoformat(wall), details.timezone) for wall in (details.starts_at, details.ends_at)
    )
    if ends <= starts:
        return Refused("ends-before-start", "An event ends after it starts.")
    opens = moment(details.rsvp_opens_at, starts, details.timezone) if details.rsvp_opens_at else None
    closes = moment(details.rsvp_closes_at, starts, details.timezone) if details.rsvp_closes_at else starts
    if closes is None or (details.rsvp_opens_at and opens is None):
        return Refused(
            "bad-rsvp-window", "RSVPs open and close at a time, or at an ISO 8601 duration before the start."
        )
    if closes > ends or (opens is not None and opens >= closes):
        return Refused("bad-rsvp-window", "RSVPs open before they close, and close before the event is over.")
    return Times(starts, ends, opens, closes)


def with_changes(details: Details, changes: Mapping[str, Any]) -> Details:
    """The details after an edit."""
    values = dict(changes)
    if values.get("place") is not None:
        values["place"] = Place(**values["place"])
    if "promotion" in values:
        values["promotion"] = Promotion(**values["promotion"])
    for name in ("hosts", "topics", "questions", "photos"):
        if name in values:
            values[name] = tuple(values[name])
    return replace(details, **values)


def asked_otherwise(details: Details, new: Mapping[str, Any], status: str) -> Refused | None:
    """Answers belong to questions by their order: once people can answer, those that stay keep their places. They may
    be worded anew, and others may follow.

    new: what an edit changes; status: whether it is a draft.
    """
    before, wanted = details.questions, tuple(new.get("questions", details.questions))
    stay = all(question not in before or before[n : n + 1] == (question,) for n, question in enumerate(wanted))
    if status == "draft" or stay:
        return None
    return Refused("questions-moved", "People have answered by now: questions that stay keep their places.")


def details_of(values: Mapping[str, Any]) -> Details:
    """Details from plain values: all of the fields."""
    return with_changes(Details("", "", "", "", "everyone"), values)


def news(details: Details, changes: Mapping[str, Any]) -> dict[str, Any]:
    """What of the changes is new; of a promotion they may name only what changes, and a place may leave out what
    stays (`with_what_stays`)."""
    before = asdict(details)
    wanted = {**changes, "promotion": {**before["promotion"], **changes.get("promotion", {})}}
    if changes.get("place") is not None:
        wanted["place"] = with_what_stays(details.place, changes["place"])
    return {name: value for name, value in wanted.items() if before[name] != value}
