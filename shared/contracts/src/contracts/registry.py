"""The topic registry (`topics.toml`) and the message types of each topic."""

import tomllib
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from importlib.resources import files
from typing import Literal

from contracts.dead_letters import EventsDeadLetter, GroupsDeadLetter, NotificationsDeadLetter
from contracts.events import (
    AttendanceChanged,
    EventState,
    FeedbackFact,
    JoinAsked,
    MemberSeen,
    NetworkEventMade,
    RsvpChanged,
    TalkFact,
)
from contracts.groups import BlockChanged, ConversationFact, GroupState, MembershipState, MemberState, NetworkState
from contracts.message import Message
from contracts.privacy import ExportChunk, PrivacyReceipt, PrivacyRequested
from contracts.public import PublicRsvp

Kind = Literal["state", "fact", "public", "internal"]

MESSAGES: tuple[type[Message], ...] = (
    GroupState,
    MembershipState,
    MemberState,
    BlockChanged,
    NetworkState,
    ConversationFact,
    EventState,
    NetworkEventMade,
    RsvpChanged,
    AttendanceChanged,
    JoinAsked,
    TalkFact,
    FeedbackFact,
    MemberSeen,
    PrivacyRequested,
    PrivacyReceipt,
    ExportChunk,
    PublicRsvp,
    GroupsDeadLetter,
    EventsDeadLetter,
    NotificationsDeadLetter,
)


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic's settings. Durations are in the units of their names, or days; absent ones follow the broker's.

    key: the record key, with the value's fields in braces.
    personal: its values carry what members say of themselves.
    append_time: a record's time is when the broker wrote it down; otherwise it is the writer's clock.
    """

    name: str
    kind: Kind
    writers: tuple[str, ...]
    key: str
    partition: str
    partitions: int
    cleanup: Literal["compact", "delete"] = "delete"
    retention_days: int | None = None
    min_compaction_lag_days: int | None = None
    max_compaction_lag_days: int | None = None
    delete_retention_days: int = 30
    segment_days: int | None = None
    retention_minutes: int | None = None
    segment_minutes: int | None = None
    personal: bool = False
    append_time: bool = False

    @property
    def kept(self) -> timedelta | None:
        """How long a record is; None where the topic's own settings do not say, as of a compacted one."""
        if self.retention_days is None and self.retention_minutes is None:
            return None
        return timedelta(days=self.retention_days or 0, minutes=self.retention_minutes or 0)


@cache
def topics() -> dict[str, Topic]:
    """Every topic by its name without prefix."""
    table = tomllib.loads(files("contracts").joinpath("topics.toml").read_text(encoding="utf-8"))
    return {name: Topic(name=name, **{**row, "writers": tuple(row["writers"])}) for name, row in table.items()}


@cache
def messages_by_type() -> dict[str, type[Message]]:
    """The model of each `ce_type`."""
    return {ce_type: model for model in MESSAGES for ce_type in model.types}
