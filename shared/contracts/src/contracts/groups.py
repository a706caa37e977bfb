"""Messages written by the groups service."""

from datetime import datetime
from typing import ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from contracts.message import Message

Role = Literal["organizer", "co_organizer", "assistant_organizer", "event_organizer", "member"]
MembershipStatus = Literal["none", "pending", "active", "left", "removed", "banned"]


class Succession(BaseModel):
    """What becomes of a group that nobody organizes. Carries no votes: voting is no edit."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    freezes_at: datetime = Field(description="From then on there are no new events")
    closes_at: datetime = Field(description="The group closes then, unless somebody offers to organize it")
    decides_at: datetime | None = Field(default=None, description="The end of the vote; absent while nobody offers")
    candidates: list[str] = Field(default_factory=list, description="Members who offer, in the order of their offers")


class GroupState(Message):
    """The public state of a group. Subject and key: the group's id. Carries no member count: joining is no edit."""

    topic: ClassVar[str] = "groups.group.v1"
    types: ClassVar[tuple[str, ...]] = (
        "convene.groups.group.created.v1",
        "convene.groups.group.changed.v1",
        "convene.groups.group.went-private.v1",
        "convene.groups.group.organizer-left.v1",
        "convene.groups.group.frozen.v1",
        "convene.groups.group.organizer-found.v1",
        "convene.groups.group.closed.v1",
    )

    group_id: str
    number: int = Field(ge=1, lt=2**31, description="The id that public streams show")
    urlname: str
    name: str
    description: str = ""
    topics: list[str] = Field(default_factory=list)
    city: str
    country: str = Field(min_length=2, max_length=2)
    state: str | None = None
    lat: float
    lon: float
    timezone: str
    visibility: Literal["public", "private"]
    join_mode: Literal["open", "approval", "closed"]
    members_are_called: str = "Members"
    digest_above: int | None = Field(
        default=None,
        description="With more members than this, announcements go out in digests; absent: the platform decides",
    )
    status: Literal["active", "grace", "frozen", "closed"] = "active"
    organizer_id: str | None
    succession: Succession | None = Field(default=None, description="While nobody organizes the group")
    network_id: str | None = None
    version: int
    created_at: datetime
    updated_at: datetime


class RefusedJoin(BaseModel):
    """Why an RSVP could not bring its member into the group."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    event_id: str
    reason: str


class InvitationGiven(BaseModel):
    """A leader invites this person. Their membership stays as it was until they accept."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    token: str = Field(description="Names the invitation; nobody else can accept it")
    by: str
    expires_at: datetime


class MembershipState(Message):
    """One person's standing in one group. Subject and partition: the group's id; key: `<group_id>:<member_id>`."""

    topic: ClassVar[str] = "groups.membership.v1"
    types: ClassVar[tuple[str, ...]] = (
        "convene.groups.membership.requested.v1",
        "convene.groups.membership.joined.v1",
        "convene.groups.membership.rejected.v1",
        "convene.groups.membership.left.v1",
        "convene.groups.membership.removed.v1",
        "convene.groups.membership.banned.v1",
        "convene.groups.membership.unbanned.v1",
        "convene.groups.membership.role-changed.v1",
        "convene.groups.membership.join-refused.v1",
        "convene.groups.membership.invited.v1",
        "convene.groups.membership.erased.v1",
    )
    tombstones: ClassVar[tuple[str, ...]] = ("convene.groups.membership.erased.v1",)

    group_id: str
    member_id: str
    state: MembershipStatus
    role: Role = "member"
    version: int = Field(ge=0, description="Counts the changes of this membership; 0 = there never was one")
    approved: bool = Field(default=False, description="This change is a leader's yes to a request")
    was: MembershipStatus | None = Field(
        default=None, description="Where this change ends something: what the membership was before"
    )
    refused: RefusedJoin | None = None
    invitation: InvitationGiven | None = None


class MemberState(Message):
    """A member as other members may see them. Subject and key: the member's id. The only topic that carries names."""

    topic: ClassVar[str] = "groups.member.v1"
    types: ClassVar[tuple[str, ...]] = (
        "convene.groups.member.registered.v1",
        "convene.groups.member.changed.v1",
        "convene.groups.member.erased.v1",
    )
    tombstones: ClassVar[tuple[str, ...]] = ("convene.groups.member.erased.v1",)

    member_id: str
    number: int = Field(ge=1, lt=2**31, description="The id that public streams show")
    name: str = ""
    photo: str | None = None
    locale: str = "en"
    timezone: str = "UTC"
    attendance: Literal["everyone", "members", "nobody"] = "everyone"
    version: int


class BlockChanged(Message):
    """A member blocks another, or takes it back. Subject and key: who blocks. For groups and events alone to read."""

    topic: ClassVar[str] = "groups.block.v1"
    types: ClassVar[tuple[str, ...]] = ("convene.groups.block.made.v1", "convene.groups.block.lifted.v1")

    member_id: str
    other_id: str
    blocked: bool


class NetworkState(Message):
    """A network of groups; its chapters name it in their own state. Subject and key: the network's id."""

    topic: ClassVar[str] = "groups.network.v1"
    types: ClassVar[tuple[str, ...]] = ("convene.groups.network.created.v1", "convene.groups.network.changed.v1")

    network_id: str
    name: str
    reason: Literal["owned", "sponsored"]
    admins: list[str] = Field(description="Members who run it; nobody once all of them are forgotten")
    dormant_after: int = Field(default=90, description="Days without an announced event until a chapter is dormant")
    version: int
    created_at: datetime
    updated_at: datetime


class ConversationFact(Message):
    """Something was said in a group, or is no longer. Subject: the thread, which is the post that began it; key: the
    post's id. Reactions and pins are on no topic.
    """

    topic: ClassVar[str] = "groups.conversation.v1"
    types: ClassVar[tuple[str, ...]] = (
        "convene.groups.conversation.posted.v1",
        "convene.groups.conversation.announced.v1",
        "convene.groups.conversation.replied.v1",
        "convene.groups.conversation.mentioned.v1",
        "convene.groups.conversation.edited.v1",
        "convene.groups.conversation.deleted.v1",
        "convene.groups.conversation.hidden.v1",
        "convene.groups.conversation.shown.v1",
    )

    group_id: str
    post_id: str
    thread_id: str = Field(description="The post that began the thread; of a post that is no reply its own id")
    author_id: str
    excerpt: str | None = Field(
        default=None,
        max_length=200,
        description="The beginning as plain text, with mentions as `@[<member id>]`; of what was taken away there is "
        "none",
    )
    answers: str | None = Field(
        default=None, description="Of a reply, whose post it answers, unless they are not to be told"
    )
    mentions: list[str] = Field(
        default_factory=list,
        description="Who hears of a mention: members of the group, each once per post. In the mention itself, and in "
        "an announcement that mentions somebody",
    )
    version: int = Field(ge=1, description="Of the post: counts what its author and the leaders did to it")
