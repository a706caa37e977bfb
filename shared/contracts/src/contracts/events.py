"""Messages written by the events service (`members.seen.v1` also by notifications)."""

from datetime import datetime
from typing import ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from contracts.message import Message

AttendanceMark = Literal["attended", "no_show", "excused"]
RsvpStatus = Literal["requested", "yes", "no", "waitlist", "offered"]
LetterTo = Literal["yes", "waitlist", "offered", "all"]


Side = Literal["physical", "online"]


class OnlineSide(BaseModel):
    """The seats of a hybrid event's online side. capacity: null = no limit."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    capacity: int | None = None
    guest_limit: int | None = None


class Place(BaseModel):
    """Where an event is held. `url` of an online place is on no topic: only people with a place may see it."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    kind: Literal["physical", "online", "hybrid"]
    name: str | None = None
    address: str | None = None
    lat: float | None = None
    lon: float | None = None
    online: OnlineSide | None = Field(
        default=None,
        description="Of a hybrid event whose sides have seats of their own: then the event's are its physical side's",
    )


class SeriesEdit(BaseModel):
    """One edit of a series, of which a change of an event is a part: the same for all its events.

    at: when it was decided; changed: the fields that people are told about; fell: how many dates were called off; back:
    how many that had been called off take place after all.
    """

    model_config = ConfigDict(extra="ignore", frozen=True)

    id: str
    at: datetime
    kind: Literal["changed", "cancelled"]
    changed: list[str]
    fell: int = Field(ge=0)
    back: int = Field(default=0, ge=0)


class EventState(Message):
    """The public state of an event that was published. Subject and key: the event's id. Carries no RSVP counters."""

    topic: ClassVar[str] = "events.event.v1"
    types: ClassVar[tuple[str, ...]] = (
        "convene.events.event.published.v1",
        "convene.events.event.announced.v1",
        "convene.events.event.changed.v1",
        "convene.events.event.cancelled.v1",
        "convene.events.event.ended.v1",
    )

    event_id: str
    group_id: str
    title: str
    description: str = ""
    starts_at: str = Field(description="Local wall time, no offset")
    ends_at: str
    timezone: str
    starts_at_utc: datetime
    ends_at_utc: datetime
    place: Place | None = None
    capacity: int | None = None
    guest_limit: int = 2
    topics: list[str] = Field(default_factory=list)
    photos: list[str] = Field(default_factory=list, description="URLs")
    hosts: list[str] = Field(default_factory=list)
    attendee_list: Literal["hidden", "members", "everyone"]
    status: Literal["published", "cancelled", "past"]
    announced_at: datetime | None = None
    created_by: str
    series_id: str | None = Field(default=None, description="The series that the event is a date of")
    recurrence_id: datetime | None = Field(
        default=None, description="The instant the date was first planned for: its name within the series, for ever"
    )
    network_id: str | None = Field(default=None, description="Of the network event that it is a chapter's copy of")
    network_event_id: str | None = None
    changed: list[str] = Field(
        default_factory=list, description="The fields this change touched that people are told about"
    )
    edit: SeriesEdit | None = None
    version: int


class NetworkEventMade(Message):
    """A chapter has its copy of a network event, perhaps a draft for its leaders. Subject and key: the event's id."""

    topic: ClassVar[str] = "events.network-event.v1"
    types: ClassVar[tuple[str, ...]] = ("convene.events.network-event.made.v1",)

    event_id: str
    group_id: str
    network_id: str
    network_event_id: str
    title: str
    starts_at_utc: datetime
    timezone: str
    status: Literal["draft", "published"]


class RsvpChanged(Message):
    """One decision about one RSVP, waitlist moves included. Subject and partition: the event's id; key: `number`."""

    topic: ClassVar[str] = "events.rsvp.v1"
    types: ClassVar[tuple[str, ...]] = (
        "convene.events.rsvp.requested.v1",
        "convene.events.rsvp.confirmed.v1",
        "convene.events.rsvp.waitlisted.v1",
        "convene.events.rsvp.promoted.v1",
        "convene.events.rsvp.offered.v1",
        "convene.events.rsvp.expired.v1",
        "convene.events.rsvp.admitted.v1",
        "convene.events.rsvp.declined.v1",
        "convene.events.rsvp.released.v1",
    )

    rsvp_id: str
    number: int = Field(ge=1, lt=2**31)
    event_id: str
    group_id: str
    member_id: str
    status: RsvpStatus
    was: RsvpStatus | None = Field(default=None, description="The status before; absent for the first answer")
    guests: int = Field(ge=0)
    position: int | None = Field(default=None, description="Place in line when waitlisted, counted from 1")
    seq: int = Field(ge=1, description="Running number of this event's RSVP decisions")
    offer_id: str | None = Field(default=None, description="What to accept or decline, when seats are offered")
    offer_expires_at: datetime | None = Field(default=None, description="Until when the offered seats are held")
    by: str | None = Field(default=None, description="The leader who admitted or released somebody by hand")
    override: bool = Field(default=False, description="Admitted beyond the capacity, or before others who wait")
    place: Side | None = Field(default=None, description="The side that it is for, where an event has two")


class AttendanceChanged(Message):
    """What leaders, hosts or the door note of one person at one event. Subject and partition: the event's id; key:
    the RSVP's `number`. A walk-in's place is told on `events.rsvp.v1`, before this.
    """

    topic: ClassVar[str] = "events.attendance.v1"
    types: ClassVar[tuple[str, ...]] = (
        "convene.events.attendance.checked-in.v1",
        "convene.events.attendance.missed.v1",
        "convene.events.attendance.cleared.v1",
    )

    rsvp_id: str
    number: int = Field(ge=1, lt=2**31)
    event_id: str
    group_id: str
    member_id: str
    mark: AttendanceMark | None = Field(default=None, description="What is noted now; absent when it was taken back")
    was: AttendanceMark | None = Field(default=None, description="What was noted before; absent when nothing was")
    means: Literal["hand", "code", "door"] = Field(
        description="A leader's or host's word, the member's own code, the code at the door"
    )
    by: str = Field(description="Who noted it; for the code at the door the member")
    walk_in: bool = Field(default=False, description="They had no place before")
    starts_at_utc: datetime = Field(description="The event's start as of the first note: the day it counts for")


class JoinAsked(Message):
    """An RSVP asks to bring its member into the group. Subject and partition: the event's id."""

    topic: ClassVar[str] = "events.join.v1"
    types: ClassVar[tuple[str, ...]] = ("convene.events.join.asked.v1",)

    event_id: str
    group_id: str
    member_id: str
    membership_version: int = Field(ge=0, description="The membership version the decision saw; 0 = none")


class TalkFact(Message):
    """Something was said about an event, or is no longer: a comment, a reply, or a letter to those who come. Subject:
    the event's id; key: the comment's or the letter's.
    """

    topic: ClassVar[str] = "events.conversation.v1"
    types: ClassVar[tuple[str, ...]] = (
        "convene.events.conversation.commented.v1",
        "convene.events.conversation.replied.v1",
        "convene.events.conversation.mentioned.v1",
        "convene.events.conversation.edited.v1",
        "convene.events.conversation.deleted.v1",
        "convene.events.conversation.addressed.v1",
    )

    event_id: str
    group_id: str
    entry_id: str = Field(description="Of the comment, the reply or the letter")
    author_id: str
    excerpt: str | None = Field(
        default=None,
        max_length=200,
        description="The beginning as plain text, with mentions as `@[<member id>]`; of what was taken away there is "
        "none",
    )
    answers: str | None = Field(
        default=None, description="Of a reply, whose comment it answers, unless they are not to be told"
    )
    tells: list[str] = Field(
        default_factory=list, description="Who hears of it: of a comment the hosts, of a mention those it names"
    )
    to: LetterTo | None = Field(
        default=None, description="Of a letter, to whom: who stands so when it is sent; `all`: whoever stands at any"
    )
    version: int = Field(ge=1, description="Of the comment: counts what its author and the leaders did to it")


class FeedbackFact(Message):
    """Somebody who was at an event rated it, differently, or no longer. Subject and partition: the event's id; key:
    event and member. What they wrote is on no topic.
    """

    topic: ClassVar[str] = "events.feedback.v1"
    types: ClassVar[tuple[str, ...]] = (
        "convene.events.feedback.given.v1",
        "convene.events.feedback.changed.v1",
        "convene.events.feedback.withdrawn.v1",
    )

    event_id: str
    group_id: str
    member_id: str
    stars: int | None = Field(default=None, ge=1, le=5, description="Absent when it is withdrawn")
    was: int | None = Field(default=None, ge=1, le=5, description="The stars before; absent the first time")


class MemberSeen(Message):
    """A member made their first authenticated call to the service named in `ce_source`, ever or since they were
    forgotten. Subject and key: the member.
    """

    topic: ClassVar[str] = "members.seen.v1"
    types: ClassVar[tuple[str, ...]] = ("convene.events.member.seen.v1", "convene.notifications.member.seen.v1")

    member_id: str
