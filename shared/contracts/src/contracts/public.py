"""The public RSVP stream: the shape that Meetup's stream had, key order included."""

from typing import ClassVar, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from contracts.message import Message

NOBODY: Final = 0
"""The number that no RSVP has: as a key, of the tombstone that each partition gets once a day."""


class Venue(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    venue_name: str
    lon: float
    lat: float
    venue_id: int


class PublicMember(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    member_id: int
    photo: str | None = None
    member_name: str


class PublicEvent(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    event_name: str
    event_id: str
    time: int | None = Field(default=None, description="Start, milliseconds since the epoch")
    event_url: str


class PublicTopic(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    urlkey: str
    topic_name: str


class PublicGroup(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    group_topics: list[PublicTopic]
    group_city: str
    group_country: str = Field(min_length=2, max_length=2, pattern="^[a-z]{2}$")
    group_id: int
    group_name: str
    group_lon: float
    group_urlname: str
    group_state: str | None = Field(default=None, description="Only for us and ca")
    group_lat: float


class PublicRsvp(Message):
    """A public `yes` or `no`. Key: `rsvp_id` in ASCII digits; partition: murmur2 of the event's id.

    A key without a value is absent, never null: serialise with `exclude_none`. A null value is a tombstone.
    Once a day each partition gets one of the key `0`, which is nobody's: without records Kafka never compacts.
    """

    topic: ClassVar[str] = "public.rsvps.v1"
    types: ClassVar[tuple[str, ...]] = ("convene.events.public-rsvp.changed.v1", "convene.events.public-rsvp.hidden.v1")
    tombstones: ClassVar[tuple[str, ...]] = ("convene.events.public-rsvp.hidden.v1",)

    venue: Venue | None = None
    visibility: Literal["public"] = "public"
    response: Literal["yes", "no"]
    guests: int = Field(ge=0)
    member: PublicMember
    rsvp_id: int = Field(ge=1, lt=2**31)
    mtime: int = Field(description="Milliseconds since the epoch, strictly increasing per rsvp_id")
    event: PublicEvent
    group: PublicGroup
