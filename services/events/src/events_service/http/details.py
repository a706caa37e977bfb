"""What callers write of an event, and what they read of one."""

from dataclasses import replace
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, Field, model_validator

from chassis.http import Body
from chassis.http.text import LINES
from events_service.domain.details import AttendeeList, Details
from events_service.domain.place import GUESTS, Place
from events_service.domain.promotion import AT_ONCE
from events_service.http.promotion import PromotionBody
from events_service.http.text import (
    Hosts,
    Latitude,
    Line,
    Link,
    Longitude,
    Notes,
    Photos,
    Questions,
    Text,
    Topics,
    Wall,
    Window,
    Zone,
)

Capacity = Annotated[int, Field(ge=1, le=1_000_000)]
Guests = Annotated[int, Field(ge=0, le=100)]


class Online(Body):
    """The online side of a hybrid event, which has seats of its own: without `capacity` there is no limit."""

    url: Link | None = None
    capacity: Capacity | None = None
    guest_limit: Guests = GUESTS


class PlaceBody(Body):
    """Links are shown to people with a place there only. A hybrid event's own `capacity` and `guest_limit` are those of
    its physical side."""

    kind: Literal["physical", "online", "hybrid"]
    name: Line | None = None
    address: Annotated[str, Field(max_length=300), LINES] | None = None
    lat: Latitude | None = None
    lon: Longitude | None = None
    url: Link | None = Field(default=None, description="Where an online event meets")
    online: Online | None = Field(default=None, description="The online side of a hybrid event")

    @model_validator(mode="after")
    def _fits_its_kind(self) -> "PlaceBody":
        if (self.lat is None) != (self.lon is None):
            raise ValueError("lat and lon come together")
        if self.kind == "online" and (self.address or self.lat is not None):
            raise ValueError("an online event has no place to go to")
        if self.url is not None and self.kind != "online":
            raise ValueError("url is for online events; a hybrid one has online.url")
        if self.online is not None and self.kind != "hybrid":
            raise ValueError("online is for hybrid events")
        return self

    def place(self) -> Place:
        found = Place(
            self.kind, self.name, self.address, self.lat, self.lon, None if self.url is None else str(self.url)
        )
        if self.kind != "hybrid":
            return found
        online = self.online or Online()
        url = None if online.url is None else str(online.url)
        return replace(found, url=url, capacity=online.capacity, guest_limit=online.guest_limit)


class OnlineAsChanged(Online):
    """A change says `capacity` also where it stays, null for no limit: what is left out would lift it."""

    capacity: Capacity | None


class PlaceAsChanged(PlaceBody):
    """Replaces the whole place; so that of a hybrid one says its online side too. But the link, and the guest limit
    online, stay where they are not said: whoever moves a room means neither. `null` takes the link away."""

    online: OnlineAsChanged | None = Field(default=None, description="The online side; a hybrid event's must be there")

    @model_validator(mode="after")
    def _says_both_sides(self) -> "PlaceAsChanged":
        if self.kind == "hybrid" and self.online is None:
            raise ValueError("a change replaces the whole place: that of a hybrid event says its online side too")
        return self

    def said(self) -> dict[str, Any]:
        """Fields of a `Place`, as plain values, without those that stay."""
        place, stays = self.place(), set[str]()
        if self.online is not None:
            stays = {"url", "guest_limit"} - self.online.model_fields_set
        elif self.kind == "online":
            stays = {"url"} - self.model_fields_set
        return {name: getattr(place, name) for name in Place.__slots__ if name not in stays}


End = Annotated[Wall, Field(examples=["2030-06-01T20:30:00"])]


class Described(Body):
    """Without `capacity` there is no limit. The attendee list is for everyone in public groups, else for members."""

    title: Line
    description: Text = ""
    starts_at: Wall
    ends_at: End
    place: PlaceBody | None = None
    capacity: Capacity | None = None
    guest_limit: Guests = GUESTS
    rsvp_opens_at: Window | None = None
    rsvp_closes_at: Window | None = None
    attendee_list: AttendeeList | None = None
    promotion: PromotionBody = PromotionBody()
    topics: Topics = Field(default_factory=list)
    questions: Questions = Field(default_factory=list, description="For who RSVPs")
    photos: Photos = Field(default_factory=list)
    host_notes: Notes = Field(default="", description="For people with a place: how to find you, what to bring")

    def details(self, *, timezone: str, attendee_list: AttendeeList) -> Details:
        return Details(
            title=self.title,
            starts_at=self.starts_at,
            ends_at=self.ends_at,
            timezone=timezone,
            attendee_list=self.attendee_list or attendee_list,
            description=self.description,
            place=None if self.place is None else self.place.place(),
            capacity=self.capacity,
            guest_limit=self.guest_limit,
            rsvp_opens_at=self.rsvp_opens_at,
            rsvp_closes_at=self.rsvp_closes_at,
            promotion=replace(AT_ONCE, **self.promotion.given()),
            topics=tuple(self.topics),
            questions=tuple(self.questions),
            photos=tuple(map(str, self.photos)),
            host_notes=self.host_notes,
        )


class NewEvent(Described):
    """As described, in one zone, with hosts of its own."""

    timezone: Zone | None = Field(default=None, description="The group's, when absent")
    hosts: Hosts = Field(default_factory=list)

    def details(self, *, timezone: str, attendee_list: AttendeeList) -> Details:
        found = super().details(timezone=self.timezone or timezone, attendee_list=attendee_list)
        return replace(found, hosts=tuple(self.hosts))


_MAY_BE_NULL = {"place", "capacity", "rsvp_opens_at", "rsvp_closes_at"}


class DescribedChange(Body):
    """What is absent stays as it is, also within promotion; place, capacity and the RSVP window may be set to null. A
    place is replaced whole, but for its link and the guest limit online."""

    title: Line | None = None
    description: Text | None = None
    starts_at: Wall | None = None
    ends_at: End | None = None
    place: PlaceAsChanged | None = None
    capacity: Capacity | None = None
    guest_limit: Guests | None = None
    rsvp_opens_at: Window | None = None
    rsvp_closes_at: Window | None = None
    attendee_list: AttendeeList | None = None
    promotion: PromotionBody | None = None
    topics: Topics | None = None
    questions: Questions | None = None
    photos: Photos | None = None
    host_notes: Notes | None = None

    def changes(self) -> dict[str, Any]:
        """Fields of `Details`, as plain values."""
        given = self.model_fields_set
        values = {name: getattr(self, name) for name in given}
        kept = {name: value for name, value in values.items() if value is not None or name in _MAY_BE_NULL}
        if self.place is not None:
            kept["place"] = self.place.said()
        if self.photos is not None:
            kept["photos"] = list(map(str, self.photos))
        if self.promotion is not None:
            kept["promotion"] = self.promotion.given()
        return kept


class OnlineCounts(BaseModel):
    """Of a hybrid event's online side; what the event counts itself is its physical side's, as its capacity is."""

    seats_used: int
    waitlist_length: int


class EventChange(DescribedChange):
    """What is absent stays as it is, also within promotion; place, capacity and the RSVP window may be set to null. A
    place is replaced whole, but for its link and the guest limit online."""

    timezone: Zone | None = None
    hosts: Hosts | None = None


class EventAnswer(BaseModel):
    """An event. Outsiders of a private group are shown title and time."""

    event_id: str
    group_id: str
    title: str
    starts_at: str
    ends_at: str
    timezone: str
    starts_at_utc: AwareDatetime
    ends_at_utc: AwareDatetime
    status: Literal["draft", "published", "cancelled", "past"]
    description: str | None = None
    place: dict[str, Any] | None = None
    capacity: int | None = None
    guest_limit: int | None = None
    rsvp_opens_at: str | None = None
    rsvp_closes_at: str | None = None
    attendee_list: AttendeeList | None = None
    rsvps_by_hand: Literal["opened", "closed"] | None = None
    promotion: PromotionBody | None = None
    hosts: list[str] | None = None
    topics: list[str] | None = None
    questions: list[str] | None = None
    photos: list[str] | None = None
    host_notes: str | None = Field(default=None, description="Shown to people with a place, to hosts and leaders")
    series_id: str | None = None
    recurrence_id: AwareDatetime | None = Field(
        default=None, description="The instant a date of a series was first planned for: its name there, for ever"
    )
    network_id: str | None = Field(default=None, description="Of the network event that it is a chapter's copy of")
    network_event_id: str | None = None
    seats_used: int | None = None
    waitlist_length: int | None = None
    online: OnlineCounts | None = None
    announced_at: AwareDatetime | None = None
    created_by: str | None = None
    version: int | None = None
    created_at: AwareDatetime | None = None
    updated_at: AwareDatetime | None = None
