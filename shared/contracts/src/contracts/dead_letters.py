"""Messages that a service's consumers could not apply, as each service publishes its own."""

from typing import ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from contracts.message import Message


class DeadLetterHeader(BaseModel):
    """One header of the original record; Kafka's header values are bytes."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    name: str
    value_base64: str


class DeadLetter(Message):
    """A record that was put aside. Subject: the topic and subject of the original; key: `id`."""

    id: str = Field(description="What `convene dlq show` takes")
    group: str = Field(description="The consumer group that could not apply it")
    from_topic: str = Field(description="Registry name of the original's topic")
    partition: int
    offset: int
    source: str | None = None
    subject: str | None = None
    sequence: int | None = None
    reason: Literal["unreadable", "newer", "rejected", "gap"]
    detail: str = ""
    key_base64: str | None = None
    headers: list[DeadLetterHeader] = Field(default_factory=list)
    value_base64: str | None = Field(
        default=None,
        description="The original value's bytes, its beginning when `cut`; of topics with personal values none",
    )
    value_bytes: int = Field(default=0, description="How many bytes the original value has")
    cut: bool = False


class GroupsDeadLetter(DeadLetter):
    topic: ClassVar[str] = "groups.dead-letters.v1"
    types: ClassVar[tuple[str, ...]] = ("convene.groups.dead-letter.recorded.v1",)


class EventsDeadLetter(DeadLetter):
    topic: ClassVar[str] = "events.dead-letters.v1"
    types: ClassVar[tuple[str, ...]] = ("convene.events.dead-letter.recorded.v1",)


class NotificationsDeadLetter(DeadLetter):
    topic: ClassVar[str] = "notifications.dead-letters.v1"
    types: ClassVar[tuple[str, ...]] = ("convene.notifications.dead-letter.recorded.v1",)
