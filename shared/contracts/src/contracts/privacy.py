"""Messages by which the services give out, and forget, what they hold of a member."""

from datetime import datetime
from typing import ClassVar, Literal

from pydantic import Field

from contracts.message import Message

Kind = Literal["export", "erasure"]
Service = Literal["groups", "events", "notifications"]


class PrivacyRequested(Message):
    """What a member has asked for, and how far it is. Subject and key: the request's id.

    Every service gathers for `asked` of an export, and forgets at `begun` of an erasure; one that is `announced` may be
    `undone`, by the member coming back, or announced again, because they asked again. An export that is `ready` stays
    `asked`: there is nothing more to do.
    """

    topic: ClassVar[str] = "privacy.requests.v1"
    types: ClassVar[tuple[str, ...]] = (
        "convene.groups.privacy.export-asked.v1",
        "convene.groups.privacy.export-ready.v1",
        "convene.groups.privacy.erasure-announced.v1",
        "convene.groups.privacy.erasure-undone.v1",
        "convene.groups.privacy.erasure-begun.v1",
    )

    request_id: str
    member_id: str
    kind: Kind
    stage: Literal["asked", "announced", "undone", "begun"]
    due_at: datetime | None = Field(default=None, description="Of an announced erasure: when it begins")
    issued_at: float | None = Field(
        default=None,
        ge=0,
        description="Of an announced erasure: `iat` (epoch seconds) of the token that asked; no older one undoes it",
    )
    ready: bool = Field(default=False, description="Of an export: its archive can be fetched")


class ExportChunk(Message):
    """A part of what a service holds about a member. Subject and key: the request's id."""

    topic: ClassVar[str] = "privacy.exports.v1"
    types: ClassVar[tuple[str, ...]] = (
        "convene.groups.privacy.chunk-sent.v1",
        "convene.events.privacy.chunk-sent.v1",
        "convene.notifications.privacy.chunk-sent.v1",
    )

    request_id: str
    service: Service
    attempt: str = Field(description="Chunks of one gathering belong together; the receipt names the one that counts")
    number: int = Field(ge=0)
    sealed: str = Field(description="JSON text under a key of this export, which is on no topic")


class PrivacyReceipt(Message):
    """A service has done its part of a request, or has seen a member come back. Subject and key: the request's id."""

    topic: ClassVar[str] = "privacy.receipts.v1"
    types: ClassVar[tuple[str, ...]] = (
        "convene.groups.privacy.answered.v1",
        "convene.events.privacy.answered.v1",
        "convene.notifications.privacy.answered.v1",
        "convene.groups.privacy.returned.v1",
        "convene.events.privacy.returned.v1",
        "convene.notifications.privacy.returned.v1",
    )

    request_id: str
    service: Service
    kind: Kind
    returned: bool = Field(default=False, description="The member came back before their erasure began")
    issued_at: float | None = Field(
        default=None,
        ge=0,
        description="Of a return: `iat` (epoch seconds) of the token; no erasure asked for since is undone by it",
    )
    attempt: str = ""
    chunks: int = Field(default=0, ge=0, description="Of an export: how many there are of that attempt")
